"""What an element does to the look of its words, by its name and its attributes."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import lru_cache

from mappings.text.symbols import symbol_font

_DECLARATION = re.compile(r"\s*([\w-]+)\s*:\s*([^;]*)")
_SHIFT = re.compile(r"(-?)(?!0+(?:\.0*)?\D)\d*\.?\d+(?:pt|px|em|ex|rem|%)")
_BOLD = 600
_BOLDS = frozenset(("bold", "bolder", "600", "700", "800", "900"))
_SLANTED = frozenset(("italic", "oblique"))
_TAGS = {
    "b": "b", "strong": "strong", "i": "i", "em": "em", "u": "u", "ins": "u", "code": "code", "tt": "code", "kbd":
    "code", "samp": "code", "s": "~~", "strike": "~~", "del": "~~", "sup": "^", "sub": "_", "q": "q",
}  # fmt: skip
KEPT = frozenset(("b", "strong", "i", "em", "u", "code"))
"""Looks that are elements in QA Sphere; the others become characters."""
_LINES = {
    **dict.fromkeys(("block", "flex", "flow-root", "grid", "list-item", "table", "table-row"), "block"),
    "table-cell": "cell",
}
_CASES = frozenset(("uppercase", "lowercase", "capitalize"))
_WEIGHTS, _SLANTS = frozenset(("b", "strong")), frozenset(("i", "em"))


_PROPERTY = {"b": "font-weight", "i": "font-style"}
_FROM_AROUND = frozenset(("inherit", "unset"))


@dataclass(frozen=True, slots=True)
class Look:
    """How an element shows its words.

    Args:
        adds: looks that begin.
        ends: looks of the elements around that do not reach in.
        spaces: the ``white-space``, None for as around.
        font: a symbol font, empty for another, None for as around.
        lines: the words stand in lines of their own (``block``), or apart from others (``cell``).
        case: other letters are seen than those that are stored.
    """

    adds: tuple[str, ...] = ()
    ends: frozenset[str] = frozenset()
    is_hidden: bool = False
    spaces: str | None = None
    font: str | None = None
    lines: str = ""
    case: str = ""

    @property
    def shows(self) -> bool:
        """Whether anything of it is seen in QA Sphere, or noted."""
        return bool(self.adds or self.is_hidden or self.font or self.lines or self.case)


_PLAIN = Look()
# what somebody typed into a field
_TYPED = Look(spaces="pre-wrap")


def look_of(name: str, attributes: Mapping[str, str | None]) -> Look:
    """Return the look of an element."""
    style, face = attributes.get("style"), attributes.get("face")
    is_hidden = "hidden" in attributes
    if not (style or face or is_hidden) and name not in _TAGS:
        return _TYPED if name == "textarea" else _PLAIN
    return _look(name, style or "", face or "", is_hidden=is_hidden)


@lru_cache(maxsize=1024)
def declarations(style: str) -> Mapping[str, str]:
    """Return the declarations of a ``style``, names and values in lower case."""
    found = (_DECLARATION.match(part) for part in style.lower().split(";"))
    return {match[1]: match[2].replace("!important", "").strip() for match in found if match}


@lru_cache(maxsize=1024)
def _look(name: str, style: str, face: str, *, is_hidden: bool) -> Look:
    css = declarations(style)
    adds = [_TAGS[name]] if name in _TAGS else []
    ends: set[str] = set()
    for is_on, looks, tag in (
        (_is_bold(_of_font(css, "font-weight", _BOLDS)), _WEIGHTS, "b"),
        (_is_slanted(_of_font(css, "font-style", _SLANTED)), _SLANTS, "i"),
    ):
        if css.get(_PROPERTY[tag]) in _FROM_AROUND:
            adds = [look for look in adds if look not in looks]
        elif is_on is False:
            ends |= looks
            adds = [look for look in adds if look not in looks]
        elif is_on:
            adds += [] if looks & set(adds) else [tag]
    lines = f"{css.get('text-decoration', '')} {css.get('text-decoration-line', '')}"
    if lines.split() == ["none"]:
        adds = [look for look in adds if look not in ("u", "~~")]
    adds += ["~~"] if "line-through" in lines and "~~" not in adds else []
    adds += ["u"] if "underline" in lines and "u" not in adds else []
    raised = _raised(css.get("vertical-align", ""), is_text=name in ("span", "font"))
    adds += [raised] if raised and raised not in adds else []
    if css.get("vertical-align") == "baseline":
        adds = [look for look in adds if look not in "^_"]
    families = css.get("font-family") or css.get("font", "") or face
    return Look(
        adds=tuple(adds),
        ends=frozenset(ends),
        is_hidden=is_hidden
        or css.get("display") == "none"
        or css.get("visibility") == "hidden"
        or css.get("mso-hide") == "all",
        spaces=css.get("white-space"),
        font=symbol_font(families) if families else None,
        lines=_LINES.get(css.get("display", ""), ""),
        case=css.get("text-transform", "") if css.get("text-transform") in _CASES else "",
    )


def _of_font(css: Mapping[str, str], name: str, values: Container[str]) -> str:
    """Return a part of the font. The short form, ``font: bold 12px Arial``, also resets the parts that it does not
    name; one that follows it holds."""
    words = css.get("font", "").partition(",")[0].split()
    names = list(css)
    if name in css and not (words and names.index(name) < names.index("font")):
        return css[name]
    # one word names another font: inherit, menu
    return next((word for word in words if word in values), "normal" if len(words) > 1 else css.get(name, ""))


def _raised(value: str, *, is_text: bool) -> str | None:
    """Return the sign of words that stand higher or lower, by name or by a length; a cell's is no matter of words."""
    if is_text and (shift := _SHIFT.fullmatch(value)):
        return "_" if shift[1] else "^"
    return {"super": "^", "sub": "_"}.get(value)


def _is_bold(weight: str) -> bool | None:
    if weight.isdigit():
        return int(weight) >= _BOLD
    return {"bold": True, "bolder": True, "normal": False, "lighter": False}.get(weight)


def _is_slanted(style: str) -> bool | None:
    return {"italic": True, "oblique": True, "normal": False}.get(style)
