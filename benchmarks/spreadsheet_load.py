"""Tables as large companies have them, through the whole program.

Usage: python -m benchmarks.spreadsheet_load [CASES] [SHAPE …] [--plan]. Each shape is planned, migrated, verified and
run again: seconds, CPU seconds and peak memory of the program's own process, and how much each command has written.
``--plan`` loads nothing. The stand-in has no rate limit.
"""

import argparse
import asyncio
import csv
import resource
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
import yaml

from benchmarks.spreadsheet import HEADER, rows
from connectors.qasphere import sandbox as qasphere
from migrator.standin.options import StandInOptions
from migrator.standin.serve import serve
from tests.support.rig import Ended, ended, started
from tests.support.writes import writes

Row = Sequence[str]
QA_SPHERE = (
    "Folder", "Type", "Name", "Legacy ID", "Draft", "Priority", "Tags", "Requirements", "Links", "Files",
    "Preconditions", "Step1", "Expected1", "Step2", "Expected2", "Step3", "Expected3",
)  # fmt: skip
SHAPES = ("csv", "csv-20", "qasphere", "xlsx", "xlsx-20")
"""Kind and number of files."""
COMMANDS = ("plan", "run", "verify", "run")
"""The second ``run`` is the one that must write nothing."""


def exported(count: int) -> Iterator[Row]:
    """Yield rows as QA Sphere exports them."""
    for number in range(count):
        folder = f"Shop/Area {number % 200}/Part {number % 1000}"
        facts = ("standalone", f"Case number {number}", f"SH-{number}", "false", "high", "smoke,slow")
        linked = (f"[REQ-{number % 500}](https://r.example/{number % 500})", "", "")
        steps = ("Open the page", "It shows", "Type the password", "", "Press the button", "Welcome")
        yield folder, *facts, *linked, "The shop is open", *steps


def to_csv(path: Path, header: Row, lines: Iterable[Row]) -> None:
    """Write a CSV file."""
    with path.with_suffix(".csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(lines)


def to_xlsx(path: Path, header: Row, lines: Iterable[Row]) -> None:
    """Write a workbook of one sheet."""
    with xlsxwriter.Workbook(
        str(path.with_suffix(".xlsx")), {"constant_memory": True, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate((header, *lines)):
            sheet.write_row(number, 0, line)


def split(count: int, parts: int) -> Iterator[Iterator[Row]]:
    """Yield the rows of each of ``parts`` files."""
    lines = rows(count)
    for _ in range(parts):
        yield (next(lines) for _ in range(count // parts))


def tables(folder: Path, shape: str, count: int) -> None:
    """Write what a shape is about."""
    kind, _, parts = shape.partition("-")
    if kind == "qasphere":
        to_csv(folder / "export", QA_SPHERE, exported(count))
        return
    write = to_xlsx if kind == "xlsx" else to_csv
    for number, lines in enumerate(split(count, int(parts or 1))):
        write(folder / f"cases {number}", HEADER, lines)


def config_of(folder: Path, url: str) -> Path:
    """Write a config; return where."""
    destination = {"base_url": url, "api_key": qasphere.ADMIN_KEY, "requests_per_second": 100_000, "settle_seconds": 2}
    given: dict[str, Any] = {
        "workspace": "workspace",
        "source": {"connector": "spreadsheet", "path": "tables"},
        "destination": destination,
        "projects": [{"source": "*", "destination": "SHOP", "title": "Shop", "create": True}],
        "http": {"timeout": 60},
    }
    path = folder / "config.yaml"
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(given), encoding="utf-8")
    return path


async def measured(shape: str, count: int, commands: Sequence[str]) -> None:
    """Migrate a shape; ``SystemExit`` when a command fails, or when the last one still writes or cases are missing."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "tables").mkdir()
        tables(folder / "tables", shape, count)
        print(f"{shape}: {count:,} cases, {mib(folder / 'tables'):.0f} MiB", flush=True)
        stand_in = qasphere.build(StandInOptions())
        stand_in.store.add_custom_field("source_id", "Source ID")
        async with serve(stand_in.app) as url:
            config = config_of(folder, url)
            for command in commands:
                before, busy = writes(stand_in), busy_seconds()
                done = await asyncio.to_thread(ended, started(config, f"{command} --json"))
                wrote = writes(stand_in) - before
                said(command, done, busy_seconds() - busy, wrote)
                print(f"; workspace {mib(folder / 'workspace'):,.0f} MiB", flush=True)
            arrived = sum(len(project.cases) for project in stand_in.store.projects.values())
            if wrote or arrived != (count if "run" in commands else 0):
                raise SystemExit(f"{wrote} writes, {arrived} cases")


def busy_seconds() -> float:
    """Return the CPU seconds of all commands that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def said(command: str, done: Ended, busy: float, wrote: int) -> None:
    """Print what a command took; ``SystemExit`` when it failed."""
    if done.code:
        raise SystemExit(f"{command} ended with {done.code}: {done.err[-2000:]}")
    took = f"{done.seconds:7.0f} s, {busy:6.0f} of CPU, peak {done.peak_mib:5.0f} MiB"
    print(f"  {command:6} {took}, {wrote:,} writes", end="", flush=True)


def mib(folder: Path) -> float:
    """Return the size of what lies in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 2**20


async def main(count: int, shapes: Sequence[str], commands: Sequence[str]) -> None:
    """Measure shapes, one after the other."""
    for shape in shapes:
        await measured(shape, count, commands)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("cases", type=int, nargs="?", default=100_000)
    parser.add_argument("shapes", nargs="*")
    parser.add_argument("--plan", action="store_true")
    given = parser.parse_args()
    asyncio.run(main(given.cases, given.shapes or SHAPES, COMMANDS[:1] if given.plan else COMMANDS))
