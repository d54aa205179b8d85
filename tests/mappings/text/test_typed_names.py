"""Any name of an element that a person types into prose, with or without its other half, is seen or named.

What arrives is read by the standard library's parser and by looking for strings, and the names that editors leave
around words without a trace are listed here: nothing that maps is asked.
"""

import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.text.elements import KNOWN, OFFICE
from mappings.text.richtext import to_html
from mappings.text.setting import Setting
from mappings.text.tokens import traceless
from migrator.core.model import RichText
from migrator.core.notes import NoteCode
from tests.mappings.test_history import mapped_result, mapper
from tests.support.history import result
from tests.support.properties import examples

_OLD = (
    "applet", "basefont", "bgsound", "blink", "dir", "frame", "frameset", "hgroup", "keygen", "listing", "marquee",
    "mi", "msup", "mtext", "nobr", "noembed", "noframes", "path", "plaintext", "rb", "rtc", "search", "slot", "spacer",
    "text", "xmp",
)  # fmt: skip
_NAMES = sorted(KNOWN | OFFICE | {*_OLD})
_SHAPES = ("<{0}>w1x</{0}>", "<{0}>", "</{0}>", "<{0}/>", "<{0}></{0}>")
_PLAIN = ("Send {} now w2x", "Send w2x {}", "Send w2x\n{} and so\nwait")
_EDITED = (
    "<p>Send {} now w2x</p>", "<p>Send w2x {}</p><p>Then</p>", "<p>{} is sent w2x</p>", "<p>Send{}now w2x</p>",
    "<p style='x:y'>Send {} now&nbsp;w2x</p>", "<p style='x:y'>Send w2x {}</p>", "<p>{}</p><p>w2x&nbsp;y</p>",
    "<div>Send {} now w2x</div>", "<p class='MsoNormal'>Send {} now w2x<o:p></o:p></p>",
    "<table><tr><td>Send {} now w2x</td><td>x</td></tr></table>",
    "<table border=1><tr><td>Send {} now w2x</td><td>x</td></tr></table>",
    "<ul><li>Send {} now w2x</li><li>b</li></ul>", "<ul style='x:y'><li>Send {} now&nbsp;w2x</li><li>b</li></ul>",
)  # fmt: skip
_LOOKS = {
    "b": "b", "strong": "strong", "i": "i", "em": "em", "u": "u", "ins": "u", "code": "code", "tt": "code",
    "kbd": "code", "samp": "code", "br": "br", "hr": "br",
}  # fmt: skip
_BLOCKS = {"ul": "ul", "ol": "ol", "li": "li", "pre": "pre", **{f"h{level}": "h4" for level in range(1, 7)}}
_AROUND_WORDS = ("span", "font")


