"""Small pieces of HTML that the mapping writes itself."""

import html
from collections.abc import Sequence

from migrator.core.symbols import SCHEME

_OURS = f"{SCHEME}:"
_HIDDEN = f"{SCHEME}\ufdd0"
_ESCAPED = f"{SCHEME}&#58;"


def escaped(text: str) -> str:
    """Return text for HTML. A symbolic address that stands in a text of the source is a text, never a symbol."""
    return html.escape(text, quote=False).replace(_OURS, _ESCAPED)


def hidden(text: str) -> str:
    """Return text for HTML that is going to be parsed and written anew, where ``escaped`` would not last.

    The stand-in for the colon is a code point that no text may hold and that the mapping removes from every text.
    """
    return html.escape(text, quote=False).replace(_OURS, _HIDDEN)


def revealed(markup: str) -> str:
    """Return HTML with what ``hidden`` wrote as ``escaped`` would have written it."""
    return markup.replace(_HIDDEN, _ESCAPED)


def foreign(address: str) -> str:
    """Return an address of the source for an attribute; it cannot be taken for a symbolic one, wherever it says so."""
    return html.escape(address.replace(_OURS, f"{SCHEME}%3A"))


def fact(name: str, value: str) -> str:
    """Return a named value; the value is HTML, the name is text."""
    return f"<strong>{escaped(name)}:</strong> {value}"


def listed(heading: str, lines: Sequence[str]) -> str:
    """Return lines of HTML as a list under a heading."""
    return f"<h4>{escaped(heading)}</h4><ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>"
