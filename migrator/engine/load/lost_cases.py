"""Settling case creates whose answer was lost: look twice, the second time when nothing can still arrive."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from migrator.core.drafts import CaseDraft
from migrator.core.ports.destination import Destination
from migrator.core.records import Operation
from migrator.core.views import CaseView, Created
from migrator.engine.job import Job
from migrator.engine.load.lookup import is_decisive, next_look
from migrator.engine.load.queue import LaneBoard
from migrator.engine.references import Addresses
from migrator.engine.stop import Stop
from state.journal import Journal

_PER_LOOK_UP = 100


class CaseDoubts:
    """The case creates in doubt of one project."""

    def __init__(
        self, journal: Journal, destination: Destination, job: Job, board: LaneBoard, addresses: Addresses
    ) -> None:
        self._addresses = addresses
        self._journal = journal
        self._destination = destination
        self._code = job.code
        self._board = board
        self._settle_seconds = job.settle_seconds
        self._due: dict[int, tuple[float, Operation]] = {}
        self.settled = 0

    def __len__(self) -> int:
        return len(self._due)

    def add(self, operation: Operation) -> None:
        """Park the operation's lane until it is settled."""
        self._board.park(operation)
        self._due[operation.id] = (next_look(operation, self._settle_seconds), operation)

    def seconds_left(self) -> float:
        """Return how long until the last doubt can be settled."""
        latest = max((due for due, _ in self._due.values()), default=0.0)
        return max(0.0, latest - time.time())

    async def watch(self, stop: Stop) -> None:
        """Settle what falls due, until a stop is requested."""
        while not stop.requested():
            now = time.time()
            due = [operation for at, operation in self._due.values() if at <= now]
            if due:
                # those sent with the marker in the custom field are searched for, the others lie among the newest
                same = [operation for operation in due if operation.keyed == due[0].keyed]
                await self._look_up(same[:_PER_LOOK_UP])
                continue
            await stop.sleep(min(0.2, self._settle_seconds / 10))

    async def _look_up(self, operations: Sequence[Operation]) -> None:
        markers = [operation.marker for operation in operations]
        floor = min(operation.seq_floor for operation in operations)
        started = time.time()
        keyed = operations[0].keyed
        found = await self._destination.find_cases(self._code, markers, floor=floor, keyed=keyed)
        for operation in operations:
            self._settle(operation, found.get(operation.marker, ()), started)

    def _settle(self, operation: Operation, found: Sequence[CaseView], looked_at: float) -> None:
        del self._due[operation.id]
        if found:
            first = min(found, key=lambda case: case.seq)
            written = self._addresses.as_seen(cast(CaseDraft, operation.draft), first)
            self._journal.done(operation, Created(first.id, first.seq), "migrated", written=written)
        elif is_decisive(operation, looked_at, self._settle_seconds):
            self._journal.planned_again(operation)
            self._board.put_back(operation)
        else:
            self._journal.looked_up(operation)
            again = replace(operation, lookups=operation.lookups + 1)
            self._due[operation.id] = (next_look(again, self._settle_seconds), again)
            return
        self.settled += 1
        self._board.unpark(operation)
