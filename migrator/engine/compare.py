"""What was sent beside what is read back, field by field.

Texts are compared as people see them: the server escapes and sanitises HTML (``qasphere-api.md`` §1.8), so bytes
would never be equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from migrator.core.base import digest_of
from migrator.core.drafts import CaseDraft
from migrator.core.ports import CaseView
from migrator.core.text import visible_text


@dataclass(frozen=True, slots=True)
class Difference:
    """A field whose value at QA Sphere is not the one expected."""

    field: str
    expected: str
    found: str


def draft_fields(draft: CaseDraft, folder_id: int) -> dict[str, Any]:
    """Return the comparable value of every field of a draft."""
    return {
        "title": _words(draft.title),
        "folder": folder_id,
        "priority": draft.priority,
        "precondition": visible_text(draft.precondition),
        "steps": [[visible_text(step.description), visible_text(step.expected)] for step in draft.steps],
        "tags": sorted(draft.tags),
        "links": sorted([link.text, link.url] for link in draft.links),
        "custom_fields": {name: _words(value) for name, value in draft.custom_fields.items() if value},
        "is_draft": draft.is_draft,
    }


def view_fields(view: CaseView, field_names: frozenset[str] | None = None) -> dict[str, Any]:
    """Return the comparable value of every field of a case in QA Sphere.

    ``field_names``: the custom fields to look at; others may hold defaults of the server. None: all.
    """
    return {
        "title": _words(view.title),
        "folder": view.folder_id,
        "priority": view.priority,
        "precondition": visible_text(view.precondition),
        "steps": [[visible_text(step.description), visible_text(step.expected)] for step in view.steps],
        "tags": sorted(view.tags),
        "links": sorted([text, url] for text, url in view.links),
        "custom_fields": {
            name: _words(visible_text(value))
            for name, value in view.custom_fields.items()
            if value and (field_names is None or name in field_names)
        },
        "is_draft": view.is_draft,
    }


def case_differences(draft: CaseDraft, folder_id: int, view: CaseView) -> list[Difference]:
    """Return the fields in which a case differs from its draft."""
    expected = draft_fields(draft, folder_id)
    found = view_fields(view, frozenset(draft.custom_fields))
    return [
        Difference(name, _shown(value), _shown(found[name])) for name, value in expected.items() if found[name] != value
    ]


def field_digests(fields: Mapping[str, Any]) -> dict[str, str]:
    """Return one short digest per field."""
    return {name: digest_of(value)[:16] for name, value in fields.items()}


def _words(text: str) -> str:
    return " ".join(text.split())


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 300 else text[:300] + "…"
