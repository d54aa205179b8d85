"""How much of Workiva's limit on questions about operations many downloads use, while metadata is read beside them.

Usage: python -m benchmarks.polls [FILES] [POLLS_PER_SECOND]. The stand-in refuses (429) what goes beyond the limit.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from connectors.workiva.sandbox import WorkivaStandIn, generate
from migrator.core.model import Attachment
from migrator.testing.sources import all_records
from tests.support.workiva import Notebook, serving, stand_in

LARGE = 10**7


async def measure(files: int, rate: float, needed: int) -> str:
    built = stand_in(
        generate(4, phases=2, matrices=2, samples=25, attachments=files),
        polls_per_second=rate,
        polls_needed=needed,
        retry_after=1 / rate,
    )
    with tempfile.TemporaryDirectory() as folder:
        async with serving(built, polls_per_second=rate, requests_per_second=50) as workiva:
            source = workiva.source
            records = await all_records(source, "*")
            found = [record.entity for record in records if isinstance(record.entity, Attachment)]
            started = time.perf_counter()
            async with asyncio.TaskGroup() as group:
                reading = group.create_task(all_records(source, "*"))
                reading.add_done_callback(lambda _: ended.append(time.perf_counter() - started))
                ended: list[float] = []
                for number, one in enumerate(found):
                    target = Path(folder) / str(number)
                    group.create_task(source.fetch(one, target, max_bytes=LARGE, memory=Notebook()))
            seconds = time.perf_counter() - started
    asked = polls(built)
    return (
        f"{len(found)} files, {needed + 1} polls each, {rate:g} polls/s allowed: {seconds:.1f} s,"
        f" {asked / seconds / rate:.1%} of the limit used, {built.log.statuses[429]} refusals in {asked} polls;"
        f" {len(records)} records were read meanwhile, in {ended[0]:.1f} s"
    )


def polls(built: WorkivaStandIn) -> int:
    return sum(count for call, count in built.log.counts.items() if "/operations/" in call)


async def main(files: int, rate: float) -> None:
    for needed in (0, 2):
        print(await measure(files, rate, needed), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int((sys.argv[1:] or ["300"])[0]), float((sys.argv[2:] or ["10"])[0])))
