"""What runs and results cost: requests to QA Sphere, seconds and peak memory, for runs of many items with step results.

Usage: python -m benchmarks.history [RUNS [ITEMS]]. The cases are migrated first, so that only the history is counted.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from connectors.qacomplete.sandbox import generate
from connectors.qacomplete.sandbox.generate_runs import generate_runs
from tests.support.rig import rig


async def main(runs: int, items: int) -> None:
    data = generate(items)
    with tempfile.TemporaryDirectory() as folder:
        async with rig(Path(folder), data) as running:
            running.settings = {"http": {"timeout": 60}}
            ended = await running.migrate("run --json")
            if ended.code:
                raise SystemExit(ended.err)
            generate_runs(data, runs, items)
            before = running.destination.log.counts.copy()
            ended = await running.migrate("run --json")
            if ended.code:
                raise SystemExit(ended.err)
            sent = running.destination.log.counts - before
            status = json.loads(ended.out)
            bound = runs * (2 + -(-items // 500))
            print(f"runs {status['items']['run']}, results {status['items']['result']}, balanced {status['balanced']}")
            print(f"{sent.total()} requests; runs x (2 + items / 500) is {bound}")
            print(*(f"  {count:6} {call}" for call, count in sent.most_common()), sep="\n")
            print(f"{ended.seconds:.0f} s, peak memory {ended.peak_mib:.0f} MiB", flush=True)
            verified = await running.migrate("verify --results counts --json")
            found = json.loads(verified.out)
            wrong = sum(len(found[name]) for name in ("missing", "extra", "different", "doubled"))
            print(f"verify: {found['checked']}, {wrong} wrong, {verified.seconds:.0f} s, {verified.peak_mib:.0f} MiB")


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]]
    asyncio.run(main(*(arguments or [200, 500])))
