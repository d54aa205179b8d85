"""The QAComplete stand-in, asked as its vendor documents it."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.qacomplete.sandbox import (
    BASE_PATH,
    NOBODY,
    PASSWORD,
    RESTRICTED,
    USERNAME,
    Switches,
    build,
    demo_data,
    generate,
    load_seed_file,
)
from connectors.qacomplete.sandbox.filters import FilterError, keyed, parse_filter
from connectors.qacomplete.source import QACompleteSource
from migrator.core.notes import NoteCode
from migrator.standin.serve import serve
from tests.support.services import qacomplete_source


def login(name: str, password: str = PASSWORD) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with serve(build().app) as url, aiohttp.ClientSession(url, headers=login(USERNAME)) as opened:
        yield opened


async def test_pages_have_the_vendors_envelope(session: aiohttp.ClientSession) -> None:
    async with session.get(BASE_PATH + "/v1/projects/12/tests", params={"limit": "5", "offset": "10"}) as answer:
        document = await answer.json()
    assert document["metadata"]["result_set"] == {"count": 5, "offset": 10, "limit": 5, "total": 55}
    assert [row["id"] for row in document["results"]] == sorted(row["id"] for row in document["results"])


async def test_paths_and_parameters_are_read_in_any_case(session: aiohttp.ClientSession) -> None:
    async with session.get("/REST-API/Service/api/V2/Projects/12/TESTS/Folders", params={"LIMIT": "0"}) as answer:
        document = await answer.json()
    assert document["results"] == []
    assert document["metadata"]["result_set"]["total"] == 16


async def test_v1_lists_have_steps_and_v2_lists_do_not(session: aiohttp.ClientSession) -> None:
    found = {}
    for version in ("v1", "v2"):
        async with session.get(f"{BASE_PATH}/{version}/projects/12/tests") as answer:
            found[version] = any("test_steps" in row for row in (await answer.json())["results"])
    assert found == {"v1": True, "v2": False}


@pytest.mark.parametrize(
    ("user", "password", "path", "status"),
    [
        (USERNAME, "wrong", "/v1/projects", 401),
        (USERNAME, PASSWORD, "/v1/projects/99", 403),
        (RESTRICTED, PASSWORD, "/v1/projects/12", 200),
        (RESTRICTED, PASSWORD, "/v1/projects/13", 403),
        (NOBODY, PASSWORD, "/v1/projects/12", 403),
        (USERNAME, PASSWORD, "/v1/projects/12/tests/1", 404),
        (USERNAME, PASSWORD, "/v1/nothing", 404),
    ],
)
async def test_credentials_then_project_then_item(user: str, password: str, path: str, status: int) -> None:
    async with (
        serve(build().app) as url,
        aiohttp.ClientSession(url, headers=login(user, password)) as client,
        client.get(BASE_PATH + path) as answer,
    ):
        assert answer.status == status
        if status >= 400:
            assert "text/html" in answer.headers["Content-Type"]


async def test_a_search_filters(session: aiohttp.ClientSession) -> None:
    body = {"Filter": "(Title ~ 'PAY') AND (active = true) AND (FolderId in {102,109})"}
    async with session.post(BASE_PATH + "/v2/projects/12/tests/search", json=body) as answer:
        titles = [row["title"] for row in (await answer.json())["results"]]
    assert titles == ["Pay by card", "Pay on account", "Pay with a gift card", "Pay in another currency"]


@pytest.mark.parametrize(
    ("expression", "matches"),
    [
        ("releaseid=910", True),
        ("(releaseId = 910 and testSetId != 4)", True),
        ("Title = 'it''s here'", True),
        ("Title is empty", False),
        ("Title is not empty and NOT (release_id < 3)", True),
        ("Missing is empty", True),
        ("Title is not 'x'", True),
        ("ReleaseId not in {1,2}", True),
        ("DateUpdated >= '2024-01-01T00:00:00'", True),
        ("DateUpdated >= '1/1/2025 8:00:00 AM'", False),
        ("active=false or releaseid = 1 and active = true", False),
    ],
)
def test_the_filter_language(expression: str, matches: bool) -> None:
    row = {
        "title": "it's here", "release_id": 910, "test_set_id": 7, "active": True,
        "date_updated": "2024-06-03T16:45:12.0000000",
    }  # fmt: skip
    assert parse_filter(expression)(keyed(row)) is matches


@given(st.text(alphabet="ab=<>'(){} andornti,1", max_size=30))
def test_any_filter_is_understood_or_refused(text: str) -> None:
    try:
        predicate = parse_filter(text)
    except FilterError:
        return
    assert predicate({"a": 1}) in (True, False)


async def test_a_test_whose_steps_cannot_be_read_stays_with_a_note() -> None:
    data = demo_data()
    test = next(test for test in data.tests if test.id == 1001)
    test.unreadable = True
    stand_in = build(data=data, switches=Switches(steps_in_lists="none"))
    async with qacomplete_source(stand_in) as source:
        assert isinstance(source, QACompleteSource)
        source._api._transport._limits = type(source._api._transport._limits)(attempts=2, first_delay=0.01)
        page = await source.page("tests", "12", None)
    first = next(record for record in page.records if record.entity.ref.ids[1] == "1001")
    assert [note.code for note in first.notes] == [NoteCode.STEPS_INCOMPLETE]
    assert len(page.records) == 55


async def test_steps_missing_from_lists_cost_one_call_each_and_no_more() -> None:
    stand_in = build(data=generate(40), switches=Switches(steps_in_lists="none"))
    async with qacomplete_source(stand_in, concurrency=3) as source:
        page = await source.page("tests", "12", None)
    single = BASE_PATH + "/v1/projects/{project}/tests/{test}"
    assert stand_in.log.counts[f"GET {single}"] == 40
    assert stand_in.log.peak <= 3
    assert len(page.records) == 40


def test_generated_data_is_the_same_for_the_same_seed() -> None:
    first, second, other = generate(50, seed=3), generate(50, seed=3), generate(50, seed=4)
    assert [t.title for t in first.tests] == [t.title for t in second.tests] != [t.title for t in other.tests]
    assert first.tests[7].all_steps() == second.tests[7].all_steps()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_seed_file_may_begin_with_a_byte_order_mark(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "seed.json"
    path.write_text('{"projects": [{"id": 7, "title": "Größe"}]}', encoding=encoding)
    assert [project.title for project in load_seed_file(path).projects] == ["Größe"]
