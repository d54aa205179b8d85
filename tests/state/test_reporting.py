"""What reports ask the workspace: the worst first, each item once, both versions of what waits for a person."""

import json

from migrator.app.reports.documents import status_of
from migrator.core.file_records import Fetched
from migrator.core.model import ItemKind
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.mapping import Mapped
from migrator.core.receipt_records import Receipt
from migrator.core.records import Holding, LedgerEntry, PlannedItem, Round
from migrator.core.views import Created
from state.questions.items import ReportedItem
from state.questions.leftovers import Leftover
from state.timings import Timing
from state.workspace import Workspace
from tests.support.drafts import case_draft, case_entity, case_view, page, planned_case, record

FOLDER = "qacomplete@acme:folder:12/7"


def planned(workspace: Workspace, *items: PlannedItem) -> Round:
    current = workspace.store.rounds.begin("12")
    entities = [record(case_entity(int(item.marker.rpartition("/")[2]))) for item in items]
    workspace.store.archive.store_page(current, "tests", page(entities, None, None))
    workspace.store.planning.put_items(current, items)
    return workspace.store.rounds.enter(current, "planned")


def held_back(number: int, title: str) -> PlannedItem:
    draft = case_draft(number, title=title)
    return PlannedItem(Mapped(draft.marker, "case", title), "conflict", reason="both changed", wanted=draft)


def by_marker(workspace: Workspace) -> dict[str, ReportedItem]:
    items = list(workspace.items.of_last_rounds())
    found = {item.marker.rpartition("/")[2]: item for item in items}
    assert len(found) == len(items)
    return found


def hold(workspace: Workspace, number: int) -> None:
    draft = case_draft(number)
    entry = LedgerEntry(draft.marker, "case", f"c{number}", number, draft.digest)
    workspace.store.ledger.put("12", Holding(entry, draft, None))


def test_the_worst_comes_first_and_what_is_only_kept_last(workspace: Workspace) -> None:
    kept = PlannedItem(Mapped(case_draft(1).marker, "case", "Kept"), "archived")
    planned(workspace, kept, planned_case(2), held_back(3, "Held"), planned_case(4))
    titles = [item.title for item in workspace.items.of_last_rounds()]
    assert titles == ["Held", "Case 2", "Case 4", "Kept"]


def test_items_of_earlier_rounds_are_in_the_crosswalk_alone(workspace: Workspace) -> None:
    planned(workspace, planned_case(1), planned_case(2))
    planned(workspace, planned_case(2))
    assert list(by_marker(workspace)) == ["2"]
    assert sorted(item.title for item in workspace.items.ever()) == ["Case 1", "Case 2"]


def test_a_conflict_has_three_sides_until_it_is_final(workspace: Workspace) -> None:
    hold(workspace, 1)
    seen = case_view(case_draft(1), id="c1", title="By a colleague")
    workspace.store.snapshots.put("12", "plan", [seen])
    planned(workspace, held_back(1, "From the source"))
    versions = by_marker(workspace)["1"].versions
    assert (versions.before, versions.found, versions.wanted) == (
        case_draft(1),
        seen,
        case_draft(1, title="From the source"),
    )
    planned(workspace, planned_case(1))
    assert by_marker(workspace)["1"].versions.wanted is None


def test_a_conflict_that_only_the_load_meets_keeps_what_was_to_be_sent(workspace: Workspace) -> None:
    hold(workspace, 1)
    draft = case_draft(1, title="From the source")
    update = PlannedItem(
        Mapped(draft.marker, "case", draft.title, "draft", draft),
        "pending",
        need=FOLDER,
        action="update",
        verb="update",
    )
    planned(workspace, update)
    assert by_marker(workspace)["1"].versions.wanted == draft
    (operation,) = workspace.journal.planned("12", "case", 10, verb="update")
    workspace.journal.given_up(operation, "conflict", "changed on both versions")
    item = by_marker(workspace)["1"]
    assert (item.fate, item.versions.wanted) == ("conflict", draft)


def test_the_case_of_the_ledger_is_shown_and_not_its_copy(workspace: Workspace) -> None:
    hold(workspace, 1)
    views = [case_view(case_draft(1), id="c0", seq=1, title="A copy"), case_view(case_draft(1), id="c1", seq=2)]
    workspace.store.snapshots.put("12", "plan", views)
    planned(workspace, held_back(1, "From the source"))
    assert by_marker(workspace)["1"].versions.found == views[1]


