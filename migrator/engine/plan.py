"""Plan: give every item of a round its fate, and every write an operation, before anything is sent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TypeVar

from migrator.core.drafts import CaseDraft, FolderDraft
from migrator.core.events import Listener, PhaseEnded, PhaseStarted, Progressed
from migrator.core.model import Entity, Folder, Project, TestCase, User
from migrator.core.notes import Note, NoteCode
from migrator.core.ports import Destination, FolderPlan, MakeMapper, Mapped, Mapper, ProjectView
from migrator.core.store import Archive, Journal, LedgerEntry, PlannedItem, Round
from migrator.engine.fates import Known, Need, case_item, folder_item
from migrator.engine.snapshot import folder_paths

T = TypeVar("T")
_CHUNK = 200


class Planner:
    """Plans one round of one project, which exists in QA Sphere by now. Sends no write."""

    def __init__(
        self,
        archive: Archive,
        journal: Journal,
        destination: Destination,
        view: ProjectView,
        make_mapper: MakeMapper,
        listener: Listener,
    ) -> None:
        self._archive = archive
        self._journal = journal
        self._destination = destination
        self._view = view
        self._make_mapper = make_mapper
        self._listener = listener

    async def plan(self, current: Round) -> None:
        """Store items, notes and operations. After an interruption it may be done again from the start."""
        self._listener(PhaseStarted("plan", current.project))
        users = list(self._archive.entities(current, User))
        self._journal.put_items(current, [PlannedItem(u.ref.marker, "archive", u.title, "archived") for u in users])
        mapper = self._make_mapper(users, self._view)
        project = next(self._archive.entities(current, Project))
        folders = await self._plan_folders(current, mapper, project)
        done = self._plan_cases(current, mapper, folders)
        self._listener(PhaseEnded("plan", current.project, done))

    # --- folders ------------------------------------------------------------------------------------------------------

    async def _plan_folders(self, current: Round, mapper: Mapper, project: Project) -> FolderPlan:
        entities = list(self._archive.entities(current, Folder))
        plan = mapper.folders(project, entities, self._archive.parents_of_cases(current))
        existing = folder_paths(await self._destination.folders(self._view.code))
        known = self._known([item.marker for item in plan.items])
        by_entity = {folder.ref.marker: folder for folder in entities}
        needs: dict[tuple[str, ...], Need] = {(): Need(project.ref.marker, self._view.id)}
        planned = []
        for mapped in plan.items:
            item = _noted(by_entity[mapped.marker], mapped) if mapped.marker in by_entity else mapped
            planned.append(self._folder(current.project, item, known[item.marker], existing, needs))
        self._journal.put_items(current, planned)
        return plan

    def _folder(
        self,
        project: str,
        item: Mapped,
        known: Known,
        existing: Mapping[tuple[str, ...], int],
        needs: dict[tuple[str, ...], Need],
    ) -> PlannedItem:
        if not isinstance(item.draft, FolderDraft):
            return folder_item(item, known, needs[()], None)
        path = item.draft.path
        need = needs.get(path[:-1], needs[()])
        found = existing.get(path)
        planned = folder_item(item, known, need, str(found) if found is not None else None)
        if planned.fate == "adopted":
            self._journal.adopt(project, LedgerEntry(item.marker, "folder", str(found), None, item.draft.digest))
        needs[path] = Need(item.marker, trouble=_folder_trouble(planned))
        return planned

    # --- cases --------------------------------------------------------------------------------------------------------

    def _plan_cases(self, current: Round, mapper: Mapper, folders: FolderPlan) -> int:
        done = 0
        total = self._archive.count(current, "case")
        for chunk in _chunks(self._archive.entities(current, TestCase), _CHUNK):
            mapped = [_noted(case, mapper.case(case, folders)) for case in chunk]
            self._journal.put_items(current, self._case_items(current.project, mapped))
            done += len(chunk)
            self._listener(Progressed("plan", current.project, done, total))
        return done

    def _case_items(self, project: str, mapped: Sequence[Mapped]) -> list[PlannedItem]:
        known = self._known([item.marker for item in mapped])
        needs = self._folder_needs(mapped)
        planned = []
        for item in mapped:
            need = needs[item.draft.folder] if isinstance(item.draft, CaseDraft) else Need("")
            case = case_item(item, known[item.marker], need)
            found = known[item.marker].found
            if case.fate == "adopted" and found and item.draft:
                self._journal.adopt(project, LedgerEntry(item.marker, "case", found.id, found.seq, item.draft.digest))
            planned.append(case)
        return planned

    def _folder_needs(self, mapped: Sequence[Mapped]) -> Mapping[str, Need]:
        markers = sorted({item.draft.folder for item in mapped if isinstance(item.draft, CaseDraft)})
        ledger = self._journal.ledger(markers)
        states = self._journal.operation_states(markers)
        needs = {}
        for marker in markers:
            entry = ledger.get(marker)
            state = states.get(marker, ("", ""))[0]
            trouble = f"its folder {marker} is {state}" if not entry and state in ("failed", "blocked") else ""
            needs[marker] = Need(marker, entry.id if entry else None, trouble)
        return needs

    def _known(self, markers: Sequence[str]) -> Mapping[str, Known]:
        ledger = self._journal.ledger(markers)
        states = self._journal.operation_states(markers)
        found = self._journal.found(markers)
        return {marker: Known(ledger.get(marker), states.get(marker), found.get(marker)) for marker in markers}


def _folder_trouble(planned: PlannedItem) -> str:
    """Why nothing new can be put below this folder: its path at QA Sphere is not, or will not be, the planned one."""
    if planned.fate in ("failed", "blocked"):
        return f"its parent folder {planned.marker} is {planned.fate}"
    if planned.fate == "pending" and planned.draft is None:
        return f"its parent folder {planned.marker} was renamed or moved after it was migrated"
    return ""


def _noted(entity: Entity, mapped: Mapped) -> Mapped:
    if not entity.ref.is_shortened:
        return mapped
    note = Note(
        code=NoteCode.MARKER_SHORTENED,
        marker=mapped.marker,
        original="/".join(entity.ref.ids),
        message="the ids are too long for a marker; the last ones became a digest",
    )
    return replace(mapped, notes=(*mapped.notes, note))


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
