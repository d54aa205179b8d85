"""Ends of lines and tabs that somebody typed into a text with markup, where HTML itself would show a blank.

What an editor wrote stands in blocks; within them the end of a line means nothing, unless items or sentences begin
behind it. What stands in no block was typed, unless a program wrapped it at a width.
"""

import re
from collections.abc import Mapping, Sequence

from mappings.text.elements import ISLANDS, RAW, VOID
from mappings.text.plain import TAB, begins_item, with_blanks
from mappings.text.tags import Comment, Tag
from migrator.core.text import BLOCKS

_BEGIN = r"<!\[if\s[^<>]{0,40}?(?:\b(?:mso|vml|ppt)\b|support[a-z])[^<>]{0,80}\]>"
_NAMESPACE = r"<\?xml:namespace\s+prefix\b[^<>]*>"
_DECLARED = re.compile(rf"{_BEGIN}|<!\[(?:endif|else)\]>|{_NAMESPACE}", re.IGNORECASE)
_WITHOUT_BEGIN = re.compile(_NAMESPACE, re.IGNORECASE)
_BREAKING = BLOCKS | {"option"}
_HOLDING = BLOCKS - {"br", "hr"} | RAW | ISLANDS | {"textarea", "select"}
_TYPED_INTO = BLOCKS - {"pre"}
_END = re.compile("\r\n|[\r\n\u2028]")
_MARK = re.compile(rf"{_END.pattern}|\t")
_PIECE = re.compile(rf"(?P<aside>{_DECLARED.pattern})|(?P<mark>{_MARK.pattern})|[^\s<]+|<", re.IGNORECASE)
_LINE = re.compile(rf"[^\r\n\u2028]*+(?:{_END.pattern}|$)")
_NEXT_WORD = re.compile(rf"(?:{_END.pattern})[ \t]*+(\S*+)")
_TAG = re.compile(r"<[^<>]*+>")
# how an item of a list begins
_NUMBER = re.compile(r"[-*•·>]|\(?(?:\d{1,3}|[A-Za-z])[.):]")
_LONGEST_SIGN = 20
# programs wrap lines between these widths
_NARROW, _WIDE = 60, 100
# no line that a program wrapped is longer, with its tags
_FAR = 2000
_ENDS_OF_SENTENCES = tuple(".:;!?")
NEXT_LINE, NEXT_CELL = "\n", " | "
"""What the end of a line is, and a tab between words."""


def declared_in(text: str) -> re.Pattern[str]:
    """Return what office programs write beside elements of a text; an end that nothing begins is words."""
    return _DECLARED if re.search(_BEGIN, text, re.IGNORECASE) else _WITHOUT_BEGIN


class _Finder:
    """Walks a text. ``found``: where ends of lines and tabs stand between words, with no block around or between."""

    def __init__(self, text: str) -> None:
        self.found: list[int] = []
        self.has_blocks = False
        self._text = text
        self._inside: dict[Tag, None] = {}
        # seen if words follow before the next block
        self._waiting: list[int] = []
        self._follows_words = False
        self._begins_line = False

    def words(self, start: int, end: int) -> None:
        if self._inside:
            return
        for match in _PIECE.finditer(self._text, start, end):
            if match["mark"]:
                is_seen = self._follows_words and not (match["mark"] == "\t" and self._begins_line)
                self._waiting += [match.start()] if is_seen else []
                self._begins_line = self._begins_line or match["mark"] != "\t"
            elif not match["aside"]:
                self._word()

    def tag(self, tag: Tag) -> None:
        if tag.name in _BREAKING:
            self._waiting, self._follows_words, self.has_blocks = [], False, True
        elif tag.name in VOID and not self._inside:
            self._word()
        if not tag.closes and tag.name in _HOLDING:
            self._inside[tag] = None
        while tag.pair in self._inside and tag.closes:
            self._inside.popitem()

    def _word(self) -> None:
        self.found += self._waiting
        self._waiting, self._follows_words, self._begins_line = [], True, False


def breaks_of(text: str, pieces: Sequence[Tag | Comment], *, is_sure: bool) -> dict[int, str]:
    """Return where ends of lines and tabs stand that people have to see → what they become.

    Args:
        text: as it came.
        pieces: its markup and its comments, in order.
        is_sure: an editor certainly wrote the text, and no program laid a block around lines that somebody typed.
    """
    if _MARK.search(text) is None:
        return {}
    finder = _Finder(text)
    at = 0
    for piece in pieces:
        if piece.start >= at:
            finder.words(at, piece.start)
            at = piece.end
        if isinstance(piece, Tag):
            finder.tag(piece)
    finder.words(at, len(text))
    ends = [end for end in finder.found if text[end] != "\t"]
    listed = _in_blocks(text, pieces, is_sure=is_sure)
    if finder.has_blocks and _are_wrapped(text, ends):
        return listed
    is_indented = any(text[end + 1 : end + 2] in (" ", "\t") for end in ends)
    tabs = [tab for tab in finder.found if text[tab] == "\t" and not begins_item(_line_before(text, tab))]
    # one alone is a slip
    parted = dict.fromkeys(tabs if len(tabs) > 1 else (), TAB if is_indented else NEXT_CELL)
    return parted | listed | dict.fromkeys(ends, NEXT_LINE)


