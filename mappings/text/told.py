"""What only attributes tell, and nothing shows: addresses of what is quoted or embedded, values, boxes."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from mappings.text.boxes import is_shown_by_item, role_as_words

_OF_THE_WEB = re.compile(r"\s*+https?://[^\s<>]++\s*+", re.IGNORECASE)
# they name kinds of things, or repeat what the editor wrote elsewhere
_KINDS = re.compile(r"xmlns.*|item.*|vocab|typeof|profile|style|class|srcset|data-(?:mce|cke)-.*")
# what has an address writes it itself, and is noted with all its attributes
_WITH_ADDRESSES = frozenset((
    "a", "area", "audio", "base", "canvas", "embed", "iframe", "img", "link", "meta", "object", "source", "track",
    "v:imagedata", "video",
))  # fmt: skip
_VALUE = "data-value"


def has_address(tag: str, attribute: str, value: str) -> bool:
    """Return whether an attribute leads somewhere, though browsers offer no link there: ``<blockquote cite=…>``."""
    return tag not in _WITH_ADDRESSES and not _KINDS.fullmatch(attribute) and _OF_THE_WEB.fullmatch(value) is not None


def addresses_told(node: LexborNode) -> Iterator[str]:
    """Yield the addresses that an element names and does not show."""
    for name, value in node.attributes.items():
        if value and has_address(node.tag or "", name, value) and value.strip() not in node.text():
            yield value.strip()


def value_told(node: LexborNode) -> str:
    """Return what an empty element stands for, as editors write formulas and people's names, or the state of a box."""
    if box := role_as_words(node):
        return "" if is_shown_by_item(node) else box
    value = (node.attributes.get(_VALUE) or "").strip()
    return value if value and not (node.text().strip() or node.css_first("img, input")) else ""
