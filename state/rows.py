"""Reading rows by many keys at once, and by pages."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlite_utils import Database

_KEYS = 500

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
        yield from db.execute(statement.format(", ".join("?" * len(part))), [*before, *part])


def run_in(db: Database, statement: str, values: Sequence[str], *before: object) -> None:
    """Run a statement that answers no rows for ``values``; parameters as for ``rows_in``."""
    for start in range(0, len(values), _KEYS):
        part = values[start : start + _KEYS]
        db.execute(statement.format(", ".join("?" * len(part))), [*before, *part])


def paged(db: Database, statement: str, parameters: Sequence[object], size: int = 200) -> Iterator[tuple[Any, ...]]:
    """Yield all rows of a statement whose first column is an ascending rowid and whose last two parameters are the
    rowid to continue behind and the page size. The database may be written meanwhile."""
    after = 0
    while True:
        rows = db.execute(statement, [*parameters, after, size]).fetchall()
        for row in rows:
            yield row[1:]
        if len(rows) < size:
            return
        after = rows[-1][0]
