"""What every source promises about leaving out what has not changed since an earlier reading."""

import pytest

from migrator.core.ports.source import Source
from migrator.standin.options import ALL_FAULTS, FaultKind, FaultPlan, Profile, StandInOptions
from migrator.testing.readings import Reading
from migrator.testing.sources import SourceFactory, pages_of, running

QUICK: tuple[FaultKind, ...] = tuple(kind for kind in ALL_FAULTS if kind not in ("late", "hang"))


@pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
async def test_what_stands_and_what_is_read_again_are_everything(factory: SourceFactory, profile: Profile) -> None:
    async with running(factory, StandInOptions(profile=profile)) as served, served.open() as source:
        for stream in source.abilities.streams:
            reading = await Reading(factory.project, stream).whole(source)
            everything = reading.entities()
            assert everything
            async with served.open() as another:
                await reading.again(another)
            assert reading.entities() == everything


async def test_nothing_costs_more_the_second_time(http_factory: SourceFactory) -> None:
    async with running(http_factory) as served, served.open() as source:
        for stream in source.abilities.streams:
            start = served.log.counts.total()
            reading = await Reading(http_factory.project, stream).whole(source)
            middle = served.log.counts.total()
            await reading.again(source)
            assert served.log.counts.total() - middle <= middle - start, stream


async def test_whoever_is_asked_for_something_is_listed(source: Source, factory: SourceFactory) -> None:
    """Else what is gone of it would stay for ever."""
    for stream in source.abilities.streams:
        pages = [page for _, page in await pages_of(source, stream, factory.project)]
        listed = {one.marker: one.fingerprint for page in pages for one in page.listed}
        owners = {record.owner.marker for page in pages for record in page.records if record.owner}
        assert owners <= set(listed)
        in_trouble = {r.owner.marker for page in pages for r in page.records if r.owner and r.notes}
        assert {owner for owner in owners if not listed[owner]} == in_trouble
        assert not any(one.stands for page in pages for one in page.listed)


@pytest.mark.quick_clock
async def test_a_bad_day_makes_nothing_stand_that_was_not_read(http_factory: SourceFactory) -> None:
    plan = FaultPlan(share=0.1, seed=5, kinds=QUICK, throttle_seconds=0.02)
    async with (
        running(http_factory, rows=2) as served,
        served.open() as calm,
        running(http_factory, StandInOptions(profile="odd", faults=plan), rows=2) as stormy,
        stormy.open() as source,
    ):
        for stream in source.abilities.streams:
            reading = await Reading(http_factory.project, stream).whole(source)
            await reading.again(source)
            everything = await Reading(http_factory.project, stream).whole(calm)
            assert reading.entities().keys() == everything.entities().keys()
        assert stormy.log.faults.total()
