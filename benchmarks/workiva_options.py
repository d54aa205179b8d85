"""What each option of Workiva costs on one form: requests, and seconds at the limits of a real workspace.

Usage: python -m benchmarks.workiva_options [SAMPLES]. Requests are counted at the stand-in; seconds follow from five
requests and one question about operations a second, which is what is usual. Pages have 100 rows.
"""

import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from connectors.workiva.sandbox import GraphRecord, Relation, SeedData, WorkivaStandIn, generate
from migrator.core.model import Attachment
from migrator.testing.readings import Reading
from migrator.testing.sources import all_records
from tests.support.workiva import Notebook, serving, stand_in

CALLS, POLLS, LARGE = 5.0, 1.0, 10**7


def company(samples: int, evidence: int) -> SeedData:
    """Return one form of one phase and one matrix, whose control has a risk and a process."""
    data = generate(1, phases=1, matrices=1, samples=samples, attachments=evidence)
    form = data.forms[0]
    data.records = [GraphRecord(form.id, "Test"), *(GraphRecord(kind, kind) for kind in ("Control", "Risk", "Process"))]
    data.relations = [Relation("tests", form.id, "Control")]
    data.relations += [Relation(kind, "Control", kind) for kind in ("Risk", "Process")]
    return data


async def reading(data: SeedData, **settings: Any) -> Counter[str]:
    """Return the requests of one reading of everything."""
    built = stand_in(data, polls_needed=0)
    async with serving(built, **settings) as workiva:
        await all_records(workiva.source, "*")
    return built.log.counts


async def later_round(data: SeedData) -> Counter[str]:
    """Return the requests for the samples of a round that reads what has changed: nothing."""
    built = stand_in(data)
    async with serving(built) as workiva:
        seen = await Reading("*", "samples").whole(workiva.source)
        built.log.counts.clear()
        await seen.again(workiva.source)
    return built.log.counts


async def files(data: SeedData, *, exports: bool) -> tuple[int, Counter[str]]:
    """Return how many files were fetched, and the requests for that."""
    built: WorkivaStandIn = stand_in(data, polls_needed=0)
    with tempfile.TemporaryDirectory() as folder:
        async with serving(built, export_forms=exports) as workiva:
            records = await all_records(workiva.source, "*")
            found = [record.entity for record in records if isinstance(record.entity, Attachment)]
            built.log.counts.clear()
            for number, one in enumerate(found):
                await workiva.source.fetch(one, Path(folder) / str(number), max_bytes=LARGE, memory=Notebook())
    return len(found), built.log.counts


def told(what: str, counts: Counter[str], without: int = 0) -> str:
    """Return a line of the table."""
    polls = sum(count for call, count in counts.items() if "/operations/" in call)
    calls = counts.total() - polls - without
    seconds = max(calls / CALLS, polls / POLLS)
    return f"{what:58} {calls:>7} calls {polls:>6} questions {seconds:>8.0f} s"


async def main(samples: int) -> None:
    """Print the table."""
    bare, full = company(samples, 0), company(samples, samples)
    base = (await reading(bare)).total()
    print(told("lists of a form without evidence", await reading(bare)))
    print(told("graph: true", await reading(bare, graph=True), base))
    print(told("evidence on each sample: their lists", await reading(full), base))
    print(told("the same in later rounds of the day", await later_round(full)))
    few = company(samples, 50)
    count, counts = await files(few, exports=False)
    scaled = Counter({call: number * samples // count for call, number in counts.items()})
    print(told(f"downloads of {samples} files (from {count})", scaled))
    _, counts = await files(bare, exports=True)
    print(told("export_forms: true", counts))


if __name__ == "__main__":
    asyncio.run(main(int((sys.argv[1:] or ["5000"])[0])))
