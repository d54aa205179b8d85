"""Items beside tests, read from the stand-in in all profiles, and from servers that answer what nobody expects."""

from collections import Counter
from collections.abc import Callable
from typing import Any, get_args

import orjson
import pytest
from aiohttp import web

from connectors.qacomplete.sandbox import (
    Link,
    QACompleteStandIn,
    SeedData,
    Switches,
    add_sample,
    build,
    demo_data,
    generate,
)
from connectors.qacomplete.sandbox.switches import Area
from migrator.core import model
from migrator.core.errors import AuthenticationError, TemporaryError
from migrator.core.notes import NoteCode
from migrator.core.ports_source import Record, Source
from migrator.standin.options import Profile, StandInOptions
from migrator.standin.serve import serve
from tests.support.qacomplete import open_source, scripted
from tests.support.sources import pages_of

PROJECT = "/v1/projects/12"
LISTS = {
    "releases": f"{PROJECT}/releases",
    "configurations": "/v2/projects/12/configurations",
    "requirements": f"{PROJECT}/requirements",
    "defects": f"{PROJECT}/defects",
    "test_sets": "/v2/projects/12/testsets",
}
EMPTY: dict[str, Any] = {"metadata": {"result_set": {"total": 0}}, "results": []}
Query = dict[str, int]


def sample() -> SeedData:
    data = demo_data()
    add_sample(data)
    return data


def listed(rows: list[Any], *, total: int | None = None) -> Callable[[Query], dict[str, Any]]:
    """Answer pages of the rows; ``total`` overrides what the server claims."""

    def answer(query: Query) -> dict[str, Any]:
        page = rows[query["offset"] : query["offset"] + query["limit"]]
        return {"metadata": {"result_set": {**query, "total": len(rows) if total is None else total}}, "results": page}

    return answer


def server(**lists: Any) -> dict[str, Any]:
    """Answer these lists, all others without rows."""
    return {path: lists.get(name, EMPTY) for name, path in (LISTS | {"light_tests": "/v2/projects/12/tests"}).items()}


async def records_of(source: Source, stream: str) -> list[Record]:
    return [record for _, page in await pages_of(source, stream, "12") for record in page.records]


async def markers_of(source: Source, stream: str) -> list[str]:
    found = [record.entity.ref.marker for record in await records_of(source, stream)]
    assert len(set(found)) == len(found)
    return [marker.rpartition(":")[2].removeprefix("12/") for marker in found]


def calls(stand_in: QACompleteStandIn, ending: str) -> int:
    return sum(count for call, count in stand_in.log.counts.items() if call.endswith(ending))


# --- all profiles -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", get_args(Profile))
async def test_the_sample_is_read_whole_in_every_profile(profile: Profile) -> None:
    stand_in = build(StandInOptions(profile=profile), sample())
    async with serve(stand_in.app) as url, open_source(url) as source:
        found = {stream: await markers_of(source, stream) for stream in source.abilities.streams}
        notes = [note for stream in found for record in await records_of(source, stream) for note in record.notes]
    assert found["releases"] == ["301", "302", "303", "304"]
    assert found["configurations"] == ["401", "402"]
    assert found["requirements"] == ["501", "502", "503"]
    assert found["defects"] == ["601", "602"]
    assert found["test_sets"] == ["701", "702", "703"]
    assert sorted(found["notes"]) == ["801", "802", "803", "804", "805", "806"]
    # 907 ties two tests together, and tests are not asked for links
    assert sorted(found["links"]) == ["901", "902", "903", "904", "905", "906"]
    assert {note.code for note in notes} == {NoteCode.STEPS_INCOMPLETE}


async def test_what_is_read_of_the_sample() -> None:
    async with serve(build(data=sample()).app) as url, open_source(url) as source:
        streams = ("releases", "defects", "test_sets", "notes", "links")
        found = {r.entity.ref.ids[1]: r for stream in streams for r in await records_of(source, stream)}
    spring, sprint, closed = found["301"].entity, found["302"].entity, found["601"].entity
    assert isinstance(spring, model.Milestone)
    assert isinstance(sprint, model.Milestone)
    assert (spring.title, spring.parent, sprint.parent) == ("Spring & summer", None, spring.ref)
    assert isinstance(closed, model.Defect)
    # Denver's clocks change a week after Europe's
    assert closed.closed_at is not None
    assert closed.closed_at.isoformat() == "2022-10-30T02:30:00-06:00"
    smoke = found["701"].entity
    assert isinstance(smoke, model.TestSet)
    assert [(item.case.ids[1], item.active) for item in smoke.items] == [
        ("1001", True),
        ("1002", True),
        ("1001", True),
        ("1003", False),
    ]
    sixty = found["702"].entity
    assert isinstance(sixty, model.TestSet)
    assert len(sixty.items) == 60
    note, link = found["804"].entity, found["905"].entity
    assert isinstance(note, model.Comment)
    assert (note.about.kind, note.about.ids[1]) == ("test", "1001")
    assert isinstance(link, model.Link)
    assert [end.kind for end in (link.first, link.second) if end] == ["defect", "test"]


