"""Every source, opened and read, for all parts of the contract. What only concerns some of them takes a fixture of its
own, so that nothing is skipped."""

from collections.abc import AsyncIterator

import pytest

from migrator.core.ports.source import Record, Source
from tests.support.sources import Running, SourceFactory, all_records, factories, running

SOURCES = factories()


def _some(request: pytest.FixtureRequest) -> SourceFactory:
    chosen: SourceFactory = request.param
    return chosen


@pytest.fixture(params=SOURCES, ids=lambda factory: factory.name)
def factory(request: pytest.FixtureRequest) -> SourceFactory:
    return _some(request)


@pytest.fixture(params=[one for one in SOURCES if one.over_http], ids=lambda factory: factory.name)
def http_factory(request: pytest.FixtureRequest) -> SourceFactory:
    return _some(request)


@pytest.fixture(params=[one for one in SOURCES if one.wrong], ids=lambda factory: factory.name)
def secret_factory(request: pytest.FixtureRequest) -> SourceFactory:
    return _some(request)


@pytest.fixture(params=[one for one in SOURCES if one.inspectable], ids=lambda factory: factory.name)
def inspectable_factory(request: pytest.FixtureRequest) -> SourceFactory:
    return _some(request)


@pytest.fixture(params=[one for one in SOURCES if one.project != one.seen], ids=lambda factory: factory.name)
def grouping_factory(request: pytest.FixtureRequest) -> SourceFactory:
    return _some(request)


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
