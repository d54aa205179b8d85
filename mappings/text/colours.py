"""Colours and highlights that say something (red is mandatory), and not those in which editors and pages write all."""

import re
from collections import Counter
from collections.abc import Mapping
from colorsys import hls_to_rgb

from selectolax.lexbor import LexborNode

from mappings.text.setting import Loss
from mappings.text.styles import declarations, look_of
from migrator.core.notes import NoteCode

_HEX = re.compile(r"#([0-9a-f]{3,8})\b")
_FUNCTION = re.compile(
    r"\b(rgb|hsl)a?\(\s*([\d.]+)(?:deg)?[\s,]+([\d.]+)(%?)[\s,]+([\d.]+)(%?)(?:\s*[,/]\s*(0(?:\.0*)?%?)\s*\))?"
)
_NAME = re.compile(r"[a-z]{3,20}")
# the colour of what stands around, of the system's windows, or none
_USUAL = frozenset((
    "auto", "black", "canvas", "canvastext", "currentcolor", "inherit", "initial", "none", "revert", "transparent",
    "unset", "white", "window", "windowtext",
))  # fmt: skip
# other parts of the short form, background: url(x) no-repeat center
_OF_BACKGROUNDS = frozenset(("bottom", "center", "fixed", "left", "repeat", "right", "scroll", "top", "url"))
# CKEditor and Quill name colours in classes
_CLASS = re.compile(r"(?:^|\s)(?:(pen|ql-color)|(?:marker|ql-bg))-([a-z]{3,20})(?=\s|$)")
_MAY_HAVE_SOME = re.compile(r"color|background|highlight|<mark|pen-|marker-|ql-", re.IGNORECASE)
# their ground says something without words
_CELLS = frozenset(("td", "th"))
_WHITE, _DARK, _LIGHT = 255, 0x66, 0xEB
# how far from grey a dark letter or a light ground may be
_INK, _PAPER = 0x40, 0x14


def colours_lost(value: str, root: LexborNode) -> list[Loss]:
    """Return the one note of a document's colours, if it has any: the outermost elements with a colour, and all colours
    with how often they begin. ``value``: the document as written."""
    if not _MAY_HAVE_SOME.search(value):
        return []
    held: list[str] = []
    colours: Counter[str] = Counter()
    # within: a link, an element that is held, and one that is not shown
    linked, inner, hidden = set[int](), set[int](), set[int]()
    for node in root.traverse():
        above = node.parent.mem_id if node.parent else 0
        for within, begins in ((linked, node.tag == "a"), (inner, False), (hidden, _is_hidden(node))):
            if begins or above in within:
                within.add(node.mem_id)
        colour = "" if node.mem_id in hidden else colours_of(node.tag or "", node.attributes)
        if not colour or (node.mem_id in linked and _is_bluish(colour)):
            continue
        if node.mem_id not in inner:
            if not (node.tag in _CELLS or node.text().strip() or node.css_first("img")):
                continue
            inner.add(node.mem_id)
            held.append(node.html or "")
        colours[colour] += 1
    if not held:
        return []
    message = ", ".join(colour if count == 1 else f"{colour} (x{count})" for colour, count in colours.items())
    return [Loss(NoteCode.COLOUR_LOST, "\n".join(held), message)]


def _is_hidden(node: LexborNode) -> bool:
    return look_of(node.tag or "", node.attributes).is_hidden


def colours_of(name: str, attributes: Mapping[str, str | None]) -> str:
    """Return the colour that an element gives its words, and that of the ground behind them: ``red on yellow``. Empty
    for colours that are usual: dark grey letters, a light grey ground, blue links."""
    if not attributes and name != "mark":
        return ""
    css = declarations(attributes.get("style") or "")
    letters = _of_letters(css.get("color") or (_attribute(attributes, "color") if name == "font" else ""))
    ground = css.get("background-color") or css.get("background") or css.get("mso-highlight", "")
    ground = _of_ground(ground or _attribute(attributes, "bgcolor"))
    for is_letters, colour in _CLASS.findall((attributes.get("class") or "").lower()):
        letters, ground = (letters or colour, ground) if is_letters else (letters, ground or colour)
    if name == "mark" and not (letters or ground or "background-color" in css):
        ground = "yellow"
    return f"{letters} on {ground}" if letters and ground else letters or (ground and f"on {ground}")


def _attribute(attributes: Mapping[str, str | None], name: str) -> str:
    return (attributes.get(name) or "").strip().lower()


def _of_letters(value: str) -> str:
    channels = _channels(value)
    if channels and max(channels) <= _DARK and max(channels) - min(channels) <= _INK:
        return ""
    return _told(value, channels)


def _of_ground(value: str) -> str:
    channels = _channels(value)
    if channels and min(channels) >= _LIGHT and max(channels) - min(channels) <= _PAPER:
        return ""
    return _told(value, channels)


def _told(value: str, channels: tuple[int, int, int] | None) -> str:
    if channels:
        return "#{:02x}{:02x}{:02x}".format(*channels)
    names = (word for word in _NAME.findall(value) if word not in _OF_BACKGROUNDS)
    name = "" if "(" in value else next(names, "")
    return "" if name in _USUAL else name


def _is_bluish(colour: str) -> bool:
    channels = _channels(colour)
    return channels[2] == max(channels) if channels else colour.endswith("blue")


def _channels(value: str) -> tuple[int, int, int] | None:
    """Return red, green and blue, 0 to 255, of a value that has them as numbers; None for a name, or if nothing of the
    colour is seen. Of ``var(--x, #172b4d)`` what is in it counts."""
    if match := _HEX.search(value):
        digits = match[1] if len(match[1]) > 4 else "".join(digit * 2 for digit in match[1])
        if len(digits) not in (6, 8) or digits[6:] == "00":
            return None
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)
    match = _FUNCTION.search(value)
    if match is None or match[7]:
        return None
    first, second, third = float(match[2]), float(match[3]), float(match[5])
    if match[1] == "hsl":
        red, green, blue = hls_to_rgb(first % 360 / 360, min(third, 100) / 100, min(second, 100) / 100)
        return round(red * _WHITE), round(green * _WHITE), round(blue * _WHITE)
    return min(round(first), _WHITE), min(round(second), _WHITE), min(round(third), _WHITE)
