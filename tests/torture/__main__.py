"""``make torture``: the long version, with a report."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.torture.faults import fault_run
from tests.torture.files import file_fault_run, file_kill_run
from tests.torture.history import disturb_history, history, kill_history, lose_answers
from tests.torture.kills import kill_run

CASES = 20_000
UPDATES = 3_000
FILES = 5_000
RANDOM_KILLS = 10
SEEDS = range(1, 11)


async def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        report = await kill_run(Path(folder), cases=CASES, random_kills=RANDOM_KILLS, seed=1, updates=UPDATES)
    print("kills:", *report.lines(), sep="\n  ", flush=True)
    wrong = len(report.lost) + len(report.doubled) + len(report.wrong) + (report.last_code != 0)
    for seed in SEEDS:
        with tempfile.TemporaryDirectory() as folder:
            result = await fault_run(Path(folder), cases=300, seed=seed)
        print(result.line(), flush=True)
        wrong += len(result.lost) + len(result.doubled) + result.wrong + (result.code != 0) + (not result.balanced)
    wrong += await _files()
    wrong += await _history()
    print("nothing lost, nothing doubled, nothing wrong" if not wrong else f"{wrong} things are wrong")
    return 1 if wrong else 0


async def _files() -> int:
    with tempfile.TemporaryDirectory() as folder:
        report = await file_kill_run(Path(folder), cases=2000, files=FILES, random_kills=RANDOM_KILLS, seed=1)
    print("kills with files:", report.line(), *report.wrong[:10], sep="\n  ", flush=True)
    wrong = len(report.wrong) + (report.code != 0)
    for seed in SEEDS[:5]:
        with tempfile.TemporaryDirectory() as folder:
            report = await file_fault_run(Path(folder), cases=50, files=300, seed=seed)
        print(f"faults with files, seed {seed}:", report.line(), *report.wrong[:10], sep="\n  ", flush=True)
        wrong += len(report.wrong) + (report.code != 0)
    return wrong


async def _history() -> int:
    """Do the same with runs and results; return how many things are wrong."""
    with tempfile.TemporaryDirectory() as folder:
        reports = [await kill_history(Path(folder), history(200, 300, 300, releases=30), random_kills=RANDOM_KILLS)]
    for seed in SEEDS:
        with tempfile.TemporaryDirectory() as folder:
            reports.append(await disturb_history(Path(folder), history(20, 20, 30), seed=seed))
        with tempfile.TemporaryDirectory() as folder:
            lost = await lose_answers(Path(folder), history(20, 20, 30), seed=seed)
            lost.code = 0 if lost.code == 3 else lost.code  # what is unknown by name is as it should be
            reports.append(lost)
    for report in reports:
        print("history:", *report.lines(), sep="\n  ", flush=True)
    return sum(len(report.wrong) + (report.code != 0) for report in reports)


sys.exit(asyncio.run(main()))
