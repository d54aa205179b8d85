"""Words that people see at the source only when they point at an element, or hear."""

from urllib.parse import unquote

from selectolax.lexbor import LexborNode

ABBREVIATIONS = frozenset(("abbr", "acronym", "dfn"))
"""Elements whose title is what they stand for."""
_SPOKEN = ("title", "aria-label")


def said_of(node: LexborNode) -> str:
    """Return what the attributes of an element say that nothing shows; empty without it."""
    attributes = node.attributes
    said = next((value for name in _SPOKEN if (value := (attributes.get(name) or "").strip())), "")
    if not said:
        return ""
    source = attributes.get("src") or ""
    shown = (node.text().strip(), attributes.get("alt"), attributes.get("href"), source, unquote(source).split("/")[-1])
    return "" if said in shown else said
