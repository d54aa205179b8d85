"""Characters of symbol fonts: the letter that is stored is not the sign that is seen."""

import re

_WINGDINGS = {
    "!": "✏", "(": "☎", "*": "✉", "A": "✌", "B": "👌", "C": "👍",
    "D": "👎", "E": "☜", "F": "☞", "G": "☝", "H": "☟", "J": "☺", "K": "😐",
    "L": "☹", "l": "●", "n": "■", "o": "□", "q": "❑", "s": "⬧", "t": "⧫", "u": "◆", "v": "❖", "w": "⬥", "x": "⌧",
    "y": "⮹", "z": "⌘",
    "\x9f": "•", "\xa1": "○", "\xa7": "▪", "\xa8": "☐", "\xab": "★", "\xd8": "➢", "\xdc": "➲", "\xdf": "←",
    "\xe0": "→", "\xe1": "↑", "\xe2": "↓", "\xe3": "↖", "\xe4": "↗", "\xe5": "↙", "\xe6": "↘", "\xe8": "➔",
    "\xef": "⇦", "\xf0": "⇨", "\xf1": "⇧", "\xf2": "⇩", "\xf3": "⬄", "\xfb": "✗", "\xfc": "✓", "\xfd": "☒",
    "\xfe": "☑",
}  # fmt: skip
_SYMBOL = {
    "\xa2": "\N{PRIME}", "\xb0": "°", "\xb1": "±", "\xb2": "″", "\xb4": "\N{MULTIPLICATION SIGN}", "\xb5": "∝",
    "\xb6": "∂", "\xb8": "÷", "\xbc": "…", "\xc4": "⊗", "\xc5": "⊕", "\xc6": "∅", "\xc7": "∩", "\xc8": "\N{UNION}",
    "\xc9": "⊃", "\xca": "⊇", "\xcb": "⊄", "\xcc": "⊂", "\xcd": "⊆", "\xcf": "∉", "\xd0": "∠", "\xd1": "∇",
    "\xd5": "∏", "\xd8": "¬", "\xdd": "⇑", "\xdf": "⇓", "\xf2": "∫",
    "\xa3": "≤", "\xa5": "∞", "\xab": "↔", "\xac": "←", "\xad": "↑", "\xae": "→", "\xaf": "↓", "\xb3": "≥", "\xb7": "•",
    "\xb9": "≠", "\xba": "≡", "\xbb": "≈", "\xce": "∈", "\xd2": "®", "\xd3": "©", "\xd4": "™", "\xd6": "√", "\xd7": "⋅",
    "\xd9": "∧", "\xda": "\N{LOGICAL OR}", "\xdb": "⇔", "\xdc": "⇐", "\xde": "⇒", "\xe5": "∑",
    **dict(zip("abgdezhqiklmnxoprstufcyw", "αβγδεζηθικλμνξοπρστυφχψω", strict=True)),
    **dict(zip("ABGDEZHQIKLMNXOPRSTUFCYW", "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ", strict=True)),
}  # fmt: skip
_WINGDINGS_2 = {"O": "✗", "P": "✓", "Q": "☒", "R": "☑", "S": "☒", "T": "☒", "\xa3": "☐"}
_WINGDINGS_3 = {"f": "←", "g": "→", "h": "↑", "i": "↓"}
_WEBDINGS = {"a": "✓", "r": "✗", "c": "□", "g": "■"}
# most of Zapf Dingbats' signs stand in one row of Unicode
_ZAPF = (
    {chr(code): chr(code + 0x26E0) for code in range(0x21, 0x7F)}
    | {chr(code): chr(code + 0x26C0) for code in range(0xD4, 0xFF)}
    | {"%": "☎", "*": "☛", "+": "☞", "H": "★", "l": "●", "n": "■", "s": "▲", "t": "▼", "u": "◆", "w": "◗"}
    | {"\xd5": "→", "\xd6": "↔", "\xd7": "↕"}
)
_MARLETT = {"3": "◂", "4": "▸", "5": "▴", "6": "▾", "a": "✓", "b": "✓", "h": "•", "i": "•", "r": "✕"}
_FONTS = {
    "wingdings": _WINGDINGS,
    "wingdings 2": _WINGDINGS_2,
    "wingdings 3": _WINGDINGS_3,
    "webdings": _WEBDINGS,
    "symbol": _SYMBOL,
    "zapfdingbats": _ZAPF,
    "zapf dingbats": _ZAPF,
    "marlett": _MARLETT,
}
_FAMILY = re.compile(r"""(?:^|['"]|\dp[tx]\s)\s*(wingdings(?: [23])?|webdings|symbol|zapf ?dingbats|marlett)['"\s]*$""")
_PRIVATE = 0xF000
# where a list has them, nobody misses anything
_BULLETS = frozenset("\uf0a7\uf0b7\uf0d8")
# without a font: the signs that word processors put before the items of lists, and the ticks
_LOOSE = {chr(_PRIVATE + ord(key)): _WINGDINGS[key] for key in "\xa7\xd8\xe0\xfb\xfc\xfd\xfe\xa8vq"} | {"\uf0b7": "•"}


def symbol_font(families: str) -> str:
    """Return the symbol font that a list of fonts begins with; empty for others."""
    match = _FAMILY.search(families.partition(",")[0].lower())
    return match[1] if match else ""


def as_seen(text: str, font: str = "") -> str:
    """Return the text with the signs that its font shows. ``font``: from ``symbol_font``."""
    table = _FONTS.get(font)
    if table is None:
        return "".join(_LOOSE.get(character, character) for character in text) if _has_private(text) else text
    return "".join(table.get(_low(character), character) for character in text)


def told_of(text: str, font: str = "") -> str:
    """Return what a note says of signs that are stored as letters; empty if there are none, or only bullets."""
    seen = as_seen(text, font)
    if not font:
        is_told = seen != text and any(character in _LOOSE and character not in _BULLETS for character in text)
        return "signs of a symbol font that is not named are shown as Wingdings has them" if is_told else ""
    stay = {
        old for old, new in zip(text, seen, strict=True) if old == new and not (old.isspace() or old in "0123456789")
    }
    if not stay:
        return f"letters of the font {font} became the signs they show" if seen != text else ""
    return f"letters of the font {font} became the signs they show, but for these: {' '.join(sorted(stay))}"


def _has_private(text: str) -> bool:
    return not text.isascii() and any("\uf000" <= character <= "\uf0ff" for character in text)


def _low(character: str) -> str:
    return chr(ord(character) - _PRIVATE) if "\uf000" <= character <= "\uf0ff" else character
