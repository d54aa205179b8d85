"""Runs and results that are in QA Sphere and that this workspace does not know: a new workspace, or a lost one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from migrator.core.drafts import CASES_PER_RUN, ResultDraft, RunDraft
from migrator.core.model import Result
from migrator.core.ports.destination import DestinationReader
from migrator.core.ports.mapping import HistoryMapper, ResultPlace, RunPart, RunUnit
from migrator.core.records import Extracted, Fate, Holding, LedgerEntry, Round, RunItem, Stamp
from migrator.core.refs import stated_marker, variant
from migrator.core.text import visible_text
from migrator.core.views import ResultView, RunView
from migrator.engine.context import Context
from migrator.engine.linked_files import D, as_seen
from migrator.engine.plan.history.edited_results import reads_alike
from migrator.engine.plan.history.parts import by_title, by_unit
from migrator.engine.result_words import as_said, is_as_written


@dataclass(slots=True)
class Adopted:
    """Markers of the adopted runs, and what became of the results that were found, by the source's marker.

    Args:
        unlike: marker of a run → the fields that are not as they would be written today.
        unreadable: a run is there, but QA Sphere does not give its results back, so nobody knows which are.
    """

    unlike: dict[str, str] = field(default_factory=dict)
    runs: set[str] = field(default_factory=set)
    results: dict[str, Fate] = field(default_factory=dict)
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class _FoundResult:
    """A result with our marker.

    ``is_exact``: as verify would compare it.

    Args:
        draft: what would be sent today.
        stamp: None means it says something else.
    """

    draft: ResultDraft
    seen: ResultView
    stamp: Stamp | None
    is_exact: bool


@dataclass(frozen=True, slots=True)
class _FoundRun:
    """A run that is ours.

    Args:
        draft: what would be made today.
        written: as it was made, as far as QA Sphere tells.
    """

    draft: RunDraft
    written: RunDraft
    view: RunView
    results: Sequence[_FoundResult]

    @property
    def unlike(self) -> str:
        """The fields that are not as they would be written today."""
        now, then = self.draft, self.written
        pairs = (
            ("description", visible_text(now.description), visible_text(then.description)),
            ("milestone", now.milestone, then.milestone),
        )
        return ", ".join(name for name, ours, theirs in pairs if ours != theirs)


class _Unreadable(Exception):
    """QA Sphere does not give results back."""


class Adopter:
    """Enters runs that carry a unit's marker, with the results that are in them, into the ledger.

    A run counts only when all its cases are among the unit's: otherwise somebody else made it.
    """

    def __init__(
        self, context: Context[DestinationReader], current: Round, rules: HistoryMapper, views: Sequence[RunView]
    ) -> None:
        self._store = context.store
        self._reader = context.destination.history
        self._job = context.job
        self._round = current
        self._rules = rules
        self._by_unit = by_unit(views, context.job.prefix)
        self._by_title = by_title(views)

    async def adopt(self, unit: RunUnit, wanted: Sequence[str], items: Sequence[RunItem]) -> Adopted:
        """Adopt what is there of a unit: a request per run, and one per case with a result.

        Only for runs that are new to the workspace; all of a unit enter the ledger together with their results. A
        workspace that knows a unit may still be older than what another one has made of it.
        """
        adopted = Adopted()
        runs: list[_FoundRun] = []
        for marker, view in self._candidates(unit, wanted):
            try:
                found = await self._read(unit, RunPart(marker, tuple(wanted)), view, items)
            except _Unreadable as trouble:
                adopted.unreadable = str(trouble)
                return adopted
            if found:
                runs.append(found)
        self._enter(runs)
        adopted.unlike |= {run.draft.marker: run.unlike for run in runs if run.unlike}
        adopted.runs |= {run.draft.marker for run in runs}
        adopted.results |= {result.draft.source_marker: "adopted" for run in runs for result in run.results}
        return adopted

    def _candidates(self, unit: RunUnit, wanted: Sequence[str]) -> list[tuple[str, RunView]]:
        found = [*self._by_unit.get(unit.marker, ())]
        if (short := variant(unit.marker, "").removesuffix("@")) != unit.marker:
            found += self._by_unit.get(short, ())
        if self._by_title:
            title = self._rules.run(unit, RunPart(unit.marker, tuple(wanted[:CASES_PER_RUN]))).title
            found += [
                (variant(unit.marker, name) if name else unit.marker, view)
                for name, view in self._by_title.get(title, ())
            ]
        parts = self._store.history.parts(unit.marker)
        known = {part.entry.marker for part in parts}
        known |= {operation.marker for operation in self._store.history.parts_in_doubt(unit.marker)}
        ids = {part.entry.id for part in parts}
        return [(name, run) for name, run in dict(found).items() if name not in known and str(run.id) not in ids]

    async def _read(self, unit: RunUnit, part: RunPart, view: RunView, items: Sequence[RunItem]) -> "_FoundRun | None":
        """Return a run with the results in it; None when somebody else made it."""
        rows = await self._reader.run_cases(self._job.code, view.id)
        cases = self._markers_of([row.id for row in rows])
        if not rows or len(cases) < len(rows) or not set(cases.values()) <= set(part.cases):
            return None
        draft = cast(RunDraft, self._rules.run(unit, RunPart(part.marker, tuple(cases.values()))).draft)
        draft = draft.model_copy(update={"title": view.title})
        found: list[_FoundResult] = []
        for row in rows:
            of_case = [item for item in items if item.case == cases[row.id]]
            if row.status == "open" and not self._may_hold_open(unit, of_case):
                continue
            views = await self._reader.results(self._job.code, view.id, row.id)
            if views is None:
                raise _Unreadable(f"run {view.id} is there, but QA Sphere does not give its results back")
            found += self._results(unit, draft, of_case, views)
        return _FoundRun(draft, self._run_as_said(draft, view), view, found)

    def _run_as_said(self, draft: RunDraft, view: RunView) -> RunDraft:
        """Return the draft of a run as it must have been: somebody may have edited it there, the source have changed
        since, or an earlier version have written it otherwise. Nobody can tell, and no API changes it."""
        if view.description is None:
            return draft
        seen = as_seen(draft, view.description)
        if visible_text(seen.description) != visible_text(view.description):
            draft = draft.model_copy(update={"description": view.description})
        ours = self._store.ledger.entries([draft.milestone]).get(draft.milestone)
        if (ours.id if ours else "") == str(view.milestone_id or ""):
            return draft
        there = self._store.ledger.by_ids(self._job.source_id, "milestone", [str(view.milestone_id or "")])
        marker = next((holding.entry.marker for holding in there.values()), "")
        return draft.model_copy(update={"milestone": marker})

    def _markers_of(self, ids: Sequence[str]) -> Mapping[str, str]:
        """Return id → marker of the cases that are ours, or copies of ours: two who began at once may have made one
        each, and the run holds one of them."""
        seen = self._store.snapshots.by_id(self._job.source_id, "plan", ids)
        ours = self._store.ledger.by_ids(self._job.source_id, "case", ids)
        copies = {ident: case.marker for ident, case in seen.items() if case.marker}
        return copies | {ident: holding.entry.marker for ident, holding in ours.items()}

    def _enter(self, runs: Sequence["_FoundRun"]) -> None:
        """Bring runs and results to disk. Of several editions of a result the newest is what today's source is compared
        with; the others, and one that the source has edited since, say what they say."""
        if not runs:
            return
        results = sorted((result for run in runs for result in run.results), key=lambda result: result.seen.id)
        known = self._store.ledger.entries([result.draft.marker for result in results])
        results = [result for result in results if result.draft.marker not in known]
        newest = {
            sent.source_marker: sent.id
            for sent in self._store.history.editions([one.draft.source_marker for one in results]).values()
        }
        for result in results:
            newest[result.draft.source_marker] = max(result.seen.id, newest.get(result.draft.source_marker, 0))
        project = self._job.source_id
        with self._store.journal.atomic():
            for result in results:
                entry = LedgerEntry(
                    result.draft.marker, "result", str(result.seen.id), None, result.draft.digest, result.stamp
                )
                said = as_said(result.draft, result.seen)
                if newest[result.draft.source_marker] == result.seen.id and result.is_exact:
                    self._put(entry, result.draft, as_seen(result.draft, result.seen.comment))
                else:
                    self._put(entry, said, said)
                self._store.history.put_sent(project, [(said, result.seen.id)])
            for run in runs:
                entry = LedgerEntry(run.draft.marker, "run", str(run.view.id), None, run.draft.digest)
                self._put(entry, run.written, as_seen(run.written, run.view.description or ""))

    def _put(self, entry: LedgerEntry, draft: D, written: D) -> None:
        wished = None if written == draft else draft
        self._store.ledger.put(self._job.source_id, Holding(entry, written, None, wished))

    def _may_hold_open(self, unit: RunUnit, items: Sequence[RunItem]) -> bool:
        """Whether a case that looks untouched may hold a result of ours that leaves it open."""
        results = self._store.extracted_runs.results(self._round, [item.marker for item in items])
        for found in results.values():
            place = self._place(unit, found.entity.ref.marker, unit.marker, found)
            draft = self._rules.result(found.entity, place).draft
            if isinstance(draft, ResultDraft) and draft.status == "open":
                return True
        return False

    def _results(
        self, unit: RunUnit, run: RunDraft, items: Sequence[RunItem], views: Sequence[ResultView]
    ) -> list["_FoundResult"]:
        """Return the results of one case that carry markers of ours, in order."""
        known_markers = {item.marker for item in items} | {variant(item.marker, "") for item in items}
        results = self._store.extracted_runs.results(self._round, [item.marker for item in items])
        found = []
        for seen in views:
            marker = stated_marker(seen.comment)
            source = marker if marker in results else marker.rpartition("@")[0]
            if marker not in known_markers and f"{source}@" not in known_markers:
                continue
            place = self._place(unit, marker, run.marker, results[source])
            draft = self._rules.result(results[source].entity, place).draft
            if not isinstance(draft, ResultDraft):
                continue
            sent = as_seen(draft, seen.comment)
            is_exact = is_as_written(sent, seen)
            said = sent.model_copy(update={"status": seen.status, "comment": seen.comment})
            is_same = is_exact or reads_alike(
                sent, said, results[source].entity, is_grouped=unit.is_group, form=visible_text
            )
            found.append(_FoundResult(draft, seen, results[source].stamp if is_same else None, is_exact))
        return found

    def _place(self, unit: RunUnit, marker: str, run: str, result: Extracted[Result]) -> ResultPlace:
        entity = result.entity
        defects = self._store.extracted_runs.defects(self._round, [ref.marker for ref in entity.defects])
        source = next(source for source in unit.runs if source.ref.marker == entity.run.marker)
        (found,) = self._store.archive.surrounded(self._round, [result])
        return ResultPlace(marker, run, unit, source, defects, found.around)
