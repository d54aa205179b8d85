"""Kill the migrator with SIGKILL, at random moments and at every named crash point, and continue each time.

First while cases are created, then while changed ones are updated.
"""

import json
import random
import signal
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from connectors.qacomplete.sandbox import generate
from migrator.engine.load.journaled_write import POINTS, VARIABLE
from migrator.standin.options import StandInOptions
from tests.support.rig import Ended, Rig, rig

RANDOM = "random"


@dataclass
class KillReport:
    """What became of it. ``kills``: by verb and crash point; ``in_doubt``: writes in flight at the kills;
    ``look_ups``: requests to settle them; ``wrong``: what verify, and a look at every title, found."""

    cases: int
    updates: int
    kills: Counter[tuple[str, str]] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    in_doubt: int = 0
    look_ups: int = 0
    peak_mib: float = 0.0
    seconds: float = 0.0
    last_code: int = 0
    last_out: str = ""

    def lines(self) -> list[str]:
        """Return the report for people, with a histogram over the crash points."""
        rows = [f"{verb:<7}{point:<22}{count:>3}  {'#' * count}" for (verb, point), count in sorted(self.kills.items())]
        return [
            f"cases {self.cases}, updates {self.updates}, kills {self.kills.total()}:",
            *rows,
            f"lost {len(self.lost)}, doubled {len(self.doubled)}, wrong {len(self.wrong)}",
            *self.wrong[:10],
            f"in doubt {self.in_doubt}, look-up requests {self.look_ups}",
            f"peak memory {self.peak_mib:.0f} MiB, {self.seconds:.0f} s in all",
        ]


async def kill_run(
    folder: Path, *, cases: int, random_kills: int, seed: int, marker_field: bool = True, updates: int = 0
) -> KillReport:
    """Migrate generated cases with kills in between, then change ``updates`` of them at the source and migrate those
    with kills in between; return what is in QA Sphere afterwards."""
    chance = random.Random(seed)
    report = KillReport(cases, updates)
    latency = StandInOptions(latency=0.01)
    async with rig(folder, generate(cases), destination_options=latency, marker_field=marker_field) as running:
        running.settings = {"destination": {"settle_seconds": 1}}  # nothing comes late here
        await _stage(running, report, chance, "create", cases, random_kills)
        for test in chance.sample(running.source.data.tests, updates):
            test.title = f"Changed {test.id}"
        if updates:
            await _stage(running, report, chance, "update", updates, random_kills)
        report.lost, report.doubled = running.lost_and_doubled()
        report.look_ups = running.look_ups()
        report.wrong = await _wrong(running)
    return report


async def _stage(running: Rig, report: KillReport, chance: random.Random, verb: str, size: int, kills: int) -> None:
    """Run to the end, with kills spread over the whole of it: each comes in its own stretch."""
    kinds = [*POINTS, *[RANDOM] * kills]
    chance.shuffle(kinds)
    stretch = size / (len(kinds) + 1)
    begun = running.writes()
    for number, kind in enumerate(kinds):
        if kind == RANDOM:
            ended = await running.migrate(kill_at=begun + int(stretch * number + chance.uniform(1, stretch)))
        else:
            ended = await running.migrate(environment={VARIABLE: f"{kind}:{chance.randint(2, max(2, int(stretch)))}"})
        _note(report, ended)
        if ended.code == -signal.SIGKILL:
            report.kills[verb, kind] += 1
            report.in_doubt += await _in_doubt(running)
    last = await running.migrate("run --json")
    _note(report, last)
    report.last_code, report.last_out = last.code, last.out or last.err


async def _in_doubt(running: Rig) -> int:
    status = await running.migrate("status --json")
    return int(json.loads(status.out)["operations"].get("sending", 0))


async def _wrong(running: Rig) -> list[str]:
    """Ask verify, and by other means compare every title."""
    found = await running.verify()
    wrong = [
        f"{entry['marker']}: {entry.get('field', '')}" for entry in (*found.missing, *found.different, *found.edited)
    ]
    titles = {f"qacomplete@acme:test:12/{test.id}": test.title for test in running.source.data.tests}
    for case in running.shop.cases:
        marker = case.links[0]["text"].removeprefix("Source: ")
        if case.title != titles[marker]:
            wrong.append(f"{marker}: stands as {case.title!r}")
    return wrong


def _note(report: KillReport, ended: Ended) -> None:
    report.peak_mib = max(report.peak_mib, ended.peak_mib)
    report.seconds += ended.seconds
