"""Kill the migrator while files are on their way, and let both sides fail; every file must stand in its case, once."""

import json
import random
import signal
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from connectors.qacomplete.sandbox import generate
from connectors.qacomplete.sandbox.generate_files import generate_files
from migrator.engine.load.journaled_write import POINTS, VARIABLE
from migrator.standin.options import FaultPlan, StandInOptions
from tests.support.file_oracle import file_problems, orphans
from tests.support.rig import Command, Rig, rig

_MOST_RUNS = 40


@dataclass
class FileReport:
    """What became of it. ``kills``: by crash point; ``orphans``: files in QA Sphere that nothing refers to;
    ``wrong``: what the stand-ins' stores and ``verify --files all`` found."""

    files: int
    kills: Counter[str] = field(default_factory=Counter)
    faults: int = 0
    runs: int = 0
    wrong: list[str] = field(default_factory=list)
    orphans: int = 0
    uploads: int = 0
    code: int = 0
    out: str = ""
    seconds: float = 0.0

    def line(self) -> str:
        """Return the report for people."""
        return (
            f"files {self.files}, kills {self.kills.total()}, faults {self.faults}, runs {self.runs}: exit {self.code},"
            f" wrong {len(self.wrong)}, orphans {self.orphans}, uploads {self.uploads}, {self.seconds:.0f} s"
        )


async def file_kill_run(folder: Path, *, cases: int, files: int, random_kills: int, seed: int) -> FileReport:
    """Migrate generated cases with generated files, with kills at every crash point and at random moments."""
    chance = random.Random(seed)
    report = FileReport(files)
    data = generate(cases)
    generate_files(data, files, smallest=1, largest=4000, seed=seed)
    # the first file goes alone and then full batches, so points are passed only a few times before the cases
    points = [*POINTS, *["random"] * random_kills]
    chance.shuffle(points)
    async with rig(folder, data, destination_options=StandInOptions(latency=0.02)) as running:
        running.settings = {"destination": {"settle_seconds": 1}}  # nothing comes late here
        for point in points:
            if point == "random":
                ended = await running.migrate(kill_at=running.writes() + chance.randint(1, 6))
            else:
                ended = await running.migrate(environment={VARIABLE: f"{point}:{chance.randint(1, 3)}"})
            report.seconds += ended.seconds
            if ended.code == -signal.SIGKILL:
                report.kills[point] += 1
        await _finish(running, report, running.in_json)
    return report


async def file_fault_run(
    folder: Path, *, cases: int, files: int, seed: int, share: float = 0.1, in_process: bool = False
) -> FileReport:
    """Migrate while a share of all calls on both sides goes wrong, truncated answers and log-in pages among them.
    ``in_process``: all of it in this one."""
    report = FileReport(files)
    data = generate(cases)
    generate_files(data, files, smallest=1, largest=4000, seed=seed)
    plan = FaultPlan(share=share, seed=seed, late_seconds=0.8, hang_seconds=2.0, throttle_seconds=0.05)
    options = StandInOptions(faults=plan)
    async with rig(folder, data, source_options=options, destination_options=options) as running:
        running.settings = {"http": {"timeout": 0.7}, "destination": {"settle_seconds": 2}}
        await _finish(running, report, running.here if in_process else running.in_json)
        report.faults = (running.destination.log.faults + running.source.log.faults).total()
    return report


async def _finish(running: Rig, report: FileReport, command: Command) -> None:
    wanted = "run"
    for _ in range(_MOST_RUNS):
        ended = await command(wanted)
        report.runs += 1
        report.seconds += ended.seconds
        if ended.code not in (3, 5):
            break
        wanted = "run" if ended.code == 5 else "retry --files"
    report.code, report.out = ended.code, ended.out + ended.err
    report.wrong = file_problems(running)
    for _ in range(_MOST_RUNS):
        verified = await command("verify --files all")
        if verified.code != 5:
            break
    found = json.loads(verified.out)
    for name in ("missing", "extra", "different", "doubled", "edited"):
        report.wrong += [f"{name}: {row['marker']} {row.get('field', '')}" for row in found[name]]
    report.orphans = orphans(running)
    report.uploads = running.destination.log.counts["POST /api/public/v0/file/batch"]
