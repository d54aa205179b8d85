"""Plan: give every item of a round its fate, and every write an operation. Reads only."""

from dataclasses import dataclass
from typing import get_args

from migrator.core.events import PhaseEnded, PhaseStarted, Said
from migrator.core.model import AnyEntity, Attachment, Entity, Project, User
from migrator.core.notes import Note
from migrator.core.ports.destination import DestinationReader
from migrator.core.ports.mapping import Mapped
from migrator.core.ports.source import Abilities
from migrator.core.records import PlannedItem, Round
from migrator.core.views import ProjectView
from migrator.engine.context import Context
from migrator.engine.plan.cases.placeholders import Placeholders
from migrator.engine.plan.cases.planner import CasePlanner, CaseRules
from migrator.engine.plan.cost import Extent
from migrator.engine.plan.deleted_at_source import (
    KINDS,
    deleted_items,
    left_unexamined,
    note_what_left,
    refuse_mass_deletion,
)
from migrator.engine.plan.destination_snapshot import folder_paths, refuse_strangers, snapshot_cases
from migrator.engine.plan.empty_lists import refuse_empty_lists
from migrator.engine.plan.fates import Need
from migrator.engine.plan.files import FileBytes, FilePlanner
from migrator.engine.plan.folders import first_folder_says, planned_folders, wanted_folders
from migrator.engine.plan.history.planner import HistoryPlanner
from migrator.engine.plan.pages import PagePlanner
from migrator.engine.plan.project import project_item, refuse_unfilled_fields, usable_project
from migrator.engine.plan.slices import hold_back, unmatched_by
from state.rows import chunked

# what nothing maps on its own; what stands in a case is folded later
_KEPT: tuple[type[Entity], ...] = tuple(
    kind
    for kind in get_args(get_args(AnyEntity)[0])
    if kind.item_kind not in ("project", "folder", "file", "case", "milestone", "run", "result")
)


@dataclass(frozen=True, slots=True)
class PlanResult:
    """What planning a project found. ``mapper``: digest of the rules it was planned with. ``bytes``: of its files."""

    mapper: str
    extent: Extent
    bytes: FileBytes


class Planner:
    """Plans one round of one project. Sends no write."""

    def __init__(self, context: Context[DestinationReader], abilities: Abilities, *, remap: bool) -> None:
        self._context = context
        self._store = context.store
        self._destination = context.destination
        self._job = context.job
        self._listener = context.listener
        self._files = FilePlanner(context.store, context.project, reads_files=abilities.files)
        self._abilities = abilities
        self._remap = remap

    async def plan(self, current: Round) -> PlanResult:
        """Store items, notes and operations. After an interruption it may be done again from the start.

        Raises ``ConfigError`` when the destination project cannot be used, ``CeilingReached``, before anything is
        stored, when too much has left the source, or was not shown by it, and ``Stopped`` on the way.
        """
        self._listener(PhaseStarted("plan", current.project))
        users = list(self._store.archive.entities(current, User))
        view = await usable_project(self._destination, self._job)
        target = view or await self._destination.project_to_be(self._job.code)
        if not target.fields_known:
            self._listener(
                Said(
                    "no project of QA Sphere could be asked for custom fields: one that is required shows when the"
                    f" project is made; create {self._job.code} in QA Sphere to know now"
                )
            )
        mapper = self._job.make_mapper(users, target)
        history = HistoryPlanner(self._context, current, self._files)
        project = next(self._store.archive.entities(current, Project))
        rules = await history.rules(mapper, project.ref)
        pages = PagePlanner(self._store, current, mapper, project.ref)
        if self._job.terms.deletions:
            refuse_mass_deletion(self._store, current, self._job.terms.deletions, pages.leaving(), pages.count)
        placeholders = Placeholders(self._store, current, mapper, rules)
        placeholders.refuse_many()
        refuse_empty_lists(self._store, current, rules, self._abilities, self._job.terms.deletions)
        self._keep(current)
        pages.keep_missing(concluding=self._job.terms.deletions is not None)
        need = self._plan_project(current, mapper.project(project), view)
        existing = await self._destination.folders(view.code) if view else []
        total = await self._snapshot(view)
        wanted = wanted_folders(self._store, current, mapper, project)
        folders = pages.with_folder(placeholders.placed(wanted, project.ref, folder_paths(existing)))
        planned = planned_folders(self._store, current, folders, need, existing)
        self._store.planning.put_items(current, planned)
        gone = frozenset(item.marker for item in planned if item.fate == "gone")
        rules_of_cases = CaseRules(mapper, folders, placeholders, gone, self._remap)
        cases = CasePlanner(self._context, current, rules_of_cases, self._files)
        # other cases lead to those that list pages, which are to be made before them
        done = await cases.plan_pages(pages) + await cases.plan()
        refuse_unfilled_fields(self._store, current, target)
        done += await history.plan(rules, need, view)
        self._keep_files(current)
        self._store.planning.fold(current, cases.folded_later)
        self._store.planning.note_only_archived(current)
        unexamined: list[Note] = []
        if deletions := self._job.terms.deletions:
            for chunk in chunked(self._store.deleted.each(current, KINDS)):
                self._store.planning.put_items(current, deleted_items(self._store, current, chunk, deletions))
        else:
            unexamined = left_unexamined(self._store, current, project.ref.marker, pages.leaving())
        note_what_left(self._store, current, unexamined, results=deletions is not None)
        if self._job.ordered:
            self._store.planning.note_order(current)
        self._store.planning.withdraw_old(current)
        for words in unmatched_by(self._store, current, self._job.only):
            self._listener(Said(f"project {current.project}: `only` takes less than it names: {words}"))
        hold_back(self._store, current, self._job.slices, self._files)
        self._listener(PhaseEnded("plan", current.project, done))
        says = first_folder_says(self._store, current.project, existing)
        extent = Extent(view is not None, target.fields_known, len(existing), total, says)
        return PlanResult(mapper.digest, extent, self._files.bytes)

    def _keep(self, current: Round) -> None:
        """Give the items that stay in the workspace their fate."""
        for kind in _KEPT:
            for chunk in chunked(self._store.archive.entities(current, kind)):
                self._store.planning.put_items(
                    current,
                    [PlannedItem(Mapped(item.ref.marker, kind.item_kind, item.title), "archived") for item in chunk],
                )

    def _keep_files(self, current: Round) -> None:
        """Give the files that nothing which was planned names their fate."""
        self._store.planning.keep_files(current)
        for chunk in chunked(self._store.archive.markers(current, Attachment)):
            planned = self._store.planning.planned_items(current, chunk)
            rest = self._store.archive.get([marker for marker in chunk if marker not in planned])
            self._store.planning.put_items(
                current, [PlannedItem(Mapped(marker, "file", item.title), "archived") for marker, item in rest.items()]
            )

    async def _snapshot(self, view: ProjectView | None) -> int:
        if view is None:
            self._store.snapshots.begin(self._job.source_id, "plan")
            return self._store.snapshots.end(self._job.source_id, "plan")
        total = await snapshot_cases(self._context, "plan")
        refuse_strangers(self._context, total)
        return total

    def _plan_project(self, current: Round, mapped: Mapped, view: ProjectView | None) -> Need:
        entry = self._store.ledger.entries([mapped.marker]).get(mapped.marker)
        self._store.planning.put_items(current, [project_item(mapped, entry, view)])
        return Need(mapped.marker, view.id if view else None)
