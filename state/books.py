"""Read-only questions about a workspace: what stands where, and what failed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from state.balance import imbalance


@dataclass(frozen=True, slots=True)
class Trouble:
    """An item that is not where it should be, and why. ``state``: failed, blocked, unknown or conflict."""

    kind: str
    marker: str
    title: str
    state: str
    cause: str


@dataclass(frozen=True, slots=True)
class NoteCount:
    """How often a note occurs for a kind of item, and for which items first."""

    code: str
    kind: str
    count: int
    examples: tuple[str, ...]


class Books:
    """Answers from the last round of each project. Nothing here writes."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def projects(self) -> list[str]:
        """Return the source ids of the projects that were begun."""
        return [project for (project,) in self._db.execute("SELECT project FROM round GROUP BY project ORDER BY 1")]

    def unfinished(self) -> list[tuple[str, str]]:
        """Return project and phase of the rounds that are not done."""
        rows = self._db.execute("SELECT project, phase FROM round WHERE phase <> 'done' ORDER BY id")
        return [(project, phase) for project, phase in rows]

    def fates(self) -> dict[str, dict[str, int]]:
        """Return kind → fate → number of items."""
        found: dict[str, dict[str, int]] = {}
        rows = self._db.execute(
            "SELECT i.kind, i.fate, count(*) FROM item i JOIN (SELECT project, max(id) AS last FROM round"
            " GROUP BY project) r ON r.project = i.project AND r.last = i.round_id GROUP BY 1, 2 ORDER BY 1, 2"
        )
        for kind, fate, count in rows:
            found.setdefault(kind, {})[fate] = count
        return found

    def operations(self) -> dict[str, int]:
        """Return operation state → number of operations."""
        return dict(self._db.execute("SELECT state, count(*) FROM operation GROUP BY state ORDER BY state").fetchall())

    def imbalances(self) -> dict[str, str]:
        """Return project → what does not add up, for the projects where something does not."""
        found = {project: imbalance(self._db, project) for project in self.projects()}
        return {project: text for project, text in found.items() if text}

    def troubles(self) -> Iterator[Trouble]:
        """Yield every failed, blocked, unknown and conflicting item, worst first."""
        rows = self._db.execute(
            "SELECT kind, marker, title, fate, reason FROM item WHERE fate IN ('failed', 'unknown', 'conflict',"
            " 'blocked') ORDER BY CASE fate WHEN 'failed' THEN 1 WHEN 'unknown' THEN 2 WHEN 'conflict' THEN 3"
            " ELSE 4 END, kind, marker"
        )
        for row in rows:
            yield Trouble(*row)

    def notes(self) -> Sequence[NoteCount]:
        """Return the notes by code and kind, the most frequent first, with up to three examples each."""
        rows = self._db.execute(
            "SELECT n.code, coalesce(e.item_kind, i.kind, ''), count(*) FROM note n LEFT JOIN entity e"
            " ON e.marker = n.marker LEFT JOIN item i ON i.marker = n.marker GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"
        ).fetchall()
        return [NoteCount(code, kind, count, self._examples(code)) for code, kind, count in rows]

    def _examples(self, code: str) -> tuple[str, ...]:
        rows = self._db.execute("SELECT DISTINCT marker FROM note WHERE code = ? ORDER BY marker LIMIT 3", [code])
        return tuple(marker for (marker,) in rows)
