"""HTML that a person types into what an editor wrote: each tag is read, shows, or is named; none goes unsaid.

The tags are found again by the standard library's parser, and by nothing that maps.
"""

import re
from collections import Counter
from html import escape
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.text.richtext import to_html
from migrator.core.model import RichText
from migrator.core.notes import NoteCode
from tests.support.properties import examples

PLACES = (
    "<p>Type {} now</p>", "<p>Type {}</p>", '<p>Type "{}" here</p>', "<ul><li>Type {} now</li><li>b</li></ul>",
    "<table><tr><td>Type {} now</td><td>b</td></tr></table>", "<div>one<br>Type {} now<br>two</div>",
    "<p style='margin:0'>Type {} now</p><p>b&nbsp;c</p>", "Type {} now<br>b<br>", "<div>Type {} now</div><div>b</div>",
    "<p><span style='font-family:Arial'>Type {} now</span></p>", "<h3>Type {} now</h3><p style='x:y'>b</p>",
    "<p>Enter the tag {}, then save. <b>Then</b> check &amp; go.</p>", "<p>a</p><p>Type {} first</p><p>caf&eacute;</p>",
)  # fmt: skip
NAMES = (
    "b", "B", "i", "u", "s", "em", "strong", "code", "span", "SPAN", "font", "div", "DIV", "p", "a", "h1", "li", "ul",
    "td", "tr", "table", "body", "html", "script", "style", "title", "iframe", "label", "form", "button", "textarea",
    "select", "option", "section", "mark", "small", "center", "blockquote", "pre", "order", "my-app", "svg", "video",
    "object", "template", "q", "sup", "sub",
)  # fmt: skip
ATTRIBUTES = (
    "", "", ' style="color:red"', " STYLE='COLOR: RED'", ' style="font-size:20px"', " color=red", " size=4",
    ' lang="en"', ' dir="rtl"', ' align="center"', ' class="a"', ' id="a"', ' bgcolor="red"', ' style="margin:0"',
)  # fmt: skip
SHAPES = ("<{0}{1}>x</{0}>", "<{0}{1}></{0}>", "<{0}{1}>", "<{0}{1}/>", "<{0}{1} />", "</{0}>")
# what is left of them: an element, or signs and lines in its place
SHOWN = {
    "b": "<b>", "strong": "<strong>", "i": "<i>", "em": "<em>", "u": "<u>", "code": "<code>", "h1": "<h4>",
    "li": "<li>", "ul": "<ul>", "pre": "<pre>", "s": "~~", "sup": "^", "sub": "_",
    "q": "\N{LEFT DOUBLE QUOTATION MARK}", "option": "( )",
}  # fmt: skip
IN_LINES = frozenset(("p", "div", "td", "tr", "table"))


class Words(HTMLParser):
    """The words of a result."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _plain(text: str) -> str:
    return re.sub(r"[\s\"'/]+", "", text).lower()


def _is_told(tag: str, place: str, text: str) -> bool:
    """Return whether the result shows a tag as words or by what it does, or a note names it."""
    result = to_html(RichText(value=text))
    noted = " ".join(loss.original for loss in result.losses)
    if _plain(tag) in _plain("".join(Words(result.html).text)) or _plain(tag) in _plain(noted):
        return True
    name = re.sub(r"\W.*", "", tag.lstrip("</")).lower()
    without = to_html(RichText(value=place.format("x"))).html
    if name in IN_LINES and "=" not in tag:
        return any(result.html.count(sign) > without.count(sign) for sign in ("<p>", " | ", "<br>"))
    sign = SHOWN.get(name)
    return sign is not None and result.html.count(sign) > without.count(sign)


@given(st.sampled_from(PLACES), st.sampled_from(SHAPES), st.sampled_from(NAMES), st.sampled_from(ATTRIBUTES))
@settings(deadline=None, max_examples=examples(300))
def test_no_tag_typed_into_an_editors_text_goes_unsaid(place: str, shape: str, name: str, attributes: str) -> None:
    typed = shape.format(name, attributes)
    first = re.match("<[^<>]*>", typed)
    assert first is not None
    assert _is_told(first[0], place, place.format(typed))


@given(
    st.sampled_from(PLACES),
    st.lists(
        st.tuples(st.sampled_from(SHAPES), st.sampled_from(NAMES), st.sampled_from(ATTRIBUTES)), min_size=1, max_size=3
    ),
)
@settings(deadline=None, max_examples=examples(150))
def test_what_the_editor_escaped_is_seen_sign_by_sign(place: str, typed: list[tuple[str, str, str]]) -> None:
    words = " or ".join(shape.format(name, attributes) for shape, name, attributes in typed)
    shown = "".join(Words(to_html(RichText(value=place.format(escape(words, quote=False)))).html).text)
    assert not Counter(words.split()) - Counter(re.findall(r"[^\s,\"]+|[,\"]", shown)) or words in shown


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("<p>Type <span style='font-size:20px'>x</span></p>", "<span style='font-size:20px'>"),
        ("<p>Type <font face='Arial' size=4>x</font> now</p>", "<font face='Arial' size=4>"),
        ("<p>Type <div align=center>x</div> now</p>", "<div align=center>"),
        ("<p style='x:y'>Type <span>x</span>, then</p>", "<span>"),
        ("<ul><li><meta class='x'></meta> is sent</li></ul>", "<meta class='x'>"),
        ("<p style='x:y'>Type <a name=q>x</a></p>", "<a name=q>"),
    ],
)
def test_a_look_that_is_lost_within_a_sentence_is_named(text: str, named: str) -> None:
    found = [loss.original for loss in to_html(RichText(value=text)).losses if loss.code == NoteCode.MARKUP_OF_EDITORS]
    assert found == [named]


def test_line_breaks_do_not_make_words_of_the_tag_that_an_editor_escaped() -> None:
    result = to_html(RichText(value="Type &lt;br&gt; now<br>b<br>"))
    assert "".join(Words(result.html).text) == "Type <br> nowb"
