"""The journal: what is planned, sent, settled, and where everything ended up in QA Sphere."""

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import orjson
from pydantic import TypeAdapter
from sqlite_utils import Database

from migrator.core.drafts import AnyDraft
from migrator.core.errors import BooksDoNotBalance
from migrator.core.model import ItemKind
from migrator.core.ports import Created
from migrator.core.store import Fate, FoundCase, LedgerEntry, Operation, OperationState, Phase, PlannedItem, Round
from state import balance
from state.notes import put_notes

_DRAFT: TypeAdapter[AnyDraft] = TypeAdapter(AnyDraft)
_COLUMNS = "id, project, marker, kind, lane, position, state, draft, title, seq_floor, alive_at, lookups, keyed"


class SqliteJournal:
    """Writes are committed when the method returns, or with the surrounding ``atomic`` block."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def atomic(self) -> AbstractContextManager[object]:
        """Group what is written inside into one transaction."""
        return self._db.atomic()

    # --- rounds -------------------------------------------------------------------------------------------------------

    def unfinished_round(self, project: str) -> Round | None:
        """Return the round that was interrupted, if any."""
        row = self._db.execute(
            "SELECT id, project, phase FROM round WHERE project = ? AND phase <> 'done' ORDER BY id DESC LIMIT 1",
            [project],
        ).fetchone()
        return Round(*row) if row else None

    def begin_round(self, project: str) -> Round:
        """Begin a new round."""
        cursor = self._db.execute(
            "INSERT INTO round (project, phase, started_at) VALUES (?, 'extract', ?)", [project, time.time()]
        )
        return Round(int(cursor.lastrowid or 0), project, "extract")

    def enter(self, current: Round, phase: Phase) -> Round:
        """Record the next phase and return the round in it."""
        finished = time.time() if phase == "done" else None
        self._db.execute("UPDATE round SET phase = ?, finished_at = ? WHERE id = ?", [phase, finished, current.id])
        return Round(current.id, current.project, phase)

    # --- plan ---------------------------------------------------------------------------------------------------------

    def put_items(self, current: Round, items: Iterable[PlannedItem]) -> None:
        """Store items, notes and operations in one transaction; a repeated plan replaces, and doubles nothing."""
        with self._db.atomic():
            position = self._db.execute("SELECT coalesce(max(position), 0) FROM operation").fetchone()[0]
            for offset, item in enumerate(items, start=1):
                self._put_item(current, item, position + offset)

    def _put_item(self, current: Round, item: PlannedItem, position: int) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO item (marker, project, kind, title, fate, reason, made, round_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [item.marker, current.project, item.kind, item.title, item.fate, item.reason, item.made, current.id],
        )
        put_notes(self._db, current.project, item.marker, "plan", item.notes)
        if item.draft is None:
            return
        self._db.execute(
            "INSERT INTO operation (marker, project, kind, lane, position, state, title, draft, digest)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (marker) DO UPDATE SET lane = excluded.lane,"
            " position = excluded.position, state = excluded.state, title = excluded.title, draft = excluded.draft,"
            " digest = excluded.digest, cause = ''"
            # what is in flight or settled is never planned over
            " WHERE state IN ('planned', 'failed', 'blocked')",
            [
                item.marker, current.project, item.kind, item.need, position,
                "blocked" if item.fate == "blocked" else "planned", item.title,
                orjson.dumps(item.draft.model_dump(mode="json")), item.draft.digest,
            ],
        )  # fmt: skip

    def operation_states(self, markers: Sequence[str]) -> Mapping[str, tuple[OperationState, str]]:
        """Return state and draft digest of the operations there are."""
        rows = self._in("SELECT marker, state, digest FROM operation WHERE marker IN ({})", markers)
        return {marker: (state, digest) for marker, state, digest in rows}

    # --- ledger -------------------------------------------------------------------------------------------------------

    def ledger(self, markers: Sequence[str]) -> Mapping[str, LedgerEntry]:
        """Return the entries there are."""
        rows = self._in("SELECT marker, kind, id, seq, digest FROM ledger WHERE marker IN ({})", markers)
        return {row[0]: LedgerEntry(*row) for row in rows}

    def ledger_count(self, project: str, kind: ItemKind) -> int:
        """Return how many items of a kind are known to be in QA Sphere."""
        return self._count("SELECT count(*) FROM ledger WHERE project = ? AND kind = ?", [project, kind])

    def adopt(self, project: str, entry: LedgerEntry) -> None:
        """Enter an item that is in QA Sphere already."""
        self._db.execute(
            "INSERT OR REPLACE INTO ledger (marker, project, kind, id, seq, digest, written_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [entry.marker, project, entry.kind, entry.id, entry.seq, entry.digest, time.time()],
        )

    def forget_found(self, project: str) -> None:
        """Forget what ``put_found`` remembered of the project."""
        self._db.execute("DELETE FROM found WHERE project = ?", [project])

    def put_found(self, project: str, found: Sequence[FoundCase]) -> None:
        """Remember cases of QA Sphere that carry our markers; of two with one marker the lower number counts."""
        with self._db.atomic():
            for case in found:
                self._db.execute(
                    "INSERT INTO found (marker, project, id, seq, fields) VALUES (?, ?, ?, ?, ?)"
                    " ON CONFLICT (marker) DO UPDATE SET id = excluded.id, seq = excluded.seq, fields = excluded.fields"
                    " WHERE excluded.seq <= seq OR project <> excluded.project",
                    [case.marker, project, case.id, case.seq, orjson.dumps(dict(case.fields))],
                )

    def found(self, markers: Sequence[str]) -> Mapping[str, FoundCase]:
        """Return the cases of QA Sphere with these markers, as far as ``put_found`` saw them."""
        rows = self._in("SELECT marker, id, seq, fields FROM found WHERE marker IN ({})", markers)
        return {row[0]: FoundCase(row[0], row[1], row[2], orjson.loads(row[3])) for row in rows}

    # --- reading operations -------------------------------------------------------------------------------------------

    def lanes(self, project: str, kind: ItemKind) -> Sequence[str]:
        """Return the lanes with operations that are planned or unknown, in order."""
        rows = self._db.execute(
            "SELECT lane FROM operation WHERE project = ? AND kind = ? AND state IN ('planned', 'unknown')"
            " GROUP BY lane ORDER BY min(position)",
            [project, kind],
        )
        return [lane for (lane,) in rows]

    def next_operations(self, project: str, kind: ItemKind, lane: str, after: int, limit: int) -> Sequence[Operation]:
        """Return the next planned operations of a lane behind position ``after``."""
        return self._operations(
            "project = ? AND kind = ? AND state = 'planned' AND lane = ? AND position > ?",
            [project, kind, lane, after, limit],
        )

    def planned(self, project: str, kind: ItemKind, limit: int) -> Sequence[Operation]:
        """Return the next planned operations of a kind, whatever their lane."""
        return self._operations("project = ? AND kind = ? AND state = 'planned'", [project, kind, limit])

    def unknown(self, project: str, kind: ItemKind) -> Sequence[Operation]:
        """Return the operations in doubt."""
        return self._operations("project = ? AND kind = ? AND state = 'unknown'", [project, kind, -1])

    def first_done(self, project: str, kind: ItemKind) -> tuple[Operation, LedgerEntry] | None:
        """Return an operation that took effect, with what came of it."""
        for operation in self._operations("project = ? AND kind = ? AND state = 'done'", [project, kind, 1]):
            return operation, self.ledger([operation.marker])[operation.marker]
        return None

    def open_count(self, project: str, kind: ItemKind) -> int:
        """Return how many operations of a kind are not settled yet."""
        return self._count(
            "SELECT count(*) FROM operation WHERE project = ? AND kind = ? AND state IN ('planned', 'sending',"
            " 'unknown')",
            [project, kind],
        )

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
        """Record the intent; on disk when this returns."""
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

    def done(self, operation: Operation, created: Created, fate: Fate) -> None:
        """Record that the operation took effect, in operation, item and ledger."""
        with self._db.atomic():
            self._settle(operation, "done", fate, "")
            entry = LedgerEntry(operation.marker, operation.kind, created.id, created.seq, operation.draft.digest)
            self.adopt(operation.project, entry)

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
        """Turn every failed and blocked operation back into ``planned`` and reopen the round; return how many.

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
            if cursor.rowcount:
                self._db.execute(
                    "UPDATE round SET phase = 'load', finished_at = NULL WHERE phase = 'done' AND id ="
                    " (SELECT max(id) FROM round WHERE project = ?)",
                    [project],
                )
        return cursor.rowcount

    # --- canary and books ---------------------------------------------------------------------------------------------

    def canary_passed(self, project: str, kind: ItemKind) -> bool:
        """Whether the first object of this kind was read back and found equal."""
        return bool(self._count("SELECT count(*) FROM canary WHERE project = ? AND kind = ?", [project, kind]))

    def pass_canary(self, project: str, kind: ItemKind, marker: str) -> None:
        """Record it."""
        self._db.execute(
            "INSERT OR REPLACE INTO canary (project, kind, marker, passed_at) VALUES (?, ?, ?, ?)",
            [project, kind, marker, time.time()],
        )

    def imbalance(self, project: str) -> str:
        """Return in words where extracted items, fates and operations do not add up; empty when they do."""
        return balance.imbalance(self._db, project)

    # --- helpers ------------------------------------------------------------------------------------------------------

    def _settle(self, operation: Operation, state: OperationState, fate: Fate, cause: str) -> None:
        self._db.execute("UPDATE operation SET state = ?, cause = ? WHERE id = ?", [state, cause, operation.id])
        self._db.execute("UPDATE item SET fate = ?, reason = ? WHERE marker = ?", [fate, cause, operation.marker])

    def _operations(self, where: str, parameters: Sequence[Any]) -> Sequence[Operation]:
        # the only texts put into this statement are the constants of this module
        statement = f"SELECT {_COLUMNS} FROM operation WHERE {where} ORDER BY position LIMIT ?"  # noqa: S608
        return [_operation(row) for row in self._db.execute(statement, parameters)]

    def _count(self, statement: str, parameters: Sequence[Any]) -> int:
        return int(self._db.execute(statement, parameters).fetchone()[0])

    def _in(self, statement: str, values: Sequence[str]) -> Iterable[tuple[Any, ...]]:
        for start in range(0, len(values), 500):
            part = values[start : start + 500]
            yield from self._db.execute(statement.format(", ".join("?" * len(part))), part)


def _operation(row: tuple[Any, ...]) -> Operation:
    ident, project, marker, kind, lane, position, state, draft, title, seq_floor, alive_at, lookups, keyed = row
    return Operation(
        ident, project, marker, kind, lane, position, state, _DRAFT.validate_json(draft), title, seq_floor, alive_at,
        lookups, bool(keyed),
    )  # fmt: skip
