"""The rules for milestones, runs and results of one project, bound to what they have to know."""

from collections.abc import Sequence
from typing import Literal

from mappings.item_writer import Writers
from mappings.milestones import map_milestones
from mappings.placeholders import placeholder, placeholder_folder
from mappings.results import ResultMapper
from mappings.rules import MappingRules, ProjectRules
from mappings.runs import RunMapper, unit_of
from migrator.core.model import Result, TestCase, TestRun
from migrator.core.notes import Note
from migrator.core.ports.mapping import HistoryWorld, Mapped, ResultPlace, RunPart, RunUnit
from migrator.core.refs import Ref


class RulesHistoryMapper:
    """Implements ``HistoryMapper``."""

    def __init__(self, rules: MappingRules, project: ProjectRules, writers: Writers, world: HistoryWorld) -> None:
        self._rules = rules
        self._project = project
        self._milestones = map_milestones(world.milestones, writers, paged=rules.pages.make)
        titles = {item.marker: item.title for item in self._milestones}
        self._runs = RunMapper(writers, titles, world.configurations)
        self._results = ResultMapper(rules, writers, self._runs, world.statuses)

    @property
    def keeps(self) -> Literal["all", "last", "none"]:
        """By ``mapping.history``."""
        return self._rules.history

    @property
    def allows_gaps(self) -> bool:
        """By ``mapping.runs.gaps``."""
        return self._rules.runs.gaps == "allow"

    @property
    def max_missing_share(self) -> float:
        """By ``mapping.runs.max_missing_share``."""
        return self._rules.runs.max_missing_share

    @property
    def inactive_stay_out(self) -> bool:
        """By ``mapping.inactive``: drafts never enter a run (``qasphere-api.md`` §3.12, A-29)."""
        return self._rules.inactive == "draft"

    def milestones(self) -> Sequence[Mapped]:
        """Return all milestones."""
        return self._milestones

    def unit_of(self, run: TestRun) -> str:
        """Return where a run belongs."""
        return unit_of(run, self._rules)

    def run(self, unit: RunUnit, part: RunPart) -> Mapped:
        """Return one part of a unit."""
        return self._runs.map(unit, part)

    def left_out(self, run: TestRun, reason: str) -> Note:
        """Return the note on a run that stays behind."""
        return self._runs.left_out(run, reason)

    def result(self, result: Result, place: ResultPlace) -> Mapped:
        """Return a result in its place."""
        return self._results.map(result, place)

    def leaves_open(self, status: str) -> bool:
        """Whether a status becomes ``open``."""
        return self._results.leaves_open(status)

    def placeholder_folder(self, project: Ref) -> tuple[Ref, Mapped] | None:
        """Return the folder for tests that are gone."""
        return placeholder_folder(project, self._rules, self._project)

    def placeholder(self, result: Result, folder: Ref) -> TestCase:
        """Return the case that stands for a test that is gone; the result must say which test it was."""
        if result.case is None:
            raise ValueError(f"{result.ref.marker} names no test")
        return placeholder(result, result.case, folder)
