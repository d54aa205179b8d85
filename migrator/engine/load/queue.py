"""Which operation may be sent next: partitions keep an order where one is needed and go side by side where not."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import anyio

from migrator.core.model import ItemKind
from migrator.core.records import Operation, Verb
from state.sent.journal import Journal

_REFILL = 20
_OPEN = 100
_HELD = 200
_HELD_PARTITIONS = 200
IsReady = Callable[[Operation], bool]


class Partition:
    """Operations of one stream, a few of them in memory."""

    def __init__(
        self,
        read: Callable[[int, int], Sequence[Operation]],
        *,
        serial: bool = False,
        parks: bool = True,
        held: int = _HELD,
    ) -> None:
        """Begin at the first.

        Args:
            read: Returns the planned operations behind a position, in order, at most so many.
            serial: One request at a time, in order.
            parks: Nothing of it is sent while one of it is in doubt.
            held: How many that are not ready may be in memory.
        """
        self.serial = serial
        self.running = 0
        self.parked = 0
        self.queued = False
        self._read = read
        self._parks = parks
        self._most_held = held
        self._after = -1
        self._waiting: deque[Operation] = deque()
        self._dry = False
        # until they are sent again they are planned on disk as well, and must not be read from there
        self._put_back: set[int] = set()

    @property
    def is_held(self) -> bool:
        """Whether nothing may be taken from it now."""
        return (self._parks and self.parked > 0) or (self.serial and self.running > 0)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left, in memory and on disk."""
        return self._dry and not self._waiting

    def put_back(self, operation: Operation, *, last: bool = False) -> None:
        """The operation goes first again; ``last``: behind those that were read with it."""
        if last:
            self._waiting.append(operation)
        else:
            self._waiting.appendleft(operation)
        self._put_back.add(operation.id)

    def take(self, most: int, is_ready: IsReady) -> list[Operation]:
        """Return the next operations that are ready; in a serial partition only the very first may go."""
        taken: list[Operation] = []
        while len(taken) < most and (operation := self._ready_one(is_ready)):
            taken.append(operation)
        return taken

    def _ready_one(self, is_ready: IsReady) -> Operation | None:
        checked = 0
        while True:
            for number in range(checked, len(self._waiting)):
                operation = self._waiting[number]
                if is_ready(operation):
                    del self._waiting[number]
                    return operation
                if self.serial:
                    return None
            checked = len(self._waiting)
            if self._dry or checked >= self._most_held:
                return None
            self._read_more()

    def _read_more(self) -> None:
        operations = self._read(self._after, _REFILL)
        self._waiting.extend(operation for operation in operations if operation.id not in self._put_back)
        self._dry = len(operations) < _REFILL
        if operations:
            self._after = operations[-1].position


class FreshPartition(Partition):
    """A partition that is read anew for each batch."""

    def __init__(self, read: Callable[[int], Sequence[Operation] | None], *, serial: bool = True) -> None:
        """Begin at the first.

        Args:
            read: Returns the next batch, at most so many operations; None while it needs something that is under way.
            serial: One batch at a time, because what became of one decides what may follow it.
        """
        super().__init__(lambda _after, most: read(most) or (), serial=serial)
        self._read_batch = read

    def put_back(self, operation: Operation, *, last: bool = False) -> None:
        """It is planned on disk, and read from there."""
        del operation, last
        self._dry = False

    def take(self, most: int, is_ready: IsReady) -> list[Operation]:
        """Return the next batch."""
        del is_ready
        operations = self._read_batch(most)
        self._dry = operations is not None and not operations
        return list(operations or ())


