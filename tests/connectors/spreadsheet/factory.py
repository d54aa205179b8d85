"""Spreadsheets under the contract of all sources."""

import csv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from connectors.spreadsheet.config import SpreadsheetSettings
from connectors.spreadsheet.connector import open_spreadsheet
from migrator.core.ports.source import Source
from migrator.http.settings import HttpSettings
from migrator.standin.options import StandInOptions
from migrator.testing.sources import Place, SourceFactory

_MORE_THAN_A_PAGE = 101


def _files(number: int) -> str:
    return {1: "shots/a.png; shots\\b c.txt", 2: "../elsewhere.png"}.get(number, "")


def _write_results(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("Run", "Case ID", "Result", "Tested by", "Tested on", "Comment", "Build", "Attachments"))
        for number in range(rows):
            ident = f"C{number % 120}"
            words = ("Passed", "Ann", f"2024-05-{number % 28 + 1:02} 10:00", "fine", "7")
            writer.writerow((f"Nightly {number % 3}", ident, *words, "shots/a.png" if number == 1 else ""))


@asynccontextmanager
async def _written(options: StandInOptions, rows: int) -> AsyncIterator[Place]:
    del options  # a file has no profile
    with TemporaryDirectory() as folder:
        with (Path(folder) / "web.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(
                ("ID", "Folder", "Title", "Steps", "Expected result", "Priority", "References", "Area", "Files")
            )
            for number in range(_MORE_THAN_A_PAGE + rows):
                ident = "" if number == 3 else f"C{number % 120}"
                row = (
                    f"A/B{number % 7}",
                    f"Case {number}",
                    "Open",
                    "It opens",
                    "High",
                    f"R-{number % 9}",
                    "x",
                    _files(number),
                )
                writer.writerow((ident, *row))
                writer.writerow(("", "", "", "Close", "It closes", "", "", "", ""))
        _write_results(Path(folder) / "runs.csv", _MORE_THAN_A_PAGE + rows)
        (Path(folder) / "shots").mkdir()
        for name in ("a.png", "b c.txt"):
            (Path(folder) / "shots" / name).write_bytes(name.encode() * 100)
        (Path(folder) / "about.csv").write_text("Author;Date\nme;today\n", encoding="utf-8")
        yield Place(folder)


@asynccontextmanager
async def _opened(address: str, *, timeout: float = 5, **settings: object) -> AsyncIterator[Source]:
    given = {"path": address, "instance": "acme", **settings}
    async with open_spreadsheet(SpreadsheetSettings.model_validate(given), HttpSettings(timeout=timeout)) as source:
        yield source


FACTORY = SourceFactory(
    name="spreadsheet",
    start=_written,
    open=_opened,
    project="*",
    seen="*",
    visible=("web.csv", "about.csv", "runs.csv"),
    ref_kinds={
        **{kind: kind for kind in ("project", "folder", "case", "requirement", "link", "run", "result")},
        "attachment": "file",
    },
    over_http=False,
    where="source.path",
    dated=False,
    in_project=False,
    step_results=False,
)
