"""Ends of lines that somebody typed into a text with markup, where HTML itself would show a blank.

What an editor wrote stands in blocks; within them the end of a line means nothing. What stands in no block was typed,
unless a program wrapped it at a width.
"""

import re
from collections.abc import Sequence

from mappings.text.elements import ISLANDS, RAW, VOID
from mappings.text.plain import with_blanks
from mappings.text.tags import Comment, Tag
from migrator.core.text import BLOCKS

DECLARED = re.compile(r"<!\[(?:if\b[^<>]*|endif|else)\]>|<\?xml:namespace\b[^<>]*>", re.IGNORECASE)
"""What office programs write beside elements."""
_BREAKING = BLOCKS | {"option"}
_HOLDING = BLOCKS - {"br", "hr"} | RAW | ISLANDS | {"textarea", "select"}
_END = re.compile("\r\n|[\r\n\u2028]")
_PIECE = re.compile(rf"(?P<aside>{DECLARED.pattern})|(?P<end>{_END.pattern})|[^\s<]+|<", re.IGNORECASE)
_NEXT_WORD = re.compile(r"\s*+(\S*+)")
# programs wrap lines between these widths
_NARROW, _WIDE = 60, 100
_ENDS_OF_SENTENCES = tuple(".:;!?")


class _Finder:
    """Walks a text. ``found``: where ends of lines stand between words, with no block around or between."""

    def __init__(self, text: str) -> None:
        self.found: list[int] = []
        self.has_blocks = False
        self._text = text
        self._inside: dict[Tag, None] = {}
        # seen if words follow before the next block
        self._waiting: list[int] = []
        self._follows_words = False

    def words(self, start: int, end: int) -> None:
        if self._inside:
            return
        for match in _PIECE.finditer(self._text, start, end):
            if match["end"]:
                self._waiting += [match.start()] if self._follows_words else []
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
        self._waiting, self._follows_words = [], True


def breaks_of(text: str, pieces: Sequence[Tag | Comment]) -> frozenset[int]:
    """Return where the ends of lines begin that people have to see.

    Args:
        text: as it came.
        pieces: its markup and its comments, in order.
    """
    if _END.search(text) is None:
        return frozenset()
    finder = _Finder(text)
    at = 0
    for piece in pieces:
        if piece.start >= at:
            finder.words(at, piece.start)
            at = piece.end
        if isinstance(piece, Tag):
            finder.tag(piece)
    finder.words(at, len(text))
    return frozenset() if finder.has_blocks and _are_wrapped(text, finder.found) else frozenset(finder.found)


def lines_of(text: str, start: int, end: int, breaks: frozenset[int]) -> list[str]:
    """Return the lines of a part of a text, as ``breaks_of`` parts them; each but the first with its indentation."""
    lines: list[str] = []
    at = start
    for match in _END.finditer(text, start, end) if breaks else ():
        if match.start() in breaks:
            lines.append(text[at : match.start()])
            at = match.end()
    lines.append(text[at:end])
    return [lines[0], *map(with_blanks, lines[1:])]


def _are_wrapped(text: str, ends: Sequence[int]) -> bool:
    """Return whether lines end because the next word had no room, and not because somebody ended them."""
    lines = [text[text.rfind("\n", 0, end) + 1 : end].rstrip() for end in ends]
    next_words = [match[1] for end in ends if (match := _NEXT_WORD.match(text, end))]
    with_next = [len(line) + 1 + len(word) for line, word in zip(lines, next_words, strict=True)]
    longest = max(map(len, lines), default=0)
    return (
        min(with_next, default=0) > max(longest, _NARROW)
        and longest <= _WIDE
        and not all(line.endswith(_ENDS_OF_SENTENCES) for line in lines)
    )
