"""Load: milestones, side by side but for those of one title. QA Sphere may permit a title twice, so the list decides
what is there."""

from collections.abc import Mapping, Sequence
from typing import cast

from migrator.core.drafts import MILESTONE_LIMIT, MilestoneDraft
from migrator.core.errors import CallError
from migrator.core.ports.destination import Destination
from migrator.core.records import Fate, Holding, Operation
from migrator.core.refs import with_source_id
from migrator.core.views import Created, MilestoneView
from migrator.engine.context import Context
from migrator.engine.load.canary import canary_error
from migrator.engine.load.loader import Loader
from migrator.engine.load.lookup import Found
from migrator.engine.load.queue import in_order
from migrator.engine.plan.cases.compare import Difference


class MilestoneLoader(Loader):
    """Loads the milestones of one project."""

    kind = "milestone"
    phase = "load milestones"
    crash_name = "milestone"
    blocks = "its milestone"

    def __init__(self, context: Context[Destination]) -> None:
        super().__init__(
            context, in_order(context.store.journal, context.project, "milestone", is_ready=self._is_ready)
        )
        self._there: Sequence[MilestoneView] = ()
        self._made_here: dict[int, MilestoneView] = {}
        # who has taken a title, until it is known what became of it
        self._holders: dict[str, int] = {}

    async def begin(self) -> None:
        """Read which milestones there are, and which titles may have been sent already."""
        for operation in self.journal.unknown(self.project, "milestone"):
            self._holders[_draft(operation).title] = operation.id
        await self._read()

    async def _read(self) -> None:
        listed = await self.destination.history.milestones(self.code)
        # the list may be older than what was made while it was asked for
        ids = {view.id for view in listed}
        self._there = [*listed, *(view for view in self._made_here.values() if view.id not in ids)]

    def _is_ready(self, operation: Operation) -> bool:
        return self._holders.get(_draft(operation).title, operation.id) == operation.id

    def _let_go(self, operation: Operation) -> None:
        self._holders = {title: holder for title, holder in self._holders.items() if holder != operation.id}
        self.queue.offer_held()

    def entered(self, found: Sequence[Found]) -> None:
        """Let those of the same title go on, which adopt it."""
        for one in found:
            self._let_go(one.operation)

    def failed(self, operation: Operation, error: CallError) -> None:
        """Let those of the same title try."""
        super().failed(operation, error)
        self._let_go(operation)

    async def send(self, operations: Sequence[Operation]) -> None:
        """Create one, or adopt the one that has its title."""
        (operation,) = operations
        draft = _draft(operation)
        self._holders[draft.title] = operation.id
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
        self._made_here[ident] = MilestoneView(id=ident, title=draft.title, archived=False)
        self._there = [*self._there, self._made_here[ident]]
        self.record([found], fate, answered=fate == "migrated")

    async def look_up(self, operations: Sequence[Operation]) -> Mapping[int, Found | None]:
        """Return those that can be used and have either title, as they are there."""
        await self._read()
        found: dict[int, Found | None] = {}
        for operation in operations:
            draft = _draft(operation)
            if view := self._sent(draft):
                written = operation.writing(draft.model_copy(update={"title": view.title}))
                found[operation.id] = Found(written, Created(str(view.id)))
        return found

    def _sent(self, draft: MilestoneDraft) -> MilestoneView | None:
        views = [self._of_title(title) for title in (draft.title, _other_title(draft))]
        return next((view for view in views if view and not view.archived), None)

    def _of_title(self, title: str) -> MilestoneView | None:
        """Return the milestone of this title; one that can be used before one that is archived."""
        found = sorted((view for view in self._there if view.title == title), key=lambda view: view.archived)
        return found[0] if found else None

    async def compare(self, first: Holding) -> None:
        """Compare the title."""
        await self._read()
        title = cast(MilestoneDraft, first.draft).title
        found = next((view.title for view in self._there if str(view.id) == first.entry.id), "no such milestone")
        if found != title:
            raise canary_error(first.entry, Difference("title", title, found))


def _draft(operation: Operation) -> MilestoneDraft:
    return cast(MilestoneDraft, operation.draft)


def _other_title(draft: MilestoneDraft) -> str:
    """Return the title when an archived milestone has the first one."""
    return with_source_id(draft.title, draft.marker, MILESTONE_LIMIT)
