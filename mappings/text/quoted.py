"""Sources of pages that somebody quotes: empty elements, whole pages, indented pieces, attributes of programs."""

import re
from bisect import bisect_left
from collections.abc import Sequence

from mappings.text.elements import VOID
from mappings.text.evidence import Evidence
from mappings.text.mentions import is_in_sentence
from mappings.text.tags import Tag, attributes_in

_OF_PROGRAMS = re.compile(r"on[a-z]{3,}$|(?:v|x|ng|th|hx)-|[@#*:(\[]|[^:]*[{}]|classname$|htmlfor$|th:|\w+:\w+\.")
_OF_LOCATORS = re.compile(r"id|class|name|role|type|for|data-.*|aria-.*")
_PAGE = ("html", "body")
# known to HTML, and written by no editor around other elements
_OF_RECORDS = frozenset(
    ("data", "map", "meter", "object", "option", "output", "param", "progress", "source", "time", "track", "var")
)
_INDENTED_TAG = re.compile(r"\n[ \t]+<")


def is_of_programs(attributes: str) -> bool:
    """Return whether a tag has an attribute that no editor writes: ``onclick``, ``v-if``, ``(click)``, ``[href]``."""
    return any(
        _OF_PROGRAMS.match(name) is not None or value.startswith("{") for name, value in attributes_in(attributes)
    )


def quoted_ones(text: str, tags: Sequence[Tag], evidence: Evidence) -> frozenset[Tag]:
    """Return the tags that begin what a field quotes: all in them is words, too. ``evidence``: what says that an editor
    wrote the field. If its elements alone do, they are quoted where a sentence has them, or where they are a record."""
    if evidence == Evidence.SURE:
        return frozenset()
    empty = _empty_ones(text, tags)
    if evidence == Evidence.ENCLOSED:
        return frozenset(tag for tag in tags if (tag in empty and is_in_sentence(text, tag)) or _is_record(text, tag))
    indented = [match.start() for match in _INDENTED_TAG.finditer(text)]
    return frozenset(
        tag
        for tag in tags
        if tag.pair and not tag.closes and (tag in empty or tag.name in _PAGE or _is_piece(text, tag, indented))
    )


def _empty_ones(text: str, tags: Sequence[Tag]) -> set[Tag]:
    """Return the tags without attributes that begin an element in which nothing is but elements like it. What touches
    the word before it is what a sentence never does, and editors do: ``one<p></p>two``."""
    empty: set[Tag] = set()
    # since where nothing but empty elements and blanks stands
    since = at = 0
    for tag in tags:
        if text[at : tag.start].strip():
            since = tag.start
        at = tag.end
        if tag.name in VOID or tag.attributes or not (tag.pair and tag.known):
            since = at
        elif tag.closes and tag.pair and tag.pair.start >= since:
            touches = text[max(tag.pair.start - 1, 0) : tag.pair.start].isalnum()
            empty |= set() if touches or _is_blank_of_editors(text, tag.pair, tag) else {tag.pair}
    return empty


def _is_blank_of_editors(text: str, tag: Tag, pair: Tag) -> bool:
    """Return whether an editor laid an element around a blank: a person leaves none between two tags of that kind."""
    return tag.name in ("font", "span") and text[tag.end : pair.start].isspace()


def _is_record(text: str, tag: Tag) -> bool:
    """Return whether a tag begins XML whose names happen to be some of HTML: it holds nothing but other elements."""
    if tag.name not in _OF_RECORDS or tag.pair is None or tag.closes or "class=" in tag.attributes:
        return False
    inner = text[tag.end : tag.pair.start].strip()
    return inner.startswith("<") and inner.endswith(">")


def _is_piece(text: str, tag: Tag, indented: Sequence[int]) -> bool:
    """Return whether an element is an indented piece of a source, with what programs find it by. ``indented``: where
    lines end before an indented tag."""
    if tag.pair is None or not tag.attributes:
        return False
    first = bisect_left(indented, tag.end)
    names = [name for name, _ in attributes_in(tag.attributes)]
    return (
        first < len(indented)
        and indented[first] < tag.pair.start
        and all(map(_OF_LOCATORS.fullmatch, names))
        and text[max(tag.start - 1, 0) : tag.start] in ("", "\n", "\r")
    )
