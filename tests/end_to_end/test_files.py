"""Attachments from QAComplete to QA Sphere, through the whole program."""

import csv
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from connectors.qacomplete.sandbox import demo_company, generate
from connectors.qacomplete.sandbox.company import ITEM_URL
from connectors.qacomplete.sandbox.files import File
from connectors.qacomplete.sandbox.generate_files import generate_files
from connectors.qacomplete.sandbox.sample_files import png
from migrator.app.forecasts import requests_per_file
from migrator.app.reports.documents import plan_of_saved
from migrator.standin.options import Profile, StandInOptions
from state.workspace import open_workspace
from tests.support.file_oracle import file_problems, orphans, owners, sha256_of
from tests.support.oracle import marker_of
from tests.support.rig import Rig, rig
from tests.support.services import shell_of
from tests.torture.files import file_fault_run, file_kill_run


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Rig]:
    data = generate(12)
    generate_files(data, 40, smallest=1, largest=5000)
    async with rig(tmp_path, data) as opened:
        yield opened


@pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
async def test_every_file_stands_in_its_case_and_verify_proves_it(tmp_path: Path, profile: Profile) -> None:
    data = generate(12)
    generate_files(data, 40, smallest=1, largest=5000)
    options = StandInOptions(profile=profile)
    async with rig(tmp_path, data, source_options=options, destination_options=options) as running:
        status = await running.run()
        assert status.items["file"] == {"migrated": 40}
        assert status.balanced
        assert file_problems(running) == []
        assert orphans(running) == 0
        found = await running.verify(files="all")
        assert (found.wrong, found.edited) == (0, [])
        assert found.checked["file"] == 40
        before = running.writes()
        again = await running.run()
        assert again.items["file"] == {"unchanged": 40}
        assert running.writes() == before


async def test_verify_names_a_file_whose_bytes_are_not_ours(running: Rig) -> None:
    await running.run()
    stored = next(iter(running.destination.store.files.values()))
    stored.kept = b"somebody else's"
    found = await running.verify(files="all")
    ((wrong,), missing) = (found.different, found.missing)
    assert (wrong["kind"], wrong["id"], wrong["field"], missing) == ("file", stored.id, "sha256", [])
    del running.destination.store.files[stored.id]
    found = await running.verify(files="all")
    assert [(row["kind"], row["id"]) for row in found.missing] == [("file", stored.id)]
    assert (await running.verify(files="none")).wrong == 0


async def test_a_file_that_a_colleague_adds_survives_and_one_of_ours_that_comes_later_is_added(running: Rig) -> None:
    await running.run()
    case = running.shop.cases[0]
    theirs = dict(case.files[0], fileName="theirs.txt")
    case.files.append(theirs)
    case.version += 1
    test = int(case.links[0]["text"].rpartition("/")[2])
    project = running.source.data.projects[0].id
    running.source.data.files.append(File(990_001, project, "Tests", test, "late.txt", bytes_=b"late"))
    status = await running.run()
    assert status.items["case"] == {"unchanged": 11, "updated": 1}
    names = [row["fileName"] for row in case.files]
    assert "theirs.txt" in names
    assert "late.txt" in names
    assert (await running.run()).items["case"] == {"unchanged": 12}


async def test_a_file_that_fails_is_named_in_its_case_and_retry_brings_it(running: Rig) -> None:
    broken = running.source.data.files[3]
    broken.trouble = "fault"
    status = await running.run()
    assert status.items["file"] == {"migrated": 39, "failed": 1}
    assert status.items["case"] == {"migrated": 12}
    (problem,) = file_problems(running)
    assert broken.name in problem
    shown = [case for case in running.shop.cases if f">{broken.name}</a>" in case.precondition]
    assert len(shown) == 1
    assert (await running.verify()).wrong == 0
    assert (await running.run()).items["file"] == {"unchanged": 39, "failed": 1}
    broken.trouble = None
    ended = await running.migrate("retry --files --json")
    assert ended.code == 0, ended.err
    assert file_problems(running) == []
    assert "Files that stay at the source" not in shown[0].precondition
    assert (await running.verify(files="all")).wrong == 0


async def test_links_between_cases_lead_to_the_new_ones(running: Rig) -> None:
    first, second = running.source.data.tests[0], running.source.data.tests[1]
    address = f"{running.source_url}/v1/projects/12/tests/"
    first.description = f'<p>See <a href="{address}{second.id}">the other</a></p>'
    second.description = f'<p>Back to <a href="{address}{first.id}">the first</a></p>'
    status = await running.run()
    assert status.items["case"] == {"migrated": 12}
    cases = {case.links[0]["text"].rpartition("/")[2]: case for case in running.shop.cases}
    one, two = cases[str(first.id)], cases[str(second.id)]
    assert f"{running.destination_url}/project/SHOP/tcase/{two.seq}" in one.precondition
    assert f"{running.destination_url}/project/SHOP/tcase/{one.seq}" in two.precondition
    assert (await running.verify()).wrong == 0
    assert (await running.run()).items["case"] == {"unchanged": 12}


