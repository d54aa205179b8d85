"""The journal: what is being written to QA Sphere, and what became of it."""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from sqlite_utils import Database

from migrator.core.drafts import AnyDraft
from migrator.core.errors import BooksDoNotBalance
from migrator.core.notes import Note
from migrator.core.records import (
    Base,
    Canary,
    Fate,
    Holding,
    LedgerEntry,
    Operation,
    OperationState,
)
from migrator.core.redact import hidden
from migrator.core.views import Created
from state import balance
from state.disk import Disk
from state.notes import put_notes
from state.sent.ledger import Ledger
from state.sent.operations import Operations

_ANNOUNCED = "foretold"
_SENT = b""
"""Stands for the draft of an operation that took effect; the ledger keeps it."""


class Journal(Operations):
    """Writes are committed when the method returns, or with the surrounding ``atomic`` block."""

    def __init__(self, db: Database, ledger: Ledger, disk: Disk) -> None:
        super().__init__(db, ledger)
        self.disk = disk

    def atomic(self) -> AbstractContextManager[object]:
        """Group what is written inside into one transaction."""
        return self._db.atomic()

    # --- what became of operations ------------------------------------------------------------------------------------

    def recover(self, project: str, now: float) -> int:
        """Turn every ``sending`` left by a dead process into ``unknown``, alive until ``now``; return how many."""
        with self._db.atomic():
            self._db.execute(
                "UPDATE item SET fate = 'unknown', reason = 'the process ended while it was being sent'"
                " WHERE marker IN (SELECT marker FROM operation WHERE project = ? AND state = 'sending')",
                [project],
            )
            cursor = self._db.execute(
                "UPDATE operation SET state = 'unknown', alive_at = ? WHERE project = ? AND state = 'sending'",
                [now, project],
            )
        return cursor.rowcount

    def sending(self, operations: Sequence[Operation], now: float, *, seq_floor: int = 0, keyed: bool = False) -> None:
        """Record the intent; nothing may leave before ``disk`` has it. ``BooksDoNotBalance`` for one that has
        ended."""
        with self._db.atomic():
            for operation in operations:
                cursor = self._db.execute(
                    "UPDATE operation SET state = 'sending', alive_at = ?, attempts = attempts + 1,"
                    # a repeated attempt may have created it already: the first floor stays
                    " seq_floor = CASE WHEN state = 'sending' THEN seq_floor ELSE ? END, keyed = ?"
                    " WHERE id = ? AND state IN ('planned', 'sending')",
                    [now, seq_floor, keyed, operation.id],
                )
                if cursor.rowcount != 1:
                    raise BooksDoNotBalance(f"{operation.marker} was about to be sent although it has ended")

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
            self._set_state(operation, "done", fate, "")
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
            self._set_state(operation, "failed", "failed", cause)

    def in_doubt(self, operation: Operation, now: float, cause: str) -> None:
        """Record that the operation may have had an effect; ``now``: when its request was last alive."""
        with self._db.atomic():
            self._set_state(operation, "unknown", "unknown", cause)
            self._db.execute("UPDATE operation SET alive_at = ? WHERE id = ?", [now, operation.id])

    def planned_again(self, operation: Operation) -> None:
        """Record that the operation certainly had no effect and is to be sent (again)."""
        with self._db.atomic():
            self._set_state(operation, "planned", "pending", "")

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

    def found_as(self, operation: Operation, marker: str, source: str) -> None:
        """Record that the edition of ``source`` that was to be sent is there already, perhaps under another marker."""
        with self._db.atomic():
            self._db.execute("DELETE FROM operation WHERE id = ?", [operation.id])
            self._set_fate(operation.marker, "adopted", "")
            if marker != operation.marker:
                self._db.execute("UPDATE OR REPLACE item SET marker = ? WHERE marker = ?", [marker, operation.marker])
                self._db.execute(
                    "UPDATE note SET original = ? WHERE marker = ? AND original = ?", [marker, source, operation.marker]
                )

    def block(self, project: str, need: str, cause: str) -> int:
        """Block every planned operation that needs ``need``, directly or not; return how many."""
        cause = hidden(cause)
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
        when there are any, or operations in doubt, which a load looks up first; so is one that was only planned, in
        which nothing else is to be written.

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
                    "UPDATE round SET phase = 'load', finished_at = NULL WHERE phase IN ('planned', 'done') AND id ="
                    " (SELECT max(id) FROM round WHERE project = ?)",
                    [project],
                )
        return cursor.rowcount

    def stranded_files(self, project: str) -> int:
        """Return how many files are blocked by their case, and have no operation that could be sent again."""
        statement = (
            "SELECT count(*) FROM item i WHERE project = ? AND kind = 'file' AND fate = 'blocked'"
            " AND NOT EXISTS (SELECT 1 FROM operation o WHERE o.marker = i.marker)"
        )
        return self._count(statement, [project])

    def has_adopted(self, round_id: int) -> bool:
        """Whether the plan found cases in QA Sphere that this workspace had not made."""
        statement = "SELECT count(*) FROM item WHERE round_id = ? AND kind = 'case' AND fate = 'adopted'"
        return bool(self._count(statement, [round_id]))

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

    def _set_state(self, operation: Operation, state: OperationState, fate: Fate, cause: str) -> None:
        self._db.execute("UPDATE operation SET state = ?, cause = ? WHERE id = ?", [state, hidden(cause), operation.id])
        self._set_fate(operation.marker, fate, cause)

    def _set_fate(self, marker: str, fate: Fate, reason: str) -> None:
        self._db.execute("UPDATE item SET fate = ?, reason = ? WHERE marker = ?", [fate, hidden(reason), marker])

    def _count(self, statement: str, parameters: Sequence[Any]) -> int:
        return int(self._db.execute(statement, parameters).fetchone()[0])
