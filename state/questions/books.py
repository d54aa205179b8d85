"""Read-only questions about a workspace: what stands where, and what failed."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from migrator.core.redact import hidden
from state.balance import imbalance
from state.rows import LAST_ROUND, rows_in


@dataclass(frozen=True, slots=True)
class Trouble:
    """An item that is not where it should be, and why. ``state``: failed, blocked, unknown, conflict or gone."""

    kind: str
    marker: str
    title: str
    state: str
    cause: str


@dataclass(frozen=True, slots=True)
class Cause:
    """What keeps items from being where they should be; ``count`` items have it, ``title`` names the first."""

    fate: str
    kind: str
    reason: str
    count: int
    title: str
    marker: str


_NEWEST_PLAN = "coalesce((SELECT plan_id FROM plan ORDER BY id DESC LIMIT 1), '-')"
_OF_PROJECTS = "(?1 IS NULL OR i.project IN (SELECT value FROM json_each(?1)))"
_TROUBLED = "('failed', 'unknown', 'conflict', 'blocked', 'gone')"
_WORST_FIRST = (
    "CASE i.fate WHEN 'failed' THEN 1 WHEN 'unknown' THEN 2 WHEN 'conflict' THEN 3 WHEN 'blocked' THEN 4 ELSE 5 END"
)


class Books:
    """Answers from the last round of each project that was planned. Nothing here writes."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def projects(self) -> list[str]:
        """Return the source ids of the projects that were begun."""
        return [project for (project,) in self._db.execute("SELECT project FROM round GROUP BY project ORDER BY 1")]

    def unfinished(self) -> list[tuple[str, str]]:
        """Return project and phase of the rounds that are not done; one that is planned and belongs to no saved plan
        was to be loaded at once, and one of an older plan than the newest can only be planned anew."""
        rows = self._db.execute(
            "SELECT project, phase FROM round WHERE phase IN ('extract', 'plan', 'load') OR phase = 'planned'"  # noqa: S608 - constants
            f" AND plan_id <> {_NEWEST_PLAN} AND id IN (SELECT max(id) FROM round GROUP BY project) ORDER BY id"
        )
        return [(project, phase) for project, phase in rows]

    def readings(self) -> dict[str, str]:
        """Return what the last round of each project has read at the source: ``everything`` or ``changes``."""
        rows = self._db.execute(
            "SELECT project, CASE WHEN reading = id THEN 'everything' ELSE 'changes' END FROM round"
            " WHERE id IN (SELECT max(id) FROM round GROUP BY project) ORDER BY 1"
        )
        return dict(rows.fetchall())

    def waiting(self) -> list[str]:
        """Return the projects whose last round belongs to the saved plan that waits to be applied: the newest one."""
        rows = self._db.execute(
            f"SELECT project FROM round WHERE phase = 'planned' AND plan_id = {_NEWEST_PLAN}"  # noqa: S608 - constants
            " AND id IN (SELECT max(id) FROM round GROUP BY project)"
        )
        return [project for (project,) in rows]

    def to_apply(self) -> list[str]:
        """Return those of ``waiting`` whose plan would write something."""
        rows = self._db.execute("SELECT DISTINCT project FROM operation WHERE state = 'planned'")
        writing = {project for (project,) in rows}
        return [project for project in self.waiting() if project in writing]

    def fates(self, *projects: str) -> dict[str, dict[str, int]]:
        """Return kind → fate → number of items, of these projects or of all."""
        return self._counted(
            f"SELECT i.kind, i.fate, count(*) FROM item i JOIN {LAST_ROUND} WHERE {_OF_PROJECTS}"  # noqa: S608 - constants
            " GROUP BY 1, 2 ORDER BY 1, 2",
            projects,
        )

    def standing(self, markers: Sequence[str]) -> "Counter[tuple[str, str]]":
        """Return fate and reason → how many of these items have both."""
        statement = "SELECT fate, reason FROM item WHERE marker IN ({})"
        return Counter((fate, reason) for fate, reason in rows_in(self._db, statement, markers))

    def gone(self, project: str) -> dict[str, int | None]:
        """Return marker → number, if it has one, of what the last round has found to be deleted in QA Sphere."""
        rows = self._db.execute(
            f"SELECT i.marker, l.seq FROM item i JOIN {LAST_ROUND} JOIN ledger l ON l.marker = i.marker"  # noqa: S608 - constants
            " WHERE i.project = ? AND i.fate = 'gone'",
            [project],
        )
        return dict(rows.fetchall())

    def actions(self, *projects: str) -> dict[str, dict[str, int]]:
        """Return kind → what the plan says beside the fate (``Action``) → number."""
        return self._counted(
            f"SELECT i.kind, i.action, count(*) FROM item i JOIN {LAST_ROUND} WHERE i.action <> '' AND {_OF_PROJECTS}"  # noqa: S608 - constants
            " GROUP BY 1, 2 ORDER BY 1, 2",
            projects,
        )

    def _counted(self, statement: str, projects: Sequence[str]) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for kind, name, count in self._db.execute(statement, [_listed(projects)]):
            found.setdefault(kind, {})[name] = count
        return found

    def was_loaded(self, project: str) -> bool:
        """Whether this workspace has ever written, or begun to write, into the project."""
        row = self._db.execute(
            "SELECT 1 FROM round WHERE project = ?1 AND phase IN ('load', 'done') UNION ALL"
            " SELECT 1 FROM operation WHERE project = ?1 AND state = 'done' LIMIT 1",
            [project],
        ).fetchone()
        return row is not None

    def operations(self) -> dict[str, int]:
        """Return operation state → number of operations."""
        return dict(self._db.execute("SELECT state, count(*) FROM operation GROUP BY state ORDER BY state").fetchall())

    def imbalances(self) -> dict[str, str]:
        """Return project → what does not add up, for the projects where something does not."""
        found = {project: imbalance(self._db, project) for project in self.projects()}
        return {project: text for project, text in found.items() if text}

    def troubles(self, *projects: str) -> Iterator[Trouble]:
        """Yield every failed, unknown, conflicting, blocked and gone item of these projects, or of all, worst first."""
        rows = self._db.execute(
            f"SELECT i.kind, i.marker, i.title, i.fate, i.reason FROM item i JOIN {LAST_ROUND}"  # noqa: S608 - constants
            f" WHERE i.fate IN {_TROUBLED} AND {_OF_PROJECTS} ORDER BY {_WORST_FIRST}, i.kind, i.marker",
            [_listed(projects)],
        )
        for row in rows:
            yield Trouble(*row)

    def results_without_base(self, project: str) -> Sequence[tuple[str, str, str, str]]:
        """Return marker, QA Sphere's id, title and reason of the results that say something else than the source, and
        of which nobody knows who has changed them; a person is to decide."""
        rows = self._db.execute(
            "SELECT i.marker, coalesce(max(s.result_id), ''), i.title, i.reason"  # noqa: S608 - constants
            f" FROM item i JOIN {LAST_ROUND} LEFT JOIN sent_result s ON s.origin = i.marker"
            " WHERE i.project = ? AND i.kind = 'result' AND i.action = 'no_base' GROUP BY i.marker ORDER BY 1",
            [project],
        )
        return [(marker, str(ident), title, hidden(reason)) for marker, ident, title, reason in rows]

    def causes(self, limit: int) -> Sequence[Cause]:
        """Return why items failed, are in doubt, in conflict, blocked or gone: worst first, then most frequent."""
        rows = self._db.execute(
            # with a single min() the other columns come from the row that has it
            "SELECT i.fate, i.kind, i.reason, count(*), i.title, min(i.marker)"  # noqa: S608 - constants
            f" FROM item i JOIN {LAST_ROUND} WHERE i.fate IN {_TROUBLED} GROUP BY 1, 2, 3"
            f" ORDER BY {_WORST_FIRST}, 4 DESC, 6 LIMIT ?",
            [limit],
        )
        return [Cause(fate, kind, hidden(reason), *rest) for fate, kind, reason, *rest in rows]


def _listed(projects: Sequence[str]) -> str | None:
    return json.dumps(projects) if projects else None
