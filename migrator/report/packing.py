"""Items as they lie in the HTML file: blocks of rows and of details, each JSON, deflated, base64.

A row is ``[kind, fate, action, project, folder, title, marker, code, notes, changes]``: the first four are numbers
into the tables, ``folder`` is the id of a node or -1, ``notes`` lists numbers of note codes, ``changes`` counts fields.
A detail is ``[reason, address, old address, notes, changes]`` with notes ``[code, field, original, message]`` and
changes ``[field, left, right, was, theirs]``. Rows and details of a block belong together by position. The tables come
last.
"""

import base64
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Literal

import orjson

from migrator.report.values import Row

ROWS_PER_BLOCK = 500
_LONGEST_ORIGINAL = 1000
BlockKind = Literal["rows", "details", "tables"]


def blocks(rows: Iterable[Row]) -> Iterator[tuple[BlockKind, str]]:
    """Yield the blocks of all rows, then the tables; memory holds one block at a time."""
    tables = _Tables()
    waiting = iter(rows)
    while chunk := list(islice(waiting, ROWS_PER_BLOCK)):
        yield "rows", _packed([tables.row(row) for row in chunk])
        yield "details", _packed([tables.detail(row) for row in chunk])
    yield "tables", _packed({name: list(table) for name, table in tables.by_name.items()})


class _Tables:
    """Words that come again and again, by number."""

    def __init__(self) -> None:
        self.by_name: dict[str, dict[str, int]] = {
            "kinds": {}, "fates": {}, "actions": {}, "projects": {}, "codes": {},
        }  # fmt: skip

    def row(self, row: Row) -> list[Any]:
        return [
            self._number("kinds", row.kind),
            self._number("fates", row.fate),
            self._number("actions", row.action),
            self._number("projects", row.project),
            -1 if row.folder is None else row.folder,
            row.title,
            row.marker,
            row.code,
            sorted({self._number("codes", note.code) for note in row.notes}),
            len(row.changes),
        ]

    def detail(self, row: Row) -> list[Any]:
        notes = [
            [self._number("codes", note.code), note.field, note.original[:_LONGEST_ORIGINAL], note.message]
            for note in row.notes
        ]
        changes = [[change.field, change.left, change.right, change.was, change.theirs] for change in row.changes]
        return [row.reason, row.address, row.old_address, notes, changes]

    def _number(self, name: str, word: str) -> int:
        table = self.by_name[name]
        return table.setdefault(word, len(table))


def _packed(value: Any) -> str:
    return base64.b64encode(zlib.compress(orjson.dumps(value), 6)).decode("ascii")
