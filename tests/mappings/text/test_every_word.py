"""Words in are words out, or a note holds them: prose, placeholders, editors' HTML and broken HTML in any mixture.

What people have to see is known from how a text was made; what they see is read by the standard library's parser, and
neither by the means that map.
"""

import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser
from itertools import count

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mappings.text.elements import KNOWN
from mappings.text.richtext import ALLOWED, SafeHtml, to_html
from mappings.text.setting import Setting
from migrator.core.model import RichText
from migrator.core.notes import NoteCode
from tests.support.properties import examples

MENTIONED = (
    "title", "style", "head", "template", "object", "iframe", "script", "label", "tr", "td", "b", "i", "code",
    "textarea", "select", "svg", "plaintext", "xmp", "frameset", "section", "address", "time", "main", "data", "body",
    "html", "form", "noscript", "table", "div", "span", "a", "img", "input",
)  # fmt: skip
TYPED = (
    "<customer {0}>", "<{0}>", "<day of {0}>", "<<{0}>>", "List<{0}>", "http://h/<{0}>/main",
    "<order><id>{0}</id></order>", "<{0}", "{0}>", "a < {0} && {0} > b", "<![CDATA[ {0} ]]>", "<!{0}>", "<?{0} ?>",
    "<!-- {0}", "&lt;{0}&gt;", "</{0}>", "<title>{0}</title>", "<script>{0}</script>", "<{0}@acme.test>",
    "<https://h.test/{0}>", "{{{{{0}}}}}", "&{0}", "<'{0}'>", '<"{0}>', "<{0} and the other's>",
)  # fmt: skip
KEYS = (
    "Del",
    "Ins",
    "S",
    "B",
    "Sub",
    "Small",
    "Center",
    "Big",
    "td",
    "tr",
    "m:ss",
    "w:10",
    "v:1.0",
    "o:id",
    "hh:mm",
    "label for='{0}'",
    "meta name='{0}'",
    "form action='/{0}'",
    "input type='hidden' name='{0}'",
    "button disabled",
    "div class='{0}'",
    "span style='x:{0}'",
    "iframe src='{0}'",
    "title lang='{0}'",
    "script src='{0}'",
    "/b",
    "/label",
    "/{0}",
    "template class='{0}'",
    "option selected",
    "div hidden",
    "a href='https://h.test/{0}'",
)
"""What people put in brackets within a sentence; nothing of it may be taken for markup."""
PLACES = (
    "<p>Press {0}</p>", "<p>Press {0} <b>now</b></p>", "<ul><li>Press {0}</li><li>Then {0}</li></ul>",
    "<table><tr><td>Press {0}</td><td>x</td></tr></table>", "<p>Is {0} shown?<br>Wait<br></p>", "Press {0}",
    "Press {0} in turn", "Is ({0}) shown?", "<p\nclass='x'>Press {0}</p>", "<b\nstyle='x:y'>Bold</b> and {0} more",
    "<p>List{0} of x</p>", "<p>Wrap in {0}</p><p>Then go on</p>", "<o:p></o:p><p>Press {0}</p>",
)  # fmt: skip
EDITED = (
    "<p>{0}</p>", "<b>{0}</b>", "<b style='font-weight:normal'>{0}</b>",
    "<div><span style='font-weight:700'>{0}</span></div>", "<ul><li>{0}</li></ul>", "<ol start=4><li>{0}<li>{0}</ol>",
    "<table><tr><td>{0}</td><td></td><td>{0}</td></tr></table>", "<br>{0}", "<h2>{0}</h2>", "<s>{0}</s>",
    "<sup>{0}</sup>", "<pre>  {0}\n    {0}</pre>", "<font face=Arial>{0}</font>",
    "<span style='display:none'>{0}</span>", "<!-- {0} -->", "<style>p {{ color: {0} }}</style>", "<o:p>{0}</o:p>",
    "<a href='https://h.test/{0}'>{0}</a>", "<a href='file:///{0}'>{0}</a>", "<textarea>{0}</textarea>", "<q>{0}</q>",
    "<select><option>{0}</option></select>", "<object data=x>{0}</object>", "<script src='x'>{0}</script>",
    "<svg a='b'><path d='M0'/><text>{0}</text></svg>", "<dl><dt>{0}<dd>{0}</dl>", "<p title='a > b'>{0}</p>",
    "<my-app class='x'><i>{0}</i></my-app>", "<span style='white-space:pre'>  {0}\n {0}</span>", "&nbsp;{0}&nbsp;",
)  # fmt: skip
BROKEN = (
    "<p>{0}", "<b>{0}", "</b>{0}", "</div>{0}", "<b><i>{0}</b>{0}</i>", "<ul><li>{0}", "<td>{0}",
    "<table>{0}<tr><td>{0}", "<span style='x>{0}</span>", "<p class=\"{0}>{0}</p>", "<a href=>{0}", "<p/>{0}",
    "<br/{0}", "</p class='x'>{0}", "<i {0}", "<div\nclass='x'>{0}</div>", "<span\nstyle='x:{0}'>{0}", "<td>{0}</td>",
    "<tr><td>{0}</td><td>{0}</td></tr>", "<iframe src=x>{0}", "<o:p>{0}", "</o:p>{0}", "<address><x>{0}</x></address>",
    "<!--[if {0}-->", "<!--[if mso]>{0}<![endif]-->", "<option>{0}", "<li>{0}\n<li>{0}",
)  # fmt: skip


