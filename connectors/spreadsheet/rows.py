"""Rows that are one case, put together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from connectors.spreadsheet.headers import Layout, unnamed
from connectors.spreadsheet.tables import Line, TypedDate

Cells = Mapping[str, str]
_Head = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one case. ``cells``: column → text, row by row, without empty ones."""

    lines: Sequence[Line]
    cells: Sequence[Cells]

    def first(self, column: str | None) -> str:
        """Return what the first row says in a column."""
        return self.cells[0].get(column, "") if column else ""

    def value(self, column: str | None) -> str:
        """Return what the rows say in a column, each text once."""
        texts = (cells[column] for cells in self.cells if column in cells) if column else ()
        return "\n".join(dict.fromkeys(texts))

    def values(self, columns: Sequence[str]) -> str:
        """Return what the rows say in columns of one field, each text once."""
        return "\n".join(dict.fromkeys(text for column in columns if (text := self.value(column))))

    def beyond(self, labels: Sequence[str]) -> list[str]:
        """Return the columns that the header does not have."""
        return [
            column for column in dict.fromkeys(one for cells in self.cells for one in cells) if column not in labels
        ]


def cases_in(lines: Iterator[Line], layout: Layout) -> Iterator[Rows]:
    """Put together what is one case: a row without a title goes on with the case above, as does one that repeats its
    id or, where there are no ids, folder and title. What is merged over rows belongs to each case that begins there."""
    group: list[tuple[Line, Cells]] = []
    head: _Head = ("", "", "")
    for line in lines:
        if line.is_empty:
            continue
        cells = by_label(line, layout.labels)
        whole = merged_by_label(line, layout.labels) | cells
        if group and not _goes_on(_head(cells, layout, whole), head):
            yield _together(group)
            group = []
        if not group:
            cells = whole
            head = _head(cells, layout, whole)
        group.append((_judged(line, layout), cells))
    if group:
        yield _together(group)


def _head(cells: Cells, layout: Layout, whole: Cells) -> _Head:
    """Return id, folder and title. ``whole``: the cells with what is merged; a title that is goes on with its case."""
    ident, title = (cells.get(layout.single.get(name, ""), "") for name in ("id", "title"))
    return ident, whole.get(layout.single.get("folder", ""), ""), title


def _goes_on(own: _Head, head: _Head) -> bool:
    ident, _, title = own
    if ident:
        return ident == head[0] and title in ("", head[2])
    return not title or (own == head and not head[0])


def merged_by_label(line: Line, labels: Sequence[str]) -> dict[str, str]:
    """Return column → text of cells that are merged over this row and one above."""
    return {labels[place]: text.strip() for place, text in line.merged.items() if place < len(labels) and text.strip()}


def by_label(line: Line, labels: Sequence[str]) -> dict[str, str]:
    """Return column → text of a row, without empty cells."""
    cells = {}
    for place, cell in enumerate(line.cells):
        if text := cell if isinstance(cell, TypedDate) else cell.strip():
            cells[labels[place] if place < len(labels) else unnamed(place)] = text
    return cells


def _judged(line: Line, layout: Layout) -> Line:
    if not any(cell.strip() for cell in line.cells[len(layout.labels) :]):
        return line
    trouble = "has more cells than the header, perhaps because of a separator in a text"
    return replace(line, trouble=f"{line.trouble}; {trouble}" if line.trouble else trouble)


def _together(group: Sequence[tuple[Line, Cells]]) -> Rows:
    return Rows([line for line, _ in group], [cells for _, cells in group])
