"""Check boxes and other input fields as words."""

from selectolax.lexbor import LexborNode

_TICKED = {"checkbox": ("[ ]", "[x]"), "radio": ("( )", "(x)")}
# between an item and its box
_LEVELS = 3
_OF_ITEMS = {"true": "[x] ", "checked": "[x] ", "false": "[ ] ", "unchecked": "[ ] "}


def input_as_words(field: LexborNode) -> str:
    """Return what an ``input`` shows; empty for one that nobody sees."""
    attributes = field.attributes
    kind = (attributes.get("type") or "text").lower()
    if kind in _TICKED:
        return _TICKED[kind]["checked" in attributes]
    return "" if kind == "hidden" else f"[{attributes.get('value') or attributes.get('placeholder') or ''}]"


def is_shown_by_item(field: LexborNode) -> bool:
    """Return whether a check box is that of an item whose attributes tell the same: editors of tasks write both."""
    if field.attributes.get("type") != "checkbox":
        return False
    above = field.parent
    for _ in range(_LEVELS):
        if above is None or above.tag == "li":
            break
        above = above.parent
    return above is not None and above.tag == "li" and box_of(above) != ""


def box_of(item: LexborNode) -> str:
    """Return the box of an item in a list that an editor shows with check boxes; empty without one."""
    attributes = item.attributes
    told = attributes.get("data-checked") or attributes.get("data-list") or attributes.get("aria-checked") or ""
    if told in _OF_ITEMS:
        return _OF_ITEMS[told]
    classes = (attributes.get("class") or "").lower().split()
    above = (item.parent.attributes.get("class") or "").lower() if item.parent else ""
    if any(name == "checked" or name.endswith("--checked") for name in classes):
        return _OF_ITEMS["true"]
    return _OF_ITEMS["false"] if "checklist" in above or "unchecked" in classes else ""
