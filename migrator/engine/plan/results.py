"""Plan: the results of one unit of runs. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from migrator.core.base import digest_of
from migrator.core.drafts import ResultDraft
from migrator.core.model import Result, TestRun
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.mapping import HistoryMapper, ResultPlace, RunUnit
from migrator.core.records import (
    Extracted,
    Fate,
    LedgerEntry,
    OperationState,
    PlannedItem,
    Round,
    RunItem,
    SentResult,
    Stamp,
)
from migrator.core.refs import variant
from migrator.engine.plan.case_fate import Need, to_create, without_draft, without_write
from migrator.engine.plan.files import FilePlanner
from migrator.engine.plan.run_parts import CaseState
from state.store import Store

FAILED_BEFORE = "it failed before and has not changed; `migrator retry` sends it again"


@dataclass(frozen=True, slots=True)
class Work:
    """A unit while it is planned. ``kept``: its results that are to be in QA Sphere, oldest first; ``out``: cases that
    its runs do without; ``gaps``: cases that are not there, in words. ``stamp``: of the source's run, None for a group,
    whose title says nothing of its runs."""

    unit: RunUnit
    runs: Mapping[str, TestRun]
    items: Sequence[RunItem]
    kept: Sequence[RunItem]
    cases: Mapping[str, CaseState]
    out: frozenset[str]
    gaps: Sequence[str]
    stamp: Stamp | None


@dataclass(frozen=True, slots=True)
class Places:
    """Which part takes the results of a case. ``troubles``: part → why it will not come; ``gone``: cases of runs that
    were deleted in QA Sphere; ``title``: of the first part."""

    runs: Mapping[str, str]
    troubles: Mapping[str, str]
    gone: frozenset[str]
    title: str

    def run_of(self, case: str) -> str:
        """Return the part's marker; empty when none takes results of it."""
        return self.runs.get(case, "")


class ResultPlanner:
    """Knows what became of each result, and what is to become of it."""

    def __init__(self, store: Store, current: Round, rules: HistoryMapper, files: FilePlanner) -> None:
        self._store = store
        self._history = store.history
        self._round = current
        self._rules = rules
        self._files = files

    def items(
        self, work: Work, chunk: Sequence[RunItem], places: Places, adopted: Mapping[str, Fate]
    ) -> list[PlannedItem]:
        """Give some results of a unit their fate. ``adopted``: those that were found in QA Sphere."""
        markers = [item.marker for item in chunk]
        results = self._store.extracted_runs.results(self._round, markers)
        defects = self._store.extracted_runs.defects(
            self._round, sorted({ref.marker for found in results.values() for ref in found.entity.defects})
        )
        editions = self._history.editions(markers)
        entries = self._store.ledger.entries([sent.marker for sent in editions.values()])
        states = self._store.journal.operation_states(markers, "create")
        kept = {item.marker for item in work.kept}
        planned: list[PlannedItem] = []
        for item in chunk:
            found = results[item.marker]
            sent = editions.get(item.marker)
            if item.marker not in kept:
                planned.append(_still_there(item, found.entity, work) if sent else left_out(item, found.entity, work))
                continue
            place = ResultPlace(
                item.marker, places.run_of(item.case) or work.unit.marker, work.unit, work.runs[item.run], defects
            )
            if sent:
                entry = entries[sent.marker]
                planned += self._sent_before(found, place, sent, entry, places, adopted.get(item.marker))
            else:
                planned += self._new_result(found, place, states.get(item.marker), places)
        return planned

    def _new_result(
        self,
        found: Extracted[Result],
        place: ResultPlace,
        create: tuple[OperationState, str] | None,
        places: Places,
    ) -> list[PlannedItem]:
        """Return a result that is not in QA Sphere, behind the files that it needs."""
        mapped = self._rules.result(found.entity, place)
        if mapped.draft is None:
            return [without_draft(mapped)]
        case = cast(ResultDraft, mapped.draft).case
        if case in places.gone:
            return [without_write(mapped, "gone", "its run was deleted in QA Sphere")]
        if create and create[0] in ("unknown", "sending"):
            return [without_write(mapped, "unknown", "it was being created when the last run ended")]
        if create == ("failed", mapped.draft.digest):
            return [without_write(mapped, "failed", FAILED_BEFORE)]
        need = Need(place.run, trouble=places.troubles.get(place.run, ""))
        files = self._files.items([mapped], {}) if mapped.files else []
        return [*files, replace(to_create(mapped, need), stamp=found.stamp)]

    def _sent_before(
        self,
        found: Extracted[Result],
        place: ResultPlace,
        sent: SentResult,
        entry: LedgerEntry,
        places: Places,
        adopted: Fate | None,
    ) -> list[PlannedItem]:
        """Return a result that is in QA Sphere, and its new edition when the source has edited it since."""
        origin, title = found.entity.ref.marker, found.entity.title
        if entry.stamp is None:
            reason = f"no base: result {sent.id} has its marker, but other words or another status"
            return [PlannedItem(origin, "result", title, "conflict", reason, action="no_base")]
        files: list[PlannedItem] = []
        if not entry.is_complete:
            mapped = self._rules.result(found.entity, replace(place, marker=sent.marker, run=sent.run))
            files = [*self._files.items([mapped], {})]
        if not found.stamp.differs(entry.stamp):
            return [*files, PlannedItem(origin, "result", title, adopted or "unchanged", keeps_notes=True)]
        edition = variant(origin, digest_of([found.stamp.entity, sent.marker])[:8])
        message = "edited at the source since it was migrated; a result cannot be changed, so the new one stands behind"
        if not places.run_of(place_case := sent.case):
            message = "edited at the source since it was migrated; its run is closed in QA Sphere and takes nothing"
        note = Note(code=NoteCode.CHANGED_AT_SOURCE, marker=origin, field="", original=edition, message=message)
        items = [*files, PlannedItem(origin, "result", title, "unchanged", notes=(note,), keeps_notes=True)]
        if places.run_of(place_case):
            states = self._store.journal.operation_states([edition], "create")
            items += self._new_result(found, replace(place, marker=edition), states.get(edition), places)
        return items


def left_out(item: RunItem, result: Result, work: Work) -> PlannedItem:
    """Give a result that is not to be in QA Sphere its fate."""
    if not item.case:
        reason = "the source does not say which test it is a result of"
        return PlannedItem(item.marker, "result", result.title, "archived", reason, notes=(_missing(item, reason),))
    state = work.cases[item.case]
    if state.gap:
        notes = (_missing(item, state.gap),) if state.fate == "archived" else ()
        return PlannedItem(item.marker, "result", result.title, state.fate, f"{item.case}: {state.gap}", notes=notes)
    reason = "its test was run again later (mapping.history: last)"
    return PlannedItem(item.marker, "result", result.title, "excluded", reason)


def _still_there(item: RunItem, result: Result, work: Work) -> PlannedItem:
    """Give a result that is in QA Sphere, and by now would not be sent, its fate: only with its case can it be gone."""
    state = work.cases.get(item.case, CaseState())
    if state.is_gone:
        return PlannedItem(item.marker, "result", result.title, "gone", f"{item.case}: {state.gap}")
    return PlannedItem(item.marker, "result", result.title, "unchanged", keeps_notes=True)


def _missing(item: RunItem, message: str) -> Note:
    return Note(code=NoteCode.CASE_MISSING, marker=item.marker, field="case", original=item.case, message=message)
