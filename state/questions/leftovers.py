"""What lost answers and killed processes may have left behind on either side, by name. Read-only."""

from dataclasses import dataclass
from typing import Literal

from sqlite_utils import Database

_FOUND = (
    "SELECT 'upload' AS what, name, marker FROM orphan_file"
    " UNION ALL SELECT 'operation', name, marker FROM file WHERE memory IS NOT NULL"
    " UNION ALL SELECT 'receipt', name, owner FROM receipt WHERE state = 'sending'"
)


@dataclass(frozen=True, slots=True)
class Leftover:
    """One of them.

    Args:
        what: ``upload``: a copy of a file in QA Sphere that nothing refers to; ``operation``: a download that was begun
            at the source and not taken; ``receipt``: a page at the source of which nobody knows whether it hangs there.
        name: of the file.
        marker: of the item that it belongs to.
    """

    what: Literal["upload", "operation", "receipt"]
    name: str
    marker: str


class Leftovers:
    """Answers for the whole workspace."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def counts(self) -> dict[str, int]:
        """Return how many there may be at most, by ``Leftover.what``; uploads of earlier versions have no names."""
        rows = self._db.execute(f"SELECT what, count(*) FROM ({_FOUND}) GROUP BY what")  # noqa: S608 - constants
        found = dict(rows.fetchall())
        uploads = int(self._db.execute("SELECT coalesce(sum(files), 0) FROM orphans").fetchone()[0])
        return found | ({"upload": uploads} if uploads else {})

    def first(self, most: int) -> list[Leftover]:
        """Return the first of them."""
        rows = self._db.execute(f"SELECT * FROM ({_FOUND}) ORDER BY what, name, marker LIMIT ?", [most])  # noqa: S608 - constants
        return [Leftover(*row) for row in rows]
