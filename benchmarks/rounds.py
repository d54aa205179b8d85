"""What a round of ``sync`` costs that reads only what may have changed, beside one that reads everything.

Usage: python -m benchmarks.rounds [CASES [RUNS [ITEMS]]]. Nothing limits the rate, so the seconds are the program's own
work; every answer of the source takes 10 ms, as over a network.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from connectors.qacomplete.sandbox import Test, generate
from connectors.qacomplete.sandbox.generate_runs import generate_runs
from migrator.standin.options import StandInOptions
from tests.support.rig import Rig, rig

_LATENCY = 0.01
_LATER = "2026-10-01T12:00:00.0000000"
_EDITED, _ADDED, _RUN, _MORE = 20, 5, 3, 10


async def main(cases: int, runs: int, items: int) -> None:
    data = generate(cases)
    generate_runs(data, runs, items, steps=1)
    for run in data.runs:
        run.status = "Passed"
        run.count -= _MORE
    options = StandInOptions(latency=_LATENCY)
    with tempfile.TemporaryDirectory() as folder:
        async with rig(Path(folder), data, source_options=options) as running:
            running.settings = {"http": {"timeout": 60}}
            await _round(running, "first", "")
            print(f"{cases} tests, {runs} runs of {items} items", flush=True)
            await _round(running, "nothing changed, everything read", "--full")
            full = await _round(running, "nothing changed, everything read", "--full")
            changes = await _round(running, "nothing changed, changes read", "")
            _edit(running)
            await _round(running, f"{_EDITED} tests edited, {_ADDED} new, {_RUN} runs have more results", "")
            last = await _round(running, "nothing changed, changes read", "")
            print(f"seconds of changes / everything: {changes / full:.2f}, {last / full:.2f}")


def _edit(running: Rig) -> None:
    data = running.source.data
    for test in data.tests[:_EDITED]:
        test.title, test.date_updated = f"Edited {test.id}", _LATER
    for number in range(_ADDED):
        data.tests.append(
            Test(900_000 + number, 12, f"New {number}", folder_id=data.folders[0].id, date_updated=_LATER)
        )
    for run in data.runs[:_RUN]:
        run.count += _MORE


async def _round(running: Rig, name: str, option: str) -> float:
    log = running.destination.log
    before, asked = log.counts.copy(), running.source.log.counts.total()
    ended = await running.migrate(f"sync --json {option}")
    if ended.code:
        raise SystemExit(ended.err)
    sent = log.counts - before
    writes = sum(count for call, count in sent.items() if not call.startswith("GET "))
    print(
        f"{name}: {ended.seconds:.1f} s, {ended.peak_mib:.0f} MiB; {running.source.log.counts.total() - asked} requests"
        f" to the source, {sent.total()} to QA Sphere, {writes} of them writes; {json.loads(ended.out)['written']}",
        flush=True,
    )
    return ended.seconds


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]]
    asyncio.run(main(*(arguments + [5_000, 200, 500][len(arguments) :])))