UNSEEN = (
    "section", "data", "label", "time", "address", "main", "article", "button", "form", "mark", "var", "cite", "nav",
    "head", "body", "html", "small", "big", "center", "textarea", "b", "i", "ul", "h1", "sub", "div",
)  # fmt: skip
SHAPES = ("<{0}></{0}>", "<{0}>{1}</{0}>", "<{0} id='{1}'>{1}</{0}>")
ENCLOSING = (
    "<p>Use {} here</p>", "<ul><li>Use {}, or so</li></ul>", "<div>Is '{}' in it?</div>", "<p>So:</p><p>{}</p>",
    "<p>See&nbsp;it: use {} here</p>", "<p style='x:y'>Use {}.</p>",
)  # fmt: skip
"""Places that an editor could have made around what somebody typed."""
LOOKS = {"b": "b", "i": "i", "ul": ("ul",), "h1": ("h4",), "div": ("p",)}


class Shown(HTMLParser):
    """The words of a result, and the names of its elements."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.names: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.text.append(" ")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@st.composite
def texts(draw: st.DrawFn, kinds: tuple[str, ...]) -> tuple[str, list[str]]:
    """A text, and the words in it that nobody else has."""
    numbers = count(1)
    names: list[str] = []
    pieces: list[str] = []
    for piece in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=8)):
        names.append(f"w{next(numbers)}x")
        pieces += [piece.format(names[-1]), draw(st.sampled_from(["", " ", "\n", " and "]))]
    inner = "".join(pieces)
    return draw(st.sampled_from(["{}", "<p>{}</p>", "<div>{}</div>", "Do: {}", "{}<br>x"])).format(inner), names


def missing(result: SafeHtml, names: list[str]) -> list[str]:
    seen = "".join(Shown(result.html).text)
    noted = " ".join(unescape(loss.original) for loss in result.losses if loss.code != NoteCode.CONTENT_MISSING)
    return [name for name in names if name not in seen and name not in noted]


@given(texts(TYPED + EDITED + BROKEN), st.sampled_from(["detect", "html"]), st.booleans())
@settings(deadline=None, max_examples=examples(300))
def test_words_in_are_words_out_or_named(made: tuple[str, list[str]], markup: str, keeps: bool) -> None:
    value, names = made
    result = to_html(RichText.model_validate({"value": value, "markup": markup}), Setting(images=keeps, tables=keeps))
    assert missing(result, names) == []
    assert Shown(result.html).names <= ALLOWED | {"table", "thead", "tbody", "tr", "td", "th"}
    assert NoteCode.CONTENT_MISSING not in [loss.code for loss in result.losses]


@given(texts(TYPED), st.sampled_from(["{}", "<p>{}</p>", "<p><b>Note</b> {}</p>"]))
@settings(deadline=None, max_examples=examples(150))
def test_what_is_typed_is_seen_to_the_last_bracket(made: tuple[str, list[str]], around: str) -> None:
    value, _ = made
    value = value.replace("<br>x", "").replace("<div>", "").replace("</div>", "").replace("<p>", "").replace("</p>", "")
    result = to_html(RichText(value=around.format(value)))
    # beside what nobody escaped, &lt; is a word
    seen = Counter(re.sub(r"&lt;(\w+)&gt;", r"<\1>", "".join(Shown(result.html).text)).split())
    noted = Counter(re.split(r"\s+", " ".join(f"<!--{loss.original}-->" for loss in result.losses)))
    wanted = Counter(re.sub(r"&lt;(\w+)&gt;", r"<\1>", value).split())
    assert not wanted - seen - noted


@given(
    st.sampled_from(PLACES), st.lists(st.sampled_from(KEYS), min_size=1, max_size=4), st.sampled_from([" ", "", " or "])
)
@settings(deadline=None, max_examples=examples(150))
def test_what_a_sentence_has_in_brackets_is_seen(place: str, keys: list[str], between: str) -> None:
    # an element with both of its tags is one, and a cell behind a tag is the next cell
    assume(not ("<td>" in place and {"td", "tr"} & {*keys[1:]}))
    assume(not {key.partition(" ")[0].lower() for key in keys} & {key[1:] for key in keys if key.startswith("/")})
    names = [key.format(f"w{number}x") for number, key in enumerate(keys)]
    result = to_html(RichText(value=place.format(between.join(f"<{name}>" for name in names))))
    seen = "".join(Shown(result.html).text)
    noted = " ".join(loss.original for loss in result.losses if loss.code != NoteCode.TABLE_FLATTENED)
    assert [name for name in names if f"<{name}>" not in seen and f"<{name}>" not in noted] == []
    assert NoteCode.CONTENT_MISSING not in [loss.code for loss in result.losses]


@pytest.mark.parametrize("name", MENTIONED)
@pytest.mark.parametrize(
    "sentence",
    [
        "Check that the <{}> of the page is 'Home' and the footer is shown",
        "<p>Check that the <{}> of the page is 'Home' and the footer is shown</p>",
        "<p>Does <b>Home</b> hold a <{}>, or &lt;none&gt;?</p><p>The footer is shown</p>",
        "Is there (<{}>)? Then <customer name> logs in<br>and waits<br>",
    ],
)
def test_an_element_that_a_sentence_mentions_is_a_word(name: str, sentence: str) -> None:
    result = to_html(RichText(value=sentence.format(name)))
    seen = "".join(Shown(result.html).text)
    plain = re.sub(r"</?(?:p|b|br)>", "", sentence.replace("{}", "@").replace("&lt;", "<").replace("&gt;", ">"))
    assert "".join(seen.split()) == "".join(plain.replace("@", name).split())
    # an editor would have escaped what is none of HTML as well
    may_be_typed = {"&lt; &gt;"} if "&lt;" in sentence and name not in KNOWN else set()
    assert {loss.original for loss in result.losses} == may_be_typed


@given(st.sampled_from(ENCLOSING), st.sampled_from(SHAPES), st.sampled_from(UNSEEN))
@settings(deadline=None, max_examples=examples(300))
def test_a_tag_that_shows_nothing_is_seen_as_typed_or_named(place: str, shape: str, name: str) -> None:
    typed = shape.format(name, "w1x")
    result = to_html(RichText(value=place.format(typed)))
    shown = Shown(result.html)
    noted = " ".join(loss.original for loss in result.losses).replace('"', "'")
    begin = re.match("<[^<>]*>", typed)
    assert begin is not None
    is_formatting = name in LOOKS and ">w1x" in typed and shown.names & {name, *LOOKS[name]}
    assert begin[0] in "".join(shown.text) or begin[0] in noted or is_formatting
