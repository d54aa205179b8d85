"""What people type about HTML stays as typed; where nobody can tell, a note names every tag that was taken for one."""

import pytest

from mappings.text.richtext import to_html
from migrator.core.model import RichText
from migrator.core.notes import NoteCode
from migrator.core.text import visible_text


def losses(value: str, markup: str = "detect") -> list[tuple[str, str]]:
    result = to_html(RichText.model_validate({"value": value, "markup": markup}))
    return [(loss.code.value, loss.original) for loss in result.losses]


def is_seen(value: str, of: str | None = None) -> bool:
    result = to_html(RichText(value=of or value))
    return "".join(value.split()) in "".join(visible_text(result.html).split())


@pytest.mark.parametrize(
    "sentence",
    [
        '"<b>" and "</b>"',
        "Check `<div>` and `</div>`",
        "Check `<div class='x'>y</div>`",
        "Press <div/>: or <p/>; now",
        "The opening <b> must have a closing </b> tag",
        "Entre <b> et </b>",
        "Remove <strong> before the name and </strong> after it",
        "The <a> element needs href, </a> closes it",
        "It starts with <div> and ends with </div>.",
        "The opening <table> must have a closing </table> tag",
        "Each <li> is closed by </li>",
        "Wrap it as <b>, text, </b>",
        "Open tag: <form> Close tag: </form>",
        "Enter <a>x</a> here",
        "The response must be <html><body>OK</body></html> exactly",
        "Use <br> or <br/> for it",
        "Tags: <br>, <hr>, <wbr>, <p>, <li>, <td>",
        "It is shown as <br>.",
        'It is shown as "<br>" (<br>)',
        "Enter <div onmouseover=\"alert('1')\">x</div> in name",
        "Enter <img src=x onerror=alert(1)> in name",
        "Enter <img/src=x onerror=alert(1)> in name",
        "Enter <a href='#' onclick='go()'>x</a> in name",
        'Vue: <div v-if="x">y</div>',
        'Angular: <a [href]="x" (click)="y()">z</a>',
        'Thymeleaf: <span th:text="${x}">y</span>',
        "JSX: <div className='x'>{a}</div> and <a href={url}>x</a>",
    ],
)
@pytest.mark.parametrize("field", ["{}", "<p>{}</p>", "<p>Note &amp; <b>this</b></p><p>{}</p>"])
def test_a_sentence_about_tags_stays_as_typed(sentence: str, field: str) -> None:
    assert is_seen(sentence, field.format(sentence))
    assert losses(field.format(sentence)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Check that <script> is escaped as &lt;script&gt; in the page source",
        "Check that & is escaped as &amp; and < as &lt;",
        "<order><name>Tea &amp; Milk</name><q>a &lt; b</q></order>",
        "Send:\n<order>\n  <b>Tea &amp; Milk</b>\n  <cond>a &lt; b</cond>\n</order>",
        "Send <soap:Envelope><soap:Body><v>1 &lt; 2 &amp;amp;</v></soap:Body></soap:Envelope>",
        'Response: {"html":"<p>Hi</p>","n":"a&amp;b"}',
        "Enter <name> &amp; save",
        "R&D &quot;team&quot;",
        "Press <Enter>&nbsp;once, caf&eacute;",
        "<order><name>Caf&eacute;</name></order>",
    ],
)
def test_entities_beside_what_an_editor_would_have_escaped_are_words(text: str) -> None:
    assert is_seen(text)
    assert losses(text) == []


