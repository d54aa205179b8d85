"""Which acceptance reports were left, and their digests: what is kept here shows whether a page is still that page."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

ACCEPTANCES = (
    "CREATE TABLE acceptance (id INTEGER PRIMARY KEY, made_at REAL NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL,"
    " verdict TEXT NOT NULL)",
)


@dataclass(frozen=True, slots=True)
class LeftPage:
    """An acceptance report. ``made_at`` in seconds since the epoch; ``name``: of its file; ``verdict`` in words."""

    made_at: float
    name: str
    sha256: str
    verdict: str


class Acceptances:
    """Keeps and returns them; none is ever changed."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def put(self, page: LeftPage) -> None:
        """Enter a report that has been left."""
        self._db.execute(
            "INSERT INTO acceptance (made_at, name, sha256, verdict) VALUES (?, ?, ?, ?)",
            [page.made_at, page.name, page.sha256, page.verdict],
        )

    def all(self) -> Sequence[LeftPage]:
        """Return all of them, the oldest first."""
        rows = self._db.execute("SELECT made_at, name, sha256, verdict FROM acceptance ORDER BY id")
        return [LeftPage(*row) for row in rows]

    def stands(self) -> LeftPage | None:
        """Return the newest report if nothing was written to QA Sphere since."""
        row = self._db.execute(
            "SELECT made_at, name, sha256, verdict FROM acceptance WHERE id = (SELECT max(id) FROM acceptance)"
            " AND made_at >= (SELECT coalesce(max(written_at), 0) FROM ledger)"
        ).fetchone()
        return LeftPage(*row) if row else None
