"""Writes a parsed document anew, in few tags: every tag in the result is one that this module wrote."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from mappings.files import Files, address_of
from mappings.text.wording import foreign, hidden
from mappings.vocabulary import scheme_of, without_control
from migrator.core.notes import NoteCode
from migrator.core.text import BLOCKS, TEXT, symbol

ALLOWED = frozenset(["p", "br", "b", "strong", "i", "em", "u", "ul", "ol", "li", "a", "h4", "code", "pre"])
TABLES = frozenset(["table", "thead", "tbody", "tr", "td", "th"])
IMAGES = frozenset(["img"])
SCHEMES = frozenset(["http", "https", "mailto"])
_DROPPED = frozenset(("script", "style", "template", "head", "title", "iframe", "object", "embed", "noscript"))
_NOTED = frozenset(("script", "iframe", "object", "embed"))
# they show something that is no text
_EMPTIED = frozenset(("input", "video", "audio", "canvas", "svg", "math"))
# without them a text may mean something else: 10² is not 102
_MEANINGFUL = frozenset(("sup", "sub", "s", "strike", "del"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_PARAGRAPHS = BLOCKS - _HEADINGS - {"br", "ul", "ol", "li", "pre", "table", "tbody", "thead", "tfoot", "tr", "td", "th"}
_PICTURES = frozenset(("img", "v:imagedata"))
_LONGEST_ORIGINAL = 2000


@dataclass(frozen=True, slots=True)
class Setting:
    """What a text stands in. ``files``: takes up the pictures of the text; None: they stay addresses. ``cases``:
    address of a test case at the source → its marker. ``images``, ``tables``: they survive in QA Sphere."""

    files: Files | None = None
    cases: Mapping[str, str] = field(default_factory=dict)
    images: bool = False
    tables: bool = False


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that the text lost or that changed its shape; becomes a note of the item."""

    code: NoteCode
    original: str
    message: str


@dataclass(frozen=True, slots=True)
class _End:
    """The end of an element. ``start``: where it begins in the output; ``seen``: how much was visible by then."""

    name: str
    start: int
    seen: int


_Following = list["LexborNode | str | _End"]


