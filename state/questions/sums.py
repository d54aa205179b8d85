"""Read-only questions that reports ask: sums, examples, causes, folders and the pace of writing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlite_utils import Database

from migrator.core.drafts import FolderDraft
from state.packed import unpacked_draft
from state.questions.items import ReportedItems
from state.rows import LAST_ROUND, LAST_ROUNDS
from state.timings import Timings

_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class NoteExample:
    """One item that has a note. ``original``: the source's value."""

    marker: str
    title: str
    field: str
    original: str
    message: str


@dataclass(frozen=True, slots=True)
class NoteGroup:
    """All notes of one code: how many, on how many items of which kinds, and the first ones."""

    code: str
    count: int
    items: Mapping[str, int]
    examples: tuple[NoteExample, ...]


@dataclass(frozen=True, slots=True)
class Cause:
    """What keeps items from being where they should be; ``count`` items have it, ``title`` names the first."""

    fate: str
    kind: str
    reason: str
    count: int
    title: str
    marker: str


@dataclass(frozen=True, slots=True)
class PlannedFolder:
    """A folder of the last round. ``path`` in QA Sphere; of a folder that is not migrated, its title alone.

    ``counts``: fate → items that lie directly in it.
    """

    project: str
    marker: str
    path: tuple[str, ...]
    counts: Mapping[str, int] = field(default_factory=dict)


class Reporting:
    """Sums over the last round of each project; ``items`` one by one, ``timings`` of every command."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.items = ReportedItems(db)
        self.timings = Timings(db)

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

    def notes(self) -> Sequence[NoteGroup]:
        """Return the notes by code, the most frequent first."""
        rows = self._db.execute(
            "SELECT n.code, coalesce(e.item_kind, i.kind, ''), count(*), count(DISTINCT n.marker) FROM note n"
            " LEFT JOIN entity e ON e.marker = n.marker LEFT JOIN item i ON i.marker = n.marker GROUP BY 1, 2"
        )
        counts: dict[str, int] = {}
        items: dict[str, dict[str, int]] = {}
        for code, kind, count, different in rows:
            counts[code] = counts.get(code, 0) + count
            items.setdefault(code, {})[kind] = different
        order = sorted(counts, key=lambda code: (-counts[code], code))
        return [NoteGroup(code, counts[code], items[code], self._examples(code)) for code in order]

    def _examples(self, code: str) -> tuple[NoteExample, ...]:
        rows = self._db.execute(
            "SELECT n.marker, coalesce(i.title, ''), n.field, n.original, n.message FROM note n LEFT JOIN item i"
            " ON i.marker = n.marker WHERE n.code = ? ORDER BY n.id LIMIT ?",
            [code, _EXAMPLES],
        )
        return tuple(NoteExample(*row) for row in rows)

    def causes(self, limit: int) -> Sequence[Cause]:
        """Return why items failed, are in doubt, in conflict, blocked or gone: worst first, then most frequent."""
        rows = self._db.execute(
            # with a single min() the other columns come from the row that has it
            "SELECT i.fate, i.kind, i.reason, count(*), i.title, min(i.marker)"  # noqa: S608 - constants
            f" FROM item i JOIN {LAST_ROUND} WHERE i.fate IN ('failed', 'unknown', 'conflict', 'blocked', 'gone')"
            " GROUP BY 1, 2, 3 ORDER BY CASE i.fate WHEN 'failed' THEN 1 WHEN 'unknown' THEN 2 WHEN 'conflict' THEN 3"
            " WHEN 'blocked' THEN 4 ELSE 5 END, 4 DESC, 6 LIMIT ?",
            [limit],
        )
        return [Cause(*row) for row in rows]

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