@pytest.mark.parametrize(
    ("text", "seen", "named"),
    [
        ("Type <b>x</b>, escaped as &lt;b&gt;x&lt;/b&gt;", "Type x, escaped as &lt;b&gt;x&lt;/b&gt;", "<b>"),
        ("It contains:\n<ul>\n  <li>B &amp; C</li>\n</ul>", "It contains: B & C", "<ul> <li> &amp;"),
        ("<p>Dear <user>, Tea &amp; Milk</p>", "Dear <user>, Tea & Milk", "&amp;"),
        ("File -> Save &amp; go", "File -> Save & go", "&amp;"),
        ("Use &quot; or&nbsp;&ensp;&eacute;", 'Use " or é', "&quot; &nbsp; &ensp; &eacute;"),
        ("pa&copy;ss &copy;", "pa©ss ©", "&copy; (x2)"),
        ("<p>Tea &amp; Milk</p><p>Dear <user> &amp; so</p>", "Tea & Milk Dear <user> & so", "&amp;"),
        ("Hi <user>, <b>this</b> &amp;&nbsp;that", "Hi <user>, this & that", "<b> &amp; &nbsp;"),
    ],
)
def test_entities_that_may_have_been_typed_are_named(text: str, seen: str, named: str) -> None:
    assert visible_text(to_html(RichText(value=text)).html) == seen
    assert losses(text) == [(NoteCode.MARKUP_ASSUMED.value, named)]


@pytest.mark.parametrize(
    "text",
    [
        "<p>Tea &amp; Milk &eacute;</p><p>a < b</p>", "<p>Tea &amp; &lt;user&gt;</p>", "a &lt;b&gt; <i>c</i>",
        "one &amp; two<br>\nthree<br>\nfour", "<p style='x:y'>Dear <user>, Tea &amp; Milk</p>",
        "<p>a &amp; b</p><style>p > b { x: y }</style>", "<p><a href='/?a=1&b=2'>x</a> &amp; y</p>",
    ],
)  # fmt: skip
def test_entities_of_an_editor_are_signs_and_need_no_note(text: str) -> None:
    assert NoteCode.MARKUP_ASSUMED.value not in dict(losses(text))
    assert "&amp;amp;" not in to_html(RichText(value=text)).html
    assert "&amp;lt;" not in to_html(RichText(value=text)).html


@pytest.mark.parametrize(
    "text",
    [
        "<div></div>",
        "<b></b>",
        "Allowed tags: <b></b>, <i></i>, <u></u>",
        "Steps:\n<ul>\n<li>\n</li>\n</ul>",
        "Response: <!DOCTYPE html><html><body>Hi</body></html>",
        "<html><head></head><body style='x:y'>A</body></html>\nis the answer",
        "<html>\n<body>\n<h1 id='x'>Not Found</h1>\n</body>\n</html>\nis what comes",
        "Source:\n<html>\n<head>\n<title>Home</title>\n</head>\n<body>\n<p class='x'>Hi</p>\n</body>\n</html>",
        "Snippet:\n<div class='card' id='main'>\n  <span data-id='5'>Hello</span>\n</div>",
    ],
)
def test_a_field_that_no_editor_wrote_shows_what_it_quotes(text: str) -> None:
    assert is_seen(text)
    assert losses(text) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Enter <b>bold</b> and <B>more</B>", "<b> <B>"),
        ("Enter <b>x</b>, <b>y</b> or <i>z</i>", "<b> (x2) <i>"),
        ("Find <span class='error'>this</span>", "<span class='error'>"),
        ("Type <h1>Big</h1> in the field", "<h1>"),
        ("Enter <font color='red'>x</font>", "<font color='red'>"),
        ("Type <span style='color:red'>Hello</span> and look at it", "<span style='color:red'>"),
        ("It holds <h1 style='color:#fff'>A</h1> and <p lang='en'>B</p>.", "<h1 style='color:#fff'> <p lang='en'>"),
        ("Check <hr size='2'> exists", "<hr size='2'>"),
        ("1. Enter <b>x</b>\n2. Enter <h2>y</h2>\n3. Enter <i dir='rtl'>z</i>", "<b> <h2> <i dir='rtl'>"),
        ("Line one <br> line two <br> line three", "<br> (x2)"),
        ("<br> inserts a line<br>Next", "<br>"),
        ("Intro\n<ul><li>one</li></ul>", "<ul> <li>"),
    ],
)
def test_tags_that_may_have_been_typed_are_named(text: str, named: str) -> None:
    found = [loss for loss in losses(text) if loss[0] != NoteCode.COLOUR_LOST.value]
    assert found == [(NoteCode.MARKUP_ASSUMED.value, named)]


