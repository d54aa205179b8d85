"""How much of what a service allows is used: extraction beside its slots, a whole load and ``verify`` beside a limit.

Usage: python -m benchmarks.limits [CASES [LATENCY …]]. Latencies of both stand-ins in seconds (default 0.05 and 0.6);
QA Sphere refuses more than 20 requests within any second. What waits counts, so a busy machine changes little at high
latencies.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from connectors.qacomplete.sandbox import SeedData, generate
from connectors.qacomplete.sandbox.generate_runs import generate_runs
from migrator.standin.log import RequestLog
from migrator.standin.options import StandInOptions
from tests.support.rig import Rig, rig

LIMIT, SLOTS = 20, 4
_RUNS, _ITEMS = 10, 50


def data_of(cases: int) -> SeedData:
    data = generate(cases, items=cases // 20)
    generate_runs(data, _RUNS, min(_ITEMS, cases))
    return data


async def main(cases: int, latencies: list[float]) -> None:
    for latency in latencies:
        source = StandInOptions(latency=latency)
        destination = StandInOptions(latency=latency, rate=LIMIT, rate_shape="log")
        with tempfile.TemporaryDirectory() as folder:
            async with rig(
                Path(folder), data_of(cases), source_options=source, destination_options=destination
            ) as running:
                running.settings = {
                    "http": {"timeout": 60},
                    "source": {"concurrency": SLOTS},
                    "destination": {"requests_per_second": LIMIT},
                }
                print(f"latency {latency * 1000:.0f} ms, {cases} cases", flush=True)
                seconds, requests = await _one(running, "plan", running.source.log)
                floor = requests * latency / SLOTS
                print(f"  extraction: {requests} requests in {seconds:.1f} s, {seconds / floor:.2f} of the floor")
                for command in ("apply", "verify --results all"):
                    seconds, requests = await _one(running, command, running.destination.log)
                    refused = running.destination.log.statuses[429]
                    used = requests / seconds / LIMIT
                    print(
                        f"  {command}: {requests} requests in {seconds:.1f} s, {used:.0%} of the limit, {refused} 429s"
                    )


async def _one(running: Rig, command: str, log: RequestLog) -> tuple[float, int]:
    """Run a command; return seconds from the first request to the last one, and how many there were."""
    before = log.counts.total()
    task = asyncio.create_task(running.migrate(command))
    first = last = 0.0
    seen = before
    while not task.done():
        await asyncio.sleep(0.005)
        if log.counts.total() != seen or log.running:
            seen, last = log.counts.total(), time.perf_counter()
            first = first or last
    if (ended := await task).code:
        raise SystemExit(ended.err)
    return last - first, seen - before


if __name__ == "__main__":
    arguments = sys.argv[1:]
    asyncio.run(main(int(arguments[0]) if arguments else 400, [float(one) for one in arguments[1:]] or [0.05, 0.6]))
