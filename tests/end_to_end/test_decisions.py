"""Decisions in a spreadsheet: written, filled in by somebody, read back."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from connectors.qacomplete.sandbox import generate
from migrator.app.decisions import write_decisions
from migrator.config.decisions import read_decisions
from migrator.core.errors import ConfigError
from tests.end_to_end.test_made import sheets
from tests.support.rig import Rig, rig


async def asked(running: Rig, name: str = "decisions.xlsx") -> Path:
    path = running.folder / name
    ended = await running.migrate(f"plan --decisions {path}")
    assert ended.code == 0, ended.err
    return path


def fill(path: Path, sheet: str, decisions: dict[str, str], column: str) -> None:
    """Choose a target for values, as a colleague does."""
    book = openpyxl.load_workbook(path)
    rows = book[sheet]
    headings = [cell.value for cell in rows[1]]
    at, to = headings.index(column) + 1, headings.index("decision") + 1
    for row in range(2, rows.max_row + 1):
        if (value := str(rows.cell(row, at).value)) in decisions:
            rows.cell(row, to, decisions[value])
    book.save(path)


async def test_what_was_filled_in_comes_back_as_rules(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(12)) as running:
        tests = running.source.data.tests
        tests[0].priority, tests[1].priority = "=Now!", "9-Whenever"
        running.source.data.folders[-1].title = "  Outer blanks "
        path = await asked(running)
        found = sheets(path)
        assert list(found) == ["statuses", "priorities", "custom fields", "people", "folders"]
        assert [row["value"] for row in found["priorities"]][:2] == ["=Now!", "9-Whenever"]  # what no rule knows
        assert found["priorities"][0]["today"] == "medium, as no rule knows it"
        assert {row["decision"] for rows in found.values() for row in rows} == {None}
        assert {row["count"] for row in found["custom fields"]} == {12}
        assert sum(int(str(row["cases"])) for row in found["folders"]) == 12

        assert openpyxl.load_workbook(path)["people"].data_validations.dataValidation[0].sqref == "E2"
        folder = str(found["folders"][-1]["folder"])
        fill(path, "priorities", {"=Now!": "high"}, "value")
        fill(path, "custom fields", {"Component": "tag"}, "field")
        fill(path, "folders", {folder: "leave out"}, "folder")
        fill(path, "people", {"how people are named": "none"}, "setting")
        running.settings = {"mapping": {"decisions": "decisions.xlsx"}}
        config = running.parsed()
        assert config.mapping.priority["=Now!"] == "high"
        assert config.mapping.priority["1-High"] == "high"  # the source's own words stay
        assert config.mapping.custom_fields == {"Component": "tag"}
        assert (config.mapping.people, config.projects[0].exclude) == ("none", (folder,))
        status = await running.run()
        left_out = int(str(found["folders"][-1]["cases"]))
        assert status.items["case"] == {"excluded": left_out, "migrated": 12 - left_out}
        # a second sheet is not empty again
        write_decisions(config, tmp_path / "again.xlsx")
        assert read_decisions(tmp_path / "again.xlsx") == read_decisions(path)


@pytest.mark.parametrize(
    ("sheet", "column", "value", "decision", "mapping", "said"),
    [
        ("priorities", "value", "9-Whenever", "low", {"priority": {"9-whenever": "high"}}, "decided twice"),
        ("priorities", "value", "9-Whenever", "urgent", {}, "sheet priorities, row 2: urgent cannot be chosen"),
        ("people", "setting", "how people are named", "email", {"people": "name"}, "decided twice"),
    ],
)
async def test_what_contradicts_is_an_error(
    tmp_path: Path, sheet: str, column: str, value: str, decision: str, mapping: dict[str, Any], said: str
) -> None:
    async with rig(tmp_path, generate(3)) as running:
        running.source.data.tests[0].priority = "9-Whenever"
        path = await asked(running)
        fill(path, sheet, {value: decision}, column)
        running.settings = {"mapping": {"decisions": "decisions.xlsx"} | mapping}
        with pytest.raises(ConfigError, match=said):
            running.parsed()


async def test_folders_within_each_other_are_named_as_the_rules_name_them(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(12, folders=4)) as running:
        first, second, third = running.source.data.folders[:3]
        first.parent_id, second.parent_id, third.parent_id = second.id, first.id, second.id
        path = await asked(running)
        paths = [str(row["folder"]) for row in sheets(path)["folders"]]
        assert f"{first.title}/{second.title}/{third.title}" in paths
        fill(path, "folders", dict.fromkeys(paths, "leave out"), "folder")
        running.settings = {"mapping": {"decisions": "decisions.xlsx"}}
        assert (await running.plan()).items["case"] == {"excluded": 12}


async def test_the_config_decides_what_the_file_leaves_open(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(3)) as running:
        await asked(running)
        running.settings = {"mapping": {"decisions": "decisions.xlsx", "priority": {"9-Whenever": "low"}}}
        assert running.parsed().mapping.priority["9-Whenever"] == "low"


async def test_a_file_that_somebody_may_have_filled_in_stays(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(1)) as running:
        (tmp_path / "decisions.xlsx").write_text("no workbook", encoding="utf-8")
        ended = await running.migrate(f"plan --decisions {tmp_path / 'decisions.xlsx'}")
        assert ended.code == 2
        assert "exists already" in ended.err
        running.settings = {"mapping": {"decisions": "decisions.xlsx"}}
        with pytest.raises(ConfigError, match="cannot read the decisions"):
            running.parsed()
