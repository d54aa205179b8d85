"""Load: runs, each with exactly its cases, because a static run can never be amended.

It holds its cases in the version of that moment. So it is made once they are there as they are wished, and what its
text names as well; others may still be loading.
"""

from collections.abc import Mapping, Sequence
from typing import cast

from migrator.core.derived import pages_line, without_pages
from migrator.core.drafts import RUN_TEXT_LIMIT, RUN_TITLE_LIMIT, RunDraft
from migrator.core.errors import CallError
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.destination import Destination
from migrator.core.records import Holding, Operation
from migrator.core.refs import stated_marker, with_source_id
from migrator.core.text import symbols_in, visible_text
from migrator.core.views import Created, RunView, TitleTaken
from migrator.engine.context import Context
from migrator.engine.linked_files import as_seen
from migrator.engine.load.canary import canary_error
from migrator.engine.load.history.overflow import as_written, foretell_loss
from migrator.engine.load.loader import Loader
from migrator.engine.load.lookup import Found
from migrator.engine.load.queue import in_order
from migrator.engine.plan.cases.compare import Difference
from migrator.engine.references import Resolve

_HELD = 20
"""Runs in memory whose cases are not there yet; one may name all cases of a project."""


class RunLoader(Loader):
    """Loads the runs of one project. ``resolve`` puts real addresses into their descriptions."""

    kind = "run"
    phase = "load runs"
    crash_name = "run"
    blocks = "its run"

    def __init__(self, context: Context[Destination], resolve: Resolve) -> None:
        queue = in_order(context.store.journal, context.project, "run", is_ready=self._is_ready, held=_HELD)
        super().__init__(context, queue)
        self._store = context.store
        self._resolve = resolve
        self._notes: dict[str, list[Note]] = {}
        self.made: set[str] = set()
        """The markers of the runs that this load has created."""
        # runs that were there when the load began and say that they are made of what is planned here
        self._theirs: dict[str, RunView] = {}

    async def begin(self) -> None:
        """Look for runs that another workspace has made of what is planned here."""
        views = {stated_marker(view.description or ""): view for view in await self.destination.history.runs(self.code)}
        planned = self.journal.planned_among(self.project, list(views))
        self._theirs = {marker: views[marker] for marker in planned}

    def _is_ready(self, operation: Operation) -> bool:
        return not self.needs.hold(operation.id, lambda: self._under_way(_draft(operation)))

    def _under_way(self, draft: RunDraft) -> str | None:
        cases = draft.cases
        names = [draft.milestone, *(marker for _, marker in symbols_in(draft.description)), *cases]
        journal, ledger = self.journal, self._store.ledger
        # a case that changes, or lacks what may still come, is there in a version that the run would keep
        return journal.under_way(names) or journal.under_way(cases, "update") or ledger.one_incomplete(cases, "case")

    async def _is_adopted(self, operation: Operation) -> bool:
        """Adopt the run that is there already, if there is one. One of other cases is not made again: its results would
        be there twice."""
        view = self._theirs.pop(operation.marker, None)
        if view is None:
            return False
        draft = _with_cases(_draft(operation), self._case_ids(_draft(operation)))
        if await self._is_ours(draft, view):
            self._adopt(operation.writing(draft.model_copy(update={"title": view.title})), view)
        else:
            self._block_behind(operation, view)
        return True

    def _adopt(self, operation: Operation, view: RunView) -> None:
        found = Found(operation, Created(str(view.id)), self._as_seen(_draft(operation), view))
        self.record([found], "adopted", answered=False)

    async def send(self, operations: Sequence[Operation]) -> None:
        """Create one run with the cases that are there, unless it has to wait for others."""
        if await self._is_adopted(operations[0]):
            return
        operation = self._complete(operations[0])
        if operation is None:
            self.ended(operations)
            return
        try:
            await self._create(operation)
        except TitleTaken as taken:
            await self._title_taken(operation, taken)

    def _complete(self, operation: Operation) -> Operation | None:
        """Return the operation with the cases that are there; None when it has to wait for the others."""
        draft = _draft(operation)
        ids = self._case_ids(draft)
        missing = [case for case in draft.cases if case not in ids]
        if draft.milestone and not self._store.ledger.entries([draft.milestone]):
            self._block(operation, f"its milestone {draft.milestone} is not in QA Sphere")
            return None
        if not missing:
            return operation
        words = f"{len(missing)} of its cases are not in QA Sphere, such as {missing[0]}"
        if not self.context.job.allow_gaps or not ids:
            self._block(operation, f"{words} (mapping.runs.gaps)")
            return None
        with self.journal.atomic():
            self._note(draft, NoteCode.RUN_GAP, "cases", "; ".join(missing), words)
            self._store.history.withdraw_results(draft.marker, missing, "its case is not in QA Sphere")
        return operation.writing(_with_cases(draft, ids))

    def _case_ids(self, draft: RunDraft) -> Mapping[str, str]:
        return {marker: entry.id for marker, entry in self._store.ledger.entries(draft.cases).items()}

    def _note(self, draft: RunDraft, code: NoteCode, field: str, original: str, message: str) -> None:
        """Add to the notes of this load."""
        notes = self._notes.setdefault(draft.marker, [])
        notes.append(Note(code=code, marker=draft.marker, field=field, original=original, message=message))
        self.journal.put_notes(self.project, draft.marker, notes)

    def _block(self, operation: Operation, cause: str) -> None:
        with self.journal.atomic():
            self._store.history.blocked(operation, cause)
            self.journal.block(self.project, operation.marker, f"its run {operation.marker} is blocked")
        self.say(operation, "blocked", cause)

    def _block_behind(self, operation: Operation, view: RunView) -> None:
        words = f"run {view.id} was made of it meanwhile, of other cases; `migrator run` adopts what it holds"
        self._block(operation, words)
        self.ended([operation])

    async def _create(self, operation: Operation) -> None:
        draft = _draft(operation)
        entry = self._store.ledger.entries([draft.milestone]).get(draft.milestone)
        milestone = int(entry.id) if entry else None
        ids = self._case_ids(draft)
        case_ids = [ids[case] for case in draft.cases]
        written = self._written(draft)
        foretell_loss(self._store, self.project, draft, written)
        sent = written.model_copy(update={"description": self._resolve(written.description)})
        hooks = self.writes.hooks([operation])
        created = await self.destination.history.create_run(self.code, sent, milestone, case_ids, hooks)
        self.made.add(draft.marker)
        self.record([Found(operation, created, written)])

    def _written(self, draft: RunDraft) -> RunDraft:
        """Return the draft as it can be written today: it leads to pages only if all that list them are there, and if
        their addresses, which nobody knows before, leave it short enough."""
        written = as_written(self._store, draft)
        cases = {marker for _, marker in symbols_in(pages_line(written.description))}
        is_long = len(self._resolve(written.description)) > RUN_TEXT_LIMIT
        if cases and (is_long or len(self._store.ledger.entries(list(cases))) < len(cases)):
            return written.model_copy(update={"description": without_pages(written.description)})
        return written

    async def refused(self, operations: Sequence[Operation], error: CallError) -> None:
        """Say what a refusal does not: that the milestone was archived since it was planned."""
        (operation,) = operations
        entry = self._store.ledger.entries([_draft(operation).milestone]).get(_draft(operation).milestone)
        milestones = await self.destination.history.milestones(self.code) if entry else []
        for view in milestones:
            if entry and str(view.id) == entry.id and view.archived:
                self._block(operation, f"its milestone {view.title} was archived in QA Sphere")
                self.ended(operations)
                return
        await super().refused(operations, error)

    # --- a title that is taken ----------------------------------------------------------------------------------------

    async def _title_taken(self, operation: Operation, taken: TitleTaken) -> None:
        """Nothing was stored. The run that has the title is ours if it says so and holds the same cases; otherwise the
        source's id makes ours unique."""
        draft = _draft(operation)
        self.journal.planned_again(operation)
        views = {view.id: view for view in await self.destination.history.runs(self.code)}
        other = views.get(taken.run_id)
        if other and await self._is_ours(draft, other):
            self._adopt(operation, other)
            return
        if other and stated_marker(other.description or "") == draft.marker:
            self._block_behind(operation, other)
            return
        title = with_source_id(draft.title, draft.marker, RUN_TITLE_LIMIT)
        message = f"run {taken.run_id} has the title; became {title}"
        self._note(draft, NoteCode.RUN_RENAMED, "title", draft.title, message)
        await self._create(operation.writing(draft.model_copy(update={"title": title})))

    async def _is_ours(self, draft: RunDraft, view: RunView) -> bool:
        """Whether a run carries our marker and holds exactly our cases; untouched, where the list shows no markers."""
        if view.description is not None and stated_marker(view.description) != draft.marker:
            return False
        rows = await self.destination.history.run_cases(self.code, view.id)
        if {row.id for row in rows} != set(self._case_ids(draft).values()):
            return False
        return view.description is not None or all(row.status == "open" for row in rows)

    # --- lost answers -------------------------------------------------------------------------------------------------

    async def look_up(self, operations: Sequence[Operation]) -> Mapping[int, Found | None]:
        """Look all of them up with one request."""
        views = await self.destination.history.runs(self.code)
        found: dict[int, Found | None] = {}
        for operation in operations:
            draft = _draft(operation)
            if view := await self._sent(draft, views):
                draft = _with_cases(draft, self._case_ids(draft)).model_copy(update={"title": view.title})
                made = operation.writing(draft)
                found[operation.id] = Found(made, Created(str(view.id)), self._as_seen(draft, view))
        return found

    async def _sent(self, draft: RunDraft, views: Sequence[RunView]) -> RunView | None:
        """Return the run that a lost create has made. Where the list shows no descriptions, title and cases decide."""
        titles = (draft.title, with_source_id(draft.title, draft.marker, RUN_TITLE_LIMIT))
        for view in views:
            if view.description is not None:
                if stated_marker(view.description) == draft.marker:
                    return view
            elif view.title in titles and await self._is_ours(draft, view):
                return view
        return None

    def _as_seen(self, draft: RunDraft, view: RunView) -> RunDraft:
        """Return the draft as a run was made of it; where the list shows no descriptions, as it would be made today."""
        return self._written(draft) if view.description is None else as_seen(draft, view.description)

    # --- canary -------------------------------------------------------------------------------------------------------

    async def compare(self, first: Holding) -> None:
        """Compare a run and its cases with the draft."""
        draft = cast(RunDraft, first.draft)
        views = await self.destination.history.runs(self.code)
        view = next((view for view in views if str(view.id) == first.entry.id), None)
        if view is None:
            raise canary_error(first.entry, Difference("run", draft.title, "no such run"))
        rows = await self.destination.history.run_cases(self.code, view.id)
        ids = self._case_ids(draft)
        pairs = [("title", draft.title, view.title)]
        if view.description is not None:
            milestone = self._store.ledger.entries([draft.milestone]).get(draft.milestone)
            pairs += [
                ("description", visible_text(draft.description), visible_text(view.description)),
                ("milestone", milestone.id if milestone else "None", str(view.milestone_id)),
            ]
        pairs.append(("cases", " ".join(sorted(ids.values())), " ".join(sorted(row.id for row in rows))))
        for name, expected, found in pairs:
            if expected != found:
                raise canary_error(first.entry, Difference(name, expected, found))


def _draft(operation: Operation) -> RunDraft:
    return cast(RunDraft, operation.draft)


def _with_cases(draft: RunDraft, there: Mapping[str, str]) -> RunDraft:
    return draft.model_copy(update={"cases": tuple(case for case in draft.cases if case in there)})
