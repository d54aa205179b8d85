"""What each option costs that brings more of QAComplete along: requests that the source gets in a plan, requests to QA
Sphere and minutes at 20 a second by its forecast, and what a first and a second plan take.

Usage: python -m benchmarks.options [CASES [ITEMS]]. The company has so many tests, and so many requirements, defects,
test sets, releases and configurations each, with notes and links; a quarter as many files hang on defects.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.qacomplete.sandbox import File, SeedData, generate
from tests.support.rig import rig

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


async def measured(settings: Mapping[str, Any], cases: int, items: int) -> str:
    """Return the line of an option."""
    with tempfile.TemporaryDirectory() as folder:
        async with rig(Path(folder), company(cases, items)) as running:
            running.settings = {**settings, "http": {"timeout": 60.0}}
            began = time.process_time()
            plan = await running.plan()
            first = time.process_time() - began
            asked = sum(running.source.log.counts.values())
            began = time.process_time()
            await running.plan()
            second = time.process_time() - began
    at_20 = plan.cost.requests / 20
    return f"{asked:>10} {plan.cost.requests:>12} {at_20 / 60:>9.1f} {first:>10.1f} {second:>10.1f}"


async def main(cases: int = 10_000, items: int = 1_000) -> None:
    """Print the table. Seconds are CPU seconds of this process, stand-ins included."""
    print(f"{cases} tests, {items} of each other kind")
    print(f"{'':20}{'source':>10} {'QA Sphere':>12} {'minutes':>9} {'plan, s':>10} {'again, s':>10}")
    for name, settings in OPTIONS.items():
        print(f"{name:20}{await measured(settings, cases, items)}", flush=True)


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