async def test_the_vendors_json_stands_beside_every_item() -> None:
    async with serve(build(data=sample()).app) as url, open_source(url) as source:
        sets = [orjson.loads(record.raw) for record in await records_of(source, "test_sets")]
        [first, *_] = [orjson.loads(record.raw) for record in await records_of(source, "links")]
    assert [(whole["test_set"]["id"], len(whole["items"])) for whole in sets] == [(701, 4), (702, 60), (703, 0)]
    assert first["link_id"] == 901
    assert first["linked_entity_code"] == "FunctionalSpecs"


async def test_only_items_that_count_notes_are_asked_for_them() -> None:
    stand_in = build(data=sample())
    async with serve(stand_in.app) as url, open_source(url) as source:
        await records_of(source, "notes")
        assert calls(stand_in, "/{item}/notes") == 5
        await records_of(source, "test_sets")
        # the third set is empty and says so
        assert calls(stand_in, "/testsets/{item}/items") == 2


async def test_links_are_asked_of_the_four_cheap_sides_only() -> None:
    stand_in = build(data=generate(300, items=10))
    async with serve(stand_in.app) as url, open_source(url) as source:
        found = await markers_of(source, "links")
        assert len(found) == len(stand_in.data.links) == 30
    assert calls(stand_in, "/{item}/linkeditems") == 40
    assert not [entry for entry in stand_in.log.last if "/tests/" in entry.path or entry.path.endswith("/tests")]


@pytest.mark.parametrize("page_size", [25, 200])
async def test_every_link_is_given_once_wherever_its_ends_stand(page_size: int) -> None:
    data = generate(3, items=60)
    first, last = data.requirements[0].id, data.requirements[-1].id
    data.links = [
        Link(1, 12, "Bugs", last, "FunctionalSpecs", first),
        Link(2, 12, "FunctionalSpecs", last, "Bugs", first),
        Link(3, 12, "FunctionalSpecs", last, "FunctionalSpecs", first),
        Link(4, 12, "FunctionalSpecs", first, "FunctionalSpecs", last),
        Link(5, 12, "TestSets", first, "Releases", last),
        Link(6, 12, "TestSets", last, "TestSets", first),
        Link(7, 12, "Tests", 10_001, "TestSets", first),
        Link(8, 12, "Bugs", first, "Bugs", first),
    ]
    async with serve(build(data=data).app) as url, open_source(url, page_size=page_size) as source:
        assert sorted(await markers_of(source, "links")) == list("12345678")


@pytest.mark.parametrize("filters", ["refused", "ignored"])
async def test_a_server_without_filters_loses_no_link(filters: str) -> None:
    data = sample()
    stand_in = build(data=data, switches=Switches(filters="refused" if filters == "refused" else "ignored"))
    async with serve(stand_in.app) as url, open_source(url) as source:
        found = [record.entity.ref.ids[1] for record in await records_of(source, "links")]
    # some may come twice, which storing them by marker mends
    assert sorted(set(found)) == ["901", "902", "903", "904", "905", "906"]


RIGHTS: list[tuple[Area, tuple[str, ...]]] = [
    ("Releases", ("releases", "notes", "links", "attachments")),
    ("Requirements", ("requirements", "notes", "links", "attachments")),
    ("Defects", ("defects", "notes", "links", "attachments")),
    ("Test Sets", ("test_sets", "notes", "links", "attachments")),
    ("Test Library", ("tests", "configurations", "runs", "results", "notes", "attachments")),
]


@pytest.mark.parametrize(("area", "refused"), RIGHTS)
async def test_a_missing_right_is_named(area: Area, refused: tuple[str, ...]) -> None:
    stand_in = build(data=sample(), switches=Switches(denied=frozenset({area})))
    async with serve(stand_in.app) as url, open_source(url) as source:
        for stream in source.abilities.streams:
            if stream in refused:
                with pytest.raises(AuthenticationError) as caught:
                    await records_of(source, stream)
                assert f"Read right on {area}" in caught.value.next_step
                # without tests there is nothing to migrate
                offered = area != "Test Library" or stream in ("configurations", "runs", "results")
                assert ("source.skip" in caught.value.next_step) is offered
            else:
                await records_of(source, stream)