@pytest.mark.parametrize(
    "text",
    [
        "one<br>two<br>\nthree",
        "<b>all of it</b>",
        "<p>one</p> <ul><li>two<li>three</ul>",
        "a &amp; <b>b</b>",
        "<p>one<span style='x:y'> two</span></p>",
        "<p>one<font face='Arial'> two</font></p>",
        "<!DOCTYPE html>\n<html><body style='x:y'>one</body></html>",
        "<!--StartFragment-->one <b>two</b><!--EndFragment-->",
        "one<o:p></o:p> <b>two</b>",
        "<p></p>",
        "<p></p>\n<p> </p>",
        "<p>one<p>two",
        "<p>click on <em> Copy </em>.</p>",
        '<p>Enter "one"<br>"two"</p>',
        "<p>Enter 'one'<br>'two'</p>",
        "<p>Open it <br>and <b>save</b>, <br>then <br>and wait</p>",
        "<p>Open it <br>\nand <b>save</b></p>",
        "<p>Open <b>it</b>, <br>and <i>save</i> <br> or leave</p>",
        '<p>Press <b>"OK"</b> "twice"</p>',
    ],
)
def test_what_an_editor_wrote_needs_no_such_note(text: str) -> None:
    assert losses(text) == []
    assert "&lt;" not in to_html(RichText(value=text)).html


def test_what_the_vendor_calls_html_was_written_by_an_editor() -> None:
    assert losses("one <b>two</b> <i></i>", "html") == []


def test_a_tag_that_another_note_holds_is_not_named_twice() -> None:
    assert losses("10<sup>2</sup> <b>m</b>") == [("formatting_lost", "<sup>2</sup>"), ("markup_assumed", "<b>")]


