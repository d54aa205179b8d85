"""Items beside tests as tests look at them: the sample, markers, calls."""

from connectors.qacomplete.sandbox import QACompleteStandIn, SeedData, add_sample, demo_data
from migrator.core.ports.source import Source
from tests.support.qacomplete import records_of


def sample() -> SeedData:
    data = demo_data()
    add_sample(data)
    return data


async def markers_of(source: Source, stream: str) -> list[str]:
    found = [record.entity.ref.marker for record in await records_of(source, stream)]
    assert len(set(found)) == len(found)
    return [marker.rpartition(":")[2].removeprefix("12/") for marker in found]


def calls(stand_in: QACompleteStandIn, ending: str) -> int:
    return sum(count for call, count in stand_in.log.counts.items() if call.endswith(ending))
