"""Load: milestones, one after the other. QA Sphere may permit a title twice, so the list decides what is there."""

from collections.abc import Mapping, Sequence
from typing import cast

from migrator.core.drafts import MILESTONE_LIMIT, MilestoneDraft
from migrator.core.ports.destination import Destination
from migrator.core.records import Fate, Holding, Operation
from migrator.core.refs import with_source_id
from migrator.core.views import Created, MilestoneView
from migrator.engine.context import Context
from migrator.engine.load.canary import canary_error
from migrator.engine.load.loader import Loader
from migrator.engine.load.lookup import Found
from migrator.engine.load.queue import batches
from migrator.engine.plan.cases.compare import Difference


class MilestoneLoader(Loader):
    """Loads the milestones of one project."""

    kind = "milestone"
    phase = "load milestones"
    crash_name = "milestone"
    blocks = "its milestone"

    def __init__(self, context: Context[Destination]) -> None:
        super().__init__(context, batches(context.store.journal, context.project, "milestone"), workers=1)
        self._there: Sequence[MilestoneView] = ()

    async def begin(self) -> None:
        """Read which milestones there are."""
        self._there = await self.destination.history.milestones(self.code)

    async def send(self, operations: Sequence[Operation]) -> None:
        """Create one, or adopt the one that has its title."""
        (operation,) = operations
        draft = _draft(operation)
        view = self._of_title(draft.title)
        if view and view.archived:
            draft = draft.model_copy(update={"title": _other_title(draft)})
            view = self._of_title(draft.title)
        if view:
            self._made(operation, draft, view.id, "adopted")
            return
        hooks = self.writes.hooks(operations)
        created = await self.destination.history.create_milestone(self.code, draft, hooks)
        self._made(operation, draft, int(created.id))

    def _made(self, operation: Operation, draft: MilestoneDraft, ident: int, fate: Fate = "migrated") -> None:
        found = Found(operation.writing(draft), Created(str(ident)))
        self.record([found], fate, answered=fate == "migrated")
        self._there = [*self._there, MilestoneView(id=ident, title=draft.title, archived=False)]

    async def look_up(self, operations: Sequence[Operation]) -> Mapping[int, Found | None]:
        """Return those that can be used and have either title."""
        await self.begin()
        views = {operation.id: self._sent(_draft(operation)) for operation in operations}
        return {
            operation.id: Found(operation, Created(str(view.id)))
            for operation in operations
            if (view := views[operation.id])
        }

    def _sent(self, draft: MilestoneDraft) -> MilestoneView | None:
        views = [self._of_title(title) for title in (draft.title, _other_title(draft))]
        return next((view for view in views if view and not view.archived), None)

    def _of_title(self, title: str) -> MilestoneView | None:
        """Return the milestone of this title; one that can be used before one that is archived."""
        found = sorted((view for view in self._there if view.title == title), key=lambda view: view.archived)
        return found[0] if found else None

    async def compare(self, first: Holding) -> None:
        """Compare the title."""
        await self.begin()
        title = cast(MilestoneDraft, first.draft).title
        found = next((view.title for view in self._there if str(view.id) == first.entry.id), "no such milestone")
        if found != title:
            raise canary_error(first.entry, Difference("title", title, found))


def _draft(operation: Operation) -> MilestoneDraft:
    return cast(MilestoneDraft, operation.draft)


def _other_title(draft: MilestoneDraft) -> str:
    """Return the title when an archived milestone has the first one."""
    return with_source_id(draft.title, draft.marker, MILESTONE_LIMIT)
