"""Which operation may be sent next: lanes keep an order where one is needed and go side by side where not."""

from collections import deque
from collections.abc import Callable

import anyio

from migrator.core.model import ItemKind
from migrator.core.records import Operation
from state.journal import Journal

_REFILL = 20
_OPEN = 100
_HELD = 200


class _Lane:
    """The operations of one folder. ``serial``: one at a time, in order. ``parked``: one of them is in doubt."""

    def __init__(self, key: str, *, serial: bool) -> None:
        self.key = key
        self.serial = serial
        self.running = 0
        self.parked = 0
        self.after = -1
        self.waiting: deque[Operation] = deque()
        self.dry = False
        self.queued = False

    @property
    def is_held(self) -> bool:
        """Whether nothing may be taken from it now."""
        return self.parked > 0 or (self.serial and self.running > 0)


class LaneBoard:
    """Hands out operations, lane by lane in turn. Holds a few operations of a few lanes in memory."""

    def __init__(
        self,
        journal: Journal,
        project: str,
        kind: ItemKind,
        *,
        serial: bool,
        is_ready: Callable[[Operation], bool] = lambda _operation: True,
    ) -> None:
        self._journal = journal
        self._is_ready = is_ready
        self._project = project
        self._kind = kind
        self._lanes = {key: _Lane(key, serial=serial) for key in journal.lanes(project, kind)}
        # lanes are opened in order, and only so many at a time: an open one holds operations in memory
        self._closed = deque(self._lanes.values())
        self._free: deque[_Lane] = deque()
        # lanes whose next operations need something that is still under way
        self._held: list[_Lane] = []
        self._changed = anyio.Event()
        # until they are sent again they are planned on disk as well, and must not be read from there
        self._put_back: set[int] = set()

    def take(self) -> Operation | None:
        """Return an operation that may be sent now, or None when there is none at the moment."""
        while self._open_more():
            lane = self._free.popleft()
            lane.queued = False
            if lane.is_held:
                continue  # since it was queued; it is offered again when that is over
            self._refill(lane)
            if not lane.waiting:
                continue
            operation = self._ready_one(lane)
            if operation is None:
                self._held.append(lane)
                continue
            lane.running += 1
            self._offer(lane)
            return operation
        return None

    def release(self, operation: Operation) -> None:
        """The operation is settled, or in doubt and parked."""
        lane = self._lanes[operation.lane]
        lane.running -= 1
        self._offer(lane)
        self.wake()

    def put_back(self, operation: Operation, *, serial: bool = False) -> None:
        """The operation goes first again; with ``serial`` its lane keeps to one at a time from now on."""
        lane = self._lanes[operation.lane]
        lane.waiting.appendleft(operation)
        self._put_back.add(operation.id)
        lane.serial = lane.serial or serial

    def park(self, operation: Operation) -> None:
        """Hold the lane until the operation's doubt is settled."""
        self._lanes[operation.lane].parked += 1

    def unpark(self, operation: Operation) -> None:
        """The doubt is settled."""
        lane = self._lanes[operation.lane]
        lane.parked -= 1
        self._offer(lane)
        self.wake()

    def look_again(self) -> None:
        """What operations need may be there now."""
        held, self._held = self._held, []
        for lane in held:
            self._offer(lane)
        self.wake()

    def give_up_held(self) -> None:
        """What the operations that are held need will not come in this run; they stay planned."""
        self._held.clear()
        self.wake()

    @property
    def finished(self) -> bool:
        """Nothing is left to take, nothing runs, nothing is in doubt."""
        return (
            not self._free
            and not self._held
            and not self._closed
            and all(not lane.running and not lane.parked for lane in self._lanes.values())
        )

    async def wait(self) -> None:
        """Return when something has changed."""
        await self._changed.wait()

    def wake(self) -> None:
        """Let everybody who waits look again."""
        self._changed.set()
        self._changed = anyio.Event()

    def _open_more(self) -> bool:
        """Open lanes until enough are; return whether there is any to take from."""
        while self._closed and len(self._free) < _OPEN:
            self._offer(self._closed.popleft())
        return bool(self._free)

    def _offer(self, lane: _Lane) -> None:
        if lane.queued or lane.is_held or (lane.dry and not lane.waiting):
            return
        lane.queued = True
        self._free.append(lane)

    def _ready_one(self, lane: _Lane) -> Operation | None:
        """Take the first operation that is ready; in a serial lane only the very first may go."""
        if lane.serial:
            return lane.waiting.popleft() if self._is_ready(lane.waiting[0]) else None
        checked = 0
        while True:
            for number in range(checked, len(lane.waiting)):
                if self._is_ready(lane.waiting[number]):
                    operation = lane.waiting[number]
                    del lane.waiting[number]
                    return operation
            checked = len(lane.waiting)
            if lane.dry or checked >= _HELD:
                return None
            self._read_more(lane)

    def _refill(self, lane: _Lane) -> None:
        while not lane.waiting and not lane.dry:
            self._read_more(lane)

    def _read_more(self, lane: _Lane) -> None:
        operations = self._journal.next_operations(self._project, self._kind, lane.key, lane.after, _REFILL)
        lane.waiting.extend(operation for operation in operations if operation.id not in self._put_back)
        lane.dry = len(operations) < _REFILL
        if operations:
            lane.after = operations[-1].position
