"""Read-only questions that reports ask about the last round of each project: folders, and the pace of writing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlite_utils import Database

from migrator.core.drafts import FolderDraft
from state.packed import unpacked_draft
from state.rows import LAST_ROUND, LAST_ROUNDS


@dataclass(frozen=True, slots=True)
class PlannedFolder:
    """A folder of the last round. ``path`` in QA Sphere; of a folder that is not migrated, its title alone.

    ``counts``: fate → items that lie directly in it.
    """

    project: str
    marker: str
    path: tuple[str, ...]
    counts: Mapping[str, int] = field(default_factory=dict)


class Sums:
    """Sums over the last round of each project."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def destination_codes(self) -> dict[str, str]:
        """Return source project → code of its project in QA Sphere."""
        rows = self._db.execute("SELECT key, value FROM meta WHERE key LIKE 'project % →'")
        return {key.removeprefix("project ").removesuffix(" →"): value for key, value in rows}

    def project_titles(self) -> dict[str, str]:
        """Return source project → its title there."""
        rows = self._db.execute(f"SELECT i.project, i.title FROM item i JOIN {LAST_ROUND} WHERE i.kind = 'project'")  # noqa: S608 - constants
        return dict(rows.fetchall())

    def began_at(self) -> float:
        """Return when the oldest of the last rounds began; 0 when there is none."""
        row = self._db.execute(
            f"SELECT coalesce(min(started_at), 0) FROM round WHERE id IN ({LAST_ROUNDS})"  # noqa: S608 - constants
        ).fetchone()
        return float(row[0])

    def plan_id(self) -> str | None:
        """Return the plan that the last rounds belong to; None when they belong to none, or to several."""
        rows = self._db.execute(
            f"SELECT DISTINCT plan_id FROM round WHERE id IN ({LAST_ROUNDS})"  # noqa: S608 - constants
        ).fetchall()
        return rows[0][0] or None if len(rows) == 1 else None

    def folders(self) -> Iterator[PlannedFolder]:
        """Yield the folders in the order of planning, each with the fates of the items directly in it."""
        counts = self._in_folders()
        rows = self._db.execute(
            "SELECT i.project, i.marker, i.title, coalesce(nullif(o.draft, x''), l.draft)"  # noqa: S608 - constants
            f" FROM item i JOIN {LAST_ROUND} LEFT JOIN operation o ON o.marker = i.marker AND o.verb = 'create'"
            " LEFT JOIN ledger l ON l.marker = i.marker WHERE i.kind = 'folder' ORDER BY i.rowid"
        )
        for project, marker, title, blob in rows:
            draft = unpacked_draft(blob) if blob else None
            path = tuple(draft.path) if isinstance(draft, FolderDraft) else (title,)
            yield PlannedFolder(project, marker, path, counts.get(marker, {}))

    def _in_folders(self) -> Mapping[str, dict[str, int]]:
        rows = self._db.execute(
            "SELECT coalesce(o.lane, e.parent), i.fate, count(*)"  # noqa: S608 - constants
            f" FROM item i JOIN {LAST_ROUND} LEFT JOIN entity e ON e.marker = i.marker LEFT JOIN operation o"
            " ON o.marker = i.marker AND o.verb = 'create' WHERE i.kind NOT IN ('folder', 'project') GROUP BY 1, 2"
        )
        found: dict[str, dict[str, int]] = {}
        for folder, fate, count in rows:
            found.setdefault(folder or "", {})[fate] = count
        return found

    def writes(self, start: float, width: float) -> Mapping[int, int]:
        """Return how many items QA Sphere acknowledged in each span of ``width`` seconds since ``start``."""
        rows = self._db.execute(
            "SELECT CAST((l.written_at - ?1) / ?2 AS INTEGER), count(*) FROM ledger l WHERE l.written_at >= ?1"
            " AND l.marker IN (SELECT marker FROM operation WHERE state = 'done') GROUP BY 1",
            [start, width],
        )
        return dict(rows.fetchall())

    def written_between(self, start: float) -> tuple[float, float] | None:
        """Return when the first and the last write since ``start`` was acknowledged; None without any."""
        first, last = self._db.execute(
            "SELECT min(written_at), max(written_at) FROM ledger WHERE written_at >= ? AND marker IN"
            " (SELECT marker FROM operation WHERE state = 'done')",
            [start],
        ).fetchone()
        return None if first is None else (first, last)
