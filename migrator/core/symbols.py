"""Symbolic addresses: how the HTML of a draft names a file or a case whose address in QA Sphere is not known yet.

A draft must be the same in every workspace, so it never holds an id or a URL of QA Sphere. Before it is sent, and
before it is compared with what QA Sphere gives back, every symbol is replaced by the address of the day.
"""

import re
from collections.abc import Callable, Iterator
from typing import Literal
from urllib.parse import quote, unquote

SymbolKind = Literal["file", "case"]
SCHEME = "qmig"
_SYMBOL = re.compile(SCHEME + r":(file|case):([A-Za-z0-9%._~-]+)")


def symbol(kind: SymbolKind, marker: str) -> str:
    """Return the symbolic address of an item; it needs no escaping in HTML."""
    return f"{SCHEME}:{kind}:{quote(marker, safe='')}"


def symbols_in(html: str) -> Iterator[tuple[SymbolKind, str]]:
    """Yield kind and marker of every symbolic address, in order."""
    for match in _SYMBOL.finditer(html):
        yield ("file" if match[1] == "file" else "case"), unquote(match[2])


def resolved(html: str, address_of: Callable[[SymbolKind, str], str]) -> str:
    """Return the text with every symbol replaced; ``address_of`` answers the address, escaped for HTML."""
    return _SYMBOL.sub(lambda match: address_of("file" if match[1] == "file" else "case", unquote(match[2])), html)
