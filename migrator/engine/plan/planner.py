"""Plan: give every item of a round its fate, and every write an operation. Reads only."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import cast, get_args

from migrator.core.drafts import CaseDraft, ProjectDraft
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.events import PhaseEnded, PhaseStarted, Progressed, Said
from migrator.core.model import AnyEntity, Attachment, Entity, Folder, Project, TestCase, User
from migrator.core.notes import NoteCode
from migrator.core.ports.destination import DestinationReader
from migrator.core.ports.mapping import Around, FolderPlan, Mapped, Mapper
from migrator.core.records import CaseRow, Extracted, Fate, KeptPlan, PlannedItem, Round, Surrounded
from migrator.core.views import FolderView, ProjectView
from migrator.engine.context import Context
from migrator.engine.job import Job
from migrator.engine.plan.cases.fate import Need, case_item, noted, project_item, to_create
from migrator.engine.plan.cases.known import KnownCases
from migrator.engine.plan.cases.placeholders import Placeholders
from migrator.engine.plan.cases.touched import TouchedCases
from migrator.engine.plan.cases.unchanged import UnchangedCaseFinder, rules_digest, unchanged_files
from migrator.engine.plan.chunks import CHUNK, chunks
from migrator.engine.plan.cost import Extent
from migrator.engine.plan.deleted_at_source import KINDS, deleted_items, plan_deleted_results, refuse_mass_deletion
from migrator.engine.plan.destination_snapshot import folder_paths, refuse_strangers, snapshot_cases
from migrator.engine.plan.files import FileBytes, FilePlanner
from migrator.engine.plan.folders import FolderPlanner, folder_needs, with_fates
from migrator.engine.plan.history.planner import HistoryPlanner
from migrator.engine.plan.pages import PagePlanner
from migrator.engine.plan.slices import hold_back
from migrator.engine.references import Addresses

_NOWHERE: frozenset[Fate] = frozenset(("excluded", "failed", "blocked", "gone"))
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

    def __init__(self, context: Context[DestinationReader], *, reads_files: bool, remap: bool) -> None:
        self._context = context
        self._store = context.store
        self._destination = context.destination
        self._job = context.job
        self._listener = context.listener
        self._files = FilePlanner(context.store, context.project, reads_files=reads_files)
        self._addresses = Addresses(context.store, context.project, "")
        self._touched = TouchedCases(context.store, context.project, self._addresses.as_seen)
        self._remap = remap
        self._gone_folders: frozenset[str] = frozenset()
        self._placeholders: Placeholders
        self._pages: PagePlanner
        # what stands in cases and has no fate yet, such as attachments that are only addresses
        self._folded_later: dict[str, str] = {}

    async def plan(self, current: Round) -> PlanResult:
        """Store items, notes and operations. After an interruption it may be done again from the start.

        Raises ``ConfigError`` when the destination project cannot be used, and ``CeilingReached``, before anything is
        stored, when too much has left the source, or was not shown by it.
        """
        self._listener(PhaseStarted("plan", current.project))
        if self._job.deletions:
            refuse_mass_deletion(self._store, current, self._job.deletions)
        users = list(self._store.archive.entities(current, User))
        view = await usable_project(self._destination, self._job)
        target = view or await self._destination.project_to_be(self._job.code)
        if not target.fields_known:
            self._listener(Said("no project of QA Sphere could be asked for custom fields, which may be required"))
        mapper = self._job.make_mapper(users, target)
        history = HistoryPlanner(self._context, current, self._files)
        rules = await history.rules(mapper)
        self._placeholders = placeholders = Placeholders(self._store, current, mapper, rules)
        placeholders.refuse_many()
        self._keep(current)
        project = next(self._store.archive.entities(current, Project))
        need = self._plan_project(current, mapper.project(project), view)
        existing = await self._destination.folders(view.code) if view else []
        total = await self._snapshot(view)
        self._pages = pages = PagePlanner(self._store, current, mapper, project.ref)
        folders = self._plan_folders(current, mapper, project, need, existing)
        done = self._plan_cases(current, mapper, folders)
        done += self._plan_missing(current, mapper, folders, placeholders.missing_cases())
        done += self._plan_made(current, pages.cases(), at_once=1)
        done += await history.plan(rules, need, view)
        self._keep_files(current)
        self._store.planning.note_only_archived(current)
        if deletions := self._job.deletions:
            for chunk in chunks(self._store.deleted.each(current, KINDS)):
                self._store.planning.put_items(current, deleted_items(self._store, current, chunk, deletions))
        plan_deleted_results(self._store, current, wanted=self._job.deletions is not None)
        self._store.planning.withdraw_old(current)
        hold_back(self._store, current, self._job.slices, self._files)
        self._listener(PhaseEnded("plan", current.project, done))
        extent = Extent(view is not None, target.fields_known, len(existing), total)
        return PlanResult(mapper.digest, extent, self._files.bytes)

    def _keep(self, current: Round) -> None:
        """Give the items that stay in the workspace their fate."""
        for kind in _KEPT:
            for chunk in chunks(self._store.archive.entities(current, kind)):
                self._store.planning.put_items(
                    current,
                    [PlannedItem(Mapped(item.ref.marker, kind.item_kind, item.title), "archived") for item in chunk],
                )

    def _keep_files(self, current: Round) -> None:
        """Give the files that nothing which was planned names their fate."""
        self._store.planning.keep_files(current)
        for chunk in chunks(self._store.archive.markers(current, Attachment)):
            planned = self._store.planning.planned_items(current, chunk)
            rest = self._store.archive.get([marker for marker in chunk if marker not in planned])
            self._store.planning.put_items(
                current, [PlannedItem(Mapped(marker, "file", item.title), "archived") for marker, item in rest.items()]
            )
        self._store.planning.fold(current, self._folded_later)

    async def _snapshot(self, view: ProjectView | None) -> int:
        if view is None:
            self._store.snapshots.begin(self._job.source_id, "plan")
            return self._store.snapshots.end(self._job.source_id, "plan")
        total = await snapshot_cases(self._context, "plan")
        refuse_strangers(self._context, total)
        return total

    # --- project and folders ------------------------------------------------------------------------------------------

    def _plan_project(self, current: Round, mapped: Mapped, view: ProjectView | None) -> Need:
        draft = cast(ProjectDraft, mapped.draft)
        entry = self._store.ledger.entries([mapped.marker]).get(mapped.marker)
        if view:
            item = project_item(mapped, draft, entry, view.id)
        elif entry:
            raise ConfigError(
                f"project {draft.code} is not in QA Sphere any more",
                code=ErrorCode.PROJECT_VANISHED,
                cause="this workspace has migrated into it; its code was changed there, or it was deleted",
                next_step="give it its code back, or choose another `workspace` and `destination` to migrate anew",
            )
        else:
            item = replace(to_create(mapped, Need("")), reason=f"there is no project {draft.code} yet")
        self._store.planning.put_items(current, [item])
        return Need(mapped.marker, view.id if view else None)

    def _plan_folders(
        self,
        current: Round,
        mapper: Mapper,
        project: Project,
        need: Need,
        existing: Sequence[FolderView],
    ) -> FolderPlan:
        entities = {folder.ref.marker: folder for folder in self._store.archive.entities(current, Folder)}
        used = self._store.archive.parents_of_cases(current)
        paths = folder_paths(existing)
        plan = self._placeholders.placed(mapper.folders(project, list(entities.values()), used), project.ref, paths)
        plan = self._pages.with_folder(plan)
        if plan.unmatched:
            raise ConfigError(
                f"folders of project {current.project} that the config names are not at the source",
                code=ErrorCode.FOLDER_RULE_UNMATCHED,
                cause="; ".join(plan.unmatched),
                next_step="correct `include` and `exclude` of the project; nothing was written",
            )
        if plan.misspelt:
            raise ConfigError(
                f"columns of project {current.project} that the config names are not at the source",
                code=ErrorCode.COLUMN_RULE_UNMATCHED,
                cause="; ".join(plan.misspelt),
                next_step="correct `mapping.columns`, or name the column for its test forms only, in"
                " `mapping.form_columns`; nothing was written",
            )
        plan = replace(plan, items=tuple(_noted(entities.get(item.marker), item) for item in plan.items))
        markers = [item.marker for item in plan.items]
        ids = [str(folder.id) for folder in existing]
        planner = FolderPlanner(
            need,
            paths,
            self._store.ledger.holdings(markers),
            self._store.ledger.by_ids(current.project, "folder", ids),
            self._store.journal.operation_states(markers, "create"),
        )
        items = planner.items(plan)
        self._gone_folders = with_fates(items, "gone")
        self._store.planning.put_items(current, items)
        return plan

    # --- cases --------------------------------------------------------------------------------------------------------

    def _plan_cases(self, current: Round, mapper: Mapper, folders: FolderPlan) -> int:
        done = 0
        total = self._store.archive.count(current, "case")
        rules = rules_digest(self._job, mapper, self._store.unchanged_cases.people(current))
        finder = UnchangedCaseFinder(self._store, current, rules, folders)
        for rows in chunks(self._store.unchanged_cases.cases(current)):
            with self._store.journal.atomic():
                self._plan_rows(current, mapper, folders, finder, rows)
            done += len(rows)
            self._listener(Progressed("plan", current.project, done, total))
        return done

    def _plan_rows(
        self,
        current: Round,
        mapper: Mapper,
        folders: FolderPlan,
        finder: UnchangedCaseFinder,
        rows: Sequence[CaseRow],
    ) -> None:
        """Leave alone what is unchanged, and plan the rest."""
        unchanged = finder.among(rows)
        chunk = self._store.unchanged_cases.read([row.marker for row in rows if row.marker not in unchanged])
        cases, mapped = self._mapped(current, mapper, folders, chunk)
        if self._touched.dated(chunk, cases, mapped, partial(_mapped_by, mapper, folders), self._needs):
            # what hangs on a case that is another one now may be anywhere
            unchanged, chunk = {}, self._store.unchanged_cases.read([row.marker for row in rows])
            cases, mapped = self._mapped(current, mapper, folders, chunk)
        self._plan_chunk(
            current,
            _Chunk([row.marker for row in rows], cases, mapped, unchanged, finder.kept_plans(chunk, cases, mapped)),
        )

    def _mapped(
        self, current: Round, mapper: Mapper, folders: FolderPlan, chunk: Sequence[Extracted[TestCase]]
    ) -> tuple[Sequence[Surrounded[TestCase]], Sequence[Mapped]]:
        cases = self._store.archive.surrounded(current, chunk)
        return cases, [_mapped_by(mapper, folders, case.entity, case.around) for case in cases]

    def _plan_missing(
        self, current: Round, mapper: Mapper, folders: FolderPlan, found: Iterator[Extracted[TestCase]]
    ) -> int:
        """Plan the cases that stand for tests that the source has not any more."""
        cases = (Surrounded(case.entity, Around(), case.stamp) for case in found)
        made = ((case, replace(mapper.case(case.entity, case.around, folders), made=True)) for case in cases)
        return self._plan_made(current, made)

    def _plan_made(
        self, current: Round, made: Iterable[tuple[Surrounded[TestCase], Mapped]], at_once: int = CHUNK
    ) -> int:
        """Plan cases that are none at the source."""
        done = 0
        for chunk in chunks(made, at_once):
            cases, mapped = [case for case, _ in chunk], [item for _, item in chunk]
            with self._store.journal.atomic():
                self._plan_chunk(current, _Chunk([item.marker for item in mapped], cases, mapped))
            done += len(chunk)
        return done

    def _plan_chunk(self, current: Round, chunk: "_Chunk") -> None:
        mapped = chunk.mapped
        stamps = {item.marker: case.stamp for item, case in zip(mapped, chunk.cases, strict=True)}
        needs = self._needs([item.draft.folder for item in mapped if isinstance(item.draft, CaseDraft)])
        known = KnownCases(self._context, self._addresses, self._placeholders, mapped, needs, stamps)
        planning = self._store.planning
        files = {marker: unchanged_files(kept) for marker, kept in chunk.unchanged.items()}
        if any(item.files for item in mapped):
            planned = iter(self._files.items(mapped, known.unknown_views()))
            files |= {item.marker: list(islice(planned, len(item.files))) for item in mapped}
        # what is planned counts as there, when a case is compared with what it holds
        planning.put_items(current, [file for marker in chunk.order for file in files.get(marker, ())])
        items = [
            case_item(
                item,
                known.of(item),
                needs[item.draft.folder] if isinstance(item.draft, CaseDraft) else Need(""),
                stamps[item.marker],
                remap=self._remap,
                conflicts=self._job.conflicts,
            )
            for item in mapped
        ]
        items = [
            replace(item, kept_plan=chunk.kept.get(item.marker)) if item.notes == draft.notes else item
            for item, draft in zip(items, mapped, strict=True)
        ]
        planning.put_items(current, [*items, *self._files.held(zip(mapped, items, strict=True))])
        self._store.unchanged_cases.keep(current, list(chunk.unchanged))
        folded = {marker: kept.folded for marker, kept in chunk.unchanged.items()}
        folded |= {
            draft.marker: draft.folded for draft, item in zip(mapped, items, strict=True) if item.fate not in _NOWHERE
        }
        self._folded_later |= planning.fold(
            current, _folds([(marker, folded.get(marker, ())) for marker in chunk.order])
        )

    def _needs(self, folders: Sequence[str]) -> Mapping[str, Need]:
        markers = sorted(set(folders))
        states = self._store.journal.operation_states(markers, "create")
        return folder_needs(markers, self._store.ledger.entries(markers), states, self._gone_folders)


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Some cases of a round. ``order``: the markers of all of them; ``cases``, ``mapped``: those to be planned;
    ``unchanged``: the others; ``kept``: what to keep of the planning."""

    order: Sequence[str]
    cases: Sequence[Surrounded[TestCase]]
    mapped: Sequence[Mapped]
    unchanged: Mapping[str, KeptPlan] = field(default_factory=dict)
    kept: Mapping[str, KeptPlan] = field(default_factory=dict)


