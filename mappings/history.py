"""The rules for milestones, runs and results of one project, bound to what they have to know."""

from collections.abc import Sequence
from functools import partial
from typing import Literal

from mappings.hooks import Hooks
from mappings.item_writer import Writers
from mappings.milestones import map_milestones
from mappings.placeholders import placeholder, placeholder_folder
from mappings.results import ResultMapper
from mappings.rules import MappingRules, ProjectRules
from mappings.runs import RunMapper, unit_of
from migrator.core.base import digest_of
from migrator.core.model import Result, TestCase
from migrator.core.ports.mapping import HistoryWorld, Mapped
from migrator.core.refs import Ref


class RulesHistoryMapper:
    """Implements ``HistoryMapper``, most of it by what the mappers of runs and results answer."""

    def __init__(
        self,
        rules: MappingRules,
        project: ProjectRules,
        writers: Writers,
        world: HistoryWorld,
        hooks: Hooks | None = None,
    ) -> None:
        self._rules = rules
        self._milestones = map_milestones(world.milestones, writers, paged=rules.pages.make)
        titles = {item.marker: item.title for item in self._milestones}
        runs = RunMapper(writers, titles, world.configurations, world.listed, hooks)
        results = ResultMapper(rules, writers, runs, world.statuses, hooks)
        self._digest = digest_of([rules.deciding(), hooks.digest if hooks else "", dict(world.statuses)])
        self.unit_of = partial(unit_of, rules=rules)
        self.run, self.left_out = runs.map, runs.left_out
        self.result, self.leaves_open, self.result_left_out = results.map, results.leaves_open, results.left_out
        self.placeholder_folder = partial(placeholder_folder, rules=rules, place=project)

    @property
    def digest(self) -> str:
        """Of rules, hooks and statuses; what else the destination offers is nothing that results show."""
        return self._digest

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

    def placeholder(self, result: Result, folder: Ref) -> TestCase:
        """Return the case that stands for a test that is gone; the result must say which test it was."""
        if result.case is None:
            raise ValueError(f"{result.ref.marker} names no test")
        return placeholder(result, result.case, folder)
