"""Whether a saved plan may still be executed: has anything moved that it touches, or a name appeared that it makes?"""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from migrator.core.drafts import FolderDraft, MilestoneDraft, RunDraft
from migrator.core.errors import StalePlan
from migrator.core.model import ItemKind, User
from migrator.core.plural import plural
from migrator.core.ports.destination import DestinationReader
from migrator.core.records import Operation, Round, Verb
from migrator.core.views import CaseView, ProjectView
from migrator.engine.context import Context
from migrator.engine.job import Job
from migrator.engine.plan.cases.compare import fingerprint
from migrator.engine.plan.destination_snapshot import folder_paths
from migrator.engine.plan.history.parts import is_taken
from migrator.engine.plan.project import usable_project
from state.store import Store

_SHOWN = 10


async def refuse_if_stale(context: Context[DestinationReader], current: Round) -> None:
    """Look at the destination again and raise ``StalePlan`` naming what moved. Edits of anything else do not count."""
    job = context.job
    view = await usable_project(context.destination, job)
    moved = await _moved(context, current, view)
    if moved:
        more = f"; and {len(moved) - _SHOWN} more" if len(moved) > _SHOWN else ""
        raise StalePlan(
            f"the plan for project {job.source_id} is stale; nothing was written",
            cause="; ".join(moved[:_SHOWN]) + more,
            next_step="run `migrator plan` and look at it, then `migrator apply`",
        )


async def _moved(context: Context[DestinationReader], current: Round, view: ProjectView | None) -> list[str]:
    store, destination, job = context.store, context.destination, context.job
    creates_project = bool(store.journal.planned(job.source_id, "project", 1))
    if view is None:
        rules = _rules_moved(store, job, current, await destination.project_to_be(job.code))
        # a slice that takes nothing of a project leaves it unmade
        is_later = not store.ledger.count(job.source_id, "project")
        return rules if creates_project or is_later else [*rules, f"project {job.code} is not there any more"]
    if creates_project:
        return [f"project {job.code} exists by now"]
    moved = _rules_moved(store, job, current, view)
    moved += _folders_moved(store, job, folder_paths(await destination.folders(job.code)))
    check = _CaseCheck(store, job)
    cursor: str | None = None
    while True:
        page = await destination.cases(job.code, cursor, whole=False)
        check.page(page.cases)
        cursor = page.next_cursor
        if cursor is None:
            break
    return moved + check.moved() + await _history_moved(context)


async def _history_moved(context: Context[DestinationReader]) -> list[str]:
    """Name the milestones and runs that were to be created and exist by now; asks only when some are planned."""
    store, destination, job = context.store, context.destination, context.job
    moved: list[str] = []
    if store.journal.planned(job.source_id, "milestone", 1):
        titles = {view.title for view in await destination.history.milestones(job.code)}
        drafts = (cast(MilestoneDraft, operation.draft) for operation in _planned(store, job, "milestone"))
        moved += [f"milestone {draft.title} exists by now" for draft in drafts if draft.title in titles]
    if store.journal.planned(job.source_id, "run", 1):
        views = await destination.history.runs(job.code)
        titles = {view.title for view in views}
        for operation in _planned(store, job, "run"):
            draft = cast(RunDraft, operation.draft)
            if draft.title in titles:
                milestone = store.ledger.entries([draft.milestone]).get(draft.milestone)
                if is_taken(draft.title, milestone, in_milestone=bool(draft.milestone), views=views):
                    moved.append(f"run {draft.title} exists by now")
    return moved


def _planned(store: Store, job: Job, kind: ItemKind) -> Iterator[Operation]:
    after = -1
    while operations := store.journal.planned(job.source_id, kind, 50, after=after):
        yield from operations
        after = operations[-1].position


def _rules_moved(store: Store, job: Job, current: Round, view: ProjectView) -> list[str]:
    users = list(store.archive.entities(current, User))
    if job.make_mapper(users, view).digest == current.mapper:
        return []
    return ["the mapping rules, or the custom fields in QA Sphere, are not those of the plan"]


def _folders_moved(store: Store, job: Job, paths: Mapping[int, tuple[str, ...]]) -> list[str]:
    there = set(paths.values())
    wanted = (cast(FolderDraft, operation.draft).path for operation in _planned(store, job, "folder"))
    moved = [f"folder {'/'.join(path)} exists by now" for path in wanted if path in there]
    needed = store.ledger.holdings(store.journal.needs(job.source_id, "case"))
    moved += [
        f"folder {'/'.join(cast(FolderDraft, holding.draft).path)} is not there any more"
        for holding in needed.values()
        if int(holding.entry.id) not in paths
    ]
    return moved


class _CaseCheck:
    """Compares fresh pages with what the plan saw, for the cases that it touches."""

    def __init__(self, store: Store, job: Job) -> None:
        self._store = store
        self._project = job.source_id
        self._found: list[str] = []
        doubtful = len(store.journal.unknown(job.source_id, "case", verb="update"))
        self._updates_left = store.journal.open_count(job.source_id, "case", verb="update") - doubtful

    def page(self, cases: Sequence[CaseView]) -> None:
        ours = self._store.ledger.by_ids(self._project, "case", [case.id for case in cases])
        markers = {marker for case in cases for marker in case.markers}
        markers |= {holding.entry.marker for holding in ours.values()}
        planned = self._store.journal.planned_among(self._project, sorted(markers))
        for case in cases:
            self._created(case, planned)
            if case.id in ours and planned.get(ours[case.id].entry.marker) == "update":
                self._updates_left -= 1
                self._edited(case)
        self._twins([case for case in cases if not case.markers])

    def moved(self) -> list[str]:
        if self._updates_left > 0:
            gone = plural(self._updates_left, "case to be updated is", "cases to be updated are")
            return [*self._found, f"{self._updates_left} {gone} not there any more"]
        return self._found

    def _created(self, case: CaseView, planned: Mapping[str, Verb]) -> None:
        self._found += [
            f"case {case.seq} carries the marker {marker} by now, which was to be created"
            for marker in case.markers
            if planned.get(marker) == "create"
        ]

    def _edited(self, case: CaseView) -> None:
        before = self._store.snapshots.view(self._project, "plan", case.id)
        then, now = (fingerprint(before) if before else {}), fingerprint(case)
        fields = [name for name in now if then.get(name) != now[name]]
        if fields:
            self._found.append(f"case {case.seq} was changed ({', '.join(fields)})")

    def _twins(self, cases: Sequence[CaseView]) -> None:
        """Somebody made a case by hand where the plan is about to make one of the same title."""
        by_title = {" ".join(case.title.split()): case for case in cases}
        known = self._store.snapshots.by_id(self._project, "plan", [case.id for case in cases])
        for title, marker, need in self._store.journal.planned_titles(self._project, list(by_title)):
            case = by_title[title]
            folder = self._store.ledger.entries([need]).get(need)
            if case.id not in known and folder and folder.id == str(case.folder_id):
                self._found.append(f"case {case.seq} has the title and folder of {marker}, which was to be created")
