"""How the cases of a round are planned: what is read, what is left alone, and what is recorded of each."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from migrator.core.drafts import CaseDraft, FileDraft, FileRef, FromText
from migrator.core.events import Event, Progressed
from migrator.core.model import AnyEntity, Comment, RichText, TestCase, User
from migrator.core.ports.destination import DestinationReader
from migrator.core.ports.mapping import Around, FolderPlan, Mapped, Mapper, Outcome
from migrator.core.records import CaseRow, Extracted, Holding, LedgerEntry, PlannedItem, Round, Stamp, Surrounded
from migrator.core.views import CaseView
from migrator.engine.context import Context
from migrator.engine.job import Job
from migrator.engine.plan.cases.compare import base_of
from migrator.engine.plan.cases.placeholders import Placeholders
from migrator.engine.plan.cases.planner import CasePlanner, CaseRules
from migrator.engine.plan.files import FilePlanner
from migrator.engine.plan.pages import PagePlanner
from migrator.engine.stop import Stop
from state.workspace import Workspace, open_workspace
from tests.state.extracted.test_around import extracted
from tests.support.drafts import case_draft, case_entity, case_view, ref

FOLDER = ref("folder", "12", "7").marker
CASES = {number: ref("test", "12", str(number)).marker for number in range(1, 10)}
EARLY, LATE = datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 5, 6, tzinfo=UTC)


def note(number: int, about: int) -> Comment:
    return Comment(
        ref=ref("note", "12", str(number)), title="", about=ref("test", "12", str(about)), text=RichText(value="Slow")
    )


class Rules:
    """A mapping, and the placeholders. ``asked``: the numbers of the cases that were mapped."""

    digest = "rules"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.outcomes: dict[str, Outcome] = {}
        self.files: dict[str, Sequence[str]] = {}
        self.missing: list[Extracted[TestCase]] = []
        self.fails = False

    def case(self, case: TestCase, around: Around, _folders: FolderPlan) -> Mapped:
        marker = case.ref.marker
        self.asked.append(case.ref.ids[-1])
        folded = tuple(comment.ref.marker for comment in around.comments)
        if marker in self.outcomes:
            return Mapped(marker, "case", case.title, self.outcomes[marker], reason="by rule", folded=folded)
        drafts = [
            FileDraft(marker=f"{marker}#{name}", owner=marker, name=name, content=FromText(base64="QUJD"))
            for name in self.files.get(marker, ())
        ]
        names = tuple(FileRef(marker=draft.marker, name=draft.name) for draft in drafts)
        draft = case_draft(1).model_copy(
            update={"marker": marker, "title": case.title, "files": names, "precondition": _precondition(case)}
        )
        return Mapped(marker, "case", case.title, "draft", draft, files=tuple(drafts), folded=folded)

    def missing_cases(self) -> Iterator[Extracted[TestCase]]:
        return iter(self.missing)

    def behind(self, _marker: str, _view: CaseView) -> None:
        if self.fails:
            raise OSError("the disk is full")


def _precondition(case: TestCase) -> str:
    return f"<ul><li><strong>Updated:</strong> {case.updated_at}</li></ul>" if case.updated_at else ""


class World:
    """A workspace, a mapping, and what is in QA Sphere."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.db = workspace.db
        self.store = workspace.store
        self.rules = Rules()
        self.events: list[Event] = []
        self.program = "program"
        self.gone: frozenset[str] = frozenset()
        self.remap = False
        self.conflicts: Any = "report"
        self.planner: CasePlanner
        self.current: Round

    def read(self, *entities: AnyEntity, views: Sequence[CaseView] = ()) -> None:
        """Begin a round with what the source has and what QA Sphere shows."""
        self.current = extracted(self.workspace, *entities)
        self.store.snapshots.begin("12", "plan")
        self.store.snapshots.put("12", "plan", views)
        self.store.snapshots.end("12", "plan")
        self.rules.asked.clear()

    def plan(self, pages: PagePlanner | None = None) -> int:
        job = Job(
            "12", "SHOP", True, False, "qacomplete@acme:", lambda _people, _view: pytest.fail("not asked"), 4, 0,
            program=self.program, conflicts=self.conflicts,
        )  # fmt: skip
        context = Context(self.store, cast(DestinationReader, None), job, self.events.append, Stop())
        folders = FolderPlan((), {FOLDER: FOLDER})
        rules = CaseRules(
            cast(Mapper, self.rules), folders, cast(Placeholders, self.rules), self.gone, remap=self.remap
        )
        files = FilePlanner(self.store, "12", reads_files=True)
        self.planner = CasePlanner(context, self.current, rules, files)
        return self.planner.plan_pages(pages) if pages else self.planner.plan()

    def hold(self, case: TestCase, view: CaseView, *, stamp: Stamp | None = None, files: Sequence[str] = ()) -> None:
        """Enter a case in the ledger as it was planned, and files of it, and note that its create was done."""
        draft = self.rules.case(case, Around(), FolderPlan((), {})).draft
        assert isinstance(draft, CaseDraft)
        entry = LedgerEntry(draft.marker, "case", view.id, view.seq, draft.digest, stamp or self.stamp(case), True)
        self.store.ledger.put("12", Holding(entry, draft, base_of(view)))
        for name in files:
            marker = f"{draft.marker}#{name}"
            file = FileDraft(marker=marker, owner=draft.marker, name=name, content=FromText(base64="QUJD"))
            self.store.ledger.put("12", Holding(LedgerEntry(marker, "file", name, None, file.digest), file, None))
        self.db.execute("DELETE FROM operation")

    def stamp(self, case: TestCase) -> Stamp:
        rows = list(self.store.unchanged_cases.cases(self.current))
        inputs = self.store.unchanged_cases.inputs(self.current, rows, {})
        return inputs[case.ref.marker].stamp

    def fates(self, kind: str = "case") -> dict[str, str]:
        """Return marker → fate of what was planned in this round."""
        rows = self.db.execute(
            "SELECT marker, fate FROM item WHERE round_id = ? AND kind = ? ORDER BY rowid", [self.current.id, kind]
        )
        return dict(rows.fetchall())

    def one(self, column: str, number: int = 1) -> str:
        """Return what was planned of a case."""
        statement = f"SELECT {column} FROM item WHERE marker = ?"
        return str(self.db.execute(statement, [CASES[number]]).fetchone()[0])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_workspace(tmp_path) as opened:
        yield World(opened)


def view_of(case: TestCase, *, ident: str = "c1", seq: int = 5) -> CaseView:
    draft = Rules().case(case, Around(), FolderPlan((), {})).draft
    assert isinstance(draft, CaseDraft)
    return case_view(draft, id=ident, seq=seq)


def migrated(world: World, *numbers: int, files: Sequence[str] = ()) -> list[CaseView]:
    """Plan and load cases, and begin a round in which all is as it was."""
    cases = [case_entity(number) for number in numbers]
    views = [view_of(case, ident=f"c{case.ref.ids[-1]}", seq=int(case.ref.ids[-1])) for case in cases]
    folder = LedgerEntry(FOLDER, "folder", "70", None, "digest")
    world.store.ledger.put("12", Holding(folder, case_draft(1), None))
    world.read(*cases)
    world.plan()
    for case, view in zip(cases, views, strict=True):
        world.hold(case, view, files=files)
    world.read(*cases, views=views)
    return views


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


# --- files and what stands in a case


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
