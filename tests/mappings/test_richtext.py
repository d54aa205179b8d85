"""Rich text: every visible word arrives, in few tags, the same however often it is mapped."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.qasphere.sandbox.sanitise import sanitise
from mappings.richtext import ALLOWED, looks_like_html, to_html
from migrator.core.model import RichText
from migrator.core.text import visible_text
from tests.support.oracle import words

_TAG = re.compile(r"<\s*/?\s*([a-zA-Z0-9:]+)")
_WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=12)
_TEXT = _WORDS.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def _wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    inline = st.sampled_from(["b", "i", "em", "strong", "u", "span", "font", "sub", "code"])
    block = st.sampled_from(["p", "div", "h2", "blockquote", "section", "li", "o:p"])
    return st.one_of(
        st.tuples(inline, inner).map(lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0]}>"),
        st.tuples(block, inner).map(lambda pair: f"<{pair[0]} style='x'>{pair[1]}</{pair[0]}>"),
        st.lists(inner, min_size=1, max_size=3).map("<br>".join),
        st.lists(inner, max_size=3).map(lambda items: "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"),
    )


HTML = st.recursive(_TEXT, _wrapped, max_leaves=12)


def html_of(value: str) -> str:
    return to_html(RichText(value=value, markup="html")).html


@given(HTML)
@settings(deadline=None)
def test_every_visible_word_is_kept_in_order(value: str) -> None:
    assert visible_text(html_of(value)).split() == visible_text(value).split()


@given(HTML)
@settings(deadline=None)
def test_mapping_twice_changes_nothing(value: str) -> None:
    once = html_of(value)
    assert visible_text(html_of(once)) == visible_text(once)


@given(st.one_of(st.text(), HTML, st.text(alphabet="<>/&;abp \"'=!-#x1")))
@settings(deadline=None)
def test_any_text_gives_only_allowed_tags(value: str) -> None:
    for markup in ("plain", "html", "detect"):
        result = to_html(RichText(value=value, markup=markup)).html
        assert {tag.lower() for tag in _TAG.findall(result)} <= ALLOWED


@given(HTML)
@settings(deadline=None)
def test_the_servers_sanitiser_leaves_the_words_alone(value: str) -> None:
    result = html_of(value)
    assert visible_text(sanitise(result, "few")) == visible_text(result)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))))
def test_plain_text_keeps_its_words(value: str) -> None:
    result = to_html(RichText(value=value, markup="plain")).html
    assert words(result) == value.split()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("one\ntwo\n\nthree", "<p>one<br>two</p><p>three</p>"),
        ("a < b & c > d", "<p>a &lt; b &amp; c &gt; d</p>"),
        ("3 &lt; 4 &amp; more", "<p>3 &lt; 4 &amp; more</p>"),
        ("Search&notify &amp; more", "<p>Search&amp;notify &amp; more</p>"),
        ("line <b>one</b>\nline two", "line <b>one</b><br>line two"),
        ("<h1>Title</h1>text", "<h4>Title</h4>text"),
        ("<div><div>deep</div></div>", "<p>deep</p>"),
        ("", ""),
        ("<p> </p>", ""),
    ],
)
def test_what_becomes_of_common_texts(value: str, expected: str) -> None:
    assert to_html(RichText(value=value)).html == expected


@pytest.mark.parametrize(
    ("value", "shown", "code"),
    [
        ("<table><tr><td>Tea</td><td>4.20</td></tr></table>", "Tea | 4.20", "table_flattened"),
        ('<img src="https://a.example/x/pic.png?s=1">', "[image: pic.png]", "image_linked"),
        ('<img src="data:image/png;base64,AAAA">', "[image: image]", "image_linked"),
        ('<a href="results#add">submit</a>', "submit (results#add)", "link_unusable"),
        ('<a href="javascript:alert(1)">click</a>', "click", "link_unusable"),
        ("a<script>alert(1)</script>b", "ab", "markup_removed"),
        ("ring\x07 bell", "ring bell", "control_characters"),
    ],
)
def test_what_changes_its_shape_is_noted(value: str, shown: str, code: str) -> None:
    result = to_html(RichText(value=value))
    assert visible_text(result.html) == shown
    assert [loss.code for loss in result.losses] == [code]


def test_links_and_pictures_on_the_web_stay_links() -> None:
    result = to_html(
        RichText(value='<a href="https://a.example/?x=1&amp;y=2">wiki</a><img src="https://a.example/b.png">')
    )
    assert 'href="https://a.example/?x=1&amp;y=2"' in result.html
    assert '<a href="https://a.example/b.png">[image: b.png]</a>' in result.html


@pytest.mark.parametrize("text", ["a < b", "if x <y then", "5 > 3", "<none>", "List<String> names", "&amp;"])
def test_plain_texts_with_angle_brackets_are_not_taken_for_html(text: str) -> None:
    assert not looks_like_html(text)


def test_documents_nested_deeper_than_python_calls_are_read() -> None:
    deep = "<div><span>" * 3000 + "bottom" + "</span></div>" * 3000
    assert visible_text(html_of(deep)) == "bottom"
