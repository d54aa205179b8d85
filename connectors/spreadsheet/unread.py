"""Cells of an Excel workbook that hold something and are read as empty: errors such as ``#N/A``, and formulas that no
program has calculated. The library for workbooks does not tell them from empty ones, so the sheet itself is looked at.
"""

import html
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import IO
from zipfile import ZipFile

TELLING = (".xlsx", ".xlsm")
_CHUNK = 1024 * 1024
_SUSPECTS = (b't="e"', b"t='e'", b"<f>", b"<f ", b"<f/", b":f>", b":f ", b":f/")
"""What a chunk with such a cell holds; a search for texts takes a small part of one for a pattern."""
_CELL = re.compile(rb"<(?:\w+:)?c\s([^<>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]+)<")
_PLACE = re.compile(rb"""\br=["']([A-Z]+)(\d+)["']""")
_TYPE = re.compile(rb"""\bt=["'](\w+)["']""")
_SHEET = re.compile(r"<(?:\w+:)?sheet\s([^<>]*)>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s([^<>]*)>")
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def unread_cells(file: Path, sheet: str) -> Iterator[tuple[int, str]]:
    """Yield row, from 1, and what of it cannot be read, in the order of rows; nothing for other formats."""
    if file.suffix.lower() not in TELLING:
        return
    with ZipFile(file) as book:
        part = _part_of(book, sheet)
        if part not in book.namelist():
            return
        with book.open(part) as opened:
            for row, cells in groupby(_unread(opened), key=lambda cell: cell[0]):
                yield row, f"holds what cannot be read, in {', '.join(said for _, said in cells)}"


def _part_of(book: ZipFile, sheet: str) -> str:
    """Return the part of a workbook that holds a sheet (ECMA-376, part 1, 18.2.19)."""
    sheets = [_attributes(found) for found in _SHEET.findall(book.read("xl/workbook.xml").decode())]
    relations = [_attributes(found) for found in _RELATION.findall(book.read("xl/_rels/workbook.xml.rels").decode())]
    targets = {one.get("Id", ""): one.get("Target", "") for one in relations}
    ident = next((one.get("id", "") for one in sheets if one.get("name") == sheet), "")
    target = targets.get(ident, "")
    return target[1:] if target.startswith("/") else f"xl/{target}"


def _attributes(text: str) -> dict[str, str]:
    return {name.rpartition(":")[2]: html.unescape(one or other) for name, one, other in _ATTRIBUTE.findall(text)}


def _unread(opened: IO[bytes]) -> Iterator[tuple[int, str]]:
    """Yield row and words for each such cell. Rows are whole before they are looked at."""
    left = b""
    while chunk := opened.read(_CHUNK):
        text = left + chunk
        end = max(text.rfind(b"</row>"), text.rfind(b":row>"))
        left = text[end:] if end > 0 else text
        if end > 0 and any(suspect in text for suspect in _SUSPECTS):
            yield from filter(None, map(_judged, _CELL.finditer(text, 0, end)))


def _judged(cell: re.Match[bytes]) -> tuple[int, str] | None:
    attributes, content = cell[1], cell[2] or b""
    place, kind = _PLACE.search(attributes), _TYPE.search(attributes)
    value = _VALUE.search(content)
    if place is None:
        return None
    row, name = int(place[2]), (place[1] + place[2]).decode()
    if kind and kind[1] == b"e":
        return row, f"{name} (the error {value[1].decode(errors='replace') if value else 'of a formula'})"
    # the empty text is a value that a formula may have
    if _FORMULA.search(content) and value is None and not (kind and kind[1] == b"str"):
        return row, f"{name} (a formula that was never calculated: open and save the workbook in Excel)"
    return None
