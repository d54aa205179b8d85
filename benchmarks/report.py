"""The run report of many items: seconds to write, size of the file, peak memory, and how quickly a browser opens it.

The workspace is filled directly, with four notes an item and a change in every fiftieth. Needs Debian's chromium.
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
NOTES = 200_000


async def write(folder: Path, cases: int, path: Path) -> None:
    async with rig(folder, generate(cases)) as running:
        running.settings = {"http": {"timeout": 60}}
        if (ended := await running.migrate("run")).code:
            raise SystemExit(ended.err)
        for test in running.source.data.tests[::50]:
            test.title += " (changed)"
        if (ended := await running.migrate("run")).code:
            raise SystemExit(ended.err)
        add_notes(running, NOTES * cases // CASES)
        ended = await running.migrate(f"report --html {path}")
        if ended.code:
            raise SystemExit(ended.err)
        print(f"{cases} cases: written in {ended.seconds:.1f} s, peak {ended.peak_mib:.0f} MiB", flush=True)


def add_notes(running: Rig, wanted: int) -> None:
    """Give the items so many notes in all."""
    with open_workspace(running.parsed().workspace) as workspace:
        db = workspace.db
        have = db.execute("SELECT count(*) FROM note").fetchone()[0]
        cases = db.execute("SELECT count(*) FROM item WHERE kind = 'case'").fetchone()[0]
        with db.atomic():
            for number in range(-(-(wanted - have) // cases)):
                db.execute(
                    "INSERT INTO note (marker, project, code, field, original, message, origin) SELECT marker, project,"
                    " 'table_flattened', 'step ' || ?, 'a | b | ' || title, 'cells are separated by a bar', 'plan'"
                    " FROM item WHERE kind = 'case'",
                    [number],
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
        await page.fill("[name=search]", f"({10_000 + cases})")
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