@pytest.mark.parametrize(
    ("skip", "links"),
    [
        (("defects",), ["901", "902", "903", "904"]),
        (("requirements",), ["901", "903", "905", "906"]),
        (("requirements", "defects"), ["903"]),
    ],
)
async def test_what_is_skipped_is_not_asked_for_and_costs_no_other_link(
    skip: tuple[str, ...], links: list[str]
) -> None:
    areas: dict[str, Area] = {"defects": "Defects", "requirements": "Requirements"}
    stand_in = build(data=sample(), switches=Switches(denied=frozenset(areas[name] for name in skip)))
    async with serve(stand_in.app) as url, open_source(url, skip=skip) as source:
        assert not set(skip) & set(source.abilities.streams)
        assert sorted(await markers_of(source, "links")) == links
        assert "805" in await markers_of(source, "notes")


async def test_without_a_side_there_are_no_links() -> None:
    skip = ("requirements", "defects", "releases", "test_sets")
    async with serve(build(data=sample()).app) as url, open_source(url, skip=skip) as source:
        assert "links" not in source.abilities.streams
        assert await markers_of(source, "notes") == ["804"]


async def test_a_cursor_into_what_is_skipped_by_now_starts_over() -> None:
    async with serve(build(data=sample()).app) as url:
        async with open_source(url) as source:
            cursor = (await source.page("links", "12", None)).next_cursor
        async with open_source(url, skip=("defects",)) as source:
            assert cursor == "Bugs@"
            assert await source.page("links", "12", cursor) == await source.page("links", "12", None)


# --- hostile answers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", LISTS)
@pytest.mark.parametrize(
    "answer", [{"results": None}, {"metadata": {"result_set": {}}}, {"metadata": None, "results": []}]
)
async def test_null_lists_are_empty(stream: str, answer: dict[str, Any]) -> None:
    async with scripted(server(**{stream: answer})) as (source, _):
        assert await markers_of(source, stream) == []
        assert await markers_of(source, "notes") == await markers_of(source, "links") == []


@pytest.mark.parametrize("stream", LISTS)
async def test_an_odd_row_costs_nobody_else_anything(stream: str) -> None:
    odd = {
        "Id": "2",
        "Title": 7,
        "custom_fields": {"a": 1},
        "is_active": [],
        "status": {},
        "date_created": 5,
        "nbr_tests": "0",
    }
    rows = [{"id": 1, "title": "One", "nbr_tests": 0}, odd, {"id": 3}]
    answers = server(**{stream: listed(rows)}) | {f"{PROJECT}/testsets/3/items": EMPTY}
    async with scripted(answers) as (source, _):
        found = await records_of(source, stream)
    assert [record.entity.ref.ids[1] for record in found] == ["1", "2", "3"]
    assert [record.entity.title for record in found][:2] == ["One", "7"]
    assert not any(record.notes for record in found)


@pytest.mark.parametrize("stream", LISTS)
@pytest.mark.parametrize("bad", [None, 7, [], {}, {"id": 0}])
async def test_a_row_without_an_id_is_named_and_the_page_not_taken(stream: str, bad: object) -> None:
    async with scripted(server(**{stream: listed([{"id": 1, "nbr_tests": 0}, bad])})) as (source, _):
        with pytest.raises(TemporaryError, match=f"row 2 of the {stream.replace('_', ' ')}"):
            await source.page(stream, "12", None)


@pytest.mark.parametrize("status", [500, 404, 403, 401])
async def test_one_set_whose_tests_cannot_be_read_stays_with_a_note(status: int) -> None:
    answers = server(test_sets=listed([{"id": 1, "title": "Smoke"}, {"id": 2}]))
    answers |= {f"{PROJECT}/testsets/1/items": web.Response(status=status), f"{PROJECT}/testsets/2/items": EMPTY}
    async with scripted(answers) as (source, _):
        first, second = await records_of(source, "test_sets")
    assert (first.entity.title, second.notes) == ("Smoke", ())
    assert [(note.code, note.field) for note in first.notes] == [(NoteCode.ITEMS_INCOMPLETE, "items")]
    assert str(status) in first.notes[0].message


@pytest.mark.parametrize(
    ("rows", "total", "said"),
    [
        ([{"id": 1, "test_id": 5}], 3, "counts 3 and gives 1"),
        ([{"id": 1, "test_id": 5}, {"id": 2}], None, "name no test"),
        ([{"id": 1, "test_id": 5}, None], None, "name no test"),
    ],
)
async def test_places_of_a_set_that_are_missing_are_noted(rows: list[Any], total: int | None, said: str) -> None:
    answers = server(test_sets=listed([{"id": 1, "nbr_tests": 9}]))
    answers[f"{PROJECT}/testsets/1/items"] = listed(rows, total=total)
    async with scripted(answers) as (source, _):
        [record] = await records_of(source, "test_sets")
    assert said in record.notes[0].message
    assert record.notes[0].original == "1"
    assert len(orjson.loads(record.raw)["items"]) == len(rows)


