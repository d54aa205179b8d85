"""Words that people see at the source only when they point at an element, or hear."""

from urllib.parse import unquote

from selectolax.lexbor import LexborNode

ABBREVIATIONS = frozenset(("abbr", "acronym", "dfn"))
"""Elements whose title is what they stand for."""
_SPOKEN = ("title", "aria-label")
_WITH_ALT = frozenset(("img", "v:imagedata"))


def said_of(node: LexborNode) -> str:
    """Return what the attributes of an element say that nothing shows; empty without it."""
    attributes = node.attributes
    # of a picture the writer shows it
    alt = attributes.get("alt") if node.tag in _WITH_ALT else None
    names = _SPOKEN if node.tag in _WITH_ALT else (*_SPOKEN, "alt")
    said = next((value for name in names if (value := (attributes.get(name) or "").strip())), "")
    if not said:
        return ""
    source = attributes.get("src") or ""
    shown = (node.text().strip(), alt, attributes.get("href"), source, unquote(source).split("/")[-1])
    return "" if said in shown else said
