"""Read-only questions about what was in QA Sphere before and is used: it has no marker that would say who made it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlite_utils import Database

from state.questions.outcomes import SENT, MadeItem


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """Cases of a folder of QA Sphere when the last plan was made: ``ours`` are of this source, ``others`` of nobody
    that is known."""

    ours: int = 0
    others: int = 0


class Used:
    """Answers over all rounds."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def items(self, kind: str) -> list[MadeItem]:
        """Return what this workspace has not made and uses, each once, by project."""
        rows = self._db.execute(
            "SELECT l.project, l.kind, coalesce(i.title, ''), min(l.marker), l.id, l.seq, '', 0.0 FROM ledger l"  # noqa: S608 - constants
            " LEFT JOIN item i ON i.marker = l.marker WHERE l.kind = ? AND NOT EXISTS (SELECT 1 FROM ledger m"
            " JOIN operation o ON o.marker = m.marker WHERE m.project = l.project AND m.kind = l.kind AND m.id = l.id"
            f" AND {SENT}) GROUP BY l.project, l.id ORDER BY l.project, min(l.rowid)",
            [kind],
        )
        return [MadeItem(*row) for row in rows.fetchall()]

    def cases_in_folders(self, prefix: str) -> Mapping[tuple[str, str], CaseCounts]:
        """Return project and id of a folder → the cases directly in it. ``prefix``: what markers of the source begin
        with."""
        rows = self._db.execute(
            "SELECT project, folder_id, sum(ours), sum(1 - ours) FROM (SELECT s.project, s.folder_id,"
            " max(s.marker >= ? AND s.marker < ? OR EXISTS (SELECT 1 FROM ledger l WHERE l.project = s.project"
            " AND l.kind = 'case' AND l.id = s.id)) AS ours FROM seen s WHERE s.look = 'plan'"
            " GROUP BY s.project, s.folder_id, s.id) GROUP BY 1, 2",
            [prefix, prefix + "\U0010ffff"],
        )
        return {(project, str(folder)): CaseCounts(ours, others) for project, folder, ours, others in rows.fetchall()}
