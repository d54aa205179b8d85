"""What a text leads to: pictures, files and other cases; and markup that only some servers keep."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.qasphere.sandbox.sanitise import sanitise
from mappings.files import Files, address_of
from mappings.text.richtext import to_html
from mappings.text.setting import Setting
from migrator.core.model import RichText
from migrator.core.text import symbols_in, visible_text
from tests.support.seen import links_of

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


@pytest.mark.parametrize(
    ("address", "is_noted"),
    [
        ("https://qa.example/bugs/7", True),
        ("https://QA.example:8443/get?fileid=7", True),
        ("//qa.example/files/7", True),
        ("https://qa.example.org/bugs/7", False),
        ("mailto:ada@qa.example", False),
        ("https://q.example/tests/346?a=1&amp;b=2", False),
    ],
)
def test_a_link_that_still_leads_to_the_source_is_noted(address: str, is_noted: bool) -> None:
    setting = Setting(cases=CASES, hosts={"qa.example", "q.example"})
    result = to_html(RichText(value=f'<p>see <a href="{address}">it</a></p>'), setting)
    assert visible_text(result.html) == "see it"
    noted = [(loss.code, loss.original.removeprefix("https:")) for loss in result.losses]
    assert noted == ([("link_to_source", address.removeprefix("https:"))] if is_noted else [])
