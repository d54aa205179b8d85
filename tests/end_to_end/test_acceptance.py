"""The page that is signed: what it says is what happened since the first day, and nobody can write over it."""

import csv
import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors.qacomplete import sandbox as qacomplete
from connectors.qacomplete.sandbox import demo_company, generate
from connectors.qasphere import sandbox as qasphere
from migrator.app.reports import acceptance
from migrator.core.errors import WorkspaceDamaged
from tests.end_to_end.test_reports import case_of, items_in, marker
from tests.support.rig import Rig, rig


@pytest.fixture
async def migrated(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path, generate(12)) as running:
        assert not (await running.run()).has_failures
        yield running


def pages(running: Rig) -> list[Path]:
    return sorted((running.folder / "workspace" / "reports").glob("acceptance-*.html"), key=lambda page: page.stem)


def document(page: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.with_suffix(".json").read_bytes())
    return found


def crosswalk(running: Rig) -> dict[str, str]:
    """Return name of an acceptance report → its SHA-256 in the crosswalk."""
    path = running.folder / "crosswalk.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {line["title"]: line["sha256"] for line in csv.DictReader(file) if line["kind"] == "acceptance"}


async def test_it_tells_since_the_first_day_and_the_first_one_stays_as_it_was(migrated: Rig) -> None:
    ended = await migrated.migrate("verify --json")
    assert ended.code == 0, ended.err
    (first,) = pages(migrated)
    assert json.loads(ended.out)["report"] == str(first)
    assert document(first)["accepted"] is True
    before = first.read_bytes()

    migrated.source.data.tests[0].title = "Another title"
    gone = migrated.source.data.tests[3]
    left = marker(migrated, 3)
    migrated.source.data.tests.remove(gone)
    migrated.settings = {"sync": {"max_deletions": 5, "max_deleted_share": 1.0}}
    await migrated.sync(full=True)
    await migrated.sync(full=True)
    await migrated.verify()
    _, second = pages(migrated)
    assert first.read_bytes() == before
    found = document(second)
    assert found["accepted"] is True
    (cases,) = (line for line in found["counts"] if line["kind"] == "case")
    assert (cases["at_source"], cases["there"], cases["left"], cases["compared"]) == (11, 11, 1, 12)
    fates = {marker: item["fate"] for marker, item in items_in(second).items()}
    assert fates[marker(migrated, 0)] == "updated"
    assert fates[marker(migrated, 1)] == "migrated"
    assert fates[left] == "left"
    assert "unchanged" not in fates.values()
    assert {item["marker"]: item["fate"] for item in found["items"]} == fates
    assert found["projects"] == [{"source": "12", "title": "Shop", "code": "SHOP", "name": "Shop"}]
    assert [page["name"] for page in found["earlier"]] == [first.name]

    assert (await migrated.migrate(f"report --crosswalk {migrated.folder / 'crosswalk.csv'}")).code == 0
    digests = {page.name: hashlib.sha256(page.read_bytes()).hexdigest() for page in (first, second)}
    assert crosswalk(migrated) == digests
    text = second.read_text(encoding="utf-8")
    assert hashlib.sha256(second.with_suffix(".json").read_bytes()).hexdigest() in text
    assert qacomplete.PASSWORD not in text
    assert qasphere.ADMIN_KEY not in text


async def test_the_next_step_is_the_page_until_something_is_written_again(migrated: Rig) -> None:
    assert "next: `migrator verify`" in (await migrated.migrate("run")).out
    assert "next: have that report signed; `migrator report --crosswalk" in (await migrated.migrate("verify")).out
    (page,) = pages(migrated)
    assert f"verified since the last write, {page.name}: Everything migrated" in (await migrated.migrate("run")).out
    migrated.source.data.tests[0].title = "Another title"
    assert "next: `migrator verify`" in (await migrated.migrate("run")).out


async def test_a_run_that_finds_something_deleted_does_not_deny_the_project(migrated: Rig) -> None:
    migrated.source.data.tests.pop()
    await migrated.run()
    await migrated.verify()
    verdict, *others = (news["text"] for news in document(pages(migrated)[-1])["verdict"])
    assert verdict.endswith(" 1 project.")
    assert "1 case left the source since; QA Sphere keeps what it has" in others


async def test_an_earlier_edition_of_a_page_has_not_left_the_source(tmp_path: Path) -> None:
    async with rig(tmp_path, demo_company()) as running:
        running.settings["mapping"] = {"pages": {"make": True}}
        await running.run()
        running.source.data.tests_of(12)[0].title = "Another title"
        await running.sync()
        await running.verify()
    found = document(pages(running)[-1])
    assert found["accepted"] is True
    assert not [news["text"] for news in found["verdict"] if "left the source" in news["text"]]
    (files,) = (line for line in found["counts"] if line["kind"] == "file")
    replaced = [item["marker"] for item in found["items"] if item["fate"] == "replaced"]
    assert files["replaced"] == len(replaced) > 0
    assert all("#page-" in name for name in replaced)
    assert files["at_source"] + files["made"] == sum(
        files[column] for column in ("there", "folded", "archived", "excluded", "gone", "open")
    )


