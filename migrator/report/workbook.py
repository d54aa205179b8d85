"""A workbook for spreadsheet programs, from plain values: nothing in it is ever run as a formula."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

import xlsxwriter
from xlsxwriter.format import Format

from migrator.core.redact import hidden

_MOST_ROWS = 1_000_000
_MOST_CHARACTERS = 32_000
_MOST_LINKS = 60_000
"""A sheet holds 1,048,576 rows and 65,530 links, a cell 32,767 characters."""

Cell = str | int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet.

    Args:
        columns: heading → width in characters.
        choices: heading → what its cells may hold, offered as a list.
        is_open: other texts are taken, too.
        chosen: in how many of the first rows, None: in all.
    """

    name: str
    columns: Mapping[str, int]
    rows: Iterable[Sequence[Cell]]
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    is_open: bool = False
    chosen: int | None = None


def write_workbook(file: BinaryIO, sheets: Iterable[Sheet]) -> int:
    """Write the workbook and return how many rows it holds, headings apart. Memory does not grow with them."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    count = 0
    with xlsxwriter.Workbook(file, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        fill = book.add_format({"bg_color": "#FFF7D6", "text_wrap": True})
        for sheet in sheets:
            rows = iter(sheet.rows)
            part = 0
            while True:
                part += 1
                written = _write_part(book, sheet, part, islice(rows, _MOST_ROWS), (bold, fill))
                count += written
                if written < _MOST_ROWS:
                    break
    return count


def _write_part(
    book: xlsxwriter.Workbook,
    sheet: Sheet,
    part: int,
    rows: Iterable[Sequence[Cell]],
    formats: tuple[Format, Format],
) -> int:
    page = book.add_worksheet(sheet.name if part == 1 else f"{sheet.name} ({part})")
    bold, fill = formats
    page.freeze_panes(1, 0)
    for number, (heading, width) in enumerate(sheet.columns.items()):
        page.set_column(number, number, width, fill if heading in sheet.choices else None)
        page.write_string(0, number, heading, bold)
    count, links = 0, 0
    for count, row in enumerate(rows, start=1):
        for number, cell in enumerate(row):
            if isinstance(cell, int):
                page.write_number(count, number, cell)
                continue
            text = hidden(cell)[:_MOST_CHARACTERS]
            if text.startswith(("https://", "http://")) and len(text) < 2000 and links < _MOST_LINKS:
                links += 1
                page.write_url(count, number, text)
            elif text:
                page.write_string(count, number, text)
    for heading, choices in sheet.choices.items():
        number = list(sheet.columns).index(heading)
        if count and choices and len(",".join(choices)) <= 255:
            page.data_validation(
                1,
                number,
                count if sheet.chosen is None else sheet.chosen,
                number,
                {"validate": "list", "source": list(choices), "show_error": not sheet.is_open},
            )
    page.autofilter(0, 0, max(count, 1), len(sheet.columns) - 1)
    return count
