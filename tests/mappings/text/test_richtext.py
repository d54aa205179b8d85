"""Rich text: every visible word arrives, in few tags, the same however often it is mapped."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.qasphere.sandbox.sanitise import sanitise
from mappings.files import Files, address_of
from mappings.text.html_writer import TABLES
from mappings.text.richtext import ALLOWED, IMAGES, looks_like_html, to_html
from mappings.text.setting import Setting
from migrator.core.model import RichText
from migrator.core.text import symbols_in, visible_text
from tests.support.oracle import words
from tests.support.seen import lines_of, links_of

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


# --- pictures, links between cases, tables ----------------------------------------------------------------------------

OWNER = "qacomplete@acme:test:12/345"
OTHER = "qacomplete@acme:test:12/346"
CASES = {"https://q.example/tests/346?a=1&b=2": OTHER}
SYMBOL = f"qmig:case:{OTHER.replace('@', '%40').replace(':', '%3A').replace('/', '%2F')}"


def in_setting(value: str, *, images: bool = False, tables: bool = False) -> tuple[str, Files]:
    files = Files(OWNER)
    setting = Setting(files=files, cases=CASES, images=images, tables=tables)
    return to_html(RichText(value=value), setting).html, files


def test_a_picture_is_a_file_and_a_visible_link_where_it_stood() -> None:
    result, files = in_setting('See <img src="https://q.example/a/pic.png" alt="the cart"> there')
    (file,) = files.drafts
    assert result == f'See <a href="{address_of(file)}">[image: the cart]</a> there'


def test_where_pictures_survive_the_link_stands_beside_it() -> None:
    result, files = in_setting('<p><img src="a/pic.png"></p>', images=True)
    address = address_of(files.drafts[0])
    assert result == f'<p><img src="{address}" alt="pic.png"> <a href="{address}">[image: pic.png]</a></p>'
    assert to_html(RichText(value='<img src="a.png">'), Setting(files=Files(OWNER), images=True)).losses == []


def test_a_picture_within_a_link_keeps_both_addresses() -> None:
    result, files = in_setting('<a href="https://wiki.example/"><img src="pic.png"> wiki</a>.')
    assert result == (
        '<a href="https://wiki.example/">[image: pic.png] wiki</a>'
        f' <a href="{address_of(files.drafts[0])}">(picture)</a>.'
    )


def test_links_to_other_cases_are_symbols() -> None:
    result, _ = in_setting('<a href="https://q.example/tests/346?a=1&amp;b=2">the other one</a>')
    assert result == f'<a href="{SYMBOL}">the other one</a>'
    assert list(symbols_in(result)) == [("case", OTHER)]


def test_links_without_a_scheme_lead_to_the_secure_web() -> None:
    assert to_html(RichText(value='<a href="//a.example/x">y</a>')).html == '<a href="https://a.example/x">y</a>'


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("<p><a href='https://h.test/lo\r\nng'>a</a></p>", "https://h.test/long"),
        ("<p><img srcset='https://h.test/a.png 2x, https://h.test/b.png 3x'></p>", "https://h.test/a.png"),
        ("<p><img data-src='https://h.test/late.png'></p>", "https://h.test/late.png"),
        ("<p><img src='https://h.test/a\n.png'></p>", "https://h.test/a.png"),
    ],
)
def test_addresses_are_read_as_browsers_do(value: str, address: str) -> None:
    result = to_html(RichText(value=value))
    assert list(links_of(result.html).values()) == [address]
    assert "content_missing" not in [loss.code for loss in result.losses]


@pytest.mark.parametrize(
    "address", ["https://<host>/x", "http://999.1.1.1/", "https://h.test:99999/", "https://a b/", "https://xn--a/"]
)
def test_an_address_of_no_host_is_words(address: str) -> None:
    result = to_html(RichText(value=f'<p>see <a href="{address}">it</a></p>'))
    assert visible_text(result.html) == f"see it ({address})"
    assert [loss.code for loss in result.losses] == ["link_unusable"]


@pytest.mark.parametrize("inner", ["", "<br>", '<ol start="3"><li></li></ol>', "<b> </b>"])
def test_a_link_without_words_shows_its_address(inner: str) -> None:
    result = to_html(RichText(value=f'<p>a&nbsp;<a href="https://h.test/x">{inner}</a></p>'))
    assert links_of(result.html) == {"https://h.test/x": "https://h.test/x"}
    assert "content_missing" not in [loss.code for loss in result.losses]


def test_bytes_behind_a_link_become_a_file() -> None:
    result, files = in_setting('<a href="data:text/plain;base64,aGk=">log</a> <a href="data:bad">x</a>')
    assert result.startswith(f'<a href="{address_of(files.drafts[0])}">log</a>')
    assert visible_text(result) == "log x"


def test_tables_stay_where_they_survive() -> None:
    value = (
        "<table><caption>Prices</caption><thead><tr><th>Tea</th></tr></thead><tfoot><tr><td>4</td><td></td></tr></tfoot>"
        "</table>"
    )
    result, _ = in_setting(value, tables=True)
    assert "<th>Tea</th>" in result
    assert "<td>4</td><td></td>" in result
    assert visible_text(result).split() == ["Prices", "Tea", "4"]
    assert sanitise(result, "all") == result


WORD = (
    "<!--[if gte mso 9]><xml><w:View>Normal</w:View></xml><![endif]--><style>p.MsoNormal {margin:0}</style>"
    '<p class="MsoNormal" style="mso-margin-top-alt:auto"><b><span lang="EN-US">Log in</span></b><o:p></o:p></p>'
    '<p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoListParagraph"><![if !supportLists]>'
    '<span style="mso-list:Ignore">1.<span>&nbsp; </span></span><![endif]>then pay<span></span></p>'
)


def test_word_markup_is_cleaned() -> None:
    result, _ = in_setting(WORD)
    assert result == "<p><b>Log in</b></p> <p>1.&nbsp; then pay</p>"


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


_PIECES = st.sampled_from(
    [
        "qmig:file:x", "qmig:case:y ", "qm<b></b>ig:file:z", "qmig<!-- -->:file:z", "&#113;mig&colon;file:x", "qmig",
        ":file:x",
        '<a href="qmig:case:x">a</a>', '<a href="https://x.example/?u=qmig:file:x">b</a>', '<img src="qmig:file:x">',
        '<img src="https://x.example/qmig:file:x" alt="qmig:case:x">', "<p>", "</p>", "<i>", "\ufdd0", "\ufdd0file:x",
        '<a title="qmig:file:x" href="QMIG:file:x">c</a>', "<td>qmig:",
        '<img src="data:qmig:file:x">', "q\x07mig:file:x",
    ]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=8).map("".join), st.booleans(), st.sampled_from(["plain", "html", "detect"]))
@settings(deadline=None)
def test_no_text_of_the_source_can_name_a_file_or_a_case(value: str, keeps: bool, markup: str) -> None:
    files = Files(OWNER)
    setting = Setting(files=files, cases=CASES, images=keeps, tables=keeps)
    result = to_html(RichText.model_validate({"value": value, "markup": markup}), setting).html
    assert {marker for _, marker in symbols_in(result)} <= {file.marker for file in files.drafts}


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
