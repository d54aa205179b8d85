"""Rich text: every visible word arrives, in few tags, the same however often it is mapped."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.qasphere.sandbox.sanitise import sanitise
from mappings.text.html_writer import TABLES
from mappings.text.richtext import ALLOWED, IMAGES, looks_like_html, to_html
from mappings.text.setting import Setting
from migrator.core.model import RichText
from migrator.core.text import visible_text
from tests.support.oracle import words
from tests.support.seen import lines_of

_TYPED = re.compile("</?[a-z][^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<\s*/?\s*([a-zA-Z0-9:]+)")
_WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=12)
_TEXT = _WORDS.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def _wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    inline = st.sampled_from(["b", "i", "em", "strong", "u", "span", "font", "small", "code"])
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


def _letters(text: str) -> str:
    return "".join(_TYPED.sub("", text).split())


def _are_same(shown: str, read: str) -> bool:
    """Return whether a result has the words of its source; a tag in quotation marks is one of them only there."""
    return shown.split() == read.split() or (_TYPED.search(shown) is not None and _letters(shown) == _letters(read))


@given(HTML)
@settings(deadline=None)
def test_every_visible_word_is_kept_in_order(value: str) -> None:
    assert _are_same(visible_text(html_of(value)), visible_text(value))


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


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn"))))
def test_plain_text_keeps_its_words(value: str) -> None:
    result = to_html(RichText(value=value, markup="plain")).html
    assert words(result) == value.split()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("one\ntwo\n\nthree", "<p>one<br>two</p><p>three</p>"),
        ("a < b & c > d", "<p>a &lt; b &amp; c &gt; d</p>"),
        ("3 &lt; 4 &amp; more", "<p>3 &lt; 4 &amp; more</p>"),
        ("Search&notify &amp; more", "<p>Search&amp;notify &amp;amp; more</p>"),
        ("See /x?a=1&copy=2&region=3 <b>&copy 2026</b>", "See /x?a=1&amp;copy=2&amp;region=3 <b>© 2026</b>"),
        ("<p>a&nbsp&nbspb &notit; &bull;</p>", "<p>a&nbsp;&amp;nbspb &amp;notit; •</p>"),
        ("a &notit; &bull;", "<p>a &amp;notit; •</p>"),
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
    "value",
    [
        "Intro<div>one<div>two</div></div>end",
        "<div>Intro<div>one<p>two</p></div>end</div>",
        "<b>Intro</b><section><article>one</article>two</section><i>end</i>",
        "Intro<center>one</center><fieldset><legend>two</legend>end</fieldset>",
        "Intro<hr>one<p></p>two<div><br></div>end",
        "<table><tr><td>Intro<p>one</p><p>two</p>end</td></tr></table>",
        "<table><tr><td><div>Intro</div><div>one</div>two<hr>end</td></tr></table>",
        "<menu><li>Intro</li><li>one</li></menu><blockquote><p>two</p>end</blockquote>",
        "<form class='x'><b>Intro</b><form class='y'>one</form>two</form><form class='x'>end</form>",
        "<html><body>Intro</body></html><html><body>one<p>two</p>end</body></html>",
        "<p>Intro</p><textarea>one\ntwo</textarea><p>end</p>",
    ],
)
def test_what_stands_in_lines_of_its_own_stays_there(value: str) -> None:
    assert [line.strip() for line in lines_of(to_html(RichText(value=value)).html)] == ["Intro", "one", "two", "end"]


WRAPPED = (
    "This sentence was wrapped by a program at a width of some seventy\nsigns, and it goes on here until it ends on the"
    " third\nline.<br>End"
)


@pytest.mark.parametrize(
    "value",
    [
        WRAPPED,
        "<p>one\ntwo</p>\n\n<p>three</p>\n",
        "<p>one</p>\n<font>\n<p>two</p>\n</font>\n<p>three</p>",
        "one<br>\ntwo<br>\nthree<br>\n",
        "<ul>\n<li>one</li>\n<li>two\nthree</li>\n</ul>",
        "<html>\n<body>\none\ntwo\n</body>\n</html>",
        "<p>\n\n<b>\nOne\n</b>\n</p>",
        "<p>See&nbsp;the\nSettings\nDialog</p>",
        "<![if !supportLists]>\n<p>one</p>\n<![endif]>\n<p>two</p>",
    ],
)
def test_lines_of_an_editors_source_are_no_lines(value: str) -> None:
    assert to_html(RichText(value=value)).html.count("<br>") == value.count("<br>")


@pytest.mark.parametrize(
    "value",
    [
        "This line is as long as those that programs wrap at their width, but\n1. is the next<br>End",
        "<a href='https://host.test/of/a/long/address/that/nobody/sees'>a</a> b\nc<p>End</p>",
        "Somebody typed this line, which has a good end of its own, and then this:\nanother<p>End</p>",
        "Short\nThis line is as long as those that programs wrap at their width, and\nanother<p>End</p>",
        "This line is as long as those that programs wrap at their width, but alone\nanother<p>End</p>",
        "This line is as long as those that programs wrap at their width, but the\n"
        "Next line begins a sentence of its own, as somebody has typed it\nThis as well<p>End</p>",
        "<div>1. Open\n2. Click</div>",
        "<div>Open the page\nClick <b>Save</b>\n\nWait</div>",
        "<ul><li>Do:\n- <i>this</i>\n- that</li></ul>",
        "<p>a &amp; b:\n1. open it\n2. close it</p>",
    ],
)
def test_lines_that_no_width_explains_were_typed(value: str) -> None:
    assert to_html(RichText(value=value)).html.count("<br>") == value.count("<br>") + value.count("\n")


@pytest.mark.parametrize(
    "value",
    [
        '{\n  "a": 1,\n\n  "b": 2\n}',
        "Feature: x\n\n  Scenario: y\n    Given z\n\n\n  Scenario: q\n    When r",
        "a:\n  b: 1\n\nc: 2\n\nd:\n  e: 3",
    ],
)
def test_empty_lines_part_no_code(value: str) -> None:
    assert to_html(RichText(value=value)).html == f"<pre>{value}</pre>"
    assert to_html(RichText(value=f"Note: so\n\n{value}\n\nNote: done")).html == (
        f"<p>Note: so</p><pre>{value}</pre><p>Note: done</p>"
    )


@pytest.mark.parametrize(
    ("value", "shown", "code"),
    [
        ("<table><tr><td>Tea</td><td>4.20</td></tr></table>", "Tea | 4.20", "table_flattened"),
        ('<img src="https://a.example/x/pic.png?s=1">', "[image: pic.png]", "image_linked"),
        ('<img src="data:image/png;base64,AAAA">', "[image: image]", "image_linked"),
        ('<a href="results#add">submit</a>', "submit (results#add)", "link_unusable"),
        ('<a href="javascript:alert(1)">click</a>', "click", "link_unusable"),
        ("<p>a</p><script src='x.js'>alert(1)</script><p>b</p>", "a b", "markup_removed"),
        ("ring\x07 bell", "ring bell", "control_characters"),
        ("10<sup>2</sup> m", "10^2 m", "formatting_lost"),
        ("<strike>old</strike> new", "~~old~~ new", "formatting_lost"),
        ('<p><input type="checkbox" checked="checked"> done</p>', "[x] done", "formatting_lost"),
        ("<ol start='3;'><li>a</li></ol>", "3. a", "list_numbers"),
        ('<p>a <textarea style="x:y" placeholder="Name"></textarea></p>', "a [Name]", "formatting_lost"),
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


@pytest.mark.parametrize(
    "text", ["a < b", "if x <y then", "5 > 3", "<none>", "List<String> names", "&amp;", "if a <b and c> d"]
)
def test_plain_texts_with_angle_brackets_are_not_taken_for_html(text: str) -> None:
    assert not looks_like_html(text)


def test_documents_nested_deeper_than_python_calls_are_read() -> None:
    deep = "<div><span>" * 3000 + "bottom" + "</span></div>" * 3000
    assert visible_text(html_of(deep)) == "bottom"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a<p></p>b", "a <br>b"),
        ("a<b> </b>b", "a b"),
        ("a<b></b>b", "ab"),
        ("<ul></ul>x", "x"),
        ("<ol><li></li><li>two</li></ol>", "<ol><li></li><li>two</li></ol>"),
        ("<p>a</p><p><br></p><p>b</p>", "<p>a</p><p><br></p><p>b</p>"),
    ],
)
def test_empty_elements_go_and_words_stay_apart(value: str, expected: str) -> None:
    assert to_html(RichText(value=value, markup="html")).html == expected


@given(HTML)
@settings(deadline=None)
def test_where_tables_survive_every_word_is_kept_as_well(value: str) -> None:
    value = f"<table><tr><td>{value}</td><td>end</td></tr></table>"
    result = to_html(RichText(value=value, markup="html"), Setting(tables=True, images=True)).html
    assert _are_same(visible_text(result), visible_text(value))
    assert {tag.lower() for tag in _TAG.findall(result)} <= ALLOWED | TABLES | IMAGES
    assert visible_text(sanitise(result, "all")) == visible_text(result)


@given(HTML)
@settings(deadline=None)
def test_mapping_is_at_rest_after_the_first_time(value: str) -> None:
    once = html_of(value)
    twice = html_of(once)
    assert html_of(twice) == twice


def test_a_page_of_nested_empty_elements_is_cleaned_in_reasonable_time() -> None:
    deep = "<b><p>" * 3000 + "</p></b>" * 3000
    assert html_of(f"a{deep}b") == "a <br>b"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            "<p>a<span style='display:block'>b</span><span style='DISPLAY: flex'>c</span>d</p>",
            "<p>a<br>b<br>c<br>d</p>",
        ),
        ("<p><b style='display:block'>a</b>b</p>", "<p><b>a</b><br>b</p>"),
        ("<p>a<img style='display:block' src='x.png'>b</p>", "<p>a<br>[image: x.png]<br>b</p>"),
        (
            "<p><i style='display:table-cell'>a</i><i style='display:table-cell'>b</i></p>",
            "<p> <i>a</i>  <i>b</i> </p>",
        ),
        ("<p>a<span style='display:inline'>b</span></p>", "<p>ab</p>"),
        ("<p><span style='display:block'>a</span></p>", "<p>a</p>"),
        ("<table><tr><td>a<span style='display:block'>b</span></td></tr></table>", "<p> a<br>b </p>"),
    ],
)
def test_what_is_displayed_in_lines_or_cells_is_not_joined(value: str, expected: str) -> None:
    assert html_of(value) == expected
