"""Where elements stand as no editor lays them: a block within a paragraph, a cell within a cell, an item in no list."""

import re
from collections.abc import Mapping, Sequence

from mappings.text.elements import UNCLOSED, VOID
from mappings.text.tags import Tag
from migrator.core.text import BLOCKS

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_CELLS = frozenset(("td", "th", "caption"))
_ROWS = frozenset(("table", "thead", "tbody", "tfoot", "tr"))
_LISTS = frozenset(("ul", "ol", "menu"))
# the nearest of some elements around decides: name → those, which of them is wrong, and whether one has to be there
_Rule = tuple[frozenset[str], frozenset[str], bool]
_IN_TABLE = frozenset(("table",))
_RULES: Mapping[str, _Rule] = {
    "td": (_CELLS | _ROWS, _CELLS, False), "th": (_CELLS | _ROWS, _CELLS, False), "tr": (_CELLS | _ROWS, _CELLS, False),
    **dict.fromkeys(("thead", "tbody", "tfoot"), (_CELLS | _ROWS, _CELLS | _ROWS - _IN_TABLE, False)),
    **dict.fromkeys(("caption", "colgroup"), (_CELLS | _ROWS, _CELLS | _ROWS - _IN_TABLE, True)),
    "col": (_CELLS | _ROWS | {"colgroup"}, _CELLS | _ROWS - _IN_TABLE, True),
    "li": (_LISTS | {"li", "td", "th"}, frozenset(("li",)), False),
    **dict.fromkeys(("dt", "dd"), (frozenset(("dl", "dt", "dd")), frozenset(("dt", "dd")), True)),
    "optgroup": (frozenset(("select",)), frozenset(), True),
    **dict.fromkeys(_HEADINGS, (_HEADINGS | _CELLS, _HEADINGS, False)),
}  # fmt: skip
_PARAGRAPH: _Rule = (_CELLS | _ROWS | _LISTS | {"dl", "p"}, frozenset(("p",)), False)
_IN_PARAGRAPHS = BLOCKS - {"br", "body"}
# elements that keep together what stands in them, and what they begin with
_HOLDING = {
    **dict.fromkeys(_LISTS, ("li", *_LISTS)), "dl": ("dt", "dd", "div"), "select": ("option", "optgroup"),
    "table": ("caption", "col", "colgroup", "tbody", "tfoot", "thead", "tr"),
}  # fmt: skip
# no text is walked through for each of its elements
_FARTHEST = 100
_GOES_ON = re.compile(r"[.,;:!?)\]\"'`]|(?:[ \t\xa0]|&nbsp;)++[^\s<]")
_NEAR = 40


def misplaced_ones(tags: Sequence[Tag]) -> frozenset[Tag]:
    """Return the tags of elements that stand where no editor, and no page that a browser has read, has them."""
    found: set[Tag] = set()
    around: list[Tag] = []
    for tag in tags:
        while around and around[-1].pair and tag.start >= around[-1].pair.start:
            around.pop()
        if tag.closes or not tag.known:
            continue
        if (tag.name in _RULES and _breaks(_RULES[tag.name], around)) or (
            tag.name in _IN_PARAGRAPHS and _breaks(_PARAGRAPH, around)
        ):
            found.add(tag)
        if tag.pair and tag.name not in VOID:
            around.append(tag)
    return frozenset(found)


def _breaks(rule: _Rule, around: Sequence[Tag]) -> bool:
    asked, wrong, is_needed = rule
    nearest = next((tag.name for tag in around[: -_FARTHEST - 1 : -1] if tag.name in asked), "")
    return nearest in wrong or (is_needed and not nearest)


def holds_its_parts(tag: Tag, behind: Tag | None) -> bool:
    """Return whether an element begins with what it is for, such as a list with an item. ``behind``: the next tag."""
    parts = _HOLDING.get(tag.name, ())
    return behind is not None and not behind.closes and behind.name in parts


def lacks_its_parts(tag: Tag, behind: Tag | None) -> bool:
    """Return whether an element does not begin with what alone it is for."""
    return tag.name in _HOLDING and tag.pair is not None and not holds_its_parts(tag, behind)


def follows_its_like(text: str, tag: Tag) -> bool:
    """Return whether nothing is between an element and one before it that ends with it: ``<td><td></td>``."""
    before = tag.before
    if before is None or before.closes or before.pair or not tag.pair or before.name not in UNCLOSED:
        return False
    return (tag.name == before.name or {tag.name, before.name} <= _CELLS) and not text[before.end : tag.start].strip()


def is_amid_words(text: str, tag: Tag) -> bool:
    """Return whether a sentence goes on behind an element, and has a blank between it and a word before."""
    before = text[max(tag.start - _NEAR, 0) : tag.start]
    word = before.rstrip(" \t\xa0").removesuffix("&nbsp;")
    if word == before or word[-1:] in ("", ">", "\n", "\r"):
        return False
    return _GOES_ON.match(text, (tag.pair or tag).end) is not None
