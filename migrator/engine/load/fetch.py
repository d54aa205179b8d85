"""Load: bring the bytes of files from the source into the spool, several at a time, as fast as they are uploaded."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import cast

from migrator.core.drafts import FileDraft
from migrator.core.errors import ContentTrouble, MigratorError, TemporaryError
from migrator.core.events import ItemFailed
from migrator.core.file_records import Fetched
from migrator.core.ports.destination import Destination
from migrator.core.records import Operation
from migrator.engine.context import Context
from migrator.engine.files.fetch import Fetcher, record_trouble
from migrator.engine.files.spool import FileRoute
from migrator.engine.load.queue import in_order
from migrator.engine.load.workers import Breaker, Workers

_TRIES = 3
HandOver = Callable[[Operation, Fetched], Awaitable[None]]
"""Takes a file whose bytes are in the spool; returns when there is room for another."""


class FileFetching:
    """Fetches the planned files of one project. One instance, one load."""

    def __init__(
        self,
        context: Context[Destination],
        route: FileRoute,
        hand_over: HandOver,
        ended: Callable[[Sequence[Operation]], None],
    ) -> None:
        """Begin with the first; ``ended`` is told of those that will not come."""
        self._context = context
        self._fetcher = Fetcher(context.store, route.source, route.spool, context.project)
        self._hand_over = hand_over
        self._ended = ended
        self._workers = Workers(route.at_once, context.stop)
        self._breaker = Breaker()
        self._queue = in_order(context.store.journal, context.project, "file")
        self._tries: Counter[int] = Counter()

    async def run(self) -> None:
        """Fetch everything that is planned. Raises what stopped it, after what was under way has come to its end."""
        await self._workers.run(self._work)

    async def _work(self) -> None:
        while not self._workers.stop.requested() and (operations := self._queue.take()):
            await self._fetch(operations[0])
            self._queue.release(operations)

    async def _fetch(self, operation: Operation) -> None:
        try:
            fetched = await self._fetcher.fetch(cast(FileDraft, operation.draft), operation.id)
        except ContentTrouble as trouble:
            is_failure = record_trouble(self._context.store, self._context.project, operation, trouble)
            self._tell(operation, trouble if is_failure else None)
        except TemporaryError as error:
            self._put_off(operation, error)
        else:
            self._breaker.succeeded()
            await self._hand_over(operation, fetched)

    def _put_off(self, operation: Operation, error: TemporaryError) -> None:
        """Ask again later, behind the others; not for ever."""
        if stopped := self._breaker.failed(error.cause or error.message):
            raise TemporaryError(
                "the source gives no files at the moment", cause=stopped.cause, next_step="run the same command again"
            )
        self._tries[operation.id] += 1
        if self._tries[operation.id] < _TRIES:
            self._queue.put_back(operation, last=True)
        else:
            self._context.store.journal.failed(operation, str(error))
            self._tell(operation, error)

    def _tell(self, operation: Operation, failure: MigratorError | None) -> None:
        if failure:
            self._context.listener(ItemFailed("file", operation.marker, operation.title, "failed", str(failure)))
        self._ended([operation])
