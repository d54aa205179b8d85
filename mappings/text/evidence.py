"""Whether an editor wrote a field. Where nothing proves it, a tag that is read as formatting may have been typed."""

import re
from collections.abc import Collection, Sequence
from enum import IntEnum
from html import unescape

from mappings.text.breaks import DECLARED
from mappings.text.elements import OFFICE, UNCLOSED, VOID, is_element
from mappings.text.tags import Comment, Tag

ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
"""What editors write for signs, and people rarely."""
PROLOGUE = re.compile(r"\s*(?:<\?xml\b[^<>]*>\s*)?(?:<!doctype\b[^<>]*>)?", re.IGNORECASE)
"""What stands before a page. Matches every text."""
EMPTY = re.compile(r"(?:\s*<p>\s*</p>)+\s*", re.IGNORECASE)
"""What editors save where nobody wrote anything."""
# classes and ids stand in the sources of pages that people quote as well
_LOOKS = re.compile(
    r"""(?:^|\s)(?:(?:style|face|size|align|valign|bgcolor|border|lang|dir)\s*=|class\s*=\s*["']?mso|color\s*=\s*["']?\#)"""
)
_BEFORE_WORDS = tuple(" \t\xa0\"'`([{")
_ENDS_LINE = re.compile(r"[ \t]*(?:[\r\n]|$)")


class Evidence(IntEnum):
    """How much says that an editor wrote a field. ``ENCLOSED``: all its words stand in elements, as those of a source
    that somebody quotes may; ``SURE``: it has what people do not type."""

    NONE = 0
    ENCLOSED = 1
    SURE = 2


def evidence_of(text: str, tags: Sequence[Tag], comments: Sequence[Comment]) -> Evidence:
    """Return what says that an editor wrote a field: for sure do entities, looks in attributes, and nothing but
    paragraphs without words."""
    if any(comment.silent for comment in comments) or DECLARED.search(text) or EMPTY.fullmatch(text):
        return Evidence.SURE
    if any(unescape(match[0]) != match[0] for match in ENTITY.finditer(text)):
        return Evidence.SURE
    if any(tag.name in OFFICE or has_looks(tag) for tag in tags):
        return Evidence.SURE
    return Evidence.ENCLOSED if _are_words_enclosed(text, tags, comments) else Evidence.NONE


def has_looks(tag: Tag) -> bool:
    """Return whether an editor gave a tag its looks."""
    return bool(tag.attributes) and _LOOKS.search(tag.attributes) is not None


def _are_words_enclosed(text: str, tags: Sequence[Tag], comments: Sequence[Comment]) -> bool:
    """Return whether there are words, and none outside of all elements."""
    pieces: list[Tag | Comment] = sorted([*tags, *comments], key=lambda piece: piece.start)
    prologue = PROLOGUE.match(text)
    at = prologue.end() if prologue else 0
    depth = 0
    has_words = False
    for piece in pieces:
        if piece.start < at:
            continue
        is_word = isinstance(piece, Tag) and not is_element(piece.name, piece.attributes)
        if is_word or text[at : piece.start].strip():
            if not depth:
                return False
            has_words = True
        at = piece.end
        if isinstance(piece, Comment) or is_word:
            continue
        if piece.closes:
            depth -= piece.pair is not None
        else:
            has_words = has_words or piece.name in ("img", "input")
            is_left_open = piece.name in UNCLOSED and (depth > 0 or not text[: piece.start].strip())
            depth += piece.name not in VOID and (piece.pair is not None or is_left_open)
    return depth > 0 if text[at:].strip() else has_words


def assumed(text: str, tags: Collection[Tag]) -> list[str]:
    """Return the tags that begin formatting, as written. ``tags``: those that are markup. Line breaks that touch the
    words before them, or end a line, stand as nobody types them into a sentence."""
    return [
        text[tag.start : tag.end] for tag in tags if not tag.closes and (tag.name != "br" or _is_in_sentence(text, tag))
    ]


def _is_in_sentence(text: str, tag: Tag) -> bool:
    before = text[max(tag.start - 1, 0) : tag.start]
    if before in ("", "\n", "\r"):
        return text[tag.end : tag.end + 1] == " "
    return before in _BEFORE_WORDS and not _ENDS_LINE.match(text, tag.end)
