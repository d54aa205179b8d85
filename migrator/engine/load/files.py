"""Load: upload files while others are still fetched, the same bytes once, many in one request."""

from collections import deque
from collections.abc import Sequence
from typing import cast

import anyio

from migrator.core.drafts import FileDraft
from migrator.core.errors import CallError, OutcomeUnknown
from migrator.core.events import PhaseEnded
from migrator.core.file_records import Fetched
from migrator.core.ports.destination import FILES_PER_CALL, UPLOAD_BYTES, Destination
from migrator.core.records import Holding, Operation
from migrator.core.views import Created, StoredFile, Upload
from migrator.engine.context import Context
from migrator.engine.files.read_back import bytes_there
from migrator.engine.files.spool import FileRoute
from migrator.engine.load.canary import file_canary_error
from migrator.engine.load.fetch import FileFetching
from migrator.engine.load.loader import RepeatableLoader
from migrator.engine.load.queue import FreshPartition, Queue
from migrator.engine.load.workers import Workers

_UPLOADERS = 2
_PATIENCE = 1.0
"""Seconds that a batch waits for more files."""


class FileLoader(RepeatableLoader):
    """Loads the files of one project. An upload cannot be looked up: what was lost is sent again, and may have left a
    file that nobody refers to."""

    kind = "file"
    phase = "files"
    most = FILES_PER_CALL
    has_canary = True

    def __init__(self, context: Context[Destination], route: FileRoute) -> None:
        queue = Queue([""], lambda _name: FreshPartition(self._next, serial=False))
        super().__init__(context, queue, _UPLOADERS)
        self._files = context.store.files
        self._spool = route.spool
        self._source_waits_for = route.waiting_for
        self._fetching = FileFetching(context, route, self.hand_over, self.ended)
        self._all_fetched = False
        self._ready: deque[tuple[Operation, Fetched]] = deque()
        self._came_at = 0.0
        self._first = ""
        self._room = anyio.Semaphore(FILES_PER_CALL)
        # different operations with the same bytes, by SHA-256, of which the first is uploaded
        self._same: dict[str, list[Operation]] = {}
        self.beside.append(self._send_what_waits)

    async def load(self) -> None:
        """Fetch and upload everything that is planned; on a requested stop, transfers are cancelled at once.

        When the source fails, what has come from it is still uploaded.
        """
        if self.count():
            self._spool.prepare()
            if doubtful := self.journal.unknown(self.project, self.kind):
                self.resume(doubtful)  # before the first is fetched, or they would be passed over
        with anyio.CancelScope() as scope:

            async def cancel_at_stop() -> None:
                await self.context.stop.wait()
                scope.cancel()

            await Workers(1, self.context.stop).run(super().load, beside=[self._fetch, cancel_at_stop])
        if scope.cancelled_caught:
            self.context.listener(PhaseEnded(self.phase, self.project, self._ended))

    # --- what is ready ------------------------------------------------------------------------------------------------

    async def _fetch(self) -> None:
        try:
            await self._fetching.run()
        finally:
            self._all_fetched = True
            self.queue.offer_held()

    async def hand_over(self, operation: Operation, fetched: Fetched) -> None:
        """Upload a file whose bytes are in the spool, if they are not in QA Sphere or on their way; return when there
        is room for another."""
        if fetched.sha256 in self._same:
            self._same[fetched.sha256].append(operation)
        elif stored := self._files.same_bytes(self.project, fetched.sha256):
            with self.journal.atomic():
                self._put(operation, stored)
            self.ended([operation])
            self._spool.remove(fetched.sha256)
        else:
            self._same[fetched.sha256] = [operation]
            await self._room.acquire()
            self._ready.append((operation, fetched))
            self._came_at = anyio.current_time()
            self.queue.offer_held()

    def _next(self, most: int) -> Sequence[Operation] | None:
        """Return the next batch: full, or what has come when nothing follows for a moment; None while more may come."""
        batch: list[Operation] = []
        size = 0
        for operation, fetched in self._ready:
            if len(batch) == most or size >= UPLOAD_BYTES:
                break
            batch.append(operation)
            size += fetched.size
        is_full = len(batch) == most or size >= UPLOAD_BYTES
        is_late = bool(batch) and anyio.current_time() - self._came_at >= _PATIENCE
        if not (is_full or is_late or self._all_fetched):
            return None
        for _ in batch:
            self._ready.popleft()
            self._room.release()
        return batch

    async def _send_what_waits(self) -> None:
        while True:
            await anyio.sleep(_PATIENCE)
            self.queue.offer_held()

    # --- what is sent -------------------------------------------------------------------------------------------------

    async def send(self, operations: Sequence[Operation]) -> None:
        """Upload a batch, all or none."""
        fetched = self._files.fetched([operation.marker for operation in operations])
        uploads = [self._upload(operation, fetched[operation.marker]) for operation in operations]
        stored = await self.destination.upload_files(uploads, self.writes.hooks(operations))
        taken = [self._same.pop(fetched[operation.marker].sha256) for operation in operations]
        with self.writes.recorded():
            for same, file in zip(taken, stored, strict=True):
                for operation in same:
                    self._put(operation, file)
        self.breaker.succeeded()
        self._first = self._first or operations[0].marker
        for same, operation in zip(taken, operations, strict=True):
            self.ended(same)
            self._spool.remove(fetched[operation.marker].sha256)

    def _upload(self, operation: Operation, fetched: Fetched) -> Upload:
        path = self._spool.find(fetched.sha256, fetched.size) or self._spool.path(fetched.sha256)
        return Upload(path, _name(operation), fetched.media_type, fetched.size)

    def first(self) -> Holding | None:
        """Return the first of this load: one of an earlier load that came back changed cannot be mended there."""
        return self.context.store.ledger.holdings([self._first]).get(self._first)

    def _put(self, operation: Operation, file: StoredFile) -> None:
        """Record an upload; the same bytes are one file there, with a name and a type for each that refers to it."""
        media_type = self._files.fetched([operation.marker])[operation.marker].media_type
        known = file.model_copy(update={"name": _name(operation), "media_type": media_type})
        self._files.put_stored(self.project, operation.marker, known)
        self.journal.done(operation, Created(file.id), "migrated")

    def resume(self, operations: Sequence[Operation]) -> None:
        """Send them again, and count what may have arrived."""
        with self.journal.atomic():
            super().resume(operations)
            self._files.add_orphans(self.project, {operation.marker: _name(operation) for operation in operations})

    async def unanswered(self, operations: Sequence[Operation], error: OutcomeUnknown) -> None:
        """Count what may have arrived, and halve the batch as if it were refused."""
        self.resume(operations)
        await self.refused(operations, error)

    def fail(self, operations: Sequence[Operation], error: CallError) -> None:
        """Let all that have the same bytes fail with it."""
        fetched = self._files.fetched([operation.marker for operation in operations])
        super().fail([one for known in fetched.values() for one in self._same.pop(known.sha256)], error)

    def waiting_for(self) -> str:
        """Say what holds the source up, which may be the slower of the two; or QA Sphere."""
        return self._source_waits_for() or self.destination.waiting_for()

    async def compare(self, first: Holding) -> None:
        """Compare the bytes of the first file as they come back with those that were sent."""
        marker = first.entry.marker
        sent = self._files.fetched([marker])[marker].sha256
        found = await bytes_there(self.destination, first.entry.id, sent, self._spool.incoming(0))
        if found != sent:
            raise file_canary_error(self._files.stored([marker])[marker], marker, sent, found)


def _name(operation: Operation) -> str:
    return cast(FileDraft, operation.draft).name
