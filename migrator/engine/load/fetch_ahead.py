"""Plan: download the files that are planned into the archive, so that the plan knows how much there is to upload."""

from dataclasses import replace
from typing import cast

from migrator.core.drafts import FileDraft
from migrator.core.errors import ContentTrouble, TemporaryError
from migrator.core.events import ItemFailed, Listener, PhaseEnded, PhaseStarted, Progressed
from migrator.core.ports.destination import FILE_BYTES
from migrator.core.records import Operation
from migrator.engine.files.fetch import Fetcher, record_trouble
from migrator.engine.files.spool import FileRoute
from migrator.engine.load.queue import in_order
from migrator.engine.load.workers import Workers
from migrator.engine.plan.files import FileBytes
from migrator.engine.stop import Stop
from state.store import Store


class AheadFetcher:
    """Fetches the planned files of one project. They stay in the archive, from where they are uploaded later."""

    def __init__(self, store: Store, project: str, route: FileRoute, listener: Listener, stop: Stop) -> None:
        self._store = store
        self._project = project
        self._workers = Workers(route.at_once, stop)
        self._spool = replace(route.spool, keeps=True)
        self._fetcher = Fetcher(store, route.source, self._spool, project)
        self._listener = listener
        self._queue = in_order(store.journal, project, "file")
        self._done = 0
        self._total = 0
        # the same bytes are uploaded once
        self._sizes: dict[str, int] = {}
        self._unknown = 0

    async def fetch(self) -> FileBytes:
        """Return how many bytes there are to upload. What does not come is entered as it would be by a load; what the
        source cannot give at the moment stays planned, and makes the range wider."""
        self._total = self._store.journal.open_count(self._project, "file")
        if self._total:
            self._spool.prepare()
            self._listener(PhaseStarted("fetch files", self._project, self._total))
            await self._workers.run(self._work)
            self._listener(PhaseEnded("fetch files", self._project, self._done))
        least = sum(self._sizes.values())
        return FileBytes(least, least + self._unknown * FILE_BYTES, self._unknown)

    async def _work(self) -> None:
        while not self._workers.stop.requested() and (operations := self._queue.take()):
            (operation,) = operations
            try:
                fetched = await self._fetcher.fetch(cast(FileDraft, operation.draft), operation.id)
            except ContentTrouble as trouble:
                if record_trouble(self._store, self._project, operation, trouble):
                    self._say(operation, str(trouble))
            except TemporaryError as error:
                self._unknown += 1
                self._say(operation, f"{error}; it is asked for again when the plan is applied")
            else:
                self._spool.remove(fetched.sha256)
                self._sizes[fetched.sha256] = fetched.size
            self._done += 1
            self._listener(Progressed("fetch files", self._project, self._done, self._total))

    def _say(self, operation: Operation, cause: str) -> None:
        name = cast(FileDraft, operation.draft).name
        self._listener(ItemFailed("file", operation.marker, name, "failed", cause))
