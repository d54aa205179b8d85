"""How fast cases are created, beside the plain script in ``plain.py``: same stand-in, same slots, one after the other.

Usage: python -m benchmarks.load_cases [CASES]. Prints cases a second and the ratio, without a rate limit and with 0 and
50 ms of latency; then how much of a limit of 20 requests a second is used, with the number of refusals (429).
"""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from connectors.qacomplete.sandbox import generate
from connectors.qasphere.sandbox import ADMIN_KEY, build
from migrator.standin.options import StandInOptions
from migrator.standin.serve import serve
from tests.support.rig import rig

SLOTS = 16
HERE = Path(__file__).parent


async def ours(cases: int, latency: float, rate: float | None = None) -> tuple[float, float, int, int]:
    """Return cases a second while loading, seconds of the load, requests in it, and 429s."""
    options = StandInOptions(latency=latency, rate=rate, rate_shape="log")
    with tempfile.TemporaryDirectory() as folder:
        async with rig(Path(folder), generate(cases), destination_options=options) as running:
            if rate:
                running.settings = {"destination": {"requests_per_second": rate}}
            task = asyncio.create_task(running.migrate("run --json"))
            while running.stored() == 0:  # noqa: ASYNC110 - the stand-in counts, it does not announce
                await asyncio.sleep(0.002)
            started, before = time.perf_counter(), sum(running.destination.log.counts.values())
            while running.stored() < cases and not task.done():  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.002)
            seconds = time.perf_counter() - started
            requests = sum(running.destination.log.counts.values()) - before
            ended = await task
            if ended.code != 0 or not json.loads(ended.out)["balanced"]:
                raise SystemExit(ended.err)
            return cases / seconds, seconds, requests, running.destination.log.statuses[429]


async def plain(cases: int, latency: float) -> float:
    """Return cases a second of the plain script."""
    stand_in = build(StandInOptions(latency=latency))
    stand_in.store.add_custom_field("source_id", "Source ID")
    project = stand_in.store.add_project("SHOP", "Shop")
    # a folder for each slot: two creates at once in one folder would clash
    folders = [stand_in.store.upsert_folder(project, [f"Folder {slot}"], None)[-1] for slot in range(SLOTS)]
    async with serve(stand_in.app) as url:
        arguments = [str(HERE / "plain.py"), url, ADMIN_KEY, "SHOP", ",".join(map(str, folders)), str(cases)]
        process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
        out, _ = await process.communicate()
    if len(project.cases) != cases:
        raise SystemExit("the plain script lost cases")
    return cases / float(out)


async def main(cases: int) -> None:
    for latency in (0.0, 0.05):
        fast = await plain(cases, latency)
        mine, *_ = await ours(cases, latency)
        print(
            f"latency {latency * 1000:.0f} ms, {SLOTS} slots, {cases} cases: migrator {mine:.0f}/s, plain script"
            f" {fast:.0f}/s, ratio {mine / fast:.2f}",
            flush=True,
        )
    _, seconds, requests, refused = await ours(min(cases, 600), 0.05, rate=20)
    print(f"limit 20/s (sliding log): {requests / seconds / 20:.1%} used, {refused} refusals in {requests} requests")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000))
