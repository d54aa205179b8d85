"""Verify: damage is named with its class, edits by people are listed apart, an untouched copy is clean."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from connectors.qacomplete.sandbox import generate, load_seed_file
from connectors.qasphere.sandbox.store import Case
from migrator.standin.options import Profile, StandInOptions
from tests.support.rig import ROOT, Rig, rig

CORPUS = ROOT.parent / "shared" / "corpus" / "ubuntu-manual-tests.json"
NUMBER = 7


@pytest.fixture
async def migrated(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path, generate(30)) as running:
        assert not (await running.run()).has_failures
        yield running


def fresh(running: Rig) -> None:
    """Forget the workspace."""
    running.settings = running.settings | {"workspace": str(running.folder / "fresh")}


def title(case: Case) -> None:
    case.title = "Damaged"


def priority(case: Case) -> None:
    case.priority = "low" if case.priority != "low" else "high"


def precondition(case: Case) -> None:
    case.precondition = case.precondition.replace("Shows", "Hides")


def cut_step(case: Case) -> None:
    case.steps.pop()


def swapped_steps(case: Case) -> None:
    case.steps[0], case.steps[1] = case.steps[1], case.steps[0]


def tag(case: Case) -> None:
    case.tags[0] += "x"


def link(case: Case) -> None:
    case.links[0]["url"] += "x"


def draft(case: Case) -> None:
    case.is_draft = True


def marker(case: Case) -> None:
    case.links.clear()
    case.custom_fields.clear()


DAMAGE: list[tuple[Callable[[Case], None], str]] = [
    (title, "title"), (priority, "priority"), (precondition, "precondition"), (cut_step, "steps"),
    (swapped_steps, "steps"), (tag, "tags"), (link, "links"), (draft, "is_draft"),
]  # fmt: skip


def retag(running: Rig) -> None:
    """The stand-in answers tags by their id."""
    for case in running.shop.cases:
        for name in case.tags:
            running.shop.tags.setdefault(name, 999)


@pytest.mark.parametrize(("spoil", "field"), DAMAGE)
@pytest.mark.parametrize("workspace", ["kept", "fresh"])
async def test_a_damaged_field_is_different(
    migrated: Rig, spoil: Callable[[Case], None], field: str, workspace: str
) -> None:
    case = migrated.shop.cases[NUMBER]
    spoil(case)
    retag(migrated)
    if workspace == "fresh":
        fresh(migrated)
    found = await migrated.verify()
    assert [(entry["id"], entry["field"]) for entry in found.different] == [(case.id, field)]
    assert (found.missing, found.extra, found.doubled, found.edited) == ([], [], [], [])
    assert found.different[0]["expected"] != found.different[0]["found"]


async def test_a_lost_marker_is_damage_too(migrated: Rig) -> None:
    marker(migrated.shop.cases[NUMBER])
    found = await migrated.verify()
    assert {entry["field"] for entry in found.different} == {"links", "marker"}


@pytest.mark.parametrize("workspace", ["kept", "fresh"])
async def test_a_deleted_case_is_missing(migrated: Rig, workspace: str) -> None:
    case = migrated.shop.cases.pop(NUMBER)
    if workspace == "fresh":
        fresh(migrated)
    found = await migrated.verify()
    assert [entry["title"] for entry in found.missing] == [case.title]
    assert (found.extra, found.doubled, found.different, found.edited) == ([], [], [], [])


@pytest.mark.parametrize("workspace", ["kept", "fresh"])
async def test_a_case_in_the_wrong_folder_is_different(migrated: Rig, workspace: str) -> None:
    case = migrated.shop.cases[NUMBER]
    case.folder_id = next(ident for ident in migrated.shop.folders if ident != case.folder_id)
    if workspace == "fresh":
        fresh(migrated)
    found = await migrated.verify()
    assert [(entry["id"], entry["field"]) for entry in found.different] == [(case.id, "folder")]


@pytest.mark.parametrize("workspace", ["kept", "fresh"])
async def test_a_case_that_stands_twice_is_doubled(migrated: Rig, workspace: str) -> None:
    copied(migrated, migrated.shop.cases[NUMBER])
    if workspace == "fresh":
        fresh(migrated)
    found = await migrated.verify()
    assert [(entry["id"], entry["found"]) for entry in found.doubled] == [("a-copy", "case 500")]
    assert (found.extra, found.missing, found.different, found.edited) == ([], [], [], [])


async def test_a_marker_that_nobody_knows_is_extra(migrated: Rig) -> None:
    copy = copied(migrated, migrated.shop.cases[NUMBER])
    copy.links = [{"text": "Source: qacomplete@acme:test:12/77", "url": "https://q.example/77"}]
    copy.custom_fields = {}
    found = await migrated.verify()
    assert [entry["marker"] for entry in found.extra] == ["qacomplete@acme:test:12/77"]
    assert (found.doubled, found.missing, found.different) == ([], [], [])


def copied(running: Rig, case: Case) -> Case:
    copy = Case(
        "a-copy", 500, case.folder_id, 99, case.title, case.priority, case.precondition, list(case.steps),
        list(case.tags), [], [dict(link) for link in case.links], [], dict(case.custom_fields), is_draft=False,
    )  # fmt: skip
    running.destination.store.add_case(running.shop, copy)
    return copy


async def test_a_deleted_folder_is_missing_and_a_renamed_one_is_edited(migrated: Rig) -> None:
    empty = migrated.destination.store.upsert_folder(migrated.shop, ["unused"], None)[0]
    assert (await migrated.verify()).wrong == 0
    del migrated.shop.folders[empty]
    renamed = migrated.shop.folders[next(iter(migrated.shop.folders))]
    renamed.title = "By a colleague"
    found = await migrated.verify()
    assert found.wrong == 0
    assert "By a colleague" in {entry["found"].split("/")[0] for entry in found.edited}


@pytest.mark.parametrize(("spoil", "field"), DAMAGE)
async def test_an_edit_by_a_person_is_listed_and_not_counted(
    migrated: Rig, spoil: Callable[[Case], None], field: str
) -> None:
    case = migrated.shop.cases[NUMBER]
    spoil(case)
    case.version += 1  # as the server counts every edit
    retag(migrated)
    found = await migrated.verify()
    assert [(entry["id"], entry["field"]) for entry in found.edited] == [(case.id, field)]
    assert found.wrong == 0


async def test_formatting_by_a_person_is_an_edit_too(migrated: Rig) -> None:
    case = migrated.shop.cases[NUMBER]
    case.precondition = case.precondition.replace("Shows", "<b>Shows</b>")
    case.version += 1
    found = await migrated.verify()
    assert [entry["field"] for entry in found.edited] == ["precondition"]
    assert found.wrong == 0


async def test_an_edit_beside_our_own_update_stays_an_edit(migrated: Rig) -> None:
    case = migrated.shop.cases[NUMBER]
    case.title, case.version = "By a colleague", case.version + 1
    test = next(test for test in migrated.source.data.tests if case.links[0]["text"].endswith(f"/{test.id}"))
    test.priority = "3-Low" if test.priority != "3-Low" else "1-High"
    assert (await migrated.run()).items["case"]["updated"] == 1
    found = await migrated.verify()
    assert [(entry["id"], entry["field"]) for entry in found.edited] == [(case.id, "title")]
    assert found.wrong == 0


@pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of human-written cases lies outside the project")
async def test_an_untouched_copy_of_the_corpus_has_no_finding(tmp_path: Path, profile: Profile) -> None:
    options = StandInOptions(profile=profile)
    async with rig(tmp_path, load_seed_file(CORPUS), destination_options=options) as running:
        assert not (await running.run()).has_failures
        for workspace in ("workspace", "fresh"):
            running.settings = {"workspace": str(running.folder / workspace)}
            found = await running.verify()
            assert (found.wrong, found.edited) == (0, [])
            assert found.checked == {"project": 1, "folder": 9, "case": 191}
        running.settings = {"workspace": str(running.folder / "third")}
        plan = await running.plan()
        assert plan.actions == {}
        assert plan.items["case"] == {"adopted": 191}


async def test_the_command_prints_and_exits_with_6(migrated: Rig) -> None:
    clean = await migrated.migrate("verify")
    assert clean.code == 0, clean.err
    assert "30 cases: 0 wrong, 0 edited" in clean.out
    migrated.shop.cases[NUMBER].title = "Damaged [b]title[/b]"
    spoilt = await migrated.migrate("verify --json")
    assert spoilt.code == 6
    document = json.loads(spoilt.out)
    assert set(document) == {
        "checked",
        "missing",
        "extra",
        "different",
        "doubled",
        "edited",
        "deleted",
        "in_doubt",
        "no_base",
        "newer",
        "open",
        "report",
        "left_out",
    }
    assert set(document["different"][0]) == {"kind", "marker", "id", "title", "field", "expected", "found"}
    printed = await migrated.migrate("verify")
    assert printed.code == 6
    assert "Damaged [b]title[/b]" in printed.out
    assert {call.partition(" ")[0] for call in migrated.source.log.counts} == {"GET"}


async def test_a_project_that_is_gone_is_missing(migrated: Rig) -> None:
    del migrated.destination.store.projects["SHOP"]
    found = await migrated.verify()
    assert [entry["kind"] for entry in found.missing] == ["project"]


async def test_a_project_that_nobody_has_made_yet_is_open_and_not_missing(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(3)) as running:
        for _ in range(2):
            found = await running.verify()
            assert (found.wrong, found.checked) == (0, {})
            assert found.open["case"] == {"pending": 3}
            assert found.report == ""
