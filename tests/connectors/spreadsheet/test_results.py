"""Tables of results, and files that rows name."""

import os
import random
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from connectors.spreadsheet.config import SpreadsheetSettings
from connectors.spreadsheet.files import copied, places_in
from connectors.spreadsheet.headers import results_of
from connectors.spreadsheet.seen import Seen
from connectors.spreadsheet.source import SpreadsheetSource
from migrator.core.errors import ConfigError, ContentTrouble
from migrator.core.model import Attachment, Result, TestCase, TestRun
from migrator.core.ports.source import Record
from migrator.testing.sources import all_records

CASES = "ID,Title,Files\nC1,Log in,shots/a.png\nC2,Log out,\n"
RUNS = """\
Run,Case ID,Status,Tester,Date,Comment,Build
Nightly,C1,Passed,Ann,2024-05-01 10:00,fine,7
Nightly,C2,Failed,Bob,1.5.2024,,7
Weekly,C1,Passed,,,,
"""


async def read(folder: Path, runs: str = RUNS, cases: str = CASES, **settings: Any) -> list[Record]:
    (folder / "cases.csv").write_text(cases, encoding="utf-8")
    (folder / "runs.csv").write_text(runs, encoding="utf-8")
    given = SpreadsheetSettings.model_validate({"path": folder, "instance": "acme", **settings})
    return await all_records(SpreadsheetSource(given), "*")


def results(records: list[Record]) -> list[Result]:
    return [record.entity for record in records if isinstance(record.entity, Result)]


def notes(records: list[Record]) -> dict[str, str]:
    return {note.field: note.message for record in records for note in record.notes}


async def test_a_row_is_a_result_of_its_run_and_its_case(tmp_path: Path) -> None:
    records = await read(tmp_path, timezone="Europe/Berlin")
    runs = {one.entity.title: one.entity for one in records if isinstance(one.entity, TestRun)}
    assert sorted(runs) == ["Nightly", "Weekly"]
    cases = {record.entity.title: record.entity.ref for record in records if isinstance(record.entity, TestCase)}
    first, second, third = results(records)
    assert [one.run for one in (first, second, third)] == [runs[name].ref for name in ("Nightly", "Nightly", "Weekly")]
    assert [one.case for one in (first, second, third)] == [cases["Log in"], cases["Log out"], cases["Log in"]]
    assert [one.position for one in (first, second, third)] == [0, 1, 0]
    assert (first.status, first.tester and first.tester.name, first.facts) == ("Passed", "Ann", {"Build": "7"})
    assert first.executed_at is not None
    assert first.executed_at.isoformat() == "2024-05-01T10:00:00+02:00"
    assert (second.executed_at, second.remarks["Date"]) == (None, "1.5.2024")
    assert "the date 1.5.2024 is not understood" in notes(records)["runs.csv, row 3"]


async def test_a_date_of_the_countrys_own_is_read_by_its_format(tmp_path: Path) -> None:
    records = await read(tmp_path, RUNS.replace("2024-05-01 10:00", "2.5.2024"), date_format="%d.%m.%Y")
    assert [one.executed_at.day for one in results(records) if one.executed_at] == [2, 1]
    assert notes(records) == {"cases.csv, row 2": "shots/a.png cannot be read (No such file or directory)"}


async def test_a_stray_quotation_mark_swallows_no_results(tmp_path: Path) -> None:
    rows = 'R,C1,Passed,"cut\nR,C2,Passed,b\nR,C3,Passed,5" long\nR,C4,Passed,d\n'
    with pytest.raises(ConfigError, match=r"runs\.csv") as caught:
        await read(tmp_path, f"Run,Case ID,Status,Comment\n{rows}")
    assert "row 2: text follows a closing quotation mark" in caught.value.cause
    assert "(lines 2 to 4 of the file)" in caught.value.cause


async def test_rows_that_move_stay_who_they_are(tmp_path: Path) -> None:
    head, *rows = RUNS.splitlines()
    before = {one.ref.marker for one in results(await read(tmp_path))}
    shuffled = [*rows, "Nightly,C2,Passed,Bob,2024-06-01,,8"]
    random.Random(1).shuffle(shuffled)
    after = {one.ref.marker for one in results(await read(tmp_path, "\n".join([head, *shuffled])))}
    assert before < after
    corrected = RUNS.replace("fine", "better").replace("Failed", "Blocked")
    assert {one.ref.marker for one in results(await read(tmp_path, corrected))} == before


