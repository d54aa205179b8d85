"""Items as reports show them, read-only and as a stream: memory does not grow with their number."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from migrator.core.drafts import AnyDraft
from migrator.core.notes import NoteCode
from migrator.core.redact import hidden
from migrator.core.refs import Ref
from migrator.core.views import CaseView
from state.packed import unpacked, unpacked_draft, unpacked_json
from state.planned.snapshots import Snapshots
from state.questions.notes import KeptNote, Notes
from state.questions.outcomes import ONLY_PLANNED, OUTCOME
from state.rows import LAST_ROUNDS, chunked, paged, rows_in

# the worst first, then what was or will be changed, then the rest, and at the end what is only kept
_RANK = (
    "CASE WHEN i.fate IN ('failed', 'unknown', 'conflict', 'blocked', 'gone') THEN 0"
    " WHEN i.fate = 'updated' OR i.action IN ('update', 'remap') THEN 1"
    " WHEN i.fate IN ('archived', 'excluded', 'folded') THEN 3 ELSE 2 END"
)
_RANKS = 4
_WRITTEN = "('migrated', 'updated', 'adopted')"


@dataclass(frozen=True, slots=True)
class Versions:
    """What is known of an item that was, will be or might be changed.

    Args:
        before: what QA Sphere was made to hold.
        found: what the last plan saw there.
        wanted: what the source wants it to be.
    """

    before: AnyDraft | None = None
    found: CaseView | None = None
    wanted: AnyDraft | None = None


@dataclass(frozen=True, slots=True)
class ReportedItem:
    """An item with everything that reports say of it.

    Args:
        folder: marker of its folder, empty when it has none.
        about: marker of what it hangs on at the source, as far as it is an item there.
        new_id, seq: in QA Sphere, when it is there.
        address: its URL at the source, empty when unknown.
    """

    project: str
    kind: str
    title: str
    marker: str
    fate: str
    action: str
    reason: str
    folder: str
    old_id: str
    address: str
    new_id: str
    seq: int | None
    notes: tuple[KeptNote, ...] = ()
    versions: Versions = Versions()
    about: str = ""


@dataclass(frozen=True, slots=True)
class ArchivedRecord:
    """An extracted item with its originals as JSON. ``fate`` is empty before the first plan."""

    marker: str
    project: str
    kind: str
    fate: str
    reason: str
    notes: tuple[KeptNote, ...]
    entity: bytes
    raw: bytes


_COLUMNS = (
    "i.project, i.kind, i.title, i.marker, {fate}, i.action, i.reason, coalesce(o.lane, e.parent, ''), e.body,"
    " coalesce(l.id, ''), l.seq"
)
_NOW = _COLUMNS.format(fate="i.fate")
_EVER = _COLUMNS.format(fate=OUTCOME)
_JOINS = (
    " LEFT JOIN entity e ON e.marker = i.marker LEFT JOIN operation o ON o.marker = i.marker AND o.verb = 'create'"
    " LEFT JOIN ledger l ON l.marker = i.marker"
)


class ReportedItems:
    """Answers about single items."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._snapshots = Snapshots(db)
        self._notes = Notes(db)

    def of_last_rounds(self) -> Iterator[ReportedItem]:
        """Yield the items of the last round of each project, the worst first, with notes and both sides."""
        return self._ranked(_NOW, f" AND i.round_id IN ({LAST_ROUNDS})")

    def since_the_first_day(self) -> Iterator[ReportedItem]:
        """Yield every item there ever was with its outcome (``Outcomes``) for a fate, the worst first, with notes and
        both sides."""
        return self._ranked(_EVER, f" AND NOT {ONLY_PLANNED}")

    def _ranked(self, columns: str, only: str = "") -> Iterator[ReportedItem]:
        statement = (
            f"SELECT i.rowid, {columns} FROM item i{_JOINS} WHERE {_RANK} = ?{only}"  # noqa: S608 - constants
            " AND i.rowid > ? ORDER BY i.rowid LIMIT ?"
        )
        for rank in range(_RANKS):
            for rows in chunked(paged(self._db, statement, [rank])):
                yield from self._whole(rows)

    def of(self, markers: Sequence[str]) -> Mapping[str, ReportedItem]:
        """Return items by marker, with notes and both sides."""
        statement = f"SELECT {_NOW} FROM item i{_JOINS} WHERE i.marker IN ({{}})"  # noqa: S608 - constants
        return {item.marker: item for item in self._whole(list(rows_in(self._db, statement, markers)))}

    def written(self, project: str, limit: int) -> Sequence[ReportedItem]:
        """Return the first ``limit`` items that the last round of a project has written, but for results: what was
        updated comes first, because only now both sides of it are known."""
        # whole items are read after they are chosen: sorting must not carry the bodies of a first migration
        rows = self._db.execute(
            f"SELECT i.marker FROM item i WHERE i.project = ? AND i.round_id IN ({LAST_ROUNDS})"  # noqa: S608 - constants
            f" AND i.fate IN {_WRITTEN} AND i.kind <> 'result'"
            " ORDER BY i.fate <> 'updated', i.kind = 'file', i.rowid LIMIT ?",
            [project, limit],
        )
        markers = [marker for (marker,) in rows]
        found = self.of(markers)
        return [found[marker] for marker in markers]

    def written_results(self, project: str, limit: int) -> Sequence[tuple[str, int]]:
        """Return title and number of new results of the first ``limit`` runs that have got any in the last round."""
        rows = self._db.execute(
            f"SELECT r.title, count(*) FROM item i JOIN sent_result s ON s.marker = i.marker JOIN item r"  # noqa: S608 - constants
            f" ON r.marker = s.run WHERE i.project = ? AND i.round_id IN ({LAST_ROUNDS}) AND i.kind = 'result'"
            f" AND i.fate IN {_WRITTEN} GROUP BY s.run ORDER BY r.rowid LIMIT ?",
            [project, limit],
        )
        return rows.fetchall()

    def ever(self) -> Iterator[ReportedItem]:
        """Yield every item there ever was, also what has left the source since, without notes and versions. What has no
        place in QA Sphere, such as people, comes last."""
        statement = (
            f"SELECT i.rowid, {_NOW} FROM item i{_JOINS} WHERE (i.kind = 'archive') = ? AND NOT {ONLY_PLANNED}"  # noqa: S608 - constants
            " AND i.rowid > ? ORDER BY i.rowid LIMIT ?"
        )
        for is_last in (0, 1):
            yield from (_item(row) for row in paged(self._db, statement, [is_last]))

    def archived(self) -> Iterator[ArchivedRecord]:
        """Yield everything that was ever extracted, also what has left the source since; memory stays flat."""
        statement = (
            "SELECT e.rowid, e.marker, e.project, e.kind, coalesce(i.fate, ''), coalesce(i.reason, ''), e.body, e.raw"
            " FROM entity e LEFT JOIN item i ON i.marker = e.marker WHERE e.rowid > ? ORDER BY e.rowid LIMIT ?"
        )
        for rows in chunked(paged(self._db, statement, [])):
            notes = self._notes.of([row[0] for row in rows])
            for marker, project, kind, fate, reason, body, raw in rows:
                kept = tuple(notes.get(marker, ()))
                yield ArchivedRecord(marker, project, kind, fate, reason, kept, unpacked(body), unpacked(raw))

    def _whole(self, rows: Sequence[tuple[Any, ...]]) -> Iterator[ReportedItem]:
        markers = [row[3] for row in rows]
        notes = self._notes.of(markers)
        versions = self._versions({row[3]: row[0] for row in rows if _is_changed(row, notes.get(row[3], ()))})
        for row in rows:
            yield _item(row, tuple(notes.get(row[3], ())), versions.get(row[3], Versions()))

    def _versions(self, projects: Mapping[str, str]) -> Mapping[str, Versions]:
        """Return marker → versions; ``projects``: marker → its project."""
        markers = list(projects)
        ledger = "SELECT marker, id, draft FROM ledger WHERE draft IS NOT NULL AND marker IN ({})"
        held = {marker: (ident, draft) for marker, ident, draft in rows_in(self._db, ledger, markers)}
        wanted = dict(rows_in(self._db, "SELECT marker, draft FROM wanted WHERE marker IN ({})", markers))
        updates = "SELECT marker, draft FROM operation WHERE verb = 'update' AND state <> 'done' AND marker IN ({})"
        wanted |= dict(rows_in(self._db, updates, markers))
        replaced = dict(rows_in(self._db, "SELECT marker, draft FROM replaced WHERE marker IN ({})", markers))
        return {
            marker: self._versions_of(project, marker, held.get(marker), wanted.get(marker), replaced.get(marker))
            for marker, project in projects.items()
        }

    def _versions_of(
        self,
        project: str,
        marker: str,
        held: tuple[str, bytes] | None,
        wanted: bytes | None,
        replaced: bytes | None,
    ) -> Versions:
        ours = unpacked_draft(held[1]) if held else None
        found = self._snapshots.view(project, "plan", held[0] if held else self._first_carrier(project, marker))
        if wanted is not None:
            return Versions(ours, found, unpacked_draft(wanted))
        # what was sent, or would have been, is what the ledger holds
        return Versions(unpacked_draft(replaced) if replaced else None, found, ours)

    def _first_carrier(self, project: str, marker: str) -> str:
        carriers = self._snapshots.by_marker(project, "plan", [marker]).get(marker, ())
        return carriers[0].id if carriers else ""


def _is_changed(row: tuple[Any, ...], notes: Sequence[KeptNote]) -> bool:
    _, kind, _, _, fate, action, *_ = row
    # of a case that was moved, the texts are as they were
    is_renamed = kind != "case" and any(note.code == NoteCode.CHANGED_AT_SOURCE for note in notes)
    return is_renamed or fate in ("conflict", "updated") or action in ("update", "remap")


def _item(row: tuple[Any, ...], notes: tuple[KeptNote, ...] = (), versions: Versions = Versions()) -> ReportedItem:
    project, kind, title, marker, fate, action, reason, folder, body, new_id, seq = row
    entity = unpacked_json(body) if body else {}
    old_id = entity["ref"]["ids"][-1] if entity else ""
    address = entity.get("address") or ""
    about = Ref.model_validate(entity["about"]).marker if entity.get("about") else ""
    return ReportedItem(
        project, kind, title, marker, fate, action, hidden(reason), folder, old_id, address, new_id, seq, notes,
        versions, about,
    )  # fmt: skip
