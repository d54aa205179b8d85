"""Plan: what there is of a unit of runs, at the source and in QA Sphere. Read once, for the steps that follow."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from migrator.core.drafts import RunDraft
from migrator.core.model import TestCase, TestRun
from migrator.core.ports.mapping import HistoryMapper, RunUnit
from migrator.core.records import Fate, Holding, Operation, Round, RunItem, Stamp
from migrator.core.views import RunView
from migrator.engine.plan.history.parts import CaseState, KnownPart, case_state
from state.store import Store

_DRAFT = CaseState("it is a draft in QA Sphere, and drafts cannot be in a run (mapping.inactive)", "excluded")


@dataclass(frozen=True, slots=True)
class Work:
    """A unit while it is planned.

    Args:
        kept: its results that are to be in QA Sphere, oldest first.
        out: cases that its runs do without.
        gaps: cases that are not there, in words.
        stamp: of the source's run, None for a group, whose title says nothing of its runs.
    """

    unit: RunUnit
    runs: Mapping[str, TestRun]
    items: Sequence[RunItem]
    kept: Sequence[RunItem]
    cases: Mapping[str, CaseState]
    out: frozenset[str]
    gaps: Sequence[str]
    stamp: Stamp | None

    @property
    def size(self) -> int:
        """How many items of the source it is made of."""
        return len(self.runs) + len(self.items)

    def wanted(self, keeps: str) -> list[str]:
        """Return the cases that its runs are to hold, in the order in which the source lists them."""
        if not self.kept:
            return []
        # a case whose result stays behind would look as if it had not been run
        members = self.kept if keeps == "last" else self.items
        listed = sorted(members, key=lambda item: item.order)
        return [case for case in dict.fromkeys(item.case for item in listed if item.case) if case not in self.out]

    def only(self, results: Collection[str]) -> "Work":
        """Return it with nothing but these results, and the runs that they are of."""
        items = [item for item in self.items if item.marker in results]
        runs = {item.run for item in items}
        return replace(
            self,
            runs={marker: run for marker, run in self.runs.items() if marker in runs},
            items=items,
            kept=[item for item in self.kept if item.marker in results],
        )


class UnitReader:
    """Reads units of one round. ``drafts``: cases that cannot be in a run."""

    def __init__(self, store: Store, current: Round, rules: HistoryMapper) -> None:
        self._store = store
        self._round = current
        self._rules = rules
        statuses = store.extracted_runs.statuses(current) if rules.keeps == "last" else ()
        self._not_run = [name for name in statuses if rules.leaves_open(name)]
        self.drafts = self._inactive_cases() if rules.inactive_stay_out else frozenset()

    def read(self, marker: str) -> Work:
        """Return what the source has of a unit."""
        extracted = self._store.extracted_runs.runs_of(self._round, marker)
        runs = {found.entity.ref.marker: found.entity for found in extracted}
        items = self._store.extracted_runs.items_of(self._round, marker)
        cases = self._case_states([item.case for item in items if item.case])
        waiting = [case for case, state in cases.items() if state.gap and state.fate == "blocked"]
        # what is only missing for now belongs to its run: a retry brings both
        waits = frozenset() if self._rules.allows_gaps else frozenset(waiting)
        out = frozenset(case for case, state in cases.items() if state.gap) - waits
        last = self._last(items)
        kept = [item for item in items if item.case and item.case not in out and item.marker in last]
        gaps = [f"{case}: {cases[case].gap}" for case in waiting]
        unit = RunUnit(marker, tuple(runs.values()))
        return Work(unit, runs, items, kept, cases, out, gaps, None if unit.is_group else extracted[0].stamp)

    def is_there(self, unit: str) -> bool:
        """Whether a run of a unit is in QA Sphere, or may be."""
        return bool(self._store.history.parts(unit) or self._store.history.parts_in_doubt(unit))

    def sent_or_in_doubt(self, work: Work) -> frozenset[str]:
        """Return the results of a unit that are in QA Sphere, or may be."""
        markers = [item.marker for item in work.items]
        states = self._store.journal.operation_states(markers, "create")
        doubtful = {marker for marker, (state, _) in states.items() if state in ("unknown", "sending")}
        return frozenset(doubtful.union(self._store.history.editions(markers)))

    def _inactive_cases(self) -> frozenset[str]:
        cases = self._store.archive.entities(self._round, TestCase)
        return frozenset(case.ref.marker for case in cases if not case.active)

    def _last(self, items: Sequence[RunItem]) -> frozenset[str]:
        markers = [item.marker for item in items]
        if self._rules.keeps != "last":
            return frozenset(markers)
        return self._store.extracted_runs.last_results(self._round, markers, self._not_run)

    def _case_states(self, markers: Sequence[str]) -> Mapping[str, CaseState]:
        wanted = list(dict.fromkeys(markers))
        entries = self._store.ledger.entries(wanted)
        fates = self._store.history.fates(wanted)
        states = {marker: case_state(fates.get(marker), in_ledger=marker in entries) for marker in wanted}
        return states | {marker: _DRAFT for marker in wanted if marker in self.drafts}


def part_in_ledger(holding: Holding, view: RunView | None, adopted: Collection[str]) -> KnownPart:
    """Return a run of the ledger as it is in QA Sphere; ``view`` None: it is not there any more."""
    draft = cast(RunDraft, holding.draft)
    cases = frozenset(draft.cases)
    if view is None:
        reason = "it was deleted in QA Sphere; it is not made again"
        return KnownPart(draft.marker, draft.title, cases, "gone", reason, takes_more=False)
    fate: Fate = "adopted" if draft.marker in adopted else "unchanged"
    reason = "a run with its marker and the same cases was there" if fate == "adopted" else ""
    return KnownPart(
        draft.marker,
        draft.title,
        cases,
        fate,
        reason,
        takes_more=not view.closed,
        shown=view.title,
        stamp=holding.entry.stamp,
        text=cast(RunDraft, holding.wished or draft).description,
    )


def part_in_doubt(operation: Operation) -> KnownPart:
    """Return a run that may have been created."""
    draft = cast(RunDraft, operation.draft)
    reason = "it was being created when the last run ended"
    return KnownPart(draft.marker, draft.title, frozenset(draft.cases), "unknown", reason)
