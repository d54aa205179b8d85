"""Writes a parsed document anew, in few tags: every tag in the result is one that this module wrote."""

from collections.abc import Callable, Mapping
from functools import partial

from selectolax.lexbor import LexborHTMLParser, LexborNode

from mappings.text.addresses import Addresses
from mappings.text.boxes import box_of, input_as_words, is_shown_by_item
from mappings.text.colours import colours_lost
from mappings.text.elements import is_element
from mappings.text.formulas import formula_of
from mappings.text.lists import ListMarks, marks_of, styles_in_sheets
from mappings.text.output import BREAK, Looks, Output
from mappings.text.setting import Loss, Setting
from mappings.text.spans import Spans
from mappings.text.styles import look_of
from mappings.text.titles import ABBREVIATIONS, said_of
from mappings.text.told import addresses_told, value_told
from mappings.text.wording import hidden
from mappings.text.words import Around, write_text
from mappings.vocabulary import without_control
from migrator.core.notes import NoteCode
from migrator.core.text import BLOCKS, TEXT

TABLES = frozenset(("table", "thead", "tbody", "tr", "td", "th"))
_AT_ONCE = frozenset(("li", "td", "th", "tr"))
_DROPPED = frozenset(("script", "style", "template", "title", "iframe", "embed"))
# they show something that is no text
# formulas hold them beside what is shown
_UNSHOWN = frozenset(("annotation", "annotation-xml"))
_EMPTIED = frozenset(("audio", "canvas", "m:omath", "math", "object", "svg", "video"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_PARAGRAPHS = BLOCKS - _HEADINGS - TABLES - {"body", "br", "ul", "ol", "menu", "li", "pre", "tfoot"}

_Following = list["LexborNode | Callable[[], None]"]


class Writer:
    """Walks the parsed document and writes it anew."""

    def __init__(self, setting: Setting, losses: list[Loss]) -> None:
        self._keeps_tables = setting.tables
        self._losses = losses
        self._out = Output()
        self._around = Around()
        self._addresses = Addresses(setting, self._out, self._lose)
        self._lists: list[ListMarks] = []
        self._sheets: Mapping[str, str] = {}
        self._rows = 0
        self._spans: dict[int, Spans] = {}
        self._holding_blocks: frozenset[int] = frozenset()
        self._special: dict[str, Callable[[LexborNode], _Following]] = {
            "a": self._link, "img": self._picture, "v:imagedata": self._picture, "input": self._input,
            "textarea": self._area, "option": self._option, "optgroup": self._options, "br": self._break,
            "ul": self._list, "ol": self._list, "menu": self._list, "li": self._item, "pre": self._pre,
        }  # fmt: skip

    def write(self, value: str) -> str:
        """Return the document within the allow-list; what it loses is added to the losses."""
        root = LexborHTMLParser(value).root
        if root is None:
            return ""
        self._holding_blocks = _holding_blocks(root)
        self._sheets = styles_in_sheets(root)
        # a node is opened, then its children follow, then what closes it: documents nest deeper than Python may call
        waiting: _Following = [root]
        while waiting:
            node = waiting.pop()
            if isinstance(node, LexborNode):
                waiting.extend(reversed(self._open(node)))
            else:
                node()
        self._losses += colours_lost(value, root)
        return self._out.html()

    def _open(self, node: LexborNode) -> _Following:
        """Write what opens a node; return what follows, in order."""
        name = node.tag or ""
        if name == TEXT:
            write_text(node.text_content or "", self._around, self._out, self._lose)
        elif name == "title" and not (node.attributes or node.text().strip()):
            pass  # pages have one, and it says nothing
        elif name in _UNSHOWN and self._around.is_noted:
            pass  # the note of the formula holds it
        elif name in _DROPPED:
            code = NoteCode.MARKUP_OF_EDITORS if name == "style" else NoteCode.MARKUP_REMOVED
            self._lose(code, node.html or "", f"{name} was removed with its content")
        elif not name.startswith("-"):
            attributes = node.attributes
            if name == "br" and not attributes:
                return self._break(node)
            look = look_of(name, attributes)
            if not look.is_hidden:
                around = self._around
                self._around = around.within(look, node, self._lose)
                apart = self._apart("" if name in BLOCKS else look.lines, around.looks)
                following = self._element(name, node)
                if attributes:
                    following = [*self._valued(node), *following, *self._said(node)]
                return [*following, *apart, partial(self._back, around)]
            if node.text().strip() or node.css_first("a, img"):
                self._lose(NoteCode.HIDDEN_TEXT, node.html or "", "the source does not show this")
        return []

    def _apart(self, lines: str, looks: Looks) -> _Following:
        """Begin what stands in lines of its own, or apart; return what ends it."""
        if not lines:
            return []
        end: Callable[[], None] = self._out.part
        if lines == "cell":
            end = partial(self._out.blanks, " ", looks)
        end()
        return [end]

    def _back(self, around: Around) -> None:
        self._around = around

    def _element(self, name: str, node: LexborNode) -> _Following:
        if name in self._special:
            return self._special[name](node)
        if not (self._around.is_noted or is_element(name)):
            tag = f"{(node.html or '').partition('>')[0]}>"
            self._lose(NoteCode.MARKUP_OF_EDITORS, tag, "an element of a web page; its words are kept")
        if formula := formula_of(node):
            self._lose_markup(node, "the formula stands in one line")
            return [partial(self._words, formula)]
        if name in _EMPTIED:
            if self._around.is_noted:
                self._lose(NoteCode.MARKUP_REMOVED, f"<{name}>", "removed; words in it stay")
            else:
                self._lose_markup(node, f"{name} was removed; words in it stay")
        return self._table_part(name, node) if self._keeps_tables else self._flat_part(name, node)

    def _said(self, node: LexborNode) -> _Following:
        """Show what an abbreviation stands for; note what other elements say only to those who point at them."""
        if self._around.is_noted:
            return []
        told: _Following = [partial(self._words, f" ({address})") for address in addresses_told(node)]
        said = said_of(node)
        if said and node.tag in ABBREVIATIONS:
            return [*told, partial(self._words, f" ({said})")]
        if said:
            self._lose(NoteCode.HIDDEN_TEXT, said, "the source shows this to those who point at the element")
        return told

    def _valued(self, node: LexborNode) -> _Following:
        """Show the value or the state that only an attribute tells."""
        value = "" if self._around.is_noted else value_told(node)
        if not value:
            return []
        tag = f"{(node.html or '').partition('>')[0]}>"
        self._lose(NoteCode.FORMATTING_LOST, tag, f"what only an attribute tells stands as words: {value}")
        return [partial(self._words, f"{value} " if node.text().strip() else value)]

    def _words(self, words: str) -> None:
        self._out.words(hidden(without_control(words)), self._around.looks)

    def _block(self, name: str, node: LexborNode) -> _Following:
        children = _children(node)
        if self._rows:
            # a row of a table is one paragraph, so nothing in it may begin another
            if name in TABLES:
                return self._between(" ", children, " ")
            return [self._out.part, *children, self._out.part] if name in BLOCKS else children
        if name in _HEADINGS:
            return self._within("h4", children)
        if name not in _PARAGRAPHS:
            return children
        if node.mem_id not in self._holding_blocks:
            return self._within("p", children)
        return [self._out.part, *children, self._out.part]

    def _within(self, name: str, children: _Following) -> _Following:
        self._out.begin(name, at_once=name in _AT_ONCE)
        return [*children, self._out.end]

    def _between(self, before: str, children: _Following, behind: str) -> _Following:
        self._out.blanks(before, self._around.looks)
        return [*children, partial(self._out.blanks, behind, self._around.looks)]

    def _sign(self, html: str) -> None:
        self._out.sign(html, self._around.looks)

    # --- elements of their own ----------------------------------------------------------------------------------------

    def _break(self, _: LexborNode) -> _Following:
        self._out.words(BREAK, self._around.looks)
        return []

    def _pre(self, node: LexborNode) -> _Following:
        if self._rows:
            self._around = self._around.typed()
            return self._block("pre", node)
        self._around = self._around.as_code()
        return self._within("pre", _children(node))

    def _link(self, node: LexborNode) -> _Following:
        self._around, end = self._addresses.link(node, self._around)
        return [*_children(node), end]

    def _picture(self, node: LexborNode) -> _Following:
        self._addresses.picture(node, self._around.looks)
        sizes = node.attributes.get("srcset") or ""
        if sizes and (node.attributes.get("src") or "," in sizes):
            self._lose(NoteCode.MARKUP_OF_EDITORS, sizes, "the picture in other sizes, of which one is taken")
        # parsers put what stands behind <v:imagedata/> into it
        return _children(node)

    def _input(self, node: LexborNode) -> _Following:
        if (shown := input_as_words(node)) and not is_shown_by_item(node):
            self._lose(NoteCode.FORMATTING_LOST, node.html or "", f"the input field became {shown.strip()}")
            self._out.words(hidden(without_control(shown)), self._around.looks)
        return []

    def _area(self, node: LexborNode) -> _Following:
        return _children(node) if node.text() else self._input(node)

    def _option(self, node: LexborNode) -> _Following:
        mark = "(x) " if "selected" in node.attributes else "( ) "
        self._lose(NoteCode.FORMATTING_LOST, "" if self._around.is_noted else node.html or "", f"the option has {mark}")
        self._out.blanks(" ", self._around.looks)
        self._out.words(mark, self._around.looks)
        return _children(node)

    def _options(self, node: LexborNode) -> _Following:
        self._out.blanks(" ", self._around.looks)
        self._out.words(hidden(without_control(node.attributes.get("label") or "")), self._around.looks)
        return _children(node)

    def _list(self, node: LexborNode) -> _Following:
        marks = marks_of(node, self._sheets)
        if marks.is_changed:
            self._lose_markup(node, "the numbers stand as words", NoteCode.LIST_NUMBERS)
        elif marks.unknown:
            self._lose_markup(node, f"the source marks the items otherwise: {marks.unknown}", NoteCode.LIST_NUMBERS)
        self._lists.append(marks)
        following = self._block(marks.tag, node) if self._rows else self._within(marks.tag, _children(node))
        return [*following, self._end_list]

    def _end_list(self) -> None:
        self._lists.pop()

    def _item(self, node: LexborNode) -> _Following:
        mark = self._lists[-1].mark(node, in_row=self._rows > 0) if self._lists else ""
        if self._rows:
            self._sign(f"<br>{mark or '• '}{box_of(node)}")
            return _children(node)
        following = self._within("li", _children(node))
        if mark := mark + box_of(node):
            self._sign(mark)
        return following

    # --- tables -------------------------------------------------------------------------------------------------------

    def _flat_part(self, name: str, node: LexborNode) -> _Following:
        if name == "table":
            self._lose_markup(node, "the table became lines", NoteCode.TABLE_FLATTENED)
        return self._row(node) if name == "tr" else self._block(name, node)

    def _table_part(self, name: str, node: LexborNode) -> _Following:
        """Keep a table; what a server may not know of it becomes a part that it knows."""
        if name == "caption":
            self._out.begin("tr", at_once=True)
            return [*self._within("td", _children(node)), self._out.end]
        if name == "tr":
            return self._within("tr", self._cells(node, self._empty_cell))
        name = "tbody" if name == "tfoot" else name
        return self._within(name, _children(node)) if name in TABLES else self._block(name, node)

    def _row(self, row: LexborNode) -> _Following:
        self._rows += 1
        if self._rows > 1:
            self._sign("<br>")
        else:
            self._out.begin("p", at_once=True)
        return [*self._cells(row, partial(self._sign, " | "), between=True), self._end_row]

    def _cells(self, row: LexborNode, empty: Callable[[], None], *, between: bool = False) -> _Following:
        """Return the cells of a row, with one that is empty wherever another reaches in. ``between``: what writes it
        stands between all cells, too."""
        cells = [cell for cell in row.iter(include_text=True) if cell.tag != TEXT or (cell.text_content or "").strip()]
        part = row.parent.mem_id if row.parent else 0
        following: _Following = []
        for number, (cell, gap) in enumerate(
            zip(cells, self._spans.setdefault(part, Spans()).gaps(cells), strict=True)
        ):
            following += [empty] * (gap + (between and number > 0))
            following.append(cell)
        return following

    def _empty_cell(self) -> None:
        self._out.begin("td", at_once=True)
        self._out.end()

    def _end_row(self) -> None:
        self._rows -= 1
        if not self._rows:
            self._out.end()

    # --- losses -------------------------------------------------------------------------------------------------------

    def _lose_markup(self, node: LexborNode, message: str, code: NoteCode = NoteCode.MARKUP_REMOVED) -> None:
        """Note an element with all that it holds; of one within another the outer note holds all."""
        self._lose(code, "" if self._around.is_noted else node.html or "", message)
        self._around = self._around.noted()

    def _lose(self, code: NoteCode, original: str, message: str) -> None:
        self._losses.append(Loss(code, original, message))


def _children(node: LexborNode) -> _Following:
    return list(node.iter(include_text=True))


def _holding_blocks(root: LexborNode) -> frozenset[int]:
    """Return which nodes hold a block somewhere below, by their ids."""
    found: set[int] = set()
    for node in root.traverse():
        if node.tag in BLOCKS and node.tag != "br":
            above = node.parent
            while above is not None and above.mem_id not in found:
                found.add(above.mem_id)
                above = above.parent
    return frozenset(found)
