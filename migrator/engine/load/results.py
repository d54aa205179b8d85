"""Load: results, run by run side by side, in batches within a run. What was lost is looked up, never guessed."""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import cast

from migrator.core.drafts import ResultDraft
from migrator.core.errors import MigratorError, OutcomeUnknown, Rejected
from migrator.core.events import ItemFailed, Listener, PhaseEnded, PhaseStarted, Progressed, Said
from migrator.core.model import ItemKind
from migrator.core.ports.destination import RESULT_BYTES_PER_CALL, RESULTS_PER_CALL, Destination, result_bytes
from migrator.core.records import LedgerEntry, Operation
from migrator.core.refs import stated_marker
from migrator.core.text import visible_text
from migrator.core.views import Created, ResultView
from migrator.engine.job import Job
from migrator.engine.load.breaker import Breaker
from migrator.engine.load.canary import canary_error
from migrator.engine.load.journaled_write import Writes
from migrator.engine.load.lookup import is_decisive, next_look
from migrator.engine.load.lost_results import Answer, ResultLookUp
from migrator.engine.load.overflow import as_seen, as_written, foretell_loss
from migrator.engine.load.workers import Workers
from migrator.engine.plan.compare import Difference, shown
from migrator.engine.references import Resolve
from migrator.engine.stop import Stop
from state.store import Store

_KIND: ItemKind = "result"
_ABOUT_ONE_ITEM = (400, 413, 422)
"""Refusals after which a batch is halved; what else is refused (the run is closed, or not there) is about all."""
_Found = tuple[Operation, str, ResultDraft]
"""A result that is in QA Sphere: its id there, and the draft as it was written."""
_UNREADABLE = "its answer was lost, and QA Sphere does not give results back: nobody can tell whether it is there"


