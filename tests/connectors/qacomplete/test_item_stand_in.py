"""The QAComplete stand-in beside tests, asked as its vendor documents it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from connectors.qacomplete.sandbox import (
    BASE_PATH,
    PASSWORD,
    RESTRICTED,
    USERNAME,
    SeedData,
    Switches,
    add_items,
    add_sample,
    build,
    demo_data,
    generate,
)
from migrator.standin.serve import serve

P = "/v1/projects/12"


class Client:
    """Asks the stand-in."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def status(self, path: str) -> int:
        async with self._session.get(BASE_PATH + path) as answer:
            return answer.status

    async def get(self, path: str, **query: str) -> Any:
        async with self._session.get(BASE_PATH + path, params=query) as answer:
            assert answer.status == 200
            return await answer.json()

    async def rows(self, path: str, **query: str) -> list[Any]:
        found: list[Any] = (await self.get(path, **query))["results"]
        return found

    async def search(self, path: str, expression: str) -> list[Any]:
        async with self._session.post(BASE_PATH + path, json={"Filter": expression}) as answer:
            found: list[Any] = (await answer.json())["results"]
            return found


def sample() -> SeedData:
    data = demo_data()
    add_sample(data)
    return data


@asynccontextmanager
async def served(switches: Switches | None = None, user: str = USERNAME) -> AsyncIterator[Client]:
    auth = aiohttp.encode_basic_auth(user, PASSWORD)
    app = build(data=sample(), switches=switches).app
    async with serve(app) as url, aiohttp.ClientSession(url, headers={"Authorization": auth}) as session:
        yield Client(session)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with served() as opened:
        yield opened


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        (f"{P}/releases", [301, 302, 303, 304]),
        ("/v2/projects/12/configurations", [401, 402]),
        (f"{P}/requirements", [501, 502, 503]),
        (f"{P}/defects", [601, 602]),
        ("/V2/Projects/12/TestSets", [701, 702, 703]),
    ],
)
async def test_lists_are_paged_and_single_items_are_bare(client: Client, path: str, ids: list[int]) -> None:
    document = await client.get(path, Limit="2", offset="1")
    assert document["metadata"]["result_set"] == {"count": len(ids[1:3]), "offset": 1, "limit": 2, "total": len(ids)}
    assert [row["id"] for row in document["results"]] == ids[1:3]
    assert await client.get(f"{path}/{ids[1]}") == document["results"][0]
    assert await client.status(f"{path}/9999") == 404


async def test_names_differ_between_kinds_and_nulls_are_left_out(client: Client) -> None:
    [release, *_] = await client.rows(f"{P}/releases")
    [requirement, *_] = await client.rows(f"{P}/requirements")
    assert {"status_code", "is_active"} <= release.keys()
    assert {"status", "active"} <= requirement.keys()
    assert release["est_start_date"] == "2024-03-01T00:00:00.0000000"
    assert "description" not in release


@pytest.mark.parametrize(
    ("path", "expression", "ids"),
    [
        (f"{P}/releases", "(ParentID=301)", [302]),
        (f"{P}/releases", "(releaseType='Release')", [301]),
        (f"{P}/requirements", "(id in {501,503}) AND (title != 'x')", [501, 503]),
        (f"{P}/defects", "(PriorityCode is empty)", [602]),
        ("/v2/projects/12/testsets", "(isActive = true) AND (NbrTests > 10)", [702]),
    ],
)
async def test_lists_understand_filters(client: Client, path: str, expression: str, ids: list[int]) -> None:
    assert [row["id"] for row in await client.rows(path, Filter=expression)] == ids


async def test_some_lists_are_searched_too(client: Client) -> None:
    assert [row["id"] for row in await client.search(f"{P}/requirements/search", "(Title ~ 'order')")] == [501]
    links = await client.search(f"{P}/FunctionalSpecs/501/linkeditems/search", "(linkedEntityCode = 'Tests')")
    assert [row["link_id"] for row in links] == [902]


