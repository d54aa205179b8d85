"""Reads what looks like a tag or a comment in a text, markup or not."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mappings.text.elements import FLAGS, UNCLOSED, VOID

# bounded, so that no text takes longer than its length: a value holds at most five <, a tag at most sixty attributes
VALUE = r"""(?:"[^"<]*+(?:<[^"<]*+){0,5}+"|'[^'<]*+(?:<[^'<]*+){0,5}+'|[^\s"'<>]++)"""
_ATTRIBUTE = rf"""(?:\s++|(?<=["']))[^\s"'<>/=]++(?:\s*+=\s*+{VALUE})?+"""
_TAG = re.compile(
    rf"<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9:_.-]*+)(?P<attributes>(?:{_ATTRIBUTE}){{0,60}}+)\s*+(?P<end>/?)>"
)
_NAMED = re.compile(rf"""([^\s"'<>/=]++)(?:\s*+=\s*+({VALUE}))?+""")
_JOINED = re.compile(r"\s{1,9}(?:and|or|to|und|oder|,|/|\.\.\.|…)\s{1,9}", re.IGNORECASE)
_EDITORS_COMMENT = re.compile(
    r"\[if\s[^\]<>]{1,80}\](?:>|\s*$)|\[endif\]\s*$|<!\[(?:endif|if\s[^\]<>]{1,80})\]|(?:(?:Start|End)Fragment)?\s*$",
    re.IGNORECASE,
)

_MARKS_OF_EDITORS = re.compile(
    r"<[^<>]*+>|^\s*\[[^\]<>]*\](?:>(?:<!$)?|\s*$)|<!\[[^\[\]<>]*\]$|^\s*(?:Start|End)Fragment", re.IGNORECASE
)
_BLANKS_AT_END = re.compile(r"(?:[ \xa0]|(?i:&nbsp;|&#160;|&#xa0;))++$")
_ENDS_WORD = re.compile(r"$|[ \xa0<.,]|&(?:nbsp|#160|#xa0);", re.IGNORECASE)
_AROUND_WORDS = frozenset((
    ("(", ")"), ("[", "]"), ("{", "}"),
    ("\N{LEFT DOUBLE QUOTATION MARK}", "\N{RIGHT DOUBLE QUOTATION MARK}"),
    ("\N{DOUBLE LOW-9 QUOTATION MARK}", "\N{LEFT DOUBLE QUOTATION MARK}"),
))  # fmt: skip
_LOOKS = frozenset(("a", "b", "code", "em", "font", "i", "kbd", "samp", "span", "strong", "tt", "u"))


@dataclass(slots=True, eq=False)
class Tag:
    """A tag as written.

    Args:
        pair: what closes it or what it closes.
        before: the tag before it.
        known: it can be markup.
        typed: it is words.
        unclosed: it is markup by its place, though it has no pair and needs one.
        mentioned: it stands like a word in an element of the same name.
    """

    start: int
    end: int
    name: str
    closes: bool
    attributes: str
    pair: "Tag | None" = None
    before: "Tag | None" = field(default=None, repr=False)
    known: bool = False
    typed: bool = False
    unclosed: bool = False
    mentioned: bool = False


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment that ends. ``silent``: an editor wrote it, for itself."""

    start: int
    end: int
    text: str
    silent: bool


def attributes_in(attributes: str) -> list[tuple[str, str]]:
    """Return the names of a tag's attributes with their values as written, empty for a name alone."""
    return _NAMED.findall(attributes)


def comments_of(text: str) -> Iterator[Comment]:
    """Yield the comments that end, in order."""
    start = text.find("<!--")
    has_begin = start >= 0 and "[if" in text.lower()
    while start >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            return
        inner = text[start + 4 : end]
        if _JOINED.fullmatch(inner):
            start = text.find("<!--", end + 3)
            continue  # a sentence names both ends
        is_astray = not has_begin and "[endif]" in inner.lower()
        yield Comment(start, end + 3, inner, not is_astray and _is_an_editors(inner))
        start = text.find("<!--", end + 3)


def is_mention(text: str, start: int, end: int, closing: int) -> bool:
    """Return whether both tags of a pair are words: ``stands between <b> and </b>``.

    Args:
        text: as it came.
        start: where the first tag begins.
        end: where it ends.
        closing: where the second begins.
    """
    return text[start - 1 : start].isspace() and _JOINED.fullmatch(text, end, closing) is not None


def _is_word(text: str, tag: Tag) -> bool:
    """Return whether a tag stands like a word: between blanks, at the end of an element, in brackets, alone in another:
    ``<td>press <td></td>``, ``(<p>)``, ``<code><p></code>``."""
    before = text[max(tag.start - 40, 0) : tag.start]
    behind = text[tag.end : tag.end + 6]
    if (before[-1:], behind[:1]) in _AROUND_WORDS:
        return True
    outer = tag.before
    if outer and not outer.closes and outer.name in _LOOKS and _is_all_in(text, tag, outer):
        return True
    word = without_blanks(before)
    if word == before or word[-1:] in ("", "\n", "\r") or not _ENDS_WORD.match(behind):
        return False
    # those without an end are words themselves
    return word[-1:] != ">" or (outer is not None and _is_alone(outer))


def _is_all_in(text: str, tag: Tag, outer: Tag) -> bool:
    return not text[outer.end : tag.start].strip() and text.startswith(f"</{outer.name}>", tag.end)


def _is_alone(tag: Tag) -> bool:
    return not (tag.closes or tag.pair or tag.attributes or tag.name in VOID or tag.name in UNCLOSED)


def without_blanks(text: str) -> str:
    """Return text without the blanks at its end, signs or entities."""
    return _BLANKS_AT_END.sub("", text)


def _is_an_editors(comment: str) -> bool:
    """Return whether a comment holds nothing but what an editor writes for itself: settings, style sheets, shapes."""
    if not _EDITORS_COMMENT.match(comment):
        return False
    lowered = comment.lower()
    starts = [at for at in (lowered.find("<xml"), lowered.find("<style")) if at >= 0]
    end = max(lowered.rfind("</xml>"), lowered.rfind("</style>"))
    if starts and min(starts) < end:
        comment = f"{comment[: min(starts)]}{comment[end:]}"
    return not _MARKS_OF_EDITORS.sub("", comment).strip()


def tags_of(text: str, comments: Sequence[Comment]) -> list[Tag]:
    """Return what looks like a tag, in order, outside of comments, each with its pair."""
    tags: list[Tag] = []
    waiting = iter(comments)
    comment = next(waiting, None)
    opened: dict[str, dict[str, list[Tag]]] = {}
    for match in _TAG.finditer(text):
        while comment and comment.end <= match.start():
            comment = next(waiting, None)
        if comment and comment.start <= match.start():
            continue
        tag = Tag(match.start(), match.end(), match["name"].lower(), bool(match["close"]), match["attributes"].lower())
        tag.before = tags[-1] if tags else None
        tags.append(tag)
        spellings = opened.setdefault(tag.name, {})
        if tag.closes:
            # <b>press <B></b>: an editor writes both in one case
            waiting_ones = spellings.get(match["name"]) or next(filter(None, spellings.values()), None)
            if waiting_ones and not is_mention(text, waiting_ones[-1].start, waiting_ones[-1].end, tag.start):
                tag.pair = waiting_ones.pop()
                tag.pair.pair = tag
        elif tag.name in UNCLOSED and any(spellings.values()) and _is_word(text, tag):
            tag.mentioned = not match["end"]
        elif not match["end"]:
            spellings.setdefault(match["name"], []).append(tag)
    _pair_the_outer(text, tags)
    return tags


def _pair_the_outer(text: str, tags: Sequence[Tag]) -> None:
    """Give the pair of a tag that a sentence mentions to one before it: ``<div>Is <div hidden> shown?</div>``."""
    alone: dict[str, list[Tag]] = {}
    for tag in tags:
        if tag.closes or tag.name in VOID:
            continue
        others = alone.setdefault(tag.name, [])
        if tag.pair is None:
            others += [] if text[tag.end - 2] == "/" or _is_word(text, tag) else [tag]
        elif others and FLAGS.issuperset(tag.attributes.split()) and _is_word(text, tag):
            outer = others.pop()
            outer.pair, tag.pair = tag.pair, None
            tag.mentioned = True
            outer.pair.pair = outer
