"""Folders: hostile names, collisions, orphans, rings, rules; names never depend on the order of arrival."""

from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.folders import plan_folders
from mappings.rules import ProjectRules
from migrator.core.drafts import FolderDraft
from migrator.core.model import Folder
from migrator.core.ports.mapping import FolderPlan
from tests.support.drafts import ref

PROJECT = ref("project", "12")


def folder(ident: int, title: str, parent: int | None = None, *, active: bool = True) -> Folder:
    above = ref("folder", "12", str(parent)) if parent else None
    return Folder(ref=ref("folder", "12", str(ident)), title=title, parent=above, active=active)


def planned(*folders: Folder, used: dict[str, str | None] | None = None, **rules: object) -> FolderPlan:
    settings_ = ProjectRules.model_validate({"source": "12", "destination": "SHOP", **rules})
    return plan_folders(PROJECT, settings_, folders, used or {})


def paths(plan: FolderPlan) -> list[tuple[str, ...]]:
    return [item.draft.path for item in plan.items if isinstance(item.draft, FolderDraft)]


def codes(plan: FolderPlan) -> list[str]:
    return [note.code for item in plan.items for note in item.notes]


def test_parents_come_first_and_siblings_keep_their_order() -> None:
    plan = planned(folder(3, "C", 1), folder(1, "A"), folder(2, "B"), folder(4, "D", 1))
    assert paths(plan) == [("A",), ("A", "C"), ("A", "D"), ("B",)]


def test_hostile_names_are_mended_and_noted() -> None:
    plan = planned(folder(1, "a/b"), folder(2, "  x \n y "), folder(3, ""), folder(4, "n" * 300), folder(5, "tab\x07"))
    names = [path[0] for path in paths(plan)]
    assert names[0] == "a\u2215b"
    assert names[1:3] == ["x y", "(unnamed)"]
    assert len(names[3]) <= 255
    assert names[3].endswith(" [#4]")
    assert codes(plan) == ["folder_renamed"] * 3 + ["folder_cut", "folder_renamed"]


def test_equal_siblings_get_a_suffix_from_their_id_and_the_lowest_keeps_the_name() -> None:
    plan = planned(folder(30, "Pay"), folder(4, "Pay"), folder(31, "pay"), folder(100, "Pay"))
    assert set(paths(plan)) == {("Pay [#100]",), ("Pay [#30]",), ("Pay",), ("pay",)}
    assert next(item for item in plan.items if item.marker.endswith("/4")).draft == FolderDraft(
        marker=ref("folder", "12", "4").marker, path=("Pay",)
    )


def test_orphans_and_rings_go_to_the_top() -> None:
    plan = planned(folder(1, "A", 99), folder(5, "Ring1", 6), folder(6, "Ring2", 5), folder(7, "Self", 7))
    assert set(paths(plan)) == {("A",), ("Ring1",), ("Ring1", "Ring2"), ("Self",)}
    assert sorted(codes(plan)) == ["folder_cycle", "folder_cycle", "folder_orphan"]


def test_folders_that_only_cases_know_are_made_from_what_the_case_says() -> None:
    lost, nameless = ref("folder", "12", "77").marker, ref("folder", "12", "78").marker
    plan = planned(used={lost: "Private", nameless: None, "": None})
    assert set(paths(plan)) == {("Private",), ("Folder 78",), ("(no folder)",)}
    assert plan.place[lost] == lost
    assert plan.place[""] is not None
    assert all(item.made for item in plan.items)


def test_a_source_folder_cannot_take_the_name_of_the_one_made_for_cases_without_folder() -> None:
    plan = planned(folder(9, "(no folder)"), used={"": None})
    assert set(paths(plan)) == {("(no folder)",), ("(no folder) [#9]",)}
    assert plan.place[""] != plan.place[ref("folder", "12", "9").marker]


def test_root_include_and_exclude() -> None:
    tree = [folder(1, "A"), folder(2, "B", 1), folder(3, "C", 2), folder(4, "D", 1), folder(5, "E")]
    plan = planned(*tree, include=["A/B"], exclude=["A/B/C"], root=["Old"])
    assert paths(plan) == [("Old",), ("Old", "A"), ("Old", "A", "B")]
    place = {marker.rsplit("/", 1)[1]: target is not None for marker, target in plan.place.items()}
    # A is made because B lies in it, but its own cases are not taken
    assert place == {"1": False, "2": True, "3": False, "4": False, "5": False}


def test_a_rule_that_names_no_folder_is_told_with_the_nearest_names() -> None:
    tree = [folder(1, "Checkout"), folder(2, "Payment", 1), folder(3, "Login"), folder(4, "A/B")]
    assert planned(*tree, include=["Checkout/Payment", "A/B"], exclude=["Login"]).unmatched == ()
    plan = planned(*tree, include=["checkout/payment", "Payments"], exclude=["Zzz"])
    assert plan.unmatched == (
        "include: “checkout/payment” is none; nearest: “Checkout/Payment”, “Checkout”",
        "include: “Payments” is none; nearest: “Checkout/Payment”",
        "exclude: “Zzz” is none; nearest: “A”, “Checkout”, “Login”",
    )
    assert planned(include=["A"]).unmatched == ("include: “A” is none; nearest: there are no folders",)


def test_inactive_folders_are_kept_and_noted() -> None:
    plan = planned(folder(1, "Old", active=False))
    assert paths(plan) == [("Old",)]
    assert codes(plan) == ["folder_inactive"]


NAMES = st.sampled_from(["A", "a", " A", "A/", "", "x" * 300, "x" * 255, "A [#3]"]) | st.text(max_size=5)
TREES = st.lists(st.tuples(NAMES, st.integers(0, 12)), max_size=12).map(
    lambda rows: [folder(number + 1, title, parent or None) for number, (title, parent) in enumerate(rows)]
)


@given(TREES, st.randoms())
@settings(deadline=None)
def test_paths_are_unique_and_do_not_depend_on_the_order_of_arrival(tree: list[Folder], chance: object) -> None:
    first = planned(*tree)
    shuffled = list(tree)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    second = planned(*shuffled)
    assert len(set(paths(first))) == len(tree)
    assert {item.marker: item.draft for item in first.items} == {item.marker: item.draft for item in second.items}


def test_a_tree_that_is_deep_and_wide_is_planned_without_recursion() -> None:
    deep = [folder(number, f"Level {number}", number - 1 or None) for number in range(1, 1500)]
    plan = planned(*deep)
    assert len(paths(plan)[-1]) == 1499
