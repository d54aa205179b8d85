"""What stands in small signs: tabs in a block, symbol fonts, boxes of tasks, formulas, letters that look otherwise."""

import pytest

from mappings.text.richtext import to_html
from migrator.core.model import RichText
from migrator.core.notes import NoteCode

OF_NO_FONT = "signs of a symbol font that is not named are shown as Wingdings has them"


def mapped(text: str) -> tuple[str, list[tuple[NoteCode, str]]]:
    result = to_html(RichText(value=text))
    return result.html, [(loss.code, loss.original) for loss in result.losses]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<div>Name\tAge\nAda\t36</div>", "<p>Name | Age<br>Ada | 36</p>"),
        ("<p style='x:y'>Name\tRole\tAge\r\n<b>Ada</b>\t\t36</p>", "<p>Name | Role | Age<br><b>Ada</b> |  | 36</p>"),
        ("<ul><li>a\tb\tc</li></ul>", "<ul><li>a | b | c</li></ul>"),
    ],
)
def test_tabs_between_words_of_a_block_part_cells(text: str, html: str) -> None:
    assert mapped(text) == (html, [(NoteCode.TABLE_FLATTENED, text)])


@pytest.mark.parametrize(
    "text",
    [
        "<p>one\ttab</p>",
        "<div>\n\t<p>a\n\t\tb\n\t\tc</p>\n\t</div>",
        "<p>1.\tOpen\n2.\tClick</p>",
        "<p style='white-space: pre'>a\tb\tc</p>",
        "<p>a <b\tid='x'\tclass='y'>b</b> c</p>",
    ],
)
def test_tabs_that_indent_part_nothing(text: str) -> None:
    html, notes = mapped(text)
    assert "|" not in html
    assert NoteCode.TABLE_FLATTENED not in dict(notes)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<p><font face='ZapfDingbats'>4\xd4</font></p>", "<p>✔➔</p>"),
        ("<p><span style='font-family: Zapf Dingbats'>n</span></p>", "<p>■</p>"),
        ("<p><font face='Marlett'>a</font></p>", "<p>✓</p>"),
    ],
)
def test_symbol_fonts_show_their_signs(text: str, html: str) -> None:
    assert mapped(text)[0] == html
    assert mapped(text)[1][0][0] == NoteCode.FORMATTING_LOST


def test_a_task_has_one_box() -> None:
    task = "<li data-checked='true'><label><input type='checkbox' checked><span></span></label><div>Pay</div></li>"
    html, notes = mapped(f"<ul data-type='taskList'>{task}</ul>")
    assert html == "<ul><li>[x] <p>Pay</p></li></ul>"
    assert {code for code, _ in notes} == {NoteCode.MARKUP_OF_EDITORS}


def test_a_formula_is_shown_once_by_its_source_and_the_note_has_both() -> None:
    formula = "<math xmlns='m'><semantics><mi>x</mi><annotation encoding='tex'>x_1</annotation></semantics></math>"
    html, notes = mapped(f"<p>So {formula}</p>")
    assert html == "<p>So x_1</p>"
    assert "<mi>x</mi>" in dict(notes)[NoteCode.MARKUP_REMOVED]


@pytest.mark.parametrize(
    ("text", "code", "original"),
    [
        ("<p>a<v:shape alt='A chart' style='width:9pt'></v:shape></p>", NoteCode.HIDDEN_TEXT, "A chart"),
        ("<p style=\"background:url('/files/a.png')\">a</p>", NoteCode.CONTENT_MISSING, "/files/a.png"),
        (
            "<p><b style='text-transform:uppercase'>ok</b></p>", NoteCode.FORMATTING_LOST,
            '<b style="text-transform:uppercase">ok</b>',
        ),
    ],
)  # fmt: skip
def test_what_is_seen_otherwise_is_noted(text: str, code: NoteCode, original: str) -> None:
    assert mapped(text)[1] == [(code, original)]


@pytest.mark.parametrize(
    ("value", "html"),
    [
        ("<p>a</p>Normal0falsefalsefalseEN-USX-NONEX-NONE", "<p>a</p>"),
        ("<p>a <b style='font-weight:inherit'>b</b> <em style='font-style:unset'>c</em></p>", "<p>a b c</p>"),
        ("<p><b>a <b style='font-weight:inherit'>b</b></b></p>", "<p><b>a b</b></p>"),
        ("<ul><li><label><input type=checkbox checked><span>a</span></label></li></ul>", "<ul><li>[x] a</li></ul>"),
        ("<p><input type=checkbox> a<input type=radio>b<input type=radio></p>", "<p>[ ] a( ) b( )</p>"),
        ("<p>Use <!-- and --> for comments</p>", "<p>Use &lt;!-- and --&gt; for comments</p>"),
    ],
)
def test_small_signs_stand_as_people_saw_them(value: str, html: str) -> None:
    assert to_html(RichText(value=value)).html == html


@pytest.mark.parametrize(
    ("text", "html", "note"),
    [
        ("<p>a &#xF0FC; b</p>", "<p>a ✓ b</p>", OF_NO_FONT),
        ("a \uf0fc b", "<p>a ✓ b</p>", OF_NO_FONT),
        ("<p>\uf0b7 b</p>", "<p>• b</p>", None),
        (
            "<p><font face=Symbol>\xb4 \xd0 \xcf</font></p>", "<p>\xd7 ∠ ∉</p>",
            "letters of the font symbol became the signs they show",
        ),
        (
            "<p><font face=Wingdings>ABz\xfcNR</font></p>", "<p>✌👌⌘✓NR</p>",
            "letters of the font wingdings became the signs they show, but for these: N R",
        ),
    ],
)  # fmt: skip
def test_a_note_says_which_letters_became_signs(text: str, html: str, note: str | None) -> None:
    result = to_html(RichText(value=text))
    assert result.html == html
    assert [loss.message for loss in result.losses if loss.code == NoteCode.FORMATTING_LOST] == [*filter(None, [note])]


def test_other_sizes_of_a_picture_are_named() -> None:
    html, notes = mapped("<p><img src='https://h.test/a.png' srcset='https://h.test/b.png 2x'>x</p>")
    assert html == '<p><a href="https://h.test/a.png">[image: a.png]</a>x</p>'
    assert (NoteCode.MARKUP_OF_EDITORS, "https://h.test/b.png 2x") in notes


@pytest.mark.parametrize("markup", ["detect", "html"])
def test_words_behind_a_picture_of_a_drawing_arrive(markup: str) -> None:
    text = "<v:shape style='width:9pt'><v:imagedata src='https://h.test/v.png'/> in</v:shape><p>x</p>"
    html = to_html(RichText.model_validate({"value": text, "markup": markup})).html
    assert html == '<a href="https://h.test/v.png">[image: v.png]</a> in<p>x</p>'
