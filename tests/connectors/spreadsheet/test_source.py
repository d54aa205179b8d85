"""Tables of many kinds, read as cases."""

from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import xlsxwriter

from connectors.spreadsheet.config import SpreadsheetSettings
from connectors.spreadsheet.source import SpreadsheetSource
from migrator.core.base import digest_of
from migrator.core.errors import ConfigError
from migrator.core.model import Folder, Link, Requirement, TestCase
from migrator.core.ports.source import Record
from migrator.testing.sources import all_records

TESTRAIL = """\
"ID";"Title";"Section";"Section Hierarchy";"Steps (Step)";"Steps (Expected Result)";"References";"Labels"
"C1";"Log in";"Login";"Web > Login";"Open";"It shows";"REQ-1, REQ-2";"smoke; slow"
"";"";"";"";"Type";"Welcome";"";""
"C2";"Log out/off";"Login";"Web > Login";"Click, \nconfirm";"";"REQ-1";""
"""
QASPHERE = """\
Folder,Name,Legacy ID,Priority,Requirements,Preconditions,Step 1,Expected 1,Step2,Expected2,Step 10
A/B,Numbered,9,low,"[R, one](https://r.example/1),[R2]()",Be there,one,1,,2,ten
"""


def source_at(path: Path, **settings: Any) -> SpreadsheetSource:
    return SpreadsheetSource(SpreadsheetSettings.model_validate({"path": path, **settings}))


