"""Pages of results: many short runs or a part of a long one, each result once, at the price of few requests."""

from collections import Counter
from typing import Any

import pytest
from aiohttp import web

from connectors.qacomplete.sandbox import RunItem, SeedData, Switches, TestRun, build, generate, generate_runs
from migrator.core import model
from migrator.standin.serve import serve
from migrator.testing.sources import pages_of
from tests.support.qacomplete import open_source
from tests.support.qacomplete_runs import history, results_of
from tests.support.services import shell_of


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


@pytest.mark.parametrize("times", [1, 99])
async def test_items_that_a_run_counts_and_its_list_leaves_out_are_asked_for_again_and_then_named(times: int) -> None:
    data = generate(10)
    generate_runs(data, 1, 4)
    stand_in = build(data=data)
    shell, left = shell_of(stand_in.app), times
    answer = shell._answer

    async def empty_for_a_while(request: web.Request, handler: Any, fault: Any) -> Any:
        nonlocal left
        if request.path.endswith("/items") and left:
            left -= 1
            return web.json_response({"metadata": {"result_set": {"total": 0}}, "results": []})
        return await answer(request, handler, fault)

    shell._answer = empty_for_a_while
    async with serve(stand_in.app) as url, open_source(url) as source:
        pages = [page for _, page in await pages_of(source, "results", "12")]
    records = [record for page in pages for record in page.records]
    assert [len(records), any(record.notes for record in records)] == ([4, False] if times == 1 else [1, True])


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


def test_generated_runs_are_the_same_for_the_same_seed() -> None:
    def made(seed: int) -> tuple[list[str | None], list[RunItem]]:
        data = generate(20, items=3)
        generate_runs(data, 5, 40, seed=seed)
        return [run.status for run in data.runs], [i for run in data.runs for i in run.some_items(10, 30)]

    assert made(3) == made(3) != made(4)
    with pytest.raises(ValueError, match="no tests"):
        generate_runs(generate(0), 1, 1)
