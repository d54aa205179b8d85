"""The fixtures of the contract. A ``conftest.py`` beside the tests imports them all:
``from migrator.testing.fixtures import *``."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import pytest

from migrator.core.model import Attachment, Result
from migrator.core.ports.source import Record, Source
from migrator.standin.options import Profile, StandInOptions
from migrator.testing.quick_clock import QuickClockLoop
from migrator.testing.sources import Running, SourceFactory, all_records, running

# so that a failing assertion of the contract shows both sides
pytest.register_assert_rewrite("migrator.testing.contract")

__all__ = [
    "anyio_backend", "attachments", "inspected", "profile", "pytest_configure", "pytest_generate_tests", "records",
    "results", "served", "source",
]  # fmt: skip

_TAKEN: Mapping[str, Callable[[SourceFactory], object]] = {
    "factory": lambda factory: True,
    "http_factory": lambda factory: factory.over_http,
    "secret_factory": lambda factory: factory.wrong,
    "inspectable_factory": lambda factory: factory.inspectable,
    "grouping_factory": lambda factory: factory.project != factory.seen,
}
"""What only concerns some sources takes a factory of its own, so that nothing has to be skipped within."""


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker of the contract."""
    config.addinivalue_line(
        "markers", "quick_clock: waits in one event loop; its clock runs fast while nothing happens"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have each test once for every source in the ``SOURCES`` of its module that it concerns."""
    sources: Sequence[SourceFactory] = getattr(metafunc.module, "SOURCES", ())
    for name, concerns in _TAKEN.items():
        if name in metafunc.fixturenames:
            taken = [source for source in sources if concerns(source)]
            metafunc.parametrize(name, taken, ids=[source.name for source in taken])


@pytest.fixture
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    quick = request.node.get_closest_marker("quick_clock")
    return "asyncio", {"loop_factory": QuickClockLoop} if quick else {}


@pytest.fixture
async def served(factory: SourceFactory) -> AsyncIterator[Running]:
    async with running(factory) as opened:
        yield opened


@pytest.fixture
async def source(served: Running) -> AsyncIterator[Source]:
    async with served.open() as opened:
        yield opened


_RECORDS: dict[str, list[Record]] = {}
"""What was read of each source, by its name: all that is served anew for each test is the same."""


@pytest.fixture
async def records(source: Source, factory: SourceFactory) -> list[Record]:
    if factory.name not in _RECORDS:
        _RECORDS[factory.name] = await all_records(source, factory.project)
    return list(_RECORDS[factory.name])


@pytest.fixture(params=["strict", "lenient", "odd"])
def profile(request: pytest.FixtureRequest) -> Profile:
    chosen: Profile = request.param
    return chosen


@pytest.fixture
async def inspected(inspectable_factory: SourceFactory, profile: Profile) -> AsyncIterator[Source]:
    async with running(inspectable_factory, StandInOptions(profile=profile)) as served, served.open() as opened:
        yield opened


@pytest.fixture
def results(records: list[Record], factory: SourceFactory) -> Sequence[Result]:
    found = [record.entity for record in records if isinstance(record.entity, Result)]
    assert bool(found) == ("result" in factory.ref_kinds)
    return found


@pytest.fixture
def attachments(records: list[Record], source: Source, factory: SourceFactory) -> Sequence[Attachment]:
    found = [record.entity for record in records if isinstance(record.entity, Attachment)]
    assert bool(found) == ("attachment" in factory.ref_kinds) == source.abilities.files
    return found