async def test_what_a_rule_leaves_out_since_is_not_denied(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(12, items=3)) as running:
        await running.run()
        before = await running.verify()
        top, *_, folder = running.source.data.folders
        left_out = [n for n, test in enumerate(running.source.data.tests) if test.folder_id == folder.id]
        project = running.config()["projects"][0]
        running.settings = {"projects": [project | {"exclude": [f"{top.title}/{folder.title}"]}]}
        assert not (await running.run()).has_failures
        after = await running.verify()
    found = document(pages(running)[-1])
    assert after.checked == before.checked
    assert found["accepted"] is True
    assert f": {before.checked['case']} cases," in found["verdict"][0]["text"]
    said = f"{len(left_out)} cases, 1 folder excluded since; QA Sphere keeps what it has"
    assert said in [news["text"] for news in found["verdict"]]
    for line in found["counts"]:
        if line["kind"] in ("case", "folder", "run", "result"):
            assert line["there"] == line["compared"] == after.checked[line["kind"]]
    (cases,) = (line for line in found["counts"] if line["kind"] == "case")
    assert cases["excluded_since"] == len(left_out)
    assert {item["fate"] for item in found["items"] if item["marker"] == marker(running, left_out[0])} == {
        "excluded_since"
    }


async def test_what_is_open_leads_and_nothing_is_called_accepted(migrated: Rig) -> None:
    case_of(migrated, 0).title = "By a colleague"
    case_of(migrated, 0).version += 1
    migrated.shop.cases.remove(case_of(migrated, 1))
    ended = await migrated.migrate("verify")
    assert ended.code == 6
    (page,) = pages(migrated)
    found = document(page)
    assert found["accepted"] is False
    assert [line["tone"] for line in found["verdict"]][:2] == ["bad", "bad"]
    assert "1 point open" in found["verdict"][0]["text"]
    assert found["verdict"][1]["text"] == "1 case missing in QA Sphere"
    assert found["verification"]["missing"][0]["marker"] == marker(migrated, 1)
    (cases,) = (line for line in found["counts"] if line["kind"] == "case")
    assert (cases["there"], cases["compared"]) == (12, 11)
    run_page = migrated.folder / "run.html"
    await migrated.migrate(f"report --html {run_page}")
    assert "1 point open" in run_page.read_text(encoding="utf-8")


@pytest.mark.parametrize("options", ["--only 10001", "--limit 2"])
async def test_a_part_is_not_signed(migrated: Rig, options: str) -> None:
    ended = await migrated.migrate(f"verify --json {options}")
    assert ended.code == 0
    assert json.loads(ended.out)["report"] == ""
    assert pages(migrated) == []


async def test_a_new_workspace_that_only_compared_leaves_none(migrated: Rig) -> None:
    migrated.settings = {"workspace": str(migrated.folder / "other")}
    await migrated.verify()
    assert not list(migrated.folder.glob("other/reports/*"))


async def test_one_that_cannot_be_written_fails_no_verification(migrated: Rig) -> None:
    folder = migrated.folder / "workspace" / "reports"
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    folder.write_text("in the way", encoding="utf-8")
    ended = await migrated.migrate("verify")
    assert ended.code == 0
    assert "could not be written" in ended.err


async def test_what_a_colleague_deleted_in_qa_sphere_is_accepted_by_a_decision_only(migrated: Rig) -> None:
    case = migrated.shop.cases[4]
    migrated.shop.cases.remove(case)
    assert (await migrated.migrate("verify")).code == 6
    sync = await migrated.sync()
    (marker_of_it,) = [item["marker"] for item in sync.gone]
    ended = await migrated.migrate("verify")
    assert ended.code == 6
    assert "projects[].deleted_there" in ended.out
    assert document(pages(migrated)[-1])["accepted"] is False

    project = migrated.config()["projects"][0]
    for names, accepted in ((["SHOP-999"], False), ([f"shop-{case.seq:03}"], True), ([marker_of_it], True)):
        migrated.settings = {"projects": [project | {"deleted_there": names}]}
        found = await migrated.verify()
        assert found.wrong == (0 if accepted else 1)
        assert [item["marker"] for item in found.deleted] == ([marker_of_it] if accepted else [])
        left = document(pages(migrated)[-1])
        assert left["accepted"] is accepted
        said = [news["text"] for news in left["verdict"] if "deleted in QA Sphere" in news["text"]]
        assert len(said) == 1
        assert ("this was decided" in said[0]) is accepted
        (cases,) = [tally for tally in left["counts"] if tally["kind"] == "case"]
        assert (cases["there"], cases["gone"], cases["compared"]) == (11, 1, 11)
    assert len(migrated.shop.cases) == 11


async def test_pages_that_were_only_planned_are_no_items_that_left(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(3, items=2)) as running:
        running.settings = {"mapping": {"pages": {"make": True}}}
        await running.plan()
        for defect in running.source.data.defects:
            defect.title += " (edited)"  # so that their page is another one
        status = await running.run()
        await running.verify()
        found = document(pages(running)[-1])
        ended = await running.migrate("report --crosswalk crosswalk.csv")
        lines = (running.folder / "crosswalk.csv").read_text(encoding="utf-8-sig").splitlines()
    assert ended.code == 0, ended.err
    assert found["accepted"] is True
    assert [news["text"] for news in found["verdict"] if "left the source" in news["text"]] == []
    assert sum(line.startswith("file,") for line in lines) == sum(status.items["file"].values())
    assert {item["fate"] for item in found["items"] if item["kind"] == "file"} == {"migrated"}


async def test_damage_found_while_it_is_written_ends_the_verification(
    migrated: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_args: object) -> None:
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error

    monkeypatch.setattr(acceptance, "_acceptance", damaged)
    with pytest.raises(WorkspaceDamaged):
        await migrated.verify()
