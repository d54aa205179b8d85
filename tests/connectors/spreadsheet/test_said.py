"""What a table holds and cannot be migrated as it is: a note says so, and nothing goes without one."""

from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter

from connectors.spreadsheet.unread import unread_cells
from migrator.core.model import Link, Requirement, Result
from migrator.core.ports.source import Record
from tests.connectors.spreadsheet.test_source import cases, doubts, read, source_at, steps, written

ODF = "urn:oasis:names:tc:opendocument:xmlns"
FORMULA = "a formula that was never calculated: open and save the workbook in Excel"


def _results(records: list[Record]) -> list[Result]:
    return [record.entity for record in records if isinstance(record.entity, Result)]


def _altered(path: Path, *changes: tuple[bytes, bytes]) -> Path:
    """Rewrite the sheets of a workbook: the library that writes them stores a value with each formula."""
    target = path.with_name("altered.xlsx")
    with ZipFile(path) as whole, ZipFile(target, "w", ZIP_DEFLATED) as other:
        for name in whole.namelist():
            text = whole.read(name)
            for old, new in changes if name.startswith("xl/worksheets/") else ():
                text = text.replace(old, new)
            other.writestr(name, text)
    return target


async def test_errors_and_formulas_without_a_value_are_named(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("Cover & more").write(0, 0, "About")
        sheet = book.add_worksheet("Cases <1>")
        for number, row in enumerate((["ID", "Title", "Steps", "Mood"], ["1", "A"], ["2", "B", "x"], ["3", "C"])):
            sheet.write_row(number, 0, row)
        sheet.write_formula("C2", "=NA()", value="#N/A")
        sheet.write_formula("D2", "=REF", value="#REF!")
        sheet.write_formula("D3", "=1+1", value=777)
        sheet.write_formula("C4", '=""', value="EMPTY")
        sheet.write_formula("D4", "=1+1", value=2)
        sheet.write_formula("D9", "=1+1", value=777)
    records = await read(_altered(path, (b"<v>777</v>", b""), (b"<v>EMPTY</v>", b"<v></v>")))
    start = "altered.xlsx, sheet Cases <1>, row"
    assert doubts(records) == [
        ("altered.xlsx, sheet Cover & more", "no column of it is the title, so it is not read"),
        (f"{start} 2", "row 2 holds what cannot be read, in C2 (the error #N/A), D2 (the error #REF!)"),
        (f"{start} 3", f"row 3 holds what cannot be read, in D3 ({FORMULA})"),
        (f"{start} 4", f"row 9 holds what cannot be read, in D9 ({FORMULA})"),
    ]
    assert [case.title for case in cases(records)] == ["A", "B", "C"]


def test_cells_are_found_however_their_sheet_is_written(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("One")
        sheet.write_formula("A1", "=NA()", value="#N/A")
        sheet.write_formula("B3", "=1+1", value=777)
    changes = ((b"<v>777</v>", b"<v/>"), (b"<c ", b"<x:c "), (b"</c>", b"</x:c>"), (b"</row>", b"</x:row>"))
    wanted = [
        (1, "holds what cannot be read, in A1 (the error #N/A)"),
        (3, f"holds what cannot be read, in B3 ({FORMULA})"),
    ]
    assert list(unread_cells(_altered(path, *changes, (b't="e"', b"t='e'")), "One")) == wanted
    assert list(unread_cells(path, "One")) == wanted[:1]


TESTRAIL = """\
ID,Title,Steps,Expected Result,Steps (Step),Steps (Expected Result)
C1,As text,"1. Open
2. Type",It shows,,
C2,Separate,,,Open,It shows
,,,,Type,Welcome
C3,Both,kept,kept too,Open,
"""


async def test_an_export_with_both_kinds_of_steps(tmp_path: Path) -> None:
    path = written(tmp_path, TESTRAIL)
    for columns in ({}, (await source_at(path).proposed_settings())["columns"]):
        found = {case.title: case for case in cases(await read(path, columns=columns))}
        assert steps(found["As text"]) == [("Open", ""), ("Type", "It shows")]
        assert steps(found["Separate"]) == [("Open", "It shows"), ("Type", "Welcome")]
        assert steps(found["Both"]) == [("Open", "")]
        custom = {title: [(one.name, one.value.value) for one in case.custom_fields] for title, case in found.items()}
        assert custom == {
            "As text": [],
            "Separate": [],
            "Both": [("Steps", "kept"), ("Expected Result", "kept too")],
        }
    (line,) = [line async for line in source_at(path).preflight(["*"])]
    assert "steps = Steps (Step), Steps; expected = Steps (Expected Result), Expected Result" in line.text


async def test_columns_of_one_header_feed_one_field(tmp_path: Path) -> None:
    header = "Issue key,Summary,Labels,Labels,labels,References,References,Files,Files,Note,Note"
    text = f"{header}\nT-1,A,x,y,x,R-1,R-2,a.png,b.png,1,2\n"
    for name in ("a.png", "b.png"):
        written(tmp_path, name, name=name)
    records = await read(written(tmp_path, text))
    (case,) = cases(records)
    assert case.attributes == {"tags": "x\ny"}
    assert [one.title for r in records if isinstance(one := r.entity, Requirement)] == ["R-1", "R-2"]
    assert len([r for r in records if isinstance(r.entity, Link)]) == 2
    assert [r.entity.title for r in records if r.entity.kind == "attachment"] == ["a.png", "b.png"]
    assert [(one.name, one.value.value) for one in case.custom_fields] == [("Note", "1"), ("Note (2)", "2")]


ALIKE = ("Nightly,C1,Passed,fine", "Nightly,C1,Failed,broken", "Nightly,C2,Passed,alone", "Nightly,C1,Failed,broken")


async def test_results_that_only_their_words_tell_apart(tmp_path: Path) -> None:
    written(tmp_path, "ID,Title\nC1,A\nC2,B\n", name="cases.csv")
    header = "Run,Case ID,Status,Comment"

    async def markers(*rows: str) -> dict[str, set[str]]:
        written(tmp_path, "\n".join([header, *rows]), name="runs.csv")
        records = await read(tmp_path)
        said = {place: message for place, message in doubts(records) if place.startswith("runs.csv, row")}
        assert len(said) == 3
        assert all("goes by all that it says" in message for message in said.values())
        assert sum("an earlier row has the same words" in message for message in said.values()) == 1
        found: dict[str, set[str]] = {}
        for result in _results(records):
            found.setdefault(result.comment.value if result.comment else "", set()).add(result.ref.marker)
        return found

    before = await markers(*ALIKE)
    assert {words: len(found) for words, found in before.items()} == {"fine": 1, "broken": 2, "alone": 1}
    assert await markers(*ALIKE[1:], ALIKE[0]) == before
    assert await markers(ALIKE[2], ALIKE[1], ALIKE[0], ALIKE[3]) == before


async def test_a_table_that_a_row_names_as_its_file_is_noted(tmp_path: Path) -> None:
    written(tmp_path, "ID,Title,Files\n1,A,data.csv\n", name="cases.csv")
    written(tmp_path, "ID,Title\n2,B\n", name="data.csv")
    assert ("cases.csv, row 2", "its file data.csv is read as a table as well") in doubts(await read(tmp_path))


async def test_a_sheet_of_cases_with_results_in_it_says_that_they_stay_text(tmp_path: Path) -> None:
    text = "ID,Title,Run,Case ID,Status,Steps\n1,A,Nightly,C1,Passed,Open\n"
    records = await read(written(tmp_path, text))
    said = "it has steps, so its rows are cases, and the results in Run, Case ID, Status stay text"
    assert doubts(records) == [("export.csv", said)]
    assert _results(records) == []


async def test_a_format_that_does_not_tell_errors_is_noted(tmp_path: Path) -> None:
    cell = "<table:table-cell office:value-type='string'><text:p>{}</text:p></table:table-cell>"
    cells = cell.format("ID") + cell.format("Title")
    content = (
        f"<?xml version='1.0'?><office:document-content xmlns:office='{ODF}:office:1.0' xmlns:table='{ODF}:table:1.0'"
        f" xmlns:text='{ODF}:text:1.0'><office:body><office:spreadsheet><table:table table:name='One'><table:table-row>"
        f"{cells}</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    entry = f"<m:file-entry m:full-path='/' m:media-type='{kind}'/>"
    manifest = f"<m:manifest xmlns:m='{ODF}:manifest:1.0'>{entry}</m:manifest>"
    with ZipFile(tmp_path / "book.ods", "w") as book:
        for name, text in (("mimetype", kind), ("META-INF/manifest.xml", manifest), ("content.xml", content)):
            book.writestr(name, text)
    ((place, said),) = doubts(await read(tmp_path / "book.ods"))
    assert (place, "in an .xlsx file they are named" in said) == ("book.ods, sheet One", True)
