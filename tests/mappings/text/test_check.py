"""The proof of the outcome names what is missing, and only that."""

import pytest

from mappings.files import Files
from mappings.text.check import content_of, missing
from mappings.text.setting import Loss, Setting
from migrator.core.model import Attachment
from migrator.core.notes import NoteCode
from migrator.core.text import symbol, visible_text
from tests.support.drafts import ref

NOWHERE = Setting()


def lost(source: str, html: str, *originals: str, setting: Setting = NOWHERE) -> list[tuple[str, str]]:
    losses = [Loss(NoteCode.MARKUP_REMOVED, original, "") for original in originals]
    found = missing(content_of(source), html, visible_text(html), losses, setting)
    assert {loss.code for loss in found} <= {NoteCode.CONTENT_MISSING}
    return [(loss.original, loss.message) for loss in found]


@pytest.mark.parametrize(
    ("source", "html", "expected"),
    [
        ("<p>one two three</p>", "<p>one three</p>", [("two", "words")]),
        ("<p>one one</p>", "<p>one</p>", [("one", "words")]),
        ("<p>Dear <customer name>, hello</p>", "<p>Dear , hello</p>", [("< customer name >", "words")]),
        ("<title>Tea</title> is hot", " is hot", [("Tea", "words")]),
        ("<p>a &amp; b</p>", "<p>a b</p>", [("&", "words")]),
        ("<a href='https://h.test/x'>a</a>", "a", [("https://h.test/x", "addresses")]),
        ("<map><area href='https://h.test/x'></map>", "", [("https://h.test/x", "addresses")]),
        ("<p style='background: url(https://h.test/b.png)'>a</p>", "<p>a</p>", [("https://h.test/b.png", "addresses")]),
        ("<table background='b.png'><td>a</td></table>", "<p>a</p>", [("b.png", "addresses")]),
        ("<p>a<img src='x.png'></p>", "<p>a</p>", [("1", "number of pictures")]),
        ("<ol start=3><li>a</ol>", "<ol><li>a</li></ol>", [("start=3", "numbers of lists")]),
        ("<ol type=a reversed><li>a</ol>", "<ol><li>a</li></ol>", [("type=a reversed=", "numbers of lists")]),
    ],
)
def test_what_is_missing_is_named(source: str, html: str, expected: list[tuple[str, str]]) -> None:
    assert lost(source, html) == expected


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("<p>Log<b>in</b> now</p>", "Log<b>in</b>  now"),
        ("10<sup>2</sup> un<s>do</s>", "10^2 un~~do~~"),
        ("<div>a</div><div>b</div>", "<p>a | b</p>"),
        ("<p title='a > b'>x</p><!-- c -->", "x"),
        ("<svg a='b'><path d='M0'/>x</svg>", "x"),
        ("<p><click at AT&amp;T ->x</p>", "<p>&lt;click at AT&amp;T -&gt;x</p>"),
        ("<font a=b>x <font> and </font> y</font>", "x &lt;font&gt; and &lt;/font&gt; y"),
        ("<p>Is <SVG> <b>in</b> <svg a='b'><path d='M0'/>x</svg></p>", "Is &lt;SVG&gt; in x"),
        ("<a href='#top'>a</a><a href=''>b</a><ol start=1 type=1><li>c</ol>", "a b c"),
        ("<my-app class='x'>a</my-app>", "a"),
        ("<my-app class='x'>a</my-app><i b='c>", "a&lt;i b='c&gt;"),
        ("&lt;b&gt; &#120;", "&lt;b&gt; x"),
        ("<b>a</b> &copy=1 &notit; &copy 2", "a &amp;copy=1 &amp;notit; © 2"),
        ("<a href='https://h.test/?&notit;'>a</a>", "<a href='https://h.test/?&amp;notit;'>a</a>"),
        ("a<hr>b", "a<br>b"),
        (
            "<a href='https://h.test/?x&amp;lt;=2&copy=3'>a</a>",
            "<a href='https://h.test/?x&amp;lt;=2&amp;copy=3'>a</a>",
        ),
    ],
)
def test_what_is_there_is_not_named(source: str, html: str) -> None:
    assert lost(source, html) == []


def test_what_a_note_holds_is_not_missing() -> None:
    source = "<p>a<script>go now</script><img src='x'> <a href='x://y?a&amp;b'>c</a></p>"
    assert lost(source, "<p>a c</p>", "<script>go now</script>", "<img src='x'>", "x://y?a&b") == []
    assert lost(source, "<p>a c</p>", "go", "<img src='x'>", "x://y?a&b") == [("now", "words")]


def test_what_leads_to_a_case_or_a_file_is_not_missing() -> None:
    near = ref("test", "12", "2")
    spec = Attachment(ref=ref("attachment", "7"), about=near, title="spec.html")
    setting = Setting(files=Files(near.marker, [spec]), cases={"https://h.test/2": near.marker})
    case, file = symbol("case", near.marker), symbol("file", spec.ref.marker)
    source = "<a href='https://h.test/2'>a</a> <a href='spec.html'>b</a>"
    assert lost(source, f"<a href='{case}'>a</a> <a href='{file}'>b</a>", setting=setting) == []
    assert lost(source, "a b", setting=setting) == [("https://h.test/2 spec.html", "addresses")]


def test_a_list_that_a_note_holds_needs_no_numbers() -> None:
    hidden = "<div style='display:none'><ol start=3><li>b</li></ol></div>"
    assert lost(hidden, "", hidden) == []
