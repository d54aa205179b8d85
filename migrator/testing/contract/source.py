"""What every source promises to the engine (``migrator.core.ports.source.Source``), shown against its stand-in."""

import traceback
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import datetime

import anyio
import orjson
import pytest
from pydantic import BaseModel

from migrator.core.errors import AuthenticationError, ConfigError, MigratorError, TemporaryError
from migrator.core.model import ENTITY, AnyEntity, Comment, Entity, Folder, Link, Milestone, TestCase, TestSet
from migrator.core.ports.source import Record, Source
from migrator.core.refs import Ref
from migrator.standin.log import RequestLog
from migrator.standin.options import ALL_FAULTS, FaultKind, FaultPlan, Profile, StandInOptions
from migrator.testing.sources import Running, SourceFactory, all_records, by_marker, pages_of, running
from migrator.testing.spellings import spellings

_FEW, _MANY = 2, 60


async def test_the_check_passes_and_nothing_is_waited_for(source: Source) -> None:
    assert source.waiting_for() == ""
    await source.check()
    await anyio.sleep(0.5)  # for as long as the answer took, it says that it was that
    assert source.waiting_for() == ""


async def test_every_declared_stream_is_readable_to_its_end(source: Source, factory: SourceFactory) -> None:
    streams = source.abilities.streams
    assert streams
    assert len(set(streams)) == len(streams)
    for stream in streams:
        pages = [page for _, page in await pages_of(source, stream, factory.project)]
        assert len(pages) > 1 or not factory.paged, f"{stream} shows no page checkpoint"
        markers = [record.entity.ref.marker for page in pages for record in page.records]
        assert {page.total for page in pages} <= {len(markers), None}
        assert len(set(markers)) == len(markers)
        assert not any(page.moved for page in pages)


async def test_every_cursor_serves_a_new_source(served: Running, source: Source, factory: SourceFactory) -> None:
    for stream in source.abilities.streams:
        for cursor, page in await pages_of(source, stream, factory.project):
            async with served.open() as another:
                again = await another.page(stream, factory.project, cursor)
                # it may have to find its way again, over lists that the other one had counted before
                assert set(again.sizes) >= set(page.sizes)
                assert replace(again, sizes=()) == replace(page, sizes=())


async def test_every_kind_of_entity_is_there(records: list[Record], factory: SourceFactory) -> None:
    assert {record.entity.kind for record in records} == set(factory.ref_kinds)


async def test_every_record_has_its_own_marker_and_json(records: list[Record], factory: SourceFactory) -> None:
    assert len(by_marker(records)) == len(records)
    for record in records:
        assert record.entity.ref.connector == factory.name
        assert factory.is_of(record.entity.kind, record.entity.ref)
        assert isinstance(orjson.loads(record.raw), dict)
        assert {note.marker for note in record.notes} <= {record.entity.ref.marker}


async def test_every_entity_survives_being_stored(records: list[Record]) -> None:
    for record in records:
        stored = record.entity.model_dump_json()
        again = ENTITY.validate_json(stored)
        assert again == record.entity
        assert again.model_dump_json() == stored


async def test_dates_carry_a_zone(records: list[Record], factory: SourceFactory) -> None:
    dates = [
        (record.entity.kind, value) for record in records for _, value in record.entity if isinstance(value, datetime)
    ]
    assert ("case" in {kind for kind, _ in dates}) == factory.dated
    assert all(date.tzinfo is not None for _, date in dates)


