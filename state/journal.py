"""The journal: rounds, items and their fates, operations and their states."""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import groupby
from typing import Any

from migrator.core.drafts import AnyDraft, ResultDraft
from migrator.core.errors import BooksDoNotBalance
from migrator.core.notes import Note
from migrator.core.ports.destination import result_bytes
from migrator.core.records import (
    Base,
    Canary,
    Fate,
    Holding,
    LedgerEntry,
    Operation,
    OperationState,
    Phase,
    PlannedItem,
    Round,
)
from migrator.core.views import Created
from state import balance
from state.notes import put_notes
from state.operations import Operations
from state.packed import packed_draft
from state.rows import rows_in, run_in
from state.unchanged_cases import packed_grounds

_PUT_ITEM = (
    "INSERT OR REPLACE INTO item (marker, project, kind, title, fate, reason, made, round_id, action, grounds)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_FORGET = (
    "DELETE FROM note WHERE origin = 'plan' AND marker IN ({})",
    "DELETE FROM wanted WHERE marker IN ({})",
    "DELETE FROM replaced WHERE marker IN ({})",
    "DELETE FROM operation WHERE state IN ('planned', 'failed', 'blocked') AND marker IN ({})",
)
_ANNOUNCED = "foretold"
_SENT = b""
"""Stands for the draft of an operation that took effect; the ledger keeps it."""


