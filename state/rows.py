"""Reading rows by many keys at once, and by pages."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlite_utils import Database

T = TypeVar("T")
DatabaseError = sqlite3.Error
"""What reading or writing the workspace may raise."""
_KEYS = 500
_PAGE = 200

LAST_ROUND = (
    "(SELECT project, max(id) AS last FROM round WHERE phase IN ('planned', 'load', 'done') GROUP BY project) r"
    " ON r.project = i.project AND r.last = i.round_id"
)
"""Joins items ``i`` with the last round of their project that was planned."""

LAST_ROUNDS = "SELECT max(id) FROM round WHERE phase IN ('planned', 'load', 'done') GROUP BY project"
"""Selects the ids of the same rounds. For statements that are read by pages: a join would sort all items every time."""


def rows_in(db: Database, statement: str, values: Sequence[str], *before: object) -> Iterator[tuple[Any, ...]]:
    """Yield the rows for ``values``. ``statement`` has ``{}`` where they go; ``before`` are its parameters in front."""
    for start in range(0, len(values), _KEYS):
        part = values[start : start + _KEYS]
        # no `yield from`, which would close the cursor when a generator is given up: the database may be closed by then
        for row in db.execute(statement.format(", ".join("?" * len(part))), [*before, *part]):  # noqa: UP028
            yield row


def run_in(db: Database, statement: str, values: Sequence[str], *before: object) -> None:
    """Run a statement that answers no rows for ``values``; parameters as for ``rows_in``."""
    for start in range(0, len(values), _KEYS):
        part = values[start : start + _KEYS]
        db.execute(statement.format(", ".join("?" * len(part))), [*before, *part])


def paged(
    db: Database, statement: str, parameters: Sequence[object], size: int = _PAGE, *, after: object = 0
) -> Iterator[tuple[Any, ...]]:
    """Yield all rows of a statement, without their first column. The database may be written meanwhile.

    Args:
        db: the database.
        statement: its first column ascends without repetitions, such as a rowid; its last two parameters are the value
            of that column to continue behind, and the page size.
        parameters: those in front of these two.
        size: rows that are read at once.
        after: where to begin.
    """
    while True:
        rows = db.execute(statement, [*parameters, after, size]).fetchall()
        for row in rows:
            yield row[1:]
        if len(rows) < size:
            return
        after = rows[-1][0]


def chunked(rows: Iterable[T], size: int = _PAGE) -> Iterator[list[T]]:
    """Yield the same in lists of ``size``, the last one shorter; none is empty."""
    waiting = iter(rows)
    while chunk := list(islice(waiting, size)):
        yield chunk