def _refs_in(value: object) -> Iterator[Ref]:
    """Yield all refs within an entity, but not its own."""
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, BaseModel):
        for name, inner in value:
            if not (isinstance(value, Entity) and name == "ref"):
                yield from _refs_in(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _refs_in(inner)


def _named(entity: AnyEntity) -> list[tuple[str, Ref | None]]:
    """Return the refs of an entity to others that can lead to one kind only, with that kind."""
    people = [getattr(entity, name, None) for name in ("author", "owner", "assignee")]
    named = [("user", person.ref) for person in people if person]
    if isinstance(entity, Folder):
        return [("folder", entity.parent)]
    if isinstance(entity, Milestone):
        return [*named, ("milestone", entity.parent)]
    if isinstance(entity, TestSet):
        return [*named, *[("case", item.case) for item in entity.items]]
    if isinstance(entity, TestCase):
        return [*named, ("folder", entity.folder)]
    return named


async def test_refs_lead_to_the_right_kind_of_item(records: list[Record], factory: SourceFactory) -> None:
    named = [(kind, ref) for record in records for kind, ref in _named(record.entity) if ref is not None]
    holders = (("folder", "folder"), ("user", "user"), ("milestone", "milestone"), ("case", "test_set"))
    wanted = {kind for kind, holder in holders if holder in factory.ref_kinds}
    assert {kind for kind, _ in named} == wanted
    for kind, ref in named:
        assert factory.is_of(kind, ref)
    assert not factory.in_project or {record.entity.ref.ids[0] for record in records} == {factory.project}
    for kind in wanted:
        there = {record.entity.ref for record in records if record.entity.kind == kind}
        assert there & {ref for named_kind, ref in named if named_kind == kind}, (
            f"no ref leads to a {kind} that is listed"
        )


async def test_every_ref_is_of_this_source_and_project(records: list[Record], factory: SourceFactory) -> None:
    instance = records[0].entity.ref.instance
    for record in records:
        for ref in _refs_in(record.entity):
            assert (ref.connector, ref.instance) == (factory.name, instance)
            assert not factory.in_project or ref.ids[0] == factory.project


async def test_comments_and_links_lead_to_items_that_are_listed(records: list[Record]) -> None:
    there = {record.entity.ref for record in records}
    ends = [
        {ref for ref in _refs_in(record.entity) if ref.kind != "user"}
        for record in records
        if isinstance(record.entity, Comment | Link)
    ]
    assert all(refs & there for refs in ends)


# --- errors -----------------------------------------------------------------------------------------------------------


def _secret_free(error: MigratorError, factory: SourceFactory) -> None:
    said = "".join(traceback.format_exception(error)) + error.cause + error.next_step + repr(vars(error))
    shown = [spelling for secret in factory.secrets for spelling in spellings(secret) if spelling in said]
    assert shown == []


def _calls(source: Source, project: str) -> list[Callable[[], Awaitable[object]]]:
    streams = source.abilities.streams
    pages = [lambda stream=stream: source.page(stream, project, None) for stream in streams]
    return [source.check, lambda: source.project(project), *pages]


async def test_a_wrong_secret_is_about_the_credentials(secret_factory: SourceFactory) -> None:
    async with running(secret_factory) as served, served.open(**secret_factory.wrong or {}) as source:
        for call in _calls(source, secret_factory.project):
            with pytest.raises(AuthenticationError) as caught:
                await call()
            assert "source." in caught.value.next_step
            _secret_free(caught.value, secret_factory)


async def test_a_wrong_path_is_about_the_address(served: Running, factory: SourceFactory) -> None:
    async with served.open(served.place.address + "/elsewhere") as source:
        for call in _calls(source, factory.project):
            with pytest.raises(ConfigError) as caught:
                await call()
            assert factory.where in caught.value.next_step
            _secret_free(caught.value, factory)


@pytest.mark.parametrize("unknown", ["999999", "no-such-project", "0", "12/../13", "12?x=1"])
async def test_an_unknown_project_names_the_visible_ones(source: Source, factory: SourceFactory, unknown: str) -> None:
    with pytest.raises(ConfigError) as caught:
        await source.project(unknown)
    assert unknown in caught.value.message
    for shown in factory.visible:
        assert shown in caught.value.cause
    assert "projects[].source" in caught.value.next_step
    _secret_free(caught.value, factory)


async def test_a_dead_port_is_temporary(http_factory: SourceFactory) -> None:
    async with running(http_factory) as served:
        pass
    async with served.open() as source:
        with pytest.raises(TemporaryError) as caught:
            await source.check()
    assert "no connection to 127.0.0.1" in caught.value.cause
    assert http_factory.where in caught.value.next_step
    _secret_free(caught.value, http_factory)


# --- the bad day ------------------------------------------------------------------------------------------------------


async def _read(factory: SourceFactory, options: StandInOptions, rows: int) -> tuple[dict[str, Record], RequestLog]:
    async with running(factory, options, rows=rows) as served, served.open() as source:
        return by_marker(await all_records(source, factory.project)), served.log


_CALM: dict[tuple[str, Profile, int], dict[str, Record]] = {}
"""What was read of a source on a good day, by its name, the profile and the rows: the same in every test."""


async def _calm(factory: SourceFactory, profile: Profile, rows: int) -> dict[str, Record]:
    key = (factory.name, profile, rows)
    if key not in _CALM:
        _CALM[key], _ = await _read(factory, StandInOptions(profile=profile), rows)
    return _CALM[key]


@pytest.mark.quick_clock
@pytest.mark.parametrize("kind", ALL_FAULTS)
async def test_a_fault_on_a_fifth_of_all_calls_changes_nothing(http_factory: SourceFactory, kind: FaultKind) -> None:
    # this profile takes the most calls
    calm = await _calm(http_factory, "odd", _FEW)
    plan = FaultPlan(share=0.2, seed=5, kinds=(kind,), late_seconds=0.6, hang_seconds=0.8, throttle_seconds=0.02)
    stormy, log = await _read(http_factory, StandInOptions(profile="odd", faults=plan), _FEW)
    assert log.faults[kind] >= 3
    assert stormy == calm


@pytest.mark.parametrize("profile", ["lenient", "odd"])
async def test_all_profiles_give_the_same_entities(http_factory: SourceFactory, profile: Profile) -> None:
    strict = await _calm(http_factory, "strict", _MANY)
    other, _ = await _read(http_factory, StandInOptions(profile=profile), _MANY)
    assert {marker: (record.entity, record.notes) for marker, record in other.items()} == {
        marker: (record.entity, record.notes) for marker, record in strict.items()
    }
