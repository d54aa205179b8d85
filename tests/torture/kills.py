"""Kill the migrator with SIGKILL, at random moments and at every named crash point, and continue each time."""

import json
import random
import signal
from dataclasses import dataclass, field
from pathlib import Path

from connectors.qacomplete.sandbox import generate
from migrator.engine.crash import POINTS, VARIABLE
from migrator.standin.options import StandInOptions
from tests.support.rig import Rig, rig


@dataclass
class KillReport:
    """What became of it. ``in_doubt``: writes in flight at the kills; ``look_ups``: requests to settle them."""

    cases: int
    kills: dict[str, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    in_doubt: int = 0
    look_ups: int = 0
    peak_mib: float = 0.0
    seconds: float = 0.0
    last_code: int = 0
    last_out: str = ""

    def lines(self) -> list[str]:
        """Return the report for people."""
        kills = ", ".join(f"{point} {count}" for point, count in self.kills.items())
        return [
            f"cases {self.cases}, kills {sum(self.kills.values())} ({kills})",
            f"lost {len(self.lost)}, doubled {len(self.doubled)}",
            f"in doubt {self.in_doubt}, look-up requests {self.look_ups}",
            f"peak memory {self.peak_mib:.0f} MiB, {self.seconds:.0f} s in all",
        ]


async def kill_run(folder: Path, *, cases: int, random_kills: int, seed: int, marker_field: bool = True) -> KillReport:
    """Migrate generated cases with kills in between; return what is in QA Sphere afterwards."""
    chance = random.Random(seed)
    report = KillReport(cases)
    latency = StandInOptions(latency=0.01)
    async with rig(folder, generate(cases), destination_options=latency, marker_field=marker_field) as running:
        kinds = [*POINTS, *["random"] * random_kills]
        chance.shuffle(kinds)
        for number, kind in enumerate(kinds):
            # spread over the whole load: each kill comes in its own stretch of it
            stretch = cases / (len(kinds) + 1)
            if kind == "random":
                at = int(stretch * number + chance.uniform(1, stretch))
                ended = await running.migrate(kill_at=at)
            else:
                ended = await running.migrate(environment={VARIABLE: f"{kind}:{chance.randint(2, int(stretch))}"})
            _note(report, ended.peak_mib, ended.seconds)
            if ended.code == -signal.SIGKILL:
                report.kills[kind] = report.kills.get(kind, 0) + 1
                report.in_doubt += await _in_doubt(running)
        last = await running.migrate("run --json")
        _note(report, last.peak_mib, last.seconds)
        report.last_code, report.last_out = last.code, last.out or last.err
        report.lost, report.doubled = running.lost_and_doubled()
        report.look_ups = running.look_ups()
    return report


async def _in_doubt(running: Rig) -> int:
    status = await running.migrate("status --json")
    return int(json.loads(status.out)["operations"].get("sending", 0))


def _note(report: KillReport, peak_mib: float, seconds: float) -> None:
    report.peak_mib = max(report.peak_mib, peak_mib)
    report.seconds += seconds