async def test_a_short_list_that_moves_is_read_again() -> None:
    reads = Counter[str]()

    def moving(query: Query) -> dict[str, Any]:
        reads["items"] += 1
        rows = [{"id": number, "test_id": number} for number in range(1, 4)]
        return listed(rows[1:] if reads["items"] == 1 else rows, total=3)(query)

    answers = server(test_sets=listed([{"id": 1}])) | {f"{PROJECT}/testsets/1/items": moving}
    async with scripted(answers) as (source, _):
        [record] = await records_of(source, "test_sets")
    assert record.notes == ()
    assert isinstance(record.entity, model.TestSet)
    assert len(record.entity.items) == 3


async def test_a_server_that_gives_the_first_page_for_ever_comes_to_an_end() -> None:
    same = {"results": [{"id": 1, "test_id": 5}]}
    answers = server(test_sets=listed([{"id": 1}])) | {f"{PROJECT}/testsets/1/items": same}
    async with scripted(answers) as (source, seen):
        [record] = await records_of(source, "test_sets")
    assert isinstance(record.entity, model.TestSet)
    assert len(record.entity.items) == 1
    assert len([path for path in seen if "/items" in path]) == 2


async def test_long_lists_of_notes_are_read_page_by_page() -> None:
    rows = [{"id": str(number), "description": f"No {number}"} for number in range(1, 451)]
    answers = server(defects=listed([{"id": 6}])) | {f"{PROJECT}/Bugs/6/notes": listed(rows)}
    async with scripted(answers) as (source, _):
        assert await markers_of(source, "notes") == [str(number) for number in range(1, 451)]


@pytest.mark.parametrize("stream", ["notes", "links"])
@pytest.mark.parametrize("status", [500, 404, 403])
async def test_what_cannot_be_read_of_one_item_is_listed_by_name(stream: str, status: int) -> None:
    path = "notes" if stream == "notes" else "linkeditems"
    answers = server(requirements=listed([{"id": 5}, {"id": 6}]))
    answers |= {
        f"{PROJECT}/FunctionalSpecs/5/{path}": web.Response(status=status),
        f"{PROJECT}/FunctionalSpecs/6/{path}": {"results": [{"id": 1, "link_id": 1, "description": "x"}]},
    }
    async with scripted(answers) as (source, _):
        unread, other = await records_of(source, stream)
    assert unread.entity.ref.marker.endswith(f":{stream[:-1]}:12/requirement/5/unread")
    assert [(note.code, note.field, note.marker) for note in unread.notes] == [
        (NoteCode.ITEMS_INCOMPLETE, stream, unread.entity.ref.marker)
    ]
    assert str(status) in unread.notes[0].message
    assert other.notes == ()


@pytest.mark.parametrize("stream", ["notes", "links", "test_sets"])
async def test_an_outage_is_not_taken_for_unreadable_items(stream: str) -> None:
    """Otherwise a whole page would lose what hangs on its items, and say that the source would not give it."""
    reads = Counter[str]()

    def once(query: Query) -> object:
        reads["list"] += 1
        return listed([{"id": 1}, {"id": 2}])(query) if reads["list"] == 1 else web.Response(status=503)

    answers: dict[str, Any] = server(requirements=once) if stream != "test_sets" else server(test_sets=once)
    for ident in (1, 2):
        for path in (
            f"FunctionalSpecs/{ident}/notes",
            f"FunctionalSpecs/{ident}/linkeditems",
            f"testsets/{ident}/items",
        ):
            answers[f"{PROJECT}/{path}"] = web.Response(status=503)
    async with scripted(answers) as (source, _):
        with pytest.raises(TemporaryError):
            await source.page(stream, "12", None)


@pytest.mark.parametrize("row", [None, "odd", 7, [], {}, {"link_id": None}, {"entity_code": "Bugs"}])
async def test_rows_of_notes_and_links_that_say_nothing_are_kept(row: object) -> None:
    answers = server(requirements=listed([{"id": 5}]))
    answers |= {
        f"{PROJECT}/FunctionalSpecs/5/notes": {"results": [row, {"id": 1}]},
        f"{PROJECT}/FunctionalSpecs/5/linkeditems": {"results": [row, {"link_id": 1}]},
    }
    async with scripted(answers) as (source, _):
        for stream in ("notes", "links"):
            odd, good = await records_of(source, stream)
            assert orjson.loads(odd.raw) == (row if isinstance(row, dict) else {"row": row})
            assert good.entity.ref.ids[1] == "1"


async def test_a_list_of_items_that_moves_is_reported_where_it_is_walked() -> None:
    rows = [{"id": number, "nbr_notes": 0} for number in range(1, 302)]
    async with scripted(server(requirements=listed(rows))) as (source, _):
        first = await source.page("notes", "12", None)
        del rows[10]
        second = await source.page("notes", "12", first.next_cursor)
    assert (first.moved, second.moved) == (False, True)
