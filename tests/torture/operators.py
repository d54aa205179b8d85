"""Two operators: two new workspaces, one project in QA Sphere, started a moment apart or at once.

Both migrate; then both do what they were told, which is to run again; then both verify. What QA Sphere holds is
compared with what an undisturbed migration of the same world leaves.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from connectors.qasphere.sandbox.store import Project
from connectors.workiva.sandbox.generate import generate as generate_forms
from migrator.core.refs import stated_marker
from migrator.standin.options import StandInOptions
from tests.support import workiva
from tests.support.image import differences, image
from tests.support.rig import Ended, Rig, ended, rig, started
from tests.torture.twins import World

OFFSETS = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0)
"""Seconds between the two starts."""
WORLDS = (
    World("QAComplete", cases=21, files=4, runs=4, items=12),
    World("QAComplete, no marker field", cases=21, files=4, runs=4, items=12, marker_field=False),
    World("Workiva", "workiva", files=4),
    World("Workiva, no marker field", "workiva", files=4, marker_field=False),
)
_LOCKED = 10
_GOOD = (0, 3, 8)
_NUMBER = re.compile(r"\d+")


@dataclass
class OperatorsReport:
    """What became of it. ``codes``: how the first runs of both ended; ``doubled``: items by kind that stand there more
    often than once; ``unnamed``: numbers of doubled cases that nobody was told; ``wrong``: in words."""

    world: str
    offset: float
    seed: int
    codes: tuple[int, int] = (0, 0)
    doubled: Counter[str] = field(default_factory=Counter)
    grown: Counter[str] = field(default_factory=Counter)
    unnamed: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def line(self) -> str:
        """Return the report for people."""
        return (
            f"{self.world}, {self.offset:g} s apart, seed {self.seed}: codes {self.codes},"
            f" doubled {dict(self.doubled)}, doubled by running again {dict(self.grown)},"
            f" unnamed {self.unnamed}, wrong {len(self.wrong)}"
        )


@dataclass(frozen=True)
class _Pair:
    """Two configs for one project."""

    configs: tuple[Path, Path]
    project: Callable[[], Project]
    image: Callable[[], Any]

    async def migrate(self, which: int, command: str) -> Ended:
        return await asyncio.to_thread(ended, started(self.configs[which], command))

    async def both(self, command: str, offset: float) -> tuple[Ended, Ended]:
        """Start both, the second one later by so much."""

        async def second() -> Ended:
            await asyncio.sleep(offset)
            return await self.migrate(1, command)

        first, other = await asyncio.gather(self.migrate(0, command), second())
        return first, other


async def operators_run(folder: Path, world: World, *, offset: float, seed: int) -> OperatorsReport:
    """Let two operators begin, and then both run again as they are told; return what differs from one of them alone."""
    report = OperatorsReport(world.name, offset, seed)
    async with _serving(folder / "alone", world, seed, latency=0) as pair:
        alone = await pair.migrate(0, "run")
        assert alone.code == 0, alone.err
        expected = pair.image()
    async with _serving(folder / "two", world, seed, latency=0.03) as pair:
        if seed % 2:
            ends = await pair.both("run", offset)
        else:  # planned before, so that they begin to write at the same moment
            await pair.both("plan", 0)
            ends = await pair.both("apply", offset)
        report.codes = ends[0].code, ends[1].code
        report.wrong += [f"{end.code}: {end.err[-400:]}" for end in ends if not _is_right(end)]
        report.doubled = _doubled(pair.project())
        said = [end.out + end.err for end in ends]
        # as both are told; now and then at the same moment again
        again = await _again(pair, at_once=seed % 3 == 0)
        said += [end.out + end.err for end in again]
        report.grown = _doubled(pair.project()) - report.doubled
        named = {int(number) for text in said for number in _NUMBER.findall(text)}
        named |= await _noted(pair)
        report.unnamed = sorted(_doubled_cases(pair.project()) - named)
        for which in (0, 1):
            verified = await pair.migrate(which, "verify --results all")
            if verified.code not in (0, 3) and not report.doubled + report.grown:  # which it rightly tells
                report.wrong.append(f"verify {verified.code}: {verified.out[-300:]} {verified.err[-300:]}")
        differs = differences(expected, pair.image())
        report.wrong += [line for line in differs if line.startswith("missing") or not report.doubled + report.grown]
        if report.wrong:
            report.wrong += [end.err[-700:] for end in (*ends, *again)]
    return report


def _is_right(end: Ended) -> bool:
    """Whether somebody may end like this who is not alone; what is planned beside somebody at work is soon stale."""
    return end.code in (*_GOOD, _LOCKED) or "is stale; nothing was written" in end.err


async def _again(pair: _Pair, *, at_once: bool) -> list[Ended]:
    ends: list[Ended] = []
    if at_once:
        ends += await pair.both("run", 0)
    for _ in range(3):
        for which in (0, 1):
            ends.append(await pair.migrate(which, "run"))
        if all(end.code in _GOOD for end in ends[-2:]):
            break
    return ends


async def _noted(pair: _Pair) -> set[int]:
    """Return the numbers in the notes on copies, of both."""
    found: set[int] = set()
    for config in pair.configs:
        process = started(config, "report")
        await asyncio.to_thread(ended, process)
        for page in (config.parent / "workspace" / "reports").rglob("*"):
            if page.is_file():
                for line in page.read_text(encoding="utf-8", errors="replace").splitlines():
                    if "carries its marker, too" in line:
                        found |= {int(number) for number in re.findall(r"case (\d+) carries its marker", line)}
    return found


def _doubled(project: Project) -> "Counter[str]":
    """Return how many cases, runs and results stand there beside another one of the same marker."""
    found: Counter[tuple[str, str]] = Counter()
    for case in project.cases:
        found["case", _marker(case.links)] += 1
    for run in project.runs.values():
        found["run", stated_marker(run.description)] += 1
        for row in run.cases.values():
            for result in row.results:
                found["result", stated_marker(result.comment)] += 1
    doubled: Counter[str] = Counter()
    for (kind, _), count in found.items():
        doubled[kind] += count - 1
    return +doubled


def _doubled_cases(project: Project) -> set[int]:
    """Return the numbers of the cases whose marker an earlier one has."""
    seen: set[str] = set()
    found = set()
    for case in sorted(project.cases, key=lambda case: case.seq):
        marker = _marker(case.links)
        if marker in seen:
            found.add(case.seq)
        seen.add(marker)
    return found


def _marker(links: Sequence[dict[str, str]]) -> str:
    return next(link["text"] for link in links if link["text"].startswith("Source: "))


@asynccontextmanager
async def _serving(folder: Path, world: World, seed: int, *, latency: float) -> AsyncIterator[_Pair]:
    """Serve a world into a project that is there and empty, with two configs for it."""
    await asyncio.to_thread(folder.mkdir, parents=True)
    options = StandInOptions(latency=latency)
    # at this pace a load takes some seconds; how long is settled is as people have it
    pace = {"requests_per_second": 15, "settle_seconds": 90} if latency else {}
    other = folder / "second"
    await asyncio.to_thread(other.mkdir)
    if world.source == "workiva":
        data = generate_forms(1, phases=2, matrices=2, samples=4, attachments=world.files, seed=seed)
        source = workiva.stand_in(data)
        async with workiva.workiva_rig(folder, source, options=options, marker_field=world.marker_field) as forms:
            store = forms.destination.store
            store.add_project("SOX", "Controls")
            configs = [_config(one.write_config(), pace) for one in (forms, replace(forms, folder=other))]
            yield _Pair(
                (configs[0], configs[1]),
                lambda: store.projects["SOX"],
                lambda: image(store, store.projects["SOX"]),
            )
    else:
        async with rig(
            folder, world.data(seed), destination_options=options, marker_field=world.marker_field
        ) as running:
            running.settings = {"destination": pace}
            running.destination.store.add_project("SHOP", "Shop")
            second: Rig = replace(running, folder=other)
            yield _Pair(
                (running.write_config(), second.write_config()),
                lambda: running.shop,
                lambda: image(running.destination.store, running.shop),
            )


def _config(path: Path, pace: Mapping[str, float]) -> Path:
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    config["destination"] |= pace
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path