class Writer:
    """Walks the parsed document and writes it anew."""

    def __init__(self, setting: Setting, losses: list[Loss]) -> None:
        self._setting = setting
        self._losses = losses
        self._out: list[str] = []
        self._seen = 0
        self._rows = 0
        self._behind: list[str] | None = None

    def write(self, value: str) -> str:
        """Return the document within the allow-list; what it loses is added to the losses."""
        body = LexborHTMLParser(value).body
        # a node is opened, then its children follow, then what closes it
        waiting: _Following = [] if body is None else list(reversed(_children(body)))
        while waiting:
            node = waiting.pop()
            if isinstance(node, _End):
                self._close(node)
            elif isinstance(node, str):
                self._out.append(node)
            else:
                waiting.extend(reversed(self._opened(node)))
        return "".join(self._out)

    def _opened(self, node: LexborNode) -> _Following:
        """Write what opens a node; return what follows, in order."""
        name = node.tag or ""
        if name == TEXT:
            self._text(node.text_content or "")
            return []
        if name in _DROPPED:
            if name in _NOTED:
                self._lose(NoteCode.MARKUP_REMOVED, node.html or "", f"{name} was removed with its content")
            return []
        if name in _EMPTIED:
            self._lose(NoteCode.MARKUP_REMOVED, node.html or "", f"{name} was removed; words in it stay")
        if name in _MEANINGFUL:
            self._lose(NoteCode.FORMATTING_LOST, node.html or "", f"{name} is not kept; its words are")
        if name in _PICTURES:
            return [self._image(node)]
        if name == "a":
            return self._link(node)
        return self._table_part(name, node) if self._setting.tables else self._flat_part(name, node)

    def _flat_part(self, name: str, node: LexborNode) -> _Following:
        if name == "table":
            self._lose(NoteCode.TABLE_FLATTENED, node.html or "", "the table became lines")
        return self._row(node) if name == "tr" else self._element(name, node)

    def _text(self, text: str) -> None:
        self._seen += bool(text.strip())
        self._out.append(hidden(without_control(text)))

    def _element(self, name: str, node: LexborNode) -> _Following:
        children = _children(node)
        if name == "br":
            self._seen += 1
            return ["<br>"]
        if self._rows:
            return self._in_row(name, children)
        if name in _HEADINGS:
            return self._within("h4", children)
        if name in _PARAGRAPHS:
            return children if _has_block(node) else self._within("p", children)
        if name in ALLOWED:
            return self._within(name, children)
        return children

    def _within(self, name: str, children: _Following) -> _Following:
        end = _End(name, len(self._out), self._seen)
        self._out.append(f"<{name}>")
        return [*children, end]

    def _close(self, end: _End) -> None:
        """Close an element, or take it out when nothing in it can be seen, as editors leave thousands of them."""
        if end.name == "row":
            self._rows -= 1
        elif end.name == "a":
            self._out += ["</a>", *(self._behind or [])]
            self._behind = None
        elif self._seen == end.seen and end.name not in ("li", "td", "th", "tr"):
            blank = end.name in BLOCKS or len(self._out) > end.start + 1
            del self._out[end.start :]
            if blank and not (self._out and self._out[-1].endswith(" ")):
                self._out.append(" ")
        else:
            self._out.append(f"</{end.name}>")

    # --- tables -------------------------------------------------------------------------------------------------------

    def _table_part(self, name: str, node: LexborNode) -> _Following:
        """Keep a table; what a server may not know of it becomes a part that it knows."""
        if name == "caption":
            return ["<tr><td>", *_children(node), "</td></tr>"]
        name = "tbody" if name == "tfoot" else name
        return self._within(name, _children(node)) if name in TABLES else self._element(name, node)

    def _in_row(self, name: str, children: _Following) -> _Following:
        """A row of a table is one paragraph, so nothing in it may begin another."""
        if name == "li":
            return ["<br>• ", *children]
        if name in BLOCKS:
            return [" ", *children, " "]
        return self._within(name, children) if name in ALLOWED else children

    def _row(self, row: LexborNode) -> _Following:
        self._rows += 1
        following: _Following = ["<br>" if self._rows > 1 else "<p>"]
        cells = [cell for cell in row.iter(include_text=True) if cell.tag != TEXT or (cell.text_content or "").strip()]
        for number, cell in enumerate(cells):
            following += [" | "] if number else []
            following.append(cell)
        return [*following, *(["</p>"] if self._rows == 1 else []), _End("row", 0, 0)]

    # --- addresses ----------------------------------------------------------------------------------------------------

    def _link(self, node: LexborNode) -> _Following:
        address = (node.attributes.get("href") or "").strip()
        children = _children(node)
        if not address or address.startswith("#") or self._behind is not None:
            return children
        target = self._target(address)
        if target:
            self._seen += 1
            self._behind = []
            return [f'<a href="{target}">', *children, _End("a", 0, 0)]
        self._lose(NoteCode.LINK_UNUSABLE, address, "the address leads nowhere outside the old system")
        return [*children, "" if scheme_of(address) else f" ({hidden(address)})"]

    def _target(self, address: str) -> str:
        """Return where a link leads in QA Sphere, ready for an attribute; empty when it leads nowhere."""
        case = self._setting.cases.get(address)
        if case:
            return escape(symbol("case", case))
        if scheme_of(address) == "data" and self._setting.files:
            file = self._setting.files.data(address)
            return escape(address_of(file)) if file else ""
        if address.startswith("//"):
            address = f"https:{address}"
        return foreign(address) if scheme_of(address) in SCHEMES else ""

    def _image(self, node: LexborNode) -> str:
        source = (node.attributes.get("src") or "").strip()
        name = (node.attributes.get("alt") or "").strip() or _file_name(source) or "image"
        shown = hidden(without_control(f"[image: {name}]"))
        self._seen += 1
        file = self._setting.files.picture(source) if self._setting.files else None
        if file is None:
            self._lose(NoteCode.IMAGE_LINKED, source, "the picture itself is not in the text")
            return self._linked(foreign(source), shown) if scheme_of(source) in ("http", "https") else shown
        if not self._setting.images:
            self._lose(NoteCode.IMAGE_LINKED, source, f"the picture is the file {file.name}, linked where it stood")
        address = escape(address_of(file))
        picture = f'<img src="{address}" alt="{hidden(name, quote=True)}"> ' if self._setting.images else ""
        return picture + self._linked(address, shown)

    def _linked(self, address: str, shown: str) -> str:
        """Return a link; within a link, where there can be no other, it follows behind."""
        if self._behind is None:
            return f'<a href="{address}">{shown}</a>'
        self._behind.append(f' <a href="{address}">(picture)</a>')
        return shown

    def _lose(self, code: NoteCode, original: str, message: str) -> None:
        self._losses.append(Loss(code, original[:_LONGEST_ORIGINAL], message))


def _children(node: LexborNode) -> _Following:
    return list(node.iter(include_text=True))


def _has_block(node: LexborNode) -> bool:
    waiting = list(node.iter())
    while waiting:
        child = waiting.pop()
        if child.tag in BLOCKS and child.tag != "br":
            return True
        waiting.extend(child.iter())
    return False


def _file_name(address: str) -> str:
    if scheme_of(address) == "data":
        return ""
    return address.split("?", maxsplit=1)[0].rstrip("/").rsplit("/", 1)[-1]
