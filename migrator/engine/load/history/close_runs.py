"""Load: close the runs that are final at the source and whose results are all there. There is no way back."""

from collections.abc import Sequence

from migrator.core.errors import CallError
from migrator.core.ports.destination import Destination
from migrator.core.records import Operation
from migrator.engine.context import Context
from migrator.engine.load.loader import RepeatableLoader
from migrator.engine.load.queue import Partition, Queue


class RunCloser(RepeatableLoader):
    """Closes the runs of one project; the others say what they wait for."""

    kind = "run"
    verb = "close"
    phase = "close runs"
    crash_name = "close"

    def __init__(self, context: Context[Destination]) -> None:
        self._history = context.store.history
        self._closes = self._history.closes(context.project)
        super().__init__(context, Queue([""], lambda _name: Partition(self._read, parks=False), self._is_ready))

    def _read(self, after: int, most: int) -> Sequence[Operation]:
        return [operation for operation in self._closes if operation.position > after][:most]

    def _is_ready(self, operation: Operation) -> bool:
        run = operation.marker
        return not self.needs.hold(run, lambda: self.journal.under_way([run]) or self.journal.awaited_result(run))

    def count(self) -> int:
        """Count also those that were blocked, and may not be any more."""
        return len(self._closes)

    async def send(self, operations: Sequence[Operation]) -> None:
        """Close one run, if it is there with all its results."""
        (operation,) = operations
        entry = self.context.store.ledger.entries([operation.marker]).get(operation.marker)
        if entry is None:
            self._history.not_closed(operation, "blocked", "it is not in QA Sphere")
        elif waiting := self._history.open_results(operation.marker):
            cause = f"not closed: {waiting} of its results are not there"
            self._history.not_closed(operation, "blocked", cause)
            self.say(operation, "blocked", cause)
        else:
            if operation.state != "planned":
                self.journal.planned_again(operation)
            await self.destination.history.close_run(self.code, int(entry.id), self.writes.hooks(operations))
            with self.writes.recorded():
                self._history.closed(operation)
            self.breaker.succeeded()
        self.ended(operations)

    def failed(self, operation: Operation, error: CallError) -> None:
        """Its results are there, whether it is closed or not."""
        self._history.not_closed(operation, "failed", f"not closed: {error}")
