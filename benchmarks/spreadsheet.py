"""How much memory and time reading large tables takes: ``python -m benchmarks.spreadsheet [ROWS]``.

Each table is read in a process of its own, as the engine does it: page by page, nothing kept.
"""

import asyncio
import csv
import multiprocessing
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter

from connectors.spreadsheet.config import SpreadsheetSettings
from connectors.spreadsheet.source import SpreadsheetSource

HEADER = ("ID", "Section Hierarchy", "Title", "Steps", "Expected Result", "Priority", "References", "Estimate")
RESULTS = ("Run", "Case ID", "Status", "Tested By", "Tested On", "Comment")


def rows(count: int) -> Iterator[tuple[str, ...]]:
    for number in range(count):
        steps = "1. Open the page\n2. Type the password\n3. Press the button"
        folder = f"Shop > Area {number % 200} > Part {number % 1000}"
        yield f"C{number}", folder, f"Case number {number}", steps, "3. Welcome", "High", f"REQ-{number % 500}", "5m"


def results(count: int) -> Iterator[tuple[str, ...]]:
    for number in range(count):
        yield (
            f"Run {number // 5000}",
            f"C{number % 100_000}",
            "Passed",
            "Ann",
            "2024-05-01 10:00",
            f"went well {number}",
        )


def csv_of(path: Path, header: tuple[str, ...], lines: Iterator[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(lines)


def xlsx_of(path: Path, count: int) -> None:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        for number, row in enumerate(rows(count), start=1):
            sheet.write_row(number, 0, row)


def read(path: Path) -> str:
    """Read both streams; return what it took."""

    async def all_pages() -> int:
        source = SpreadsheetSource(SpreadsheetSettings(path=path))
        count = 0
        for stream in source.abilities.streams:
            cursor: str | None = None
            while True:
                page = await source.page(stream, "*", cursor)
                count += len(page.records)
                cursor = page.next_cursor
                if cursor is None:
                    break
        return count

    before = resource.getrusage(resource.RUSAGE_SELF)
    count = asyncio.run(all_pages())
    after = resource.getrusage(resource.RUSAGE_SELF)
    took = after.ru_utime - before.ru_utime
    peaks = f"peak {after.ru_maxrss / 1024:.0f} MiB ({before.ru_maxrss / 1024:.0f} before)"
    return f"{count:,} records, {took:.1f} s of CPU, {peaks}"


def measured(what: str, path: Path) -> None:
    size = sum(file.stat().st_size for file in path.iterdir()) / 2**20
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(f"{what}, {size:.0f} MiB: {pool.apply(read, (path,))}", flush=True)


def main(count: int) -> None:
    with TemporaryDirectory() as place:
        folder = Path(place)
        xlsx_of(folder / "book.xlsx", count // 10)
        measured(f"XLSX, {count // 10:,} cases", folder)
        (folder / "book.xlsx").unlink()
        for size in (count // 10, count):
            csv_of(folder / "cases.csv", HEADER, rows(size))
            measured(f"CSV, {size:,} cases", folder)
            csv_of(folder / "cases.csv", HEADER, rows(1))
            csv_of(folder / "runs.csv", RESULTS, results(size))
            measured(f"CSV, {size:,} results", folder)
            (folder / "runs.csv").unlink()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
