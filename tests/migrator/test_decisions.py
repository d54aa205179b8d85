"""Decisions in a spreadsheet: each is taken, or refused by name; none is dropped without a word."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from migrator.config.decisions import read_decisions, with_decisions
from migrator.core.errors import ConfigError

EMPTY: dict[str, list[list[str]]] = {
    "statuses": [["value", "decision"]],
    "priorities": [["value", "decision"]],
    "custom fields": [["field", "decision"]],
    "people": [["setting", "decision"]],
    "folders": [["project", "folder", "decision"]],
}


def workbook(tmp_path: Path, sheets: dict[str, list[list[str]]]) -> Path:
    book = openpyxl.Workbook()
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.remove(book.worksheets[0])
    path = tmp_path / "decisions.xlsx"
    book.save(path)
    return path


def filled(tmp_path: Path, sheet: str, *rows: list[str]) -> Path:
    return workbook(tmp_path, EMPTY | {sheet: [*EMPTY[sheet], *rows]})


def config(path: Path, **project: Any) -> dict[str, Any]:
    return with_decisions({"projects": [{"destination": "SHOP"} | project]}, path, read_decisions(path))


def test_capitals_count_in_system_names_alone(tmp_path: Path) -> None:
    path = filled(tmp_path, "custom fields", ["a", "Drop"], ["b", "TAG"], ["c", "My_Field"])
    assert config(path)["mapping"]["custom_fields"] == {"a": "drop", "b": "tag", "c": "My_Field"}


def test_names_of_sheets_may_have_capitals(tmp_path: Path) -> None:
    sheets = {name.title(): rows for name, rows in EMPTY.items()} | {"Notes of ours": [["x"]]}
    path = workbook(tmp_path, sheets | {"Statuses": [["Value", "Decision"], ["Ok", "passed"]]})
    assert config(path)["mapping"]["status"] == {"Ok": "passed"}


@pytest.mark.parametrize(
    ("sheets", "said"),
    [
        ({"Sheet1": [["a", "b"]]}, "has no sheet statuses"),
        ({("Status" if name == "statuses" else name): rows for name, rows in EMPTY.items()}, "has no sheet statuses"),
        (EMPTY | {"statuses": [["For Ada"], ["value", "decision"], ["Ok", "passed"]]}, "has no column value, decision"),
    ],
)
def test_a_workbook_of_another_form_is_refused(tmp_path: Path, sheets: dict[str, list[list[str]]], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        read_decisions(workbook(tmp_path, sheets))


@pytest.mark.parametrize(
    ("rows", "project", "said"),
    [
        ([["WEB", "A", "leave out"]], {}, "no project of the config goes to WEB"),
        ([["WEB", "A", "take"]], {}, "no project of the config goes to WEB"),
        ([["SHOP", "A", "take"]], {"exclude": ["A"]}, "decided twice"),
        ([["SHOP", "A/B", "take"]], {"exclude": ["A"]}, "decided twice"),
        ([["SHOP", "B", "take"]], {"include": ["A"]}, "decided twice"),
        ([["SHOP", "A", "leave out"]], {"include": ["A/B"]}, "decided twice"),
        ([["SHOP", "A", "leave out"], ["SHOP", "A/B", "take"]], {}, "row 3: A/B is to be taken, and A left out"),
        ([["SHOP", "A/B", "take"], ["SHOP", "A", "leave out"]], {}, "row 3: A/B is to be taken, and A left out"),
    ],
)
def test_folders_that_contradict(tmp_path: Path, rows: list[list[str]], project: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        config(filled(tmp_path, "folders", *rows), **project)


def test_folders_that_do_not(tmp_path: Path) -> None:
    path = filled(tmp_path, "folders", ["shop", "A", "take"], ["SHOP", "A/B", "leave out"], ["SHOP", "Ab", ""])
    assert config(path, include=["A"])["projects"][0]["exclude"] == ["A/B"]


def test_one_person_cannot_be_decided_alone(tmp_path: Path) -> None:
    rows = [["how people are named", "name"], ["Jon Vik", "email"]]
    with pytest.raises(ConfigError, match="row 3: how one person"):
        read_decisions(filled(tmp_path, "people", *rows))