def written(folder: Path, text: str, *, name: str = "export.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


async def read(path: Path, project: str = "*", **settings: Any) -> list[Record]:
    return await all_records(source_at(path, **settings), project)


def cases(records: list[Record]) -> list[TestCase]:
    return [record.entity for record in records if isinstance(record.entity, TestCase)]


def steps(case: TestCase) -> list[tuple[str, str]]:
    return [(step.action.value, step.expected.value) for step in case.steps]


def doubts(records: list[Record]) -> list[tuple[str, str]]:
    return [(note.field, note.message) for record in records for note in record.notes]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
async def test_an_export_with_a_row_for_each_step(tmp_path: Path, encoding: str) -> None:
    records = await read(written(tmp_path, TESTRAIL, encoding=encoding), item_url="https://t.example/{id}")
    first, second = cases(records)
    assert (first.title, first.ref.ids, first.address) == ("Log in", ("C1",), "https://t.example/C1")
    assert steps(first) == [("Open", "It shows"), ("Type", "Welcome")]
    assert first.attributes == {"tags": "smoke\nslow"}
    assert (second.title, steps(second)) == ("Log out/off", [("Click, \nconfirm", "")])
    folders = [record.entity for record in records if isinstance(record.entity, Folder)]
    assert [(one.title, one.parent and one.parent.ids) for one in folders] == [("Web", None), ("Login", ("Web",))]
    assert first.folder == second.folder == folders[1].ref
    # what has no place of its own is not lost
    assert [(field.name, field.value.value) for field in first.custom_fields] == [("Section", "Login")]
    links = [(link.first.ids, link.second and link.second.ids) for r in records if isinstance(link := r.entity, Link)]
    assert links == [(("C1",), ("REQ-1",)), (("C1",), ("REQ-2",)), (("C2",), ("REQ-1",))]
    assert doubts(records) == []


async def test_numbered_columns_go_by_their_numbers(tmp_path: Path) -> None:
    records = await read(written(tmp_path, QASPHERE))
    (case,) = cases(records)
    assert steps(case) == [("one", "1"), ("", "2"), ("ten", "")]
    assert (case.ref.ids, case.priority) == (("9",), "low")
    assert case.description is not None
    assert case.description.value == "Be there"
    assert case.custom_fields == ()
    requirements = [record.entity for record in records if isinstance(record.entity, Requirement)]
    assert [(one.title, one.address) for one in requirements] == [("R, one", "https://r.example/1"), ("R2", None)]


@pytest.mark.parametrize(
    ("action", "expected", "wanted"),
    [
        ("1. a\n2) b\nmore\n3. c", "2. second", [("a", ""), ("b\nmore", "second"), ("c", "")]),
        ("1. a\n2. b", "all is well", [("a", ""), ("b", "all is well")]),
        ("1. a", "x", [("1. a", "x")]),
        ("see:\n1. a\n2. b", "x", [("see:\n1. a\n2. b", "x")]),
        ("1. a\n3. b", "", [("1. a\n3. b", "")]),
        ("", "only this", [("", "only this")]),
    ],
)
async def test_numbered_lines_of_one_cell(
    tmp_path: Path, action: str, expected: str, wanted: list[tuple[str, str]]
) -> None:
    text = f'Key,Summary,Test Steps,Expected Result\nT-1,One,"{action}","{expected}"\n'
    (case,) = cases(await read(written(tmp_path, text)))
    assert steps(case) == wanted


async def test_a_workbook_is_a_folder_for_each_sheet(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("Cover").write(0, 0, "About us")
        for name in ("Login", "Shop"):
            sheet = book.add_worksheet(name)
            sheet.write_row(2, 1, ["Nr", "Name", "Done"])
            sheet.write_row(4, 1, [7, "Works", True])
            sheet.write_row(5, 1, [7.5, "Too", ""])
    records = await read(path, columns={"id": "nr"})
    found = [(case.folder and case.folder.ids, case.ref.ids, case.title) for case in cases(records)]
    assert found[:2] == [(("Login",), ("7",), "Works"), (("Login",), ("7.5",), "Too")]
    assert [ids for _, ids, _ in found[2:]] == [("7~2",), ("7.5~2",)]
    assert doubts(records) == [
        ("book.xlsx, sheet Cover", "no column of it is the title, so it is not read"),
        ("book.xlsx, sheet Shop, row 5", "an earlier row has the same id, so it goes by 7~2"),
        ("book.xlsx, sheet Shop, row 6", "an earlier row has the same id, so it goes by 7.5~2"),
    ]


async def test_rows_in_doubt_are_named_and_none_is_lost(tmp_path: Path) -> None:
    text = "ID,Title,Steps\n,,orphan\nC1,,act\n,No id,b\nC2,Gr\udcfc\udcdfe,c\nC3,More,d,e\n"
    path = tmp_path / "export.csv"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    records = await read(path)
    assert [case.title for case in cases(records)] == ["", "", "No id", "Grüße", "More"]
    assert doubts(records) == [
        ("export.csv, row 2", "it has no title; it has no id, and goes by its folder and title"),
        ("export.csv, row 3", "it has no title"),
        ("export.csv, row 4", "it has no id, and goes by its folder and title"),
        ("export.csv, row 5", "row 5 holds bytes that are no UTF-8; they were read as Windows-1252"),
        ("export.csv, row 6", "row 6 has more cells than the header, perhaps because of a separator in a text"),
    ]
    assert cases(records)[-1].custom_fields[0].value.value == "e"


async def test_without_ids_a_case_is_known_by_folder_and_title(tmp_path: Path) -> None:
    text = "sep=;\nFolder;Title;Steps\n{}A;Same;one\nA;Same;two\nB;Same;three\nA;Same;four\n"
    records = await read(written(tmp_path, text.format("")))
    first, second, third = cases(records)
    assert [len(one.steps) for one in (first, second, third)] == [2, 1, 1]
    assert third.ref.ids == (f"{first.ref.ids[0]}~2",)
    assert "goes by folder and title" in doubts(records)[0][1]
    # a row above changes nothing
    more = await read(written(tmp_path, text.format("A;New;zero\n")))
    assert {record.entity.ref.marker: record.raw for record in records[1:]}.items() <= {
        record.entity.ref.marker: record.raw for record in more
    }.items()


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ("1,A,a\n1,A,b\n1,,c\n,,d\n2,A,e", [("1", 4), ("2", 1)]),
        ("1,A,a\n1,B,b", [("1", 1), ("1~2", 1)]),
        ("1,A,a\n,A,b", [("1", 1), (digest_of([[], "A"])[:16], 1)]),
    ],
)
async def test_rows_go_on_with_a_case_only_where_they_say_so(
    tmp_path: Path, rows: str, wanted: list[tuple[str, int]]
) -> None:
    found = cases(await read(written(tmp_path, f"ID,Title,Step\n{rows}\n")))
    assert [(case.ref.ids[0], len(case.steps)) for case in found] == wanted


@pytest.mark.parametrize(
    ("content", "settings", "said"),
    [
        (b'Title,Steps\nA,"open\nB,c\n', {}, "row 2: a quotation mark is opened and never closed"),
        (b'ID,Title,Steps\nC1,"a,x\nC2,b,y\nC3,c"c,z\nC4,d,w\n', {}, "row 2: text follows a closing quotation mark"),
        (b'ID,Title\nC1,"a\nb"\nC2,"b"b\nC3,c\n', {}, "(lines 4 to 4 of the file)"),
        (b"a,b\n1,2\n", {}, "its first row holds: a, b"),
        (b"", {}, "its first row holds: nothing"),
        (b"Title,Prio\nA,1\n", {"columns": {"priority": "Priorität"}}, "there are: Title, Prio"),
        (b"\xff\xfeT", {}, "row 1"),
    ],
)
async def test_a_file_that_cannot_be_read_says_why(
    tmp_path: Path, content: bytes, settings: dict[str, Any], said: str
) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        await read(path, **settings)
    assert said in caught.value.cause
    assert "source." in caught.value.next_step


