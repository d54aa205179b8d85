"""Load: create the planned cases, exactly once each, as many side by side as the destination takes."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import cast

import anyio

from migrator.core.drafts import CaseDraft
from migrator.core.errors import CallError, MigratorError, OutcomeUnknown, Rejected
from migrator.core.events import ItemFailed, Listener, PhaseEnded, PhaseStarted, Progressed
from migrator.core.ports.destination import Destination, Hooks
from migrator.core.records import Holding, Operation
from migrator.core.views import Created
from migrator.engine.crash import reach
from migrator.engine.job import Job
from migrator.engine.load.arrivals import Arrivals
from migrator.engine.load.breaker import Breaker
from migrator.engine.load.canary import canary_error
from migrator.engine.load.journaled_write import Writes
from migrator.engine.load.lost_cases import CaseDoubts
from migrator.engine.load.queue import LaneBoard
from migrator.engine.load.workers import NotStarted
from migrator.engine.plan.compare import Difference, case_differences
from migrator.engine.references import Addresses
from migrator.engine.stop import Stop
from state.store import Store

_CLASH = 409
_CLASHES_TO_FAIL = 5


class CaseLoader:
    """Loads the cases of one project. One instance, one run."""

    def __init__(
        self,
        store: Store,
        destination: Destination,
        job: Job,
        *,
        ordered: bool,
        addresses: Addresses,
        files: Arrivals,
        listener: Listener,
        stop: Stop,
    ) -> None:
        journal = store.journal
        self._addresses = addresses
        self._files = files
        self._journal = journal
        self._ledger = store.ledger
        self._destination = destination
        self._project = job.source_id
        self._code = job.code
        self._workers = job.workers
        self._listener = listener
        self._outer_stop = stop
        self._stop = Stop()
        self._board = LaneBoard(journal, job.source_id, "case", serial=ordered, is_ready=self._is_ready)
        self._doubts = CaseDoubts(journal, destination, job, self._board, addresses)
        self._writes = Writes(journal)
        self._breaker = Breaker()
        self._clashes: dict[int, int] = {}
        self._folder_ids: dict[str, int] = {}
        # the highest case number known, now and when each running create was sent first
        self._floor = 0
        self._floors: dict[int, int] = {}
        self._keyed = False
        self._files_seen = False
        self._done = 0
        self._total = 0
        self._fatal: MigratorError | None = None

    async def load(self) -> None:
        """Send everything that is planned and settle everything in doubt.

        Raises the error that stopped the load, after what was in flight has come to its end. On a requested stop it
        returns early; what is left stays planned.
        """
        self._total = self._journal.open_count(self._project, "case")
        if not self._total:
            return
        self._listener(PhaseStarted("load", self._project, self._total))
        self._floor = await self._destination.highest_seq(self._code)
        self._keyed = await self._destination.carries_marker(self._code)
        for operation in self._journal.unknown(self._project, "case"):
            self._doubts.add(operation)
        async with anyio.create_task_group() as helpers:
            helpers.start_soon(self._watch_stop)
            helpers.start_soon(self._watch_doubts)
            helpers.start_soon(self._watch_files)
            helpers.start_soon(self._report)
            if not self._journal.canary_passed(self._project, "case"):
                await self._canary()
            async with anyio.create_task_group() as workers:
                for _ in range(self._workers):
                    workers.start_soon(self._work)
            helpers.cancel_scope.cancel()
        if self._fatal:
            raise self._fatal
        self._listener(PhaseEnded("load", self._project, self._done))

    # --- tasks --------------------------------------------------------------------------------------------------------

    async def _work(self) -> None:
        while not self._stop.requested():
            operation = self._board.take()
            if operation is not None:
                await self._send(operation)
            elif self._board.finished:
                self._board.wake()
                return
            else:
                await self._board.wait()

    async def _canary(self) -> None:
        """Send alone until one case exists; read it back and compare before the second is sent."""
        while not self._stop.requested():
            if first := self._journal.first_done(self._project, "case"):
                await self._guarded(partial(self._compare_canary, first))
                return
            operation = None if self._doubts else self._board.take()
            if operation is not None:
                await self._send(operation)
            elif self._board.finished:
                return
            else:
                await self._board.wait()

    async def _compare_canary(self, first: Holding) -> None:
        await self._compare(first)
        self._journal.pass_canary(self._project, "case", first.entry.marker)

    async def _compare(self, first: Holding) -> None:
        draft, marker = cast(CaseDraft, first.draft), first.entry.marker
        view = await self._destination.case(self._code, first.entry.id)
        differences = case_differences(draft, self._folder_id(draft), view)
        if marker not in view.markers:
            differences.append(Difference("marker", marker, ", ".join(view.markers) or "none"))
        if differences:
            raise canary_error(first.entry, differences[0])

    async def _file_canary(self, draft: CaseDraft) -> None:
        """Read the first case with files back: a server that drops them says nothing (A-21)."""
        if not draft.files or self._files_seen or self._journal.canary_passed(self._project, "case_files"):
            return
        self._files_seen = True
        await self._compare(self._ledger.holdings([draft.marker])[draft.marker])
        self._journal.pass_canary(self._project, "case_files", draft.marker)

    async def _watch_stop(self) -> None:
        await self._outer_stop.wait()
        self._halt(None)

    async def _watch_doubts(self) -> None:
        await self._guarded(lambda: self._doubts.watch(self._stop))

    async def _watch_files(self) -> None:
        while await self._files.next():
            self._board.look_again()
        if self._files.failed:
            self._board.give_up_held()
        else:
            self._board.look_again()

    async def _report(self) -> None:
        while True:
            done = self._done + self._doubts.settled
            self._listener(Progressed("load", self._project, done, self._total, self._waiting_for()))
            await anyio.sleep(0.25)

    def _waiting_for(self) -> str:
        if self._doubts:
            return f"{len(self._doubts)} lost answers to settle, {self._doubts.seconds_left():.0f} s"
        return self._destination.waiting_for()

    # --- one operation ------------------------------------------------------------------------------------------------

    async def _send(self, operation: Operation) -> None:
        """Send one create and record what became of it."""
        draft = self._addresses.settled(cast(CaseDraft, operation.draft))
        sendable, files = self._addresses.sendable(draft), self._addresses.files(draft)
        hooks = Hooks(before_send=lambda: self._intend(operation), sent=lambda: reach("sent"))
        try:
            created = await self._destination.create_case(self._code, self._folder_id(draft), sendable, files, hooks)
        except NotStarted:
            self._board.put_back(operation)
        except CallError as error:
            self._refused(operation, error)
        except MigratorError as error:
            # it certainly had no effect, and the next one would fare no better
            self._journal.planned_again(operation)
            self._halt(error)
        else:
            self._created(operation, created, draft)
            await self._guarded(partial(self._file_canary, draft))
        finally:
            self._floors.pop(operation.id, None)
            self._board.release(operation)

    async def _intend(self, operation: Operation) -> None:
        if self._stop.requested():
            raise NotStarted  # it was still waiting for its turn; on disk it is planned
        floor = self._floors.setdefault(operation.id, self._floor)
        reach("before_intent")
        self._journal.sending([operation], time.time(), seq_floor=floor, keyed=self._keyed)
        reach("after_intent")

    def _created(self, operation: Operation, created: Created, draft: CaseDraft) -> None:
        self._writes.answered()
        with self._writes.recorded():
            self._journal.done(operation, created, "migrated", written=draft)
        self._floor = max(self._floor, created.seq or 0)
        self._done += 1
        self._breaker.succeeded()

    def _refused(self, operation: Operation, error: CallError) -> None:
        if isinstance(error, OutcomeUnknown):
            now = time.time()
            self._journal.in_doubt(operation, now, str(error))
            floor = self._floors[operation.id]
            self._doubts.add(replace(operation, alive_at=now, lookups=0, seq_floor=floor, keyed=self._keyed))
        elif isinstance(error, Rejected) and error.status == _CLASH and self._clash(operation):
            self._journal.planned_again(operation)
            self._board.put_back(operation, serial=True)
        else:
            self._fail(operation, error)

    def _fail(self, operation: Operation, error: CallError) -> None:
        self._journal.failed(operation, str(error))
        self._done += 1
        self._listener(ItemFailed("case", operation.marker, operation.title, "failed", str(error)))
        if stopped := self._breaker.failed(f"{error.status} {error.cause}"):
            self._halt(stopped)

    def _clash(self, operation: Operation) -> bool:
        """Two creates met in one folder: nothing was stored, so send again, one at a time. Not for ever."""
        self._clashes[operation.id] = self._clashes.get(operation.id, 0) + 1
        return self._clashes[operation.id] < _CLASHES_TO_FAIL

    def _halt(self, error: MigratorError | None) -> None:
        self._fatal = self._fatal or error
        self._stop.request()
        self._board.wake()

    async def _guarded(self, call: Callable[[], Awaitable[None]]) -> None:
        try:
            await call()
        except MigratorError as error:
            self._halt(error)

    def _is_ready(self, operation: Operation) -> bool:
        return self._files.finished or self._addresses.is_complete(cast(CaseDraft, operation.draft))

    def _folder_id(self, draft: CaseDraft) -> int:
        if draft.folder not in self._folder_ids:
            entry = self._ledger.entries([draft.folder])[draft.folder]
            self._folder_ids[draft.folder] = int(entry.id)
        return self._folder_ids[draft.folder]
