"""Kill every command anywhere, and compare QA Sphere with what an undisturbed migration of the same world leaves.

The oracle is a second QA Sphere: the same source, the same changes, nobody killed. Both must hold the same, field by
field (``tests.support.image``); so must the receipts at the source.
"""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from connectors.qacomplete.sandbox import SeedData, generate
from connectors.qacomplete.sandbox.generate_files import generate_files
from connectors.qacomplete.sandbox.generate_runs import generate_runs
from connectors.qasphere.sandbox import QASphereStandIn
from connectors.workiva.sandbox.generate import generate as generate_forms
from migrator.standin.options import FaultPlan, StandInOptions
from tests.support import workiva
from tests.support.image import Image, differences, image
from tests.support.rig import Ended, ended, rig, started

_TRIES = 60
_FAILED, _AGAIN = 3, 5


class Disturbable(Protocol):
    """Both sides and a config between them, whatever the source is."""

    @property
    def destination(self) -> QASphereStandIn: ...

    def write_config(self) -> Path: ...

    async def migrate(self, command: str) -> Ended: ...


@dataclass(frozen=True)
class World:
    """What is migrated. ``faults``: the share of QA Sphere's calls that go wrong."""

    name: str
    source: Literal["qacomplete", "workiva"] = "qacomplete"
    cases: int = 16
    files: int = 6
    runs: int = 3
    items: int = 12
    marker_field: bool = True
    faults: float = 0.0

    def data(self, seed: int) -> SeedData:
        """Return the source QAComplete, the same for the same seed."""
        data = generate(self.cases, items=2, seed=seed)
        generate_files(data, self.files, smallest=10, largest=2000, seed=seed)
        generate_runs(data, self.runs, self.items, steps=2)
        return data


WORLDS = (
    World("QAComplete"),
    World("QAComplete, no marker field", marker_field=False),
    World("QAComplete, faults", faults=0.08),
    World("QAComplete, no marker field, faults", marker_field=False, faults=0.08),
    World("Workiva", "workiva"),
    World("Workiva, no marker field, faults", "workiva", marker_field=False, faults=0.08),
)


@dataclass
class TwinReport:
    """What became of it. ``kills``: by command; ``stops``: how often it was stopped and went on."""

    world: str
    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    stops: int = 0
    wrong: list[str] = field(default_factory=list)

    def line(self) -> str:
        """Return the report for people."""
        kills = ", ".join(f"{command} {count}" for command, count in sorted(self.kills.items()))
        return (
            f"{self.world}, seed {self.seed}: kills {self.kills.total()} ({kills}), {self.stops} stops,"
            f" wrong {len(self.wrong)}"
        )


_STAGES = (
    ("rehearse --fast", "plan", "apply", "verify"),
    ("sync",),
    ("verify", "run", "retry"),
    ("writeback",),
)
"""Before the second stage the source changes; every command is killed until it went through."""
_COMMANDS = sum(map(len, _STAGES))


