"""How the items of a list are marked, when HTML without attributes would mark them otherwise."""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from mappings.text.numbers import SIGNS, STYLES
from mappings.text.styles import declarations

_NUMBER = re.compile(r"\s*([-+]?[0-9]{1,9})(?![0-9])")


@dataclass(slots=True)
class ListMarks:
    """Marks of one list. ``tag``: the list that is written; ``is_changed``: numbers stand as words in it."""

    tag: str
    is_changed: bool
    style: str = "decimal"
    next: int = 1
    step: int = 1

    def mark(self, item: LexborNode, *, in_row: bool) -> str:
        """Return the number of an item where it has to stand as words; ``in_row``: nothing else shows it there."""
        if not (self.is_changed or (in_row and self.tag == "ol")):
            return ""
        number = _whole(item.attributes.get("value"))
        number = self.next if number is None else number
        self.next = number + self.step
        return f"{STYLES[self.style](number)}. "


def marks_of(node: LexborNode) -> ListMarks:
    """Return how the items of ``ol`` or ``ul`` are marked."""
    attributes = node.attributes
    # an editor may lay other elements between a list and its items
    items = [item for child in node.iter() for item in ([child] if child.tag == "li" else _within(child))]
    style = _style_of(node, items)
    if style in SIGNS or (node.tag != "ol" and style not in STYLES):
        return ListMarks("ul", is_changed=False)
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
    return ListMarks("ul" if is_changed else "ol", is_changed, style, first, -1 if is_reversed else 1)


def _style_of(node: LexborNode, items: list[LexborNode]) -> str:
    for source in (node, *items[:1]):
        css = declarations(source.attributes.get("style") or "")
        named = css.get("list-style-type") or next(
            (word for word in css.get("list-style", "").split() if word in STYLES or word in SIGNS), ""
        )
        if named and (source is node or named != "none"):
            return named
    return node.attributes.get("type") or ""


def _within(wrapper: LexborNode) -> list[LexborNode]:
    return [item for item in wrapper.iter() if item.tag == "li"] if wrapper.tag not in ("ol", "ul") else []


def _whole(text: str | None) -> int | None:
    """Return the number that a value begins with, as browsers read it."""
    number = _NUMBER.match(text or "")
    return int(number[1]) if number else None