async def test_bad_rows_are_named_and_none_is_left_out(tmp_path: Path) -> None:
    records = await read(tmp_path, "Result ID,Run,Case ID,Status\n1,,C1,Passed\n1,Nightly,,Failed\n2,N,C9,Passed,x\n")
    assert len(results(records)) == 3
    found = notes(records)
    assert "it names no run" in found["runs.csv, row 2"]
    assert "it names no test case; an earlier row has the same id, so it goes by 1~2" in found["runs.csv, row 3"]


@pytest.mark.parametrize(
    ("header", "is_results"),
    [
        ("Run,Case ID,Status", True),
        ("ID,Title,Run,Status,Case ID,Tested By,Tested On,Comment", True),
        ("ID,Title,Status,Steps,Run", False),
        ("Run,Case ID,Status,Steps", False),
        ("ID,Title,Status", False),
    ],
)
def test_which_tables_hold_results(header: str, is_results: bool) -> None:
    assert bool(results_of(header.split(","), SpreadsheetSettings(path=Path()).results)) == is_results


async def test_a_second_sheet_holds_the_results(tmp_path: Path) -> None:
    path = tmp_path / "all.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name, text in {"Cases": CASES, "Runs": RUNS}.items():
            sheet = book.add_worksheet(name)
            for number, line in enumerate(text.splitlines()):
                sheet.write_row(number, 0, line.split(","))
    source = SpreadsheetSource(SpreadsheetSettings(path=path))
    assert await source.counts("*") == {"tests": 2, "runs": 3}
    proposed = await source.proposed_settings()
    assert (proposed["columns"]["id"], proposed["results"]["case"]) == ("ID", "Case ID")
    assert len(results(await all_records(source, "*"))) == 3


async def test_a_date_that_the_workbook_holds_as_one_needs_no_format(tmp_path: Path) -> None:
    path = tmp_path / "all.xlsx"
    with xlsxwriter.Workbook(str(path), {"default_date_format": "dd.mm.yyyy hh:mm"}) as book:
        book.add_worksheet("Cases").write_column(0, 0, ["Title", "A"])
        sheet = book.add_worksheet("Runs")
        sheet.write_row(0, 0, ["Run", "Case ID", "Status", "Tested On"])
        for number, when in enumerate(["2024-05-01T00:00", "2024-05-01T10:20", "2024-01-05", "1.5.2024"], start=1):
            held = datetime.fromisoformat(when) if "T" in when else when
            sheet.write_row(number, 0, ["R", "A", "Passed", held])
    settings = SpreadsheetSettings(path=path, date_format="%Y-%d-%m", timezone="Europe/Berlin")
    records = await all_records(SpreadsheetSource(settings), "*")
    found = [one.executed_at and f"{one.executed_at:%d.%m. %H:%M %Z}" for one in results(records)]
    assert found == ["01.05. 00:00 CEST", "01.05. 10:20 CEST", "01.05. 00:00 CEST", None]
    assert [row for row, said in notes(records).items() if "is not understood" in said] == [
        "all.xlsx, sheet Runs, row 5"
    ]
    plain = results(await all_records(SpreadsheetSource(SpreadsheetSettings(path=path)), "*"))
    assert [one.ref for one in plain] == [one.ref for one in results(records)]


async def test_what_the_config_names_is_taken(tmp_path: Path) -> None:
    runs = "Lauf,Fall,Ergebnis\nNachts,C1,ok\n"
    assert results(await read(tmp_path, runs)) == []
    columns = {"run": "Lauf", "case": "Fall", "status": "Ergebnis"}
    (found,) = results(await read(tmp_path, runs, results=columns))
    assert found.status == "ok"
    assert results(await read(tmp_path, results={"run": ""})) == []


# --- files ------------------------------------------------------------------------------------------------------------