def _in_blocks(text: str, pieces: Sequence[Tag | Comment], *, is_sure: bool) -> dict[int, str]:
    """Return where lines end that were typed within a block, ``<div>1. Open⏎2. Click</div>``, or parts of a table."""
    found: dict[int, str] = {}
    before: Tag | None = None
    # where the words within begin and end
    first = last = at = 0
    for piece in pieces:
        if text[at : piece.start].strip():
            first, last = first or at, piece.start
        at = max(at, piece.end)
        if isinstance(piece, Tag) and piece.name in _BREAKING | _HOLDING:
            if first and before and before.pair is piece and before.name in _TYPED_INTO:
                # where blanks stay as they are, tabs do as well
                cells = {} if "white-space" in before.attributes else _cells_in(text, first, last)
                ends = _typed_ends(text, first, last, is_sure=is_sure)
                found |= cells or dict.fromkeys(ends, NEXT_LINE)
            before, first = piece, 0
    return found


def _cells_in(text: str, start: int, end: int) -> dict[int, str]:
    """Return where lines end and tabs part cells in the words of a block, as those of a spreadsheet do; none where one
    tab alone is a slip, or tabs stand at ends of lines or behind the sign of an item, as programs indent HTML."""
    if text.count("\t", start, end) <= 1:
        return {}
    found: dict[int, str] = {}
    at, cells = start, 0
    for line in _LINE.findall(_TAG.sub(lambda tag: "x" * len(tag[0]), text[start:end])):
        words = line.strip("\t \r\n\u2028")
        first = at + len(line) - len(line.lstrip(" \t"))
        tabs = [first + number for number, sign in enumerate(words) if sign == "\t"]
        cells += len([tab for tab in tabs if not begins_item(_line_before(text, tab))])
        found |= dict.fromkeys(tabs, NEXT_CELL)
        at += len(line)
        if at < end:
            found[at - len(line) + len(line.rstrip("\r\n\u2028"))] = NEXT_LINE
    return found if cells > 1 else {}


def _typed_ends(text: str, start: int, end: int, *, is_sure: bool) -> list[int]:
    """Return which lines end before an item that somebody numbered, or all if each of the next begins a sentence."""
    start += len(text[start:end]) - len(text[start:end].lstrip())
    ends = [match.start() for match in _END.finditer(text, start, start + len(text[start:end].rstrip()))]
    if not ends:
        return []
    next_words = [_TAG.sub("", match[1]) for at in ends if (match := _NEXT_WORD.match(text, at))]
    if not (is_sure or any(word[:1].islower() for word in next_words)):
        return ends
    items = [at for at, word in zip(ends, next_words, strict=True) if _NUMBER.fullmatch(word)]
    is_first = _NUMBER.fullmatch(text[start : start + _LONGEST_SIGN].split(maxsplit=1)[0]) is not None
    return items if len(items) + is_first > 1 else []


def lines_of(text: str, start: int, end: int, breaks: Mapping[int, str]) -> list[str]:
    """Return the lines of a part of a text, as ``breaks_of`` parts them; each but the first with its indentation."""
    lines: list[list[str]] = [[]]
    at = start
    for match in _MARK.finditer(text, start, end) if breaks else ():
        if found := breaks.get(match.start()):
            lines[-1].append(text[at : match.start()])
            at = match.end()
            if found == NEXT_LINE:
                lines.append([])
            else:
                lines[-1].append(found)
    lines[-1].append(text[at:end])
    first, *others = map("".join, lines)
    return [first, *map(with_blanks, others)]


def _line_before(text: str, tab: int) -> str:
    """Return what stands in a line before a tab, with the tab; no more of it than the sign of an item has."""
    return _line_behind(text, max(tab - _LONGEST_SIGN, 0), tab + 1)


def _line_behind(text: str, start: int, end: int) -> str:
    """Return what stands in the same line as the end of a part of a text."""
    return text[max(start, *(text.rfind(sign, start, end) + 1 for sign in "\r\n\u2028")) : end]


def _are_wrapped(text: str, ends: Sequence[int]) -> bool:
    """Return whether lines end because the next word had no room, and not because somebody ended them."""
    lines = [_TAG.sub("", _line_behind(text, max(end - _FAR, 0), end)).strip() for end in ends]
    next_words = [match[1] for end in ends if (match := _NEXT_WORD.match(text, end))]
    with_next = [len(line) + 1 + len(word) for line, word in zip(lines, next_words, strict=True)]
    longest = max(map(len, lines), default=0)
    return (
        min(with_next, default=0) > max(longest, _NARROW)
        and longest <= _WIDE
        and not any(map(_NUMBER.fullmatch, next_words))
        and not all(line.endswith(_ENDS_OF_SENTENCES) for line in lines)
        # sentences that somebody typed below each other begin anew, and one end alone tells of no width
        and len(ends) > 1
        and any(word[:1].islower() for word in next_words)
    )