def test_notes_come_with_examples_and_causes_with_a_count(workspace: Workspace) -> None:
    def noted(number: int) -> PlannedItem:
        item = held_back(number, f"Case {number}")
        note = Note(code=NoteCode.TITLE_CUT, marker=item.marker, field="title", original="x" * 600)
        return PlannedItem(
            Mapped(item.marker, "case", item.title, notes=(note, note)), "conflict", reason="both changed"
        )

    planned(workspace, *[noted(number) for number in range(1, 6)])
    (group,) = workspace.notes.groups()
    assert (group.code, group.kind, group.count, group.items) == ("title_cut", "case", 10, 5)
    assert len({note.marker for note in group.examples}) == 3
    assert group.examples[0].original == "x" * 600
    (cause,) = workspace.books.causes(10)
    assert (cause.count, cause.title, cause.marker) == (5, "Case 1", case_draft(1).marker)


def test_writes_are_counted_in_spans(workspace: Workspace) -> None:
    planned(workspace, planned_case(1), planned_case(2), planned_case(3))
    for operation in workspace.journal.planned("12", "case", 10):
        workspace.journal.done(operation, Created(operation.marker, 1), "migrated")
    workspace.db.execute("UPDATE ledger SET written_at = 100 + rowid * 10")
    assert workspace.sums.written_between(0) == (110.0, 130.0)
    assert workspace.sums.writes(110.0, 15.0) == {0: 2, 1: 1}
    assert workspace.sums.written_between(200) is None


def test_copies_of_files_that_nothing_refers_to_are_told(workspace: Workspace) -> None:
    planned(workspace, planned_case(1))
    workspace.store.files.add_orphans("12", {"a": "a.pdf", "b": "b.pdf"})
    workspace.store.files.add_orphans("12", {"a": "a.pdf"})
    assert status_of(workspace).orphaned_files == 3
    assert [one.name for one in workspace.leftovers.first(9)] == ["a.pdf", "a.pdf", "b.pdf"]


def test_what_a_killed_process_began_at_the_source_is_named(workspace: Workspace) -> None:
    planned(workspace, planned_case(1))
    workspace.store.files.memory("12", "m", "slow.pdf").keep("https://w/operations/1")
    workspace.receipts.put(Receipt("owner", "qasphere-receipt-1.html", "sending", 0.0))
    assert status_of(workspace).left_behind == {"operation": 1, "receipt": 1}
    assert workspace.leftovers.first(9) == [
        Leftover("operation", "slow.pdf", "m"),
        Leftover("receipt", "qasphere-receipt-1.html", "owner"),
    ]
    workspace.store.files.put_fetched("12", "m", "slow.pdf", Fetched(1, "0" * 64, ""))
    workspace.receipts.put(Receipt("owner", "qasphere-receipt-1.html", "done", 0.0))
    assert status_of(workspace).left_behind == {}


def test_a_phase_that_goes_on_is_one_row(workspace: Workspace) -> None:
    timings = workspace.timings
    timings.put(Timing(1.0, "run", "12", "load", 1.0, 2.0, 10, {}))
    timings.put(Timing(1.0, "run", "12", "load", 1.0, 9.0, 80, {"QA Sphere allows 20/s": 7.5}))
    timings.put(Timing(50.0, "run", "12", "load", 50.0, 51.0, 5, {}))
    assert [(timing.ended_at, timing.done) for timing in timings.since(0)] == [(9.0, 80), (51.0, 5)]
    assert timings.since(10.0)[0].session == 50.0
    assert json.loads(workspace.db.execute("SELECT waits FROM timing").fetchone()[0]) == {"QA Sphere allows 20/s": 7.5}


def test_examples_of_a_note_are_of_its_kind(workspace: Workspace) -> None:
    def noted(kind: ItemKind, marker: str) -> PlannedItem:
        note = Note(code=NoteCode.LINK_UNUSABLE, marker=marker, field="text", original="x")
        return PlannedItem(Mapped(marker, kind, marker, notes=(note,)), "archived")

    planned(workspace, noted("case", case_draft(1).marker), noted("run", "qacomplete@acme:run:12/9"))
    groups = workspace.notes.groups()
    assert [(group.kind, [one.kind for one in group.examples]) for group in groups] == [
        ("case", ["case"]), ("run", ["run"]),
    ]  # fmt: skip