def hidden(tmp_path: Path) -> Path:
    """Make a folder of tables in one with secrets; return the former."""
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    root = tmp_path / "tables"
    (root / "shots").mkdir(parents=True)
    (root / "shots" / "a.png").write_bytes(b"picture")
    (root / "link.log").symlink_to(tmp_path / "secret.txt")
    (root / "up").symlink_to(tmp_path)
    (root / "circle").symlink_to("circle")
    os.mkfifo(root / "pipe")
    return root


OUTSIDE = [
    "../secret.txt", "shots/../../secret.txt", "/etc/passwd", "link.log", "up/secret.txt", "circle",
    "C:/secret.txt", "..", ".", "shots", "pipe", "shots/a.png/b", "no such", "x" * 5000, "~/secret.txt",
    "//server/share",
]  # fmt: skip


@pytest.mark.parametrize("place", OUTSIDE)
def test_nothing_outside_the_folder_is_a_file_of_a_row(tmp_path: Path, place: str) -> None:
    target = tmp_path / "target"
    with pytest.raises(ContentTrouble):
        copied(hidden(tmp_path), place, target, 1000)
    assert not target.exists()


async def test_not_one_file_outside_the_folder_is_opened(tmp_path: Path) -> None:
    root = hidden(tmp_path)
    opened: list[str] = []
    is_watched = True

    def watch(event: str, details: tuple[Any, ...]) -> None:
        if is_watched and event == "open" and isinstance(details[0], str | bytes | os.PathLike):
            opened.append(os.fsdecode(details[0]))

    sys.addaudithook(watch)
    rows = "".join(f'C{number},Case,"{place}"\n' for number, place in enumerate(["shots/a.png", *OUTSIDE]))
    try:
        records = await read(root, cases=f"ID,Title,Files\n{rows}")
        files = [record.entity for record in records if isinstance(record.entity, Attachment)]
        for file in files:
            try:
                copied(root, file.ref.ids[-1], tmp_path / "target", 1000)
            except ContentTrouble:
                continue
    finally:
        is_watched = False
    assert len(files) == len(OUTSIDE) + 1
    assert "a.png" in opened
    # paths without a folder are opened within one that is open, and never through a link
    elsewhere = [path for path in opened if path.startswith("/") and not path.startswith(str(root))]
    assert [path for path in elsewhere if path != str(tmp_path / "target") and "site-packages" not in path] == []
    assert not {"secret.txt", "passwd"} & {Path(path).name for path in opened}


def test_a_file_over_the_limit_leaves_nothing(tmp_path: Path) -> None:
    root = hidden(tmp_path)
    assert copied(root, "shots/a.png", tmp_path / "there", 7).size == 7
    with pytest.raises(ContentTrouble) as caught:
        copied(root, "shots/a.png", tmp_path / "target", 6)
    assert caught.value.reason == "too_large"
    assert not (tmp_path / "target").exists()


def test_a_cell_may_name_several() -> None:
    assert places_in("a.png; b\\c.png\n d, e.txt|a.png;") == ["a.png", "b/c.png", "d, e.txt"]


async def test_a_cell_of_addresses_or_json_stays_as_it_is(tmp_path: Path) -> None:
    files = ("https://x.example/a.png;b.png", '[{""fileName"":""a.png""}]')
    rows = "".join(f'C{number},Case,"{text}"\n' for number, text in enumerate(files))
    runs = f'Run,Case ID,Status,Files\nNightly,C1,Passed,"{files[1]}"\n'
    records = await read(tmp_path, runs, f"ID,Title,Files\n{rows}")
    assert not [record for record in records if isinstance(record.entity, Attachment)]
    found = [
        one.value.value
        for record in records
        if isinstance(record.entity, TestCase)
        for one in record.entity.custom_fields
    ]
    assert found == [text.replace('""', '"') for text in files]
    assert results(records)[0].remarks == {"Files": found[1]}


def test_what_was_met_is_known_among_very_many() -> None:
    seen = Seen()
    assert not any(seen.new(f"C{number}")[1] for number in range(100_000))
    assert seen.new("C0") == ("C0~2", True)
    assert seen.new("C99999") == ("C99999~2", True)
    assert seen.new("C0") == ("C0~3", True)
    assert seen.new("C100000") == ("C100000", False)