async def test_items_of_a_set_stand_by_position(client: Client) -> None:
    rows = await client.rows(f"{P}/TestSets/701/items")
    assert [(row["seq"], row["id"], row["test_id"]) for row in rows] == [
        (1, 7001, 1001),
        (2, 7002, 1002),
        (3, 7003, 1001),
        (4, 7004, 1003),
    ]
    assert await client.get(f"{P}/testsets/701/Items/3") == rows[2]
    assert await client.status(f"{P}/testsets/701/items/7003") == 404
    assert len(await client.rows(f"{P}/testsets/702/items", offset="25")) == 25


async def test_notes_are_counted_where_they_hang(client: Client) -> None:
    assert [row["nbr_notes"] for row in await client.rows(f"{P}/defects")] == [2, 0]
    assert [row["id"] for row in await client.rows(f"{P}/Bugs/601/notes")] == [802, 803]
    assert (await client.get(f"{P}/tests/1001"))["nbr_notes"] == 1
    assert (await client.get(f"{P}/tests/1001/notes/804"))["description"] == "Takes long"
    for path in ("Bugs/602/notes/802", "Bugs/9999/notes", "Nothing/601/notes"):
        assert await client.status(f"{P}/{path}") == 404


async def test_a_link_shows_on_both_ends_as_it_is_stored(client: Client) -> None:
    [from_defect] = [row for row in await client.rows(f"{P}/Bugs/601/linkeditems") if row["link_id"] == 901]
    from_requirement = await client.get(f"{P}/functionalspecs/501/linkeditems/901")
    titles = (from_defect.pop("title"), from_requirement.pop("title"))
    assert titles == ("Guests can order", "Total is wrong")
    assert from_defect == from_requirement
    assert (from_defect["entity_code"], from_defect["linked_entity_code"]) == ("Bugs", "FunctionalSpecs")


async def test_rights_are_granted_by_area() -> None:
    async with served(Switches(denied=frozenset({"Defects"}))) as client:
        paths = (f"{P}/defects", f"{P}/defects/601", f"{P}/Bugs/601/notes", f"{P}/Bugs/601/linkeditems")
        assert [await client.status(path) for path in paths] == [403] * 4
        assert await client.status(f"{P}/requirements") == 200
    async with served(user=RESTRICTED) as client:
        assert await client.status("/v1/projects/13/releases") == 403


async def test_loose_types_are_those_that_samples_show() -> None:
    async with served(Switches(loose_types=True, null_lists=True)) as client:
        [note, *_] = await client.rows(f"{P}/FunctionalSpecs/501/notes")
        [requirement, *_] = await client.rows(f"{P}/requirements")
        assert (note["id"], note["fk_id"], note["entity_code"]) == ("801", 501, "Requirements")
        assert requirement["active"] == "true"
        assert "nbr_notes" not in (await client.rows(f"{P}/defects"))[0]
        assert (await client.get(f"{P}/testsets/703/items"))["results"] is None


async def test_a_row_can_be_made_to_say_anything() -> None:
    data = sample()
    data.releases[0].extra = {"title": None, "parent_id": "x", "more": [1]}
    auth = aiohttp.encode_basic_auth(USERNAME, PASSWORD)
    async with (
        serve(build(data=data).app) as url,
        aiohttp.ClientSession(url, headers={"Authorization": auth}) as session,
    ):
        row = await Client(session).get(f"{P}/releases/301")
    assert "title" not in row
    assert (row["parent_id"], row["more"]) == ("x", [1])


def test_the_demo_and_load_data_stay_without_items_unless_asked() -> None:
    for data in (demo_data(), generate(20)):
        held = (data.releases, data.configurations, data.requirements, data.defects, data.test_sets)
        assert [*held, data.notes, data.links] == [[]] * 7
    plain, more = generate(20, seed=3), generate(20, seed=3, items=7)
    assert [test.title for test in plain.tests] == [test.title for test in more.tests]
    assert {
        len(kind) for kind in (more.releases, more.configurations, more.requirements, more.defects, more.test_sets)
    } == {7}


def test_generated_items_are_the_same_for_the_same_seed() -> None:
    found = [generate(20, items=9, seed=seed) for seed in (3, 3, 4)]
    assert found[0].test_sets == found[1].test_sets != found[2].test_sets
    assert found[0].links == found[1].links
    without_tests = generate(0, items=2)
    add_items(without_tests, 0)
    assert [len(test_set.items) for test_set in without_tests.test_sets] == [0, 0]
