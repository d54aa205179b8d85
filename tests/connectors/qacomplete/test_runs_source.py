"""Runs and results, read from the stand-in in all profiles, and from servers that answer what nobody expects."""

from collections import Counter
from collections.abc import Callable
from typing import Any, get_args

import orjson
import pytest
from aiohttp import web

from connectors.qacomplete.sandbox import (
    RunItem,
    SeedData,
    Switches,
    TestRun,
    add_history,
    add_sample,
    build,
    demo_data,
    generate,
    generate_runs,
)
from connectors.qacomplete.sandbox.history import GONE, RUN_STATUSES
from migrator.core import model
from migrator.core.errors import AuthenticationError, TemporaryError
from migrator.core.notes import NoteCode
from migrator.core.ports_source import Record, Source
from migrator.standin.options import Profile, StandInOptions
from migrator.standin.serve import serve
from tests.support.qacomplete import open_source, scripted
from tests.support.sources import pages_of

RUNS = "/v2/projects/12/testruns"
Query = dict[str, int]


def history() -> SeedData:
    data = demo_data()
    add_sample(data)
    add_history(data)
    return data


async def records_of(source: Source, stream: str) -> list[Record]:
    return [record for _, page in await pages_of(source, stream, "12") for record in page.records]


async def runs_of(source: Source) -> dict[str, model.TestRun]:
    found = [record.entity for record in await records_of(source, "runs")]
    return {entity.ref.ids[1]: entity for entity in found if isinstance(entity, model.TestRun)}


async def results_of(source: Source) -> dict[str, model.Result]:
    found = [record.entity for record in await records_of(source, "results")]
    results = {"/".join(entity.ref.ids[1:]): entity for entity in found if isinstance(entity, model.Result)}
    assert len(results) == len(found)
    return results


def listed(rows: list[Any], *, total: int | None = None, most: int = 1000) -> Callable[[Query], dict[str, Any]]:
    """Answer pages of at most so many rows; ``total`` overrides what the server claims."""

    def answer(query: Query) -> dict[str, Any]:
        page = rows[query["offset"] : query["offset"] + min(query["limit"], most)]
        return {"metadata": {"result_set": {"total": len(rows) if total is None else total}}, "results": page}

    return answer


def item(ident: int, **more: object) -> dict[str, Any]:
    steps = [{"id": ident, "seq": 1, "status_code": "Passed"}]
    return {"id": ident, "test_id": 1001, "test_run_results": steps, **more}


# --- all profiles -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", get_args(Profile))
async def test_the_history_is_read_whole_in_every_profile(profile: Profile) -> None:
    stand_in = build(StandInOptions(profile=profile), history())
    async with serve(stand_in.app) as url, open_source(url) as source:
        runs, results = await runs_of(source), await results_of(source)
        notes = [note for record in await records_of(source, "results") for note in record.notes]
    held = [(run, item) for run in stand_in.data.runs for item in run.items]
    assert set(runs) == {str(run.id) for run in stand_in.data.runs}
    assert {(key, result.run.ids[1]) for key, result in results.items()} == {(str(i.id), str(r.id)) for r, i in held}
    assert {key: len(result.steps) for key, result in results.items()} == {str(i.id): len(i.outcomes) for _, i in held}
    assert notes == []


async def test_what_is_read_of_a_run() -> None:
    async with serve(build(data=history()).app) as url, open_source(url) as source:
        runs = await runs_of(source)
    smoke = runs["901"]
    assert (smoke.title, smoke.set_title, smoke.single, smoke.closed) == ("Smoke", "Smoke", False, True)
    assert smoke.milestone is not None
    assert (smoke.milestone.kind, smoke.milestone.ids) == ("release", ("12", "302"))
    assert smoke.configuration is not None
    assert (smoke.configuration.kind, smoke.configuration.ids) == ("configuration", ("12", "401"))
    assert smoke.attributes["configuration_name"] == "Firefox on Windows"
    assert smoke.started_at is not None
    assert smoke.started_at.isoformat() == "2023-03-06T08:00:00-07:00"
    assert smoke.author is not None
    assert smoke.author.name == "Ada Berg"
    # the first of the two hours with this name
    begun = runs["902"]
    assert begun.started_at is not None
    assert (begun.started_at.isoformat(), begun.ended_at, begun.closed) == ("2023-11-05T01:30:00-06:00", None, False)
    assert [(runs[str(910 + n)].single, runs[str(910 + n)].set_title) for n in range(2)] == [
        (True, "Order as a guest"),
        (True, "Order as a known customer"),
    ]
    closed = {run.state for key, run in runs.items() if run.closed and int(key) >= 960}
    assert closed == {"Passed", "Failed"}
    assert {run.state for key, run in runs.items() if int(key) >= 960} == set(RUN_STATUSES)