class Journal(Operations):
    """Writes are committed when the method returns, or with the surrounding ``atomic`` block."""

    def atomic(self) -> AbstractContextManager[object]:
        """Group what is written inside into one transaction."""
        return self._db.atomic()

    # --- rounds -------------------------------------------------------------------------------------------------------

    def unfinished_round(self, project: str) -> Round | None:
        """Return the round that was interrupted while it extracted, planned or loaded, if any."""
        row = self._db.execute(
            "SELECT id, project, phase, reading, mapper FROM round WHERE project = ?"
            " AND phase IN ('extract', 'plan', 'load') ORDER BY id DESC LIMIT 1",
            [project],
        ).fetchone()
        return Round(*row) if row else None

    def begin_round(self, project: str, reading: int | None = None) -> Round:
        """Begin a new round; one that waited to be applied is dropped. ``reading``: what it builds on, None to read
        everything."""
        self._db.execute("UPDATE round SET phase = 'dropped' WHERE project = ? AND phase <> 'done'", [project])
        cursor = self._db.execute(
            "INSERT INTO round (project, phase, started_at) VALUES (?, 'extract', ?)", [project, time.time()]
        )
        ident = int(cursor.lastrowid or 0)
        self._db.execute("UPDATE round SET reading = ? WHERE id = ?", [reading or ident, ident])
        return Round(ident, project, "extract", reading or ident)

    def enter(self, current: Round, phase: Phase, *, mapper: str | None = None) -> Round:
        """Record the next phase, and the rules it was planned with, and return the round in it."""
        rules = current.mapper if mapper is None else mapper
        finished = time.time() if phase == "done" else None
        self._db.execute(
            "UPDATE round SET phase = ?, mapper = ?, finished_at = ? WHERE id = ?", [phase, rules, finished, current.id]
        )
        return replace(current, phase=phase, mapper=rules)

    # --- plan ---------------------------------------------------------------------------------------------------------

    def put_items(self, current: Round, items: Iterable[PlannedItem]) -> None:
        """Store items, notes, operations and holdings in one transaction.

        An operation that already exists is not doubled; one that is not needed any more is withdrawn, unless it may
        have had an effect.
        """
        with self._db.atomic():
            position = self._db.execute("SELECT coalesce(max(position), 0) FROM operation").fetchone()[0]
            for is_plain, group in groupby(enumerate(items, start=1), key=lambda numbered: _is_plain(numbered[1])):
                if is_plain:
                    self._put_plain(current, [item for _, item in group])
                    continue
                for offset, item in group:
                    self._put_item(current, item, position + offset)

    def _put_plain(self, current: Round, items: Sequence[PlannedItem]) -> None:
        """Store items with nothing but a fate, together: most items of most rounds are such."""
        self._db.conn.executemany(_PUT_ITEM, [_item_row(current, item) for item in items])
        markers = [item.marker for item in items]
        for statement in _FORGET:
            run_in(self._db, statement, markers)

    def _put_item(self, current: Round, item: PlannedItem, position: int) -> None:
        self._db.execute(_PUT_ITEM, _item_row(current, item))
        put_notes(self._db, current.project, item.marker, "plan", item.notes)
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
        elif item.fate != "failed":
            self._db.execute(
                "DELETE FROM operation WHERE marker = ? AND state IN ('planned', 'failed', 'blocked')", [item.marker]
            )

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
        """Plan an update of an item beside what the plan says of it; its lane keeps the fate that the item has now."""
        marker = holding.entry.marker
        with self._db.atomic():
            position = self._db.execute("SELECT coalesce(max(position), 0) + 1 FROM operation").fetchone()[0]
            title, fate = self._db.execute("SELECT title, fate FROM item WHERE marker = ?", [marker]).fetchone()
            item = PlannedItem(
                marker, holding.entry.kind, title, "pending", need=fate, verb="update", stamp=holding.entry.stamp
            )
            self._put_operation(current, item, draft, position)
            self._set_fate(marker, "pending", reason)

    def fold(self, current: Round, reasons: Mapping[str, str]) -> None:
        """Record of items (by marker) that only the archive would have kept that they stand in another item, and in
        which one."""
        for marker, reason in reasons.items():
            self._db.execute(
                "UPDATE item SET fate = 'folded', reason = ? WHERE marker = ? AND round_id = ? AND fate = 'archived'",
                [reason, marker, current.id],
            )

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

    # --- settling operations ------------------------------------------------------------------------------------------

    def recover(self, project: str, now: float) -> int:
        """Turn every ``sending`` left by a dead process into ``unknown``, alive until ``now``; return how many."""
        with self._db.atomic():
            self._db.execute(
                "UPDATE item SET fate = 'unknown', reason = 'the process ended while it was being sent'"
                " WHERE marker IN (SELECT marker FROM operation WHERE project = ? AND state = 'sending')",
                [project],
            )
            cursor = self._db.execute(
                "UPDATE operation SET state = 'unknown', alive_at = ?, lookups = 0"
                " WHERE project = ? AND state = 'sending'",
                [now, project],
            )
        return cursor.rowcount

    def sending(self, operations: Sequence[Operation], now: float, *, seq_floor: int = 0, keyed: bool = False) -> None:
        """Record the intent; on disk when this returns. ``BooksDoNotBalance`` for an operation that is settled."""
        with self._db.atomic():
            for operation in operations:
                cursor = self._db.execute(
                    "UPDATE operation SET state = 'sending', alive_at = ?, lookups = 0, attempts = attempts + 1,"
                    # a repeated attempt may have created it already: the first floor stays
                    " seq_floor = CASE WHEN state = 'sending' THEN seq_floor ELSE ? END, keyed = ?"
                    " WHERE id = ? AND state IN ('planned', 'sending')",
                    [now, seq_floor, keyed, operation.id],
                )
                if cursor.rowcount != 1:
                    raise BooksDoNotBalance(f"{operation.marker} was about to be sent although it is settled")

    def done(
        self,
        operation: Operation,
        created: Created,
        fate: Fate,
        base: Base | None = None,
        *,
        written: AnyDraft | None = None,
    ) -> None:
        """Record that the operation took effect, in operation, item and ledger. Cases without a ``base`` are to be
        read back. ``written``: what was sent, when that is not the operation's draft."""
        draft = operation.draft
        holds = written or draft
        entry = LedgerEntry(
            operation.marker, operation.kind, created.id, created.seq, draft.digest, operation.stamp, base is not None
        )
        with self._db.atomic():
            self._settle(operation, "done", fate, "")
            self._db.execute("UPDATE operation SET draft = ? WHERE id = ?", [_SENT, operation.id])
            if operation.verb == "update":
                self._db.execute(
                    "INSERT OR REPLACE INTO replaced (marker, draft) SELECT marker, draft FROM ledger WHERE marker = ?"
                    " AND draft IS NOT NULL",
                    [operation.marker],
                )
            unread = operation.kind == "case" and base is None
            wished = None if holds == draft else draft
            self._ledger.put(operation.project, Holding(entry, holds, base, wished), unread=unread)

    def failed(self, operation: Operation, cause: str) -> None:
        """Record that the operation certainly had no effect and will not be tried again by itself."""
        with self._db.atomic():
            self._settle(operation, "failed", "failed", cause)

    def in_doubt(self, operation: Operation, now: float, cause: str) -> None:
        """Record that the operation may have had an effect; ``now``: when its request was last alive."""
        with self._db.atomic():
            self._settle(operation, "unknown", "unknown", cause)
            self._db.execute("UPDATE operation SET alive_at = ?, lookups = 0 WHERE id = ?", [now, operation.id])

    def looked_up(self, operation: Operation) -> None:
        """Count a look-up that did not find it."""
        self._db.execute("UPDATE operation SET lookups = lookups + 1 WHERE id = ?", [operation.id])

    def planned_again(self, operation: Operation) -> None:
        """Record that the operation certainly had no effect and is to be sent (again)."""
        with self._db.atomic():
            self._settle(operation, "planned", "pending", "")

    def given_up(self, operation: Operation, fate: Fate, reason: str) -> None:
        """Record that there is nothing to send any more, and what became of the item instead."""
        with self._db.atomic():
            if fate == "conflict":
                self._db.execute(
                    "INSERT OR REPLACE INTO wanted (marker, draft) SELECT marker, draft FROM operation WHERE id = ?",
                    [operation.id],
                )
            self._db.execute("DELETE FROM operation WHERE id = ?", [operation.id])
            self._set_fate(operation.marker, fate, reason)

    def block(self, project: str, need: str, cause: str) -> int:
        """Block every planned operation that needs ``need``, directly or not; return how many."""
        with self._db.atomic():
            dependents = self._db.execute(
                "WITH RECURSIVE needing (marker) AS (SELECT marker FROM operation WHERE project = ?1 AND lane = ?2"
                " AND state = 'planned' UNION SELECT o.marker FROM operation o JOIN needing n ON o.lane = n.marker"
                " WHERE o.project = ?1 AND o.state = 'planned') SELECT marker FROM needing",
                [project, need],
            ).fetchall()
            for (marker,) in dependents:
                self._db.execute("UPDATE operation SET state = 'blocked', cause = ? WHERE marker = ?", [cause, marker])
                self._db.execute("UPDATE item SET fate = 'blocked', reason = ? WHERE marker = ?", [cause, marker])
        return len(dependents)

    def release(self, project: str) -> int:
        """Turn every failed and blocked operation back into ``planned``; return how many. The round is opened again
        when there are any, or operations in doubt, which a load settles first.

        Operations of items that have another fate by now, such as ``excluded``, stay as they are.
        """
        with self._db.atomic():
            cursor = self._db.execute(
                "UPDATE operation SET state = 'planned', cause = '' WHERE project = ?1 AND state IN"
                " ('failed', 'blocked') AND marker IN (SELECT marker FROM item WHERE project = ?1 AND fate = state)",
                [project],
            )
            self._db.execute(
                "UPDATE item SET fate = 'pending', reason = '' WHERE fate IN ('failed', 'blocked') AND marker IN"
                " (SELECT marker FROM operation WHERE project = ? AND state = 'planned')",
                [project],
            )
            in_doubt = "SELECT count(*) FROM operation WHERE project = ? AND state = 'unknown'"
            if cursor.rowcount or self._count(in_doubt, [project]):
                self._db.execute(
                    "UPDATE round SET phase = 'load', finished_at = NULL WHERE phase = 'done' AND id ="
                    " (SELECT max(id) FROM round WHERE project = ?)",
                    [project],
                )
        return cursor.rowcount

    # --- canary and books ---------------------------------------------------------------------------------------------

    def canary_passed(self, project: str, kind: Canary) -> bool:
        """Whether the first object of this kind was read back and found equal."""
        return bool(self._count("SELECT count(*) FROM canary WHERE project = ? AND kind = ?", [project, kind]))

    def pass_canary(self, project: str, kind: Canary, marker: str) -> None:
        """Record it."""
        self._db.execute(
            "INSERT OR REPLACE INTO canary (project, kind, marker, passed_at) VALUES (?, ?, ?, ?)",
            [project, kind, marker, time.time()],
        )

    def imbalance(self, project: str) -> str:
        """Return in words where extracted items, fates and operations do not add up; empty when they do."""
        return balance.imbalance(self._db, project)

    def put_notes(self, project: str, marker: str, notes: Sequence[Note]) -> None:
        """Replace the notes that loading left on an item."""
        with self._db.atomic():
            put_notes(self._db, project, marker, "load", notes)

    def announce(self, project: str, marker: str, notes: Sequence[Note]) -> None:
        """Record what is about to be lost; replaces what was foretold of the item before."""
        with self._db.atomic():
            put_notes(self._db, project, marker, _ANNOUNCED, notes)

    def confirm(self, marker: str) -> None:
        """Record that what was foretold has happened: the notes stay for good, in place of what the plan said."""
        self._db.execute(
            "DELETE FROM note WHERE marker = ? AND origin = 'plan' AND EXISTS (SELECT 1 FROM note f WHERE"
            " f.marker = note.marker AND f.origin = ? AND f.code = note.code AND f.field = note.field)",
            [marker, _ANNOUNCED],
        )
        self._db.execute(
            "UPDATE note SET origin = 'happened ' || (SELECT round_id FROM item i WHERE i.marker = note.marker)"
            " WHERE marker = ? AND origin = ?",
            [marker, _ANNOUNCED],
        )

    # --- helpers ------------------------------------------------------------------------------------------------------

    def _settle(self, operation: Operation, state: OperationState, fate: Fate, cause: str) -> None:
        self._db.execute("UPDATE operation SET state = ?, cause = ? WHERE id = ?", [state, cause, operation.id])
        self._set_fate(operation.marker, fate, cause)

    def _set_fate(self, marker: str, fate: Fate, reason: str) -> None:
        self._db.execute("UPDATE item SET fate = ?, reason = ? WHERE marker = ?", [fate, reason, marker])

    def _count(self, statement: str, parameters: Sequence[Any]) -> int:
        return int(self._db.execute(statement, parameters).fetchone()[0])


def _is_plain(item: PlannedItem) -> bool:
    return not (item.notes or item.wanted or item.holding or item.draft or item.fate == "failed")


def _item_row(current: Round, item: PlannedItem) -> list[object]:
    return [
        item.marker, current.project, item.kind, item.title, item.fate, item.reason, item.made, current.id,
        item.action, packed_grounds(item.grounds) if item.grounds else "",
    ]  # fmt: skip
