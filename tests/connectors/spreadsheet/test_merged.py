"""Cells that are merged over rows, and links beside tables that stay in their folder."""

from pathlib import Path

import pytest
import xlsxwriter

from connectors.spreadsheet.links import real_parts
from migrator.core.model import Folder, Result, TestCase, TestRun
from migrator.core.ports.source import Record
from tests.connectors.spreadsheet.test_source import cases, read, steps, written

Merged = list[tuple[int, int, int, int, str]]
"""First row and column, last row and column, text."""


def book(path: Path, rows: list[list[str]], merged: Merged, at: tuple[int, int] = (0, 0)) -> Path:
    """Write a workbook; ``at``: where its table begins."""
    top, left = at
    with xlsxwriter.Workbook(str(path)) as opened:
        sheet = opened.add_worksheet("Web")
        for number, row in enumerate(rows):
            sheet.write_row(top + number, left, row)
        for first, column, last, to, text in merged:
            sheet.merge_range(top + first, left + column, top + last, left + to, text)
    return path


def folders(records: list[Record]) -> dict[str, str]:
    """Return title of a case → that of its folder."""
    titles = {record.entity.ref: record.entity.title for record in records if isinstance(record.entity, Folder)}
    return {case.title: titles[case.folder] if case.folder else "" for case in cases(records)}


@pytest.mark.parametrize("header", [["ID"], []])
@pytest.mark.parametrize("at", [(0, 0), (3, 2)])
async def test_a_folder_merged_over_rows_is_that_of_each(
    tmp_path: Path, header: list[str], at: tuple[int, int]
) -> None:
    lines = [["A", "one", "High"], ["", "two", ""], ["", "three", ""], ["B", "four", "Low"], ["", "five", "Low"]]
    rows = [[*header, "Folder", "Title", "Priority"]]
    rows += [[*[f"C{number}" for _ in header], *line] for number, line in enumerate(lines)]
    own = len(header)
    merged = [(1, own, 3, own, "A"), (1, own + 2, 2, own + 2, "High")]
    records = await read(book(tmp_path / "cases.xlsx", rows, merged, at))
    assert folders(records) == {"one": "A", "two": "A", "three": "A", "four": "B", "five": ""}
    assert [case.priority for case in cases(records)] == ["High", "High", None, "Low", "Low"]
    noted = [record.entity.title for record in records if record.notes and isinstance(record.entity, TestCase)]
    assert noted == ["five"]


@pytest.mark.parametrize("ids", [True, False])
async def test_a_title_merged_over_rows_is_one_case_of_several_steps(tmp_path: Path, ids: bool) -> None:
    rows = [["ID", "Folder", "Title", "Steps", "Expected"]]
    rows += [["C1", "A", "one", "Open", "It opens"], ["", "", "", "Close", ""], ["C2", "", "two", "Wait", ""]]
    merged = [(1, 1, 3, 1, "A"), (1, 2, 2, 2, "one"), (1, 4, 2, 4, "It opens")]
    if ids:
        merged.append((1, 0, 2, 0, "C1"))
    else:
        rows = [row[1:] for row in rows]
        merged = [(first, column - 1, last, to - 1, text) for first, column, last, to, text in merged]
    records = await read(book(tmp_path / "cases.xlsx", rows, merged))
    assert folders(records) == {"one": "A", "two": "A"}
    one, two = cases(records)
    assert (steps(one), steps(two)) == ([("Open", "It opens"), ("Close", "")], [("Wait", "")])


async def test_a_run_merged_over_rows_is_that_of_each_result(tmp_path: Path) -> None:
    rows = [["Run", "Case ID", "Status", "Tested by"], ["Nightly", "C1", "Passed", "Ann"], ["", "C2", "Failed", ""]]
    written(tmp_path, "ID,Title\nC1,A\nC2,B\n")
    book(tmp_path / "runs.xlsx", rows, [(1, 0, 2, 0, "Nightly"), (1, 3, 2, 3, "Ann")])
    entities = [record.entity for record in await read(tmp_path)]
    (run,) = [one for one in entities if isinstance(one, TestRun)]
    results = [one for one in entities if isinstance(one, Result)]
    assert run.title == "Nightly"
    assert [(one.run, one.tester.name if one.tester else "") for one in results] == [(run.ref, "Ann")] * 2


async def test_links_that_stay_in_the_folder_are_followed(tmp_path: Path) -> None:
    root = tmp_path / "mounted"
    (root / "..2024_05").mkdir(parents=True)
    written(root / "..2024_05", "ID,Title,Files\n1,A,a.png\n", name="cases.csv")
    (root / "..2024_05" / "a.png").write_bytes(b"picture")
    (root / "..data").symlink_to("..2024_05")
    for name in ("cases.csv", "a.png"):
        (root / name).symlink_to(f"..data/{name}")
    (tmp_path / "link").symlink_to(root)
    for path in (root, tmp_path / "link"):
        records = await read(path)
        assert [case.title for case in cases(records)] == ["A"]
        assert not [note for record in records for note in record.notes]


@pytest.mark.parametrize("aim", ["../out.csv", "loop.csv", "inner/../../out.csv", "/etc/passwd", "inner/../..//root/x"])
def test_a_link_that_leads_out_or_in_a_circle_is_refused(tmp_path: Path, aim: str) -> None:
    root = tmp_path / "root"
    (root / "inner").mkdir(parents=True)
    (root / "loop.csv").symlink_to("loop.csv")
    (root / "link.csv").symlink_to(aim)
    with pytest.raises(OSError, match="link"):
        real_parts(root, ("link.csv",))
