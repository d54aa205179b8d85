"""Links between items, each given once by one of its ends."""

import pytest

from connectors.qacomplete.sandbox import Link, Switches, build, generate
from migrator.core.notes import NoteCode
from migrator.standin.serve import serve
from tests.support.qacomplete import open_source, records_of
from tests.support.qacomplete_items import calls, markers_of, sample


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


async def test_tests_are_asked_too_when_that_is_wished_and_give_the_links_between_them() -> None:
    data = generate(300, items=10)
    data.links += [Link(1, 12, "Tests", 10_001, "Tests", 10_300), Link(2, 12, "Tests", 10_250, "Tests", 10_002)]
    stand_in = build(data=data)
    async with serve(stand_in.app) as url, open_source(url, test_links=True) as source:
        found = await markers_of(source, "links")
        assert {"1", "2"} <= set(found)
        assert len(found) == len(stand_in.data.links) == 32
        assert (await source.project("12")).notes == ()
    assert calls(stand_in, "/{item}/linkeditems") == 40 + 300


async def test_links_between_tests_that_are_not_read_are_named_with_what_they_would_cost() -> None:
    async with serve(build(data=sample()).app) as url:
        async with open_source(url) as source:
            (note,) = (await source.project("12")).notes
            assert (note.code, "source.test_links" in note.message) == (NoteCode.LINKS_NOT_READ, True)
            lines = [line.text async for line in source.preflight(["12"]) if line.subject == "source project 12 links"]
            assert [f"{len(sample().tests_of(12))} requests" in line for line in lines] == [True]
        async with open_source(url, skip=("links",)) as source:
            assert (await source.project("12")).notes == ()
