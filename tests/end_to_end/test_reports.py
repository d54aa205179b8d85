"""Reports of real migrations: what they say is what happened."""

import csv
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors.qacomplete import sandbox as qacomplete
from connectors.qacomplete.sandbox import generate
from connectors.qasphere import sandbox as qasphere
from connectors.qasphere.sandbox.store import Case
from migrator.app.reports import write
from tests.support.oracle import marker_of
from tests.support.report_page import ATTACK, blocks_in
from tests.support.rig import Rig, rig

FORMULA = "=1+1"


@pytest.fixture
async def migrated(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path, generate(30)) as running:
        assert not (await running.run()).has_failures
        yield running


def marker(running: Rig, number: int) -> str:
    return f"qacomplete@acme:test:12/{running.source.data.tests[number].id}"


def case_of(running: Rig, number: int) -> Case:
    return next(case for case in running.shop.cases if marker_of(case) == marker(running, number))


def edit_both_sides(running: Rig) -> None:
    """0 and 1 change at the source, 1 in QA Sphere as well, 2 is deleted there."""
    for number in (0, 1):
        running.source.data.tests[number].title = f"From the source {number}"
    case_of(running, 1).title = ATTACK
    case_of(running, 1).version += 1
    running.shop.cases.remove(case_of(running, 2))


def items_in(path: Path) -> dict[str, dict[str, Any]]:
    """Return marker → fate, action, reason, codes of notes, and changes by field, of every item of a report."""
    found = blocks_in(path.read_text(encoding="utf-8"))
    tables = found["tables"][0]
    items = {}
    for rows, details in zip(found["rows"], found["details"], strict=True):
        for row, detail in zip(rows, details, strict=True):
            items[row[6]] = {
                "fate": tables["fates"][row[1]],
                "action": tables["actions"][row[2]],
                "code": row[7],
                "reason": detail[0],
                "notes": {tables["codes"][note[0]] for note in detail[3]},
                "changes": {change[0]: tuple(change[1:]) for change in detail[4]},
            }
    return items


async def test_a_plan_shows_both_sides_of_updates_and_conflicts(migrated: Rig) -> None:
    before = case_of(migrated, 0).title
    migrated_title = case_of(migrated, 1).title
    edit_both_sides(migrated)
    path = migrated.folder / "plan.html"
    ended = await migrated.migrate(f"plan --json --html {path}")
    assert ended.code == 0, ended.err
    assert f"wrote the plan to {path}" in ended.err
    items = items_in(path)
    assert len(items) == sum(sum(by_fate.values()) for by_fate in json.loads(ended.out)["items"].values())
    update, conflict = items[marker(migrated, 0)], items[marker(migrated, 1)]
    assert (update["fate"], update["action"]) == ("pending", "update")
    assert update["changes"] == {"title": (before, "From the source 0", "", False)}
    assert conflict["fate"] == "conflict"
    assert conflict["changes"] == {"title": (ATTACK, "From the source 1", migrated_title, False)}
    assert items[marker(migrated, 2)]["fate"] == "gone"
    assert items[marker(migrated, 3)]["changes"] == {}
    page = path.read_text(encoding="utf-8")
    assert f"Plan {json.loads(ended.out)['plan_id']}" in page
    assert "mapping: {custom_fields: {&#34;Component&#34;: tag}}" in page
    assert ATTACK not in page


async def test_a_suspect_and_a_changed_rule_are_told_apart(migrated: Rig) -> None:
    migrated.settings = {"mapping": {"custom_fields": {"Component": "drop"}}}
    await migrated.plan()
    path = migrated.folder / "plan.html"
    write.write_plan_report(migrated.parsed(), path)
    item = items_in(path)[marker(migrated, 0)]
    assert (item["fate"], item["action"]) == ("unchanged", "remap")
    left, right, *_ = item["changes"]["precondition"]
    assert "Component" in left
    assert "Component" not in right
    assert {"remap", "field_dropped"} <= item["notes"]


