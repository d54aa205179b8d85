"""``retry`` while a plan waits: it is never carried out without having been asked for, nor is what it shows changed."""

import signal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from connectors.qacomplete.sandbox import generate
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError, StalePlan
from migrator.engine.load.journaled_write import VARIABLE
from tests.support.rig import Rig, rig
from tests.support.services import shell_of


def _refusing(running: Rig) -> list[str]:
    """Let QA Sphere refuse cases whose body holds one of these words."""
    shell = shell_of(running.destination.app)
    answer, words = shell._answer, ["Refused"]

    async def refused(request: web.Request, handler: Any, fault: Any) -> Any:
        if request.method == "POST" and "/tcase" in request.path:
            body = await request.text()
            if any(word in body for word in words):
                return web.json_response({"message": "no"}, status=400)
        return await answer(request, handler, fault)

    shell._answer = refused
    return words


async def _refused(running: Rig) -> None:
    """Ask for a retry, which is refused, and changes nothing in workspace or QA Sphere."""
    before = running.writes()
    with pytest.raises(ConfigError) as told:
        await running.retry()
    assert told.value.code is ErrorCode.PLAN_WAITS
    assert running.writes() == before


async def test_a_plan_that_waits_is_neither_changed_nor_carried_out(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(12)) as running:
        await running.plan()
        await _refused(running)
        ended = await running.migrate("retry")
        assert ended.code == 2
        assert not (await running.apply()).has_failures
        assert running.lost_and_doubled() == ([], [])
        status = await running.retry()
        assert (status.items["case"], running.lost_and_doubled()) == ({"migrated": 12}, ([], []))


async def test_nor_is_one_that_was_made_after_something_had_failed(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(12)) as running:
        running.source.data.tests[3].title = "Refused by the server"
        words = _refusing(running)
        assert (await running.run()).items["case"] == {"migrated": 11, "failed": 1}
        running.source.data.tests[5].title = "Another title"
        words.clear()
        await running.plan()
        await _refused(running)
        status = await running.apply()
        assert status.items["case"]["updated"] == 1
        status = await running.retry()
        assert not status.has_failures
        assert running.lost_and_doubled() == ([], [])


async def test_a_plan_of_nothing_but_what_failed_is_retried(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(6)) as running:
        running.source.data.tests[3].title = "Refused by the server"
        words = _refusing(running)
        assert (await running.run()).items["case"] == {"migrated": 5, "failed": 1}
        words.clear()
        await running.plan()
        status = await running.retry()
        assert not status.has_failures
        assert running.lost_and_doubled() == ([], [])
        assert (await running.verify()).wrong == 0


@pytest.mark.parametrize("at", ["sent:1", "answered:1", "sent:6", "answered:9"])
async def test_an_apply_that_was_killed_is_finished_by_retry(tmp_path: Path, at: str) -> None:
    async with rig(tmp_path, generate(12)) as running:
        await running.plan()
        ended = await running.migrate("apply", environment={VARIABLE: at})
        assert ended.code == -signal.SIGKILL
        status = await running.retry()
        assert not status.has_failures
        assert running.lost_and_doubled() == ([], [])
        found = await running.verify()
        assert (found.wrong, found.is_incomplete) == (0, False)


async def test_a_plan_whose_source_has_changed_since_waits_on(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(12)) as running:
        await running.run()
        tests = running.source.data.tests
        tests[0].title = "As planned"
        await running.plan()
        tests[1].title = "Since the plan"
        await _refused(running)
        status = await running.apply()
        assert status.items["case"] == {"updated": 1, "unchanged": 11}
        await running.retry()
        titles = {case.title for case in running.shop.cases}
        assert any("As planned" in title for title in titles)
        assert not any("Since the plan" in title for title in titles)
        assert (await running.run()).items["case"]["updated"] == 1
        assert running.lost_and_doubled() == ([], [])


async def test_nothing_is_retried_over_a_plan_that_is_stale(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(12)) as running:
        await running.run()
        running.source.data.tests[0].title = "As planned"
        await running.plan()
        for case in running.shop.cases:
            case.title, case.version = f"{case.title} by a colleague", case.version + 1
        await _refused(running)
        with pytest.raises(StalePlan):
            await running.apply()
        await _refused(running)
        await running.run()
        status = await running.retry()
        assert status.items["case"]["conflict"] == 1
        assert (await running.verify()).wrong == 0
