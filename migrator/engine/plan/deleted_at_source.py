"""Plan: items that are in QA Sphere and have left the source. Nothing is deleted; they are named, or tagged."""

from collections.abc import Sequence
from dataclasses import replace

from migrator.core.drafts import CaseDraft
from migrator.core.errors import CeilingReached
from migrator.core.model import Entity, ItemKind
from migrator.core.notes import Note, NoteCode
from migrator.core.plural import plural
from migrator.core.ports.mapping import Mapped
from migrator.core.records import DeletedItem, DeletedParts, DeletedResults, Holding, PlannedItem, Round
from migrator.engine.job import DELETED_TAG, DeletionRules
from migrator.engine.plan.fates import IN_DOUBT
from state.store import Store

KINDS: tuple[ItemKind, ...] = ("folder", "case", "milestone", "run")
_NAMED = 5
_NAMED_RESULTS = 3


def refuse_mass_deletion(
    store: Store, current: Round, deletions: DeletionRules, on_pages: Sequence[Entity], of: int
) -> None:
    """Raise ``CeilingReached`` when more has left since the last round than may: the source may not show all of it.

    ``on_pages``: what has left of the items that stand on pages; ``of``: how many these are.
    """
    count = len(on_pages)
    named = [f"{item.ref.kind.replace('_', ' ')} “{item.title}”" for item in on_pages[:_NAMED]]
    for item in store.deleted.each(current, KINDS):
        count += item.is_new
        if item.is_new and len(named) < _NAMED:
            named.append(f"{item.holding.entry.kind} “{item.title}”")
    total = of + sum(store.ledger.count(current.project, kind) for kind in KINDS)
    ceiling = deletions.ceiling(total)
    if count <= ceiling:
        return
    raise CeilingReached(
        f"{count} of {total} {plural(total, 'item')} {plural(count, 'has', 'have')} left project {current.project}"
        " since the last time; nothing was written",
        cause=f"at most {ceiling} may by sync.max_deletions and sync.max_deleted_share. Among them: {', '.join(named)}",
        next_step="look whether the source shows this user everything; if they were deleted, raise the setting that"
        " stands in the way for one run of `migrator sync`",
    )


def deleted_item(item: DeletedItem, deletions: DeletionRules, *, is_there: bool, in_doubt: bool) -> PlannedItem:
    """Return the fate of an item that has left the source. ``is_there``: QA Sphere still has it."""
    holding = item.holding
    entry = holding.entry
    what = f"case {entry.seq}" if entry.kind == "case" else f"the {entry.kind}"
    note = Note(
        code=NoteCode.DELETED_AT_SOURCE,
        marker=entry.marker,
        original=item.title,
        message=f"it is not at the source any more; {what} stays in QA Sphere",
    )
    mapped = Mapped(entry.marker, entry.kind, item.title, notes=(note,))
    # a run that comes back is not mapped again, and nobody would say any more what it lost
    planned = PlannedItem(mapped, "unchanged", reason=note.message, keeps_notes=entry.kind == "run")
    if not is_there:
        return replace(
            planned, fate="gone", reason="it was deleted on both sides", mapped=replace(planned.mapped, notes=())
        )
    if in_doubt:
        return replace(planned, fate="unknown", reason="it was being updated when the last run ended")
    tagged = _tagged(holding) if deletions.tag else None
    if tagged is None:
        return planned
    # without a stamp, because an item that comes back as it was has changed all the same: the tag has to go
    return PlannedItem(
        replace(planned.mapped, draft=tagged), "pending", f"tag {DELETED_TAG}", action="update", verb="update"
    )


def deleted_items(
    store: Store, current: Round, found: Sequence[DeletedItem], deletions: DeletionRules
) -> list[PlannedItem]:
    """Return the fates of some items that have left the source."""
    markers = [item.holding.entry.marker for item in found]
    updates = store.journal.operation_states(markers, "update")
    cases = [item.holding.entry.id for item in found if item.holding.entry.kind == "case"]
    there = store.snapshots.by_id(current.project, "plan", cases)
    return [
        deleted_item(
            item,
            deletions,
            is_there=item.holding.entry.kind != "case" or item.holding.entry.id in there,
            in_doubt=updates.get(item.holding.entry.marker, ("done", ""))[0] in IN_DOUBT,
        )
        for item in found
    ]


def left_unexamined(store: Store, current: Round, project: str, on_pages: Sequence[Entity]) -> list[Note]:
    """Return a note of the project on what has left, where no sync examines whether that may be.

    One for all: a note at an item says that a sync was not stopped by its leaving, and the next one has to be. What
    syncs have named is no item of this round, and counted with the rest.

    Args:
        project: its marker.
        on_pages: what has left of the items that stand on pages.
    """
    names = [item.title for item in on_pages]
    names += [item.title for item in store.deleted.each(current, KINDS)]
    if not names:
        return []
    more = [f"and {len(names) - _NAMED} more"] if len(names) > _NAMED else []
    message = (
        f"{len(names)} {plural(len(names), 'item has', 'items have')} left the source, or this user sees less of it;"
        " `migrator sync` names each, or asks whether that can be"
    )
    original = "; ".join([*names[:_NAMED], *more])
    return [Note(code=NoteCode.DELETED_AT_SOURCE, marker=project, field="items", original=original, message=message)]


def note_what_left(store: Store, current: Round, beside: Sequence[Note], *, results: bool) -> None:
    """Note at each item what of it has left the source, and with ``results`` at each run how many results; what was
    noted before is taken back. Parts are noted in every round, because every round takes them off their items.

    They count towards no ceiling: a run that is cleaned up takes thousands with it, where five items may always leave.
    ``beside``: what else is to be noted.
    """
    found = list(store.deleted.results(current, _NAMED_RESULTS)) if results else []
    planned = store.planning.planned_items(current, [one.run for one in found])
    # nothing at the source stands any more for a group all of whose runs have left
    rest = [one for one in found if one.run not in planned]
    store.planning.put_items(
        current, [PlannedItem(Mapped(one.run, "run", one.title, made=True), "unchanged") for one in rest]
    )
    parts = list(store.deleted.parts(current))
    store.deleted.take_off(current, parts)
    store.deleted.put_notes(
        current, [*beside, *map(_results_note, found), *(_parts_note(one) for one in parts if one.parts)]
    )


def _parts_note(found: DeletedParts) -> Note:
    names = list(found.parts.values())
    more = len(names) - _NAMED
    return Note(
        code=NoteCode.PARTS_DELETED_AT_SOURCE,
        marker=found.marker,
        field="parts",
        original="; ".join([*names[:_NAMED], *([f"and {more} more"] if more > 0 else [])]),
        message=f"{len(names)} of its files, remarks and links left the source since, and with it this item",
    )


def _results_note(found: DeletedResults) -> Note:
    more = found.count - len(found.names)
    return Note(
        code=NoteCode.RESULTS_DELETED_AT_SOURCE,
        marker=found.run,
        field="results",
        original="; ".join([*found.names, *([f"and {more} more"] if more else [])]),
        message="1 of its results is not at the source any more; it stays in QA Sphere"
        if found.count == 1
        else f"{found.count} of its results are not at the source any more; they stay in QA Sphere",
    )


def _tagged(holding: Holding) -> CaseDraft | None:
    """Return what the case is to hold, None when it has the tag, or cannot be changed without knowing its base."""
    draft = holding.wished or holding.draft
    if not isinstance(draft, CaseDraft) or holding.base is None or DELETED_TAG in draft.tags:
        return None
    return draft.model_copy(update={"tags": (*draft.tags, DELETED_TAG)})
