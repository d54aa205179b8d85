"""Load: results, run by run side by side, in batches within a run. What was lost is looked up, never guessed."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence, Set
from functools import partial
from typing import cast

from migrator.core.drafts import ResultDraft
from migrator.core.errors import CallError
from migrator.core.events import Said
from migrator.core.ports.destination import RESULT_BYTES_PER_CALL, RESULTS_PER_CALL, Destination, result_bytes
from migrator.core.records import Holding, LedgerEntry, Operation
from migrator.core.refs import stated_marker
from migrator.core.text import symbols_in, visible_text
from migrator.core.views import ResultView, RunView
from migrator.engine.context import Context
from migrator.engine.load.canary import canary_error
from migrator.engine.load.history.lost_results import ResultLookUp
from migrator.engine.load.history.overflow import as_written, foretell_loss
from migrator.engine.load.history.sent_elsewhere import SentElsewhere
from migrator.engine.load.loader import UNREADABLE, Loader
from migrator.engine.load.lookup import Found
from migrator.engine.load.queue import FreshPartition, Queue
from migrator.engine.plan.cases.compare import Difference, shown
from migrator.engine.references import Resolve

_ABOUT_ONE_ITEM = (400, 413, 422)
"""Refusals after which a batch is halved; what else is refused (the run is closed, or not there) is about all."""


class ResultLoader(Loader):
    """Loads the results of one project. A partition is a run: one request at a time, in order."""

    kind = "result"
    phase = "load results"
    crash_name = "result"
    most = RESULTS_PER_CALL

    def __init__(self, context: Context[Destination], resolve: Resolve, made: Container[str]) -> None:
        """Take what results need.

        Args:
            context: The job at work.
            resolve: Puts real addresses into comments.
            made: The markers of runs that were created just now, which hold nothing yet.
        """
        self._made = made
        self._views: Mapping[str, RunView] = {}
        # the runs that were in QA Sphere when the list was asked for which these views are from
        self._listed: Container[str] = ()
        self._holds_more: dict[str, bool] = {}
        self._store = context.store
        self._resolve = resolve
        self._runs = context.store.journal.needs(context.project, "result")
        super().__init__(context, Queue(self._runs, lambda run: FreshPartition(lambda most: self._next(run, most))))
        self._look_up = ResultLookUp(context.store, context.destination.history, context.job.code)
        self._elsewhere = SentElsewhere(context.store, context.project)

    def _next(self, run: str, most: int) -> Sequence[Operation] | None:
        """Return the next results of a run that is there, bounded by number and bytes; None when the run is under way,
        or something that one of their comments names."""
        if self.needs.hold(run, lambda: self.journal.under_way([run])):
            return None
        if not self._store.ledger.entries([run]):
            return []  # it did not come about, and says so
        self._store.history.block_behind_failed(run)
        batch: list[Operation] = []
        size = 0
        for operation in self.journal.next_operations(self.project, "result", run, -1, most):
            size += result_bytes(_draft(operation))
            if batch and size > RESULT_BYTES_PER_CALL:
                break
            names = [marker for _, marker in symbols_in(_draft(operation).comment)]
            if names and self.needs.hold(run, partial(self.journal.under_way, names)):
                return None
            batch.append(operation)
        return batch

    async def send(self, operations: Sequence[Operation]) -> None:
        """Send results of one run, but for those that another workspace has sent."""
        if await self._may_be_there(operations):
            there = await self._look_up.editions(operations[0].need, operations)
            self.in_doubt([one for one, editions in there if editions is None], UNREADABLE)
            for one, editions in there:
                if editions and (reason := self._elsewhere.enter(one, editions)):
                    self.say(one, "conflict", reason)
            self.ended([one for one, editions in there if editions])
            if there:
                return  # the others are read anew
        drafts = [as_written(self._store, _draft(operation)) for operation in operations]
        with self.journal.atomic():
            for operation, written in zip(operations, drafts, strict=True):
                foretell_loss(self._store, self.project, _draft(operation), written)
        entries = self._store.ledger.entries(sorted({written.case for written in drafts}))
        items = [(entries[written.case].id, self._resolved(written)) for written in drafts]
        hooks = self.writes.hooks(operations)
        created = await self.destination.history.create_results(self.code, self._run_id(operations), items, hooks)
        self.record([Found(*one) for one in zip(operations, created, drafts, strict=True)])

    async def begin(self) -> None:
        """Read which results the runs hold."""
        listed = self._store.ledger.entries(self._runs).keys()
        self._views = {str(view.id): view for view in await self.destination.history.runs(self.code)}
        self._listed = listed

    async def _may_be_there(self, operations: Sequence[Operation]) -> bool:
        """Whether the run may hold more results than this workspace knew of when it found the run."""
        run = operations[0].need
        if run in self._made:
            return False
        if run not in self._listed:
            await self.begin()
        if run not in self._holds_more:
            self._holds_more[run] = self._differs(run, {_draft(operation).case for operation in operations})
        # no count tells of a result that leaves its case open
        leaves_open = any(_draft(operation).status == "open" for operation in operations)
        return self._holds_more[run] or leaves_open

    def _differs(self, run: str, cases: Set[str]) -> bool:
        view = self._views.get(self._store.ledger.entries([run])[run].id)
        if view is None:
            return False
        sent = {result.case: result.status for result in self._store.history.sent_of_run(run)}
        # equal counts say nothing of results that came to a case that had one; who may have sent these since is another
        # workspace, of which a plan that was made from an older one knows nothing
        if view.counts is None or not cases.isdisjoint(sent):
            return True
        return Counter(view.counts) != _counts(sent, view.counts.get("all", 0))

    def _run_id(self, operations: Sequence[Operation]) -> int:
        run = operations[0].need
        return int(self._store.ledger.entries([run])[run].id)

    def _resolved(self, draft: ResultDraft) -> ResultDraft:
        return draft.model_copy(update={"comment": self._resolve(draft.comment)})

    def entered(self, found: Sequence[Found]) -> None:
        """Enter also in which order the results of a run stand."""
        sent = [(cast(ResultDraft, one.written), int(one.created.id)) for one in found]
        self._store.history.put_sent(self.project, sent)

    async def refused(self, operations: Sequence[Operation], error: CallError) -> None:
        """Halve a refused batch until the bad result stands alone; a server may have stored those before it."""
        if len(operations) == 1 or error.status not in _ABOUT_ONE_ITEM:
            self.fail(operations, error)
            return
        answers = await self.look_up(operations)
        rest = [operation for operation in operations if operation.id not in answers]
        self.record([found for found in answers.values() if found], answered=False)
        self.plan_again(rest)
        self.in_doubt([one for one in operations if one.id in answers and not answers[one.id]], UNREADABLE)
        self._store.history.block_behind_failed(operations[0].need)
        await self.send_halves(rest)

    def failed(self, operation: Operation, error: CallError) -> None:
        """What comes behind it waits."""
        super().failed(operation, error)
        self._store.history.block_behind_failed(operation.need)

    # --- lost answers -------------------------------------------------------------------------------------------------

    def together(self, lost: Sequence[Operation]) -> Sequence[Operation]:
        """Return those of one run."""
        return [operation for operation in lost if operation.need == lost[0].need]

    async def look_up(self, operations: Sequence[Operation]) -> Mapping[int, Found | None]:
        """Look results of one run up."""
        return await self._look_up.look_up(operations[0].need, operations)

    # --- canary -------------------------------------------------------------------------------------------------------

    async def compare(self, first: Holding) -> None:
        """Compare the first result with what was sent, if QA Sphere gives it back."""
        draft = cast(ResultDraft, first.draft)
        entries = self._store.ledger.entries([draft.run, draft.case])
        run_id, case_id = int(entries[draft.run].id), entries[draft.case].id
        views = await self.destination.history.results(self.code, run_id, case_id)
        if views is None:
            self.context.listener(Said("QA Sphere does not give results back, so nobody can compare their comments"))
            return
        view = next((view for view in views if stated_marker(view.comment) == draft.marker), None)
        if view is None:
            comments = " | ".join(visible_text(seen.comment) for seen in views)
            raise canary_error(first.entry, Difference("comment", draft.marker, shown(comments)))
        _compare(first.entry, draft, view)


def _compare(entry: LedgerEntry, draft: ResultDraft, view: ResultView) -> None:
    pairs = (
        ("status", draft.status, view.status),
        ("comment", visible_text(draft.comment), visible_text(view.comment)),
        ("time taken", draft.time_taken_ms, view.time_taken_ms),
    )
    for name, expected, found in pairs:
        if expected != found:
            raise canary_error(entry, Difference(name, shown(expected), shown(found)))


def _counts(sent: Mapping[str, str], cases: int) -> Counter[str]:
    """Return how many cases have which status, when these are all results that there are."""
    counts = Counter(sent.values())
    counts["open"] += cases - len(sent)
    counts["all"] = cases
    return counts


def _draft(operation: Operation) -> ResultDraft:
    return cast(ResultDraft, operation.draft)
