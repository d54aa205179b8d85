"""What the stand-in answers: objects in the vendor's shape (§4.1)."""

from typing import Any

from connectors.qasphere.sandbox.query import Window
from connectors.qasphere.sandbox.store import Case, CustomField, Folder, Project
from connectors.qasphere.sandbox.store_cases import SharedPrecondition, SharedStep
from connectors.qasphere.sandbox.switches import Switches


def project_view(project: Project) -> dict[str, Any]:
    """Return a project (§3.1)."""
    return {
        "id": project.id,
        "code": project.code,
        "title": project.title,
        "description": project.overview,
        "overviewTitle": project.overview_title,
        "overviewDescription": project.overview,
        "links": project.links or None,
        "createdAt": project.created_at,
        "updatedAt": project.created_at,
        "archivedAt": project.archived_at,
    }


def folder_view(project: Project, folder: Folder) -> dict[str, Any]:
    """Return a folder (§3.2)."""
    return {
        "id": folder.id,
        "parentId": folder.parent_id,
        "title": folder.title,
        "comment": folder.comment,
        "projectId": project.id,
        "pos": folder.pos,
    }


def field_view(field: CustomField) -> dict[str, Any]:
    """Return a custom field (§3.7)."""
    return {
        "id": field.id,
        "type": field.type,
        "systemName": field.system_name,
        "name": field.name,
        "required": field.required,
        "enabled": field.enabled,
        "options": [{"id": value, "value": value} for value in field.options] or None,
        "pos": field.pos,
        "allowAllProjects": field.projects is None,
        "allowedProjectIds": None if field.projects is None else list(field.projects),
        "createdAt": field.created_at,
        "updatedAt": field.created_at,
    } | ({} if field.default is None else {"defaultValue": field.default})


def shared_step_view(step: SharedStep) -> dict[str, Any]:
    """Return a shared step (§3.10)."""
    return {
        "id": step.id,
        "version": step.version,
        "type": "shared",
        "title": step.title,
        "isLatest": True,
        "subSteps": step.sub_steps,
    }


def shared_precondition_view(project: Project, row: SharedPrecondition) -> dict[str, Any]:
    """Return a shared precondition (§3.10)."""
    return {
        "projectId": project.id,
        "id": row.id,
        "version": row.version,
        "title": row.title,
        "type": "shared",
        "text": row.text,
        "isLatest": True,
        "createdAt": row.created_at,
        "updatedAt": row.created_at,
    }


def row_view(project: Project, case: Case, includes: set[str], switches: Switches) -> dict[str, Any]:
    """Return a case as a list row: base fields and what was included."""
    row = _base(case)
    if switches.base_rows or "precondition" in includes:
        row["precondition"] = _precondition(project, case)
    if switches.links_in_rows:
        row |= {"comment": case.precondition, "links": case.links or None, "files": case.files or None}
    extras = _extras(project, case)
    if "parameterValues" in includes:
        includes = includes | {"filledTCaseTitleSuffixParams"}
    return row | {name: extras[name] for name in includes if name in extras}


def whole_view(project: Project, case: Case) -> dict[str, Any]:
    """Return a case as the single read does."""
    extras = _extras(project, case)
    names = ("steps", "tags", "requirements", "customFields", "parameterValues", "filledTCaseTitleSuffixParams")
    whole = _base(case) | {name: extras[name] for name in names if name in extras}
    return whole | {
        "precondition": _precondition(project, case),
        "comment": case.precondition,
        "links": case.links or None,
        "files": case.files or None,
    }


def page_view(rows: list[Any], total: int, window: Window, switches: Switches) -> dict[str, Any]:
    """Return a page envelope (§1.9). An empty page is a list, but with limit 0 it is null (addendum to §5)."""
    data = None if window.limit == 0 else rows
    page: dict[str, Any] = {"data": data, "total": total}
    if switches.old_envelope:
        size = window.limit or max(total, 1)
        return page | {"page": window.page or window.offset // size + 1, "limit": size}
    if window.limit is not None:
        page |= {"offset": window.offset, "limit": window.limit}
    if window.page is not None:
        page["page"] = window.page
    return page


def _base(case: Case) -> dict[str, Any]:
    kin: dict[str, Any] = {"templateTCaseId": case.template_id} if case.type == "filled" else {}
    if case.type == "template":
        kin = {"numFilledTCases": len(case.filled)}
    return kin | {
        "id": case.id,
        "legacyId": case.legacy_id,
        "version": case.version,
        "type": case.type,
        "title": case.title,
        "seq": case.seq,
        "folderId": case.folder_id,
        "pos": case.pos,
        "priority": case.priority,
        "authorId": 1,
        "isDraft": case.is_draft,
        "isLatestVersion": True,
        "isEmpty": not case.precondition and not case.steps,
        "createdAt": case.created_at,
        "updatedAt": case.updated_at,
    }


def _precondition(project: Project, case: Case) -> dict[str, Any]:
    if shared := project.shared_preconditions.get(case.shared_precondition or 0):
        return shared_precondition_view(project, shared)
    return {
        "projectId": project.id,
        "id": case.seq,
        "version": case.version,
        "type": "standalone",
        "text": case.precondition,
        "isLatest": True,
        "createdAt": case.created_at,
        "updatedAt": case.updated_at,
    }


def _extras(project: Project, case: Case) -> dict[str, Any]:
    folder = project.folders.get(case.folder_id)
    return _parameters(project, case) | {
        "steps": [_step(step) for step in case.steps],
        "tags": [{"id": project.tags[tag], "title": tag} for tag in case.tags],
        "requirements": case.requirements,
        "customFields": case.custom_fields,
        "folder": folder_view(project, folder) if folder else None,
        "path": _path(project, folder),
        "project": project_view(project),
    }


def _parameters(project: Project, case: Case) -> dict[str, Any]:
    if case.type != "template":
        return {}
    rows = [project.by_id[ident] for ident in case.filled]
    return {
        "parameterValues": [{"tcaseId": row.id, "tcaseVersion": row.version, "values": row.values} for row in rows],
        "filledTCaseTitleSuffixParams": case.suffix_params,
    }


def _step(step: dict[str, Any]) -> dict[str, Any]:
    return {"isLatest": True} | {name: value for name, value in step.items() if name != "sharedStepId"}


def _path(project: Project, folder: Folder | None) -> list[dict[str, Any]]:
    path: list[dict[str, Any]] = []
    while folder is not None:
        path.insert(0, folder_view(project, folder))
        folder = project.folders.get(folder.parent_id)
    return path
