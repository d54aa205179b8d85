"""What only attributes tell: states of boxes, addresses that nobody can click, values of elements without words."""

import pytest

from mappings.text.richtext import to_html
from mappings.text.setting import Setting
from migrator.core.model import RichText
from migrator.core.text import visible_text


def _mapped(value: str) -> tuple[str, list[tuple[str, str]]]:
    result = to_html(RichText(value=value), Setting())
    return " ".join(visible_text(result.html).split()), [(loss.code.value, loss.original) for loss in result.losses]


@pytest.mark.parametrize(
    ("value", "shown", "noted"),
    [
        ("<ul data-checked='true'><li>a</li></ul><ul data-checked='false'><li>b</li></ul>", "[x] a [ ] b", ""),
        ("<div role='checkbox' aria-checked='true'>a</div>", "[x] a", "<div role='checkbox' aria-checked='true'>"),
        ("<p>a <i role='switch' aria-checked='false'></i></p>", "a [ ]", "<i role='switch' aria-checked='false'>"),
        ("<p><b role=radio aria-checked=true>a</b></p>", "(x) a", "<b role='radio' aria-checked='true'>"),
        ("<blockquote cite='https://h.test/s'>a</blockquote>", "a (https://h.test/s)", ""),
        ("<p>a <ins cite='https://h.test/s'>b</ins> c</p>", "a b (https://h.test/s) c", ""),
        ("<p>a <span data-oembed-url='https://h.test/v'></span></p>", "a (https://h.test/v)",
         "<span data-oembed-url='https://h.test/v'>"),
        ("<p>a <span data-link='https://h.test/v'>https://h.test/v</span></p>", "a https://h.test/v", ""),
        ("<p>a <a xlink:href='https://h.test/v'>b</a></p>", "a b", ""),
        ("<p><span class='ql-formula' data-value='E=mc^2'></span> a</p>", "E=mc^2 a",
         "<span class='ql-formula' data-value='E=mc^2'>"),
        ("<p><span class='mention' data-value='Bob'></span> a</p>", "Bob a", "<span class='mention' data-value='Bob'>"),
        ("<p><span class='mention' data-value='Bob'>@Bob</span> a</p>", "@Bob a", ""),
        ("<p><span class='x' data-tex='a^2'></span> a</p>", "a", "<span class='x' data-tex='a^2'>"),
    ],
)  # fmt: skip
def test_what_only_an_attribute_tells_is_shown_or_named(value: str, shown: str, noted: str) -> None:
    # looks prove an editor, so that its other attributes need no notes
    text, notes = _mapped(f"<p style='x:y'>Lead</p>{value}")
    assert text == f"Lead {shown}"
    assert [original.replace('"', "'") for code, original in notes if code != "list_numbers"] == [noted][: bool(noted)]


@pytest.mark.parametrize(
    ("value", "shown", "noted"),
    [
        ("<ul style='list-style-type:\"✓ \"'><li>a</li></ul>", "✓ a", True),
        ("<ol style=\"list-style: inside '§'\"><li>a</li></ol>", "§ a", True),
        ("<ol style='list-style-type: hebrew'><li>a</li></ol>", "a", True),
        ("<ul style='list-style-type: inherit'><li>a</li></ul>", "a", False),
        ("<ul style='list-style-type: square'><li>a</li></ul>", "a", False),
    ],
)
def test_signs_of_lists_are_shown_or_named(value: str, shown: str, noted: bool) -> None:
    text, notes = _mapped(value)
    assert (text, [code for code, _ in notes]) == (shown, ["list_numbers"] if noted else [])


@pytest.mark.parametrize(
    "value",
    [
        "<xml version='1.0'><a>1</a></xml>",
        "<p style='x:y'>Send <xml version='1'><id>5</id></xml></p>",
        "<p style='x:y'>Send <xml lang='en'><b>5</b></xml> now</p>",
    ],
)
def test_xml_that_no_office_program_wrote_is_words(value: str) -> None:
    shown, notes = _mapped(value)
    begin = value.index("<xml")
    assert value[begin : value.index("</xml>") + 6] in shown
    assert notes == []


@pytest.mark.parametrize("begin", ["<xml>", "<xml xmlns:o='urn:schemas-microsoft-com:office:office'>\n"])
def test_settings_of_an_office_program_are_no_words(begin: str) -> None:
    value = f"{begin}<o:OfficeDocumentSettings><o:AllowPNG/></o:OfficeDocumentSettings></xml><p>a</p>"
    assert _mapped(value)[0] == "a"