class ResultLoader:
    """Loads the results of one project. One instance, one load.

    A run is a lane: one request at a time, in order. While something of it is in doubt it is parked, and others go on.
    """

    def __init__(
        self,
        store: Store,
        destination: Destination,
        job: Job,
        resolve: Resolve,
        listener: Listener,
        stop: Stop,
    ) -> None:
        self._store = store
        self._journal = store.journal
        self._history = store.history
        self._destination = destination
        self._job = job
        self._project = job.source_id
        self._resolve = resolve
        self._listener = listener
        self._workers = Workers(job.workers, stop)
        self._writes = Writes(store.journal, _KIND, self._workers.stop)
        self._look_up = ResultLookUp(store, destination.history, job.code)
        self._breaker = Breaker()
        self._ready: deque[str] = deque()
        self._parked: dict[str, float] = {}
        self._running = 0
        # results that stay in doubt: nothing more can be found out in this load
        self._given_up: set[int] = set()
        self._settled = 0
        self._total = 0

    async def load(self) -> None:
        """Send everything that is planned and settle everything in doubt. Raises what stopped the load, after what was
        in flight has come to its end."""
        self._total = self._journal.open_count(self._project, _KIND)
        if not self._total:
            return
        self._listener(PhaseStarted("load results", self._project, self._total))
        self._ready.extend(self._journal.lanes(self._project, _KIND))
        if not self._journal.canary_passed(self._project, _KIND):
            await self._workers.run(self._work_until_one, count=1)
            await self._canary()
        await self._workers.run(self._work)
        self._listener(PhaseEnded("load results", self._project, self._total))

    # --- lanes --------------------------------------------------------------------------------------------------------

    async def _work(self) -> None:
        while not self._workers.stop.requested():
            if not await self._step():
                return

    async def _work_until_one(self) -> None:
        while not self._workers.stop.requested() and self._journal.first_done(self._project, _KIND) is None:
            if not await self._step(most=1):
                return

    async def _step(self, most: int = RESULTS_PER_CALL) -> bool:
        """Do the next thing of a lane; return False when nothing is left to do, here or by the other workers."""
        self._unpark()
        if not self._ready:
            if not self._parked and not self._running:
                return False
            await self._workers.stop.sleep(min(0.2, self._job.settle_seconds / 20))
            return True
        lane = self._ready.popleft()
        self._running += 1
        try:
            due = await self._advance(lane, most)
        finally:
            self._running -= 1
        if due is None:
            return True
        if due > time.time():
            self._parked[lane] = due
        else:
            self._ready.append(lane)
        self._listener(Progressed("load results", self._project, self._settled, self._total, self._waiting_for()))
        return True

    def _unpark(self) -> None:
        now = time.time()
        for lane in [lane for lane, due in self._parked.items() if due <= now]:
            del self._parked[lane]
            self._ready.append(lane)

    def _waiting_for(self) -> str:
        if self._parked:
            return f"{len(self._parked)} runs with lost answers, {max(self._parked.values()) - time.time():.0f} s"
        return self._destination.waiting_for()

    async def _advance(self, lane: str, most: int) -> float | None:
        """Take one step within a run; return when the next is due, None when it has come to its end."""
        entry = self._store.ledger.entries([lane]).get(lane)
        if entry is None:
            return None  # its run did not come about, and says so
        doubtful = [operation for operation in self._history.in_doubt(lane) if operation.id not in self._given_up]
        if doubtful:
            due = min(next_look(operation, self._job.settle_seconds) for operation in doubtful)
            if due > time.time():
                return due
            await self._settle(lane, int(entry.id), doubtful)
            return 0.0
        self._history.block_behind_failed(lane)
        batch = self._batch(lane, most)
        if not batch:
            return None
        await self._send(lane, int(entry.id), batch)
        return 0.0

    def _batch(self, lane: str, most: int) -> list[Operation]:
        """Return the next results of a run, bounded by number and bytes."""
        batch: list[Operation] = []
        size = 0
        for operation in self._journal.next_operations(self._project, _KIND, lane, -1, most):
            size += result_bytes(_draft(operation))
            if batch and size > RESULT_BYTES_PER_CALL:
                break
            batch.append(operation)
        return batch

    # --- one batch ----------------------------------------------------------------------------------------------------

    async def _send(self, lane: str, run_id: int, operations: Sequence[Operation]) -> None:
        """Send a batch and record what became of every item."""
        entries = self._store.ledger.entries(sorted({_draft(operation).case for operation in operations}))
        drafts = [as_written(self._store, _draft(operation)) for operation in operations]
        with self._journal.atomic():
            for operation, written in zip(operations, drafts, strict=True):
                foretell_loss(self._store, self._project, _draft(operation), written)
        items = [(entries[written.case].id, self._resolved(written)) for written in drafts]
        hooks = self._writes.hooks(operations)
        try:
            created = await self._destination.history.create_results(self._job.code, run_id, items, hooks)
        except OutcomeUnknown as error:
            now = time.time()
            with self._journal.atomic():
                for operation in operations:
                    self._journal.in_doubt(operation, now, str(error))
        except Rejected as error:
            await self._refused(lane, run_id, operations, error)
        except MigratorError:
            with self._journal.atomic():
                for operation in operations:
                    self._journal.planned_again(operation)
            raise
        else:
            self._writes.answered()
            ids = [answer.id for answer in created]
            self._done(list(zip(operations, ids, drafts, strict=True)))
            self._breaker.succeeded()

    def _resolved(self, draft: ResultDraft) -> ResultDraft:
        return draft.model_copy(update={"comment": self._resolve(draft.comment)})

    def _done(self, found: Sequence[_Found]) -> None:
        with self._writes.recorded():
            for operation, ident, written in found:
                self._journal.done(operation, Created(ident), "migrated", written=written)
            self._history.put_sent(self._project, [(written, int(ident)) for _, ident, written in found])
        self._settled += len(found)

    async def _refused(self, lane: str, run_id: int, operations: Sequence[Operation], error: Rejected) -> None:
        """Halve a refused batch until the bad result stands alone; a server may have stored those before it."""
        if len(operations) == 1 or error.status not in _ABOUT_ONE_ITEM:
            self._fail(lane, operations, error)
            return
        answers = await self._look_up.look(lane, run_id, operations)
        now = time.time()
        with self._journal.atomic():
            self._done(_found(operations, answers))
            for operation in operations:
                if answers[operation.id] is False:
                    self._journal.planned_again(operation)
                elif answers[operation.id] is None:
                    self._journal.in_doubt(operation, now, _UNREADABLE)
        rest = [operation for operation in operations if answers[operation.id] is False]
        middle = (len(rest) + 1) // 2
        for half in (rest[:middle], rest[middle:]):
            if sendable := self._still_planned(lane, half):
                await self._send(lane, run_id, sendable)

    def _still_planned(self, lane: str, operations: Sequence[Operation]) -> list[Operation]:
        """Return what may be sent: not what waits behind a result that has just failed or is in doubt."""
        self._history.block_behind_failed(lane)
        states = self._journal.operation_states([operation.marker for operation in operations], "create")
        return [operation for operation in operations if states[operation.marker][0] == "planned"]

    def _fail(self, lane: str, operations: Sequence[Operation], error: Rejected) -> None:
        with self._journal.atomic():
            for operation in operations:
                self._journal.failed(operation, str(error))
            self._history.block_behind_failed(lane)
        self._settled += len(operations)
        for operation in operations:
            self._listener(ItemFailed(_KIND, operation.marker, operation.title, "failed", str(error)))
        if stopped := self._breaker.failed(f"{error.status} {error.cause}"):
            raise stopped

    # --- lost answers -------------------------------------------------------------------------------------------------

    async def _settle(self, lane: str, run_id: int, operations: Sequence[Operation]) -> None:
        """Look a batch up; what is not there after the second look is sent again, what nobody can tell never."""
        looked_at = time.time()
        answers = await self._look_up.look(lane, run_id, operations)
        lost = []
        with self._journal.atomic():
            self._done(_found(operations, answers))
            for operation in operations:
                answer = answers[operation.id]
                is_last = is_decisive(operation, looked_at, self._job.settle_seconds)
                if answer is False and is_last:
                    self._journal.planned_again(operation)
                elif answer is None and is_last:
                    self._journal.in_doubt(operation, operation.alive_at, _UNREADABLE)
                    lost.append(operation)
                elif not isinstance(answer, ResultView):
                    self._journal.looked_up(operation)
        for operation in lost:
            self._given_up.add(operation.id)
            self._listener(ItemFailed(_KIND, operation.marker, operation.title, "unknown", _UNREADABLE))

    # --- canary -------------------------------------------------------------------------------------------------------

    async def _canary(self) -> None:
        """Compare the first result with what was sent before the second is sent."""
        first = self._journal.first_done(self._project, _KIND)
        if first is None or self._journal.canary_passed(self._project, _KIND):
            return
        draft = cast(ResultDraft, first.draft)
        entries = self._store.ledger.entries([draft.run, draft.case])
        run_id, case_id = int(entries[draft.run].id), entries[draft.case].id
        views = await self._destination.history.results(self._job.code, run_id, case_id)
        if views is None:
            self._listener(Said("QA Sphere does not give results back, so nobody can compare their comments"))
        else:
            view = next((view for view in views if stated_marker(view.comment) == draft.marker), None)
            if view is None:
                comments = " | ".join(visible_text(seen.comment) for seen in views)
                raise canary_error(first.entry, Difference("comment", draft.marker, shown(comments)))
            _compare(first.entry, draft, view)
        self._journal.pass_canary(self._project, _KIND, draft.marker)


def _compare(entry: LedgerEntry, draft: ResultDraft, view: ResultView) -> None:
    pairs = (
        ("status", draft.status, view.status),
        ("comment", visible_text(draft.comment), visible_text(view.comment)),
        ("time taken", draft.time_taken_ms, view.time_taken_ms),
    )
    for name, expected, found in pairs:
        if expected != found:
            raise canary_error(entry, Difference(name, shown(expected), shown(found)))


def _found(operations: Sequence[Operation], answers: Mapping[int, Answer]) -> list[_Found]:
    pairs = [(operation, answers[operation.id]) for operation in operations]
    return [
        (operation, str(answer.id), as_seen(_draft(operation), answer.comment))
        for operation, answer in pairs
        if isinstance(answer, ResultView)
    ]


def _draft(operation: Operation) -> ResultDraft:
    return cast(ResultDraft, operation.draft)
