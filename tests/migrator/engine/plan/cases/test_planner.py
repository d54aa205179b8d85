"""How the cases of a round are planned: what is read, what is left alone, and what is recorded of each."""

from typing import cast

import pytest

from migrator.core.drafts import CaseDraft
from migrator.core.events import Progressed
from migrator.core.model import TestCase, User
from migrator.core.ports.mapping import Around, FolderPlan, Mapped
from migrator.core.records import CaseRow, Extracted, Holding, LedgerEntry, PlannedItem, Stamp, Surrounded
from migrator.engine.plan.pages import PagePlanner
from tests.support.drafts import case_draft, case_entity, ref
from tests.support.planned_cases import CASES, EARLY, FOLDER, LATE, Rules, World, migrated, note, view_of

# --- what is counted and recorded


def test_every_case_is_planned_in_the_order_of_the_source_and_counted(world: World) -> None:
    world.read(*(case_entity(number) for number in range(1, 202)))
    assert world.plan() == 201
    assert world.events == [Progressed("plan", "12", 200, 201), Progressed("plan", "12", 201, 201)]
    assert world.rules.asked == [str(number) for number in range(1, 202)]
    assert set(world.fates().values()) == {"pending"}


def test_cases_wait_for_their_folder_and_are_blocked_where_it_failed_or_left(world: World) -> None:
    other = ref("folder", "12", "8").marker
    failed = PlannedItem(Mapped(FOLDER, "folder", "A", "draft", case_draft(1)), "pending")
    world.read(case_entity(1))
    world.store.planning.put_items(world.current, [failed])
    world.plan()
    assert world.db.execute("SELECT lane, state FROM operation WHERE kind = 'case'").fetchall() == [(FOLDER, "planned")]
    world.db.execute("UPDATE operation SET state = 'failed' WHERE kind = 'folder'")
    world.plan()
    assert world.one("reason") == f"its folder {FOLDER} is failed"
    world.db.execute("DELETE FROM operation")
    world.gone = frozenset((FOLDER, other))
    world.plan()
    assert world.one("reason") == f"its folder {FOLDER} was deleted in QA Sphere"


def test_a_marker_that_holds_not_all_ids_is_noted(world: World) -> None:
    case = case_entity(1).model_copy(update={"ref": ref("test", "12", "9" * 300)})
    world.read(case)
    world.plan()
    assert world.db.execute("SELECT code FROM note").fetchall() == [("marker_shortened",)]


def test_placeholders_are_made_and_counted(world: World) -> None:
    world.read(case_entity(1))
    world.rules.missing = [Extracted(case_entity(2), Stamp("e", "r")), Extracted(case_entity(3), Stamp("e", "r"))]
    assert world.plan() == 3
    assert [world.one("made", number) for number in (1, 2, 3)] == ["0", "1", "1"]
    stamps = world.db.execute("SELECT stamp_entity, stamp_raw FROM operation WHERE marker = ?", [CASES[3]])
    assert stamps.fetchall() == [("e", "r")]


# --- what is left alone


def test_cases_that_are_unchanged_are_neither_mapped_nor_forgotten(world: World) -> None:
    migrated(world, 1, 2, files=("a.txt",))
    world.rules.files = {CASES[1]: ["a.txt"]}
    assert world.plan() == 2
    assert world.rules.asked == []
    assert world.fates() == {CASES[1]: "unchanged", CASES[2]: "unchanged"}


def test_only_what_changed_is_mapped_and_its_neighbours_keep_their_place(world: World) -> None:
    views = migrated(world, 1, 2, 3)
    renamed = case_entity(2).model_copy(update={"title": "New"})
    world.read(case_entity(1), renamed, case_entity(3), views=views)
    world.plan()
    assert world.rules.asked == ["2"]
    assert world.fates() == {CASES[1]: "unchanged", CASES[3]: "unchanged", CASES[2]: "pending"}
    assert world.one("reason", 2) == "title"


@pytest.mark.parametrize("what", ["rules", "program", "people"])
def test_other_rules_another_program_or_other_people_plan_everything_anew(world: World, what: str) -> None:
    views = migrated(world, 1)
    people = [User(ref=ref("user", "12", "1"), title="Ada")] if what == "people" else []
    world.read(*people, case_entity(1), views=views)
    if what == "rules":
        world.rules.digest = "others"
    elif what == "program":
        world.program = "another"
    world.plan()
    assert world.rules.asked == ["1"]


def test_a_program_that_nobody_knows_plans_everything_each_time(world: World) -> None:
    world.program = ""
    migrated(world, 1)
    world.plan()
    assert world.rules.asked == ["1"]


