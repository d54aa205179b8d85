"""The run report of many items: seconds to write, size of the file, peak memory, and how quickly a browser opens it.

At most a thousand cases are migrated, a fiftieth of them changed and migrated again; then the workspace is multiplied,
with four notes an item. Needs Debian's chromium.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from playwright.async_api import async_playwright

from connectors.qacomplete.sandbox import generate
from state.workspace import open_workspace
from tests.support.browser import chromium
from tests.support.rig import Rig, rig

CASES = 50_000
_MIGRATED = 1000
_FIRST = 10_001
"""The number in the title of the first case."""
_TABLES = ("entity", "operation", "ledger", "note", "seen", "wanted", "replaced", "item")
_COPIED = {
    ("", "marker"): "marker || '~' || :copy",
    ("", "title"): "title || ' ~' || :copy",
    ("ledger", "id"): "id || '~' || :copy",
    ("seen", "id"): "id || '~' || :copy",
}
"""How a column of a copy differs from its original."""


async def write(folder: Path, cases: int, path: Path) -> None:
    migrated = min(_MIGRATED, cases)
    async with rig(folder, generate(migrated)) as running:
        for _ in range(2):
            if (ended := await running.migrate("run")).code:
                raise SystemExit(ended.err)
            for test in running.source.data.tests[::50]:
                test.title += " (changed)"
        multiply(running, -(-cases // migrated))
        ended = await running.migrate(f"report --html {path}")
        if ended.code:
            raise SystemExit(ended.err)
        print(f"{cases} cases: written in {ended.seconds:.1f} s, peak {ended.peak_mib:.0f} MiB", flush=True)


def multiply(running: Rig, times: int) -> None:
    """Give every case so many copies of all its rows, and every one of them four notes."""
    with open_workspace(running.parsed().workspace) as workspace, workspace.db.atomic():
        db = workspace.db
        for number in range(3):
            db.execute(
                "INSERT INTO note (marker, project, code, field, original, message, origin) SELECT marker, project,"
                " 'table_flattened', 'step ' || ?, 'a | b | ' || title, 'cells are separated by a bar', 'plan'"
                " FROM item WHERE kind = 'case'",
                [number],
            )
        db.execute("CREATE TEMP TABLE original AS SELECT marker FROM item WHERE kind = 'case'")
        for table in _TABLES:
            names = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if not (row[1] == "id" and row[5])]
            values = [_COPIED.get((table, name), _COPIED.get(("", name), name)) for name in names]
            for copy in range(1, times):
                db.execute(
                    f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM {table}"
                    " WHERE marker IN (SELECT marker FROM original)",
                    {"copy": copy},
                )


async def open_it(address: str, cases: int) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = await browser.new_page()
        started = time.monotonic()
        await page.goto(address, wait_until="commit")
        await page.wait_for_selector("#summary")
        shown = time.monotonic() - started
        await page.wait_for_selector("html[data-ready=yes]")
        ready = time.monotonic() - started
        started = time.monotonic()
        last = -(-cases // _MIGRATED) - 1
        await page.fill("[name=search]", f"({_FIRST}) ~{last}" if last else f"({_FIRST})")
        await page.locator("#count", has_text="1 of").wait_for()
        print(
            f"summary after {shown:.2f} s, every item after {ready:.2f} s, a search {time.monotonic() - started:.2f} s"
        )
        await browser.close()


def main() -> None:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.html"
        asyncio.run(write(Path(folder), cases, path))
        print(f"size of the file: {path.stat().st_size / (1 << 20):.1f} MiB")
        asyncio.run(open_it(path.as_uri(), cases))


main()