class Shown(HTMLParser):
    """The words of a result, and how many elements it has of each name."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.names: Counter[str] = Counter()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names[tag] += 1
        self.text += " "

    def handle_data(self, data: str) -> None:
        self.text += data


def _html(value: str, *, keeps: bool) -> tuple[str, list[tuple[NoteCode, str]]]:
    mapped = to_html(RichText(value=value), Setting(tables=keeps))
    return mapped.html, [(loss.code, loss.original) for loss in mapped.losses]


def _comment(value: str, *, keeps: bool) -> tuple[str, list[tuple[NoteCode, str]]]:
    assert not keeps
    mapped, draft = mapped_result(mapper(), result(1, 5, 2, comment=RichText(value=value)))
    return draft.comment, [(note.code, note.original) for note in mapped.notes]


def _is_shown_otherwise(place: str, shape: str, name: str, more: Counter[str], words: str) -> bool:
    """Return whether the result shows an element as itself, or editors have it there around words or at their end."""
    if name in _LOOKS and more[_LOOKS[name]]:
        return True
    is_in_paragraph = place.startswith("<p")
    if name in _BLOCKS and more[_BLOCKS[name]] and not is_in_paragraph:
        return True
    if name == "option" and "( )" in words:
        return True
    if name in ("p", "br") and shape in ("<{0}>", "<{0}/>") and more["p"]:
        return True
    is_sure = "style=" in place or "border=" in place or "Mso" in place or "&nbsp;" in place
    if name in _AROUND_WORDS:
        return is_sure or place.startswith(("<p>{}", "<p>Send{}"))
    return name == "o:p" and shape in ("<{0}/>", "<{0}></{0}>") and "{}</p>" in place


@given(
    st.sampled_from(_NAMES), st.sampled_from(_SHAPES), st.sampled_from(_PLAIN + _EDITED),
    st.sampled_from(["text", "tables", "comment"]), st.booleans(),
)  # fmt: skip
@settings(deadline=None, max_examples=examples(500))
def test_a_name_that_somebody_typed_is_seen_or_named(
    name: str, shape: str, place: str, where: str, upper: bool
) -> None:
    typed = shape.format(name.upper() if upper else name)
    read, keeps = (_comment if where == "comment" else _html), where == "tables"
    html, notes = read(place.format(typed), keeps=keeps)
    shown = Shown(html)
    noted = " ".join(original for code, original in notes if code != NoteCode.TABLE_FLATTENED)
    for word in ["w2x", *(["w1x"] if "w1x" in typed else [])]:
        assert word in shown.text or word in noted
    assert NoteCode.CONTENT_MISSING not in [code for code, _ in notes]
    begin = re.match("<[^<>]*>", typed)
    assert begin is not None
    if begin[0].lower() in f"{shown.text} {noted}".lower():
        return
    without = Shown(read(place.format("x"), keeps=keeps)[0])
    assert _is_shown_otherwise(place, shape, name, shown.names - without.names, shown.text), (html, notes)


_LOOKS_OF = ("style='color:red'", "align=center", 'lang="en"', "dir=rtl", "size='2'", "border=1")
_OTHERS_OF = ("class='x'", "id=a", "data-x='1'")
_WITHIN = ("<p>Send {} now w2x</p>", "<div>Send w2x {}</div>", "<ul><li>{} is sent w2x</li></ul>")


@given(
    st.sampled_from(_NAMES), st.sampled_from(("<{0} {1}>w1x</{0}>", "<{0} {1}>", "<{0} {1}/>", "<{0} {1}></{0}>")),
    st.sampled_from([*((_PLAIN, which) for which in _LOOKS_OF + _OTHERS_OF), *((_WITHIN, of) for of in _OTHERS_OF)]),
    st.sampled_from([0, 1, 2]), st.booleans(),
)  # fmt: skip
@settings(deadline=None, max_examples=examples(500))
def test_an_attribute_that_somebody_typed_is_seen_or_named(
    name: str, shape: str, chosen: tuple[tuple[str, ...], str], number: int, upper: bool
) -> None:
    places, attribute = chosen
    typed = shape.format(name.upper() if upper else name, attribute)
    html, notes = _html(places[number].format(typed), keeps=False)
    shown = Shown(html)
    noted = " ".join(original for _, original in notes)
    begin = re.match("<[^<>]*>", typed)
    assert begin is not None
    # a parser writes attributes with quotes of its own, and names in small letters
    seen, wanted = (re.sub("[\"'/]", "", text).lower() for text in (f"{shown.text} {noted}", begin[0]))
    assert wanted.strip("<>").strip() in seen, (html, notes)
    # of a list's tag that is an item's first word the attribute may be told twice; no word of the text is missing
    missing = [re.sub(r"\W", "", original) for code, original in notes if code is NoteCode.CONTENT_MISSING]
    assert [words for words in missing if words not in re.sub(r"\W", "", begin[0])] == []


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("<p>Send <m:e>5</m:e></p>", "Send <m:e>5</m:e>"),
        ("<p class='MsoNormal'>Use <v:f></v:f> and <st1:place/> here</p>", "Use <v:f></v:f> and <st1:place/> here"),
        ("<p>The page has <div>one</div> element</p>", "The page has <div>one</div> element"),
        ("<p>a <p>5</p> b</p>", "a <p>5</p> b"),
        ("<p>Use <![endif]> or <![if IE]> or <wbr> here</p>", "Use <![endif]> or <![if IE]> or <wbr> here"),
        ("<p style='x:y'>Send <xml>5</xml> now</p>", "Send <xml>5</xml> now"),
    ],
)
def test_what_no_editor_writes_is_words(text: str, seen: str) -> None:
    html, notes = _html(text, keeps=False)
    assert "".join(Shown(html).text.split()) == "".join(seen.split())
    assert notes == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("<p style='x:y'>a</p><p><p></p>", "<p>"),
        ("<table border=1><tr><td>a</td><td><th></td></tr></table>", "<th>"),
        ("<table border=1><tr><td><td></td><td>a</td></tr></table>", "<td>"),
        ("<p style='x:y'>a</p><p><hr></p>", "<hr>"),
        ("<p>a</p><div>Send <div>5</div> now</div>", "<div>"),
        ("<ul style='x:y'><li>a<li>5</li>b</li></ul>", "<li>"),
        ("<p>a</p><p><select>5</select></p>", "<select>"),
        ("<!DOCTYPE html><p>is the first line</p>", "<!DOCTYPE html>"),
    ],
)
def test_tags_where_no_editor_has_them_are_named(text: str, named: str) -> None:
    assert dict(_html(text, keeps=True)[1]) == {NoteCode.MARKUP_UNSEEN: named}


@pytest.mark.parametrize(
    "text",
    [
        "<p class='MsoNormal'><![if !supportLists]>1.<![endif]>a<o:p></o:p></p><p><o:p>&nbsp;</o:p></p>",
        "<p>a <st1:place w:st='on'>b</st1:place></p>",
        "<p>text<ul><li>a</li><ul><li>b</li></ul></ul></p>",
        "<p>a<p>b</p><ul><li>c<li>d</ul><dl><dt>e<dd>f</dl>",
        "<table border=1><tr><td>1<td>2<tr><td><p>3</p><ul><li>4</li></ul></td></tr></table>",
        "<div>a<div>b</div></div><p>c</p>",
    ],
)
def test_what_editors_nest_or_leave_open_needs_no_such_note(text: str) -> None:
    assert not {NoteCode.MARKUP_UNSEEN, NoteCode.MARKUP_ASSUMED} & {code for code, _ in _html(text, keeps=True)[1]}


def test_the_proof_needs_no_knowledge_of_the_mapping() -> None:
    assert traceless("<p>a <section>b</section></p>", "<p>a b</p>", "a b", []) == ["<section>"]
    assert traceless("<b>a</b> <b>c</b>", "<b>a</b> c", "a c", []) == ["<b>"]
    assert traceless("<p>a </label></p>", "<p>a </p>", "a", []) == ["</label>"]
    assert traceless("<p><b> </b>&lt;i&gt;<i>x</i></p>", "<p>&lt;i&gt;<i>x</i></p>", "<i>x", []) == []
