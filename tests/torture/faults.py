"""Let a share of all calls on both sides go wrong, in every way there is, for several seeds."""

import json
from dataclasses import dataclass
from pathlib import Path

from connectors.qacomplete.sandbox import generate
from migrator.standin.options import FaultPlan, StandInOptions
from tests.support.oracle import marker_of
from tests.support.rig import Command, Ended, Rig, rig

_MOST_RUNS = 40


@dataclass(frozen=True)
class FaultReport:
    """What became of one seed. ``runs``: how often the command had to be started until both loads had finished;
    ``wrong``: what verify found."""

    seed: int
    lost: list[str]
    doubled: list[str]
    wrong: int
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
            f" doubled {len(self.doubled)}, wrong {self.wrong}; faults: {faults}"
        )


async def fault_run(
    folder: Path, *, cases: int, seed: int, share: float = 0.2, in_process: bool = False
) -> FaultReport:
    """Migrate, then change a third of the cases at the source and migrate those, while ``share`` of all calls goes
    wrong; start again, with retry, until it exits 0. ``in_process``: all of it in this one."""
    plan = FaultPlan(share=share, seed=seed, late_seconds=0.8, hang_seconds=2.0, throttle_seconds=0.05)
    options = StandInOptions(faults=plan)
    async with rig(folder, generate(cases), source_options=options, destination_options=options) as running:
        running.settings = {"http": {"timeout": 0.5}, "destination": {"settle_seconds": 2}}
        command: Command = running.here if in_process else running.in_json
        ended, runs, seconds = await _until_done(command)
        if ended.code == 0:
            for test in running.source.data.tests[::3]:
                test.title = f"Changed {test.id}"
            ended, more_runs, more_seconds = await _until_done(command)
            runs, seconds = runs + more_runs, seconds + more_seconds
        lost, doubled = running.lost_and_doubled()
        faults = dict(running.destination.log.faults + running.source.log.faults)
        wrong = await _wrong(running, command)
    balanced = ended.code == 0 and bool(json.loads(ended.out)["balanced"])
    detail = ended.out + ended.err
    return FaultReport(seed, lost, doubled, wrong, ended.code, runs, seconds, faults, detail, balanced)


async def _until_done(command: Command) -> tuple[Ended, int, float]:
    """Return how the last run ended, how many there were, and their seconds."""
    ended = await command("run")
    runs, seconds = 1, ended.seconds
    while ended.code in (3, 5) and runs < _MOST_RUNS:
        ended = await command("run" if ended.code == 5 else "retry")
        runs, seconds = runs + 1, seconds + ended.seconds
    return ended, runs, seconds


async def _wrong(running: Rig, command: Command) -> int:
    """Count what verify finds, and titles that are not the source's."""
    titles = {f"qacomplete@acme:test:12/{test.id}": test.title for test in running.source.data.tests}
    other = sum(case.title != titles[marker_of(case)] for case in running.shop.cases)
    for _ in range(_MOST_RUNS):
        ended = await command("verify")
        if ended.code != 5:
            found = json.loads(ended.out)
            return other + sum(len(found[name]) for name in ("missing", "extra", "different", "doubled", "edited"))
    raise AssertionError(ended.err)
