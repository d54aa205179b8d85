"""What a source promises to ``check`` and ``init``, if it can be looked over (``migrator.core.ports.inspectable``)."""

import pytest

from migrator.core.errors import AuthenticationError, MigratorError
from migrator.core.model import Result, TestCase
from migrator.core.ports.inspectable import Clocked, GroupsProjects, Inspectable
from migrator.core.ports.source import Source
from migrator.standin.options import Profile, StandInOptions
from migrator.testing.sources import SourceFactory, all_records, running


async def test_the_visible_projects_can_be_read_and_counted_cheaply(
    inspected: Source, inspectable_factory: SourceFactory
) -> None:
    assert isinstance(inspected, Inspectable)
    projects = await inspected.visible_projects()
    assert len({project.id for project in projects}) == len(projects)
    assert inspectable_factory.seen in {project.id for project in projects}
    for project in projects:
        assert (await inspected.project(project.id)).entity.title == project.title
    for wanted in {inspectable_factory.project, inspectable_factory.seen}:
        counts = await inspected.counts(wanted)
        assert counts
        assert set(counts) <= set(inspected.abilities.streams)
        for stream, count in counts.items():
            assert (await inspected.page(stream, wanted, None)).total in (None, count)


async def test_what_is_read_is_what_is_seen_unless_projects_go_together(
    inspected: Source, inspectable_factory: SourceFactory
) -> None:
    assert isinstance(inspected, GroupsProjects) == (inspectable_factory.project != inspectable_factory.seen)


async def test_projects_that_go_together_hold_what_each_of_them_holds(
    grouping_factory: SourceFactory, profile: Profile
) -> None:
    async with running(grouping_factory, StandInOptions(profile=profile)) as served, served.open() as source:
        assert isinstance(source, GroupsProjects)
        assert isinstance(source, Inspectable)
        together = await source.counts(source.grouping().source)
        each = [await source.counts(project.id) for project in await source.visible_projects()]
        assert {stream for counts in each for stream in counts} <= set(together)
        for stream in each[0]:
            assert together[stream] == sum(counts[stream] for counts in each)


async def test_a_sample_holds_items_that_are_extracted_as_well(
    inspected: Source, inspectable_factory: SourceFactory
) -> None:
    assert isinstance(inspected, Inspectable)
    sample = await inspected.sample(inspectable_factory.seen)
    assert {type(entity) for entity in sample} == (
        {TestCase, Result} if "result" in inspectable_factory.ref_kinds else {TestCase}
    )
    markers = [entity.ref.marker for entity in sample]
    assert len(set(markers)) == len(markers)
    assert set(markers) <= {
        record.entity.ref.marker for record in await all_records(inspected, inspectable_factory.project)
    }


async def test_the_preflight_says_what_to_do_about_what_is_not_right(
    inspected: Source, inspectable_factory: SourceFactory
) -> None:
    assert isinstance(inspected, Inspectable)
    lines = [line async for line in inspected.preflight([inspectable_factory.project])]
    assert lines
    assert all(line.next_step for line in lines if line.state != "ok")
    assert all(line.subject and line.text for line in lines)


async def test_the_clock_is_known_after_an_answer(http_factory: SourceFactory) -> None:
    async with running(http_factory) as served, served.open() as source:
        assert isinstance(source, Clocked)
        assert source.clock_skew() is None
        await source.check()
        skew = source.clock_skew()
    assert skew is not None
    assert abs(skew) < 60


async def test_wrong_credentials_are_named_and_not_shown(secret_factory: SourceFactory) -> None:
    async with running(secret_factory) as served, served.open(**secret_factory.wrong or {}) as opened:
        assert isinstance(opened, Inspectable)
        with pytest.raises(AuthenticationError) as raised:
            await opened.counts(secret_factory.project)
        assert not any(secret in str(raised.value) for secret in secret_factory.secrets)
        with pytest.raises(MigratorError):
            await opened.visible_projects()
