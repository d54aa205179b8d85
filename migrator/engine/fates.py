"""Which fate an item gets, from its mapping and from what the books and QA Sphere know. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from migrator.core.drafts import AnyDraft, CaseDraft
from migrator.core.notes import Note, NoteCode
from migrator.core.ports import Mapped
from migrator.core.store import Fate, FoundCase, LedgerEntry, OperationState, PlannedItem
from migrator.engine.compare import draft_fields, field_digests

_WITHOUT_DRAFT: Mapping[str, Fate] = {"excluded": "excluded", "folded": "folded", "rejected": "failed"}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an item: its place in QA Sphere, its operation (state, digest), a case found by its marker."""

    entry: LedgerEntry | None = None
    operation: tuple[OperationState, str] | None = None
    found: FoundCase | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """The item that must be in QA Sphere first. ``id``: its id there; ``trouble``: why it will not get there."""

    marker: str
    id: str | None = None
    trouble: str = ""


def case_item(item: Mapped, known: Known, need: Need) -> PlannedItem:
    """Return the planned case. An adopted one has no operation; the caller enters it in the ledger."""
    if not isinstance(item.draft, CaseDraft):
        return _settled(item, _WITHOUT_DRAFT[item.outcome], item.reason)
    if known.entry or known.operation:
        before = _known_item(item, item.draft, known)
        if before:
            return before
    if known.found:
        return _found_item(item, item.draft, known.found, need)
    return to_write(item, need)


def to_write(item: Mapped, need: Need) -> PlannedItem:
    """Return an item that has to be written, or that waits for a need that will not come."""
    fate: Fate = "blocked" if need.trouble else "pending"
    return PlannedItem(
        item.marker,
        item.kind,
        item.title,
        fate,
        reason=need.trouble,
        draft=item.draft,
        need=need.marker,
        made=item.made,
        notes=item.notes,
    )


def folder_item(item: Mapped, known: Known, need: Need, existing_id: str | None) -> PlannedItem:
    """Return the planned folder; ``existing_id``: the folder with exactly this path in QA Sphere."""
    if item.draft is None:
        return _settled(item, _WITHOUT_DRAFT[item.outcome], item.reason)
    if known.entry or known.operation:
        before = _known_item(item, item.draft, known)
        if before:
            return before
    if existing_id is not None:
        return _settled(item, "adopted", "a folder with this path is there already")
    return to_write(item, need)


def _known_item(item: Mapped, draft: AnyDraft, known: Known) -> PlannedItem | None:
    """Return the fate that follows from the books alone, or None when the item is to be planned (again)."""
    if known.entry:
        if known.entry.digest == draft.digest:
            return _settled(item, "unchanged", "")
        return _changed(item)
    state, digest = known.operation or ("planned", "")
    if state in ("unknown", "sending"):
        return _settled(item, "unknown", "it was being sent when the last run ended")
    if state == "failed" and digest == draft.digest:
        return _settled(item, "failed", "it failed before and has not changed; `migrator retry` sends it again")
    return None


def _found_item(item: Mapped, draft: CaseDraft, found: FoundCase, need: Need) -> PlannedItem:
    if need.id is None:
        return _settled(item, "conflict", f"case {found.seq} has its marker, but lies in another folder")
    expected = field_digests(draft_fields(draft, int(need.id)))
    names = [name for name, digest in expected.items() if found.fields.get(name) != digest]
    if not names:
        return _settled(item, "adopted", f"case {found.seq} has its marker and the same content")
    return _settled(item, "conflict", f"case {found.seq} has its marker, but differs in {', '.join(names)}")


def _changed(item: Mapped) -> PlannedItem:
    reason = "changed at the source, or mapped by other rules, since it was migrated; `run` does not update"
    note = Note(code=NoteCode.CHANGED_AT_SOURCE, marker=item.marker, message=reason)
    return _settled(item, "pending", reason, (*item.notes, note))


def _settled(item: Mapped, fate: Fate, reason: str, notes: tuple[Note, ...] | None = None) -> PlannedItem:
    return PlannedItem(
        item.marker,
        item.kind,
        item.title,
        fate,
        reason=reason,
        made=item.made,
        notes=item.notes if notes is None else notes,
    )