@pytest.mark.parametrize(
    "text",
    [
        "<p>Wrap it with <b></b> or <i></i></p>",
        "<p>Wrap it with <ul><li></li></ul>, then save.</p>",
        "<div>Allowed: <b></b>, (<i></i>) and '<u></u>'</div>",
        "<ul><li>Part them by <p></p></li><li>Enter <div></div> too</li></ul>",
        '<data><section name="a"><p>5</p></section></data>',
        "<time>\n  <b>5</b>\n  <address>x</address>\n</time>",
        "<output><label for='a'>5</label></output>",
        "<p>The <head id='x'><item>a</item></head> comes first</p>",
    ],
)
def test_elements_around_all_words_do_not_make_an_editor_of_a_source(text: str) -> None:
    source = text if text.startswith(("<data", "<time", "<output")) else text[text.index(">") + 1 : text.rindex("<")]
    assert is_seen(source.replace("<li>Part", "Part").replace("</li><li>Enter", "Enter").removesuffix("</li>"), text)
    assert losses(text) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("<p>a&nbsp;b, wrap it with <b></b> or <i></i></p>", "<b> <i>"),
        ("<p>Type:</p><p><b></b></p>", "<b>"),
        ("<p>one<u></u>two <b></b>three</p>", "<u> <b>"),
        ("<section name='a'><p>5</p></section>", "<section name='a'>"),
        ("<p style='x:y'>Is <label for='a'>Name</label> &amp; <data>5</data></p>", "<label for='a'> <data>"),
        ("<main><p>a</p><nav>b</nav></main>", "<main> <nav>"),
        ("<p>Find <span id='x'></span></p>", "<span id='x'>"),
        ("<div><div></div><p>a</p></div>", "<div>"),
        ("<p>a&nbsp;b</p><body>c</body><nav></nav>e", "<body> <nav>"),
        ("<html><body>A&nbsp;B</body></html> must be returned", "<html> <body>"),
        ("<html><body>A&nbsp;B</body></html><p>is the answer</p>", "<html> <body>"),
        ("<html><body>A&nbsp;B</body></html> or <html><body>C</body></html>", "<html> <body>"),
        ("<p style='x:y'>Click <button class='x'>this</button></p>", "<button class='x'>"),
        ("<table><tr><td><b></b>1</td></tr></table><p>Not <b></b>x</p>", "<b> (x2)"),
    ],
)
def test_tags_that_show_nothing_are_named(text: str, named: str) -> None:
    noted = {code: original for code, original in losses(text) if code != "table_flattened"}
    assert noted == {NoteCode.MARKUP_UNSEEN.value: named}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("<p>Find <span class='error'>this</span> or <span>that</span></p>", "<span class='error'> <span>"),
        ("<p>Use <small>x</small>, <big>y</big>, <font>z</font>, <mark>m</mark></p>", "<small> <big> <font> <mark>"),
        ("<p id='a'>Set <var>x</var> in <font color=red>red</font></p>", "<p id='a'> <var> <font color=red>"),
        ("<div>Find <div class='error'>this</div> there</div>", "<div class='error'>"),
        ("<p>Click <a name='x'>here</a> or <a class=external href='#'>it</a></p>",
         "<a name='x'> <a class=external href='#'>"),
        ("<html><head></head><body><h1>Not Found</h1></body></html>\n", "<html> <head> <body>"),
        ("<p>Find <b id='save'>Save</b> now</p><ul id='m'><li class='x y'>a</li></ul>",
         "<b id='save'> <ul id='m'> <li class='x y'>"),
        ("<!DOCTYPE html><html><body><p>Hi</p></body></html>", "<html> <body>"),
        ("<div class='container'>\n  <span>{{ name }}</span>\n</div>", "<div class='container'> <span>"),
        ("<span style='color:red'>all of it</span>", "<span style='color:red'>"),
        ("<h2 id='x'>a</h2><p class='y'>b</p>", "<h2 id='x'> <p class='y'>"),
        ("<p style='x:y'>Set it in <small>d</small> or <a>that</a></p>", "<small>"),
    ],
)  # fmt: skip
def test_tags_around_words_that_stay_are_named_without_alarm(text: str, named: str) -> None:
    assert dict(losses(text)).get(NoteCode.MARKUP_OF_EDITORS.value, "") == named
    assert NoteCode.MARKUP_UNSEEN.value not in dict(losses(text))


@pytest.mark.parametrize(
    "text",
    [
        "<p>a</p><p></p><p><span></span></p><div><div><span>b</span></div></div>",
        "<p class='MsoNormal'>a<o:p></o:p></p><p><b><span lang='EN-US'>b</span></b><a name='_Toc1'></a></p>",
        "<p style='x:y'>a <span class='x'>b</span> <font>c</font> <b></b></p><div></div><p><b></b></p>",
        "<p style='x:y'>a</p><section class='x'>d</section>",
        "<p>a&nbsp;</p><b></b><div id='x'><span id='y'></span></div>",
        "<p>a <span class='ql-cursor'>b</span> <i class='mce-x'></i></p>",
        "<figure class='image'><img src='data:x'></figure><p>a</p>",
        "<meta charset='utf-8'><p>a<wbr>b</p><table><colgroup><col></colgroup><tr><td></td><td>1</td></tr></table>",
        "<!doctype html><html><body><p>a</p></body></html>",
        "<ul><li></li></ul><p>a</p>",
        "<html><head><style>p {x: y}</style></head><body>a&nbsp;b</body></html>",
        "<h2 id='x'>a</h2><p class='x'>b</p><ul class='y'><li class='z'>c</li></ul>",
        "<p style='x:y'><small>a</small></p><section class='x'>b</section>",
    ],
)
def test_what_editors_leave_behind_is_not_named(text: str) -> None:
    assert not {"markup_unseen", "markup_assumed"} & {code for code, _ in losses(text)}
    assert "&lt;" not in to_html(RichText(value=text)).html
