"""Load: bring files from the source to QA Sphere, the same bytes once, many in one request."""

from collections.abc import Awaitable, Callable, Sequence
from typing import cast

import anyio
from anyio.abc import ObjectReceiveStream, ObjectSendStream

from migrator.core.drafts import FileDraft
from migrator.core.errors import CallError, ContentTrouble, MigratorError, OutcomeUnknown, TemporaryError
from migrator.core.events import ItemFailed, PhaseEnded, PhaseStarted, Progressed
from migrator.core.file_records import Fetched
from migrator.core.ports.destination import FILES_PER_CALL, UPLOAD_BYTES, Destination
from migrator.core.records import Operation
from migrator.core.views import Created, StoredFile, Upload
from migrator.engine.context import Context
from migrator.engine.files.fetch import Fetcher, record_trouble
from migrator.engine.files.read_back import bytes_there
from migrator.engine.files.spool import FileRoute
from migrator.engine.load.canary import file_canary_error
from migrator.engine.load.journaled_write import JournaledWrite
from migrator.engine.load.needs import Needs
from migrator.engine.load.queue import in_order
from migrator.engine.load.workers import Breaker

_UPLOADERS = 2
_TRIES = 3
_PATIENCE = 1.0
_Ready = tuple[Operation, Fetched]


