"""What a plan writes: the fate of every item, its notes, and an operation for every write to QA Sphere."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby

from sqlite_utils import Database

from migrator.core.drafts import AnyDraft, ResultDraft
from migrator.core.notes import NoteCode
from migrator.core.ports.destination import result_bytes
from migrator.core.ports.mapping import Mapped
from migrator.core.records import Holding, PlannedItem, Round
from migrator.core.redact import hidden
from migrator.core.refs import UNREAD
from state.notes import add_notes
from state.packed import packed_draft
from state.planned.order import note_order
from state.planned.unchanged_cases import packed_kept_plan
from state.rows import rows_in, run_in
from state.sent.ledger import Ledger

_PUT_ITEM = (
    "INSERT OR REPLACE INTO item (marker, project, kind, title, fate, reason, made, round_id, action, grounds)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
# of an item that is not mapped again, only what this plan may say anew
_FORGET_NOTES = {
    False: "DELETE FROM note WHERE origin = 'plan' AND marker IN ({})",
    True: "DELETE FROM note WHERE origin = 'plan'"
    " AND code IN ('changed_at_source', 'deleted_at_source', 'stands_as_sent', 'untested_words') AND marker IN ({})",
}
# what is said of an edition of a result that was sent stays with it, and of a file that was replaced, whose case need
# not be planned again; a run or milestone may get its name back, or come back itself
_OF_RUNS = " AND NOT EXISTS (SELECT 1 FROM item i WHERE i.marker = note.marker AND i.kind IN ('result', 'file'))"
_FORGET = (
    "DELETE FROM wanted WHERE marker IN ({})",
    "DELETE FROM replaced WHERE marker IN ({})",
    "DELETE FROM operation WHERE state IN ('planned', 'failed', 'blocked') AND marker IN ({})",
)
_KEEP_FILES = (
    "UPDATE item SET round_id = :round, action = '', reason = CASE fate WHEN 'excluded' THEN reason ELSE '' END,"
    " fate = CASE fate WHEN 'excluded' THEN fate ELSE 'unchanged' END"
    " WHERE project = :project AND kind = 'file' AND round_id < :round"
    " AND (fate = 'excluded' OR EXISTS (SELECT 1 FROM ledger l WHERE l.marker = item.marker))"
)
_NOTE_ONLY_ARCHIVED = (
    "INSERT INTO note (marker, project, code, field, original, message, origin)"
    " SELECT i.marker, i.project, :code, '', '', '', 'plan' FROM item i JOIN entity e ON e.marker = i.marker"
    " WHERE i.project = :project AND i.round_id = :round AND i.fate = 'archived' AND i.reason = '' AND e.kind IN"
    " ('requirement', 'defect', 'test_set', 'configuration', 'comment', 'attachment', 'link')"
    # what stands for a list that was not read has a note of its own
    " AND e.marker NOT LIKE :unread"
)
_ATTACHED_TO_HISTORY = (
    "made = 0 AND EXISTS (SELECT 1 FROM entity e JOIN tie t ON t.marker = e.marker JOIN ledger l ON l.marker = t.about"
    " WHERE e.marker = item.marker AND +e.round_id = :reading AND l.kind IN ('run', 'result'))"
)
_MADE_FOR_HISTORY = (
    "made = 1 AND EXISTS (SELECT 1 FROM ledger l WHERE l.kind IN ('run', 'result')"
    # a file that is no item of the source is called after what it was made for
    " AND l.marker = substr(item.marker, 1, instr(item.marker, '#') - 1))"
)


class Planning:
    """Writes are committed when the method returns, or with a surrounding transaction."""

    def __init__(self, db: Database, ledger: Ledger) -> None:
        self._db = db
        self._ledger = ledger

    def put_items(self, current: Round, items: Iterable[PlannedItem]) -> None:
        """Store items, notes, operations and holdings in one transaction.

        An operation that already exists is not doubled; one that is not needed any more is withdrawn, unless it may
        have had an effect.
        """
        with self._db.atomic():
            position = self._db.execute("SELECT coalesce(max(position), 0) FROM operation").fetchone()[0]
            for (is_plain, keeps_notes), group in groupby(enumerate(items, start=1), key=_manner):
                if is_plain:
                    self._put_plain(current, [item for _, item in group], keeps_notes=keeps_notes)
                    continue
                for offset, item in group:
                    self._put_item(current, item, position + offset)

    def _put_plain(self, current: Round, items: Sequence[PlannedItem], *, keeps_notes: bool) -> None:
        """Store items with nothing but a fate, together: most items of most rounds are such."""
        self._db.conn.executemany(_PUT_ITEM, [_item_row(current, item) for item in items])
        markers = [item.marker for item in items]
        forget_notes = _FORGET_NOTES[keeps_notes] + (_OF_RUNS if keeps_notes else "")
        for statement in (forget_notes, *_FORGET):
            run_in(self._db, statement, markers)

    def _put_item(self, current: Round, item: PlannedItem, position: int) -> None:
        self._db.execute(_PUT_ITEM, _item_row(current, item))
        run_in(self._db, _FORGET_NOTES[item.keeps_notes], [item.marker])
        add_notes(self._db, current.project, item.marker, "plan", item.notes)
        for table in ("wanted", "replaced"):
            self._db.execute(f"DELETE FROM {table} WHERE marker = ?", [item.marker])  # noqa: S608 - constants
        if item.wanted:
            self._db.execute(
                "INSERT INTO wanted (marker, draft) VALUES (?, ?)", [item.marker, packed_draft(item.wanted)]
            )
        if item.holding:
            self._ledger.put(current.project, item.holding)
        if item.draft:
            self._put_operation(current, item, item.draft, position)
        else:
            # one that has failed is there to be retried; one that was planned before the rules refused it is not sent
            ended = "" if item.fate == "failed" else ", 'failed', 'blocked'"
            statement = f"DELETE FROM operation WHERE marker = ? AND state IN ('planned'{ended})"  # noqa: S608 - constants
            self._db.execute(statement, [item.marker])

    def _put_operation(self, current: Round, item: PlannedItem, draft: AnyDraft, position: int) -> None:
        self._db.execute(
            "INSERT INTO operation (marker, verb, project, kind, lane, position, state, title, draft, digest,"
            " stamp_entity, stamp_raw, chain, size) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (marker, verb) DO UPDATE"
            " SET lane = excluded.lane, position = excluded.position, state = excluded.state, title = excluded.title,"
            " draft = excluded.draft, digest = excluded.digest, stamp_entity = excluded.stamp_entity,"
            " stamp_raw = excluded.stamp_raw, size = excluded.size, attempts = 0, alive_at = 0, cause = ''"
            # what is in flight is never planned over, and a create that took effect is never planned again
            " WHERE state IN ('planned', 'failed', 'blocked') OR state = 'done' AND verb = 'update'",
            [
                item.marker, item.verb, current.project, item.kind, item.need, position,
                "blocked" if item.fate == "blocked" else "planned", item.title, packed_draft(draft),
                draft.digest, item.stamp and item.stamp.entity, item.stamp and item.stamp.raw,
                draft.case if isinstance(draft, ResultDraft) else "",
                result_bytes(draft) if isinstance(draft, ResultDraft) else 0,
            ],
        )  # fmt: skip

    def put_update(self, current: Round, holding: Holding, draft: AnyDraft, reason: str) -> None:
        """Plan an update of an item beside what the plan says of it; its need keeps the fate that the item has now."""
        marker = holding.entry.marker
        with self._db.atomic():
            position = self._db.execute("SELECT coalesce(max(position), 0) + 1 FROM operation").fetchone()[0]
            title, fate = self._db.execute("SELECT title, fate FROM item WHERE marker = ?", [marker]).fetchone()
            mapped = Mapped(marker, holding.entry.kind, title, "draft", draft)
            item = PlannedItem(mapped, "pending", need=fate, verb="update", stamp=holding.entry.stamp)
            self._put_operation(current, item, draft, position)
            self._db.execute("UPDATE item SET fate = 'pending', reason = ? WHERE marker = ?", [reason, marker])

    def fold(self, current: Round, reasons: Mapping[str, str], *, whole: bool = False) -> Mapping[str, str]:
        """Record of items (by marker) that only the archive would have kept that they stand in another item, and in
        which one. Return those that do neither, as far as they have a fate yet.

        ``whole``: all that the source says of them stands there, which counts before what others say of them.
        """
        statement = (
            "UPDATE item SET fate = 'folded', reason = ? WHERE marker = ? AND round_id = ?"
            " AND (fate = 'archived' OR ? AND fate = 'folded')"
        )
        rest = {
            marker: reason
            for marker, reason in reasons.items()
            if not self._db.execute(statement, [reason, marker, current.id, whole]).rowcount
        }
        known = "SELECT marker FROM item WHERE round_id = ? AND fate = 'folded' AND marker IN ({})"
        for (marker,) in rows_in(self._db, known, list(rest), current.id):
            del rest[marker]
        return rest

    def keep_files(self, current: Round) -> None:
        """Let files stand that are in QA Sphere and that nothing planned in this round names: those of runs and results
        that are not mapped again. A file that was left out of such a result, with a note, stays left out."""
        values = {"round": current.id, "project": current.project, "reading": current.reading}
        with self._db.atomic():
            for of_history in (_ATTACHED_TO_HISTORY, _MADE_FOR_HISTORY):
                self._db.execute(f"{_KEEP_FILES} AND {of_history}", values)

    def note_only_archived(self, current: Round) -> None:
        """Note every item that people made and that is only in the archive; after all others have their fate."""
        values = {
            "code": NoteCode.ONLY_ARCHIVED,
            "project": current.project,
            "round": current.id,
            "unread": f"%/{UNREAD}",
        }
        with self._db.atomic():
            self._db.execute(_NOTE_ONLY_ARCHIVED, values)

    def note_order(self, current: Round) -> None:
        """Note the cases that stand elsewhere in their folders than at the source."""
        note_order(self._db, current)

    def withdraw_old(self, current: Round) -> int:
        """Withdraw operations that were planned in earlier rounds for items that the source has not any more."""
        cursor = self._db.execute(
            "DELETE FROM operation WHERE project = ? AND state IN ('planned', 'failed', 'blocked') AND marker NOT IN"
            " (SELECT marker FROM item WHERE project = ? AND round_id = ?)",
            [current.project, current.project, current.id],
        )
        return cursor.rowcount

    def planned_items(self, current: Round, markers: Sequence[str]) -> Collection[str]:
        """Return which of these have a fate in this round already."""
        statement = "SELECT marker FROM item WHERE round_id = ? AND marker IN ({})"
        return {marker for (marker,) in rows_in(self._db, statement, markers, current.id)}

    # --- slices -------------------------------------------------------------------------------------------------------

    def cases_that_failed(self, current: Round) -> tuple[int, str] | None:
        """Return how many cases failed in this round, and why one did; None when there is one that did not, and that
        no rule leaves out."""
        failed, others, reason = self._db.execute(
            "SELECT count(*) FILTER (WHERE fate = 'failed'), count(*) FILTER (WHERE fate <> 'failed'),"
            " coalesce(max(reason) FILTER (WHERE fate = 'failed'), '') FROM item"
            " WHERE project = ? AND kind = 'case' AND fate <> 'excluded' AND round_id = ?",
            [current.project, current.id],
        ).fetchone()
        return (failed, reason) if failed and not others else None

    def hold_back(self, current: Round, markers: Sequence[str], reason: str) -> None:
        """Withdraw what is planned for these items; they stay pending."""
        with self._db.atomic():
            run_in(self._db, "DELETE FROM operation WHERE state = 'planned' AND marker IN ({})", markers)
            run_in(
                self._db,
                "UPDATE item SET fate = 'pending', action = '', grounds = '', reason = ? WHERE round_id = ?"
                " AND marker IN ({})",
                markers,
                reason,
                current.id,
            )

    def held_back(self, current: Round, markers: Sequence[str]) -> Collection[str]:
        """Return which of these are pending without an operation that would change that."""
        statement = (
            "SELECT marker FROM item i WHERE round_id = ? AND fate = 'pending' AND marker IN ({}) AND NOT EXISTS"
            " (SELECT 1 FROM operation o WHERE o.marker = i.marker AND o.state <> 'done')"
        )
        return {marker for (marker,) in rows_in(self._db, statement, markers, current.id)}

    def hold_back_results(self, current: Round, reason: str) -> None:
        """Withdraw the results whose run or case is neither in QA Sphere nor on its way."""
        self._hold_back_found(
            current,
            "kind = 'result' AND NOT (lane IN (SELECT marker FROM comes) AND chain IN (SELECT marker FROM comes))",
            reason,
        )

    def hold_back_unneeded(self, current: Round, reason: str) -> None:
        """Withdraw the folders and milestones that nothing planned lies in."""
        self._hold_back_found(
            current, "kind IN ('folder', 'milestone') AND marker NOT IN (SELECT lane FROM needed)", reason
        )

    def _hold_back_found(self, current: Round, which: str, reason: str) -> None:
        rows = self._db.execute(
            "WITH RECURSIVE comes(marker) AS (SELECT marker FROM ledger WHERE project = ?1 UNION"  # noqa: S608 - constants
            " SELECT marker FROM operation WHERE project = ?1),"
            " needed(lane) AS (SELECT lane FROM operation WHERE project = ?1 AND kind IN ('case', 'run') AND"
            " state <> 'done' UNION SELECT o.lane FROM operation o JOIN needed n ON o.marker = n.lane)"
            f" SELECT marker FROM operation WHERE project = ?1 AND state = 'planned' AND {which}",
            [current.project],
        )
        self.hold_back(current, [marker for (marker,) in rows.fetchall()], reason)


def _manner(numbered: tuple[int, PlannedItem]) -> tuple[bool, bool]:
    """Return whether an item is nothing but a fate, and whether its notes stay."""
    _, item = numbered
    is_plain = not (item.notes or item.wanted or item.holding or item.draft or item.fate == "failed")
    return is_plain, item.keeps_notes


def _item_row(current: Round, item: PlannedItem) -> list[object]:
    return [
        item.marker, current.project, item.kind, item.title, item.fate, hidden(item.reason), item.mapped.made,
        current.id,
        item.action, packed_kept_plan(item.kept_plan) if item.kept_plan else "",
    ]  # fmt: skip
