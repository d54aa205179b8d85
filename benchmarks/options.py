"""What each option costs that brings more of QAComplete along: requests that the source gets in a plan, and those to QA
Sphere by its forecast, both exact; the minutes that follow from the limits; CPU seconds of a first and a second plan.

Usage: python -m benchmarks.options [CASES [ITEMS]]. The company has so many tests, and so many requirements, defects,
test sets, releases and configurations each, with notes and links; a quarter as many files hang on defects. Each figure
is printed as soon as it is known: for 10,000 tests a plan and the stand-in take a minute of CPU, two with a request for
each test, and many more minutes on a machine that has other work.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from connectors.qacomplete.sandbox import File, SeedData, generate
from tests.support.rig import rig

SOURCE, DESTINATION = 40.0, 20.0
"""Requests a second: four at a time that are answered within a tenth of a second, and what one API key is allowed."""
_OFF: Mapping[str, Any] = {"mapping": {"pages": {"make": False}}}
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "none of them": _OFF,
    "mapping.pages": {"mapping": {"pages": {"make": True}}},
    "source.test_links": {**_OFF, "source": {"test_links": True}},
}


def company(cases: int, items: int) -> SeedData:
    """Return the data; made anew, because a migration's receipts may change it."""
    data = generate(cases, items=items)
    for number, defect in enumerate(data.defects[: items // 4]):
        data.files.append(File(900_000 + number, 12, "Bugs", defect.id, f"shot-{number}.png", size=20_000, seed=number))
    return data


async def measured(settings: Mapping[str, Any], cases: int, items: int) -> AsyncIterator[str]:
    """Yield the cells of an option's line, in the order in which they become known."""
    with tempfile.TemporaryDirectory() as folder:
        async with rig(Path(folder), company(cases, items)) as running:
            running.settings = {**settings, "http": {"timeout": 60.0}}
            for number in range(2):
                began = time.process_time()
                plan = await running.plan()
                seconds = time.process_time() - began
                if number == 0:
                    asked, sent = sum(running.source.log.counts.values()), plan.cost.requests
                    yield f"{asked:>12}{asked / SOURCE / 60:>8.1f}{sent:>12}{sent / DESTINATION / 60:>8.1f}"
                yield f"{seconds:>12.1f}"


async def main(cases: int = 10_000, items: int = 1_000) -> None:
    """Print the table."""
    print(f"{cases} tests, {items} of each other kind; CPU seconds with the stand-ins, which grow with other work")
    heads = ("source", "min", "QA Sphere", "min", "plan, s", "again, s")
    print(" " * 20 + "".join(f"{head:>{8 if head == 'min' else 12}}" for head in heads))
    for name, settings in OPTIONS.items():
        print(f"{name:20}", end="", flush=True)
        async for cell in measured(settings, cases, items):
            print(cell, end="", flush=True)
        print()


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
