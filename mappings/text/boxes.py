"""Check boxes and other input fields as words."""

from collections.abc import Mapping

from selectolax.lexbor import LexborNode

_TICKED = {"checkbox": ("[ ]", "[x]"), "radio": ("( )", "(x)")}
# between an item and its box
_LEVELS = 3
_OF_ROLES = {"checkbox": "checkbox", "menuitemcheckbox": "checkbox", "switch": "checkbox", "radio": "radio"}
_OF_ITEMS = {"true": "[x] ", "checked": "[x] ", "false": "[ ] ", "unchecked": "[ ] "}


def input_as_words(field: LexborNode) -> str:
    """Return what an ``input`` shows; empty for one that nobody sees."""
    attributes = field.attributes
    kind = (attributes.get("type") or "text").lower()
    if kind in _TICKED:
        behind = field.next.text() or field.next.text_content if field.next else ""
        return _TICKED[kind]["checked" in attributes] + (" " if behind and not behind[0].isspace() else "")
    return "" if kind == "hidden" else f"[{attributes.get('value') or attributes.get('placeholder') or ''}]"


def role_as_words(node: LexborNode) -> str:
    """Return the box that an element without a box of its own plays; empty for others."""
    attributes = node.attributes
    kind, state = _OF_ROLES.get(attributes.get("role") or ""), attributes.get("aria-checked")
    return _TICKED[kind][state == "true"] if kind and state and node.tag not in ("input", "li") else ""


def is_shown_by_item(field: LexborNode) -> bool:
    """Return whether a check box is that of an item whose attributes tell the same: editors of tasks write both."""
    if "checkbox" not in (field.attributes.get("type"), field.attributes.get("role")):
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
    around: Mapping[str, str | None] = item.parent.attributes if item.parent else {}
    told = (attributes.get(name) for name in ("data-checked", "data-list", "aria-checked"))
    # some editors write a list for each state
    for state in (*told, around.get("data-checked")):
        if state in _OF_ITEMS:
            return _OF_ITEMS[state]
    classes = (attributes.get("class") or "").lower().split()
    above = (around.get("class") or "").lower()
    if any(name == "checked" or name.endswith("--checked") for name in classes):
        return _OF_ITEMS["true"]
    return _OF_ITEMS["false"] if "checklist" in above or "unchecked" in classes else ""
