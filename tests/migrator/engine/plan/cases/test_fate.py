"""Which fate an item gets from what is known of it."""

from dataclasses import replace

import pytest

from migrator.core.drafts import CaseDraft, LinkDraft
from migrator.core.ports.mapping import Mapped
from migrator.core.records import Base, Holding, LedgerEntry, PlannedItem, SeenCase, Stamp
from migrator.core.views import CaseView
from migrator.engine.plan.cases.compare import base_of
from migrator.engine.plan.cases.fate import Known, MappedCase, case_item
from migrator.engine.plan.fates import Need
from tests.support.drafts import case_draft, case_view

DRAFT = case_draft(1)
VIEW = case_view(DRAFT)
FOLDER = Need(DRAFT.folder, "70")
THEN, NOW = Stamp("entity-1", "raw-1"), Stamp("entity-2", "raw-2")


def item(draft: CaseDraft = DRAFT) -> Mapped:
    return Mapped(draft.marker, "case", draft.title, "draft", draft)


def seen(ident: str = "c1", seq: int = 5, marker: str = DRAFT.marker) -> SeenCase:
    return SeenCase(ident, seq, marker, 70, DRAFT.title)


def migrated(view: CaseView = VIEW, *, base: Base | None = base_of(VIEW), stamp: Stamp = THEN) -> Known:  # noqa: B008 - immutable
    """A case that was migrated as DRAFT and looks like ``view`` now."""
    entry = LedgerEntry(DRAFT.marker, "case", "c1", 5, DRAFT.digest, stamp, base is not None)
    return Known(entry, ("done", DRAFT.digest), carriers=(seen(),), holding=Holding(entry, DRAFT, base), view=view)


def plan(draft: CaseDraft, known: Known, stamp: Stamp = NOW, *, remap: bool = False) -> PlannedItem:
    return case_item(MappedCase(item(draft), FOLDER, stamp), known, remap=remap)


def codes(planned: PlannedItem) -> list[str]:
    return [str(note.code) for note in planned.notes]


# --- new


def test_a_new_item_is_planned_behind_its_folder() -> None:
    planned = plan(DRAFT, Known())
    assert (planned.fate, planned.action, planned.draft, planned.need) == ("pending", "create", DRAFT, DRAFT.folder)
    assert planned.stamp == NOW


def test_an_item_whose_folder_cannot_come_is_blocked_but_keeps_its_draft() -> None:
    planned = case_item(MappedCase(item(), Need(DRAFT.folder, trouble="its folder failed"), NOW), Known())
    assert (planned.fate, planned.reason, planned.draft) == ("blocked", "its folder failed", DRAFT)


@pytest.mark.parametrize("state", ["sending", "unknown"])
@pytest.mark.parametrize("verb", ["create", "update"])
def test_an_item_in_doubt_is_never_planned_over(state: str, verb: str) -> None:
    known = replace(migrated(), **{verb: (state, DRAFT.digest)})  # type: ignore[arg-type]
    planned = plan(DRAFT.model_copy(update={"title": "New"}), known)
    assert (planned.fate, planned.draft) == ("unknown", None)


def test_a_failed_item_is_planned_again_only_when_it_changed() -> None:
    assert plan(DRAFT, Known(create=("failed", DRAFT.digest))).fate == "failed"
    assert plan(DRAFT, Known(create=("failed", "before"))).fate == "pending"


@pytest.mark.parametrize(("outcome", "fate"), [("excluded", "excluded"), ("folded", "folded"), ("rejected", "failed")])
def test_an_item_without_a_draft_keeps_its_reason(outcome: str, fate: str) -> None:
    mapped = Mapped(DRAFT.marker, "case", "Case", outcome, reason="by rule")  # type: ignore[arg-type]
    planned = case_item(MappedCase(mapped, FOLDER, NOW), Known())
    assert (planned.fate, planned.reason, planned.draft) == (fate, "by rule", None)


def test_a_case_without_marker_of_the_same_title_and_folder_is_suspect_and_held() -> None:
    planned = plan(DRAFT, Known(twins=(seen("c9", 9, ""),)))
    assert (planned.fate, planned.action, planned.draft) == ("conflict", "suspect", None)
    assert "case 9" in planned.reason
    assert f"Source: {DRAFT.marker}" in planned.reason


# --- found by marker