async def test_which_statuses_close_a_run_is_a_setting() -> None:
    async with (
        serve(build(data=history()).app) as url,
        open_source(url, final_statuses=["Passed", " failed", "INCOMPLETE"]) as source,
    ):
        closed = {run.state for run in (await runs_of(source)).values() if run.closed}
    assert closed == {"Passed", "Failed", "Incomplete"}


async def test_what_is_read_of_results() -> None:
    async with serve(build(data=history()).app) as url, open_source(url) as source:
        found = await results_of(source)
    first, second, again = found["90101"], found["90102"], found["90103"]
    assert (first.title, first.status, first.position, first.duration_ms) == ("Order as a guest", "Passed", 0, 90_000)
    assert first.case is not None
    assert first.case == again.case
    assert (first.case.kind, first.case.ids) == ("test", ("12", "1001"))
    assert first.tester is not None
    assert (first.tester.name, first.tester.ref and first.tester.ref.ids) == ("Jon Vik", ("12", "2"))
    assert first.executed_at is not None
    assert first.executed_at.isoformat() == "2023-03-06T08:05:00-07:00"
    # in order of `seq`, hours beyond 24, HTML kept
    assert second.duration_ms == 97_383_000
    assert [step.status for step in second.steps] == ["Passed", "Failed"]
    assert second.steps[1].actual is not None
    assert second.steps[1].actual.value == "<p>4.19 €, see defect <b>601</b></p>"
    assert second.steps[1].expected is not None
    assert second.steps[1].action is not None
    assert (again.position, again.status, again.duration_ms) == (2, "Blocked", None)
    gone, unknown = found["90105"], found["90106"]
    assert gone.case is not None
    assert gone.case.ids[1] == str(GONE)
    assert (unknown.case, unknown.title) == (None, "A test without a number")


async def test_dates_that_belong_to_another_run_are_not_taken() -> None:
    async with serve(build(data=history()).app) as url, open_source(url) as source:
        found = await results_of(source)
    remarked, waiting = found["90107"], found["90108"]
    assert remarked.executed_at is not None
    # the run's end instead of a day years later
    assert remarked.executed_at.isoformat() == "2023-03-06T17:30:00-07:00"
    assert (remarked.status, remarked.case_version) == ("Passed with remarks", "7")
    assert (waiting.status, waiting.executed_at, waiting.tester, waiting.duration_ms) == (
        "Awaiting Run",
        None,
        None,
        None,
    )
    # nobody else is named: who ran it all
    assert found["90104"].tester is not None
    assert found["90104"].tester.name == "Ada Berg"


async def test_what_only_this_vendor_knows_are_facts() -> None:
    async with serve(build(data=history()).app) as url, open_source(url) as source:
        found = await results_of(source)
    assert found["92000"].facts == {
        "automated": "yes",
        "configuration_name": "Deleted machine",
        "file_log": r"\\build\logs\1.txt",
        "iteration": "1",
        "test_host": "lab-07",
    }
    assert [step.actual and step.actual.value for step in found["92000"].steps] == ["row 1", "row 2"]


async def test_the_vendors_json_stands_beside_runs_and_results() -> None:
    async with serve(build(data=history()).app) as url, open_source(url) as source:
        [run, *_] = [orjson.loads(record.raw) for record in await records_of(source, "runs")]
        [result, *_] = [orjson.loads(record.raw) for record in await records_of(source, "results")]
    assert (run["id"], run["nbr_tests"], run["nbr_blocked"]) == (901, 8, 1)
    assert (result["id"], len(result["test_run_results"])) == (90_101, 2)


