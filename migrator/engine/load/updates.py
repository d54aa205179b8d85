"""Load: change cases that changed at the source. Each is read, merged, patched and read back; nobody's edit is lost."""

import time
from typing import cast

import anyio

from migrator.core.drafts import CaseDraft
from migrator.core.errors import BooksDoNotBalance, MigratorError, OutcomeUnknown, Rejected
from migrator.core.events import ItemFailed, Listener, PhaseEnded, PhaseStarted, Progressed
from migrator.core.ports.destination import Destination
from migrator.core.records import Base, Fate, Holding, Operation
from migrator.core.views import Created
from migrator.engine.job import Job
from migrator.engine.load.breaker import Breaker
from migrator.engine.load.journaled_write import Writes
from migrator.engine.load.workers import NotStarted
from migrator.engine.plan.compare import rebased
from migrator.engine.plan.conflicts import conflict_words, policy_notes, resolved
from migrator.engine.plan.merge import merge, patch_of
from migrator.engine.references import Addresses
from migrator.engine.stop import Stop
from state.store import Store

_GONE = 404
_ATTEMPTS = 4
_REFILL = 100


class CaseUpdater:
    """Updates the cases of one project. One instance, one run."""

    def __init__(
        self, store: Store, destination: Destination, job: Job, addresses: Addresses, listener: Listener, stop: Stop
    ) -> None:
        self._addresses = addresses
        self._journal = store.journal
        self._ledger = store.ledger
        self._destination = destination
        self._project = job.source_id
        self._code = job.code
        self._workers = job.workers
        self._conflicts = job.conflicts
        self._listener = listener
        self._outer_stop = stop
        self._stop = Stop()
        self._writes = Writes(store.journal, stop=self._stop)
        self._breaker = Breaker()
        self._queue: list[Operation] = []
        self._after = -1
        self._done = 0
        self._total = 0
        self._fatal: MigratorError | None = None

    async def load(self) -> None:
        """Send every planned update. Raises the error that stopped it, after what was in flight has ended."""
        for operation in self._journal.unknown(self._project, "case", verb="update"):
            # reading the case tells whether it took effect, and sending it again changes nothing more
            self._journal.planned_again(operation)
        self._total = self._journal.open_count(self._project, "case", verb="update")
        if not self._total:
            return
        self._listener(PhaseStarted("update", self._project, self._total))
        async with anyio.create_task_group() as helpers:
            helpers.start_soon(self._watch_stop)
            async with anyio.create_task_group() as workers:
                for _ in range(self._workers):
                    workers.start_soon(self._work)
            helpers.cancel_scope.cancel()
        if self._fatal:
            raise self._fatal
        self._listener(PhaseEnded("update", self._project, self._done))

    async def _work(self) -> None:
        while not self._stop.requested() and (operation := self._next()):
            try:
                await self._update(operation)
            except NotStarted:
                return
            except MigratorError as error:
                self._fatal = self._fatal or error
                self._stop.request()

    def _next(self) -> Operation | None:
        if not self._queue:
            found = self._journal.planned(self._project, "case", _REFILL, verb="update", after=self._after)
            self._queue = list(reversed(found))
            if found:
                self._after = found[-1].position
        return self._queue.pop() if self._queue else None

    async def _watch_stop(self) -> None:
        await self._outer_stop.wait()
        self._stop.request()

    # --- one update ---------------------------------------------------------------------------------------------------

    async def _update(self, operation: Operation) -> None:
        holding = self._ledger.holdings([operation.marker])[operation.marker]
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                await self._try(operation, holding, sent_before=attempt > 1 or operation.alive_at > 0)
            except OutcomeUnknown as error:
                # what it holds now says whether it took effect: equal to the new one, or still as it was
                self._journal.in_doubt(operation, time.time(), str(error))
                if attempt == _ATTEMPTS:
                    self._say(operation, "unknown", str(error))
                    break
                self._journal.planned_again(operation)
            except Rejected as error:
                self._refused(operation, holding, error)
                break
            else:
                break
        self._done += 1
        self._listener(Progressed("update", self._project, self._done, self._total, self._destination.waiting_for()))

    async def _try(self, operation: Operation, holding: Holding, *, sent_before: bool) -> None:
        before, now = cast(CaseDraft, holding.draft), self._addresses.settled(cast(CaseDraft, operation.draft))
        base = _base_of(holding)
        view = await self._destination.case(self._code, holding.entry.id)
        decision = resolved(merge(before, now, base, view), self._conflicts)
        if decision.conflicts:
            self._journal.given_up(operation, "conflict", conflict_words(view.seq, decision.conflicts))
            return
        if decision.send or decision.kept:
            # on disk before the value that loses is gone
            self._journal.announce(self._project, operation.marker, policy_notes(operation.marker, decision, view))
        if decision.send:
            stored = self._addresses.stored(now)
            patch = patch_of(decision.send, before, self._addresses.sendable(now), view, stored)
            await self._destination.update_case(self._code, holding.entry.id, patch, self._writes.hooks([operation]))
            self._writes.answered()
            view = await self._destination.case(self._code, holding.entry.id)
        fate: Fate = "updated" if decision.send or sent_before else "unchanged"
        if operation.lane == "migrated":
            fate = "migrated"  # made in this very run, and finished by this update
        kept = [difference.field for difference in decision.kept]
        base = rebased(_base_of(holding), view, (*decision.send, *decision.agreed), accepted=kept)
        with self._writes.recorded():
            self._journal.confirm(operation.marker)
            created = Created(holding.entry.id, holding.entry.seq)
            self._journal.done(operation, created, fate, base, written=now)
        self._breaker.succeeded()

    def _refused(self, operation: Operation, holding: Holding, error: Rejected) -> None:
        self._journal.announce(self._project, operation.marker, ())
        if error.status == _GONE:
            self._journal.given_up(operation, "gone", f"case {holding.entry.seq} was deleted in QA Sphere")
            return
        self._journal.failed(operation, str(error))
        self._say(operation, "failed", str(error))
        if stopped := self._breaker.failed(f"{error.status} {error.cause}"):
            raise stopped

    def _say(self, operation: Operation, state: str, cause: str) -> None:
        self._listener(ItemFailed("case", operation.marker, operation.title, state, cause))


def _base_of(holding: Holding) -> Base:
    if holding.base is None:
        raise BooksDoNotBalance(f"{holding.entry.marker} was about to be updated although it has no base")
    return holding.base
