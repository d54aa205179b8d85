"""How operations of every kind are sent, exactly once each; the loaders of the kinds say only what differs.

The first of a kind goes alone and is read back (the canary), then workers take from the queue. What is refused fails
alone, by its name; what was lost is looked up, twice; what stops the load lets the rest come to its end.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import partial
from typing import ClassVar

import anyio

from migrator.core.errors import CallError, MigratorError, OutcomeUnknown, Rejected
from migrator.core.events import NEEDS, ItemFailed, PhaseEnded, PhaseStarted, Progressed
from migrator.core.model import ItemKind
from migrator.core.plural import number
from migrator.core.ports.destination import Destination
from migrator.core.records import Fate, Holding, Operation, Verb
from migrator.engine.context import Context
from migrator.engine.load.journaled_write import JournaledWrite
from migrator.engine.load.lookup import Found, LostAnswers
from migrator.engine.load.needs import Needs
from migrator.engine.load.queue import Queue
from migrator.engine.load.workers import Breaker, NotStarted, Work, Workers

_REPORT_SECONDS = 0.25
UNREADABLE = "its answer was lost, and QA Sphere does not give it back: nobody can tell whether it is there"


class Loader(ABC):
    """Loads the operations of one kind in one project. One instance, one load."""

    kind: ClassVar[ItemKind]
    verb: ClassVar[Verb] = "create"
    phase: ClassVar[str]
    crash_name: ClassVar[str] = ""
    """How crash points name its writes, where they have a name of their own."""
    most: int = 1
    """Operations in one request."""
    begins_alone: ClassVar[bool] = False
    """The first request of each load goes alone, whatever was compared before."""
    has_canary: ClassVar[bool] = True
    blocks: ClassVar[str] = ""
    """What others call it that need it, such as ``its folder``; empty when nothing waits for a single one."""

    def __init__(self, context: Context[Destination], queue: Queue, workers: int | None = None) -> None:
        self.context = context
        self.project = context.project
        self.code = context.job.code
        self.journal = context.store.journal
        self.destination = context.destination
        self.queue = queue
        self.workers = Workers(workers or context.job.workers, context.stop)
        self.writes = JournaledWrite(self.journal, self.crash_name, self.workers.stop)
        self.lost = LostAnswers(context.job.settle_seconds)
        self.breaker = Breaker()
        self.needs = Needs()
        self.followers: Sequence[Needs] = ()
        """What others need who wait for items of this kind."""
        self.beside: list[Work] = [self._look_up_lost, self._report, self._wake_at_stop, self._watch_needs]
        self.begun = anyio.Event()
        """The first of this load is there and was read back, or there is none."""
        self._ended = 0
        self._total = 0

    async def load(self) -> None:
        """Send everything that is planned and look up everything in doubt.

        Raises the error that stopped the load, after what was in flight has come to its end. On a requested stop it
        returns early; what is left stays planned.
        """
        self._total = self.count()
        if not self._total:
            self.begun.set()
            return
        self.context.listener(PhaseStarted(self.phase, self.project, self._total))
        await self.begin()
        if doubtful := self.journal.unknown(self.project, self.kind, verb=self.verb):
            self.resume(doubtful)
        if self.has_canary and not self.journal.canary_passed(self.project, self.kind):
            await self.workers.run(self._send_canary, count=1, beside=self.beside)
            await self._check_first()
        elif self.begins_alone:
            await self.workers.run(partial(self._work, once=True), count=1, beside=self.beside)
        self.begun.set()
        await self.workers.run(self._work, beside=self.beside)
        self.context.listener(PhaseEnded(self.phase, self.project, self._ended))

    # --- what differs -------------------------------------------------------------------------------------------------

    def count(self) -> int:
        """Return how many operations there are to load."""
        return self.journal.open_count(self.project, self.kind, verb=self.verb)

    async def begin(self) -> None:
        """Read what is needed before the first is sent."""

    @abstractmethod
    async def send(self, operations: Sequence[Operation]) -> None:
        """Send one request and record what it answered."""

    async def sent(self, operations: Sequence[Operation]) -> None:
        """Look at what became of a request, once that is recorded."""

    @abstractmethod
    async def look_up(self, operations: Sequence[Operation]) -> Mapping[int, Found | None]:
        """Return by id which of the lost creates took effect; None: QA Sphere does not tell. What is not there is
        missing in the answer."""

    def together(self, lost: Sequence[Operation]) -> Sequence[Operation]:
        """Return those of the lost creates that one look-up can ask for."""
        return lost

    def first(self) -> Holding | None:
        """Return the one that is compared for all others, once it is there."""
        return self.journal.first_done(self.project, self.kind)

    @abstractmethod
    async def compare(self, first: Holding) -> None:
        """Raise ``CanaryDifference`` when the first of its kind is not as it was sent."""

    def as_sent(self, operation: Operation) -> Operation:
        """Return an operation that got lost with what is needed to look it up."""
        return operation

    def resume(self, operations: Sequence[Operation]) -> None:
        """Take up what an earlier process left in doubt."""
        for operation in operations:
            self._await_lookup(operation)

    async def unanswered(self, operations: Sequence[Operation], error: OutcomeUnknown) -> None:
        """Record what it means that an answer was lost: it is looked up in time."""
        self.in_doubt(operations, str(error))

    async def refused(self, operations: Sequence[Operation], error: CallError) -> None:
        """Halve a refused batch until the bad one stands alone and fails by its name."""
        if len(operations) == 1:
            self.fail(operations, error)
            return
        self.plan_again(operations)
        await self.send_halves(operations)

    def record(self, found: Sequence[Found], fate: Fate = "migrated", *, answered: bool = True) -> None:
        """Bring to disk what is in QA Sphere; ``answered``: the answer to the request has told so."""
        if not found:
            return
        with self.writes.recorded(answered=answered):
            for one in found:
                self.journal.done(one.operation, one.created, fate, written=one.written)
            self.entered(found)
        if answered:
            self.breaker.succeeded()
        self.ended([one.operation for one in found])

    def entered(self, found: Sequence[Found]) -> None:
        """Bring to disk in the same transaction what else follows from it."""

    def failed(self, operation: Operation, error: CallError) -> None:
        """Record a failure, and what that means for others."""
        self.journal.failed(operation, str(error))
        if self.blocks:
            self.journal.block(self.project, operation.marker, f"{self.blocks} {operation.marker} failed")

    def waiting_for(self) -> str:
        """Say what holds the load up."""
        if self.lost:
            return f"{number(len(self.lost), 'lost answer')} to look up, {self.lost.seconds_left():.0f} s"
        if self.queue.stands_still:
            return NEEDS
        return self.destination.waiting_for()

    # --- what they call -----------------------------------------------------------------------------------------------

    def ended(self, operations: Sequence[Operation]) -> None:
        """Count operations that have come to an end, and tell who waits for them."""
        self._ended += len(operations)
        for needs in self.followers:
            needs.ended(operation.marker for operation in operations)

    def say(self, operation: Operation, state: str, cause: str) -> None:
        """Tell what became of an item that is not in QA Sphere."""
        self.context.listener(ItemFailed(self.kind, operation.marker, operation.title, state, cause))

    def fail(self, operations: Sequence[Operation], error: CallError) -> None:
        """Let operations fail by name. Raises ``StreamStopped`` when too many have failed with one cause."""
        with self.journal.atomic():
            for operation in operations:
                self.failed(operation, error)
        self.ended(operations)
        for operation in operations:
            self.say(operation, "failed", str(error))
        if stopped := self.breaker.failed(f"{error.status} {error.cause}"):
            raise stopped

    def plan_again(self, operations: Sequence[Operation]) -> None:
        """Record that operations certainly had no effect, or may be sent once more."""
        with self.journal.atomic():
            for operation in operations:
                self.journal.planned_again(operation)

    async def send_halves(self, operations: Sequence[Operation]) -> None:
        """Send a batch in two; what has been blocked by a failure meanwhile stays behind."""
        middle = (len(operations) + 1) // 2
        for half in (operations[:middle], operations[middle:]):
            states = self.journal.operation_states([operation.marker for operation in half], self.verb)
            if rest := [operation for operation in half if states[operation.marker][0] == "planned"]:
                await self.attempt(rest)

    async def attempt(self, operations: Sequence[Operation]) -> None:
        """Send a batch, and record what became of it if it was not answered. Raises what stops the load."""
        try:
            await self.send(operations)
        except NotStarted:
            for operation in operations:
                self.queue.put_back(operation)
        except Rejected as error:
            await self.refused(operations, error)
        except OutcomeUnknown as error:
            await self.unanswered(operations, error)
        except MigratorError:
            # it certainly had no effect, and the next one would fare no better
            self.plan_again(operations)
            raise

    def in_doubt(self, operations: Sequence[Operation], cause: str) -> None:
        """Record that nobody knows whether operations took effect, and look them up in time."""
        with self.journal.atomic():
            for operation in operations:
                self.journal.in_doubt(operation, time.time(), cause)
        for operation in operations:
            self._await_lookup(self.as_sent(operation))

    def _await_lookup(self, operation: Operation) -> None:
        self.queue.park(operation)
        self.lost.add(operation)

    # --- tasks --------------------------------------------------------------------------------------------------------

    async def _work(self, *, once: bool = False) -> None:
        while not self.workers.stop.requested():
            if operations := self.queue.take(1 if once else self.most):
                await self._step(operations)
                if once:
                    return
            elif self.queue.finished:
                self.queue.wake()
                return
            else:
                await self.queue.wait()

    async def _send_canary(self) -> None:
        """Send one at a time until one is there for certain."""
        while not self.workers.stop.requested() and not self.first():
            if not self.lost and (operations := self.queue.take()):
                await self._step(operations)
            elif self.queue.finished:
                return
            else:
                await self.queue.wait()

    async def _step(self, operations: Sequence[Operation]) -> None:
        try:
            await self.attempt(operations)
            await self.sent(operations)
        finally:
            self.queue.release(operations)

    async def _check_first(self) -> None:
        first = self.first()
        if first and not self.workers.stop.requested():
            await self.compare(first)
            self.journal.pass_canary(self.project, self.kind, first.entry.marker)

    async def _wake_at_stop(self) -> None:
        await self.workers.stop.wait()
        self.queue.wake()

    async def _watch_needs(self) -> None:
        """Send what others have made ready; return when nothing more will be."""
        self.queue.offer_held()  # for what came while the first one was compared
        while await self.needs.next():
            self.queue.offer_held()
        if self.needs.gave_up:
            self.queue.give_up_held()
        else:
            self.queue.offer_held()

    async def _report(self) -> None:
        while True:
            self.context.listener(Progressed(self.phase, self.project, self._ended, self._total, self.waiting_for()))
            await anyio.sleep(_REPORT_SECONDS)

    # --- lost answers -------------------------------------------------------------------------------------------------

    async def _look_up_lost(self) -> None:
        while not self.workers.stop.requested():
            if due := self.lost.due():
                operations = self.together(due)
                self._looked_up(operations, await self.look_up(operations))
            else:
                await self.workers.stop.sleep(self.lost.pause)

    def _looked_up(self, operations: Sequence[Operation], answers: Mapping[int, Found | None]) -> None:
        """Record what a look-up has told; what it did not find may still arrive, unless it is the second one."""
        found = [answer for answer in answers.values() if answer]
        self.record(found, answered=False)
        missed = [operation for operation in operations if not answers.get(operation.id)]
        gone = [operation for operation in missed if self.lost.missed(operation)]
        with self.journal.atomic():
            for operation in gone:
                if operation.id in answers:
                    self.journal.in_doubt(operation, operation.alive_at, UNREADABLE)
                else:
                    self.journal.planned_again(operation)
                    self.queue.put_back(operation)
        for one in found:
            self.lost.found(one.operation)
        for operation in (*(one.operation for one in found), *gone):
            self.queue.unpark(operation)
        for operation in gone:
            if operation.id in answers:
                self.say(operation, "unknown", UNREADABLE)


class RepeatableLoader(Loader):
    """Loads what may be sent a second time: nothing is looked up."""

    has_canary = False

    def resume(self, operations: Sequence[Operation]) -> None:
        """Send them again."""
        self.plan_again(operations)

    async def unanswered(self, operations: Sequence[Operation], error: OutcomeUnknown) -> None:
        """Stop: the next one would fare no better."""
        self.plan_again(operations)
        raise error

    async def look_up(self, operations: Sequence[Operation]) -> Mapping[int, Found | None]:  # noqa: ARG002 - see above
        """Find none: what was lost is sent again."""
        return {}

    async def compare(self, first: Holding) -> None:
        """Compare nothing."""
