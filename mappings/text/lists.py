"""How the items of a list are marked, when HTML without attributes would mark them otherwise."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from mappings.text.numbers import SIGNS, STYLES
from mappings.text.styles import declarations

_IN_QUOTES = re.compile(r"""list-style(?:-type)?\s*:[^;"']*+(?:"([^"]*+)"|'([^']*+)')""", re.IGNORECASE)
# words of every property, and of lists what gives no sign
_NO_SIGN = frozenset(("inherit", "initial", "unset", "revert", "revert-layer", "inside", "outside"))
_NUMBER = re.compile(r"\s*([-+]?[0-9]{1,9})(?![0-9])")
_LEVEL = re.compile(r"\bql-indent-([1-9])\b")
_BY_LEVEL = ("decimal", "lower-alpha", "lower-roman")
_INDENT = "\xa0" * 4


@dataclass(slots=True)
class ListMarks:
    """Marks of one list.

    Args:
        tag: the list that is written.
        is_changed: numbers stand as words in it.
        levels: how far each level has been counted, where one list holds several.
        sign: what stands before every item, with a blank; empty: numbers do.
        unknown: a style that is noted, since nothing here counts like it.
    """

    tag: str
    is_changed: bool
    style: str = "decimal"
    next: int = 1
    step: int = 1
    levels: list[int] = field(default_factory=list)
    sign: str = ""
    unknown: str = ""

    def mark(self, item: LexborNode, *, in_row: bool) -> str:
        """Return the number of an item where it has to stand as words; ``in_row``: nothing else shows it there."""
        if not (self.is_changed or (in_row and self.tag == "ol")):
            return ""
        if self.levels:
            return "" if _is_bullet(item) else self._mark_of_level(_level(item))
        number = _whole(item.attributes.get("value"))
        number = self.next if number is None else number
        self.next = number + self.step
        return self.sign or f"{STYLES[self.style](number)}. "

    def _mark_of_level(self, level: int) -> str:
        """Count as an editor does that writes all levels into one list, and shows them by a class."""
        self.levels = [*self.levels[: level + 1], *([0] * (level + 1 - len(self.levels)))]
        self.levels[level] += 1
        style = _BY_LEVEL[level % len(_BY_LEVEL)]
        return f"{_INDENT * level}{STYLES[style](self.levels[level])}. "


def styles_in_sheets(root: LexborNode) -> Mapping[str, str]:
    """Return how the style sheets of a document mark all lists, or all items, by the names of the elements."""
    found: dict[str, str] = {}
    for sheet in root.css("style"):
        for rule in sheet.text().lower().split("}"):
            selectors, _, body = rule.partition("{")
            if "list-style" in body and (named := _named(declarations(body))):
                found |= dict.fromkeys(map(str.strip, selectors.split(",")), named)
    return found


def marks_of(node: LexborNode, sheets: Mapping[str, str]) -> ListMarks:
    """Return how the items of ``ol`` or ``ul`` are marked. ``sheets``: what style sheets say of all."""
    attributes = node.attributes
    # an editor may lay other elements between a list and its items
    items = [item for child in node.iter() for item in ([child] if child.tag == "li" else _within(child))]
    if found := _IN_QUOTES.search(attributes.get("style") or ""):
        return ListMarks("ul", is_changed=True, sign=f"{(found[1] or found[2] or '').strip()} ".lstrip())
    style = _style_of(node, items) or sheets.get("li") or sheets.get(node.tag or "") or _type_of(node, items)
    if style in SIGNS or (node.tag != "ol" and style not in STYLES):
        return ListMarks("ul", is_changed=False, unknown=_unknown(style))
    if items and all(map(_is_bullet, items)):
        return ListMarks("ul", is_changed=False)
    if any(map(_level, items)):
        return ListMarks("ul", is_changed=True, levels=[0])
    unknown = _unknown(style)
    style = style if style in STYLES else "decimal"
    is_reversed = "reversed" in attributes
    start = _whole(attributes.get("start"))
    first = start if start is not None else len(items) if is_reversed else 1
    is_changed = (
        is_reversed
        or first != 1
        or STYLES[style](1) != "1"
        or any(
            (value := _whole(item.attributes.get("value"))) is not None and value != number
            for number, item in enumerate(items, start=1)
        )
    )
    step = -1 if is_reversed else 1
    return ListMarks("ul" if is_changed else "ol", is_changed, style, first, step, unknown=unknown)


def _unknown(style: str) -> str:
    return "" if style in STYLES or style in SIGNS or style in _NO_SIGN else style


def _style_of(node: LexborNode, items: list[LexborNode]) -> str:
    for source in (node, *items[:1]):
        named = _named(declarations(source.attributes.get("style") or ""))
        if named and (source is node or named != "none"):
            return named
    return ""


def _named(css: Mapping[str, str]) -> str:
    return css.get("list-style-type") or next(
        (word for word in css.get("list-style", "").split() if word in STYLES or word in SIGNS), ""
    )


def _type_of(node: LexborNode, items: list[LexborNode]) -> str:
    return node.attributes.get("type") or (items[0].attributes.get("type") if items else "") or ""


def _within(wrapper: LexborNode) -> list[LexborNode]:
    return [item for item in wrapper.iter() if item.tag == "li"] if wrapper.tag not in ("ol", "ul") else []


def _level(item: LexborNode) -> int:
    found = _LEVEL.search(item.attributes.get("class") or "")
    return int(found[1]) if found else 0


def _is_bullet(item: LexborNode) -> bool:
    return item.attributes.get("data-list") == "bullet"


def _whole(text: str | None) -> int | None:
    """Return the number that a value begins with, as browsers read it."""
    number = _NUMBER.match(text or "")
    return int(number[1]) if number else None
