"""Runs and results of QAComplete as tests look at them."""

from connectors.qacomplete.sandbox import SeedData, add_history, add_sample, demo_data
from migrator.core import model
from migrator.core.ports.source import Source
from tests.support.qacomplete import records_of


def history() -> SeedData:
    data = demo_data()
    add_sample(data)
    add_history(data)
    return data


async def runs_of(source: Source) -> dict[str, model.TestRun]:
    found = [record.entity for record in await records_of(source, "runs")]
    return {entity.ref.ids[1]: entity for entity in found if isinstance(entity, model.TestRun)}


async def results_of(source: Source) -> dict[str, model.Result]:
    found = [record.entity for record in await records_of(source, "results")]
    results = {"/".join(entity.ref.ids[1:]): entity for entity in found if isinstance(entity, model.Result)}
    assert len(results) == len(found)
    return results
