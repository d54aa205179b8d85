"""Filling the stand-in with what another tenant holds, under the ids it has there."""

from collections import Counter
from collections.abc import Iterable
from itertools import count

from connectors.qasphere.sandbox.store import Case, CustomField, Folder, Project, Store
from connectors.qasphere.sandbox.store_runs import Milestone


def put_project(store: Store, ident: str, code: str, title: str, *, archived: bool) -> Project:
    """Add an empty project."""
    project = store.add_project(code, title, archived=archived)
    project.id = ident
    return project


def put_field(store: Store, field: CustomField) -> None:
    """Define a custom field."""
    store.custom_fields[field.system_name] = field


def put_status(store: Store, ident: str, name: str, color: str, *, active: bool) -> None:
    """Set a result status; ids that the stand-in does not know are left out."""
    if status := store.statuses.get(ident):
        status.name, status.color, status.is_active = name, color, active


def put_folders(store: Store, project: Project, folders: Iterable[tuple[int, int, str]]) -> None:
    """Add folders: id, id of the parent (0 at the top), title. Folders made later get higher ids."""
    siblings: Counter[int] = Counter()
    for ident, parent, title in folders:
        folder = Folder(ident, parent, title, "", siblings[parent])
        siblings[parent] += 1
        project.folders[ident] = folder
        project.children[parent, title] = folder
    store.folder_ids = count(max((next(store.folder_ids), *(ident + 1 for ident in project.folders))))


def put_milestone(project: Project, ident: int, title: str, archived_at: str | None) -> None:
    """Add a milestone."""
    project.milestones[ident] = Milestone(ident, title, archived_at=archived_at)


def put_case(store: Store, project: Project, case: Case) -> None:
    """Add a case at the end of its folder, under its own id and number."""
    case.pos = project.in_folder[case.folder_id]
    case.steps = store.numbered(case.steps)
    store.add_case(project, case)
    project.last_seq = max(project.last_seq, case.seq)
