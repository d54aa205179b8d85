"""Load: close the runs that are final at the source and whose results are all there. There is no way back."""

from collections import deque

from migrator.core.errors import MigratorError, Rejected
from migrator.core.events import ItemFailed, Listener, Progressed
from migrator.core.ports.destination import Destination
from migrator.core.records import Operation
from migrator.engine.job import Job
from migrator.engine.load.journaled_write import Writes
from migrator.engine.load.workers import Workers
from migrator.engine.stop import Stop
from state.store import Store


class RunCloser:
    """Closes the runs of one project. One instance, one load."""

    def __init__(self, store: Store, destination: Destination, job: Job, listener: Listener, stop: Stop) -> None:
        self._store = store
        self._journal = store.journal
        self._destination = destination
        self._job = job
        self._listener = listener
        self._workers = Workers(job.workers, stop)
        self._writes = Writes(store.journal, "close", self._workers.stop)
        self._queue: deque[Operation] = deque()
        self._total = 0

    async def load(self) -> None:
        """Close what can be closed; the others say what they wait for. Safe to repeat."""
        self._queue = deque(self._store.history.closes(self._job.source_id))
        self._total = len(self._queue)
        await self._workers.run(self._work)

    async def _work(self) -> None:
        while self._queue and not self._workers.stop.requested():
            await self._close(self._queue.popleft())
            done = self._total - len(self._queue)
            waiting = self._destination.waiting_for()
            self._listener(Progressed("close runs", self._job.source_id, done, self._total, waiting))

    async def _close(self, operation: Operation) -> None:
        entry = self._store.ledger.entries([operation.marker]).get(operation.marker)
        if entry is None:
            self._store.history.not_closed(operation, "blocked", "it is not in QA Sphere")
            return
        if waiting := self._store.history.open_results(operation.marker):
            cause = f"not closed: {waiting} of its results are not there"
            self._store.history.not_closed(operation, "blocked", cause)
            self._listener(ItemFailed("run", operation.marker, operation.title, "blocked", cause))
            return
        if operation.state != "planned":
            self._journal.planned_again(operation)
        try:
            await self._destination.history.close_run(self._job.code, int(entry.id), self._writes.hooks([operation]))
        except Rejected as error:
            self._store.history.not_closed(operation, "failed", f"not closed: {error}")
            self._listener(ItemFailed("run", operation.marker, operation.title, "failed", str(error)))
        except MigratorError:
            self._journal.planned_again(operation)
            raise
        else:
            self._writes.answered()
            with self._writes.recorded():
                self._store.history.closed(operation)
