"""``make torture``: the long version, with a report. Parts by name run alone: ``python -m tests.torture twins``."""

import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from tests.torture.faults import fault_run
from tests.torture.files import file_fault_run, file_kill_run
from tests.torture.history import disturb_history, history, kill_history, lose_answers
from tests.torture.kills import kill_run
from tests.torture.not_alone import STORIES
from tests.torture.operators import OFFSETS, operators_run
from tests.torture.operators import WORLDS as OPERATORS_WORLDS
from tests.torture.twins import WORLDS, twin_run

CASES = 20_000
UPDATES = 3_000
FILES = 5_000
RANDOM_KILLS = 10
STRETCH = 25
SEEDS = range(1, 11)
TWIN_KILLS = 45
TWIN_SEEDS = range(1, 5)
STORY_SEEDS = range(1, 4)


async def kills() -> int:
    with tempfile.TemporaryDirectory() as folder:
        report = await kill_run(Path(folder), cases=CASES, random_kills=RANDOM_KILLS, seed=1, updates=UPDATES)
    print("kills:", *report.lines(), sep="\n  ", flush=True)
    return len(report.lost) + len(report.doubled) + len(report.wrong) + (report.last_code != 0)


async def faults() -> int:
    wrong = 0
    for seed in SEEDS:
        with tempfile.TemporaryDirectory() as folder:
            result = await fault_run(Path(folder), cases=300, seed=seed)
        print(result.line(), flush=True)
        wrong += len(result.lost) + len(result.doubled) + result.wrong + (result.code != 0) + (not result.balanced)
    return wrong


async def files() -> int:
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


async def runs_and_results() -> int:
    with tempfile.TemporaryDirectory() as folder:
        reports = [
            await kill_history(
                Path(folder), history(200, 300, 300, releases=30), random_kills=RANDOM_KILLS, stretch=STRETCH
            )
        ]
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


async def twins() -> int:
    """Kill every command in every world, beside an undisturbed migration of the same world."""
    counted: Counter[str] = Counter()
    wrong = 0
    for seed in TWIN_SEEDS:
        for world in WORLDS:
            with tempfile.TemporaryDirectory() as folder:
                report = await twin_run(Path(folder), world, kills=TWIN_KILLS, seed=seed)
            print(report.line(), *(line[:400] for line in report.wrong[:10]), sep="\n  ", flush=True)
            counted += report.kills
            wrong += len(report.wrong)
    print(f"twins: {counted.total()} kills, {dict(counted)}: wrong {wrong}", flush=True)
    return wrong


async def not_alone() -> int:
    """Play every story of copies, colleagues and clocks."""
    wrong = 0
    for story in STORIES:
        found = []
        for seed in STORY_SEEDS:
            with tempfile.TemporaryDirectory() as folder:
                found += await story.play(Path(folder) / "world", seed)
        print(
            f"{story.name}: {len(STORY_SEEDS)} variants, wrong {len(found)}",
            *(line[:400] for line in found[:5]),
            sep="\n  ",
            flush=True,
        )
        wrong += len(found)
    return wrong


async def operators() -> int:
    """Let two operators begin at these distances, in every world."""
    wrong = 0
    for offset in OFFSETS:
        counted: Counter[str] = Counter()
        for world in OPERATORS_WORLDS:
            for seed in STORY_SEEDS:
                with tempfile.TemporaryDirectory() as folder:
                    report = await operators_run(Path(folder), world, offset=offset, seed=seed)
                found = report.doubled + report.grown
                counted += found
                wrong += found.total() + len(report.wrong)
                if found or report.wrong:
                    print(report.line(), *(line[:400] for line in report.wrong[:5]), sep="\n  ", flush=True)
        variants = len(OPERATORS_WORLDS) * len(STORY_SEEDS)
        print(f"two operators, {offset:g} s apart: {variants} variants, doubled {dict(counted) or 0}", flush=True)
    return wrong


PARTS: Mapping[str, Callable[[], Awaitable[int]]] = {
    "kills": kills,
    "faults": faults,
    "files": files,
    "history": runs_and_results,
    "twins": twins,
    "not-alone": not_alone,
    "operators": operators,
}


async def main(names: list[str]) -> int:
    """Run the parts; return the exit code."""
    wrong = sum([await PARTS[name]() for name in names or PARTS])
    print("nothing lost, nothing doubled, nothing wrong" if not wrong else f"{wrong} things are wrong")
    return 1 if wrong else 0


if unknown := set(sys.argv[1:]) - set(PARTS):
    sys.exit(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
sys.exit(asyncio.run(main(sys.argv[1:])))
