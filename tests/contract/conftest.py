"""Every source with its stand-in, served and read, for all parts of the contract."""

from collections.abc import AsyncIterator

import pytest

from migrator.core.ports.source import Record, Source
from tests.support.sources import SOURCES, Running, SourceFactory, all_records, running


@pytest.fixture(params=SOURCES, ids=lambda factory: factory.name)
def factory(request: pytest.FixtureRequest) -> SourceFactory:
    chosen: SourceFactory = request.param
    return chosen


@pytest.fixture
async def served(factory: SourceFactory) -> AsyncIterator[Running]:
    async with running(factory) as opened:
        yield opened


@pytest.fixture
async def source(served: Running) -> AsyncIterator[Source]:
    async with served.open() as opened:
        yield opened


@pytest.fixture
async def records(source: Source, factory: SourceFactory) -> list[Record]:
    return await all_records(source, factory.project)
