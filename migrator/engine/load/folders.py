"""Load: folders, by one writer, parents first, up to 100 per request. The request is safe to repeat."""

from collections.abc import Sequence
from typing import cast

from migrator.core.drafts import FolderDraft
from migrator.core.errors import CallError, MigratorError, Rejected
from migrator.core.events import ItemFailed, Listener, Progressed
from migrator.core.ports.destination import FOLDERS_PER_CALL, Destination
from migrator.core.records import Operation
from migrator.core.views import Created
from migrator.engine.job import Job
from migrator.engine.load.canary import canary_error
from migrator.engine.load.journaled_write import Writes
from migrator.engine.plan.compare import Difference
from migrator.engine.plan.destination_snapshot import folder_paths
from migrator.engine.stop import Stop
from state.journal import Journal


class FolderLoader:
    """Loads the folders of one project."""

    def __init__(self, journal: Journal, destination: Destination, job: Job, listener: Listener, stop: Stop) -> None:
        self._journal = journal
        self._writes = Writes(journal)
        self._destination = destination
        self._project = job.source_id
        self._code = job.code
        self._listener = listener
        self._stop = stop

    async def load(self) -> None:
        """Send everything that is planned. Raises what stops the load; a bad folder fails alone, by name."""
        for operation in self._journal.unknown(self._project, "folder"):
            # an upsert answers the same ids however often it is sent (qasphere-api.md §3.2)
            self._journal.planned_again(operation)
        total = self._journal.open_count(self._project, "folder")
        while not self._stop.requested():
            checked = self._journal.canary_passed(self._project, "folder")
            operations = self._journal.planned(self._project, "folder", FOLDERS_PER_CALL if checked else 1)
            if not operations:
                return
            await self._send(operations)
            if not checked:
                await self._canary()
            left = self._journal.open_count(self._project, "folder")
            self._listener(
                Progressed("load folders", self._project, total - left, total, self._destination.waiting_for())
            )

    async def _send(self, operations: Sequence[Operation]) -> None:
        drafts = [cast(FolderDraft, operation.draft) for operation in operations]
        try:
            created = await self._destination.upsert_folders(self._code, drafts, self._writes.hooks(operations))
        except Rejected as error:
            await self._bisect(operations, error)
        except MigratorError:
            for operation in operations:
                self._journal.planned_again(operation)
            raise
        else:
            self._created(operations, created)

    def _created(self, operations: Sequence[Operation], created: Sequence[Created]) -> None:
        self._writes.answered()
        with self._writes.recorded():
            for operation, answer in zip(operations, created, strict=True):
                self._journal.done(operation, answer, "migrated")

    async def _bisect(self, operations: Sequence[Operation], error: CallError) -> None:
        """Halve a refused batch until the bad folder stands alone."""
        if len(operations) > 1:
            middle = len(operations) // 2
            await self._send(operations[:middle])
            await self._send(operations[middle:])
            return
        operation = operations[0]
        self._journal.failed(operation, str(error))
        self._journal.block(self._project, operation.marker, f"its folder {operation.marker} failed")
        self._listener(ItemFailed("folder", operation.marker, operation.title, "failed", str(error)))

    async def _canary(self) -> None:
        first = self._journal.first_done(self._project, "folder")
        if first is None:
            return
        path = cast(FolderDraft, first.draft).path
        found = folder_paths(await self._destination.folders(self._code)).get(int(first.entry.id))
        if found != path:
            difference = Difference("path", "/".join(path), "/".join(found) if found else "no such folder")
            raise canary_error(first.entry, difference)
        self._journal.pass_canary(self._project, "folder", first.entry.marker)