async def twin_run(folder: Path, world: World, *, kills: int, seed: int) -> TwinReport:
    """Migrate the world twice, once with ``kills`` at random moments, and compare."""
    report = TwinReport(world.name, seed)
    chance = random.Random(seed)
    seconds: dict[str, float] = {}

    async def undisturbed(running: Disturbable, command: str) -> None:
        end = await running.migrate(command)
        assert end.code == 0, f"{command} ended with {end.code} although nobody disturbed it: {end.out}{end.err}"
        seconds[command] = end.seconds

    async def disturbed(running: Disturbable, command: str) -> None:
        moments = [chance.uniform(0.02, seconds[command]) for _ in range(max(1, kills // _COMMANDS))]
        await _killed(running, command, moments, report, chance)

    expected = await _migrated(folder / "undisturbed", world, seed, undisturbed, faults=0.0)

    found = await _migrated(folder / "disturbed", world, seed, disturbed, faults=world.faults)
    report.wrong += differences(expected, found)
    return report


async def _migrated(
    folder: Path, world: World, seed: int, execute: Callable[[Disturbable, str], Awaitable[None]], *, faults: float
) -> Image:
    """Run all stages; return what QA Sphere holds afterwards, and which receipts the source."""
    await asyncio.to_thread(folder.mkdir)
    plan = FaultPlan(share=faults, seed=seed, late_seconds=0.4, hang_seconds=0.8, throttle_seconds=0.05)
    serve = _workiva if world.source == "workiva" else _qacomplete
    async with serve(folder, world, seed, StandInOptions(latency=0.004, faults=plan)) as (running, change, receipts):
        for number, commands in enumerate(_STAGES):
            if number == 1:
                change()
            for command in commands:
                await execute(running, command)
        store = running.destination.store
        (project,) = [found for found in store.projects.values() if found.cases]
        # the last part of a receipt's name depends on the case's number
        return image(store, project) + Counter(f"receipt {name.rpartition('-')[0]}" for name in receipts())


_Served = tuple[Disturbable, Callable[[], None], Callable[[], Iterable[str]]]
"""The running pair, what changes the source, and what answers the names of the receipts there."""


@asynccontextmanager
async def _qacomplete(folder: Path, world: World, seed: int, options: StandInOptions) -> AsyncIterator[_Served]:
    async with rig(folder, world.data(seed), destination_options=options, marker_field=world.marker_field) as running:
        running.settings = {"http": {"timeout": 0.5}, "destination": {"settle_seconds": 1}}
        data = running.source.data

        def change() -> None:
            for test in data.tests[::3]:
                test.title = f"Changed {test.id}"
            for test in data.tests[1::5]:
                test.description = f"{test.description or ''} and once more"

        yield running, change, lambda: [file.name for file in data.files if "receipt" in file.name]


@asynccontextmanager
async def _workiva(folder: Path, world: World, seed: int, options: StandInOptions) -> AsyncIterator[_Served]:
    data = generate_forms(1, phases=2, matrices=2, samples=4, attachments=world.files, seed=seed)
    source = workiva.stand_in(data)
    async with workiva.workiva_rig(folder, source, options=options, marker_field=world.marker_field) as running:
        running.settle_seconds, running.timeout = 1, 0.5

        def change() -> None:
            for sample in data.samples()[::3]:
                sample.results = dict.fromkeys(sample.results, "FAIL")

        def receipts() -> list[str]:
            files = [file for sample in data.samples() for file in sample.attachments]
            return [file.file_name for file in files if "receipt" in file.file_name]

        yield running, change, receipts


async def _killed(
    running: Disturbable, command: str, moments: Sequence[float], report: TwinReport, chance: random.Random
) -> None:
    """Kill the command at these moments, in seconds since its start, and let it end then."""
    for moment in moments:
        code = await _ended_at(running, command, moment, report, chance)
        report.kills[command.split(maxsplit=1)[0]] += code == -signal.SIGKILL
    for _ in range(_TRIES):
        end = await running.migrate(command)
        if end.code == 0:
            return
        if end.code == _FAILED:
            await running.migrate("retry --files")
        elif end.code != _AGAIN:
            break
    report.wrong.append(f"{command} ended with {end.code}: {end.err[-600:]}")


async def _ended_at(
    running: Disturbable, command: str, seconds: float, report: TwinReport, chance: random.Random
) -> int:
    """Start the command and kill it after so long; now and then it is stopped first, and goes on."""
    process = started(running.write_config(), command)
    waiting = asyncio.create_task(asyncio.to_thread(ended, process))
    if chance.random() < 0.2:
        await asyncio.wait({waiting}, timeout=seconds / 2)
        if not waiting.done():
            process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(0.3)
            process.send_signal(signal.SIGCONT)
            report.stops += 1
    await asyncio.wait({waiting}, timeout=seconds)
    if not waiting.done():
        process.send_signal(signal.SIGKILL)
    return (await waiting).code
