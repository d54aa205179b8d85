"""Between QA Sphere's JSON and our words; pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.qasphere.refusals import sendable
from connectors.qasphere.wire.case_bodies import CaseChange, NewCase
from connectors.qasphere.wire.cases import Case, CustomField, Folder, Step
from migrator.core.drafts import CaseDraft, LinkDraft, RequirementDraft, StepDraft
from migrator.core.refs import MARKER_LABEL
from migrator.core.views import CasePatch, CaseView, CustomFieldView, FolderView, StepView, StoredFile


def case_view(wire: Case, marker_field: str) -> CaseView:
    """Return the case in our words."""
    fields = {name: value.value for name, value in (wire.custom_fields or {}).items()}
    in_field = fields.pop(marker_field, "")
    links = tuple((link.text, link.url) for link in wire.links or [])
    in_links = [text.removeprefix(MARKER_LABEL) for text, _ in links if text.startswith(MARKER_LABEL)]
    return CaseView(
        id=wire.id,
        seq=wire.seq,
        title=wire.title,
        folder_id=wire.folder_id,
        priority=wire.priority,
        precondition=wire.precondition.text if wire.precondition else "",
        steps=tuple(step for row in wire.steps or [] for step in _steps(row)),
        tags=tuple(tag.title for tag in wire.tags or []),
        links=links,
        custom_fields=fields,
        is_draft=wire.is_draft,
        files=tuple(
            StoredFile(id=file.id, name=file.file_name, media_type=file.mime_type, size=file.size, url=file.url)
            for file in wire.files or []
        ),
        markers=tuple(dict.fromkeys(marker for marker in (in_field, *in_links) if marker)),
        marker_in_field=in_field,
        version=wire.version,
        requirements=tuple((row.text, row.url) for row in wire.requirements or []),
        unseen=_unseen(wire),
    )


def _unseen(wire: Case) -> frozenset[str]:
    given = {
        "precondition": wire.precondition is not None,
        "steps": wire.steps is not None,
        "tags": wire.tags is not None,
        "links": "links" in wire.model_fields_set,
        "files": "files" in wire.model_fields_set,
        "requirements": "requirements" in wire.model_fields_set,
        "custom_fields": wire.custom_fields is not None,
    }
    return frozenset(name for name, is_there in given.items() if not is_there)


def _steps(row: Step) -> list[StepView]:
    if row.sub_steps:
        return [StepView(description=step.description, expected=step.expected) for step in row.sub_steps]
    return [StepView(description=row.description, expected=row.expected)]


def folder_view(wire: Folder) -> FolderView:
    """Return the folder in our words."""
    comment = (wire.comment or "") if "comment" in wire.model_fields_set else None
    return FolderView(id=wire.id, parent_id=wire.parent_id or None, title=wire.title, comment=comment)


def usable_field(wire: CustomField, project_id: str) -> bool:
    """Return whether a custom field is enabled for a project (§3.7)."""
    return wire.enabled and (wire.allow_all_projects or project_id in wire.allowed_project_ids)


def custom_field_view(wire: CustomField) -> CustomFieldView:
    """Return the custom field in our words."""
    return CustomFieldView(
        system_name=wire.system_name,
        name=wire.name,
        type=wire.type,
        required=wire.required,
        has_default=bool(wire.default_value),
        options=tuple(option.value for option in wire.options),
    )


def case_body(draft: CaseDraft, folder_id: int, files: Sequence[StoredFile], marker_field: str | None) -> NewCase:
    """Return the body of a create (§3.4); with ``marker_field`` the marker goes into that custom field too."""
    values = dict(draft.custom_fields)
    if marker_field:
        values[marker_field] = draft.marker
    body: dict[str, Any] = {
        "title": draft.title,
        "type": "standalone",
        "folderId": folder_id,
        "priority": draft.priority,
        "precondition": {"text": draft.precondition},
        "steps": _step_bodies(draft.steps),
        "tags": list(draft.tags),
        "links": _link_bodies(draft.links),
        "requirements": _link_bodies(draft.requirements),
        "customFields": _field_bodies(values),
        "isDraft": draft.is_draft,
    }
    return sendable(NewCase, body | {"files": _file_bodies(files)} if files else body)


def patch_body(patch: CasePatch) -> CaseChange:
    """Return the body of an update (§3.5): only what changes."""
    body: dict[str, Any] = {
        "title": patch.title,
        "priority": patch.priority,
        "isDraft": patch.is_draft,
        "precondition": None if patch.precondition is None else {"text": patch.precondition},
        "steps": None if patch.steps is None else _step_bodies(patch.steps),
        "tags": None if patch.tags is None else list(patch.tags),
        "links": None if patch.links is None else _link_bodies(patch.links),
        "files": None if patch.files is None else _file_bodies(patch.files),
        "requirements": None if patch.requirements is None else _link_bodies(patch.requirements),
        "customFields": None if patch.custom_fields is None else _field_bodies(patch.custom_fields),
    }
    return sendable(CaseChange, body)


def _step_bodies(steps: Sequence[StepDraft]) -> list[dict[str, str]]:
    return [{"description": step.description, "expected": step.expected} for step in steps]


def _link_bodies(links: Sequence[LinkDraft | RequirementDraft]) -> list[dict[str, str]]:
    return [{"text": link.text, "url": link.url} for link in links]


def _file_bodies(files: Sequence[StoredFile]) -> list[dict[str, Any]]:
    """Return the elements of ``files`` (A-21); the server keeps name, type and size as they are declared."""
    rows = [{"id": file.id, "fileName": file.name, "mimeType": file.media_type, "size": file.size} for file in files]
    return [row | ({"url": file.url} if file.url else {}) for row, file in zip(rows, files, strict=True)]


def _field_bodies(values: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    return {name: {"value": value, "isDefault": False} for name, value in values.items()}
