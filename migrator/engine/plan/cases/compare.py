"""What was sent beside what is read back, field by field.

Texts are compared as people see them: the server escapes and sanitises HTML (``qasphere-api.md`` §1.8), so bytes
would never be equal. A field is known by its name; each custom field is one, ``custom_fields.NAME``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from migrator.core.base import digest_of
from migrator.core.derived import without_derived
from migrator.core.drafts import CaseDraft
from migrator.core.records import Base
from migrator.core.text import markup, visible_text
from migrator.core.views import CaseView

CUSTOM = "custom_fields."
_CUT, _BEFORE = 300, 60
LISTS = ("tags", "links", "requirements", "files")
"""Fields whose elements come and go one by one."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field whose value at QA Sphere is not the one expected."""

    field: str
    expected: str
    found: str


def draft_values(draft: CaseDraft, folder_id: int) -> dict[str, Any]:
    """Return the comparable value of every field of a draft."""
    values: dict[str, Any] = {
        "title": _words(draft.title),
        "folder": folder_id,
        "priority": draft.priority,
        "precondition": visible_text(draft.precondition),
        "steps": [[visible_text(step.description), visible_text(step.expected)] for step in draft.steps],
        "tags": sorted(draft.tags),
        "links": sorted([link.text, link.url] for link in draft.links),
        "files": sorted(file.name for file in draft.files),
        "requirements": sorted([requirement.text, requirement.url] for requirement in draft.requirements),
        "is_draft": draft.is_draft,
    }
    return values | {CUSTOM + name: _words(value) for name, value in draft.custom_fields.items()}


def view_values(view: CaseView) -> dict[str, Any]:
    """Return the comparable value of every field that was seen of a case in QA Sphere."""
    values: dict[str, Any] = {
        "title": _words(view.title),
        "folder": view.folder_id,
        "priority": view.priority,
        "precondition": visible_text(view.precondition),
        "steps": [[visible_text(step.description), visible_text(step.expected)] for step in view.steps],
        "tags": sorted(view.tags),
        "links": sorted([text, url] for text, url in view.links),
        # by name, which no other file of the case has: the ids are not known any more in a new workspace
        "files": sorted(file.name for file in view.files),
        "requirements": sorted([text, url] for text, url in view.requirements),
        "is_draft": view.is_draft,
    }
    seen = {name: value for name, value in values.items() if name not in view.unseen}
    return seen | {CUSTOM + name: _words(visible_text(value)) for name, value in view.custom_fields.items()}


def found_value(values: Mapping[str, Any], field: str) -> Any:
    """Return a field of a view; a custom field that is not there is empty."""
    return values.get(field, "") if field.startswith(CUSTOM) else values.get(field)


def case_differences(draft: CaseDraft, folder_id: int, view: CaseView) -> list[Difference]:
    """Return the fields in which a case differs from its draft, as far as they were seen."""
    expected = draft_values(draft, folder_id)
    found = view_values(view)
    return [
        Difference(name, *shown_apart(value, found_value(found, name)))
        for name, value in expected.items()
        if not is_unseen(view, name) and found_value(found, name) != value
    ]


def is_unseen(view: CaseView, field: str) -> bool:
    """Whether the answer did not hold this field."""
    return field.partition(".")[0] in view.unseen


def fingerprint(view: CaseView) -> dict[str, str]:
    """Return a short digest of every field that was seen, formatting included.

    Only answers of the server are fingerprinted, never drafts: what the server does to markup cancels out.
    """
    values = view_values(view)
    for name, texts in (
        ("precondition", [view.precondition]),
        ("steps", [part for step in view.steps for part in (step.description, step.expected)]),
    ):
        if name in values:
            values[name] = [values[name], [markup(text) for text in texts]]
    return {name: digest_of(value)[:16] for name, value in values.items()}


def base_of(view: CaseView) -> Base:
    """Return the base of a case that has just been written, or found equal to its draft."""
    return Base(fingerprint(view), view.version, prose=_prose(view.precondition))


def base_of_sent(draft: CaseDraft, view: CaseView, edits: Sequence[str]) -> Base:
    """Return the base of a case that somebody has changed before it was read back. For the fields of ``edits`` it is
    what was sent: what stands there now is that person's, and the next merge must see it."""
    base = base_of(view)
    if not edits:
        return base
    sent = draft_values(draft, 0)
    fields = {name: digest_of(sent.get(name, ""))[:16] for name in edits if name in base.fields}
    edited = {name: base.fields[name] for name in fields}
    prose = _prose(draft.precondition) if "precondition" in fields else base.prose
    return replace(base, fields={**base.fields, **fields}, edited=edited, prose=prose)


def has_changed(base: Base, now: Mapping[str, str], field: str) -> bool:
    """Whether a field was changed in QA Sphere since the base; ``now``: the fingerprint of today."""
    before, after = base.fields.get(field), now.get(field)
    if field.startswith(CUSTOM):
        empty = digest_of("")[:16]
        before, after = before or empty, after or empty
    # what was not seen then or is not seen now cannot be called changed
    return before is not None and after is not None and before != after


def rebased(base: Base, now: CaseView, fields: Iterable[str], *, accepted: Iterable[str] = ()) -> Base:
    """Return the base after we wrote, or agreed with, ``fields``: the others keep theirs, so that what people changed
    there stays known as theirs.

    ``accepted``: what people changed and we have accepted; from now on it is what the next merge begins with.
    """
    today = fingerprint(now)
    ours, known = set(fields), set(accepted)
    # what was accepted before stays known as an edit as long as nobody touches it
    known |= {
        name
        for name, value in base.edited.items()
        if name not in ours and base.fields.get(name) == value == today.get(name)
    }
    theirs = {name for name in today if name not in ours | known and has_changed(base, today, name)}
    kept = {name: value for name, value in base.fields.items() if name in theirs}
    edited = {name: today[name] for name in theirs | known if name in today}
    return Base(today | kept, now.version, edited, base.prose if "precondition" in theirs else _prose(now.precondition))


def is_edited(base: Base, today: Mapping[str, str], view: CaseView, field: str) -> bool:
    """Whether somebody changed what is not ours alone in a field since the base."""
    if field == "precondition" and base.prose and not is_unseen(view, field):
        return base.prose != _prose(view.precondition)
    return has_changed(base, today, field)


def _prose(precondition: str) -> str:
    """Return a short digest of the precondition without the lines that are derived from the source."""
    text = without_derived(precondition)
    return digest_of([visible_text(text), markup(text)])[:16]


def shown(value: Any) -> str:
    """Return a value for people, cut to 300 characters."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _CUT else text[:_CUT] + "…"


def shown_apart(one: Any, other: Any) -> tuple[str, str]:
    """Return two different values for people, cut to where they differ when that comes late."""
    left, right = (value if isinstance(value, str) else repr(value) for value in (one, other))
    pairs = enumerate(zip(left, right, strict=False))
    same = next((place for place, (a, b) in pairs if a != b), min(len(left), len(right)))
    start = same - _BEFORE if same > _CUT - _BEFORE and max(len(left), len(right)) > _CUT else 0
    before = "…" if start else ""
    return before + shown(left[start:]), before + shown(right[start:])


def _words(text: str) -> str:
    return " ".join(text.split())
