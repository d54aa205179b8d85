"""The source against its stand-in, and against servers that answer what nobody expects."""

from typing import Any

import pytest
from aiohttp import web

from connectors.qacomplete.sandbox import (
    BASE_PATH,
    NOBODY,
    RESTRICTED,
    QACompleteStandIn,
    Switches,
    build,
    demo_data,
    generate,
)
from migrator.core.errors import AuthenticationError, ConfigError, TemporaryError
from migrator.core.model import TestCase
from migrator.core.notes import NoteCode
from migrator.core.ports.source import Source
from migrator.standin.options import StandInOptions
from migrator.standin.serve import serve
from tests.support.qacomplete import Query, listed, open_source, scripted

PROJECT = "/v1/projects/12"
PROJECTS = {"metadata": {"result_set": {"total": 1}}, "results": [{"id": "12", "proj_name": "Shop"}]}
TESTS = "/v1/projects/12/tests"


def row(ident: int, **more: Any) -> dict[str, Any]:
    return {"id": ident, "title": f"Test {ident}", "nbr_steps": 1, "test_steps": [{"seq": 1, "step": "go"}]} | more


async def ids_of(source: Source, stream: str = "tests") -> list[str]:
    found: list[str] = []
    cursor: str | None = None
    for _ in range(20):
        page = await source.page(stream, "12", cursor)
        found += [record.entity.ref.ids[-1] for record in page.records]
        if page.next_cursor is None:
            return found
        cursor = page.next_cursor
    raise AssertionError("no end")


def singles(stand_in: QACompleteStandIn) -> int:
    return stand_in.log.counts[f"GET {BASE_PATH}/v1/projects/{{project}}/tests/{{test}}"]


# --- lists ------------------------------------------------------------------------------------------------------------


async def test_light_lists_ask_for_200_rows_and_tests_for_100() -> None:
    stand_in = build(data=generate(250, folders=250))
    async with serve(stand_in.app) as url, open_source(url) as source:
        assert len(await ids_of(source, "tests")) == 250
        assert len(await ids_of(source, "folders")) == 250
        assert len(await ids_of(source, "users")) == 2
    asked = [(entry.template.removeprefix(f"GET {BASE_PATH}"), entry.query) for entry in stand_in.log.last]
    tests = "/v1/projects/{project}/tests"
    folders = "/v2/projects/{project}/{code}/folders"
    # every page but the first begins with the last row of the one before
    assert asked == [
        (tests, "offset=0&limit=100"),
        (tests, "offset=99&limit=100"),
        (tests, "offset=198&limit=100"),
        (folders, "offset=0&limit=200"),
        (folders, "offset=199&limit=200"),
        ("/v1/projects/{project}/users", "offset=0&limit=200"),
    ]


async def test_a_server_that_gives_shorter_pages_loses_nothing() -> None:
    stand_in = build(data=generate(95), switches=Switches(limit_cap=30))
    async with serve(stand_in.app) as url, open_source(url) as source:
        found = await ids_of(source)
    assert found == [str(test.id) for test in stand_in.data.tests_of(12)]


@pytest.mark.parametrize("shown", [0, 1, 2, 99, 100, 101, 250])
@pytest.mark.parametrize("hidden", [0, 1, 7])
async def test_a_list_ends_even_when_the_server_counts_hidden_rows(shown: int, hidden: int) -> None:
    rows = [row(number) for number in range(1, shown + 1)]
    async with scripted({TESTS: listed(rows, total=shown + hidden)}) as (source, _):
        assert await ids_of(source) == [str(number) for number in range(1, shown + 1)]


async def test_a_list_that_says_no_total_is_read_to_an_empty_page() -> None:
    rows = [row(number) for number in range(1, 251)]

    def answer(query: Query) -> dict[str, Any]:
        return {"results": rows[query["offset"] : query["offset"] + query["limit"]]}

    async with scripted({TESTS: answer}) as (source, _):
        assert len(await ids_of(source)) == 250


async def test_a_list_that_moves_is_reported() -> None:
    rows = [row(number) for number in range(1, 151)]
    async with scripted({TESTS: listed(rows)}) as (source, _):
        first = await source.page("tests", "12", None)
        del rows[10]
        second = await source.page("tests", "12", first.next_cursor)
    assert (first.moved, second.moved) == (False, True)


@pytest.mark.parametrize("answer", [{"metadata": {"result_set": {"total": 0}}}, {"results": None}])
async def test_an_empty_list_may_be_left_out(answer: dict[str, Any]) -> None:
    async with scripted({TESTS: answer}) as (source, _):
        page = await source.page("tests", "12", None)
    assert (page.records, page.next_cursor) == ((), None)


