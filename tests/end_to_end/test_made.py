"""What this import has made, so that a person can take it away again."""

import sqlite3
from contextlib import closing
from itertools import groupby
from pathlib import Path

import openpyxl

from connectors.qacomplete.sandbox import generate
from connectors.qasphere.sandbox.store import Case
from tests.end_to_end.test_reports import case_of
from tests.support.rig import Rig, rig

USED = "6 used, not made"


def sheets(path: Path) -> dict[str, list[dict[str, object]]]:
    """Return name of a sheet → its rows by heading; a formula anywhere is a failure."""
    found: dict[str, list[dict[str, object]]] = {}
    for sheet in openpyxl.load_workbook(path):
        cells = list(sheet.iter_rows())
        assert all(cell.data_type != "f" for row in cells for cell in row)
        headings = [str(cell.value) for cell in cells[0]]
        rows = [[cell.value for cell in row] for row in cells[1:]]
        found[sheet.title] = [dict(zip(headings, row, strict=True)) for row in rows]
    return found


async def test_what_was_made_is_listed_in_the_order_of_removing_it(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(12)) as running:
        running.source.data.tests[0].title = "=1+1"
        running.settings = {"mapping": {"tag_all": "migrated-2026-11"}}
        await running.run()
        assert all("migrated-2026-11" in case.tags for case in running.shop.cases)
        found = await made(running)
        assert list(found) == ["1 runs", "2 cases", "3 folders", "4 milestones", "5 projects", USED]
        assert len(found["2 cases"]) == 12
        first = next(row for row in found["2 cases"] if row["title"] == "=1+1")
        assert first["in QA Sphere"] == f"SHOP-{case_of(running, 0).seq:03}"
        assert str(first["address"]).endswith(f"/project/SHOP/tcase/{case_of(running, 0).seq}")
        folders = [key for key, _ in groupby(row["folder"] for row in found["2 cases"])]
        assert len(folders) == len(set(folders))  # one after the other, as a person goes through them
        depths = [str(row["folder"]).count(" / ") for row in found["3 folders"]]
        assert depths == sorted(depths, reverse=True)
        assert [row["title"] for row in found["5 projects"]] == ["Shop"]
        assert {str(row["address"]).rpartition("/")[2] for row in found["3 folders"]} == {"SHOP"}
        when = first["made"]
        with closing(sqlite3.connect(tmp_path / "workspace" / "migration.db")) as opened, opened:
            opened.execute("UPDATE ledger SET written_at = written_at + 3600")  # it was written again later
        assert [row["made"] for row in (await made(running))["2 cases"] if row["title"] == "=1+1"] == [when]

        lowest = found["3 folders"][0]["in QA Sphere"]
        theirs = [folder for folder in running.shop.folders.values() if str(folder.id) == lowest]
        case = Case("by-hand", 999, theirs[0].id, 99, "By hand", "low", "", [], [], [], [], [], {}, is_draft=False)
        running.destination.store.add_case(running.shop, case)
        running.settings = {"workspace": str(tmp_path / "other")} | running.settings
        await running.run()
        again = await made(running)
        assert {row["in QA Sphere"] for row in again["2 cases"]} == {row["in QA Sphere"] for row in found["2 cases"]}
        folders_of = [{row["title"]: row["folder"] for row in listed["2 cases"]} for listed in (found, again)]
        assert folders_of[0] == folders_of[1]
        assert {row["made by"] for row in again["2 cases"]} == {"an earlier workspace"}
        assert {row["made"] for row in again["2 cases"]} == {None}
        assert {row["made by"] for row in found["2 cases"]} == {"this workspace"}
        # what has no marker of its own may be the work of people: apart, with what it holds
        assert [again[sheet] for sheet in ("3 folders", "5 projects")] == [[], []]
        used = [row for row in again[USED] if row["kind"] == "folder"]
        assert {row["in QA Sphere"] for row in used} == {row["in QA Sphere"] for row in found["3 folders"]}
        others = {row["in QA Sphere"]: row["cases of others"] for row in used}
        assert others.pop(lowest) == 1
        assert set(others.values()) == {0}
        assert [(row["title"], row["cases of others"]) for row in again[USED] if row["kind"] == "project"] == [
            ("Shop", 1)
        ]


async def made(running: Rig) -> dict[str, list[dict[str, object]]]:
    path = running.folder / "made.xlsx"
    ended = await running.migrate(f"report --made {path}")
    assert ended.code == 0, ended.err
    return sheets(path)


async def test_a_name_without_xlsx_is_refused(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(1)) as running:
        await running.run()
        ended = await running.migrate("report --made made.csv")
        assert ended.code == 2
        assert ".xlsx" in ended.err
