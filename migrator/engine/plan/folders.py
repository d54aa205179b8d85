"""Plan: the folders of a project, where they are or will be in QA Sphere."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from migrator.core.drafts import FOLDER_LIMIT, FolderDraft
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.model import Folder, Project, TestCase
from migrator.core.notes import NoteCode
from migrator.core.ports.mapping import FolderPlan, Mapped, Mapper
from migrator.core.records import Holding, LedgerEntry, OperationState, PlannedItem, Round
from migrator.core.views import FolderView
from migrator.engine.plan.destination_snapshot import folder_paths
from migrator.engine.plan.fates import (
    Need,
    adopted,
    noted,
    to_create,
    tried_before,
    with_shortened_marker,
    without_draft,
    without_write,
)
from state.store import Store

Path = tuple[str, ...]


def wanted_folders(store: Store, current: Round, mapper: Mapper, project: Project) -> FolderPlan:
    """Return the folders as the rules would have them. Raises ``ConfigError`` when rules of the config name what is not
    at the source."""
    entities = {folder.ref.marker: folder for folder in store.archive.entities(current, Folder)}
    plan = mapper.folders(project, list(entities.values()), store.archive.parents_of_cases(current))
    if plan.unmatched:
        raise ConfigError(
            f"folders of project {current.project} that the config names are not at the source",
            code=ErrorCode.FOLDER_RULE_UNMATCHED,
            cause="; ".join(plan.unmatched),
            next_step="correct `include` and `exclude` of the project, or the folders in `mapping.decisions`; nothing"
            " was written",
        )
    if plan.misspelt:
        raise ConfigError(
            f"columns of project {current.project} that the config names are not at the source",
            code=ErrorCode.COLUMN_RULE_UNMATCHED,
            cause="; ".join(plan.misspelt),
            next_step="correct `mapping.columns`, or name the column for its test forms only, in"
            " `mapping.form_columns`; nothing was written",
        )
    plan = mapper.check_fields(plan, store.archive.entities(current, TestCase))
    return replace(plan, items=tuple(with_shortened_marker(entities.get(item.marker), item) for item in plan.items))


def planned_folders(
    store: Store, current: Round, plan: FolderPlan, project: Need, existing: Sequence[FolderView]
) -> list[PlannedItem]:
    """Return every folder with its fate. ``existing``: the folders of the project in QA Sphere."""
    markers = [item.marker for item in plan.items]
    planner = FolderPlanner(
        project,
        folder_paths(existing),
        store.ledger.holdings(markers),
        store.ledger.by_ids(current.project, "folder", [str(folder.id) for folder in existing]),
        store.journal.operation_states(markers, "create"),
    )
    return planner.items(plan)


class FolderPlanner:
    """Plans one project's folders, parents first.

    QA Sphere's API can neither rename nor move a folder. So a folder that was migrated stays where it is, under the
    name it has there, and what is new below it goes there, too.
    """

    def __init__(
        self,
        project: Need,
        existing: Mapping[int, Path],
        entries: Mapping[str, Holding],
        owners: Mapping[str, Holding],
        creates: Mapping[str, tuple[OperationState, str]],
    ) -> None:
        self._existing = existing
        self._by_path = {path: ident for ident, path in existing.items()}
        self._entries = entries
        self._owners = owners
        self._creates = creates
        # path in the plan → what to need for it, and where it really is
        self._places: dict[Path, tuple[Need, Path]] = {(): (project, ())}

    def items(self, plan: FolderPlan) -> list[PlannedItem]:
        """Return every folder with its fate."""
        return [self._item(item) for item in plan.items]

    def _item(self, item: Mapped) -> PlannedItem:
        if not isinstance(item.draft, FolderDraft):
            return without_draft(item)
        path = item.draft.path
        need, parent = self._places.get(path[:-1], self._places[()])
        draft = item.draft.model_copy(update={"path": (*parent, path[-1])})
        holding = self._entries.get(item.marker)
        if holding:
            planned, place = self._migrated(item, draft, holding.entry)
        else:
            planned, place = self._new(item, draft, need)
        self._places[path] = (Need(item.marker, trouble=_trouble(planned)), place)
        return planned

    def _migrated(self, item: Mapped, draft: FolderDraft, entry: LedgerEntry) -> tuple[PlannedItem, Path]:
        place = self._existing.get(int(entry.id))
        if place is None:
            reason = "it was deleted in QA Sphere; what it held is not made again"
            return without_write(item, "gone", reason), draft.path
        if entry.digest != draft.digest and place != draft.path:
            message = "renamed or moved at the source since it was migrated; QA Sphere's API cannot follow"
            item = noted(item, NoteCode.CHANGED_AT_SOURCE, "path", message, "/".join(draft.path))
            return without_write(item, "unchanged", "", wanted=draft), place
        return without_write(item, "unchanged", ""), place

    def _new(self, item: Mapped, draft: FolderDraft, need: Need) -> tuple[PlannedItem, Path]:
        existing = self._by_path.get(draft.path)
        if existing is not None and str(existing) in self._owners:
            # its name still belongs to a folder that was renamed at the source after it had been migrated
            suffix = f" [#{item.marker.rpartition('/')[2]}]"
            name = draft.path[-1][: FOLDER_LIMIT - len(suffix)] + suffix
            draft = draft.model_copy(update={"path": (*draft.path[:-1], name)})
            item = noted(item, NoteCode.FOLDER_COLLISION, "title", "another folder holds this name in QA Sphere")
            existing = self._by_path.get(draft.path)
        item = replace(item, draft=draft)
        planned = tried_before(item, draft, self._creates.get(item.marker))
        if planned is None and existing is not None:
            planned = adopted(item, draft, str(existing), "a folder with this path is there already")
        return planned or to_create(item, need), draft.path


def first_folder_says(store: Store, project: str, existing: Sequence[FolderView]) -> bool:
    """Whether the oldest folder that is ours, or will be, has a comment. ``existing``: the folders in QA Sphere."""
    ours = store.ledger.by_ids(project, "folder", [str(folder.id) for folder in existing])
    oldest = min((folder for folder in existing if str(folder.id) in ours), key=lambda folder: folder.id, default=None)
    if oldest:
        return bool(oldest.comment)
    return any(cast(FolderDraft, one.draft).comment for one in store.journal.planned(project, "folder", 1))


def _trouble(planned: PlannedItem) -> str:
    """Why nothing new can be put below this folder."""
    if planned.fate in ("failed", "blocked", "gone"):
        return f"its parent folder {planned.marker} is {planned.fate}"
    return ""


def folder_needs(
    markers: Sequence[str],
    entries: Mapping[str, LedgerEntry],
    states: Mapping[str, tuple[OperationState, str]],
    gone: frozenset[str],
) -> Mapping[str, Need]:
    """Return what a case needs of its folder, by the folder's marker."""
    needs = {}
    for marker in markers:
        entry = entries.get(marker)
        state = states.get(marker, ("", ""))[0]
        trouble = ""
        if marker in gone:
            trouble = f"its folder {marker} was deleted in QA Sphere"
        elif not entry and state in ("failed", "blocked"):
            trouble = f"its folder {marker} is {state}"
        needs[marker] = Need(marker, entry.id if entry else None, trouble)
    return needs
