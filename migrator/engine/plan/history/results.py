"""Plan: the results of one unit of runs. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from migrator.core.base import digest_of
from migrator.core.drafts import ResultDraft
from migrator.core.model import Defect, Result
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.mapping import Around, HistoryMapper, Mapped, ResultPlace
from migrator.core.records import Action, Extracted, Fate, OperationState, PlannedItem, Round, RunItem
from migrator.core.refs import variant
from migrator.engine.plan.fates import Need, to_create, tried_before, without_draft, without_write
from migrator.engine.plan.files import FilePlanner
from migrator.engine.plan.history.edited_results import EditedResults, Sent
from migrator.engine.plan.history.parts import CaseState
from migrator.engine.plan.history.units import Work
from migrator.engine.plan.history.unlike import UnlikeResults
from migrator.engine.plan.history.untested import UntestedWords
from state.store import Store

_EDITED = "edited at the source since it was migrated; "
_BEHIND = _EDITED + "a result cannot be changed, so the new one stands behind"
_FOLLOWS = _EDITED + "its run is closed in QA Sphere, so the new one stands in a follow-up run"
_KEPT = "says something else than the source, and nobody knows since when; QA Sphere keeps its own"
_LATER = "its test was run again later (mapping.history: last)"
_NOWHERE = _EDITED + "its run was deleted in QA Sphere and is not made again"


@dataclass(frozen=True, slots=True)
class Places:
    """Which part takes the results of a case.

    Args:
        troubles: part → why it will not come.
        gone: cases of runs that were deleted in QA Sphere.
        title: of the first part.
        left_out: part → why a hook wants it not.
    """

    runs: Mapping[str, str] = field(default_factory=dict)
    troubles: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    title: str = ""
    left_out: Mapping[str, str] = field(default_factory=dict)

    def run_of(self, case: str) -> str:
        """Return the part's marker; empty when none takes results of it."""
        return self.runs.get(case, "")