async def test_a_new_workspace_adopts_files_without_reading_them_again(running: Rig) -> None:
    await running.run()
    running.settings = {"workspace": str(running.folder / "second")}
    uploads, writes = len(running.destination.store.files), running.writes()
    status = await running.run()
    assert status.items["file"] == {"adopted": 40}
    assert status.items["case"] == {"adopted": 12}
    assert (len(running.destination.store.files), running.writes()) == (uploads, writes)


async def test_without_bytes_files_are_named_and_nothing_fails(running: Rig) -> None:
    running.settings = {"source": {"attachments": "none"}}
    status = await running.run()
    assert status.items["file"] == {"excluded": 40}
    assert {note["code"] for note in status.notes if note["kind"] == "file"} == {"file_not_read"}
    assert running.destination.store.files == {}
    assert sum(case.precondition.count("Files that stay at the source") for case in running.shop.cases) == 12
    running.settings = {}
    status = await running.run()
    assert status.items["file"] == {"migrated": 40}
    assert status.items["case"] == {"updated": 12}
    assert file_problems(running) == []


async def test_the_whole_archive_stays_when_it_is_asked_for(tmp_path: Path) -> None:
    async with rig(tmp_path, demo_company()) as running:
        running.settings = {"keep_files": True}
        status = await running.run()
        assert status.balanced
        kept = {path.name for path in (tmp_path / "workspace" / "files").rglob("*") if path.is_file()}
        assert {file.sha256 for file in running.destination.store.files.values()} <= kept
        # those of requirements, defects, releases and test sets have no place in QA Sphere
        elsewhere = [file for file in running.source.data.files if file.code not in ("Tests", "TestSteps")]
        assert len(elsewhere) == 4
        assert {sha256_of(file) for file in elsewhere} <= kept
        asked = running.source.log.counts["POST /psws.asmx Attachments_GetAttachment"]
        await running.run()
        assert running.source.log.counts["POST /psws.asmx Attachments_GetAttachment"] == asked


async def test_the_plan_says_what_files_will_cost(running: Rig) -> None:
    # neither does an answer come too late here, nor is a card soon renewed
    running.settings |= {"http": {"timeout": 30}, "destination": {"settle_seconds": 30}}
    plan = await running.plan()
    assert plan.items["file"] == {"pending": 40}
    assert plan.cost.bytes_max >= plan.cost.bytes_min
    before = running.requests()
    await running.apply()
    # two creates that meet in one folder are refused and sent again; a slow source makes more and smaller uploads
    clashes = running.destination.log.statuses[409]
    uploads = running.destination.log.counts["POST /api/public/v0/file/batch"] - plan.cost.endpoints["POST files"]
    # and in a slow load the card is renewed more often, with a look at it before
    folders = running.destination.log.counts["POST /api/public/v0/project/{project}/tcase/folder/bulk"]
    renewals = folders - plan.cost.endpoints["POST folders"]
    asked = running.requests() - before
    assert asked - clashes - uploads - 2 * renewals == plan.cost.requests
    # what it took stands beside what was forecast, and the next forecast knows what a file really cost
    with open_workspace(running.folder / "workspace", write=False) as workspace:
        saved = workspace.plans.find(plan.plan_id)
        assert saved
        measured = plan_of_saved(saved).cost.measured
        assert measured
        assert measured.source_requests
        assert (measured.requests, plan.cost.files) == (asked, 40)
        assert requests_per_file(workspace) == measured.source_requests / 40
    page = (running.folder / "workspace" / "reports" / "apply.html").read_text(encoding="utf-8")
    assert "Forecast and reality" in page
    assert f"<td>{plan.cost.requests}</td><td>{asked}</td>" in page


async def test_kills_neither_lose_nor_double_files(tmp_path: Path) -> None:
    report = await file_kill_run(tmp_path, cases=40, files=250, random_kills=3, seed=1)
    assert report.code == 0, report.out
    assert report.wrong == []
    assert report.kills.total() >= 5
    with open_workspace(tmp_path / "workspace") as workspace:
        assert report.orphans <= workspace.leftovers.counts().get("upload", 0)


@pytest.mark.quick_clock
async def test_faults_on_both_sides_neither_lose_nor_spoil_files(tmp_path: Path) -> None:
    report = await file_fault_run(tmp_path, cases=10, files=40, seed=1, in_process=True)
    assert report.code == 0, report.out
    assert report.wrong == []
    assert report.faults > 10


def comments(running: Rig, words: str) -> list[str]:
    results = [one for run in running.shop.runs.values() for case in run.cases.values() for one in case.results]
    return [one.comment for one in results if words in one.comment]