class FileLoader:
    """Loads the files of one project. One instance, one run."""

    def __init__(self, context: Context[Destination], route: FileRoute, followers: Sequence[Needs]) -> None:
        self._store = context.store
        self._journal = context.store.journal
        self._writes = JournaledWrite(context.store.journal)
        self._files = context.store.files
        self._destination = context.destination
        self._project = context.project
        self._spool = route.spool
        self._fetcher = Fetcher(context.store, route.source, route.spool, context.project)
        self._fetches_at_once = route.at_once
        self._waiting_for = route.waiting_for
        self._followers = followers
        self._listener = context.listener
        self._stop = context.stop
        self._breaker = Breaker()
        self._queue = in_order(context.store.journal, context.project, "file")
        self._tries: dict[int, int] = {}
        self._packing = anyio.Lock()
        # different operations with the same bytes wait for the one upload that is under way
        self._under_way: dict[str, list[Operation]] = {}
        self._done = 0
        self._total = 0
        self._fatal: MigratorError | None = None
        self._upload_fatal: MigratorError | None = None

    async def load(self) -> None:
        """Fetch and upload everything that is planned.

        Raises the error that stopped it, after what was in flight has come to its end. On a requested stop it returns
        early; what is left stays planned.
        """
        self._plan_doubtful_again()
        self._total = self._journal.open_count(self._project, "file")
        if not self._total:
            return
        self._spool.prepare()
        self._listener(PhaseStarted("files", self._project, self._total))
        send, receive = anyio.create_memory_object_stream[_Ready](FILES_PER_CALL)
        async with anyio.create_task_group() as group:
            group.start_soon(self._watch_stop, group.cancel_scope)
            async with anyio.create_task_group() as workers:
                workers.start_soon(self._upload_all, receive)
                async with send, anyio.create_task_group() as fetchers:
                    for _ in range(self._fetches_at_once):
                        fetchers.start_soon(self._fetch_all, send)
            group.cancel_scope.cancel()
        if fatal := self._upload_fatal or self._fatal:
            raise fatal
        self._listener(PhaseEnded("files", self._project, self._done))

    def _plan_doubtful_again(self) -> None:
        """Plan again what was in flight when the last process ended. What it left behind is a file nobody refers to."""
        if doubtful := self._journal.unknown(self._project, "file"):
            self._again(doubtful, may_be_there=True)

    async def _watch_stop(self, scope: anyio.CancelScope) -> None:
        await self._stop.wait()
        # transfers are cancelled at once: a file that was half sent is sent again, and one that arrived is an orphan
        scope.cancel()

    # --- fetching -----------------------------------------------------------------------------------------------------

    async def _fetch_all(self, send: ObjectSendStream[_Ready]) -> None:
        while not (self._fatal or self._upload_fatal) and (operations := self._queue.take()):
            await self._fetch(operations[0], send)
            self._queue.release(operations)

    async def _fetch(self, operation: Operation, send: ObjectSendStream[_Ready]) -> None:
        try:
            fetched = await self._fetcher.fetch(cast(FileDraft, operation.draft), operation.id)
        except ContentTrouble as trouble:
            self._troubled(operation, trouble)
        except TemporaryError as error:
            self._put_off(operation, error)
        except MigratorError as error:
            self._fatal = self._fatal or error
        else:
            self._breaker.succeeded()
            await self._hand_on(operation, fetched, send)

    async def _hand_on(self, operation: Operation, fetched: Fetched, send: ObjectSendStream[_Ready]) -> None:
        if fetched.sha256 in self._under_way:
            self._under_way[fetched.sha256].append(operation)
        elif same := self._files.same_bytes(self._project, fetched.sha256):
            self._record([operation], same)
            self._spool.remove(fetched.sha256)
        else:
            self._under_way[fetched.sha256] = [operation]
            await send.send((operation, fetched))

    def _put_off(self, operation: Operation, error: TemporaryError) -> None:
        """Ask again later, behind the others; not for ever."""
        self._tries[operation.id] = self._tries.get(operation.id, 0) + 1
        if stopped := self._breaker.failed(error.cause or error.message):
            self._fatal = self._fatal or TemporaryError(
                "the source gives no files at the moment", cause=stopped.cause, next_step="run the same command again"
            )
        elif self._tries[operation.id] < _TRIES:
            self._queue.put_back(operation, last=True)
        else:
            self._fail(operation, error)

    def _troubled(self, operation: Operation, trouble: ContentTrouble) -> None:
        if record_trouble(self._store, self._project, operation, trouble):
            self._listener(ItemFailed("file", operation.marker, operation.title, "failed", str(trouble)))
        self._progress([operation])

    def _fail(self, operation: Operation, error: MigratorError) -> None:
        self._journal.failed(operation, str(error))
        self._listener(ItemFailed("file", operation.marker, operation.title, "failed", str(error)))
        self._progress([operation])

    # --- uploading ----------------------------------------------------------------------------------------------------

    async def _upload_all(self, receive: ObjectReceiveStream[_Ready]) -> None:
        async with receive:
            while not self._journal.canary_passed(self._project, "file"):
                first = await self._pack(receive, 1)
                if not first:
                    return
                await self._guarded(self._canary, first)
            async with anyio.create_task_group() as uploaders:
                for _ in range(_UPLOADERS):
                    uploaders.start_soon(self._upload_rest, receive)

    async def _upload_rest(self, receive: ObjectReceiveStream[_Ready]) -> None:
        while batch := await self._pack(receive, FILES_PER_CALL):
            await self._guarded(self._upload, batch)

    async def _guarded(self, send: Callable[[Sequence[_Ready]], Awaitable[None]], batch: Sequence[_Ready]) -> None:
        """Send, unless nothing can be sent any more; then what comes is only taken, so that nobody waits for ever."""
        if self._upload_fatal:
            return
        try:
            await send(batch)
        except MigratorError as error:
            self._upload_fatal = self._upload_fatal or error

    async def _pack(self, receive: ObjectReceiveStream[_Ready], most: int) -> list[_Ready]:
        """Return the next batch: full, or what has come when nothing follows for a moment. Empty at the end."""
        batch: list[_Ready] = []
        size = 0
        async with self._packing:
            while len(batch) < most and size < UPLOAD_BYTES:
                try:
                    with anyio.fail_after(_PATIENCE if batch else None):
                        ready = await receive.receive()
                except (TimeoutError, anyio.EndOfStream):
                    break
                batch.append(ready)
                size += ready[1].size
        return batch

    async def _upload(self, batch: Sequence[_Ready]) -> None:
        """Upload a batch; halve it while it is refused, so that one bad file fails alone, by its name."""
        operations = [operation for operation, _ in batch]
        uploads = [self._upload_of(operation, fetched) for operation, fetched in batch]
        try:
            stored = await self._destination.upload_files(uploads, self._writes.hooks(operations))
        except CallError as error:
            self._again(operations, may_be_there=isinstance(error, OutcomeUnknown))
            if len(batch) == 1:
                self._refused(batch[0], error)
                return
            half = len(batch) // 2
            await self._upload(batch[:half])
            await self._upload(batch[half:])
        except MigratorError:
            for operation in operations:
                self._journal.planned_again(operation)
            raise
        else:
            self._arrive(batch, stored)

    def _upload_of(self, operation: Operation, fetched: Fetched) -> Upload:
        path = self._spool.find(fetched.sha256, fetched.size) or self._spool.path(fetched.sha256)
        return Upload(path, cast(FileDraft, operation.draft).name, fetched.media_type, fetched.size)

    def _again(self, operations: Sequence[Operation], *, may_be_there: bool) -> None:
        with self._journal.atomic():
            for operation in operations:
                self._journal.planned_again(operation)
            if may_be_there:
                names = {operation.marker: cast(FileDraft, operation.draft).name for operation in operations}
                self._files.add_orphans(self._project, names)

    def _refused(self, ready: _Ready, error: CallError) -> None:
        _, fetched = ready
        for waiting in self._under_way.pop(fetched.sha256):
            self._fail(waiting, error)
        if stopped := self._breaker.failed(f"{error.status} {error.cause}"):
            raise stopped

    def _arrive(self, batch: Sequence[_Ready], stored: Sequence[StoredFile]) -> None:
        with self._writes.recorded():
            for (_, fetched), file in zip(batch, stored, strict=True):
                self._record(self._under_way.pop(fetched.sha256), file)
        self._breaker.succeeded()
        for _, fetched in batch:
            self._spool.remove(fetched.sha256)

    def _record(self, operations: Sequence[Operation], file: StoredFile) -> None:
        fetched = self._files.fetched([operation.marker for operation in operations])
        with self._journal.atomic():
            for operation in operations:
                # the same bytes are one file there, with a name and a type for each that refers to it
                name = cast(FileDraft, operation.draft).name
                update = {"name": name, "media_type": fetched[operation.marker].media_type}
                self._files.put_stored(self._project, operation.marker, file.model_copy(update=update))
                self._journal.done(operation, Created(file.id), "migrated")
        self._progress(operations)

    async def _canary(self, first: Sequence[_Ready]) -> None:
        """Upload one file alone, and compare its bytes as they come back, before others are sent."""
        operation, fetched = first[0]
        await self._upload(first)
        stored = self._files.stored([operation.marker]).get(operation.marker)
        if stored is None:
            return
        target = self._spool.incoming(operation.id)
        found = await bytes_there(self._destination, stored.id, fetched.sha256, target)
        if found != fetched.sha256:
            raise file_canary_error(stored, operation.marker, fetched.sha256, found)
        self._journal.pass_canary(self._project, "file", operation.marker)

    def _progress(self, ended: Sequence[Operation]) -> None:
        self._done += len(ended)
        for needs in self._followers:
            needs.ended(operation.marker for operation in ended)
        # who is asked for files may be the slower of the two; while uploads are, it is not asked
        waiting = self._waiting_for() or self._destination.waiting_for()
        self._listener(Progressed("files", self._project, self._done, self._total, waiting))
