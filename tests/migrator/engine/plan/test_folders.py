"""Where folders are, or will be, in QA Sphere."""

from typing import Any

import pytest

from migrator.core.drafts import FolderDraft
from migrator.core.ports.mapping import FolderPlan, Mapped
from migrator.core.records import Holding, LedgerEntry, PlannedItem
from migrator.engine.plan.fates import Need
from migrator.engine.plan.folders import FolderPlanner, folder_needs

A = FolderDraft(marker="a", path=("A",))
B = FolderDraft(marker="b", path=("A", "B"))


def planned(*drafts: FolderDraft, **known: Any) -> list[PlannedItem]:
    """Plan folders; ``known``: what is there, by the name of the argument."""
    world: dict[str, Any] = {"existing": {}, "entries": {}, "owners": {}, "creates": {}} | known
    planner = FolderPlanner(Need("p", "P1"), **world)
    items = tuple(Mapped(draft.marker, "folder", draft.path[-1], "draft", draft) for draft in drafts)
    return planner.items(FolderPlan(items, {}))


def held(draft: FolderDraft, ident: str) -> Holding:
    return Holding(LedgerEntry(draft.marker, "folder", ident, None, draft.digest), draft, None)


def test_a_folder_is_adopted_by_its_path_or_made_below_its_parent() -> None:
    above, below = planned(A, B, existing={7: ("A",)})
    assert (above.fate, above.draft) == ("adopted", None)
    assert above.holding is not None
    assert (above.holding.entry.id, above.holding.draft) == ("7", A)
    assert (below.fate, below.action, below.need, below.draft) == ("pending", "create", "a", B)


@pytest.mark.parametrize("state", ["unknown", "sending"])
def test_one_in_doubt_is_neither_made_again_nor_adopted(state: str) -> None:
    (found,) = planned(A, existing={7: ("A",)}, creates={"a": (state, A.digest)})
    assert (found.fate, found.draft, found.holding) == ("unknown", None, None)


def test_one_that_failed_waits_for_a_change_and_blocks_what_lies_in_it() -> None:
    above, below = planned(A, B, creates={"a": ("failed", A.digest)})
    assert (above.fate, above.draft) == ("failed", None)
    assert (below.fate, below.reason) == ("blocked", "its parent folder a is failed")
    deepest = planned(A, B, FolderDraft(marker="c", path=("A", "B", "C")), creates={"a": ("failed", A.digest)})[-1]
    assert (deepest.fate, deepest.reason) == ("blocked", "its parent folder b is blocked")
    (changed,) = planned(A, creates={"a": ("failed", "of another draft")})
    assert changed.fate == "pending"


def test_what_is_new_goes_where_a_migrated_folder_is_now() -> None:
    above, below = planned(A, B, entries={"a": held(A, "7")}, existing={7: ("Moved", "A")})
    assert (above.fate, above.notes, above.wanted) == ("unchanged", (), None)
    assert isinstance(below.draft, FolderDraft)
    assert below.draft.path == ("Moved", "A", "B")


def test_one_that_was_renamed_at_the_source_is_named_once_and_stays() -> None:
    renamed = FolderDraft(marker="a", path=("Z",))
    (found,) = planned(renamed, entries={"a": held(A, "7")}, existing={7: ("A",)})
    assert [note.code.value for note in found.notes] == ["changed_at_source"]
    assert (found.fate, found.draft, found.wanted) == ("unchanged", None, renamed)
    (followed,) = planned(renamed, entries={"a": held(A, "7")}, existing={7: ("Z",)})
    assert followed.notes == ()


def test_a_deleted_one_is_gone_with_what_would_lie_in_it() -> None:
    above, below = planned(A, B, entries={"a": held(A, "7")})
    assert (above.fate, below.fate) == ("gone", "blocked")


def test_a_name_that_a_renamed_folder_still_holds_gets_its_id() -> None:
    (found,) = planned(A, existing={7: ("A",)}, owners={"7": held(B, "7")})
    assert isinstance(found.draft, FolderDraft)
    assert found.draft.path == ("A [#a]",)
    assert [note.code.value for note in found.notes] == ["folder_collision"]


def test_what_a_case_needs_of_its_folder() -> None:
    entry = LedgerEntry("a", "folder", "7", None, A.digest)
    needs = folder_needs(
        ["a", "b", "c", "d"],
        {"a": entry},
        {"a": ("failed", ""), "b": ("failed", ""), "d": ("done", "")},
        frozenset("c"),
    )
    assert needs["a"] == Need("a", "7")
    assert needs["b"] == Need("b", None, "its folder b is failed")
    assert needs["c"] == Need("c", None, "its folder c was deleted in QA Sphere")
    assert needs["d"] == Need("d")
