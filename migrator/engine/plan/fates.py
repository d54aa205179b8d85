"""What a plan may say of an item of any kind, and what the item needs. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from migrator.core.drafts import AnyDraft
from migrator.core.model import Entity
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.mapping import Mapped
from migrator.core.records import Action, Fate, Holding, LedgerEntry, OperationState, PlannedItem, Stamp

FAILED_BEFORE = "it failed before and has not changed; `migrator retry` sends it again"
IN_DOUBT = ("unknown", "sending")
_WITHOUT_DRAFT: Mapping[str, Fate] = {"excluded": "excluded", "folded": "folded", "rejected": "failed"}


@dataclass(frozen=True, slots=True)
class Need:
    """The item that must be in QA Sphere first.

    Args:
        id: its id there.
        trouble: why it will not get there.
    """

    marker: str
    id: str | None = None
    trouble: str = ""


def to_create(item: Mapped, need: Need, stamp: Stamp | None = None) -> PlannedItem:
    """Return an item that has to be created, or that waits for a need that will not come."""
    fate: Fate = "blocked" if need.trouble else "pending"
    return PlannedItem(item, fate, need.trouble, need.marker, "create", stamp=stamp)


def without_write(
    item: Mapped,
    fate: Fate,
    reason: str,
    *,
    action: Action = "",
    holding: Holding | None = None,
    wanted: AnyDraft | None = None,
) -> PlannedItem:
    """Return an item for which nothing is to be sent; ``wanted`` is what would have been."""
    return PlannedItem(replace(item, draft=None), fate, reason, action=action, holding=holding, wanted=wanted)


def noted(item: Mapped, code: NoteCode, field: str, message: str, original: str = "") -> Mapped:
    """Return the item with one more note."""
    note = Note(code=code, marker=item.marker, field=field, original=original, message=message)
    return replace(item, notes=(*item.notes, note))


def without_draft(item: Mapped) -> PlannedItem:
    """Return an item that the mapping gave no draft."""
    return without_write(item, _WITHOUT_DRAFT[item.outcome], item.reason)


def adopted(item: Mapped, draft: AnyDraft, ident: str, reason: str, stamp: Stamp | None = None) -> PlannedItem:
    """Return an item that was found in QA Sphere, under the id ``ident``."""
    entry = LedgerEntry(item.marker, item.kind, ident, None, draft.digest, stamp)
    return without_write(item, "adopted", reason, holding=Holding(entry, draft, None))


def tried_before(item: Mapped, draft: AnyDraft, create: tuple[OperationState, str] | None) -> PlannedItem | None:
    """Return an item that is not sent, because of what became of its create; None when that speaks not against it."""
    if create and create[0] in IN_DOUBT:
        return without_write(item, "unknown", "it was being created when the last run ended")
    return without_write(item, "failed", FAILED_BEFORE) if create == ("failed", draft.digest) else None


def with_shortened_marker(entity: Entity | None, mapped: Mapped) -> Mapped:
    """Return the item with a note when not all of its ids at the source fit into its marker."""
    if entity is None or not entity.ref.is_shortened:
        return mapped
    message = "the ids are too long for a marker; the last ones became a digest"
    return noted(mapped, NoteCode.MARKER_SHORTENED, "", message, "/".join(entity.ref.ids))
