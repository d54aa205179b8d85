"""Which columns of a table are taken by cells that reach over several rows or columns."""

import re
from collections.abc import Sequence

from selectolax.lexbor import LexborNode

_NUMBER = re.compile(r"\s*\+?([0-9]{1,5})")
# a table of a few signs may claim millions of cells
_MOST_COLUMNS = 64
_TO_THE_END = 65_534


class Spans:
    """Counts the columns of one part of a table, row by row."""

    def __init__(self) -> None:
        # for each column how many of the next rows a cell above reaches into
        self._taken: dict[int, int] = {}

    def gaps(self, cells: Sequence[LexborNode]) -> list[int]:
        """Return how many columns before each cell of the next row are taken by cells above or before it."""
        gaps: list[int] = []
        taken: dict[int, int] = {}
        column = last = 0
        for cell in cells:
            while self._taken.get(column):
                column += 1
            gaps.append(column - last)
            wide = min(_span(cell, "colspan") or 1, _MOST_COLUMNS - column)
            rows = _span(cell, "rowspan")
            for at in range(column, column + wide):
                taken[at] = _TO_THE_END if rows == 0 else rows - 1
            last = column + 1
            column += max(wide, 1)
        self._taken = taken | {at: rows - 1 for at, rows in self._taken.items() if rows}
        return gaps


def _span(cell: LexborNode, name: str) -> int:
    number = _NUMBER.match(cell.attributes.get(name) or "") if cell.tag in ("td", "th") else None
    return int(number[1]) if number else 1
