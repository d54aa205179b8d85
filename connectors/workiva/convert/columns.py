"""Columns of a matrix and the cells of a row, joined by id (``workiva-api.md`` §6). Pure."""

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connectors.workiva.wire import WireCell, WireColumn, WireMatrix
from migrator.core.model import RichText

_SHORT_ID = 8


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A cell that holds something: the label that no other cell of the row has, the value, and its column's names."""

    label: str
    value: str
    names: tuple[str, ...]


def by_column(cells: Sequence[WireCell], columns: Sequence[WireColumn]) -> list[NamedValue]:
    """Return the cells that hold something, in the order of the columns; then those of no column."""
    given = {cell.column: cell.value.strip() for cell in cells}
    known = {column.id: column for column in columns}
    found: dict[str, NamedValue] = {}
    for ident in dict.fromkeys([*known, *given]):
        if value := given.get(ident, ""):
            column = known.get(ident) or WireColumn(id=ident)
            label = column.label if column.label not in found else f"{column.label} [{ident[:_SHORT_ID]}]"
            found[label] = NamedValue(label, value, names_of(column))
    return list(found.values())


def names_of(column: WireColumn) -> tuple[str, ...]:
    """Return what a rule may call a column by: its label first, then external id and id."""
    names = (column.label, column.external_id.strip(), column.id)
    return tuple(dict.fromkeys(name for name in names if name))


def tested(table: WireMatrix) -> list[WireColumn]:
    """Return the columns that take a verdict."""
    return [column for column in table.result_columns if column.testable is not False]


def called(column: WireColumn) -> RichText:
    """Return a column's name with its external id, where that says more."""
    outer = column.external_id.strip()
    return RichText(
        value=f"{column.label} ({outer})" if outer and outer != column.label else column.label, markup="plain"
    )


def columns_html(table: WireMatrix) -> str:
    """Return the columns of a matrix as lists."""
    parts = []
    for heading, columns in (("Data columns", table.data_columns), ("Result columns", table.result_columns)):
        if columns:
            items = "".join(f"<li>{_column_html(column)}</li>" for column in columns)
            parts.append(f"<p><strong>{heading}</strong></p><ul>{items}</ul>")
    return "".join(parts)


def all_names(table: WireMatrix) -> Iterable[tuple[str, ...]]:
    """Return the names of every column."""
    return (names_of(column) for column in (*table.data_columns, *table.result_columns))


def _column_html(column: WireColumn) -> str:
    kind = {True: ", testable", False: ", not testable", None: ""}[column.testable]
    return html.escape(called(column).value + kind, quote=False)
