"""Small pieces of HTML that the mapping writes itself."""

import html
from collections.abc import Sequence

from migrator.core.text import SCHEME

_OURS = f"{SCHEME}:"
_ESCAPED = f"{SCHEME}&#58;"
_COLON = "\ufdd0"


def escaped(text: str) -> str:
    """Return text for HTML. A symbolic address that stands in a text of the source is a text, never a symbol."""
    return html.escape(text, quote=False).replace(_OURS, _ESCAPED)


def hidden(text: str, *, quote: bool = False) -> str:
    """Return text for HTML that is going to be parsed and written anew, where ``escaped`` would not last.

    Every colon is another code point meanwhile, one that the mapping removes from all texts: what stands in several
    pieces at the source may be joined before it is done. ``quote``: for an attribute.
    """
    if text.isalnum():  # most words, and nothing in them to escape
        return text
    return html.escape(text, quote=quote).replace(":", _COLON)


def revealed(markup: str) -> str:
    """Return HTML with what ``hidden`` wrote as ``escaped`` would have written it."""
    return markup.replace(SCHEME + _COLON, _ESCAPED).replace(_COLON, ":")


def foreign(address: str) -> str:
    """Return an address of the source for an attribute; it cannot be taken for a symbolic one, wherever it says so."""
    return html.escape(address.replace(_OURS, f"{SCHEME}%3A"))


def fact(name: str, value: str) -> str:
    """Return a named value; the value is HTML, the name is text."""
    return f"<strong>{escaped(name)}:</strong> {value}"


def listed(heading: str, lines: Sequence[str]) -> str:
    """Return lines of HTML as a list under a heading."""
    return f"<h4>{escaped(heading)}</h4><ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>"
