"""Let a share of all calls on both sides go wrong, in every way there is, for several seeds."""

import json
from dataclasses import dataclass
from pathlib import Path

from connectors.qacomplete.sandbox import generate
from migrator.standin.options import FaultPlan, StandInOptions
from tests.support.rig import rig

_MOST_RUNS = 40


@dataclass(frozen=True)
class FaultReport:
    """What became of one seed. ``runs``: how often the command had to be started until it finished."""

    seed: int
    lost: list[str]
    doubled: list[str]
    code: int
    runs: int
    seconds: float
    faults: dict[str, int]
    detail: str
    balanced: bool

    def line(self) -> str:
        """Return the report for people."""
        faults = ", ".join(f"{kind} {count}" for kind, count in sorted(self.faults.items()))
        return (
            f"seed {self.seed}: exit {self.code} after {self.runs} runs in {self.seconds:.0f} s, lost {len(self.lost)},"
            f" doubled {len(self.doubled)}; faults: {faults}"
        )


async def fault_run(folder: Path, *, cases: int, seed: int, share: float = 0.2) -> FaultReport:
    """Migrate while ``share`` of all calls goes wrong; start again, with retry, until it exits 0."""
    plan = FaultPlan(share=share, seed=seed, late_seconds=0.8, hang_seconds=2.0, throttle_seconds=0.05)
    options = StandInOptions(faults=plan)
    async with rig(folder, generate(cases), source_options=options, destination_options=options) as running:
        running.settings = {"http": {"timeout": 0.5}, "destination": {"settle_seconds": 2}}
        seconds, runs = 0.0, 0
        ended = await running.migrate("run --json")
        while ended.code in (3, 5) and runs < _MOST_RUNS:
            runs += 1
            seconds += ended.seconds
            ended = await running.migrate("run --json" if ended.code == 5 else "retry --json")
        lost, doubled = running.lost_and_doubled()
        faults = dict(running.destination.log.faults + running.source.log.faults)
    balanced = ended.code == 0 and bool(json.loads(ended.out)["balanced"])
    return FaultReport(
        seed, lost, doubled, ended.code, runs + 1, seconds + ended.seconds, faults, ended.out + ended.err, balanced
    )