class ResultPlanner:
    """Knows what became of each result, and what is to become of it. ``unlike``: what would look otherwise;
    ``untested``: what is said where no result is made."""

    def __init__(
        self, store: Store, current: Round, rules: HistoryMapper, files: FilePlanner, edited: EditedResults
    ) -> None:
        self._store = store
        self._edited = edited
        self.unlike = UnlikeResults()
        self.untested = UntestedWords()
        self._round = current
        self._rules = rules
        self._files = files

    def items(
        self, work: Work, chunk: Sequence[RunItem], places: Places, adopted: Mapping[str, Fate]
    ) -> list[PlannedItem]:
        """Give some results of a unit their fate. ``adopted``: those that were found in QA Sphere."""
        markers = [item.marker for item in chunk]
        results = self._store.extracted_runs.results(self._round, markers)
        defects = self._edited.defects(results)
        sent = self._edited.sent(work, chunk)
        states = self._store.journal.operation_states(markers, "create")
        kept = {item.marker for item in work.kept}
        # what is in QA Sphere and was never planned here has no notes yet: a new workspace, or one that was put back
        known = self._store.history.fates(markers).keys()
        final = {marker for marker in known if marker in sent and sent[marker].is_final}
        asked = [marker for marker in markers if marker in kept and marker not in final]
        near = self._edited.around([results[marker] for marker in asked])
        planned: list[PlannedItem] = []
        for item in chunk:
            found = results[item.marker]
            there = sent.get(item.marker)
            if item.marker not in kept:
                entity = found.entity
                planned.append(
                    _still_there(item, entity, work) if there else self._left_out(item, entity, work, defects)
                )
                continue
            place = ResultPlace(
                item.marker,
                places.run_of(item.case) or work.unit.marker,
                work.unit,
                work.runs[item.run],
                defects,
                near.get(item.marker, Around()),
            )
            if there:
                fate = adopted.get(item.marker, "unchanged")
                planned += self._sent_before(found, place, there, places, fate, is_known=item.marker in known)
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
            return [without_draft(self.untested.moved(mapped, place.run))]
        if place.run in places.left_out:
            return [without_write(mapped, "excluded", places.left_out[place.run])]
        case = cast(ResultDraft, mapped.draft).case
        if case in places.gone:
            return [without_write(mapped, "gone", "its run was deleted in QA Sphere")]
        if tried := tried_before(mapped, mapped.draft, create):
            return [tried]
        need = Need(place.run, trouble=places.troubles.get(place.run, ""))
        files = self._files.items([mapped], {}) if mapped.files else []
        return [*files, to_create(mapped, need, found.stamp)]

    def all_of(self, chunk: Sequence[RunItem], fate: Fate, reason: str) -> list[PlannedItem]:
        """Give some results one fate."""
        results = self._store.extracted_runs.results(self._round, [item.marker for item in chunk])
        return [_plain(item.marker, results[item.marker].entity, fate, reason) for item in chunk]

    def alike(self, work: Work, chunk: Sequence[RunItem], fate: Fate, reason: str) -> list[PlannedItem]:
        """Give some results of a unit one fate, but for those that are not to be in QA Sphere anyway."""
        results = self._store.extracted_runs.results(self._round, [item.marker for item in chunk])
        kept = {item.marker for item in work.kept}
        return [
            _plain(item.marker, results[item.marker].entity, fate, reason)
            if item.marker in kept
            else self._left_out(item, results[item.marker].entity, work, self._edited.defects(results))
            for item in chunk
        ]

    def _sent_before(
        self,
        found: Extracted[Result],
        place: ResultPlace,
        there: Sent,
        places: Places,
        fate: Fate,
        *,
        is_known: bool,
    ) -> list[PlannedItem]:
        """Return a result that is in QA Sphere, and its new edition when the source has edited it since.
        ``is_known``: it was planned before, so its notes are there."""
        source, title, sent = found.entity.ref.marker, found.entity.title, there.result
        run = places.run_of(sent.case)
        if there.entry.stamp is None and not there.is_edited:
            self._edited.accept(found, there)
            note = Note(code=NoteCode.CONFLICT_KEPT, marker=source, field="comment", message=_KEPT)
            return [PlannedItem(Mapped(source, "result", title, notes=(note,)), fate)]
        if there.entry.stamp is None and run == sent.run and self._edited.leaves_conflicts:
            reason = f"no base: result {sent.id} has its marker, but other words or another status"
            return [PlannedItem(Mapped(source, "result", title), "conflict", reason, action="no_base")]
        files: list[PlannedItem] = []
        if not there.entry.is_complete:
            mapped = self._rules.result(found.entity, replace(place, marker=sent.marker, run=sent.run))
            files = [*self._files.items([mapped], {})]
        if not there.is_edited:
            notes = () if is_known else (*self._rules.result(found.entity, place).notes, *self._edition_note(there))
            self.unlike.add(there, title)
            action: Action = "stands" if there.otherwise == "rules" else ""
            mapped = Mapped(source, "result", title, notes=notes)
            return [*files, PlannedItem(mapped, fate, action=action, keeps_notes=True)]
        edition = variant(source, digest_of([found.stamp.entity, sent.marker])[:8])
        message = _BEHIND if run == sent.run else _FOLLOWS if run else _NOWHERE
        note = _changed(source, edition, message)
        items = [*files, PlannedItem(Mapped(source, "result", title, notes=(note,)), "unchanged", keeps_notes=True)]
        if run:
            states = self._store.journal.operation_states([edition], "create")
            items += self._new_result(found, replace(place, marker=edition), states.get(edition), places)
        return items

    def _left_out(self, item: RunItem, result: Result, work: Work, defects: Mapping[str, Defect]) -> PlannedItem:
        """Give a result that is not to be in QA Sphere its fate; what is only archived has a note of all it says."""
        fate: Fate = "archived"
        reason = "the source does not say which test it is a result of"
        if item.case:
            state = work.cases[item.case]
            reason, fate = f"{item.case}: {state.gap}", state.fate
            if not state.gap:
                return _plain(item.marker, result, "excluded", _LATER)
        if fate != "archived":
            return _plain(item.marker, result, fate, reason)
        place = ResultPlace(item.marker, "", work.unit, work.runs[item.run], defects)
        return _plain(item.marker, result, fate, reason, self._rules.result_left_out(result, place, reason))

    def _edition_note(self, there: Sent) -> list[Note]:
        """Return what was said of a later edition when another workspace sent it."""
        sent = there.result
        if sent.marker == sent.source_marker:
            return []
        beside = [one for one in self._store.history.sent_of_run(sent.run) if one.source_marker == sent.source_marker]
        return [_changed(sent.source_marker, sent.marker, _BEHIND if len(beside) > 1 else _FOLLOWS)]


def _changed(source: str, edition: str, message: str) -> Note:
    return Note(code=NoteCode.CHANGED_AT_SOURCE, marker=source, field="", original=edition, message=message)


def _still_there(item: RunItem, result: Result, work: Work) -> PlannedItem:
    """Give a result that is in QA Sphere, and by now would not be sent, its fate: only with its case can it be gone."""
    state = work.cases.get(item.case, CaseState())
    if state.is_gone:
        return _plain(item.marker, result, "gone", f"{item.case}: {state.gap}")
    return PlannedItem(Mapped(item.marker, "result", result.title), "unchanged", keeps_notes=True)


def _plain(marker: str, result: Result, fate: Fate, reason: str, *notes: Note) -> PlannedItem:
    return PlannedItem(Mapped(marker, "result", result.title, notes=notes), fate, reason)
