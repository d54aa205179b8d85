"""Load: folders, by one writer, parents first, up to 100 per request. The request is safe to repeat."""

from collections.abc import Sequence
from typing import cast

from migrator.core.drafts import FolderDraft
from migrator.core.ports.destination import FOLDERS_PER_CALL, Destination
from migrator.core.records import Holding, Operation
from migrator.engine.context import Context
from migrator.engine.load.canary import canary_error
from migrator.engine.load.loader import RepeatableLoader
from migrator.engine.load.lookup import Found
from migrator.engine.load.queue import batches
from migrator.engine.plan.cases.compare import Difference
from migrator.engine.plan.destination_snapshot import folder_paths


class FolderLoader(RepeatableLoader):
    """Loads the folders of one project. The same ids are answered however often one is sent (qasphere-api.md §3.2)."""

    kind = "folder"
    phase = "load folders"
    most = FOLDERS_PER_CALL
    has_canary = True
    blocks = "its folder"

    def __init__(self, context: Context[Destination]) -> None:
        super().__init__(context, batches(context.store.journal, context.project, "folder"), workers=1)

    async def send(self, operations: Sequence[Operation]) -> None:
        """Make sure that folders exist."""
        drafts = await self._without_comments_of_others(operations)
        created = await self.destination.upsert_folders(self.code, drafts, self.writes.hooks(operations))
        self.record([Found(*pair) for pair in zip(operations, created, strict=True)])

    async def _without_comments_of_others(self, operations: Sequence[Operation]) -> list[FolderDraft]:
        """Return the drafts; a folder that is there from an earlier try keeps whatever comment it has by now."""
        drafts = [cast(FolderDraft, operation.draft) for operation in operations]
        if not any(operation.alive_at and draft.comment for operation, draft in zip(operations, drafts, strict=True)):
            return drafts
        there = set(folder_paths(await self.destination.folders(self.code)).values())
        return [
            draft.model_copy(update={"comment": ""}) if operation.alive_at and draft.path in there else draft
            for operation, draft in zip(operations, drafts, strict=True)
        ]

    async def compare(self, first: Holding) -> None:
        """Compare the path of a folder."""
        path = cast(FolderDraft, first.draft).path
        found = folder_paths(await self.destination.folders(self.code)).get(int(first.entry.id))
        if found != path:
            difference = Difference("path", "/".join(path), "/".join(found) if found else "no such folder")
            raise canary_error(first.entry, difference)