async def usable_project(destination: DestinationReader, job: Job) -> ProjectView | None:
    """Return the destination project, or None when it is to be created.

    Raises ``ConfigError`` when it is archived, or missing and not to be created.
    """
    view = await destination.project(job.code)
    if view is None and not job.create:
        raise ConfigError(
            f"there is no project {job.code} in QA Sphere",
            code=ErrorCode.PROJECT_MISSING,
            next_step="create it there, or set `create: true` for it in the config",
        )
    if view and view.archived:
        raise ConfigError(
            f"project {job.code} in QA Sphere is archived",
            code=ErrorCode.PROJECT_ARCHIVED,
            cause="an archived project refuses every write",
            next_step="take it out of the archive in QA Sphere, or choose another `destination` code",
        )
    return view


def _folds(folded: Iterable[tuple[str, Sequence[str]]]) -> dict[str, str]:
    """Return what stands in cases that are or come to be in QA Sphere, with the reason to record."""
    return {marker: f"stands in {case}" for case, within in folded for marker in within}


def _mapped_by(mapper: Mapper, folders: FolderPlan, case: TestCase, around: Around) -> Mapped:
    return _noted(case, mapper.case(case, around, folders))


def _noted(entity: Entity | None, mapped: Mapped) -> Mapped:
    if entity is None or not entity.ref.is_shortened:
        return mapped
    message = "the ids are too long for a marker; the last ones became a digest"
    return noted(mapped, NoteCode.MARKER_SHORTENED, "", message, "/".join(entity.ref.ids))
