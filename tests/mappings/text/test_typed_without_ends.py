"""A `<p>`, `<li>` or `<span>` that a person types shows as words or is named, though editors write it everywhere.

The tags of what arrives are found by the standard library's parser, and by nothing that maps.
"""

from html.parser import HTMLParser
from itertools import product

import pytest

from mappings.text.richtext import to_html
from migrator.core.model import RichText
from migrator.core.notes import NoteCode

PLACES = (
    "<p>{}</p>", "<p style='color:#333'>{}</p><p>b &amp; c</p>", "<div>{}</div>", "<ul><li>{}</li><li>b</li></ul>",
    "<table><tr><td>{}</td><td>b</td></tr></table>", "One<br>{}<br><b>b</b> &amp; c", "<h2>{}</h2><p>b</p>",
    "<p><span style='font-size:12px'>{}</span></p>", "<p>a</p>\n<div><div>{}</div></div>", "{}",
)  # fmt: skip
SENTENCES = (
    "Type {0}rint", "Menu {0}rint or <s>ave", "Use&nbsp;{0}&nbsp;here", "Use&#160;{0} here", "Now ({0}) is shown",
    "Set [{0}]", "Key={0} now", "File -> {0} -> Save", "Find <b>the</b> {0} tag", "<b>Tag:</b> {0}",
    "Tags: <b> <i> {0}",
    "Tags <i> {0} <em> end", "See <a href='https://h.test'>it</a> {0} or not", "So:<br>{0} and on",
    "So:<br>{0}<br>on", "<code>{0}</code>",
    "Press <em>{0}</em> here", "{0}, <b> and <i> may be used", "{0}|<div>|<span>", "{0}/<div> may be used",
    "{0}=paragraph", "{0}: paragraph", "{0} is a tag", "{0}- paragraph", "Tags: {0}, {0}", "{0} {0}",
)  # fmt: skip
NAMES = ("p", "li", "span", "div", "P")


class Words(HTMLParser):
    """The words of a result."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += data


def read(text: str) -> tuple[str, list[tuple[NoteCode, str]]]:
    result = to_html(RichText(value=text))
    return Words(result.html).text, [(loss.code, loss.original) for loss in result.losses]


@pytest.mark.parametrize("name", NAMES)
def test_a_typed_tag_without_an_end_is_seen_or_named(name: str) -> None:
    silent: list[str] = []
    for place, sentence in product(PLACES, SENTENCES):
        text = place.format(sentence.format(f"<{name}>"))
        words, notes = read(text)
        said = f"{words} {' '.join(original for _, original in notes)}".lower()
        silent += [] if f"<{name.lower()}>" in said else [text]
    assert silent == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<p>Use the tag (<p>) now</p>", "Use the tag (<p>) now"),
        ("<p>Set [<p>], then go</p>", "Set [<p>], then go"),
        ("<p>Use&nbsp;<p>&nbsp;here</p>", "Use\xa0<p>\xa0here"),
        ("<ul><li>item (<li>)</li></ul>", "item (<li>)"),
        ("<div>(<div>)</div>", "(<div>)"),
        ("<div>Tags: <b> <div> <i></div>", "Tags: <b> <div> <i>"),
        ("<p>Tags: <b> <i> <p></p>", "Tags: <b> <i> <p>"),
        ("<p>Use <em><p></em> here</p>", "Use <p> here"),
        ("<p style='color:#333'>x</p><p><code><p></code></p>", "x<p>"),
        ("<p>, <b> and <i> are allowed", "<p>, <b> and <i> are allowed"),
        ("<p>|<div>|<span>", "<p>|<div>|<span>"),
        ("<p>/<div> are allowed", "<p>/<div> are allowed"),
        ("<p>=paragraph", "<p>=paragraph"),
        ("<p>: paragraph", "<p>: paragraph"),
        ("<p>\N{LEFT DOUBLE QUOTATION MARK}<p>\N{RIGHT DOUBLE QUOTATION MARK} is</p>", "\u201c<p>\u201d is"),
        ("<p style='x:y'>Use <span><p></span> here</p>", "Use <p> here"),
        ("<p>Use <a href='https://h.test'><p></a> here</p>", "Use <p> here"),
        ("<br>/<hr>", "<br>/<hr>"),
    ],
)
def test_what_a_sentence_has_for_a_word_is_shown(text: str, words: str) -> None:
    assert read(text)[0] == words


@pytest.mark.parametrize(
    ("text", "html", "named"),
    [
        ("<p>Click <b> save </b> now</p>", "<p>Click <b> save </b> now</p>", "<b>"),
        ("<p style='x:y'>Press <i> the button </i>.</p>", "<p>Press <i> the button </i>.</p>", "<i>"),
        ("<p>Is <b> and then </b> there</p>", "<p>Is &lt;b&gt; and then &lt;/b&gt; there</p>", None),
        ("<p>Type <b> first, but </b> last</p>", "<p>Type &lt;b&gt; first, but &lt;/b&gt; last</p>", None),
    ],
)
def test_an_editors_bold_with_blanks_in_it_stays_bold_and_is_named(text: str, html: str, named: str | None) -> None:
    result = to_html(RichText(value=text))
    assert result.html == html
    assert [loss.original for loss in result.losses if loss.code == NoteCode.MARKUP_ASSUMED] == [*filter(None, [named])]


def test_a_blank_that_an_editor_laid_a_span_around_is_no_tag_in_the_words() -> None:
    assert read("<p>Text <span> </span> end</p>") == ("Text   end", [(NoteCode.MARKUP_UNSEEN, "<span>")])


@pytest.mark.parametrize(
    "text",
    [
        "<p>One</p><p>Two</p>", "<p>One\n<p>Two\n<p>Three", "<ul>\n<li>One\n<li>Two</li></ul>",
        "<div>Words<p>one</p><p>two</p></div>", "<ul><li>One<ul><li>Two</li></ul></li></ul>",
        "<p>Words <b>bold</b><br></p><p>(one)</p>",
        "<table><tr><td>one<p>two</p></td></tr></table>",
    ],
)  # fmt: skip
def test_what_editors_write_is_no_word_and_not_named(text: str) -> None:
    words, notes = read(text)
    assert "<" not in words
    assert notes == [] or {code for code, _ in notes} == {NoteCode.TABLE_FLATTENED}
