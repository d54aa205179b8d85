"""Runs and results that are in QA Sphere and that this workspace does not know: a new workspace, or a lost one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from migrator.core.derived import RECORDED, without_facts
from migrator.core.drafts import CASES_PER_RUN, ResultDraft, RunDraft
from migrator.core.model import Result
from migrator.core.ports.destination import DestinationReader
from migrator.core.ports.mapping import HistoryMapper, ResultPlace, RunPart, RunUnit
from migrator.core.records import Extracted, Fate, Holding, LedgerEntry, Round, RunItem
from migrator.core.refs import stated_marker, variant
from migrator.core.text import visible_text
from migrator.core.views import ResultView, RunView
from migrator.engine.context import Context
from migrator.engine.load.history.overflow import D, as_seen
from migrator.engine.plan.history.parts import by_title, by_unit

_CHUNK = 200


@dataclass(slots=True)
class Adopted:
    """Markers of the adopted runs, and what became of the results that were found, by the source's marker.

    ``unreadable``: a run is there, but QA Sphere does not give its results back, so nobody knows which are.
    """

    runs: set[str] = field(default_factory=set)
    results: dict[str, Fate] = field(default_factory=dict)
    unreadable: str = ""


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

        Only for what is new to the workspace; a run enters the ledger together with all its results.
        """
        adopted = Adopted()
        if self._store.history.parts(unit.marker) or self._store.history.parts_in_doubt(unit.marker):
            return adopted
        for marker, view in self._candidates(unit, wanted):
            await self._adopt_run(unit, RunPart(marker, tuple(wanted)), view, items, adopted)
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
        return list(dict(found).items())

    async def _adopt_run(
        self, unit: RunUnit, part: RunPart, view: RunView, items: Sequence[RunItem], adopted: Adopted
    ) -> None:
        rows = await self._reader.run_cases(self._job.code, view.id)
        ours = self._store.ledger.by_ids(self._job.source_id, "case", [row.id for row in rows])
        cases = {row.id: ours[row.id].entry.marker for row in rows if row.id in ours}
        if not rows or len(cases) < len(rows) or not set(cases.values()) <= set(part.cases):
            return
        draft = cast(RunDraft, self._rules.run(unit, RunPart(part.marker, tuple(cases.values()))).draft)
        draft = draft.model_copy(update={"title": view.title})
        found: list[tuple[ResultDraft, ResultView, LedgerEntry]] = []
        for row in rows:
            of_case = [item for item in items if item.case == cases[row.id]]
            if row.status == "open" and not self._may_hold_open(unit, of_case):
                continue
            views = await self._reader.results(self._job.code, view.id, row.id)
            if views is None:
                adopted.unreadable = f"run {view.id} is there, but QA Sphere does not give its results back"
                return
            found += self._results(unit, draft, of_case, views)
        written = as_seen(draft, view.description or "")
        with self._store.journal.atomic():
            for result, seen, entry in found:
                self._put(entry, result, as_seen(result, seen.comment))
            self._store.history.put_sent(self._job.source_id, [(result, seen.id) for result, seen, _ in found])
            entry = LedgerEntry(draft.marker, "run", str(view.id), None, draft.digest)
            self._put(entry, draft, written)
        adopted.runs.add(draft.marker)
        adopted.results |= {result.origin: "adopted" for result, _, _ in found}

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
    ) -> list[tuple[ResultDraft, ResultView, LedgerEntry]]:
        """Return the results of one case that carry markers of ours, in order."""
        origins = {item.marker for item in items} | {variant(item.marker, "") for item in items}
        results = self._store.extracted_runs.results(self._round, [item.marker for item in items])
        found = []
        for seen in views:
            marker = stated_marker(seen.comment)
            origin = marker if marker in results else marker.rpartition("@")[0]
            if marker not in origins and f"{origin}@" not in origins:
                continue
            place = self._place(unit, marker, run.marker, results[origin])
            draft = self._rules.result(results[origin].entity, place).draft
            if not isinstance(draft, ResultDraft):
                continue
            comment = as_seen(draft, seen.comment).comment
            is_same = draft.status == seen.status and _read(comment) == _read(seen.comment)
            stamp = results[origin].stamp if is_same else None
            found.append((draft, seen, LedgerEntry(marker, "result", str(seen.id), None, draft.digest, stamp)))
        return found

    def _place(self, unit: RunUnit, marker: str, run: str, result: Extracted[Result]) -> ResultPlace:
        entity = result.entity
        defects = self._store.extracted_runs.defects(self._round, [ref.marker for ref in entity.defects])
        source = next(source for source in unit.runs if source.ref.marker == entity.run.marker)
        (found,) = self._store.archive.surrounded(self._round, [result])
        return ResultPlace(marker, run, unit, source, defects, found.around)


def _read(comment: str) -> str:
    """Return what a comment says of the result; who recorded it, earlier versions did not say."""
    return visible_text(without_facts(comment, RECORDED))
