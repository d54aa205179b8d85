"""Which fate a case gets, from its mapping and from what the books and QA Sphere know. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from migrator.core.drafts import AnyDraft, CaseDraft
from migrator.core.notes import NoteCode
from migrator.core.ports.mapping import Mapped
from migrator.core.records import Action, Holding, LedgerEntry, OperationState, PlannedItem, SeenCase, Stamp
from migrator.core.views import CaseView
from migrator.engine.job import ConflictPolicy
from migrator.engine.plan.cases.compare import base_of, case_differences, rebased
from migrator.engine.plan.cases.conflicts import conflict_words, policy_notes, resolved
from migrator.engine.plan.cases.merge import Merge, merge, merged_draft, merged_lists
from migrator.engine.plan.fates import FAILED_BEFORE, IN_DOUBT, Need, noted, to_create, without_draft, without_write


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a case.

    Args:
        create, update: state and digest of its operations.
        carriers: the cases of QA Sphere that carry its marker, by number.
        is_there: the ledger's case was seen.
        holding: needed only when the draft is not what the ledger says, as is ``view``.
        view: the ledger's case, or else the first carrier.
        twins: cases without a marker in the same folder, with the same title.
        attainable: the draft without the files and cases that are not in QA Sphere and will not be.
        as_seen: without those that ``view`` does not show.
        placeholder: what ``view`` was made as and still is, when it stands for the test before that was listed.
        folder: the marker of the placeholders' folder, when ``view`` stands there.
    """

    entry: LedgerEntry | None = None
    create: tuple[OperationState, str] | None = None
    update: tuple[OperationState, str] | None = None
    carriers: Sequence[SeenCase] = ()
    is_there: bool = True
    holding: Holding | None = None
    view: CaseView | None = None
    twins: Sequence[SeenCase] = ()
    attainable: CaseDraft | None = None
    as_seen: CaseDraft | None = None
    placeholder: CaseDraft | None = None
    folder: str = ""


@dataclass(frozen=True, slots=True)
class MappedCase:
    """A case as it was mapped, with the folder that it needs and the stamp of what was read.

    ``path``: of that folder, for people.
    """

    mapped: Mapped
    need: Need
    stamp: Stamp
    path: str = ""

    @property
    def draft(self) -> CaseDraft:
        """What it becomes; asked only where it becomes something."""
        return cast(CaseDraft, self.mapped.draft)


def case_item(
    case: MappedCase, known: Known, *, remap: bool = False, conflicts: ConflictPolicy = "report"
) -> PlannedItem:
    """Return the planned case. ``remap``: send what only the rules changed, too."""
    if case.mapped.draft is None:
        return without_draft(case.mapped)
    item, draft = _with_copies(case.mapped, known), case.draft
    case = replace(case, mapped=item)
    if reason := _lost_answer(known):
        return without_write(item, "unknown", reason)
    if known.entry and not known.is_there:
        return _gone(item, known.entry)
    if known.entry:
        return _migrated_before(case, known.entry, known, remap=remap, conflicts=conflicts)
    if known.create == ("failed", draft.digest):
        return without_write(item, "failed", FAILED_BEFORE)
    return _new(case, known)


def _lost_answer(known: Known) -> str:
    """Return which write of it ended without an answer, in words; empty when none has."""
    for operation, what in ((known.create, "created"), (known.update, "updated")):
        if operation and operation[0] in IN_DOUBT:
            return f"it was being {what} when the last run ended"
    return ""


# --- cases that are in the ledger -------------------------------------------------------------------------------------


