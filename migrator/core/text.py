"""The text that people see in a piece of HTML: what is compared, whatever a server does to the markup."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from html import unescape
from html.entities import html5
from typing import Literal
from urllib.parse import quote, unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "caption",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
"""Elements that separate words."""

UNSEEN = frozenset(("script", "style", "template", "head", "title", "noscript"))
"""Elements whose content is not shown."""

TEXT = "-text"
_SHORT = 4000


def visible_text(html: str) -> str:
    """Return the visible words of HTML (or of plain text), entities decoded, separated by single spaces."""
    if not html:
        return ""
    if "<" not in html and "&" not in html:
        return " ".join(html.split())
    return _short_words(html) if len(html) <= _SHORT else _words(html)


def _words(html: str) -> str:
    body = LexborHTMLParser(html).body
    return " ".join("".join(_pieces(body)).split()) if body else ""


# a text is looked at several times in a row: mapped, compared, fingerprinted
_short_words = lru_cache(maxsize=512)(_words)


def markup(html: str) -> str:
    """Return the words of HTML between the names of its elements, links with their targets: what people can format.

    Only for comparing a server's answer with an earlier one of the same server; what was sent may have been cleaned.
    """
    if "<" not in html:
        return ""
    return _short_markup(html) if len(html) <= _SHORT else _markup(html)


def _markup(html: str) -> str:
    body = LexborHTMLParser(html).body
    if body is None:
        return ""
    out: list[str] = []
    waiting: list[LexborNode | str] = [*reversed(list(body.iter(include_text=True)))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            out.append(node)
        elif node.tag == TEXT:
            out.append(" ".join((node.text_content or "").split()))
        else:
            target = node.attributes.get("href") or node.attributes.get("src") or ""
            out.append(f"<{node.tag} {target}>")
            waiting.append(f"</{node.tag}>")
            waiting.extend(reversed(list(node.iter(include_text=True))))
    return "".join(out)


_short_markup = lru_cache(maxsize=512)(_markup)


def _pieces(root: LexborNode) -> list[str]:
    """Walk with a list instead of recursion: documents nest deeper than Python may call."""
    pieces: list[str] = []
    waiting: list[LexborNode | str] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            pieces.append(node)
            continue
        name = node.tag
        if name == TEXT:
            pieces.append(node.text_content or "")
        elif name not in UNSEEN:
            children: list[LexborNode | str] = list(node.iter(include_text=True))
            if name in BLOCKS:
                children = [" ", *children, " "]
            waiting.extend(reversed(children))
    return pieces


_REFERENCE = re.compile(r"&(?:#[^;&\s]{1,8};?|[A-Za-z][A-Za-z0-9]{0,31}(?:;|(?![A-Za-z0-9=;])))")
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{0,31};?)(=?)")


def attribute_value(written: str) -> str:
    """Return the value of an attribute as browsers read it: ``&copy=3`` in an address is no copyright sign."""
    return _REFERENCE.sub(_character, written)


def _character(reference: re.Match[str]) -> str:
    return unescape(reference[0]) if reference[0][1] == "#" else html5.get(reference[0][1:], reference[0])


def without_stray_references(written: str) -> str:
    """Return text of HTML where only what was written as a character is one, as in attributes: within words, browsers
    take the beginning of ``&region=3`` for the registered sign."""
    return _NAMED.sub(_stray, written) if "&" in written else written


def _stray(reference: re.Match[str]) -> str:
    is_meant = reference[1] in html5 and (not reference[2] or reference[1].endswith(";"))
    return reference[0] if is_meant else f"&amp;{reference[0][1:]}"


# --- symbolic addresses ---
# Symbolic addresses: how the HTML of a draft names a file or a case whose address in QA Sphere is not known yet.
#
# A draft must be the same in every workspace, so it never holds an id or a URL of QA Sphere. Before it is sent, and
# before it is compared with what QA Sphere gives back, every symbol is replaced by the address of the day.

SymbolKind = Literal["file", "case"]
SCHEME = "qmig"
_SYMBOL = re.compile(SCHEME + r":(file|case):([A-Za-z0-9%._~-]+)")
_FILE_PICTURE = re.compile(rf'<img src="{SCHEME}:file:([A-Za-z0-9%._~-]+)"(?: alt="[^"]*")?> ?')
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


def with_links_replaced(html: str, instead: Callable[[str, str], str | None]) -> str:
    """Return the text with the links to some files replaced, and without the pictures that these would be.

    Args:
        html: a text of a draft.
        instead: asked with the marker of a file and the words of the link, answers the HTML for it; None: it stays.
    """

    def link(match: re.Match[str]) -> str:
        said = instead(unquote(match[1]), match[2])
        return match[0] if said is None else said

    def picture(match: re.Match[str]) -> str:
        return match[0] if instead(unquote(match[1]), "") is None else ""

    return _FILE_LINK.sub(link, _FILE_PICTURE.sub(picture, html))