class Queue:
    """Hands out operations, one partition after the other in turn. Only those that have begun and are not done are in
    memory."""

    def __init__(
        self, partitions: Iterable[str], make: Callable[[str], Partition], is_ready: IsReady = lambda _operation: True
    ) -> None:
        """Take the names of the partitions.

        Args:
            partitions: Their names, in the order in which they begin; just "" when there is one for all.
            make: Makes the partition of a name.
            is_ready: Whether everything is there that an operation needs.
        """
        self._is_ready = is_ready
        self._make = make
        # partitions are opened in order, and only so many at a time: an open one holds operations in memory
        self._closed = deque(partitions)
        self._is_one = list(self._closed) == [""]
        self._partitions: dict[str, Partition] = {}
        self._free: deque[str] = deque()
        # partitions whose next operations need something that is still under way
        self._held: list[str] = []
        self._gave_up = False
        # how many operations run or are in doubt
        self._busy = 0
        self._changed = anyio.Event()

    def take(self, most: int = 1) -> list[Operation]:
        """Return operations of one partition that may be sent now, in one request; empty when there are none now."""
        while self._open_more():
            name = self._free.popleft()
            partition = self._partition(name)
            partition.queued = False
            if partition.is_held:
                continue  # since it was queued; it is offered again when that is over
            operations = partition.take(most, self._is_ready)
            if operations:
                partition.running += len(operations)
                self._busy += len(operations)
                self._offer(name)
                return operations
            if partition.is_empty:
                self._drop_idle(name)
            elif not self._gave_up:
                self._held.append(name)
        return []

    def release(self, operations: Sequence[Operation]) -> None:
        """Operations of one partition have ended, or in doubt and parked, or put back."""
        name = self._name(operations[0])
        self._partition(name).running -= len(operations)
        self._busy -= len(operations)
        self._offer(name)
        self._drop_idle(name)
        self.wake()

    def put_back(self, operation: Operation, *, serial: bool = False, last: bool = False) -> None:
        """The operation is sent again, before it is released; ``serial``: its partition keeps to one at a time from now
        on; ``last``: it goes behind those that were read with it."""
        partition = self._partition(self._name(operation))
        partition.put_back(operation, last=last)
        partition.serial = partition.serial or serial

    def park(self, operation: Operation) -> None:
        """Hold the partition until it is known whether the operation took effect."""
        self._partition(self._name(operation)).parked += 1
        self._busy += 1

    def unpark(self, operation: Operation) -> None:
        """It is known."""
        name = self._name(operation)
        self._partition(name).parked -= 1
        self._busy -= 1
        self._offer(name)
        self._drop_idle(name)
        self.wake()

    def offer_held(self) -> None:
        """What operations need may be there now."""
        held, self._held = self._held, []
        for name in held:
            self._offer(name)
        self.wake()

    def give_up_held(self) -> None:
        """What operations need will not come any more in this run: those that are held, now or later, stay planned."""
        self._gave_up = True
        self._held.clear()
        self.wake()

    @property
    def finished(self) -> bool:
        """Nothing is left to take, nothing runs, nothing is in doubt."""
        return not (self._free or self._held or self._closed or self._busy)

    @property
    def stands_still(self) -> bool:
        """Whether all that is left waits for something that it needs."""
        return bool(self._held) and not (self._free or self._closed or self._busy)

    async def wait(self) -> None:
        """Return when something has changed."""
        await self._changed.wait()

    def wake(self) -> None:
        """Wake everybody who waits."""
        self._changed.set()
        self._changed = anyio.Event()

    def _name(self, operation: Operation) -> str:
        return "" if self._is_one else operation.need

    def _partition(self, name: str) -> Partition:
        if name not in self._partitions:
            self._partitions[name] = self._make(name)
        return self._partitions[name]

    def _open_more(self) -> bool:
        """Open partitions until enough are; return whether there is any to take from."""
        while self._closed and len(self._free) < _OPEN and len(self._held) < _HELD_PARTITIONS:
            self._offer(self._closed.popleft())
        return bool(self._free)

    def _offer(self, name: str) -> None:
        partition = self._partition(name)
        if partition.queued or partition.is_held or partition.is_empty:
            return
        partition.queued = True
        self._free.append(name)

    def _drop_idle(self, name: str) -> None:
        partition = self._partitions[name]
        if partition.is_empty and not (partition.queued or partition.running or partition.parked):
            del self._partitions[name]


def in_order(
    journal: Journal,
    project: str,
    kind: ItemKind,
    verb: Verb = "create",
    is_ready: IsReady = lambda _operation: True,
    *,
    held: int = _HELD,
) -> Queue:
    """Return a queue of all planned operations of a kind in one order, several under way at a time, and at most so many
    ``held`` in memory that are not ready."""

    def read(after: int, most: int) -> Sequence[Operation]:
        return journal.planned(project, kind, most, verb=verb, after=after)

    return Queue([""], lambda _name: Partition(read, parks=False, held=held), is_ready)


def batches(journal: Journal, project: str, kind: ItemKind) -> Queue:
    """Return a queue of the planned creates of a kind in one order, one request at a time."""
    return Queue([""], lambda _name: FreshPartition(partial(journal.planned, project, kind)))


def by_need(
    journal: Journal, project: str, kind: ItemKind, *, serial: bool, is_ready: IsReady = lambda _operation: True
) -> Queue:
    """Return a queue of the planned creates of a kind, partitioned by what they need, such as cases by folder."""
    read = partial(journal.next_operations, project, kind)
    return Queue(journal.needs(project, kind), lambda name: Partition(partial(read, name), serial=serial), is_ready)