def _migrated_before(
    case: MappedCase, entry: LedgerEntry, known: Known, *, remap: bool, conflicts: ConflictPolicy
) -> PlannedItem:
    holding, view, item, draft = known.holding, known.view, case.mapped, case.draft
    now = known.attainable or draft
    same_rules = entry.digest == draft.digest
    if entry.is_based and same_rules:
        # files and cases that it names and that arrive late reach it by the load that brings them
        if holding and entry.stamp != case.stamp:
            # the source changed in what no draft shows; without this a later change of rules would look like an edit
            return without_write(item, "unchanged", "", holding=_held(holding, draft, case.stamp, holding.draft))
        return without_write(item, "unchanged", "")
    if holding is None or view is None or not isinstance(holding.draft, CaseDraft) or holding.base is None:
        return _unbased(case, known, entry)
    if known.update == ("failed", draft.digest):
        return without_write(item, "failed", "its update failed before; `migrator retry` sends it again")
    decision = merge(holding.draft, now, holding.base, view)
    item = _with_stuck(item, decision.stuck, case.path)
    if entry.stamp is not None and not case.stamp.differs(entry.stamp) and not same_rules and not remap:
        return _remapped(item, decision)
    return _merged(replace(case, mapped=item), resolved(decision, conflicts), holding, view, now)


def _merged(case: MappedCase, decision: Merge, holding: Holding, view: CaseView, now: CaseDraft) -> PlannedItem:
    """Return a case after its merge; ``now``: its draft, as far as QA Sphere can hold it."""
    before, item = cast(CaseDraft, holding.draft), case.mapped
    item = replace(item, notes=(*item.notes, *policy_notes(item.marker, decision, view)))
    wanted, written = (merged_draft(before, new, decision.stuck) for new in (case.draft, now))
    if decision.conflicts:
        return without_write(item, "conflict", conflict_words(view.seq, decision.conflicts), wanted=wanted)
    # what a policy decides is an operation even when nothing is sent: a plan alone must not end a conflict
    if not decision.send and not decision.kept and not decision.renewed:
        lists = merged_lists(decision, before, now, view, view)
        base = rebased(holding.base, view, decision.agreed, accepted=lists) if holding.base else None
        held = _held(replace(holding, base=base), wanted, case.stamp, written)
        return without_write(item, "unchanged", "", holding=held)
    return _to_update(replace(item, draft=wanted), decision, case.stamp)


def _gone(item: Mapped, entry: LedgerEntry) -> PlannedItem:
    return without_write(item, "gone", f"case {entry.seq} was deleted in QA Sphere; it is not made again")


def _remapped(item: Mapped, decision: Merge) -> PlannedItem:
    fields = ", ".join((*decision.send, *(difference.field for difference in decision.conflicts)))
    if not fields:
        return without_write(item, "unchanged", "")
    item = noted(item, NoteCode.REMAP, fields, "only the rules changed since it was migrated; `--remap` sends it")
    reason = "mapped by other rules than when it was migrated"
    return without_write(item, "unchanged", reason, action="remap", wanted=item.draft)


def _to_update(item: Mapped, decision: Merge, stamp: Stamp) -> PlannedItem:
    reasons = [*decision.send, *(["derived lines of the precondition"] if decision.renewed else [])]
    reasons += [f"{difference.field} stays" for difference in decision.kept]
    action: Action = "update" if decision.send or decision.renewed else "keep"
    return PlannedItem(item, "pending", ", ".join(reasons), action=action, verb="update", stamp=stamp)


def _with_stuck(item: Mapped, stuck: Sequence[str], path: str) -> Mapped:
    told = {
        "folder": (
            "its folder is not the one that the source has for it by now, and QA Sphere's API cannot move a case;"
            f" it should stand in “{path}”",
            path,
        ),
        "is_draft": ("a published case cannot become a draft again", ""),
    }
    for field in stuck:
        item = noted(item, NoteCode.CHANGED_AT_SOURCE, field, *told[field])
    return item


# --- cases that QA Sphere has and the ledger does not know, or not well -----------------------------------------------


