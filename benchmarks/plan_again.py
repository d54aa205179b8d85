"""``plan``, ``sync`` and ``verify`` of a project that is migrated already: requests, seconds and peak memory, small
beside large; and ``plan`` as if it had never planned a case before, beside itself.

The stand-ins run in this process, the migrator in one of its own; no rate limit, so the seconds are its own work.
"""

import asyncio
import sqlite3
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from connectors.qacomplete.sandbox import generate
from tests.support.rig import Rig, rig

SIZES = (10_000, 100_000)
ANEW = "plan, every case"


@dataclass(frozen=True)
class Figures:
    """One command at one size."""

    command: str
    cases: int
    requests: int
    seconds: float
    planning: float
    peak_mib: float

    def line(self) -> str:
        planning = f", {self.planning:5.1f} s of them planning" if self.planning else ""
        return (
            f"{self.command:<{len(ANEW)}} {self.cases:>7} cases: {self.requests:>4} requests to QA Sphere,"
            f" {self.seconds:6.1f} s{planning}, peak {self.peak_mib:4.0f} MiB"
        )


async def measure(cases: int) -> list[Figures]:
    with tempfile.TemporaryDirectory() as folder:
        async with rig(Path(folder), generate(cases)) as running:
            running.settings = {"http": {"timeout": 60}}
            loaded = await running.migrate("run")
            if loaded.code:
                raise SystemExit(loaded.err)
            print(f"run     {cases:>7} cases: {loaded.seconds:.1f} s, peak {loaded.peak_mib:.0f} MiB", flush=True)
            return [await _one(running, command, cases) for command in (ANEW, "plan", "sync", "verify")]


async def _one(running: Rig, command: str, cases: int) -> Figures:
    before = running.requests()
    with closing(sqlite3.connect(running.folder / "workspace" / "migration.db")) as db:
        if command == ANEW:
            with db:
                db.execute("UPDATE item SET grounds = ''")
        ended = await running.migrate(command.partition(",")[0])
        if ended.code:
            raise SystemExit(ended.err)
        (planning,) = db.execute(
            "SELECT coalesce(sum(ended_at - started_at), 0) FROM timing WHERE phase = 'plan' AND session ="
            " (SELECT max(session) FROM timing)"
        ).fetchone()
    figures = Figures(command, cases, running.requests() - before, ended.seconds, planning, ended.peak_mib)
    print(figures.line(), flush=True)
    return figures


async def main() -> None:
    sizes = [int(argument) for argument in sys.argv[1:]] or SIZES
    small, large = [await measure(cases) for cases in (sizes[0], sizes[-1])]
    for before, after in zip(small, large, strict=True):
        cases, seconds = after.cases / before.cases, after.seconds / before.seconds
        memory = after.peak_mib / before.peak_mib
        print(f"{after.command}, {cases:.0f} times the cases: {seconds:.1f} times the time, {memory:.2f} the memory")


asyncio.run(main())
