"""Load: runs, each with exactly its cases, because a static run can never be amended."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from migrator.core.drafts import RUN_TITLE_LIMIT, RunDraft
from migrator.core.errors import MigratorError, OutcomeUnknown, Rejected
from migrator.core.events import ItemFailed, Listener, PhaseEnded, PhaseStarted, Progressed
from migrator.core.model import ItemKind
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.destination import Destination
from migrator.core.records import Fate, Operation
from migrator.core.refs import stated_marker, with_source_id
from migrator.core.text import visible_text
from migrator.core.views import Created, RunView, TitleTaken
from migrator.engine.job import Job
from migrator.engine.load.breaker import Breaker
from migrator.engine.load.canary import canary_error
from migrator.engine.load.journaled_write import Writes
from migrator.engine.load.lookup import is_decisive, next_look
from migrator.engine.load.overflow import as_seen, as_written, foretell_loss
from migrator.engine.load.workers import Workers
from migrator.engine.plan.compare import Difference
from migrator.engine.references import Resolve
from migrator.engine.stop import Stop
from state.store import Store

_KIND: ItemKind = "run"
_REFILL = 20


class RunLoader:
    """Loads the runs of one project. One instance, one load."""

    def __init__(
        self,
        store: Store,
        destination: Destination,
        job: Job,
        resolve: Resolve,
        listener: Listener,
        stop: Stop,
    ) -> None:
        self._store = store
        self._journal = store.journal
        self._destination = destination
        self._job = job
        self._project = job.source_id
        self._resolve = resolve
        self._listener = listener
        self._workers = Workers(job.workers, stop)
        self._writes = Writes(store.journal, _KIND, self._workers.stop)
        self._breaker = Breaker()
        self._notes: dict[str, list[Note]] = {}
        self._queue: list[Operation] = []
        self._after = -1
        self._sent_count = 0
        self._total = 0

    async def load(self) -> None:
        """Send everything that is planned and settle everything in doubt. Raises what stopped the load, after what was
        in flight has come to its end."""
        self._total = self._journal.open_count(self._project, _KIND)
        if not self._total:
            return
        self._listener(PhaseStarted("load runs", self._project, self._total))
        if not self._journal.canary_passed(self._project, _KIND):
            await self._workers.run(self._work_until_one, count=1)
            await self._canary()
        while not self._workers.stop.requested():
            # from the first one that is planned; whatever was read before is read again, never held twice
            self._queue, self._after = [], -1
            await self._workers.run(self._work)
            # the others went on meanwhile; now the lost ones are looked up
            doubtful = self._journal.unknown(self._project, _KIND)
            if not doubtful:
                break
            await self._settle(doubtful)
        self._listener(PhaseEnded("load runs", self._project, self._total))

    async def _work(self) -> None:
        while not self._workers.stop.requested() and (operation := self._next()):
            await self._send(operation)
            self._sent_count += 1
            waiting = self._destination.waiting_for()
            self._listener(Progressed("load runs", self._project, self._sent_count, self._total, waiting))

    async def _work_until_one(self) -> None:
        while not self._workers.stop.requested() and self._journal.first_done(self._project, _KIND) is None:
            operation = self._next()
            if operation is None:
                return
            await self._send(operation)

    def _next(self) -> Operation | None:
        if not self._queue:
            found = self._journal.planned(self._project, _KIND, _REFILL, after=self._after)
            self._queue = list(reversed(found))
            if found:
                self._after = found[-1].position
        return self._queue.pop() if self._queue else None

    # --- one run ------------------------------------------------------------------------------------------------------

    async def _send(self, operation: Operation) -> None:
        draft = self._complete(operation)
        if draft is None:
            return
        operation = replace(operation, draft=draft)
        try:
            await self._create(operation, draft)
        except TitleTaken as taken:
            await self._clash(operation, draft, taken)

    def _complete(self, operation: Operation) -> RunDraft | None:
        """Return the draft with the cases that are there; None when it has to wait for the others."""
        draft = cast(RunDraft, operation.draft)
        ids = self._case_ids(draft)
        missing = [case for case in draft.cases if case not in ids]
        if draft.milestone and not self._store.ledger.entries([draft.milestone]):
            self._block(operation, f"its milestone {draft.milestone} is not in QA Sphere")
            return None
        if not missing:
            return draft
        words = f"{len(missing)} of its cases are not in QA Sphere, such as {missing[0]}"
        if not self._job.allow_gaps or not ids:
            self._block(operation, f"{words} (mapping.runs.gaps)")
            return None
        with self._journal.atomic():
            self._note(draft, NoteCode.RUN_GAP, "cases", "; ".join(missing), words)
            self._store.history.withdraw_results(draft.marker, missing, "its case is not in QA Sphere")
        return draft.model_copy(update={"cases": tuple(case for case in draft.cases if case in ids)})

    def _case_ids(self, draft: RunDraft) -> Mapping[str, str]:
        return {marker: entry.id for marker, entry in self._store.ledger.entries(draft.cases).items()}

    def _note(self, draft: RunDraft, code: NoteCode, field: str, original: str, message: str) -> None:
        """Add to the notes of this load."""
        notes = self._notes.setdefault(draft.marker, [])
        notes.append(Note(code=code, marker=draft.marker, field=field, original=original, message=message))
        self._journal.put_notes(self._project, draft.marker, notes)

    def _block(self, operation: Operation, cause: str) -> None:
        with self._journal.atomic():
            self._store.history.blocked(operation, cause)
            self._journal.block(self._project, operation.marker, f"its run {operation.marker} is blocked")
        self._listener(ItemFailed(_KIND, operation.marker, operation.title, "blocked", cause))

    async def _create(self, operation: Operation, draft: RunDraft) -> None:
        """Send one create and record what became of it; ``TitleTaken`` is left to the caller."""
        entry = self._store.ledger.entries([draft.milestone]).get(draft.milestone)
        milestone = int(entry.id) if entry else None
        ids = self._case_ids(draft)
        case_ids = [ids[case] for case in draft.cases]
        written = as_written(self._store, draft)
        foretell_loss(self._store, self._project, draft, written)
        sent = written.model_copy(update={"description": self._resolve(written.description)})
        hooks = self._writes.hooks([operation])
        try:
            created = await self._destination.history.create_run(self._job.code, sent, milestone, case_ids, hooks)
        except TitleTaken:
            raise
        except OutcomeUnknown as error:
            self._journal.in_doubt(operation, time.time(), str(error))
        except Rejected as error:
            self._fail(operation, error)
        except MigratorError:
            self._journal.planned_again(operation)
            raise
        else:
            self._writes.answered()
            self._done(operation, created, "migrated", written)
            self._breaker.succeeded()

    def _done(self, operation: Operation, created: Created, fate: Fate, written: RunDraft) -> None:
        with self._writes.recorded():
            self._journal.done(operation, created, fate, written=written)

    def _fail(self, operation: Operation, error: Rejected) -> None:
        with self._journal.atomic():
            self._journal.failed(operation, str(error))
            self._journal.block(self._project, operation.marker, f"its run {operation.marker} failed")
        self._listener(ItemFailed(_KIND, operation.marker, operation.title, "failed", str(error)))
        if stopped := self._breaker.failed(f"{error.status} {error.cause}"):
            raise stopped

    # --- a title that is taken ----------------------------------------------------------------------------------------

    async def _clash(self, operation: Operation, draft: RunDraft, taken: TitleTaken) -> None:
        """Nothing was stored. The run that has the title is ours if it says so and holds the same cases; otherwise the
        source's id makes ours unique."""
        self._journal.planned_again(operation)
        views = {view.id: view for view in await self._destination.history.runs(self._job.code)}
        other = views.get(taken.run_id)
        if other and await self._is_ours(draft, other):
            self._done(operation, Created(str(other.id)), "adopted", self._as_seen(draft, other))
            return
        title = with_source_id(draft.title, draft.marker, RUN_TITLE_LIMIT)
        message = f"run {taken.run_id} has the title; became {title}"
        self._note(draft, NoteCode.RUN_RENAMED, "title", draft.title, message)
        renamed = draft.model_copy(update={"title": title})
        try:
            await self._create(replace(operation, draft=renamed), renamed)
        except TitleTaken as again:
            self._fail(operation, again)

    async def _is_ours(self, draft: RunDraft, view: RunView) -> bool:
        """Whether a run carries our marker, as far as the list shows it, and holds exactly our cases, untouched."""
        if view.description is not None and stated_marker(view.description) != draft.marker:
            return False
        rows = await self._destination.history.run_cases(self._job.code, view.id)
        return {row.id for row in rows} == set(self._case_ids(draft).values()) and all(
            row.status == "open" for row in rows
        )

    # --- lost answers -------------------------------------------------------------------------------------------------

    async def _settle(self, operations: Sequence[Operation]) -> None:
        """Look all of them up with one request; those not found are sent again after the second look."""
        settle = self._job.settle_seconds
        due = min(next_look(operation, settle) for operation in operations)
        await self._workers.stop.sleep(max(0.0, due - time.time()))
        if self._workers.stop.requested():
            return
        looked_at = time.time()
        views = await self._destination.history.runs(self._job.code)
        for operation in operations:
            draft = cast(RunDraft, operation.draft)
            if view := await self._sent(draft, views):
                ids = self._case_ids(draft)
                there = tuple(case for case in draft.cases if case in ids)
                draft = draft.model_copy(update={"title": view.title, "cases": there})
                written = self._as_seen(draft, view)
                self._done(replace(operation, draft=draft), Created(str(view.id)), "migrated", written)
            elif is_decisive(operation, looked_at, settle):
                self._journal.planned_again(operation)
            else:
                self._journal.looked_up(operation)

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
        return as_written(self._store, draft) if view.description is None else as_seen(draft, view.description)

    # --- canary -------------------------------------------------------------------------------------------------------

    async def _canary(self) -> None:
        """Compare the first run with what was sent before the second is sent."""
        first = self._journal.first_done(self._project, _KIND)
        if first is None or self._journal.canary_passed(self._project, _KIND):
            return
        draft = cast(RunDraft, first.draft)
        views = await self._destination.history.runs(self._job.code)
        view = next((view for view in views if str(view.id) == first.entry.id), None)
        if view is None:
            raise canary_error(first.entry, Difference("run", draft.title, "no such run"))
        rows = await self._destination.history.run_cases(self._job.code, view.id)
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
        self._journal.pass_canary(self._project, _KIND, draft.marker)