def _new(case: MappedCase, known: Known) -> PlannedItem:
    if known.carriers and known.view:
        seen = known.carriers[0]
        entry = LedgerEntry(case.mapped.marker, "case", seen.id, seen.seq, case.draft.digest, case.stamp)
        return _unbased(case, known, entry)
    if known.twins:
        return _suspect(case.mapped, known.twins[0])
    return to_create(case.mapped, case.need, case.stamp)


def _unbased(case: MappedCase, known: Known, entry: LedgerEntry) -> PlannedItem:
    """Adopt a case that has no base when it is equal to the draft; otherwise nobody can say who changed it."""
    item, view, as_seen = case.mapped, known.view, known.as_seen or case.draft
    if view is None:
        return _gone(item, entry)
    names = [difference.field for difference in case_differences(as_seen, int(case.need.id or 0), view)]
    based = Holding(replace(entry, is_based=not names), as_seen, None if names else base_of(view))
    holding = _held(based, case.draft, case.stamp, as_seen)
    if names == ["folder"] and known.folder:
        return _in_another_folder(case, known, replace(entry, is_based=True), as_seen, view)
    if names and known.placeholder:
        return _found_placeholder(case, entry, known.placeholder, view)
    if names:
        reason = f"no base: case {view.seq} has its marker, but differs in {', '.join(names)}"
        return without_write(item, "conflict", reason, action="no_base", holding=holding)
    if known.entry:
        return without_write(item, "unchanged", "", holding=holding)
    return without_write(item, "adopted", f"case {view.seq} has its marker and the same content", holding=holding)


def _in_another_folder(
    case: MappedCase, known: Known, entry: LedgerEntry, as_seen: CaseDraft, view: CaseView
) -> PlannedItem:
    """Adopt a case that was made as a placeholder, and still stands where these do: nothing could be sent."""
    item = _with_stuck(case.mapped, ["folder"], case.path)
    written, wished = (draft.model_copy(update={"folder": known.folder}) for draft in (as_seen, case.draft))
    holding = _held(Holding(entry, written, base_of(view)), wished, case.stamp, written)
    reason = f"case {view.seq} has its marker and the same content, in the folder of placeholders"
    return without_write(item, "unchanged" if known.entry else "adopted", reason, holding=holding)


def _found_placeholder(case: MappedCase, entry: LedgerEntry, placeholder: CaseDraft, view: CaseView) -> PlannedItem:
    """Adopt a placeholder; the load then makes it the test, as far as QA Sphere can follow."""
    decision = merge(placeholder, case.draft, base_of(view), view)
    based = Holding(replace(entry, is_based=True), placeholder, base_of(view))
    holding = _held(based, merged_draft(placeholder, case.draft, decision.stuck), case.stamp, placeholder)
    reason = f"case {view.seq} stands for this test from before the source listed it"
    item = _with_stuck(case.mapped, decision.stuck, case.path)
    return without_write(item, "adopted", reason, holding=holding)


def _suspect(item: Mapped, twin: SeenCase) -> PlannedItem:
    reason = (
        f"case {twin.seq} in the same folder has the same title and no marker. If it is this one, give it a link"
        f" “Source: {item.marker}” in QA Sphere; if not, rename it there. Then run again"
    )
    return without_write(item, "conflict", reason, action="suspect", wanted=item.draft)


def _with_copies(item: Mapped, known: Known) -> Mapped:
    """Name the cases that carry the marker beside the one that counts: the ledger's, else the first."""
    first = known.entry.id if known.entry else known.carriers[0].id if known.carriers else ""
    for case in known.carriers:
        if case.id != first:
            item = noted(
                item, NoteCode.CASE_COPIED, "marker", f"case {case.seq} carries its marker, too", str(case.seq)
            )
    return item


def _held(holding: Holding, wished: CaseDraft, stamp: Stamp, written: AnyDraft) -> Holding:
    entry = replace(holding.entry, digest=wished.digest, stamp=stamp)
    return replace(holding, entry=entry, draft=written, wished=None if written == wished else wished)
