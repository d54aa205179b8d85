"""What every source has to keep. A new source joins by adding one entry to ``SOURCES``."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import orjson
import pytest

from connectors.qacomplete import sandbox as qacomplete
from migrator.core.errors import AuthenticationError, ConfigError, TemporaryError
from migrator.core.model import ENTITY, Folder, TestCase
from migrator.core.ports import Record, Source
from migrator.standin.options import ALL_FAULTS, FaultKind, FaultPlan, Profile, StandInOptions
from migrator.standin.serve import serve
from tests.support.services import open_qacomplete

Open = Callable[..., AbstractAsyncContextManager[Source]]


@dataclass(frozen=True)
class Case:
    """How to serve and open one source. ``open`` takes a base URL; ``wrong`` are settings with a wrong secret."""

    serve: Callable[[StandInOptions], AbstractAsyncContextManager[str]]
    open: Open
    project: str
    wrong: dict[str, str]
    secret: str


@asynccontextmanager
async def _serve_qacomplete(options: StandInOptions) -> AsyncIterator[str]:
    async with serve(qacomplete.build(options).app) as url:
        yield url + qacomplete.BASE_PATH


SOURCES = {
    "qacomplete": Case(
        _serve_qacomplete,
        partial(open_qacomplete, item_url="https://q.example/{project}/{id}"),
        "12",
        {"password": "wrong-password"},
        secret="wrong-password",
    )
}


@pytest.fixture(params=sorted(SOURCES))
def case(request: pytest.FixtureRequest) -> Case:
    return SOURCES[request.param]


async def read(source: Source, stream: str, project: str) -> list[Record]:
    records: list[Record] = []
    cursor: str | None = None
    while True:
        page = await source.page(stream, project, cursor)
        records += page.records
        cursor = page.next_cursor
        if cursor is None:
            return records


async def everything(source: Source, project: str) -> dict[str, list[Record]]:
    return {stream: await read(source, stream, project) for stream in source.abilities.streams}


async def test_every_stream_can_be_read_and_every_record_kept(case: Case) -> None:
    async with case.serve(StandInOptions()) as url, case.open(url) as source:
        await source.check()
        found = await everything(source, case.project)
    assert any(found.values())
    for records in found.values():
        markers = [record.entity.ref.marker for record in records]
        assert len(set(markers)) == len(markers)
        for record in records:
            assert isinstance(orjson.loads(record.raw), dict)
            assert ENTITY.validate_json(record.entity.model_dump_json()) == record.entity


async def test_a_cursor_is_good_in_another_process(case: Case) -> None:
    async with case.serve(StandInOptions()) as url, case.open(url) as source:
        for stream in source.abilities.streams:
            first = await source.page(stream, case.project, None)
            if first.next_cursor is None:
                continue
            second = await source.page(stream, case.project, first.next_cursor)
            async with case.open(url) as another:
                again = await another.page(stream, case.project, first.next_cursor)
            assert [r.entity for r in again.records] == [r.entity for r in second.records]
            assert {r.entity.ref for r in first.records}.isdisjoint(r.entity.ref for r in second.records)


async def test_references_lead_to_the_right_kind(case: Case) -> None:
    async with case.serve(StandInOptions()) as url, case.open(url) as source:
        found = await everything(source, case.project)
        project = await source.project(case.project)
    entities = [record.entity for records in found.values() for record in records]
    kinds = {entity.ref.kind for entity in entities if isinstance(entity, Folder)}
    for entity in entities:
        target = (
            entity.parent if isinstance(entity, Folder) else entity.folder if isinstance(entity, TestCase) else None
        )
        assert target is None or target.kind in kinds
        assert entity.ref.ids[0] == project.entity.ref.ids[0]


async def test_a_wrong_secret_is_an_authentication_error_that_does_not_show_it(case: Case) -> None:
    async with case.serve(StandInOptions()) as url, case.open(url, **case.wrong) as source:
        with pytest.raises(AuthenticationError) as caught:
            await source.check()
    assert case.secret not in f"{caught.value} {caught.value.cause} {caught.value.next_step}"


async def test_an_unknown_project_names_the_visible_ones(case: Case) -> None:
    async with case.serve(StandInOptions()) as url, case.open(url) as source:
        with pytest.raises(ConfigError) as caught:
            await source.project("987654")
    assert case.project in caught.value.cause


async def test_another_path_is_a_config_error(case: Case) -> None:
    async with case.serve(StandInOptions()) as url, case.open(url + "/elsewhere") as source:
        with pytest.raises(ConfigError) as caught:
            await source.check()
    assert "base_url" in caught.value.next_step


async def test_nobody_answering_is_temporary(case: Case) -> None:
    async with case.serve(StandInOptions()) as url:
        pass
    async with case.open(url) as source:
        with pytest.raises(TemporaryError):
            await source.check()


@pytest.mark.parametrize("fault", ALL_FAULTS)
async def test_the_records_are_the_same_when_a_fifth_of_the_calls_goes_wrong(case: Case, fault: FaultKind) -> None:
    faults = FaultPlan(share=0.2, seed=5, kinds=(fault,), late_seconds=0.1, hang_seconds=1.0, throttle_seconds=0.05)
    async with case.serve(StandInOptions()) as url, case.open(url) as source:
        calm = await everything(source, case.project)
    async with case.serve(StandInOptions(faults=faults)) as url, case.open(url, timeout=0.4) as source:
        stormy = await everything(source, case.project)
    assert stormy == calm


@pytest.mark.parametrize("profile", ["lenient", "odd"])
async def test_the_records_are_the_same_in_every_profile(case: Case, profile: Profile) -> None:
    async with case.serve(StandInOptions()) as url, case.open(url) as source:
        strict = await everything(source, case.project)
    async with case.serve(StandInOptions(profile=profile)) as url, case.open(url) as source:
        other = await everything(source, case.project)
    assert {stream: [r.entity for r in records] for stream, records in other.items()} == {
        stream: [r.entity for r in records] for stream, records in strict.items()
    }
