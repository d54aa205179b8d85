"""Which tags show nothing in QA Sphere, neither looks nor lines nor words, though somebody may have typed them."""

import re
from collections.abc import Sequence

from mappings.text.elements import ISLANDS, KNOWN, OFFICE, RAW, VOID
from mappings.text.evidence import Evidence, has_looks
from mappings.text.mentions import is_in_sentence
from mappings.text.tags import Tag

# voids and cells show themselves, the others are noted as a whole
_SEEN_ANYWAY = (
    (RAW - {"head", "noscript"}) | ISLANDS | OFFICE
    | frozenset((
        "audio", "br", "canvas", "caption", "col", "colgroup", "embed", "google-sheets-html-origin", "hr", "img",
        "input", "meta", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "video", "wbr",
    ))
)  # fmt: skip
# they have marks of their own
_SEEN_EMPTY = frozenset(("dd", "dt", "li", "option"))
_SEEN_BY_WORDS = _SEEN_EMPTY | frozenset((
    "b", "blockquote", "code", "del", "div", "dl", "em", "h1", "h2", "h3", "h4", "h5", "h6",
    "i", "ins", "kbd", "menu", "ol", "optgroup", "p", "pre", "q", "s", "samp", "select", "strike", "strong", "sub",
    "sup", "tt", "u", "ul",
))  # fmt: skip
# editors write them everywhere, with all kinds of attributes or none
_COMMON = frozenset(("a", "font", "span"))
_SIZED = frozenset(("big", "center", "small"))
_OF_PAGES = frozenset(("html", "head", "body"))
# shown, or noted
_SAID = re.compile(r"(?:^|\s)(?:title|aria-label)\s*=")
_ADDRESS = re.compile(r"""\bhref\s*=\s*["']?[^"'#\s]""")
_LOCATOR = re.compile(r"(?:^|\s)(?:class|for|id|name|role|data-[\w-]+)\s*=")
_MARKED = frozenset(("a", "h1", "h2", "h3", "h4", "h5", "h6"))
_PAGE = re.compile(r"\s*<!doctype\b", re.IGNORECASE)
_BEGIN_OF_PAGE = re.compile(r"\s*<(?:!doctype|html|head|body|meta|\?xml)\b", re.IGNORECASE)
_CLASS_OF_EDITORS = re.compile(
    r"""class\s*=\s*["']?(?:apple|cke|fr|image|marker|mce|mention|mso|pen|ql|table|text-(?:tiny|small|big|huge)|tiptap|todo)"""
)


def untraced(text: str, tags: Sequence[Tag], evidence: Evidence) -> list[str]:
    """Return the tags that show nothing, as written.

    Args:
        text: as it came.
        tags: those that are markup, in order.
        evidence: what says that an editor wrote the text; one that certainly did leaves much behind.
    """
    empty = _empty_ones(text, tags)
    found = _unseen_when_sure if evidence == Evidence.SURE else _unseen
    return [
        text[tag.start : tag.end]
        for tag in tags
        if not (tag.closes or tag.unclosed or tag.name in _SEEN_ANYWAY or tag.name not in KNOWN)
        and not (has_looks(tag) or _SAID.search(tag.attributes) or _CLASS_OF_EDITORS.search(tag.attributes))
        and found(text, tag, is_empty=tag in empty)
    ]


def _unseen(text: str, tag: Tag, *, is_empty: bool) -> bool:
    """Return whether a tag, or what it is found by, shows nothing in a text that may be a source."""
    if tag.name in _OF_PAGES:
        return _PAGE.match(text) is None
    if _is_found_by(text, tag):
        return True
    if tag.name == "a":
        return _ADDRESS.search(tag.attributes) is None and is_in_sentence(text, tag)
    if tag.name == "span":
        return is_in_sentence(text, tag)
    if tag.name == "div" and not is_empty:
        return False
    return (is_empty and tag.name != "p") or tag.name not in _SEEN_BY_WORDS


def _is_found_by(text: str, tag: Tag) -> bool:
    """Return whether programs find a tag by its attributes. Editors have bookmarks, and give all headings ids."""
    if not _LOCATOR.search(tag.attributes):
        return False
    return tag.name == "span" or is_in_sentence(text, tag) or not (tag.name in _MARKED or "class=" in tag.attributes)


def _unseen_when_sure(text: str, tag: Tag, *, is_empty: bool) -> bool:
    """Return whether a tag shows nothing that no editor leaves behind."""
    if tag.name in _OF_PAGES:
        return _BEGIN_OF_PAGE.match(text) is None
    if tag.name in _SEEN_BY_WORDS | _COMMON:
        return is_empty and not tag.attributes and is_in_sentence(text, tag)
    return not (tag.name in _SIZED or "class=" in tag.attributes) or is_in_sentence(text, tag)


def _empty_ones(text: str, tags: Sequence[Tag]) -> set[Tag]:
    """Return the tags of elements in which nothing can be seen."""
    empty: set[Tag] = set()
    # where the last thing ends that can be seen
    seen = at = 0
    for tag in tags:
        if text[at : tag.start].strip():
            seen = tag.start
        at = tag.end
        if tag.name in VOID | _SEEN_EMPTY:
            seen = at
        elif tag.closes and tag.pair and tag.pair.end >= seen:
            empty.add(tag.pair)
    return empty
