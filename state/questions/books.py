"""Read-only questions about a workspace: what stands where, and what failed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from state.balance import imbalance
from state.packed import unpacked
from state.rows import LAST_ROUND as _LAST
from state.rows import paged, rows_in


@dataclass(frozen=True, slots=True)
class Trouble:
    """An item that is not where it should be, and why. ``state``: failed, blocked, unknown, conflict or gone."""

    kind: str
    marker: str
    title: str
    state: str
    cause: str


@dataclass(frozen=True, slots=True)
class NotedItem:
    """An item with one of its notes. ``project``: the source's."""

    project: str
    code: str
    kind: str
    marker: str
    title: str
    field: str
    original: str
    message: str


@dataclass(frozen=True, slots=True)
class NoteCount:
    """How often a note occurs for a kind of item, and for which items first."""

    code: str
    kind: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A value, or with an empty ``value`` a field, of the source that no rule knows, and how often it occurs."""

    code: str
    field: str
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class ArchivedRecord:
    """An extracted item with its originals as JSON. ``fate`` is empty before the first plan."""

    marker: str
    project: str
    kind: str
    fate: str
    reason: str
    notes: list[dict[str, str]]
    entity: bytes
    raw: bytes


class Books:
    """Answers from the last round of each project that was planned. Nothing here writes."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def projects(self) -> list[str]:
        """Return the source ids of the projects that were begun."""
        return [project for (project,) in self._db.execute("SELECT project FROM round GROUP BY project ORDER BY 1")]

    def unfinished(self) -> list[tuple[str, str]]:
        """Return project and phase of the rounds that are not done."""
        rows = self._db.execute(
            "SELECT project, phase FROM round WHERE phase IN ('extract', 'plan', 'load') ORDER BY id"
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
        """Return the projects whose last round is planned and waits to be applied."""
        rows = self._db.execute(
            "SELECT project FROM round WHERE phase = 'planned' AND id IN (SELECT max(id) FROM round GROUP BY project)"
        )
        return [project for (project,) in rows]

    def fates(self, project: str | None = None) -> dict[str, dict[str, int]]:
        """Return kind → fate → number of items, of one project or of all."""
        return self._counted(
            f"SELECT i.kind, i.fate, count(*) FROM item i JOIN {_LAST} WHERE ?1 IS NULL OR i.project = ?1"  # noqa: S608 - constants
            " GROUP BY 1, 2 ORDER BY 1, 2",
            [project],
        )

    def actions(self) -> dict[str, dict[str, int]]:
        """Return kind → what the plan says beside the fate (create, update, remap, suspect, no_base) → number."""
        return self._counted(
            f"SELECT i.kind, i.action, count(*) FROM item i JOIN {_LAST} WHERE i.action <> ''"  # noqa: S608 - constants
            " GROUP BY 1, 2 ORDER BY 1, 2"
        )

    def _counted(self, statement: str, parameters: Sequence[object] = ()) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for kind, name, count in self._db.execute(statement, list(parameters)):
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

    def troubles(self) -> Iterator[Trouble]:
        """Yield every failed, unknown, conflicting, blocked and gone item, worst first."""
        rows = self._db.execute(
            f"SELECT i.kind, i.marker, i.title, i.fate, i.reason FROM item i JOIN {_LAST} WHERE i.fate IN ('failed',"  # noqa: S608 - constants
            " 'unknown', 'conflict', 'blocked', 'gone') ORDER BY CASE i.fate WHEN 'failed' THEN 1 WHEN 'unknown' THEN 2"
            " WHEN 'conflict' THEN 3 WHEN 'blocked' THEN 4 ELSE 5 END, i.kind, i.marker"
        )
        for row in rows:
            yield Trouble(*row)

    def noted(self, codes: Sequence[str]) -> Iterator[NotedItem]:
        """Yield the items with a note of these codes that the last round left; what happened earlier is left out."""
        statement = (
            "SELECT i.project, n.code, i.kind, n.marker, i.title, n.field, n.original, n.message"  # noqa: S608 - constants
            f" FROM item i JOIN {_LAST} JOIN note n ON n.marker = i.marker"
            " WHERE (n.origin NOT LIKE 'happened %' OR n.origin = 'happened ' || i.round_id) AND n.code IN ({})"
            " ORDER BY i.kind, n.marker, n.id"
        )
        for row in rows_in(self._db, statement, codes):
            yield NotedItem(*row)

    def notes(self) -> Sequence[NoteCount]:
        """Return the notes by code and kind, the most frequent first, with up to three examples each."""
        rows = self._db.execute(
            "SELECT n.code, coalesce(e.item_kind, i.kind, ''), count(*) FROM note n LEFT JOIN entity e"
            " ON e.marker = n.marker LEFT JOIN item i ON i.marker = n.marker GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"
        ).fetchall()
        return [NoteCount(code, kind, count, self._examples(code)) for code, kind, count in rows]

    def archived(self) -> Iterator[ArchivedRecord]:
        """Yield everything that was ever extracted, also what has left the source since; memory stays flat."""
        statement = (
            "SELECT e.rowid, e.marker, e.project, e.kind, coalesce(i.fate, ''), coalesce(i.reason, ''), e.body, e.raw"
            " FROM entity e LEFT JOIN item i ON i.marker = e.marker WHERE e.rowid > ? ORDER BY e.rowid LIMIT ?"
        )
        for marker, project, kind, fate, reason, body, raw in paged(self._db, statement, []):
            notes = self._notes_of(marker)
            yield ArchivedRecord(marker, project, kind, fate, reason, notes, unpacked(body), unpacked(raw))

    def _notes_of(self, marker: str) -> list[dict[str, str]]:
        rows = self._db.execute(
            "SELECT code, field, original, message FROM note WHERE marker = ? ORDER BY id", [marker]
        )
        return [
            {"code": code, "field": field, "original": original, "message": message}
            for code, field, original, message in rows
        ]

    def unmapped(self, *, values: Sequence[str], fields: Sequence[str]) -> Sequence[Unmapped]:
        """Return what stands in the notes of these codes, by value or by field, the most frequent first."""
        by_value = "SELECT code, field, original, count(*) FROM note WHERE code IN ({}) GROUP BY 1, 2, 3"
        by_field = "SELECT code, field, '', count(*) FROM note WHERE code IN ({}) GROUP BY 1, 2"
        rows = [*rows_in(self._db, by_value, values), *rows_in(self._db, by_field, fields)]
        found = [Unmapped(*row) for row in rows]
        return sorted(found, key=lambda value: (-value.count, value.code, value.field, value.value))

    def _examples(self, code: str) -> tuple[str, ...]:
        rows = self._db.execute("SELECT DISTINCT marker FROM note WHERE code = ? ORDER BY marker LIMIT 3", [code])
        return tuple(marker for (marker,) in rows)
