"""Files of cases and what else stands in them: which fate they get with the case."""

import pytest

from migrator.core.ports.mapping import Mapped
from migrator.core.records import Holding, LedgerEntry, PlannedItem
from migrator.core.views import CaseView
from tests.support.drafts import case_draft, case_entity, ref
from tests.support.planned_cases import CASES, FOLDER, World, migrated, note, view_of


def test_files_of_several_cases_keep_apart_and_are_planned_for_each(world: World) -> None:
    world.rules.files = {CASES[1]: ["a.txt", "b.txt"], CASES[3]: ["c.txt", "d.txt"]}
    world.read(case_entity(1), case_entity(2), case_entity(3))
    world.plan()
    names = (CASES[1] + "#a.txt", CASES[1] + "#b.txt", CASES[3] + "#c.txt", CASES[3] + "#d.txt")
    assert list(world.fates("file")) == list(names)
    assert set(world.fates("file").values()) == {"pending"}


def test_files_of_an_unchanged_case_are_unchanged(world: World) -> None:
    world.rules.files = {CASES[1]: ["a.txt"], CASES[3]: ["b.txt"]}
    views = migrated(world, 1, 2, files=("a.txt",))
    world.read(*map(case_entity, (1, 2, 3)), views=views)
    world.plan()
    assert world.rules.asked == ["3"]
    assert world.fates("file") == {CASES[1] + "#a.txt": "unchanged", CASES[3] + "#b.txt": "pending"}


def test_a_file_that_comes_with_an_update_counts_as_there(world: World) -> None:
    views = migrated(world, 1)
    world.rules.files = {CASES[1]: ["a.txt"]}
    renamed = case_entity(1).model_copy(update={"title": "New"})
    world.read(renamed, views=views)
    world.plan()
    assert world.one("reason") == "title, files"


def test_files_of_a_case_that_is_held_stay_behind(world: World) -> None:
    views = migrated(world, 1)
    world.rules.files = {CASES[1]: ["a.txt"]}
    renamed = case_entity(1).model_copy(update={"title": "New"})
    world.read(renamed, views=[views[0].model_copy(update={"title": "Theirs"})])
    world.plan()
    assert world.fates() == {CASES[1]: "conflict"}
    assert world.fates("file") == {CASES[1] + "#a.txt": "blocked"}


def test_files_of_a_case_that_only_qa_sphere_knows_are_adopted_by_name(world: World) -> None:
    world.rules.files = {CASES[1]: ["a.txt"]}
    stored = {"id": "f1", "name": "a.txt", "media_type": "text/plain", "size": 3, "url": "/files/f1"}
    case = case_entity(1)
    view = CaseView.model_validate({**view_of(case).model_dump(), "files": [stored]})
    world.read(case, views=[view])
    world.plan()
    assert world.fates("file") == {CASES[1] + "#a.txt": "adopted"}


@pytest.mark.parametrize("fate", ["pending", "excluded", "failed", "gone", "blocked"])
def test_what_stands_in_a_case_is_folded_where_the_case_is_or_will_be(world: World, fate: str) -> None:
    if fate in ("excluded", "failed"):
        world.rules.outcomes = {CASES[1]: "excluded" if fate == "excluded" else "rejected"}
    elif fate == "gone":
        migrated(world, 1)
    elif fate == "blocked":
        world.gone = frozenset((FOLDER,))
    world.read(case_entity(1), note(1, about=1))
    archived = PlannedItem(Mapped(note(1, 1).ref.marker, "archive", ""), "archived")
    world.store.planning.put_items(world.current, [archived])
    world.plan()
    assert world.fates() == {CASES[1]: fate}
    assert world.fates("archive") == {archived.marker: "folded" if fate == "pending" else "archived"}


def test_what_stands_in_a_case_and_has_no_fate_yet_is_told_for_all_chunks(world: World) -> None:
    numbers = range(1, 202)
    world.read(*(case_entity(number) for number in numbers), note(1, about=1), note(2, about=201))
    world.plan()
    reasons = {note(1, 1).ref.marker: 1, note(2, 1).ref.marker: 201}
    assert world.planner.folded_later == {
        marker: f"stands in {ref('test', '12', str(number)).marker}" for marker, number in reasons.items()
    }


def test_what_stands_in_an_unchanged_case_is_folded_again(world: World) -> None:
    case, remark = case_entity(1), note(1, about=1)
    view = view_of(case)
    folder = LedgerEntry(FOLDER, "folder", "70", None, "digest")
    world.store.ledger.put("12", Holding(folder, case_draft(1), None))
    for _ in range(2):
        world.read(case, remark, views=[view])
        world.store.planning.put_items(
            world.current, [PlannedItem(Mapped(remark.ref.marker, "archive", ""), "archived")]
        )
        world.plan()
        if not world.store.ledger.entries([CASES[1]]):
            world.hold(case, view)
    assert world.rules.asked == []
    assert world.fates("archive") == {remark.ref.marker: "folded"}


def test_a_case_whose_planning_breaks_off_leaves_nothing_of_its_chunk(world: World) -> None:
    world.rules.files, world.rules.fails = {CASES[1]: ["a.txt"]}, True
    world.read(case_entity(1), views=[view_of(case_entity(1))])
    with pytest.raises(OSError, match="full"):
        world.plan()
    assert world.db.execute("SELECT count(*) FROM item").fetchone() == (0,)
