"""Plan: milestones, runs and results of a round. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import cast

from migrator.core.drafts import MILESTONE_LIMIT, MilestoneDraft
from migrator.core.events import Progressed
from migrator.core.model import Configuration, ItemKind, Milestone, Result, TestRun, TestSet
from migrator.core.notes import NoteCode
from migrator.core.ports.destination import DestinationReader
from migrator.core.ports.mapping import HistoryMapper, HistoryWorld, Mapped, Mapper
from migrator.core.records import Holding, OperationState, PlannedItem, Round
from migrator.core.refs import Ref, with_source_id
from migrator.core.views import MilestoneView, ProjectView
from migrator.engine.context import Context
from migrator.engine.plan.fates import IN_DOUBT, Need, adopted, noted, to_create, tried_before, without_write
from migrator.engine.plan.files import FilePlanner
from migrator.engine.plan.history.run_items import RunInputs
from migrator.engine.plan.history.runs import RunPlanner
from migrator.engine.plan.history.unchanged import UnchangedRunFinder
from state.rows import chunked

_UNITS = 50
_NAMED_BY_RUNS: tuple[type[TestSet | Milestone | Configuration], ...] = (TestSet, Milestone, Configuration)


class HistoryPlanner:
    """Plans the history of one round. QA Sphere is asked only when there is a history."""

    def __init__(self, context: Context[DestinationReader], current: Round, files: FilePlanner) -> None:
        self._context = context
        self._files = files
        self._store = context.store
        self._reader = context.destination.history
        self._job = context.job
        self._round = current
        self._listener = context.listener
        self._digest = ""
        self._statuses: Mapping[str, str] = {}

    async def rules(self, mapper: Mapper, project: Ref) -> HistoryMapper:
        """Return the rules, bound to the round's releases and configurations and to QA Sphere's statuses."""
        archive = self._store.archive
        self._digest = mapper.digest
        self._statuses = await self._reader.statuses() if self._count("result") else {}
        return mapper.history(
            HistoryWorld(
                milestones=list(archive.entities(self._round, Milestone)),
                configurations={found.ref.marker: found for found in archive.entities(self._round, Configuration)},
                statuses=self._statuses,
                listed=self._listed(mapper, project),
            )
        )

    def _listed(self, mapper: Mapper, project: Ref) -> dict[str, Ref]:
        """Return the cases that list the pages of what runs name."""
        if (pages := mapper.pages_folder(project)) is None:
            return {}
        items = chain.from_iterable(self._store.archive.entities(self._round, kind) for kind in _NAMED_BY_RUNS)
        return {item.ref.marker: mapper.volume(pages[0], item) for item in items}

    # --- milestones, runs, results ------------------------------------------------------------------------------------

    async def plan(self, rules: HistoryMapper, project: Need, view: ProjectView | None) -> int:
        """Give every milestone, run and result its fate; return how many there are. ``Stopped`` between two units."""
        total = self._count("milestone") + self._count("run") + self._count("result")
        if not total:
            return 0
        if rules.keeps == "none":
            self._leave_out()
            return total
        milestones = await self._milestones(rules, project, view)
        self._place_runs(rules)
        views = await self._reader.runs(view.code) if view and self._count("run") else []
        planner = RunPlanner(self._context, self._round, RunInputs(rules, milestones, views), self._files)
        finder = UnchangedRunFinder(self._store, self._round, self._common_inputs(rules), planner.reader.drafts, views)
        done = 0
        for units in chunked(self._store.extracted_runs.units(self._round), _UNITS):
            with self._store.journal.atomic():
                kept = {unit: finder.keep(unit) for unit in units}
            done += sum(kept.values())
            at_rest: dict[str, bool] = {}
            for unit in [unit for unit, count in kept.items() if not count]:
                planner.buffer.at_rest = True
                done += await planner.plan(unit)
                # which result is a test's last depends on all other units
                at_rest[unit] = planner.buffer.at_rest and rules.keeps == "all"
                self._listener(Progressed("plan history", self._round.project, done, total))
                await self._context.stop.turn()
            with self._store.journal.atomic():
                for unit, rests in at_rest.items():
                    finder.planned(unit, at_rest=rests)
            self._listener(Progressed("plan history", self._round.project, done, total))
            await self._context.stop.turn()
        planner.buffer.flush()
        self._store.unlike.put_rules(self._round.project, rules.digest)
        for chunk in chunked(self._store.extracted_runs.results_without_run(self._round)):
            reason = "the source does not list the run that it belongs to"
            self._put([PlannedItem(Mapped(marker, "result", title), "archived", reason) for marker, title in chunk])
        # milestones and results without a run are of no unit
        self._listener(Progressed("plan history", self._round.project, total, total))
        return total

    def _common_inputs(self, rules: HistoryMapper) -> list[object]:
        """Return everything beside a unit itself that the plan of any unit may depend on."""
        titles = [[item.marker, item.title] for item in rules.milestones()]
        configurations = self._store.archive.extracted(self._round, Configuration)
        digests = [[found.entity.ref.marker, found.stamp.entity] for found in configurations]
        job = self._job
        return [self._digest, job.program, dict(self._statuses), job.terms.filing, job.allow_gaps, titles, digests]

    def _leave_out(self) -> None:
        kinds: tuple[type[Milestone | TestRun | Result], ...] = (Milestone, TestRun, Result)
        for kind in kinds:
            for chunk in chunked(self._store.archive.entities(self._round, kind)):
                reason = "the history stays behind (mapping.history: none)"
                self._put(
                    [
                        PlannedItem(Mapped(item.ref.marker, kind.item_kind, item.title), "excluded", reason)
                        for item in chunk
                    ]
                )

    async def _milestones(self, rules: HistoryMapper, project: Need, view: ProjectView | None) -> dict[str, Need]:
        """Plan the milestones; return what a run needs of each."""
        mapped = rules.milestones()
        if not mapped:
            return {}
        existing = await self._reader.milestones(view.code) if view else []
        markers = [item.marker for item in mapped]
        entries = self._store.ledger.holdings(markers)
        creates = self._store.journal.operation_states(markers, "create")
        planned = [
            _milestone_item(item, entries.get(item.marker), creates.get(item.marker), project, existing)
            for item in mapped
        ]
        self._put(planned)
        archived = {str(milestone.id) for milestone in existing if milestone.archived}
        return {item.marker: _need_of(item, entries.get(item.marker), archived) for item in planned}

    def _place_runs(self, rules: HistoryMapper) -> None:
        """Say which runs of the source become one. A run that was migrated alone stays alone."""
        for chunk in chunked(self._store.archive.entities(self._round, TestRun)):
            own = {item.ref.marker for item in chunk}
            alone = set(self._store.ledger.entries(sorted(own)))
            states = self._store.journal.operation_states(sorted(own), "create")
            alone |= {marker for marker, (state, _) in states.items() if state in IN_DOUBT}
            self._store.extracted_runs.place_runs(
                self._round,
                [
                    (run.ref.marker, run.ref.marker if run.ref.marker in alone else rules.unit_of(run), _time_of(run))
                    for run in chunk
                ],
            )

    def _count(self, kind: ItemKind) -> int:
        return self._store.archive.count(self._round, kind)

    def _put(self, items: Sequence[PlannedItem]) -> None:
        self._store.planning.put_items(self._round, items)


def _milestone_item(
    item: Mapped,
    holding: Holding | None,
    create: tuple[OperationState, str] | None,
    project: Need,
    existing: Sequence[MilestoneView],
) -> PlannedItem:
    draft = cast(MilestoneDraft, item.draft)
    if holding:
        there = {cast(MilestoneDraft, holding.draft).title}
        there |= {milestone.title for milestone in existing if str(milestone.id) == holding.entry.id}
        if there & {draft.title, with_source_id(draft.title, item.marker, MILESTONE_LIMIT)}:
            return without_write(item, "unchanged", "")
        message = "renamed at the source since it was migrated; QA Sphere's API cannot follow"
        item = noted(item, NoteCode.CHANGED_AT_SOURCE, "title", message, draft.title)
        return without_write(item, "unchanged", "", wanted=draft)
    if tried := tried_before(item, draft, create):
        return tried
    if any(milestone.title == draft.title and milestone.archived for milestone in existing):
        title = with_source_id(draft.title, item.marker, MILESTONE_LIMIT)
        message = f"an archived milestone has the title; became {title}"
        item = noted(item, NoteCode.MILESTONE_RENAMED, "title", message, draft.title)
        draft = draft.model_copy(update={"title": title})
        item = replace(item, draft=draft, title=title)
    for milestone in existing:
        if milestone.title == draft.title and not milestone.archived:
            return adopted(item, draft, str(milestone.id), "a milestone of this title was there")
    return to_create(item, project)


def _need_of(item: PlannedItem, holding: Holding | None, archived: set[str]) -> Need:
    if holding and holding.entry.id in archived:
        return Need(item.marker, trouble=f"its milestone {item.title} was archived in QA Sphere")
    if item.fate in ("failed", "blocked"):
        return Need(item.marker, trouble=f"its milestone {item.title} is {item.fate}")
    return Need(item.marker)


def _time_of(run: TestRun) -> float:
    moment = run.ended_at or run.started_at
    return moment.timestamp() if moment else 0.0
