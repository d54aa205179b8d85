"""Load: milestones, one after the other. QA Sphere may permit a title twice, so the list decides what is there."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from migrator.core.drafts import MILESTONE_LIMIT, MilestoneDraft
from migrator.core.errors import MigratorError, OutcomeUnknown, Rejected
from migrator.core.events import ItemFailed, Listener, Progressed, Said
from migrator.core.model import ItemKind
from migrator.core.ports.destination import Destination
from migrator.core.records import Fate, Operation
from migrator.core.refs import with_source_id
from migrator.core.views import Created, MilestoneView
from migrator.engine.job import Job
from migrator.engine.load.canary import canary_error
from migrator.engine.load.journaled_write import Writes
from migrator.engine.plan.compare import Difference
from migrator.engine.stop import Stop
from state.store import Store

_CHUNK = 100
_KIND: ItemKind = "milestone"


class MilestoneLoader:
    """Loads the milestones of one project."""

    def __init__(self, store: Store, destination: Destination, job: Job, listener: Listener, stop: Stop) -> None:
        self._journal = store.journal
        self._writes = Writes(store.journal, _KIND)
        self._destination = destination
        self._job = job
        self._project = job.source_id
        self._listener = listener
        self._stop = stop
        self._there: Sequence[MilestoneView] = ()

    async def load(self) -> None:
        """Send everything that is planned. Raises what stops the load; a bad milestone fails alone, by name."""
        total = self._journal.open_count(self._project, _KIND)
        if not total:
            return
        await self._look()
        for operation in self._journal.unknown(self._project, _KIND):
            await self._settle(operation)
        while not self._stop.requested() and (operations := self._journal.planned(self._project, _KIND, _CHUNK)):
            for operation in operations:
                if self._stop.requested():
                    return
                await self._send(operation)
                left = self._journal.open_count(self._project, _KIND)
                self._listener(Progressed("load milestones", self._project, total - left, total))

    async def _look(self) -> None:
        self._there = await self._destination.history.milestones(self._job.code)

    def _of_title(self, title: str) -> MilestoneView | None:
        """Return the milestone of this title; one that can be used before one that is archived."""
        found = sorted((view for view in self._there if view.title == title), key=lambda view: view.archived)
        return found[0] if found else None

    async def _settle(self, operation: Operation) -> None:
        """Look, and look again when a lost create cannot arrive any more."""
        view = self._sent(operation)
        if view is None:
            wait = operation.alive_at + self._job.settle_seconds - time.time()
            title = _draft(operation).title
            self._listener(Said(f"waiting {max(0, wait):.0f} s to see whether milestone “{title}” was created"))
            await self._stop.sleep(max(0.0, wait))
            if self._stop.requested():
                return
            await self._look()
            view = self._sent(operation)
        if view:
            self._journal.done(operation, Created(str(view.id)), "migrated")
        else:
            self._journal.planned_again(operation)

    def _sent(self, operation: Operation) -> MilestoneView | None:
        """Return the milestone that the operation may have made, under either title."""
        draft = _draft(operation)
        views = [self._of_title(title) for title in (draft.title, _other_title(draft))]
        return next((view for view in views if view and not view.archived), None)

    async def _send(self, operation: Operation) -> None:
        draft = _draft(operation)
        view = self._of_title(draft.title)
        if view and view.archived:
            draft = draft.model_copy(update={"title": _other_title(draft)})
            view = self._of_title(draft.title)
        if view:
            self._done(operation, draft, view.id, "adopted")
            return
        hooks = self._writes.hooks([operation])
        try:
            created = await self._destination.history.create_milestone(self._job.code, draft, hooks)
        except OutcomeUnknown as error:
            now = time.time()
            self._journal.in_doubt(operation, now, str(error))
            (again,) = [found for found in self._journal.unknown(self._project, _KIND) if found.id == operation.id]
            await self._settle(again)
        except Rejected as error:
            self._journal.failed(operation, str(error))
            self._journal.block(self._project, operation.marker, f"its milestone {operation.marker} failed")
            self._listener(ItemFailed(_KIND, operation.marker, operation.title, "failed", str(error)))
        except MigratorError:
            self._journal.planned_again(operation)
            raise
        else:
            self._writes.answered()
            self._done(operation, draft, int(created.id), "migrated")
            await self._canary()

    def _done(self, operation: Operation, draft: MilestoneDraft, ident: int, fate: Fate) -> None:
        with self._writes.recorded():
            self._journal.done(replace(operation, draft=draft), Created(str(ident)), fate)
        self._there = [*self._there, MilestoneView(id=ident, title=draft.title, archived=False)]

    async def _canary(self) -> None:
        if self._journal.canary_passed(self._project, _KIND):
            return
        first = self._journal.first_done(self._project, _KIND)
        if first is None:
            return
        await self._look()
        found = next((view.title for view in self._there if str(view.id) == first.entry.id), "no such milestone")
        if found != cast(MilestoneDraft, first.draft).title:
            raise canary_error(first.entry, Difference("title", cast(MilestoneDraft, first.draft).title, found))
        self._journal.pass_canary(self._project, _KIND, first.entry.marker)


def _draft(operation: Operation) -> MilestoneDraft:
    return cast(MilestoneDraft, operation.draft)


def _other_title(draft: MilestoneDraft) -> str:
    """Return the title when an archived milestone has the first one."""
    return with_source_id(draft.title, draft.marker, MILESTONE_LIMIT)
