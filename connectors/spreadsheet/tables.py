"""Files as tables: rows of texts, one after the other, so that a file need not fit into memory."""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

from python_calamine import CalamineSheet, CalamineWorkbook, load_workbook

from connectors.spreadsheet.links import real_parts
from connectors.spreadsheet.unread import unread_cells
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError

TEXT, BOOKS = (".csv", ".tsv", ".txt"), (".xlsx", ".xlsm", ".xls", ".ods")
_LARGEST_CELL = 64 * 1024 * 1024
_DELIMITERS = ",;\t"
_SNIFFED = 64 * 1024
_FALLBACK = "cp1252"  # what Excel writes on Windows as plain "CSV"
_ESCAPED = 0xDC00
_FOREIGN = re.compile("[\udc80-\udcff]")
_STATED = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
# what Python's reader says → what it is about
_MISQUOTED = {
    "unexpected end": "a quotation mark is opened and never closed, so the file is cut",
    "expected after": "text follows a closing quotation mark: one mark too many, or one in a text that is not doubled",
}
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class TypedDate(str):
    """A date that the workbook holds as one, in ISO 8601: there is no question of how it is written."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A row.

    Args:
        number: as a spreadsheet counts, from 1.
        trouble: what was assumed in order to read it.
        merged: place, from 0 → text of a cell in a row above that is merged over this row, too.
    """

    number: int
    cells: Sequence[str]
    trouble: str = ""
    merged: Mapping[int, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether no cell holds anything, not even what cannot be read."""
        return not self.trouble and not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file, or a sheet of a workbook."""

    file: Path
    sheet: str = ""

    @property
    def name(self) -> str:
        """What people find it by."""
        return f"{self.file.name}, sheet {self.sheet}" if self.sheet else self.file.name

    def lines(self) -> Iterator[Line]:
        """Read it; ``ConfigError`` when it cannot be read to its end."""
        return _sheet(self) if self.sheet else _csv(self)


def files_at(path: Path) -> list[Path]:
    """Return the files to read; ``ConfigError`` when there is none, or when one in a folder is a link out of it:
    whoever fills the folder must not choose what else is read. ``path`` itself may be one."""
    try:
        if path.is_dir():
            named = [one for one in sorted(path.iterdir()) if _is_table(one)]
            files = [one for one in named if one.is_symlink() or one.is_file()]
            for one in files:
                if one.is_symlink() and (trouble := _linked_badly(one, files)):
                    raise unreadable(one, f"{trouble}; put the file itself into the folder, or take the link away")
        else:
            with path.open("rb"):
                files = [path]
    except OSError as error:
        raise unreadable(path, error.strerror or str(error)) from error
    if not files or files[0].suffix.lower() not in (*TEXT, *BOOKS):
        raise unreadable(path, f"there is no file that ends in {', '.join((*TEXT, *BOOKS))}")
    return files


def _linked_badly(link: Path, files: Sequence[Path]) -> str:
    """Return what is wrong about a link among ``files``, if anything."""
    try:
        real = link.parent.joinpath(*real_parts(link.parent, (link.name,)))
    except OSError as error:
        return error.strerror or str(error)
    if real in files:
        return f"it is a link to {real.name}, which is read anyway"
    return "" if real.is_file() else "it is a link that leads to no file"


def _is_table(file: Path) -> bool:
    # an open Excel leaves such names beside a file
    return file.suffix.lower() in (*TEXT, *BOOKS) and not file.name.startswith((".", "~$"))


def tables_in(files: Iterable[Path]) -> list[Table]:
    """Return the tables in files."""
    tables: list[Table] = []
    for file in files:
        if file.suffix.lower() in BOOKS:
            with _opened(file) as book:
                tables += [Table(file, name) for name in book.sheet_names]
        else:
            tables.append(Table(file))
    return tables


def unreadable(path: Path, cause: str) -> ConfigError:
    """Return the error about a file."""
    return ConfigError(
        f"cannot read {path}",
        code=ErrorCode.FILE_UNUSABLE,
        cause=cause[:300],
        next_step="correct source.path, or the file: a CSV file, a workbook (.xlsx), or a folder of such",
    )


def _csv(table: Table) -> Iterator[Line]:
    csv.field_size_limit(_LARGEST_CELL)
    number = 0
    try:
        encoding, delimiter = _sniffed(table.file)
        with table.file.open(encoding=encoding, errors="surrogateescape", newline="") as file:
            for number, cells in enumerate(_records(file, delimiter), start=1):
                # that line is in the file for Excel only
                if not (number == 1 and _separator_in(delimiter.join(cells))):
                    yield _line(number, cells)
    except (OSError, csv.Error, UnicodeError) as error:
        raise unreadable(table.file, f"row {number + 1}: {error}") from error


def _records(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Yield the cells of each row; ``csv.Error`` where a quotation mark stands in a wrong place. The lenient reader
    goes on within the quotes, to the next mark or the end of the file, and all rows up to there become one cell."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    begun = 1
    try:
        for cells in reader:
            yield cells
            begun = reader.line_num + 1
    except csv.Error as error:
        said = next((said for part, said in _MISQUOTED.items() if part in str(error)), str(error))
        raise csv.Error(f"{said} (lines {begun} to {reader.line_num} of the file)") from error


def _line(number: int, cells: list[str]) -> Line:
    if not _FOREIGN.search("".join(cells)):
        return Line(number, cells)
    read = [_FOREIGN.sub(lambda found: _windows(found[0]), cell) for cell in cells]
    return Line(number, read, "holds bytes that are no UTF-8; they were read as Windows-1252")


def _windows(escaped: str) -> str:
    return bytes([ord(escaped) - _ESCAPED]).decode(_FALLBACK, "replace")


def _sniffed(file: Path) -> tuple[str, str]:
    """Return encoding and delimiter."""
    with file.open("rb") as opened:
        start = opened.read(_SNIFFED)
    encoding = "utf-16" if start.startswith(_UTF_16) else "utf-8-sig"
    for line in start.decode(encoding, "replace").splitlines():
        if stated := _separator_in(line):
            return encoding, stated
        counts = {delimiter: line.count(delimiter) for delimiter in _DELIMITERS}
        if any(counts.values()):
            return encoding, max(_DELIMITERS, key=lambda delimiter: counts[delimiter])
    return encoding, ","


def _separator_in(line: str) -> str:
    found = _STATED.fullmatch(line.strip("\r\n "))
    return found[1] if found else ""


def _sheet(table: Table) -> Iterator[Line]:
    with _opened(table.file) as book:
        with _named(table.file):
            sheet = book.get_sheet_by_name(table.sheet)
            rows, blocks = sheet.iter_rows(), _blocks(sheet)
        unread = unread_cells(table.file, table.sheet)
        row, trouble = _following(table.file, unread)
        under: dict[int, tuple[int, str]] = {}
        for number, read in enumerate(rows, start=1):
            cells = [_text(cell) for cell in read]
            merged = {place: text for place, (last, text) in under.items() if number <= last}
            yield Line(number, cells, trouble if number == row else "", merged=merged)
            if number == row:
                row, trouble = _following(table.file, unread)
            under |= {place: (last, cells[place]) for place, last in blocks.get(number, ()) if place < len(cells)}
        while row:
            yield Line(row, [], trouble)
            row, trouble = _following(table.file, unread)


def _following(file: Path, unread: Iterator[tuple[int, str]]) -> tuple[int, str]:
    with _named(file):
        return next(unread, (0, ""))


def _blocks(sheet: CalamineSheet) -> dict[int, list[tuple[int, int]]]:
    """Return row, from 1 → place and last row of cells that are merged over rows; only of workbooks that tell."""
    first = sheet.start[1] if sheet.start else 0  # rows begin at the first column that holds anything
    blocks: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        if bottom > top and left >= first:
            blocks.setdefault(top + 1, []).append((left - first, bottom + 1))
    return blocks


@contextmanager
def _opened(file: Path) -> Iterator[CalamineWorkbook]:
    with _named(file):
        book = load_workbook(file)
    with book:
        yield book


@contextmanager
def _named(file: Path) -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the library's own defects are no exceptions of Python's usual kind
        raise unreadable(file, str(error)) from error


def _text(cell: object) -> str:
    """Return a cell as text; a spreadsheet makes numbers of what looks like one."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() != time():
        return TypedDate(cell.isoformat(" ", "seconds"))
    if isinstance(cell, date):
        return TypedDate(f"{cell:%Y-%m-%d}")
    return str(cell)