async def test_a_workbook_that_is_none_and_a_folder_of_nothing_say_why(tmp_path: Path) -> None:
    for path in (written(tmp_path, "no zip", name="broken.xlsx"), tmp_path / "gone.csv", tmp_path / "empty"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(ConfigError, match="cannot read"):
            await source_at(path).check()


async def test_a_workbook_with_a_broken_sheet_is_named(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "whole.xlsx")) as book:
        book.add_worksheet().write_row(0, 0, ["Title", "Steps"])
    with ZipFile(tmp_path / "whole.xlsx") as whole, ZipFile(tmp_path / "broken.xlsx", "w") as broken:
        for name in whole.namelist():
            text = whole.read(name)
            broken.writestr(name, text[: len(text) // 2] + b"<<" if "sheet1" in name else text)
    with pytest.raises(ConfigError, match=r"cannot read .*broken\.xlsx"):
        await read(tmp_path / "broken.xlsx")


async def test_a_file_that_changes_while_it_is_read_has_moved(tmp_path: Path) -> None:
    path = written(tmp_path, "Title\n" + "".join(f"Case {number}\n" for number in range(250)))
    source = source_at(path)
    first = await source.page("tests", "*", None)
    with path.open("a") as file:
        file.write("One more\n")
    second = await source.page("tests", "*", first.next_cursor)
    assert (first.moved, second.moved) == (False, True)


@pytest.mark.parametrize("aim", ["out/b.csv", "in/a.csv", "nowhere.csv", "out"])
async def test_a_link_in_a_folder_is_refused_by_name(tmp_path: Path, aim: str) -> None:
    for folder in (tmp_path / "in", tmp_path / "out"):
        folder.mkdir()
    written(tmp_path / "in", "ID,Title\n1,A\n", name="a.csv")
    written(tmp_path / "out", "ID,Title\n2,Secret\n", name="b.csv")
    (tmp_path / "in" / "b.csv").symlink_to(tmp_path / aim)
    with pytest.raises(ConfigError, match=r"in/b\.csv") as caught:
        await read(tmp_path / "in")
    assert "it is a link" in caught.value.cause


async def test_the_path_of_the_config_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    written(tmp_path / "real", "ID,Title\n1,A\n")
    (tmp_path / "folder").symlink_to("real")
    (tmp_path / "one.csv").symlink_to("real/export.csv")
    (tmp_path / "real" / ".lock.csv").symlink_to("nowhere")
    for path in (tmp_path / "folder", tmp_path / "one.csv"):
        assert [case.title for case in cases(await read(path))] == ["A"]


async def test_files_of_a_folder_can_be_projects_of_their_own(tmp_path: Path) -> None:
    written(tmp_path, "ID,Title\n1,A\n", name="web.csv")
    written(tmp_path, "ID,Title\n1,B\n", name="app.csv")
    written(tmp_path, "lock", name="~$web.xlsx")
    assert [case.title for case in cases(await read(tmp_path))] == ["B", "A"]
    assert [case.ref.ids for case in cases(await read(tmp_path, "w*.csv"))] == [("w*.csv", "1")]


async def test_the_check_says_what_was_recognised(tmp_path: Path) -> None:
    path = written(tmp_path, "Title,Step 1,Mood\nA,b,c\n")
    (line,) = [line async for line in source_at(path, columns={"folder": ""}).preflight(["*"])]
    assert line.state == "warning"
    assert line.text.endswith("title = Title; steps = Step 1; custom fields: Mood")


@pytest.mark.parametrize("text", [TESTRAIL, QASPHERE])
async def test_what_was_recognised_can_be_written_down(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    proposed = await source_at(path).proposed_settings()
    assert {"id", "title", "folder", "steps", "expected"} <= set(proposed["columns"])
    assert await read(path, columns=proposed["columns"]) == await read(path)
    written(tmp_path, "Name\nOther\n", name="other.csv")
    assert await source_at(tmp_path).proposed_settings() == {}


@pytest.mark.parametrize("url", ["ftp://x/{id}", "//x/{id}", "https://x/{key}"])
def test_an_address_that_nobody_can_open_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="item_url"):
        SpreadsheetSettings.model_validate({"path": "a.csv", "item_url": url})
