"""Runs and results in QA Sphere: what was sent, what is to be sent, and what waits for what."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from migrator.core.drafts import ResultDraft, RunCloseDraft
from migrator.core.records import Fate, Holding, Operation, Round, SentResult, Verb
from migrator.core.refs import variant
from state.packed import packed_draft
from state.rows import rows_in
from state.sent.ledger import HOLDING, holding_of
from state.sent.operations import OPERATION, operation_of

_SENT = "marker, origin, run, case_marker, status, result_id"
_WAITS = "an earlier result of the same test in the same run is not there; it would become the shown one"


class History:
    """Writes are committed when the method returns, or with the surrounding transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def fates(self, markers: Sequence[str]) -> Mapping[str, Fate]:
        """Return the fates there are."""
        return dict(rows_in(self._db, "SELECT marker, fate FROM item WHERE marker IN ({})", markers))

    def is_noted(self, marker: str, code: str) -> bool:
        """Whether an item has a note of this code."""
        found = self._db.execute("SELECT 1 FROM note WHERE marker = ? AND code = ? LIMIT 1", [marker, code])
        return found.fetchone() is not None

    # --- what is in QA Sphere -----------------------------------------------------------------------------------------

    def parts(self, unit: str) -> Sequence[Holding]:
        """Return the runs in QA Sphere that hold a unit, the first one first."""
        prefix = variant(unit, "")
        rows = self._db.execute(
            f"SELECT {HOLDING} FROM ledger WHERE kind = 'run' AND draft IS NOT NULL"  # noqa: S608 - constants
            " AND (marker = ? OR marker >= ? AND marker < ?) ORDER BY rowid",
            [unit, prefix, prefix + "\U0010ffff"],
        ).fetchall()
        return [holding_of(row) for row in rows]

    def parts_in_doubt(self, unit: str) -> Sequence[Operation]:
        """Return the creates of runs of a unit that may have taken effect."""
        prefix = variant(unit, "")
        return self._operations(
            "kind = 'run' AND verb = 'create' AND state IN ('sending', 'unknown')"
            " AND (marker = ? OR marker >= ? AND marker < ?)",
            [unit, prefix, prefix + "\U0010ffff"],
        )

    def editions(self, source_markers: Sequence[str]) -> Mapping[str, SentResult]:
        """Return the last edition of each result that is in QA Sphere."""
        statement = f"SELECT {_SENT} FROM sent_result WHERE origin IN ({{}}) ORDER BY +id"  # noqa: S608 - constants
        return {row[1]: SentResult(*row) for row in rows_in(self._db, statement, source_markers)}

    def put_sent(self, project: str, results: Sequence[tuple[ResultDraft, int]]) -> None:
        """Record results that are in QA Sphere: draft and id, in the order in which they stand there."""
        with self._db.atomic():
            for draft, ident in results:
                self._db.execute(
                    "INSERT OR IGNORE INTO sent_result (marker, project, origin, run, case_marker, status, result_id)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [draft.marker, project, draft.source_marker, draft.run, draft.case, draft.status, ident],
                )

    def sent_of_run(self, run: str) -> Sequence[SentResult]:
        """Return the results of a run that are in QA Sphere, oldest first."""
        rows = self._db.execute(f"SELECT {_SENT} FROM sent_result WHERE run = ? ORDER BY id", [run])  # noqa: S608 - constants
        return [SentResult(*row) for row in rows.fetchall()]

    # --- operations ---------------------------------------------------------------------------------------------------

    def operation(self, marker: str, verb: Verb) -> Operation | None:
        """Return an operation that is not done."""
        found = self._operations("marker = ? AND verb = ? AND state <> 'done'", [marker, verb])
        return found[0] if found else None

    def blocked(self, operation: Operation, cause: str) -> None:
        """Record that an operation waits for something that is not there."""
        with self._db.atomic():
            self._db.execute("UPDATE operation SET state = 'blocked', cause = ? WHERE id = ?", [cause, operation.id])
            self._db.execute("UPDATE item SET fate = 'blocked', reason = ? WHERE marker = ?", [cause, operation.marker])

    def withdraw_results(self, run: str, cases: Sequence[str], cause: str) -> None:
        """Withdraw the planned results of cases that the run was made without."""
        statement = "SELECT marker FROM operation WHERE lane = ? AND kind = 'result' AND chain IN ({})"
        with self._db.atomic():
            for (marker,) in list(rows_in(self._db, statement, cases, run)):
                self._db.execute("DELETE FROM operation WHERE marker = ?", [marker])
                self._db.execute("UPDATE item SET fate = 'blocked', reason = ? WHERE marker = ?", [cause, marker])

    def plan_close(self, current: Round, marker: str, title: str) -> None:
        """Plan to close a run, unless that is done."""
        draft = RunCloseDraft(marker=marker)
        self._db.execute(
            "INSERT INTO operation (marker, verb, project, kind, lane, position, state, title, draft, digest)"
            " SELECT ?, 'close', ?, 'run', '', coalesce(max(position), 0) + 1, 'planned', ?, ?, ? FROM operation"
            " WHERE true ON CONFLICT (marker, verb) DO UPDATE SET state = 'planned', cause = '',"
            " position = excluded.position WHERE state IN ('planned', 'failed', 'blocked')",
            [marker, current.project, title, packed_draft(draft), draft.digest],
        )

    def is_closed(self, run: str) -> bool:
        """Whether this workspace has closed a run."""
        row = self._db.execute(
            "SELECT 1 FROM operation WHERE marker = ? AND verb = 'close' AND state = 'done'", [run]
        ).fetchone()
        return row is not None

    def closes(self, project: str) -> Sequence[Operation]:
        """Return the closes that are not done and have not failed."""
        where = "project = ? AND kind = 'run' AND verb = 'close' AND state NOT IN ('done', 'failed')"
        return self._operations(where, [project])

    def closed(self, operation: Operation) -> None:
        """Record that a run is closed."""
        with self._db.atomic():
            self._db.execute("UPDATE operation SET state = 'done', draft = '' WHERE id = ?", [operation.id])
            self._db.execute(
                "UPDATE item SET fate = CASE WHEN fate IN ('migrated', 'adopted') THEN fate WHEN action = 'create'"
                " THEN 'migrated' ELSE 'updated' END, reason = '' WHERE marker = ?",
                [operation.marker],
            )

    def not_closed(self, operation: Operation, state: str, cause: str) -> None:
        """Record why a run stays open: ``blocked`` for now, ``failed`` until somebody retries."""
        with self._db.atomic():
            self._db.execute("UPDATE operation SET state = ?, cause = ? WHERE id = ?", [state, cause, operation.id])
            self._db.execute(
                "UPDATE item SET fate = ?, reason = ? WHERE marker = ? AND EXISTS (SELECT 1 FROM ledger l"
                " WHERE l.marker = item.marker)",
                [state, cause, operation.marker],
            )

    def open_results(self, run: str) -> int:
        """Return how many results of a run are not there yet."""
        row = self._db.execute(
            "SELECT count(*) FROM operation WHERE lane = ? AND kind = 'result' AND state <> 'done'", [run]
        ).fetchone()
        return int(row[0])

    def block_behind_failed(self, run: str) -> int:
        """Block what waits behind a failed, unknown or blocked result of the same test in the same run; return how
        many."""
        rows = self._db.execute(
            "SELECT o.marker FROM operation o WHERE o.lane = ? AND o.kind = 'result' AND o.state = 'planned'"
            " AND EXISTS (SELECT 1 FROM operation e WHERE e.lane = o.lane AND e.chain = o.chain"
            " AND e.kind = 'result' AND e.position < o.position AND e.state IN ('failed', 'unknown', 'blocked'))",
            [run],
        ).fetchall()
        with self._db.atomic():
            for (marker,) in rows:
                self._db.execute("UPDATE operation SET state = 'blocked', cause = ? WHERE marker = ?", [_WAITS, marker])
                self._db.execute("UPDATE item SET fate = 'blocked', reason = ? WHERE marker = ?", [_WAITS, marker])
        return len(rows)

    def batches(self, project: str, most: int, most_bytes: int, *, first_alone: bool) -> int:
        """Return how many batches the planned results will take, run by run: up to ``most`` results and, unless a
        single one is larger, ``most_bytes`` each. ``first_alone``: the first result of all goes alone."""
        rows = self._db.execute(
            "SELECT lane, count(*), sum(size) FROM operation WHERE project = ? AND kind = 'result'"
            " AND state IN ('planned', 'sending', 'unknown') GROUP BY lane ORDER BY min(position)",
            [project],
        ).fetchall()
        batches = 0
        for number, (run, count, size) in enumerate(rows):
            alone = first_alone and number == 0
            if size <= most_bytes:
                # the usual case needs no single results
                batches += alone + -(-(count - alone) // most)
            else:
                batches += alone + _filled(self._sizes(project, run, skip=int(alone)), most, most_bytes)
        return batches

    def _sizes(self, project: str, run: str, *, skip: int) -> Iterator[int]:
        """Yield the bytes of the planned results of a run, in order; memory stays flat."""
        rows = self._db.execute(
            # the + keeps SQLite from going through the whole project for one run
            "SELECT size FROM operation WHERE lane = ? AND state IN ('planned', 'sending', 'unknown')"
            " AND +kind = 'result' AND +project = ? ORDER BY position LIMIT -1 OFFSET ?",
            [run, project, skip],
        )
        return (size for (size,) in rows)

    def cases_in_flight(self, run: str) -> frozenset[str]:
        """Return the cases of a run of which a result may have arrived, or may yet."""
        rows = self._db.execute(
            "SELECT chain FROM operation WHERE lane = ? AND +kind = 'result' AND state IN ('sending', 'unknown')", [run]
        )
        return frozenset(case for (case,) in rows)

    def _operations(self, where: str, parameters: Sequence[Any]) -> Sequence[Operation]:
        # the only texts put into this statement are the constants of this module
        statement = f"SELECT {OPERATION} FROM operation WHERE {where} ORDER BY position"  # noqa: S608 - constants
        return [operation_of(row) for row in self._db.execute(statement, parameters)]


def _filled(sizes: Iterable[int], most: int, most_bytes: int) -> int:
    """Return how many batches sizes fill, each taken as long as it fits."""
    batches = count = size = 0
    for one in sizes:
        if not batches or count == most or size + one > most_bytes:
            batches, count, size = batches + 1, 0, 0
        count, size = count + 1, size + one
    return batches