def test_the_plan_of_a_case_that_was_copied_is_not_kept(world: World) -> None:
    views = migrated(world, 1)
    world.read(case_entity(1), views=[*views, views[0].model_copy(update={"id": "c8", "seq": 8})])
    world.plan()
    assert world.db.execute("SELECT code FROM note").fetchall() == [("case_copied",)]
    assert world.store.unchanged_cases.kept([CASES[1]]) == {}


# --- a touch that changed nothing


def test_a_case_that_was_only_touched_takes_the_date_that_is_there_and_the_others_are_mapped_again(
    world: World,
) -> None:
    views = migrated(world, 1)
    shown, now = (case_entity(2).model_copy(update={"updated_at": date}) for date in (EARLY, LATE))
    world.read(case_entity(1), now, views=[*views, view_of(shown, ident="c2", seq=9)])
    world.plan()
    assert world.rules.asked == ["2", "2", "1", "2"]  # as it is, with the date that is there, and all once more
    assert world.fates() == {CASES[1]: "unchanged", CASES[2]: "adopted"}
    holding = world.store.ledger.holdings([CASES[2]])[CASES[2]]
    assert str(EARLY) in cast(CaseDraft, holding.draft).precondition


def test_what_was_unchanged_beside_a_touched_case_gets_the_fate_of_its_new_plan(world: World) -> None:
    views = migrated(world, 1)
    shown, now = (case_entity(2).model_copy(update={"updated_at": date}) for date in (EARLY, LATE))
    world.read(case_entity(1), now, views=[*views, view_of(shown, ident="c2", seq=9)])
    world.rules.files, world.remap = {CASES[1]: ["a.txt"]}, True
    world.plan()
    assert world.fates() == {CASES[1]: "pending", CASES[2]: "adopted"}


# --- what the job wants


def test_what_only_the_rules_changed_is_sent_when_it_is_asked_for(world: World) -> None:
    views = migrated(world, 1)
    world.rules.files = {CASES[1]: ["a.txt"]}
    world.rules.digest = "others"
    world.plan()
    assert world.one("action") == "remap"
    world.read(case_entity(1), views=views)
    world.remap = True
    world.plan()
    assert world.one("action") == "update"


def test_conflicts_are_decided_as_the_job_says(world: World) -> None:
    views = migrated(world, 1)
    theirs = [views[0].model_copy(update={"title": "Theirs"})]
    for conflicts, action in (("report", ""), ("source", "update"), ("destination", "keep")):
        world.conflicts = conflicts
        world.read(case_entity(1).model_copy(update={"title": "Ours"}), views=theirs)
        world.plan()
        assert world.one("action") == action


# --- pages


class Pages:
    """Cases that list pages. ``asked``: those that were mapped; each has a note that stands on its page."""

    def __init__(self, rules: Rules, *numbers: int) -> None:
        self.rules = rules
        self.numbers = numbers

    def rows(self) -> list[CaseRow]:
        return [CaseRow(CASES[number], FOLDER, Stamp("entity", "raw")) for number in self.numbers]

    def case(self, row: CaseRow) -> tuple[Surrounded[TestCase], Mapped]:
        (number,) = [number for number, marker in CASES.items() if marker == row.marker]
        case = case_entity(number)
        mapped = self.rules.case(case, Around(comments=(note(number, about=1),)), FolderPlan((), {}))
        return Surrounded(case, Around(), row.stamp), mapped


def test_pages_are_planned_one_by_one_and_left_alone_when_nothing_changed(world: World) -> None:
    pages = cast(PagePlanner, Pages(world.rules, 1, 2))
    folder = LedgerEntry(FOLDER, "folder", "70", None, "digest")
    world.store.ledger.put("12", Holding(folder, case_draft(1), None))
    views = [view_of(case_entity(number), ident=f"c{number}", seq=number) for number in (1, 2)]
    for fate, asked in (("pending", ["1", "2"]), ("unchanged", [])):
        if fate == "pending":
            world.read()
        else:
            world.read(views=views)
        folded = [PlannedItem(Mapped(note(number, 1).ref.marker, "archive", ""), "folded") for number in (1, 2)]
        world.store.planning.put_items(world.current, folded)
        assert world.plan(pages) == 2
        assert (set(world.fates().values()), world.rules.asked) == ({fate}, asked)
        reasons = world.db.execute("SELECT reason FROM item WHERE kind = 'archive' ORDER BY marker").fetchall()
        # the page says everything of them, so it counts before what others say
        assert reasons == [(f"stands in {CASES[1]}",), (f"stands in {CASES[2]}",)]
        if fate == "pending":
            for number, view in zip((1, 2), views, strict=True):
                world.hold(case_entity(number), view, stamp=Stamp("entity", "raw"))