async def test_the_files_of_the_demo_are_equal_on_both_sides(tmp_path: Path) -> None:
    async with rig(tmp_path, demo_company()) as running:
        running.settings = {"source": {"item_url": ITEM_URL}}
        await running.run()
        there = running.destination.store.files
        cases = {marker_of(case): case for case in running.shop.cases}
        rows = []
        for test, files in owners(running.source.data).items():
            stored = [there[row["id"]] for row in cases[f"qacomplete@acme:test:12/{test}"].files]
            # some have another name in QA Sphere, so they are found by their bytes
            rows += [(file, [other for other in stored if other.sha256 == sha256_of(file)]) for file in files]
        # a failed step shows a pasted screenshot and names another test
        (shown,) = comments(running, "[image: the basket with a wrong sum]")
        other = cases[f"qacomplete@acme:test:12/{running.source.data.tests_of(12)[7].id}"]
        assert f'<a href="{running.destination_url}/project/SHOP/tcase/{other.seq}">{other.title}</a>' in shown
        assert [file.content for ident, file in there.items() if ident in shown] == [png(160, 90, (220, 220, 240))]
    addresses = [file.name for file, found in rows if not found]
    assert addresses == ["https://wiki.acme.example/pay", r"\\server\share\plan.doc"]  # no bytes: named in the text
    pairs = [(file.name, found[0].size) for file, found in rows if found]
    assert len(pairs) == 10
    assert sum(name.endswith(".png") for name, _ in pairs) == 6


async def test_a_plan_can_fetch_files_ahead_and_apply_takes_them_from_there(running: Rig) -> None:
    broken = running.source.data.files[3]
    broken.trouble = "fault"
    plan = await running.plan(fetch=True)
    sizes = {sha256_of(file): file.size for file in running.source.data.files if file is not broken}
    assert plan.cost.bytes_min == plan.cost.bytes_max == sum(sizes.values())
    assert plan.items["file"] == {"pending": 39, "failed": 1}
    assert running.writes() == 0
    asked = running.source.log.counts["POST /psws.asmx Attachments_GetAttachment"]
    status = await running.apply(plan.plan_id)
    assert status.items["file"] == {"migrated": 39, "failed": 1}
    assert running.source.log.counts["POST /psws.asmx Attachments_GetAttachment"] == asked
    assert len(file_problems(running)) == 1


@pytest.mark.parametrize("status", [402, 404, 413])
async def test_retry_brings_the_files_of_cases_that_were_refused_for_a_while(running: Rig, status: int) -> None:
    shell = shell_of(running.destination.app)
    answer, refusing = shell._answer, [True]

    async def refused(request: web.Request, handler: Any, fault: Any) -> Any:
        # files as well: those that are in QA Sphere are not planned as blocked
        if refusing and request.method == "POST" and request.path.endswith(("/file/batch", "/tcase")):
            return web.json_response({"message": "not now"}, status=status)
        return await answer(request, handler, fault)

    shell._answer = refused
    for _ in range(3):  # the last one plans that the files of failed cases are blocked
        assert (await running.migrate("run --json")).code == 3
    refusing.clear()
    ended = await running.migrate("retry --json")
    assert ended.code == 0, ended.out + ended.err
    assert file_problems(running) == []


async def test_verify_compares_files_that_a_new_workspace_has_adopted_with_what_the_source_gives(running: Rig) -> None:
    await running.run()
    running.settings = {"workspace": str(running.folder / "second")}
    status = await running.run()
    assert status.items["file"] == {"adopted": 40}
    ended = await running.migrate("verify")
    assert "40 files found in QA Sphere by name, without a sum to compare with" in ended.err
    stored = list(running.destination.store.files.values())[3]
    stored.kept = b"somebody else's"
    found = await running.verify(files="all")
    assert found.checked["file"] == 40
    assert [(wrong["kind"], wrong["id"], wrong["field"]) for wrong in found.different] == [
        ("file", stored.id, "sha256")
    ]
    with (running.folder / "second" / "reports" / "crosswalk.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["kind"] == "file"]
    assert len([line for line in lines if line["sha256"] == line["new_sha256"] != ""]) == 39
    assert (await running.run()).items["case"] == {"unchanged": 12}


async def test_an_adopted_file_that_the_source_does_not_give_is_no_base_to_compare_with(running: Rig) -> None:
    await running.run()
    running.settings = {"workspace": str(running.folder / "second")}
    await running.run()
    running.source.data.files[3].trouble = "fault"
    found = await running.verify(files="all")
    assert (found.checked["file"], found.wrong) == (39, 0)
    assert [(one["kind"], one["title"], one["field"]) for one in found.no_base] == [
        ("file", running.source.data.files[3].name, "sha256")
    ]


async def test_a_file_that_was_replaced_under_its_id_is_named_once(running: Rig) -> None:
    await running.run()
    replaced = running.source.data.files[3]
    replaced.date_created, replaced.bytes_ = "2026-09-01T10:00:00.0", b"other bytes"
    for _ in range(2):
        status = await running.run()
        assert status.items["file"] == {"unchanged": 40}
        with open_workspace(running.folder / "workspace", write=False) as workspace:
            found = workspace.db.execute("SELECT original, field FROM note WHERE code = 'changed_at_source'").fetchall()
        assert found == [(replaced.name, "file")]
