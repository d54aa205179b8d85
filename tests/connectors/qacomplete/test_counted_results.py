"""Results that runs count and their lists do not give, although the total of the list agrees with what it gives."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web

from connectors.qacomplete.sandbox import SeedData, generate, generate_runs
from connectors.qacomplete.sandbox.run_handlers import RunHandlers
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import CeilingReached
from migrator.core.ports.source import ListSize
from tests.end_to_end.test_not_read import codes
from tests.support.qacomplete import Query, listed, scripted
from tests.support.rig import Rig, rig

RUNS = "/v2/projects/12/testruns"


class Cut:
    """Lets lists of items end early, with totals that agree.

    Args:
        keeps: the share that is given.
        runs: of which runs; None: of all.
        times: how often, None: always.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.keeps = 1.0
        self.runs: set[int] | None = None
        self.times: int | None = None
        real = RunHandlers.items

        async def items(handlers: RunHandlers, request: web.Request) -> web.Response:
            return self._of(int(request.match_info["item"]), await real(handlers, request))

        monkeypatch.setattr(RunHandlers, "items", items)

    def _of(self, run: int, whole: web.Response) -> web.Response:
        if (self.runs is not None and run not in self.runs) or self.times == 0:
            return whole
        self.times = None if self.times is None else self.times - 1
        assert isinstance(whole.body, bytes)
        answer: dict[str, Any] = orjson.loads(whole.body)
        rows = answer["results"][: int(len(answer["results"]) * self.keeps)]
        answer["results"] = rows
        answer["metadata"]["result_set"] |= {"count": len(rows), "total": len(rows)}
        return web.json_response(answer)


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> Cut:
    return Cut(monkeypatch)


def company(runs: int = 4, items: int = 10) -> SeedData:
    data = generate(12)
    generate_runs(data, runs, items)
    return data


def executed(data: SeedData) -> int:
    return sum(item.status != "Awaiting Run" for run in data.runs for item in run.some_items(0, run.length()))


def sent(running: Rig) -> int:
    return sum(len(case.results) for run in running.shop.runs.values() for case in run.cases.values())


@pytest.mark.parametrize("keeps", [0.5, 0])
async def test_half_of_all_results_is_a_question_before_anything_is_written(
    tmp_path: Path, cut: Cut, keeps: float
) -> None:
    async with rig(tmp_path, company()) as running:
        cut.keeps = keeps
        for _ in range(2):
            with pytest.raises(CeilingReached, match="results of project 12") as told:
                await running.run()
            assert told.value.code is ErrorCode.LIST_EMPTY
        assert running.writes() == 0
        cut.keeps = 1
        status = await running.run()
        assert not codes(status.notes, "items_incomplete")
        assert sent(running) == executed(running.source.data)


async def test_who_believes_it_is_asked_once_and_what_is_read_anew_is_measured_alone(tmp_path: Path, cut: Cut) -> None:
    data = company()
    async with rig(tmp_path, data) as running:
        cut.keeps = 0.5
        running.settings["mapping"] = {"runs": {"max_missing_share": 1}}
        assert codes((await running.run()).notes, "items_incomplete") == 4
        running.settings["mapping"] = {}
        assert (await running.run()).balanced
        cut.runs = set()
        assert (await running.run()).balanced  # what was missing has come
        known = {run.id for run in data.runs}
        more = company(12)
        data.runs += [run for run in more.runs if run.id not in known]
        cut.runs = {run.id for run in data.runs} - known
        writes = running.writes()
        with pytest.raises(CeilingReached, match="results of project 12"):
            await running.run()
        assert running.writes() == writes


async def test_one_run_that_counts_a_few_more_than_it_shows_is_a_note(tmp_path: Path, cut: Cut) -> None:
    data = company()
    async with rig(tmp_path, data) as running:
        cut.keeps, cut.runs = 0.5, {data.runs[0].id}
        for _ in range(2):
            assert codes((await running.run()).notes, "items_incomplete") == 1


async def test_lists_that_are_cut_once_are_read_again(tmp_path: Path, cut: Cut) -> None:
    async with rig(tmp_path, company()) as running:
        cut.keeps, cut.times = 0.5, 1
        assert not codes((await running.run()).notes, "items_incomplete")
        assert sent(running) == executed(running.source.data)


@pytest.mark.parametrize(("claims", "given", "size"), [(6, 3, (3, 6)), (3, 6, (3, 3)), (None, 3, (0, 0))])
async def test_pages_say_how_many_results_are_counted_beside_them(
    claims: int | None, given: int, size: tuple[int, int]
) -> None:
    rows = [{"id": number, "test_id": 1, "test_run_results": [{"id": number}]} for number in range(1, given + 1)]

    def answer(query: Query) -> dict[str, Any]:
        return {"metadata": {"result_set": {}}, "results": rows[query["offset"] :]}

    answers = {RUNS: listed([{"id": 1, "nbr_tests": claims, "test_set_id": 2}]), f"{RUNS}/1/items": answer}
    async with scripted(answers) as (source, _):
        page = await source.page("results", "12", None)
        while page.next_cursor:
            page = await source.page("results", "12", page.next_cursor)
    sizes = [one for one in page.sizes if one.name == "results"]
    assert [(one.rows, one.counted) for one in sizes] == [size]
    assert all(isinstance(one, ListSize) and one.about == "" for one in sizes)
