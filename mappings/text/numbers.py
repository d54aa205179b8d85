"""Numbers of list items that an HTML list without attributes would not count."""

from collections.abc import Callable

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9,
    "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_LARGEST_ROMAN = 3999
_LETTERS = 26


def roman(number: int) -> str:
    """Return 4 as ``iv``; what has no Roman number as digits."""
    if not 0 < number <= _LARGEST_ROMAN:
        return str(number)
    out = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        out += letters * count
    return out


def greek(number: int) -> str:
    """Return 3 as gamma; what has no letter as digits."""
    letters_of = "αβγδεζηθικλμνξοπρστυφχψω"
    return letters_of[number - 1] if 0 < number <= len(letters_of) else str(number)


def letters(number: int) -> str:
    """Return 3 as ``c`` and 27 as ``aa``; what has no letter as digits."""
    if number < 1:
        return str(number)
    out = ""
    while number:
        number, rest = divmod(number - 1, _LETTERS)
        out = chr(ord("a") + rest) + out
    return out


STYLES: dict[str, Callable[[int], str]] = {
    "1": str,
    "decimal": str,
    "decimal-leading-zero": "{:02}".format,
    "a": letters,
    "lower-alpha": letters,
    "lower-latin": letters,
    "A": lambda number: letters(number).upper(),
    "upper-alpha": lambda number: letters(number).upper(),
    "upper-latin": lambda number: letters(number).upper(),
    "lower-greek": greek,
    "i": roman,
    "lower-roman": roman,
    "I": lambda number: roman(number).upper(),
    "upper-roman": lambda number: roman(number).upper(),
}
"""How a list shows its numbers, by the value of ``type`` or of ``list-style-type``."""
SIGNS = frozenset(("disc", "circle", "square", "none"))
"""Values of ``list-style-type`` that show no numbers."""
