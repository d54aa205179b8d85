"""What is done about conflicts and about items that have left the source. Pure."""

from dataclasses import replace

import orjson

from migrator.core.notes import Note, NoteCode
from migrator.core.views import CaseView
from migrator.engine.job import ConflictPolicy
from migrator.engine.plan.cases.compare import CUSTOM, Difference
from migrator.engine.plan.cases.merge import Merge


def resolved(decision: Merge, policy: ConflictPolicy) -> Merge:
    """Return the merge with its conflicts decided; with ``report`` they stay for a person."""
    if policy == "report" or not decision.conflicts:
        return decision
    if policy == "destination":
        return replace(decision, conflicts=(), kept=decision.conflicts)
    fields = tuple(difference.field for difference in decision.conflicts)
    return replace(decision, conflicts=(), overwritten=decision.conflicts, send=(*decision.send, *fields))


def policy_notes(marker: str, decision: Merge, view: CaseView) -> tuple[Note, ...]:
    """Return a note per decided conflict, which keeps the value that lost, whole where it is QA Sphere's."""
    overwritten = [
        Note(
            code=NoteCode.CONFLICT_OVERWRITTEN,
            marker=marker,
            field=difference.field,
            original=_whole(view, difference.field),
            message=f"changed on both sides; the source's value goes over QA Sphere's in case {view.seq}",
        )
        for difference in decision.overwritten
    ]
    kept = [
        Note(
            code=NoteCode.CONFLICT_KEPT,
            marker=marker,
            field=difference.field,
            original=difference.expected,
            message=f"changed on both sides; case {view.seq} keeps QA Sphere's value, not the source's",
        )
        for difference in decision.kept
    ]
    return (*overwritten, *kept)


def conflict_words(seq: int, conflicts: tuple[Difference, ...]) -> str:
    """Say what was changed on both sides, with both values."""
    parts = [
        f"{difference.field} (source: {difference.expected!r}, QA Sphere: {difference.found!r})"
        for difference in conflicts
    ]
    return f"case {seq} was changed on both sides since it was migrated: {'; '.join(parts)}"


def _whole(view: CaseView, field: str) -> str:
    if field.startswith(CUSTOM):
        return view.custom_fields.get(field.removeprefix(CUSTOM), "")
    value = view.model_dump(mode="json")[field]
    return value if isinstance(value, str) else orjson.dumps(value).decode()
