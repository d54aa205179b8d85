"""Plan: units of runs that are unchanged. A unit for which there was nothing to do is not planned again.

A workspace may hold a million results, and a round every fifteen minutes change a few of them. Everything that decides
about a unit is in its inputs, or makes it be planned: what the source holds, the rules, which of its tests are missing
from QA Sphere, and that its runs there are closed, with nothing left to do.
"""

from collections.abc import Collection, Sequence

from migrator.core.base import digest_of
from migrator.core.records import Round
from migrator.core.views import RunView
from migrator.engine.plan.history.parts import case_state
from state.store import Store


class UnchangedRunFinder:
    """Knows which units are unchanged.

    Args:
        inputs: of all units alike.
        drafts: cases that cannot be in a run.
    """

    def __init__(
        self, store: Store, current: Round, inputs: Sequence[object], drafts: Collection[str], views: Sequence[RunView]
    ) -> None:
        self._units = store.unchanged_runs
        self._round = current
        self._inputs = list(inputs)
        self._closed = {str(view.id): view.title for view in views if view.closed}
        doubtful = store.unchanged_runs.doubtful_cases(current)
        states = {case: case_state(fate, in_ledger=known) for case, (fate, known) in doubtful.items()}
        self._missing = {case: [state.gap, state.fate] for case, state in states.items() if state.gap}
        self._missing |= {case: ["draft", ""] for case in drafts}

    def keep(self, unit: str) -> int:
        """Keep an unchanged unit as it was planned; return how many items of the source it is made of, 0 when it is to
        be planned."""
        return self._units.keep(self._round, unit) if self._is_unchanged(unit) else 0

    def planned(self, unit: str, *, at_rest: bool) -> None:
        """Record that a unit was planned. ``at_rest``: nothing is to be done, nor waits for anything."""
        planned_from = f"{self._inputs_of(unit)} {self._units.content(self._round, unit)}" if at_rest else ""
        self._units.put_planned_from(self._round, unit, planned_from)

    def _is_unchanged(self, unit: str) -> bool:
        before, _, content = self._units.planned_from(self._round, unit).partition(" ")
        if not before or self._units.awaits_run(unit) or not self._is_same_at_source(unit, content):
            return False
        runs = self._units.runs(unit)
        return all(rests and ident in self._closed for ident, rests in runs) and before == self._inputs_of(unit)

    def _is_same_at_source(self, unit: str, content: str) -> bool:
        if self._round.reads_everything:
            return content == self._units.content(self._round, unit)
        return self._units.is_unchanged_at_source(self._round, unit)

    def _inputs_of(self, unit: str) -> str:
        missing = self._units.cases_of(self._round, unit) & self._missing.keys() if self._missing else frozenset()
        # a run that has another title at the source is named as long as nobody has renamed it in QA Sphere
        titles = [[ident, self._closed.get(ident)] for ident, _ in self._units.runs(unit)]
        return digest_of([*self._inputs, titles, [[case, *self._missing[case]] for case in sorted(missing)]])
