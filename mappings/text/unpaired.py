"""Tags that may be words because an end is missing: of two paragraphs with one end, nobody knows which was typed."""

import re
from collections.abc import Sequence

from mappings.text.elements import KNOWN, VOID
from mappings.text.tags import Tag
from migrator.core.text import BLOCKS

_BLANK = re.compile(r"(?:[ \t\xa0]|&nbsp;|&#160;|&#xa0;)++", re.IGNORECASE)
_ENDS = (".", "!", "?", ">")
_BOUNDARIES = BLOCKS - {"br"}


def unpaired_ones(text: str, tags: Sequence[Tag]) -> frozenset[Tag]:
    """Return the tags without attributes that stand as words do, where an end is missing.

    Args:
        text: as it came.
        tags: those that are markup, in order.
    """
    found: set[Tag] = set()
    lacking: set[str] = set()
    around: list[Tag] = []
    has_words = False
    at = 0
    for tag in tags:
        has_words = _has_words(text[at : tag.start], before=has_words)
        at = tag.end
        while around and around[-1].pair and tag.start >= around[-1].pair.start:
            around.pop()
        if not tag.closes and tag.name in KNOWN - VOID:
            lacks_end = tag.pair is None or tag.name in lacking or _crosses(tag, around)
            if lacks_end and not tag.attributes and _is_like_word(text, tag, has_words=has_words):
                found.add(tag)
            if tag.pair:
                around.append(tag)
            else:
                lacking.add(tag.name)
        has_words = has_words and tag.name not in _BOUNDARIES
    return frozenset(found)


def _has_words(between: str, *, before: bool) -> bool:
    """Return whether words stand in the line that ends there. ``before``: whether some stood in it already."""
    line = re.split(r"[\r\n]", between)
    return bool(_BLANK.sub("", line[-1])) or (before and len(line) == 1)


def _crosses(tag: Tag, around: Sequence[Tag]) -> bool:
    """Return whether an element ends behind the one that it begins in."""
    end = around[-1].pair if around else None
    return tag.pair is not None and end is not None and tag.pair.start > end.start


def _is_like_word(text: str, tag: Tag, *, has_words: bool) -> bool:
    """Return whether a tag stands in a line as a word may, and no line begins with it. What touches the words on both
    sides is what old editors write: ``one<p>two``. ``has_words``: some stand before it in its line."""
    before, behind = text[max(tag.start - 1, 0) : tag.start], text[tag.end : tag.end + 2]
    begins_words = behind != "</" and (behind[:1].isalnum() or behind[:1] == "<")
    if has_words:
        touches = before.isalnum() or (before in _ENDS and behind[:1].isalnum())
        return not (begins_words and touches)
    return not (begins_words or behind[:1] in ("\r", "\n", "&"))
