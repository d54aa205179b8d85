"""Texts of the source → HTML that QA Sphere keeps: few tags, all visible words, no surprises (design §9).

Meaning never depends on tags that nobody has seen survive, so tables become lines and images become links.
"""

import html
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

from mappings.vocabulary import without_control
from migrator.core.model import RichText
from migrator.core.notes import NoteCode
from migrator.core.text import BLOCKS, TEXT, visible_text

ALLOWED = frozenset(["p", "br", "b", "strong", "i", "em", "u", "ul", "ol", "li", "a", "h4", "code", "pre"])
_SCHEMES = {"http", "https", "mailto"}
_DROPPED = frozenset(("script", "style", "template", "head", "title", "iframe", "object", "embed", "noscript"))
_NOTED = frozenset(("script", "iframe", "object", "embed"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_PARAGRAPHS = BLOCKS - _HEADINGS - {"br", "ul", "ol", "li", "pre", "table", "tbody", "thead", "tfoot", "tr", "td", "th"}
_TAG = re.compile(
    r"</?(?:p|br|b|i|u|s|em|strong|ul|ol|li|a|h[1-6]|code|pre|div|span|font|table|tr|td|th|tbody|thead|img|hr|dl|dt|dd|"
    r"blockquote|sub|sup|strike|del|ins|center|small|big|tt|script|style|html|body|o:p|st1:\w+|section|article|"
    r"label|input|iframe|object|embed|title|head|meta|link)(?:\s[^<>]*)?/?>|<!--",
    re.IGNORECASE,
)
_BREAKING = re.compile(
    r"<(?:p|br|div|ul|ol|li|table|tr|h[1-6]|pre|dl|dt|dd|blockquote|hr|section|article)\b", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_CLEANER = nh3.Cleaner(
    tags=set(ALLOWED), attributes={"a": {"href"}}, url_schemes=_SCHEMES, link_rel=None, strip_comments=True
)
_LONGEST_ORIGINAL = 2000


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that the text lost or that changed its shape; becomes a note of the item."""

    code: NoteCode
    original: str
    message: str


@dataclass(slots=True)
class SafeHtml:
    """HTML within the allow-list, and what it cost."""

    html: str
    losses: list[Loss] = field(default_factory=list)


def to_html(text: RichText) -> SafeHtml:
    """Return the text as HTML within the allow-list. Every visible word is kept, in order."""
    value = without_control(text.value)
    losses = []
    if value != text.value:
        losses.append(Loss(NoteCode.CONTROL_CHARACTERS, text.value, "control characters were removed"))
    if not value.strip():
        return SafeHtml("", losses)
    if text.markup == "plain":
        return SafeHtml(plain_to_html(value), losses)
    if text.markup == "detect" and not looks_like_html(value):
        # the vendor's editor writes entities even where there is no tag
        return SafeHtml(plain_to_html(_ENTITY.sub(lambda match: html.unescape(match.group()), value)), losses)
    writer = _Writer(losses)
    cleaned = _CLEANER.clean(writer.write(_with_breaks(value)))
    return SafeHtml(cleaned.strip() if visible_text(cleaned) else "", losses)


def looks_like_html(text: str) -> bool:
    """Return whether a text holds a tag that people or editors write; ``a < b`` is not one."""
    return _TAG.search(text) is not None


def plain_to_html(text: str) -> str:
    """Return plain text as paragraphs; single line breaks stay."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    paragraphs = [part.strip("\n") for part in re.split(r"\n[ \t]*\n", lines)]
    escaped = [html.escape(part, quote=False).replace("\n", "<br>") for part in paragraphs if part.strip()]
    return "".join(f"<p>{part}</p>" for part in escaped)


def _with_breaks(value: str) -> str:
    """Keep the line breaks of a text that has tags, but none that would break a line."""
    if "\n" not in value or _BREAKING.search(value):
        return value
    return value.replace("\r\n", "\n").strip("\n").replace("\n", "<br>")


class _Writer:
    """Walks the parsed document and writes it anew."""

    def __init__(self, losses: list[Loss]) -> None:
        self._losses = losses
        self._out: list[str] = []
        self._rows = 0

    def write(self, value: str) -> str:
        body = LexborHTMLParser(value).body
        # a node is opened, then its children follow, then the text that closes it
        waiting: list[LexborNode | str | None] = [] if body is None else list(reversed(_children(body)))
        while waiting:
            node = waiting.pop()
            if node is None:
                self._rows -= 1
            elif isinstance(node, str):
                self._out.append(node)
            else:
                waiting.extend(reversed(self._opened(node)))
        return "".join(self._out)

    def _opened(self, node: LexborNode) -> list[LexborNode | str | None]:
        """Write what opens a node; return what follows, in order."""
        name = node.tag or ""
        if name == TEXT:
            self._out.append(html.escape(node.text_content or "", quote=False))
            return []
        if name in _DROPPED:
            if name in _NOTED:
                self._lose(NoteCode.MARKUP_REMOVED, node.html or "", f"{name} was removed with its content")
            return []
        if name == "img":
            return [self._image(node)]
        if name == "a":
            return self._link(node)
        if name == "table":
            self._lose(NoteCode.TABLE_FLATTENED, node.html or "", "the table became lines")
        if name == "tr":
            return self._row(node)
        return self._element(name, node)

    def _element(self, name: str, node: LexborNode) -> list[LexborNode | str | None]:
        children = _children(node)
        if name == "br":
            return ["<br>"]
        if self._rows:
            return self._in_row(name, children)
        if name in _HEADINGS:
            return ["<h4>", *children, "</h4>"]
        if name in _PARAGRAPHS:
            return children if _has_block(node) else ["<p>", *children, "</p>"]
        if name in ALLOWED:
            return [f"<{name}>", *children, f"</{name}>"]
        return children

    def _in_row(self, name: str, children: list[LexborNode | str | None]) -> list[LexborNode | str | None]:
        """A row of a table is one paragraph, so nothing in it may begin another."""
        if name == "li":
            return ["<br>• ", *children]
        if name in BLOCKS:
            return [" ", *children, " "]
        return [f"<{name}>", *children, f"</{name}>"] if name in ALLOWED else list(children)

    def _row(self, row: LexborNode) -> list[LexborNode | str | None]:
        self._rows += 1
        following: list[LexborNode | str | None] = ["<br>" if self._rows > 1 else "<p>"]
        cells = [cell for cell in row.iter(include_text=True) if cell.tag != TEXT or (cell.text_content or "").strip()]
        for number, cell in enumerate(cells):
            following += [" | "] if number else []
            following.append(cell)
        return [*following, *(["</p>"] if self._rows == 1 else []), None]

    def _link(self, node: LexborNode) -> list[LexborNode | str | None]:
        address = (node.attributes.get("href") or "").strip()
        children = _children(node)
        if _scheme(address) in _SCHEMES:
            return [f'<a href="{html.escape(address)}">', *children, "</a>"]
        if not address or address.startswith("#"):
            return children
        self._lose(NoteCode.LINK_UNUSABLE, address, "the address leads nowhere outside the old system")
        shown = "" if _scheme(address) else f" ({html.escape(address, quote=False)})"
        return [*children, shown]

    def _image(self, node: LexborNode) -> str:
        source = (node.attributes.get("src") or "").strip()
        name = (node.attributes.get("alt") or "").strip() or _file_name(source) or "image"
        self._lose(NoteCode.IMAGE_LINKED, source, "the picture itself is not in the text")
        shown = html.escape(f"[image: {name}]", quote=False)
        if _scheme(source) in ("http", "https"):
            return f'<a href="{html.escape(source)}">{shown}</a>'
        return shown

    def _lose(self, code: NoteCode, original: str, message: str) -> None:
        self._losses.append(Loss(code, original[:_LONGEST_ORIGINAL], message))


def _children(node: LexborNode) -> list[LexborNode | str | None]:
    return list(node.iter(include_text=True))


def _has_block(node: LexborNode) -> bool:
    waiting = list(node.iter())
    while waiting:
        child = waiting.pop()
        if child.tag in BLOCKS and child.tag != "br":
            return True
        waiting.extend(child.iter())
    return False


def _scheme(address: str) -> str:
    try:
        return urlsplit(address).scheme.lower()
    except ValueError:
        return "unreadable"


def _file_name(address: str) -> str:
    if _scheme(address) == "data":
        return ""
    return address.split("?", maxsplit=1)[0].rstrip("/").rsplit("/", 1)[-1]
