"""Whole migrations: from a file through the engine into QA Sphere's stand-in, and proved."""

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import yaml

from connectors.qasphere import sandbox as qasphere
from mappings.rules import RunRules
from migrator.app import migrate
from migrator.app import plan as planning
from migrator.app import verify as verifying
from migrator.app.init.write import init
from migrator.config import Config, parse_config
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import CeilingReached
from migrator.core.events import ignore
from migrator.standin.options import StandInOptions
from migrator.standin.serve import serve

ROWS = [
    ["ID", "Folder", "Title", "Steps", "Expected result", "Priority", "Tags", "References", "Mood"],
    ["1", "Web/Login", "Log in", "Open", "It shows", "High", "smoke, slow", "R-1", "good"],
    ["", "", "", "Type", "Welcome", "", "", "", ""],
    ["2", "Web/Login", "Log out", "1. Click\n2. Confirm", "Bye", "Low", "smoke", "R-1, R-2", ""],
    ["3", "Shop", "Pay", "", "", "", "", "", ""],
]


def _write(path: Path, rows: list[list[str]]) -> None:
    if path.suffix == ".csv":
        quoted = (",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
        path.write_text("\n".join(quoted), encoding="utf-8")
        return
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)


def _config(folder: Path, path: Path, url: str) -> Config:
    destination = {"base_url": url, "api_key": qasphere.ADMIN_KEY, "requests_per_second": 100_000, "settle_seconds": 2}
    given: dict[str, Any] = {
        "workspace": str(folder / "workspace"),
        "source": {"connector": "spreadsheet", "path": path.name},
        "destination": destination,
        "projects": [{"source": "*", "destination": "WEB", "title": "Web"}],
    }
    return parse_config(given, folder / "config.yaml", {})


@pytest.mark.parametrize("name", ["cases.csv", "cases.xlsx"])
async def test_a_file_migrates_verifies_and_is_kept_up_to_date(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    _write(path, ROWS)
    stand_in = qasphere.build(StandInOptions())
    stand_in.store.add_custom_field("source_id", "Source ID")

    def writes() -> int:
        return sum(count for call, count in stand_in.log.counts.items() if not call.startswith("GET "))

    async with serve(stand_in.app) as url:
        config = _config(tmp_path, path, url)
        await planning.plan(config, ignore)
        assert writes() == 0
        assert (await migrate.run(config, ignore)).balanced
        cases = {case.title: case for case in stand_in.store.projects["WEB"].cases}
        assert sorted(cases) == ["Log in", "Log out", "Pay"]
        logged_in, logged_out = cases["Log in"], cases["Log out"]
        assert [(s["description"], s["expected"]) for s in logged_in.steps] == [
            ("<p>Open</p>", "<p>It shows</p>"),
            ("<p>Type</p>", "<p>Welcome</p>"),
        ]
        assert [(s["description"], s["expected"]) for s in logged_out.steps] == [
            ("<p>Click</p>", ""),
            ("<p>Confirm</p>", "<p>Bye</p>"),
        ]
        assert sorted(logged_in.tags) == ["slow", "smoke"]
        assert (logged_in.priority, logged_out.priority) == ("high", "low")
        assert "Mood" in logged_in.precondition
        assert [one["text"] for one in logged_out.requirements] == ["R-1", "R-2"]
        proof = await verifying.verify(config, ignore)
        assert [*proof.missing, *proof.extra, *proof.different, *proof.doubled] == []
        before = writes()
        assert (await migrate.run(config, ignore)).balanced
        assert writes() == before
        versions = {case.title: case.version for case in stand_in.store.projects["WEB"].cases}
        changed = [*ROWS[:3], ["9", "Web", "New above", *[""] * 6], *ROWS[3:]]
        changed[4] = [*changed[4][:5], "High", *changed[4][6:]]
        _write(path, changed)
        assert (await migrate.run(config, ignore)).balanced
        after = {case.title: case.version for case in stand_in.store.projects["WEB"].cases}
        assert {title for title in after if after[title] != versions.get(title)} == {"Log out", "New above"}


async def test_init_proposes_the_columns_that_it_has_recognised(tmp_path: Path) -> None:
    _write(tmp_path / "cases.csv", ROWS)
    async with serve(qasphere.build(StandInOptions()).app) as url:
        path = tmp_path / "config.yaml"
        environment = {"QASPHERE_API_KEY": qasphere.ADMIN_KEY}
        given = {"path": str(tmp_path / "cases.csv")}
        await init(path, connector="spreadsheet", destination_url=url, source=given, environment=environment)
    source = yaml.safe_load(path.read_text(encoding="utf-8"))["source"]
    assert source["columns"] == {
        "id": "ID",
        "folder": "Folder",
        "title": "Title",
        "steps": "Steps",
        "expected": "Expected result",
        "priority": "Priority",
        "tags": "Tags",
        "requirements": "References",
    }


async def test_a_table_that_has_lost_its_rows_is_asked_about(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    _write(folder / "web.csv", ROWS)
    _write(folder / "shop.csv", [["ID", "Title"], *([str(number), f"Buy {number}"] for number in range(10, 22))])
    stand_in = qasphere.build(StandInOptions())
    stand_in.store.add_custom_field("source_id", "Source ID")
    async with serve(stand_in.app) as url:
        config = _config(tmp_path, folder, url)
        await migrate.run(config, ignore)
        cases = len(stand_in.store.projects["WEB"].cases)
        whole = (folder / "shop.csv").read_text(encoding="utf-8")
        for cut, left in (("", 0), ("ID,Title\n", 0), ("ID,Title\n" + whole.partition("\n")[2][:60], 5)):
            (folder / "shop.csv").write_text(cut, encoding="utf-8")
            with pytest.raises(CeilingReached, match=f"list of rows of shop.csv.* holds {left}, but held 12") as told:
                await migrate.run(config, ignore)
            assert told.value.code is ErrorCode.LIST_EMPTY
        (folder / "shop.csv").write_text(whole, encoding="utf-8")
        await migrate.run(config, ignore)
        (folder / "web.csv").write_text("ID,Title\n", encoding="utf-8")
        with pytest.raises(CeilingReached, match=r"rows of web.csv.* holds 0, but held 3"):
            await migrate.run(config, ignore)
        believed = config.model_copy(
            update={"mapping": config.mapping.model_copy(update={"runs": RunRules(max_missing_share=1)})}
        )
        await migrate.run(believed, ignore)
        await migrate.run(config, ignore)
        assert len(stand_in.store.projects["WEB"].cases) == cases


async def test_addresses_that_are_none_cost_no_case(tmp_path: Path) -> None:
    odd = ["http://", "http://a<b", 'http://a"b', "https://h/{x}", "https://x|y", "https://h\\x/", "mailto:a@b", "foo"]
    cells = [f"[R{number}]({address})" for number, address in enumerate(odd)]
    _write(tmp_path / "cases.csv", [["ID", "Title", "References"], *(["1", "Pay", cell] for cell in cells)])
    stand_in = qasphere.build(StandInOptions())
    async with serve(stand_in.app) as url:
        assert (await migrate.run(_config(tmp_path, tmp_path / "cases.csv", url), ignore)).balanced
    (case,) = stand_in.store.projects["WEB"].cases
    found = {one["text"]: one["url"] for one in case.requirements}
    assert {name for name, url in found.items() if url} == {"R3"}
    assert (len(found), found["R3"]) == (8, "https://h/%7Bx%7D")
