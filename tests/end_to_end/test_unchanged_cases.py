"""What stands is not mapped again; whatever decides about a case, changed alone, has it planned as if from scratch."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import pytest

from connectors.qacomplete.sandbox import Link, Note, Test, add_sample, generate
from connectors.qacomplete.sandbox.files import File
from connectors.qasphere.sandbox.store import Case
from migrator.app.runtime.probe_file import save_probe
from migrator.core.probe import ProbeAnswer, ProbeResult
from tests.support.books import Books, mapped_cases, planned_with_and_without
from tests.support.oracle import marker_of
from tests.support.rig import Rig, rig

SIZE = 5
DATE = "2021-01-05T08:00:00.0000000"


@pytest.fixture
async def migrated(tmp_path: Path) -> AsyncIterator[Rig]:
    """A small shop with notes, links and a file, migrated, of which every case stands."""
    data = generate(SIZE)
    add_sample(data)
    tests = data.tests_of(12)
    data.files.append(File(990_001, 12, "Tests", tests[1].id, "first.txt", bytes_=b"first"))
    async with rig(tmp_path, data) as running:
        tests[2].description = f'<p>See <a href="{address(running, 70_000)}">what is not there yet</a></p>'
        await running.run()
        await expect(running, ())
        yield running


def address(running: Rig, test: int) -> str:
    return f"{running.source_url}/v1/projects/12/tests/{test}"


def cases_at_source(running: Rig) -> list[Test]:
    return running.source.data.tests_of(12)


def case_of(running: Rig, test: Test) -> Case:
    return next(case for case in running.shop.cases if marker_of(case).endswith(f"/{test.id}"))


def everything(running: Rig) -> list[int]:
    return [test.id for test in cases_at_source(running)]


async def expect(running: Rig, mapped: Iterable[int], *, remap: bool = False) -> Books:
    """Plan, and expect that only these tests are mapped, and that it is what a plan from scratch leaves."""
    quick, whole, markers = await planned_with_and_without(running, remap=remap)
    for table, rows in whole.items():
        assert quick[table] == rows, table
    assert sorted(markers) == sorted(f"qacomplete@acme:test:12/{ident}" for ident in mapped)
    return quick


def fates(found: Books) -> dict[str, str]:
    return {row[0].rpartition("/")[2]: row[4] for row in found["item"] if row[2] == "case"}


def poke(running: Rig, statement: str) -> None:
    with closing(sqlite3.connect(running.folder / "workspace" / "migration.db")) as db, db:
        assert db.execute(statement).rowcount > 0


def note_on_a_case(running: Rig) -> Note:
    return next(note for note in running.source.data.notes if note.code == "Tests")


def edit_note(running: Rig) -> int:
    note = note_on_a_case(running)
    note.text = "Said otherwise"
    return note.item_id


def add_note(running: Rig) -> int:
    test = cases_at_source(running)[3].id
    running.source.data.notes.append(Note(899, 12, "Tests", test, "Ask Ada first", date_created=DATE))
    return test


def remove_note(running: Rig) -> int:
    note = note_on_a_case(running)
    running.source.data.notes.remove(note)
    return note.item_id


def add_link(running: Rig) -> int:
    test = cases_at_source(running)[3].id
    running.source.data.links.append(Link(950, 12, "FunctionalSpecs", 502, "Tests", test))
    return test


def edit_far_end(running: Rig) -> int:
    running.source.data.requirements[0].title = "Guests may order"
    return cases_at_source(running)[0].id


def hang_file_on_far_end(running: Rig) -> int:
    running.source.data.files.append(File(990_007, 12, "FunctionalSpecs", 501, "far.txt", bytes_=b"far"))
    return cases_at_source(running)[0].id


def add_file(running: Rig) -> int:
    test = cases_at_source(running)[1].id
    running.source.data.files.append(File(990_002, 12, "Tests", test, "late.txt", bytes_=b"late"))
    return test


def rename_file(running: Rig) -> int:
    running.source.data.files[0].name = "renamed.txt"
    return running.source.data.files[0].item_id


def remove_file(running: Rig) -> int:
    return running.source.data.files.pop(0).item_id


def edit_case(running: Rig) -> int:
    cases_at_source(running)[3].title = "Another title"
    return cases_at_source(running)[3].id


def save_without_a_change(running: Rig) -> int:
    cases_at_source(running)[3].date_updated = "2024-07-01T00:00:00.0000000"
    return cases_at_source(running)[3].id


def move_case(running: Rig) -> int:
    test = cases_at_source(running)[3]
    test.folder_id = next(folder.id for folder in running.source.data.folders if folder.id != test.folder_id)
    return test.id


@pytest.mark.parametrize(
    "edit",
    [
        edit_note,
        add_note,
        remove_note,
        add_link,
        edit_far_end,
        hang_file_on_far_end,
        add_file,
        rename_file,
        remove_file,
        edit_case,
        save_without_a_change,
        move_case,
    ],
)
async def test_a_change_at_the_source_has_its_case_planned_and_no_other(
    migrated: Rig, edit: Callable[[Rig], int]
) -> None:
    await expect(migrated, [edit(migrated)])
    await migrated.run()
    await migrated.plan()
    with mapped_cases() as markers:
        await migrated.plan()
    # what moved, or lost a file that QA Sphere keeps, is compared every time; all else comes to rest
    assert len(markers) <= 1


async def test_a_case_that_is_named_before_it_is_there(migrated: Rig) -> None:
    naming = cases_at_source(migrated)[2].id
    migrated.source.data.tests.append(Test(70_000, 12, "There now", folder_id=cases_at_source(migrated)[0].folder_id))
    await expect(migrated, [naming, 70_000])
    await migrated.run()
    # its source did not change, so `--remap` has to ask for the link
    await expect(migrated, [naming], remap=True)
    await migrated.apply()
    await expect(migrated, [])
    migrated.source.data.tests.pop()
    await expect(migrated, [naming])


async def test_a_file_of_another_case_that_is_named_before_it_is_there(migrated: Rig) -> None:
    naming, other = cases_at_source(migrated)[3:5]
    naming.description = '<p>See <a href="/view?fileid=990002">the plan</a></p>'
    await migrated.run()
    await expect(migrated, [])
    late = File(990_002, 12, "Tests", other.id, "plan.txt", bytes_=b"plan")
    migrated.source.data.files.append(late)
    await expect(migrated, [naming.id, other.id])
    await migrated.run()
    await expect(migrated, [naming.id], remap=True)
    await migrated.apply()
    assert f'href="{migrated.destination_url}/api/file/' in case_of(migrated, naming).precondition
    await expect(migrated, [])
    migrated.source.data.files.remove(late)
    # the file is there for good; its own case has lost it
    await expect(migrated, [other.id])


async def test_people_rules_probe_fields_and_the_program_concern_all(migrated: Rig) -> None:
    migrated.source.data.users[0].first_name = "Adelheid"
    # what only the rules changed is compared as long as it is not sent
    await expect(migrated, everything(migrated))
    await expect(migrated, everything(migrated), remap=True)
    await migrated.apply()
    await expect(migrated, [])
    migrated.settings = {"mapping": {"tags": ["priority"]}}
    await expect(migrated, everything(migrated), remap=True)
    await migrated.apply()
    await expect(migrated, [])
    migrated.destination.store.add_custom_field("component", "Component")
    await expect(migrated, everything(migrated))
    migrated.settings = {}
    await migrated.run()
    answer = ProbeAnswer(expected=False, found=True, verdict="differs", question="Do tables come back as tables?")
    found = ProbeResult(asked_at="", base_url="", project="LAB", answers={"html.tables": answer})
    await migrated.plan()
    save_probe(found, migrated.folder / "workspace")
    await expect(migrated, everything(migrated))
    with patch("migrator.app.runtime.session.program_digest", return_value="another"):
        await expect(migrated, everything(migrated))


async def test_a_folder_that_is_renamed_and_one_that_is_left_out(migrated: Rig) -> None:
    renamed = migrated.source.data.folders[0]
    renamed.title = "Renamed"
    # cases name their folder, not what it is called
    await expect(migrated, [])
    migrated.settings = {"projects": [migrated.config()["projects"][0] | {"exclude": ["Renamed"]}]}
    within = {str(test.id) for test in cases_at_source(migrated) if test.folder_id == renamed.id}
    found = fates(await expect(migrated, everything(migrated)))
    assert within
    assert {ident for ident, fate in found.items() if fate == "excluded"} >= within


async def test_a_folder_that_left_the_source_while_its_cases_stayed(migrated: Rig) -> None:
    data = migrated.source.data
    left = cases_at_source(migrated)[0].folder_id
    data.folders[:] = [folder for folder in data.folders if folder.id != left]
    quick, whole, _ = await planned_with_and_without(migrated)
    assert quick == whole


async def test_policies_and_remap_are_not_asked_about_what_stands(migrated: Rig) -> None:
    migrated.settings = {"sync": {"conflicts": "source"}}
    await expect(migrated, [])
    await expect(migrated, [], remap=True)
    first, second = cases_at_source(migrated)[:2]
    for test in (first, second):
        case = case_of(migrated, test)
        case.title, case.version = "By a colleague", case.version + 1
    # what people do in QA Sphere is theirs, as long as the source says nothing new
    await expect(migrated, [])
    first.title = "By the source"
    for policy, fate in (("report", "conflict"), ("source", "pending"), ("destination", "pending")):
        migrated.settings = {"sync": {"conflicts": policy}}
        assert fates(await expect(migrated, [first.id]))[str(first.id)] == fate


async def test_what_became_of_a_case_in_qa_sphere(migrated: Rig) -> None:
    deleted, copied, unmarked = cases_at_source(migrated)[:3]
    shop = migrated.shop
    case = case_of(migrated, deleted)
    shop.cases.remove(case)
    shop.by_id.pop(case.id)
    books = await expect(migrated, [deleted.id])
    assert fates(books)[str(deleted.id)] == "gone"
    case, marked = case_of(migrated, unmarked), case_of(migrated, copied)
    case.links.clear()
    case.custom_fields.pop("source_id")
    await expect(migrated, [deleted.id])
    case.links[:] = marked.links
    assert {row[2] for row in (await expect(migrated, [deleted.id, copied.id]))["note"]} >= {"case_copied"}


@pytest.mark.parametrize(
    ("statement", "fate"),
    [
        ("UPDATE ledger SET base = NULL WHERE marker LIKE '%:test:%'", "unchanged"),
        ("UPDATE ledger SET stamp_entity = NULL WHERE marker LIKE '%:test:%'", "unchanged"),
        ("UPDATE ledger SET stamp_raw = 'another' WHERE marker LIKE '%:test:%'", "unchanged"),
        ("UPDATE ledger SET digest = 'another' WHERE marker LIKE '%:test:%'", "unchanged"),
        ("UPDATE ledger SET wished = draft WHERE marker LIKE '%:test:%'", "unchanged"),
        ("UPDATE ledger SET id = 'another' WHERE marker LIKE '%:test:%'", "gone"),
        ("UPDATE operation SET state = 'unknown' WHERE kind = 'case'", "unknown"),
        ("UPDATE operation SET state = 'failed' WHERE kind = 'case'", "unchanged"),
        ("DELETE FROM ledger WHERE marker LIKE '%:test:%'", "adopted"),
    ],
)
async def test_what_the_books_know_of_a_case(migrated: Rig, statement: str, fate: str) -> None:
    poke(migrated, statement)
    quick, whole, markers = await planned_with_and_without(migrated)
    assert quick == whole
    assert set(fates(quick).values()) == {fate}
    assert len(set(markers)) == SIZE


async def test_a_file_that_the_books_do_not_know_any_more(migrated: Rig) -> None:
    poke(migrated, "DELETE FROM ledger WHERE kind = 'file'")
    await expect(migrated, [cases_at_source(migrated)[1].id])


async def test_what_leaves_the_source_and_comes_back(migrated: Rig) -> None:
    test = cases_at_source(migrated)[0]
    migrated.source.data.tests.remove(test)
    assert str(test.id) in fates(await expect(migrated, []))
    migrated.source.data.tests.append(test)
    # nothing was planned of it meanwhile
    await expect(migrated, [])
    migrated.source.data.tests.remove(test)
    await migrated.sync()
    migrated.source.data.tests.append(test)
    books = await expect(migrated, [test.id])
    assert not [row for row in books["note"] if row[2] == "deleted_at_source"]


async def test_with_hooks_nothing_stands(migrated: Rig) -> None:
    (migrated.folder / "hooks.py").write_text("def case(case, draft):\n    return None\n", encoding="utf-8")
    migrated.settings = {"mapping": {"hooks": "hooks.py"}}
    for _ in range(2):
        await expect(migrated, everything(migrated))
    migrated.settings = {}
    # they may have left other notes
    await expect(migrated, everything(migrated))


async def test_an_update_leaves_a_case_that_stands(migrated: Rig) -> None:
    test = cases_at_source(migrated)[3]
    test.title = "Another title"
    await migrated.run()
    books = await expect(migrated, [])
    # what it held before is for the report of the round that changed it
    assert books["replaced"] == []
