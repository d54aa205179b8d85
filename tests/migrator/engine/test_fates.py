"""Which fate an item gets from what is known of it."""

import pytest

from migrator.core.ports import CaseView, Mapped, StepView
from migrator.core.store import FoundCase, LedgerEntry
from migrator.engine.compare import field_digests, view_fields
from migrator.engine.fates import Known, Need, case_item
from tests.support.drafts import case_draft

DRAFT = case_draft(1)
ITEM = Mapped(DRAFT.marker, "case", DRAFT.title, "draft", DRAFT)
FOLDER = Need(DRAFT.folder, "70")


def view(**changes: object) -> CaseView:
    fields = {
        "id": "c1",
        "seq": 5,
        "title": DRAFT.title,
        "folder_id": 70,
        "priority": "medium",
        "precondition": "<p>Signed&#32;in</p>",
        "steps": (StepView(description="<p>Open &amp; wait</p>", expected="It opens"),),
        "tags": ("smoke",),
        "links": tuple((link.text, link.url) for link in DRAFT.links),
        "custom_fields": {},
        "is_draft": False,
        "markers": (DRAFT.marker,),
    }
    return CaseView.model_validate(fields | changes)


def found(**changes: object) -> Known:
    return Known(found=FoundCase(DRAFT.marker, "c1", 5, field_digests(view_fields(view(**changes)))))


def test_a_new_item_is_planned_behind_its_folder() -> None:
    planned = case_item(ITEM, Known(), FOLDER)
    assert (planned.fate, planned.draft, planned.need) == ("pending", DRAFT, DRAFT.folder)


def test_an_item_whose_folder_cannot_come_is_blocked_but_keeps_its_draft() -> None:
    planned = case_item(ITEM, Known(), Need(DRAFT.folder, trouble="its folder failed"))
    assert (planned.fate, planned.reason, planned.draft) == ("blocked", "its folder failed", DRAFT)


def test_an_item_in_the_ledger_with_the_same_content_is_unchanged() -> None:
    known = Known(entry=LedgerEntry(DRAFT.marker, "case", "c1", 5, DRAFT.digest))
    planned = case_item(ITEM, known, FOLDER)
    assert (planned.fate, planned.draft) == ("unchanged", None)


def test_an_item_that_changed_after_it_was_migrated_is_said_and_not_sent() -> None:
    known = Known(entry=LedgerEntry(DRAFT.marker, "case", "c1", 5, "another digest"))
    planned = case_item(ITEM, known, FOLDER)
    assert (planned.fate, planned.draft) == ("pending", None)
    assert [note.code for note in planned.notes] == ["changed_at_source"]


@pytest.mark.parametrize("state", ["sending", "unknown"])
def test_an_item_in_doubt_is_never_planned_over(state: str) -> None:
    planned = case_item(ITEM, Known(operation=(state, DRAFT.digest)), FOLDER)  # type: ignore[arg-type]
    assert (planned.fate, planned.draft) == ("unknown", None)


def test_a_failed_item_is_planned_again_only_when_it_changed() -> None:
    assert case_item(ITEM, Known(operation=("failed", DRAFT.digest)), FOLDER).fate == "failed"
    assert case_item(ITEM, Known(operation=("failed", "before")), FOLDER).fate == "pending"


def test_a_case_found_by_its_marker_with_the_same_content_is_adopted() -> None:
    planned = case_item(ITEM, found(), FOLDER)
    assert (planned.fate, planned.draft) == ("adopted", None)


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
    planned = case_item(ITEM, found(**changes), FOLDER)
    assert planned.fate == "conflict"
    assert field in planned.reason


@pytest.mark.parametrize(("outcome", "fate"), [("excluded", "excluded"), ("folded", "folded"), ("rejected", "failed")])
def test_an_item_without_a_draft_keeps_its_reason(outcome: str, fate: str) -> None:
    item = Mapped(DRAFT.marker, "case", "Case", outcome, reason="by rule")  # type: ignore[arg-type]
    planned = case_item(item, Known(), FOLDER)
    assert (planned.fate, planned.reason, planned.draft) == (fate, "by rule", None)