@pytest.mark.parametrize("metadata", [None, "odd", [], {}, {"result_set": None}, {"result_set": [1]}])
async def test_a_list_may_say_nonsense_about_itself(metadata: object) -> None:
    async with scripted({TESTS: {"metadata": metadata, "results": [row(1)]}}) as (source, _):
        page = await source.page("tests", "12", None)
    assert len(page.records) == 1


@pytest.mark.parametrize("bad", [None, "odd", 7, [], {}, {"id": 0}, {"id": "x", "title": "No number"}])
async def test_a_row_without_an_id_is_named_and_the_page_not_taken(bad: object) -> None:
    async with scripted({TESTS: listed([row(1), row(2), bad, row(4)])}) as (source, _):
        with pytest.raises(TemporaryError, match="row 3 of the tests"):
            await source.page("tests", "12", None)


async def test_any_other_row_is_taken() -> None:
    odd = {
        "id": 1,
        "title": 7,
        "test_steps": "none",
        "custom_fields": {"a": 1},
        "nbr_steps": 0,
        "date_created": [],
        "x": 1,
    }
    async with scripted({TESTS: listed([odd])}) as (source, _):
        page = await source.page("tests", "12", None)
    assert page.records[0].entity.title == "7"


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_stream_that_may_not_be_read_names_the_right(status: int) -> None:
    async with scripted({"/v1/projects": PROJECTS, TESTS: web.Response(status=status)}) as (source, _):
        with pytest.raises(AuthenticationError, match="read the tests of project 12") as caught:
            await source.page("tests", "12", None)
    assert "Test Library" in caught.value.next_step


# --- tests whose steps a list does not give ---------------------------------------------------------------------------


async def test_only_tests_whose_steps_do_not_add_up_are_read_singly() -> None:
    stand_in = build()
    async with serve(stand_in.app) as url, open_source(url) as source:
        page = await source.page("tests", "12", None)
    assert singles(stand_in) == 1
    noted = [record for record in page.records if record.notes]
    assert [record.entity.title for record in noted] == ["Counts one step too many"]
    assert [(n.code, n.field, n.original) for n in noted[0].notes] == [(NoteCode.STEPS_INCOMPLETE, "steps", "1 of 2")]


async def test_tests_are_read_side_by_side_within_the_limit() -> None:
    stand_in = build(StandInOptions(latency=0.01), generate(40), Switches(steps_in_lists="none"))
    async with serve(stand_in.app) as url, open_source(url, slots=3) as source:
        page = await source.page("tests", "12", None)
    assert singles(stand_in) == 40
    assert stand_in.log.peak == 3
    expected = {str(test.id): [step.step for step in test.all_steps()] for test in stand_in.data.tests}
    found = {
        record.entity.ref.ids[-1]: [step.action.value for step in record.entity.steps]
        for record in page.records
        if isinstance(record.entity, TestCase)
    }
    assert found == expected
    assert [record.entity.ref.ids[-1] for record in page.records] == sorted(expected)


@pytest.mark.parametrize("status", [500, 404, 403, 401])
async def test_one_unreadable_test_does_not_sink_its_page(status: int) -> None:
    answers = {
        TESTS: listed([row(1), row(2, nbr_steps=3), row(3)]),
        f"{TESTS}/2": web.Response(status=status),
    }
    async with scripted(answers) as (source, _):
        page = await source.page("tests", "12", None)
    assert [len(record.notes) for record in page.records] == [0, 1, 0]
    note = page.records[1].notes[0]
    assert (note.code, note.original) == (NoteCode.STEPS_INCOMPLETE, "1 of 3")
    assert str(status) in note.message


async def test_an_outage_is_not_taken_for_an_unreadable_test() -> None:
    """Otherwise a whole page of tests would lose their steps, and nothing loaded without them can be amended."""
    lists = 0

    def once(query: Query) -> object:
        nonlocal lists
        lists += 1
        return listed([row(1), row(2, nbr_steps=3)])(query) if lists == 1 else web.Response(status=503)

    async with scripted({TESTS: once, f"{TESTS}/2": web.Response(status=503)}) as (source, _):
        with pytest.raises(TemporaryError):
            await source.page("tests", "12", None)


