"""Runs and results, read without rights and from servers that answer what nobody expects."""

from collections import Counter
from typing import Any

import orjson
import pytest
from aiohttp import web

from connectors.qacomplete.sandbox import Switches, build
from migrator.core import model
from migrator.core.errors import AuthenticationError, TemporaryError
from migrator.core.notes import NoteCode
from migrator.standin.serve import serve
from tests.support.qacomplete import Query, listed, open_source, records_of, scripted
from tests.support.qacomplete_runs import history, results_of, runs_of

RUNS = "/v2/projects/12/testruns"


def item(ident: int, **more: object) -> dict[str, Any]:
    steps = [{"id": ident, "seq": 1, "status_code": "Passed"}]
    return {"id": ident, "test_id": 1001, "test_run_results": steps, **more}


async def test_a_missing_right_is_named_with_a_way_out() -> None:
    stand_in = build(data=history(), switches=Switches(denied=frozenset({"Test Library"})))
    async with serve(stand_in.app) as url, open_source(url) as source:
        for stream in ("runs", "results"):
            with pytest.raises(AuthenticationError, match="test runs of project 12") as caught:
                await source.page(stream, "12", None)
            assert "Read right on Test Library" in caught.value.next_step
            assert "add runs to source.skip" in caught.value.next_step


async def test_an_item_that_cannot_be_read_singly_keeps_what_the_list_says() -> None:
    data = history()
    data.runs[0].items[1].unreadable = True
    stand_in = build(data=data, switches=Switches(steps_in_run_lists=False))
    async with serve(stand_in.app) as url, open_source(url) as source:
        records = {record.entity.ref.ids[1]: record for record in await records_of(source, "results")}
    assert len(records) == sum(len(run.items) for run in data.runs)
    bad = records["90102"]
    assert isinstance(bad.entity, model.Result)
    assert (bad.entity.status, bad.entity.duration_ms, bad.entity.steps) == ("Failed", 97_383_000, ())
    assert [(note.code, note.field) for note in bad.notes] == [(NoteCode.ITEMS_INCOMPLETE, "steps")]
    assert not [record for ident, record in records.items() if record.notes and ident != "90102"]


@pytest.mark.parametrize("status", [500, 404, 403, 401])
async def test_a_run_whose_results_cannot_be_read_is_named_and_costs_nobody_else_anything(status: int) -> None:
    answers = {
        RUNS: listed([{"id": 1}, {"id": 2}, {"id": 3, "test_set_id": 5}]),
        "/v1/projects": {"results": []},
        f"{RUNS}/1/items": listed([item(11)]),
        f"{RUNS}/2/items": web.Response(status=status),
        f"{RUNS}/3/items": listed([item(31), item(32)]),
    }
    async with scripted(answers) as (source, _):
        records = {"/".join(r.entity.ref.ids[1:]): r for r in await records_of(source, "results")}
        # the title of its one test cannot be read either
        runs = await runs_of(source)
    assert set(records) == {"11", "run/2/unread", "31", "32"}
    unread = records["run/2/unread"]
    assert isinstance(unread.entity, model.Result)
    assert (unread.entity.case, unread.entity.status) == (None, None)
    assert [(note.code, note.field) for note in unread.notes] == [(NoteCode.ITEMS_INCOMPLETE, "items")]
    assert str(status) in unread.notes[0].message
    assert runs["2"].title == "Test run 2"


async def test_an_outage_is_not_taken_for_unreadable_runs() -> None:
    reads = Counter[str]()

    def once(query: Query) -> object:
        reads["runs"] += 1
        return listed([{"id": 1}, {"id": 2}])(query) if reads["runs"] == 1 else web.Response(status=503)

    answers = {RUNS: once} | {f"{RUNS}/{run}/items": web.Response(status=503) for run in (1, 2)}
    async with scripted(answers) as (source, _):
        with pytest.raises(TemporaryError):
            await source.page("results", "12", None)


@pytest.mark.parametrize(
    ("claims", "total", "said"), [(3, None, "counts 3"), (2, 5, "counts 5"), (None, 4, "counts 4")]
)
async def test_results_that_the_source_counts_but_does_not_give_are_named(
    claims: int | None, total: int | None, said: str
) -> None:
    def answer(query: Query) -> dict[str, Any]:
        rows = [item(11), item(12)][query["offset"] :]
        return {"metadata": {"result_set": {} if total is None else {"total": total}}, "results": rows}

    answers = {RUNS: listed([{"id": 1, "nbr_tests": claims, "test_set_id": 2}]), f"{RUNS}/1/items": answer}
    async with scripted(answers) as (source, _):
        records = await records_of(source, "results")
    assert [record.entity.ref.ids[1:] for record in records] == [("11",), ("12",), ("run", "1", "unread")]
    assert f"{said} results and gives 2" in records[2].notes[0].message


async def test_a_list_of_items_that_moves_is_reported() -> None:
    rows = [item(number) for number in range(1, 302)]
    answers = {RUNS: listed([{"id": 1, "test_set_id": 2}]), f"{RUNS}/1/items": listed(rows)}
    async with scripted(answers) as (source, _):
        first = await source.page("results", "12", None)
        del rows[10]
        second = await source.page("results", "12", first.next_cursor)
    assert (first.moved, second.moved) == (False, True)
    # the row that slid into the gap is not lost
    assert {r.entity.ref.ids[1] for page in (first, second) for r in page.records} == {str(n) for n in range(1, 302)}


async def test_a_server_that_gives_the_same_items_for_ever_comes_to_an_end() -> None:
    answers = {RUNS: listed([{"id": 1, "test_set_id": 2}]), f"{RUNS}/1/items": {"results": [item(11), item(12)]}}
    async with scripted(answers) as (source, seen):
        assert set(await results_of(source)) == {"11", "12"}
    assert len([path for path in seen if "/items" in path]) == 2


@pytest.mark.parametrize("odd", [None, "odd", 7, [], {}, {"id": 0}, {"id": "x", "test_run_results": {"a": 1}}])
async def test_an_item_that_says_nothing_is_kept(odd: object) -> None:
    answers = {RUNS: listed([{"id": 1, "test_set_id": 2}]), f"{RUNS}/1/items": listed([item(11), odd, item(13)])}
    async with scripted(answers) as (source, _):
        first, kept, last = await records_of(source, "results")
    assert [record.entity.ref.ids[1:] for record in (first, last)] == [("11",), ("13",)]
    assert kept.entity.ref.ids[1:] == ("run", "1", "1")
    assert orjson.loads(kept.raw) == (odd if isinstance(odd, dict) else {"row": odd})


@pytest.mark.parametrize(
    ("given", "milliseconds"),
    [
        ({"run_time": 12.5}, 12_500),
        ({"run_time": "7"}, 7000),
        ({"run_time": 0, "run_time_formated": "00:00:09"}, 9000),
        ({"run_time_formated": "100:00:01"}, 360_001_000),
        ({"run_time_formated": "1:2:3"}, 3_723_000),
        ({"run_time_formated": "soon"}, None),
        ({"run_time": "nan", "run_time_formated": None}, None),
        ({"run_time": "inf"}, None),
        ({"run_time": -5}, None),
        ({}, None),
    ],
)
async def test_durations_are_milliseconds(given: dict[str, Any], milliseconds: int | None) -> None:
    answers = {RUNS: listed([{"id": 1, "test_set_id": 2}]), f"{RUNS}/1/items": listed([item(11, **given)])}
    async with scripted(answers) as (source, _):
        [result] = (await results_of(source)).values()
    assert result.duration_ms == milliseconds