def test_a_case_found_by_its_marker_with_the_same_content_is_adopted_with_its_base() -> None:
    planned = plan(DRAFT, Known(carriers=(seen(),), view=VIEW))
    assert (planned.fate, planned.draft) == ("adopted", None)
    assert planned.holding is not None
    assert (planned.holding.entry.id, planned.holding.base, planned.holding.draft) == ("c1", base_of(VIEW), DRAFT)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "Another"}, "title"),
        ({"folder_id": 71}, "folder"),
        ({"steps": ()}, "steps"),
        ({"tags": ("smoke", "extra")}, "tags"),
    ],
)
def test_a_case_found_by_its_marker_with_other_content_is_a_conflict(changes: dict[str, object], field: str) -> None:
    planned = plan(DRAFT, Known(carriers=(seen(),), view=VIEW.model_copy(update=changes)))
    assert (planned.fate, planned.action, planned.draft) == ("conflict", "no_base", None)
    assert field in planned.reason
    assert planned.holding is not None
    assert planned.holding.base is None


def test_the_ledgers_case_counts_and_a_copy_is_named() -> None:
    known = replace(migrated(), carriers=(seen("c0", 2), seen("c1", 5)))
    planned = plan(DRAFT, known, THEN)
    assert (planned.fate, codes(planned)) == ("unchanged", ["case_copied"])
    assert planned.notes[0].original == "2"


def test_without_a_ledger_the_lowest_number_counts() -> None:
    planned = plan(DRAFT, Known(carriers=(seen("c1", 5), seen("c2", 8)), view=VIEW))
    assert planned.holding is not None
    assert (planned.fate, planned.holding.entry.id, codes(planned)) == ("adopted", "c1", ["case_copied"])


# --- migrated before


def test_an_item_with_the_same_content_is_unchanged_whatever_people_did_there() -> None:
    planned = plan(DRAFT, migrated(VIEW.model_copy(update={"title": "Edited", "version": 2})), THEN)
    assert (planned.fate, planned.draft) == ("unchanged", None)


def test_a_case_that_was_deleted_there_is_gone_and_not_made_again() -> None:
    planned = plan(DRAFT, replace(migrated(), is_there=False))
    assert (planned.fate, planned.draft) == ("gone", None)


def test_what_changed_only_at_the_source_is_an_update() -> None:
    planned = plan(DRAFT.model_copy(update={"title": "New"}), migrated())
    assert (planned.fate, planned.action, planned.verb, planned.reason) == ("pending", "update", "update", "title")


def test_what_changed_on_both_sides_is_a_conflict_with_both_values() -> None:
    planned = plan(
        DRAFT.model_copy(update={"title": "Ours", "priority": "high"}),
        migrated(VIEW.model_copy(update={"title": "Theirs", "version": 2})),
    )
    assert (planned.fate, planned.draft) == ("conflict", None)
    assert "'Ours'" in planned.reason
    assert "'Theirs'" in planned.reason


def test_what_changed_on_both_sides_to_the_same_is_only_remembered() -> None:
    draft = DRAFT.model_copy(update={"title": "Same"})
    planned = plan(draft, migrated(VIEW.model_copy(update={"title": "Same", "version": 2})))
    assert (planned.fate, planned.draft) == ("unchanged", None)
    assert planned.holding is not None
    assert planned.holding.draft == draft
    assert plan(draft, replace(migrated(), holding=planned.holding, entry=planned.holding.entry)).fate == "unchanged"


def test_another_mapping_of_an_unchanged_source_is_shown_and_sent_only_on_request() -> None:
    draft = DRAFT.model_copy(update={"priority": "high"})
    planned = plan(draft, migrated(), THEN)
    assert (planned.fate, planned.action, planned.draft, codes(planned)) == ("unchanged", "remap", None, ["remap"])
    assert plan(draft, migrated(), THEN, remap=True).action == "update"


@pytest.mark.parametrize("stamp", [Stamp("entity-2", "raw-1"), Stamp("entity-1", "raw-2")])
def test_a_newer_reader_of_the_same_source_is_no_change_at_the_source(stamp: Stamp) -> None:
    assert plan(DRAFT.model_copy(update={"priority": "high"}), migrated(), stamp).action == "remap"