async def test_credentials_that_end_during_a_page_are_said_as_such() -> None:
    lists = 0

    def once(query: Query) -> object:
        nonlocal lists
        lists += 1
        return listed([row(n, nbr_steps=3) for n in range(1, 9)])(query) if lists == 1 else web.Response(status=401)

    ended = {f"{TESTS}/{number}": web.Response(status=401) for number in range(1, 9)}
    async with scripted({TESTS: once, "/v1/projects": web.Response(status=401), **ended}) as (source, _):
        with pytest.raises(AuthenticationError, match="refused user name or password"):
            await source.page("tests", "12", None)


async def test_a_short_failure_costs_no_steps() -> None:
    tries = 0

    def third_time(_query: Query) -> object:
        nonlocal tries
        tries += 1
        return web.Response(status=502) if tries <= 2 else row(2, nbr_steps=1)

    async with scripted({TESTS: listed([row(2, nbr_steps=None)]), f"{TESTS}/2": third_time}) as (source, _):
        page = await source.page("tests", "12", None)
    assert tries == 3
    assert page.records[0].notes == ()


@pytest.mark.parametrize("answer", [{}, {"id": 3}, {"results": [row(2)]}])
async def test_an_answer_about_something_else_does_not_become_the_test(answer: object) -> None:
    async with scripted({TESTS: listed([row(2, nbr_steps=3)]), f"{TESTS}/2": answer}) as (source, _):
        page = await source.page("tests", "12", None)
    [record] = page.records
    assert record.entity.ref.marker == "qacomplete@acme:test:12/2"
    assert record.entity.title == "Test 2"
    assert [note.code for note in record.notes] == [NoteCode.STEPS_INCOMPLETE]


# --- check and project ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(text="<html>Sign in</html>", content_type="text/html"),
        web.Response(status=302, headers={"Location": "/login"}),
        web.Response(status=403),
        web.Response(status=404, text="<html>gone</html>", content_type="text/html"),
        {"swagger": "2.0"},
        [],
        7,
    ],
)
async def test_what_is_no_rest_api_is_about_the_base_url(answer: object) -> None:
    async with scripted({"/v1/projects": answer}) as (source, _):
        with pytest.raises(ConfigError, match="no QAComplete REST API at http://127") as caught:
            await source.check()
    assert "source.base_url" in caught.value.next_step


async def test_a_server_in_trouble_is_not_about_the_base_url() -> None:
    async with scripted({"/v1/projects": web.Response(status=503)}) as (source, seen):
        with pytest.raises(TemporaryError):
            await source.check()
    assert set(seen) == {"/v1/projects?offset=0&limit=1"}


@pytest.mark.parametrize("status", [401, 403])
async def test_401_and_403_on_one_project_both_mean_unknown(status: int) -> None:
    answers = {"/v1/projects": PROJECTS, "/v1/projects/99": web.Response(status=status)}
    async with scripted(answers) as (source, _):
        with pytest.raises(ConfigError, match="no project 99, or this user may not open it") as caught:
            await source.project("99")
    assert caught.value.cause == "visible are: 12 (Shop)"


async def test_many_visible_projects_are_named_in_part() -> None:
    rows = [{"id": str(n), "proj_name": f"P&amp;{n}"} for n in range(1, 251)]
    async with scripted({"/v1/projects": listed(rows)}) as (source, _):
        with pytest.raises(ConfigError) as caught:
            await source.project("999")
    assert "1 (P&1), 2 (P&2)" in caught.value.cause
    assert caught.value.cause.endswith("200 (P&200) and 50 more")


@pytest.mark.parametrize(("user", "visible"), [(RESTRICTED, "12 (Web shop)"), (NOBODY, "none")])
async def test_only_what_the_user_sees_is_named(user: str, visible: str) -> None:
    async with serve(build(data=demo_data()).app) as url, open_source(url, username=user) as source:
        with pytest.raises(ConfigError) as caught:
            await source.project("13")
    assert caught.value.cause == f"visible are: {visible}"


@pytest.mark.parametrize("spelling", ["012", " 12", "+12", "12/", "12#x", "./12"])
async def test_another_spelling_of_the_id_is_not_the_project(spelling: str) -> None:
    async with serve(build().app) as url, open_source(url) as source:
        with pytest.raises(ConfigError, match="has no project"):
            await source.project(spelling)


async def test_a_list_that_is_empty_once_is_asked_once_more() -> None:
    answers: list[list[Any]] = [[], [{"id": 1, "title": "Pay"}]]
    async with scripted({f"{PROJECT}/requirements": lambda _query: {"results": answers.pop(0)}}) as (source, seen):
        assert len((await source.page("requirements", "12", None)).records) == 1
    assert len(seen) == 2
