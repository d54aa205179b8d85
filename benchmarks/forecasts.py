"""What ``plan`` forecasts beside what ``apply`` takes, in four worlds; each second half has learnt from the first.

Usage: python -m benchmarks.forecasts [SIZE [WORLD …]]. Requests are counted at the stand-ins, and the seconds of a side
lie between its first request and its last. QA Sphere refuses more than 8 requests a second,
which a busy machine can use up as well.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.qacomplete.sandbox import File, SeedData, generate
from connectors.workiva.sandbox import generate as generate_workiva
from migrator.standin.log import RequestLog
from migrator.standin.options import StandInOptions
from tests.support.rig import Rig, rig
from tests.support.workiva import WorkivaRig, stand_in, workiva_rig

_RATE = 8
_SETTLE_SECONDS = 90
"""As people have it: with less, most of what QA Sphere is asked renews the card."""
_DESTINATION = StandInOptions(latency=0.3, rate=_RATE, rate_shape="log")


@dataclass
class Side:
    """What a side was asked while a command ran, and for how many seconds."""

    requests: int = 0
    first: float = 0.0
    last: float = 0.0

    @property
    def seconds(self) -> float:
        return self.last - self.first


def tests_with_files(cases: int, each: int, size: int) -> SeedData:
    """Return a company with a file on every ``each``-th test."""
    data = generate(cases)
    for number, test in enumerate(data.tests[::each]):
        data.files.append(File(number + 1, 12, "Tests", test.id, f"shot-{number}.bin", size=size, seed=number))
    return data


@asynccontextmanager
async def _qacomplete(folder: Path, data: SeedData, latency: float) -> AsyncIterator[Rig]:
    source = StandInOptions(latency=latency)
    async with rig(folder, data, source_options=source, destination_options=_DESTINATION) as running:
        destination = {"requests_per_second": _RATE, "settle_seconds": _SETTLE_SECONDS}
        running.settings = {"http": {"timeout": 60}, "destination": destination}
        running.settings["source"] = {"soap_url": running.source_url.replace("/rest-api/service/api", "/psWS.asmx")}
        yield running


@asynccontextmanager
async def _workiva(folder: Path, size: int) -> AsyncIterator[WorkivaRig]:
    data = generate_workiva(2, phases=1, matrices=2, samples=size // 4, attachments=size // 2)
    source = stand_in(data, polls_per_second=4.0, retry_after=0.25)
    async with workiva_rig(folder, source, options=_DESTINATION) as running:
        running.timeout, running.rate, running.settle_seconds = 60.0, _RATE, _SETTLE_SECONDS
        running.settings = {"requests_per_second": 20, "polls_per_second": 4}
        running.project = {"create": True}
        yield running


WORLDS: Mapping[str, Callable[[Path, int], AbstractAsyncContextManager[Any]]] = {
    "fast source": lambda folder, size: _qacomplete(folder, tests_with_files(size, 20, 20_000), 0.05),
    "slow source": lambda folder, size: _qacomplete(folder, tests_with_files(size, 2, 20_000), 2.5),
    "large files": lambda folder, size: _qacomplete(folder, tests_with_files(size, 2, 2_000_000), 0.2),
    "Workiva's questions": _workiva,
}


async def main(size: int, worlds: list[str]) -> None:
    """Print the table: forecast and measured of each world, and of its second half what was learnt from the first."""
    print(
        f"{'forecast / measured':32}{'QA Sphere':>14}{'source':>12}{'seconds':>11}{'of QA Sphere':>14}{'of source':>11}"
    )
    for name in worlds or WORLDS:
        with tempfile.TemporaryDirectory() as folder:
            async with WORLDS[name](Path(folder), size) as running:
                for part, arguments in (("first half", f"--limit {size // 2}"), ("the rest", "")):
                    print(f"{name + ', ' + part:32}{await _told(running, arguments)}", flush=True)


async def _told(running: Any, arguments: str) -> str:
    plan, _ = await _command(running, f"plan --json {arguments}")
    _, (source, there) = await _command(running, "apply")
    cost = plan["cost"]
    took = max(source.last, there.last) - min(side.first for side in (source, there) if side.first)
    columns = (
        (14, cost["requests"], there.requests),
        (12, sum(cost["source_requests"].values()), source.requests),
        (11, cost["seconds"], took),
        (14, cost["destination_seconds"], there.seconds),
        (11, cost["source_seconds"], source.seconds),
    )
    figures = "".join(f"{f'{forecast:.0f} / {measured:.0f}':>{width}}" for width, forecast, measured in columns)
    return f"{figures}   {took / cost['seconds']:.2f}   {cost['bottleneck']}"


async def _command(running: Any, command: str) -> tuple[Any, tuple[Side, Side]]:
    logs: tuple[RequestLog, RequestLog] = (running.source.log, running.destination.log)
    sides = (Side(), Side())
    before = [log.counts.total() for log in logs]
    seen = list(before)
    task = asyncio.create_task(running.migrate(command))
    while not task.done():
        await asyncio.sleep(0.01)
        for number, (log, side) in enumerate(zip(logs, sides, strict=True)):
            if log.counts.total() != seen[number] or log.running:
                seen[number], side.last = log.counts.total(), time.perf_counter()
                side.first = side.first or side.last
                side.requests = seen[number] - before[number]
    if (ended := await task).code:
        raise SystemExit(ended.err)
    return json.loads(ended.out) if ended.out.startswith("{") else None, sides


if __name__ == "__main__":
    asyncio.run(main(int((sys.argv[1:] or ["200"])[0]), sys.argv[2:]))