async def test_the_report_of_a_run_shows_what_was_written_and_how_long_it_took(migrated: Rig) -> None:
    before = case_of(migrated, 0).title
    edit_both_sides(migrated)
    migrated.shop.tags["theirs"] = 999
    case_of(migrated, 0).tags.append("theirs")
    case_of(migrated, 0).precondition = "<p>By a colleague</p>"
    case_of(migrated, 0).version += 1
    plan = await migrated.plan()
    ended = await migrated.migrate("apply")
    path = migrated.folder / "workspace" / "reports" / "apply.html"
    assert f"run report: {path}" in ended.err
    updated = items_in(path)[marker(migrated, 0)]
    assert updated["fate"] == "updated"
    precondition = updated["changes"].pop("precondition")
    assert (precondition[0], precondition[-1]) == ("By a colleague", True)
    assert updated["changes"] == {"title": (before, "From the source 0", "", False)}
    assert updated["code"] == f"SHOP-{case_of(migrated, 0).seq:03}"
    assert items_in(path)[marker(migrated, 1)]["changes"]["title"][:2] == (ATTACK, "From the source 1")
    page = path.read_text(encoding="utf-8")
    assert "The books balance" in page
    assert "Forecast and reality" in page
    assert plan.plan_id in page
    for phase in ("extract tests", "update"):
        assert f'<th scope="row">{phase}</th>' in page


async def test_a_half_done_migration_can_be_reported_and_holds_no_secret(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(60)) as running:
        assert (await running.migrate(kill_at=20)).code < 0
        path = tmp_path / "run.html"
        ended = await running.migrate(f"report --html {path}")
        assert ended.code == 0, ended.err
        page = path.read_text(encoding="utf-8")
        assert "not migrated yet" in page
        assert {item["fate"] for item in items_in(path).values()} >= {"pending", "migrated"}
        assert qacomplete.PASSWORD not in page
        assert qasphere.ADMIN_KEY not in page


async def test_a_report_that_cannot_be_written_is_no_failed_run(migrated: Rig) -> None:
    folder = migrated.folder / "workspace" / "reports"
    (folder / "run.html").unlink()
    (folder / "run.html").mkdir()
    ended = await migrated.migrate("run")
    assert ended.code == 0
    assert "the run report could not be written" in ended.err
    assert not list(folder.glob("*.part"))


async def test_the_crosswalk_keeps_what_has_left_the_source(migrated: Rig) -> None:
    migrated.source.data.tests[5].title = FORMULA
    left = marker(migrated, 6)
    del migrated.source.data.tests[6]
    await migrated.run()
    table, document = migrated.folder / "crosswalk.csv", migrated.folder / "crosswalk.json"
    ended = await migrated.migrate(f"report --crosswalk {table}")
    assert ended.code == 0, ended.err
    assert "wrote 36 items" in ended.out
    write.write_crosswalk(migrated.parsed(), document)
    with table.open(encoding="utf-8-sig", newline="") as file:
        lines = {line["source"]: line for line in csv.DictReader(file)}
    entries = {entry["source"]: entry for entry in json.loads(document.read_text(encoding="utf-8"))}
    assert lines.keys() == entries.keys()
    assert entries[left]["url"]
    changed = marker(migrated, 5)
    assert (lines[changed]["title"], entries[changed]["title"]) == ("'" + FORMULA, FORMULA)
    seq = case_of(migrated, 5).seq
    assert entries[changed]["marker"] == f"SHOP-{seq:03}"
    assert entries[changed]["url"] == f"{migrated.destination_url}/project/SHOP/tcase/{seq}"
    assert entries[changed]["old_id"] == str(migrated.source.data.tests[5].id)
    assert entries[changed]["old_url"].endswith(f"/tests/{entries[changed]['old_id']}")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("report", "name at least one"),
        ("report --crosswalk x.xlsx", "neither in .csv nor in .json"),
        ("report --html nowhere/x.html", "cannot write nowhere/x.html"),
        ("plan --html nowhere/x.html", "cannot write nowhere/x.html"),
    ],
)
async def test_a_report_that_was_not_asked_for_well_says_how(migrated: Rig, arguments: str, words: str) -> None:
    ended = await migrated.migrate(arguments)
    assert ended.code == 2
    assert words in " ".join(ended.err.replace("│", " ").split())


async def test_all_reports_at_once_as_json(migrated: Rig) -> None:
    ended = await migrated.migrate("report --json --html a.html --crosswalk b.csv --archive c.ndjson")
    assert ended.code == 0, ended.err
    document = json.loads(ended.out)
    assert document["items"] == 36
    assert document["lines"] == 36
    assert {document["html"], document["crosswalk"], document["file"]} == {"a.html", "b.csv", "c.ndjson"}
