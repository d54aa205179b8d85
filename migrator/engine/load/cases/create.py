"""Load: create the planned cases, as many side by side as QA Sphere takes, in order where the source has one."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import cast

from migrator.core.drafts import CaseDraft
from migrator.core.errors import CallError
from migrator.core.ports.destination import Destination
from migrator.core.records import Holding, Operation
from migrator.core.refs import lists_pages
from migrator.core.views import CaseView, Created
from migrator.engine.context import Context
from migrator.engine.load.canary import canary_error
from migrator.engine.load.cases.others import OtherWriters
from migrator.engine.load.loader import Loader
from migrator.engine.load.lookup import Found
from migrator.engine.load.queue import by_need
from migrator.engine.plan.cases.compare import Difference, case_differences
from migrator.engine.references import Addresses, names_in

_CLASH = 409
_CLASHES_TO_FAIL = 5
_PER_LOOK_UP = 100


class CaseLoader(Loader):
    """Loads the cases of one project. A partition is a folder."""

    kind = "case"
    phase = "load"
    begins_alone = True  # so that two who begin at once see each other

    def __init__(self, context: Context[Destination], addresses: Addresses, others: OtherWriters) -> None:
        """Take what cases need; ``others`` may write the same cases."""
        journal, ordered = context.store.journal, context.job.ordered
        super().__init__(context, by_need(journal, context.project, "case", serial=ordered, is_ready=self._is_ready))
        self._addresses = addresses
        self._others = others
        # operations that others have carried out, and the numbers of cases that were just created
        self._taken: set[int] = set()
        self._created: dict[int, int | None] = {}
        self._made = 0
        self._ledger = context.store.ledger
        self._clashes: dict[int, int] = {}
        self._folder_ids: dict[str, int] = {}
        # the highest case number known, now and when each running create was sent first
        self._floor = 0
        self._floors: dict[int, int] = {}
        self._keyed = False
        self._files_seen = False

    async def begin(self) -> None:
        """Adopt what is newer than the workspace, and read how cases can be searched for."""
        self._adopt(await self._others.made())
        self._floor = self._others.top
        self._keyed = await self.destination.carries_marker(self.code)

    def _adopt(self, views: Sequence[CaseView]) -> None:
        for view in views:
            for marker in view.markers:
                operation = self.context.store.history.operation(marker, "create")
                if operation and operation.kind == "case" and operation.state == "planned":
                    self.record([self._found(operation, view)], "adopted", answered=False)
                    self._taken.add(operation.id)

    async def send(self, operations: Sequence[Operation]) -> None:
        """Create one case with the files and addresses that are there."""
        (operation,) = operations
        if operation.id in self._taken:
            return
        draft = self._addresses.attainable(_draft(operation))
        sendable, files = self._addresses.sendable(draft), self._addresses.files(draft)
        hooks = self.writes.hooks(operations, partial(self._intend, operation))
        created = await self.destination.create_case(self.code, self._folder_id(draft), sendable, files, hooks)
        self.record([Found(operation, created, draft)])
        self._floor = max(self._floor, created.seq or 0)
        self._created[operation.id] = created.seq

    def _intend(self, operation: Operation) -> None:
        floor = self._floors.setdefault(operation.id, self._floor)
        self.journal.sending([operation], time.time(), seq_floor=floor, keyed=self._keyed)

    async def sent(self, operations: Sequence[Operation]) -> None:
        """Look around for others, and read the first case with files back."""
        (operation,) = operations
        self._floors.pop(operation.id, None)
        if operation.id in self._created:
            self._made += 1
            self._adopt(await self._others.created(self._created.pop(operation.id), self._made))
            await self._check_files(operation)

    async def _check_files(self, operation: Operation) -> None:
        """A server that drops the files of cases says nothing (A-21)."""
        if self._files_seen or not _draft(operation).files or self.journal.canary_passed(self.project, "case_files"):
            return
        holding = self._ledger.holdings([operation.marker]).get(operation.marker)
        if holding and cast(CaseDraft, holding.draft).files:
            self._files_seen = True
            await self.compare(holding)
            self.journal.pass_canary(self.project, "case_files", operation.marker)

    async def refused(self, operations: Sequence[Operation], error: CallError) -> None:
        """When two creates met in one folder, nothing was stored: send again, one at a time. Not for ever."""
        (operation,) = operations
        clashes = self._clashes.get(operation.id, 0) + 1
        if error.status == _CLASH and clashes < _CLASHES_TO_FAIL:
            self._clashes[operation.id] = clashes
            self.journal.planned_again(operation)
            self.queue.put_back(operation, serial=True)
        else:
            self.fail(operations, error)

    async def compare(self, first: Holding) -> None:
        """Compare a case with its draft, and look for its marker."""
        draft, marker = cast(CaseDraft, first.draft), first.entry.marker
        view = await self.destination.case(self.code, first.entry.id)
        differences = case_differences(draft, self._folder_id(draft), view)
        if marker not in view.markers:
            differences.append(Difference("marker", marker, ", ".join(view.markers) or "none"))
        if differences:
            raise canary_error(first.entry, differences[0])

    # --- lost answers -------------------------------------------------------------------------------------------------

    def as_sent(self, operation: Operation) -> Operation:
        """Remember above which number it can be, and whether it can be searched for."""
        return replace(operation, seq_floor=self._floors[operation.id], keyed=self._keyed)

    def together(self, lost: Sequence[Operation]) -> Sequence[Operation]:
        """Those sent with the marker in the custom field are searched for, the others lie among the newest."""
        return [operation for operation in lost if operation.keyed == lost[0].keyed][:_PER_LOOK_UP]

    async def look_up(self, operations: Sequence[Operation]) -> Mapping[int, Found | None]:
        """Look for the markers. Of several cases with one marker the first is ours, the others are copies."""
        markers = [operation.marker for operation in operations]
        floor = min(operation.seq_floor for operation in operations)
        found = await self.destination.find_cases(self.code, markers, floor=floor, keyed=operations[0].keyed)
        return {
            operation.id: self._found(operation, min(found[operation.marker], key=lambda case: case.seq))
            for operation in operations
            if found.get(operation.marker)
        }

    def _found(self, operation: Operation, view: CaseView) -> Found:
        return Found(operation, Created(view.id, view.seq), self._addresses.as_seen(_draft(operation), view))

    # --- what it needs ------------------------------------------------------------------------------------------------

    def _is_ready(self, operation: Operation) -> bool:
        # other cases lead to one that lists pages, and would be written again if it waited for its files
        if lists_pages(operation.marker):
            return True
        return not self.needs.hold(operation.id, lambda: self._file_under_way(_draft(operation)))

    def _file_under_way(self, draft: CaseDraft) -> str | None:
        return self.journal.under_way([marker for kind, marker in names_in(draft) if kind == "file"])

    def _folder_id(self, draft: CaseDraft) -> int:
        if draft.folder not in self._folder_ids:
            entry = self._ledger.entries([draft.folder])[draft.folder]
            self._folder_ids[draft.folder] = int(entry.id)
        return self._folder_ids[draft.folder]


def _draft(operation: Operation) -> CaseDraft:
    return cast(CaseDraft, operation.draft)