def test_a_source_that_changed_without_another_draft_is_remembered() -> None:
    planned = plan(DRAFT, migrated(), NOW)
    assert planned.holding is not None
    assert (planned.fate, planned.holding.entry.stamp) == ("unchanged", NOW)


@pytest.mark.parametrize(("changes", "field"), [({"folder": "another"}, "folder"), ({"is_draft": True}, "is_draft")])
def test_what_the_api_cannot_follow_is_noted_and_the_rest_is_sent(changes: dict[str, object], field: str) -> None:
    planned = plan(DRAFT.model_copy(update={**changes, "title": "New"}), migrated())
    assert (planned.action, codes(planned), planned.notes[0].field) == ("update", ["changed_at_source"], field)
    assert isinstance(planned.draft, CaseDraft)
    assert (planned.draft.folder, planned.draft.is_draft, planned.draft.title) == (DRAFT.folder, False, "New")
    alone = plan(DRAFT.model_copy(update=changes), migrated())
    assert (alone.fate, alone.draft, codes(alone)) == ("unchanged", None, ["changed_at_source"])


def test_a_case_that_was_never_read_back_is_compared_whole() -> None:
    assert plan(DRAFT, migrated(base=None)).fate == "unchanged"
    edited = plan(DRAFT, migrated(VIEW.model_copy(update={"title": "Edited"}), base=None))
    assert (edited.fate, edited.action) == ("conflict", "no_base")


def test_an_update_that_failed_waits_for_retry_until_the_source_changes_again() -> None:
    draft = DRAFT.model_copy(update={"title": "New"})
    known = replace(migrated(), update=("failed", draft.digest))
    assert plan(draft, known).fate == "failed"
    assert plan(draft.model_copy(update={"title": "Newer"}), known).action == "update"


def test_an_element_that_a_colleague_added_is_no_conflict() -> None:
    view = VIEW.model_copy(update={"tags": ("smoke", "theirs"), "version": 2})
    links = (*DRAFT.links, LinkDraft(text="Wiki", url="https://wiki.example/"))
    planned = plan(DRAFT.model_copy(update={"tags": ("smoke", "ours"), "links": links}), migrated(view))
    assert (planned.action, planned.reason) == ("update", "tags, links")


# --- what is not there yet


def test_what_is_wished_is_kept_beside_what_can_be_held_by_now() -> None:
    wished = DRAFT.model_copy(update={"tags": ("smoke", "later"), "title": "New"})
    known = replace(
        migrated(VIEW.model_copy(update={"title": "New"})), attainable=DRAFT.model_copy(update={"title": "New"})
    )
    planned = plan(wished, known)
    assert planned.fate == "unchanged"
    assert planned.holding is not None
    assert (planned.holding.wished, planned.holding.entry.digest) == (wished, wished.digest)
    assert planned.holding.draft == known.attainable
    # once everything can be held, it is sent
    assert plan(wished, replace(known, attainable=None)).action == "update"


def test_what_a_policy_keeps_is_an_operation_though_nothing_is_sent() -> None:
    theirs = migrated(VIEW.model_copy(update={"title": "Theirs"}))
    ours = MappedCase(item(DRAFT.model_copy(update={"title": "Ours"})), FOLDER, NOW)
    kept = case_item(ours, theirs, conflicts="destination")
    assert (kept.fate, kept.action, kept.verb) == ("pending", "keep", "update")
    assert case_item(ours, theirs, conflicts="source").action == "update"
    assert case_item(ours, theirs).fate == "conflict"


def test_a_colleagues_text_whose_derived_lines_are_renewed_is_an_update_though_no_field_is_sent() -> None:
    def dated(day: int) -> str:
        return f"<p>Signed in</p><ul><li><strong>Updated:</strong> 2024-03-0{day}</li></ul>"

    before, now = (DRAFT.model_copy(update={"precondition": dated(day)}) for day in (1, 2))
    held = Holding(
        LedgerEntry(DRAFT.marker, "case", "c1", 5, before.digest, THEN, True), before, base_of(case_view(before))
    )
    noted = case_view(before).model_copy(update={"precondition": "<p>Ask Ada</p>" + dated(1)})
    planned = plan(now, Known(held.entry, ("done", ""), carriers=(seen(),), holding=held, view=noted))
    assert (planned.fate, planned.action, planned.reason) == ("pending", "update", "derived lines of the precondition")
