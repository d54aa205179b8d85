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
_FILE_LINK = re.compile(rf'<a href="{SCHEME}:file:([A-Za-z0-9%._~-]+)">(.*?)</a>', re.DOTALL)


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


def file_link(marker: str, words: str) -> str:
    """Return a link to a file; ``words`` are HTML."""
    return f'<a href="{symbol("file", marker)}">{words}</a>'


def without_links(html: str, is_lost: Callable[[str], bool], words: str) -> str:
    """Return the text with ``words`` (HTML) behind the text of each ``file_link`` to a lost file, instead of the link.

    ``is_lost`` is asked by marker.
    """
    return _FILE_LINK.sub(lambda match: f"{match[2]}{words}" if is_lost(unquote(match[1])) else match[0], html)