# --- pages ------------------------------------------------------------------------------------------------------------


def _paged() -> SeedData:
    data = generate(7)
    generate_runs(data, 30, 3)
    generate_runs(data, 2, 130, seed=2)
    for number, run in enumerate(data.runs):
        run.id = 1 + number
    for number, run in enumerate(data.runs[30:]):
        # a long run in the middle of short ones, and one at the end
        run.id = (11, 100)[number]
        first = 9_000_000 + number * 1000
        run.make_items = None
        run.items = [RunItem(first + place, 10_001, "x", place + 1, outcomes=[]) for place in range(130)]
    data.runs[10].id = 77
    return data


@pytest.mark.parametrize("page_size", [25, 60, 200])
@pytest.mark.parametrize("limit_cap", [20, 1000])
async def test_every_result_comes_once_whatever_the_pages_are(page_size: int, limit_cap: int) -> None:
    data = _paged()
    switches = Switches(limit_cap=limit_cap)
    async with serve(build(data=data, switches=switches).app) as url, open_source(url, page_size=page_size) as source:
        pages = [page for _, page in await pages_of(source, "results", "12")]
    found = [record.entity for page in pages for record in page.records]
    assert len(found) == len({entity.ref for entity in found}) == 30 * 3 + 2 * 130
    assert not any(page.moved or any(record.notes for record in page.records) for page in pages)
    # a page holds little, however long a run is: what was wished for, and one run's page more
    assert max(len(page.records) for page in pages) <= 2 * page_size
    per_run = Counter(entity.run.ids[1] for entity in found if isinstance(entity, model.Result))
    assert (per_run["11"], per_run["100"], per_run["1"]) == (130, 130, 3)


async def test_short_runs_share_a_page_and_cost_one_request_each() -> None:
    data = generate(10)
    generate_runs(data, 100, 4)
    data.runs.append(TestRun(99_999, 12, 1, "Empty", "Passed", None))
    stand_in = build(data=data)
    async with serve(stand_in.app) as url, open_source(url) as source:
        assert len(await results_of(source)) == 400
    by_ending = Counter(call.rpartition("/")[2] for call in stand_in.log.counts.elements())
    assert by_ending["items"] == 100
    assert by_ending["testruns"] <= 6


async def test_the_pages_of_a_long_run_do_not_read_the_list_of_runs_again() -> None:
    data = generate(10)
    generate_runs(data, 2, 1000)
    stand_in = build(data=data)
    async with serve(stand_in.app) as url, open_source(url) as source:
        assert len(await results_of(source)) == 2000
    by_ending = Counter(call.rpartition("/")[2] for call in stand_in.log.counts.elements())
    assert (by_ending["items"], by_ending["testruns"]) == (12, 2)


async def test_a_list_with_step_results_is_not_read_again_item_by_item() -> None:
    data = generate(10)
    generate_runs(data, 10, 20, steps=1)
    for inlined, expected in ((True, 0), (False, 200)):
        stand_in = build(data=data, switches=Switches(steps_in_run_lists=inlined))
        async with serve(stand_in.app) as url, open_source(url) as source:
            results = await results_of(source)
        assert {len(result.steps) for result in results.values()} == {1}
        assert sum(n for call, n in stand_in.log.counts.items() if call.endswith("/{part}")) == expected


async def test_runs_and_results_can_be_left_out() -> None:
    for skip, left in ((("runs",), set()), (("results",), {"runs"})):
        async with serve(build(data=history()).app) as url, open_source(url, skip=skip) as source:
            assert {"runs", "results"} & set(source.abilities.streams) == left


# --- hostile answers --------------------------------------------------------------------------------------------------


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


def test_generated_runs_are_the_same_for_the_same_seed() -> None:
    def made(seed: int) -> tuple[list[str | None], list[RunItem]]:
        data = generate(20, items=3)
        generate_runs(data, 5, 40, seed=seed)
        return [run.status for run in data.runs], [i for run in data.runs for i in run.some_items(10, 30)]

    assert made(3) == made(3) != made(4)
    with pytest.raises(ValueError, match="no tests"):
        generate_runs(generate(0), 1, 1)
