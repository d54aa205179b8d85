"""Between QA Sphere's JSON and our words; pure."""

from typing import Any

from connectors.qasphere.wire import WireCase, WireCustomField, WireFolder, WireStep
from migrator.core.drafts import CaseDraft
from migrator.core.ports import CaseView, CustomFieldView, FolderView, StepView
from migrator.core.refs import MARKER_LABEL


def is_whole(row: WireCase) -> bool:
    """Return whether a list row holds everything a case has (A-19 is doubtful)."""
    return None not in (row.precondition, row.steps, row.tags, row.custom_fields) and "links" in row.model_fields_set


def case_view(wire: WireCase, marker_field: str) -> CaseView:
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
        markers=tuple(dict.fromkeys(marker for marker in (in_field, *in_links) if marker)),
    )


def _steps(row: WireStep) -> list[StepView]:
    if row.sub_steps:
        return [StepView(description=step.description, expected=step.expected) for step in row.sub_steps]
    return [StepView(description=row.description, expected=row.expected)]


def folder_view(wire: WireFolder) -> FolderView:
    """Return the folder in our words."""
    return FolderView(id=wire.id, parent_id=wire.parent_id or None, title=wire.title)


def usable_field(wire: WireCustomField, project_id: str) -> bool:
    """Return whether a custom field is enabled for a project (§3.7)."""
    return wire.enabled and (wire.allow_all_projects or project_id in wire.allowed_project_ids)


def custom_field_view(wire: WireCustomField) -> CustomFieldView:
    """Return the custom field in our words."""
    return CustomFieldView(
        system_name=wire.system_name,
        name=wire.name,
        type=wire.type,
        required=wire.required,
        has_default=bool(wire.default_value),
        options=tuple(option.value for option in wire.options),
    )


def case_body(draft: CaseDraft, folder_id: int, marker_field: str | None) -> dict[str, Any]:
    """Return the body of a create (§3.4); with ``marker_field`` the marker goes into that custom field too."""
    values = dict(draft.custom_fields)
    if marker_field:
        values[marker_field] = draft.marker
    return {
        "title": draft.title,
        "type": "standalone",
        "folderId": folder_id,
        "priority": draft.priority,
        "precondition": {"text": draft.precondition},
        "steps": [{"description": step.description, "expected": step.expected} for step in draft.steps],
        "tags": list(draft.tags),
        "links": [{"text": link.text, "url": link.url} for link in draft.links],
        "customFields": {name: {"value": value, "isDefault": False} for name, value in values.items()},
        "isDraft": draft.is_draft,
    }
