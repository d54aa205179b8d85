"""Several projects in one run: the next one is extracted while one is loaded, and its trouble waits for its turn."""

import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest

from connectors.qacomplete.sandbox import Folder, Project, SeedData
from connectors.qacomplete.sandbox.generate import generate
from migrator.core.errors import MigratorError
from tests.support.rig import Rig, rig
from tests.support.services import shell_of

CASES = 20


def two_projects() -> SeedData:
    data = generate(CASES)
    other = Project(13, "Web")
    data.projects.append(other)
    folder = Folder(900, other.id, "Pages")
    data.folders.append(folder)
    data.tests += [replace(test, id=test.id + 100_000, project_id=other.id, folder_id=900) for test in data.tests]
    return data


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path, two_projects()) as found:
        first = found.config()["projects"][0]
        found.settings = {"projects": [first, first | {"source": "13", "destination": "WEB"}]}
        yield found


def pages_read(running: Rig) -> int:
    """How often tests of the second project were asked for."""
    return sum("/projects/13/tests" in entry.path.lower() for entry in running.source.log.last)


def hold_first_case(running: Rig) -> list[int]:
    """Create no case before the source was asked for the second project; return how often it had been by then."""
    seen: list[int] = []
    shell = shell_of(running.destination.app)
    answer = shell._answer

    async def held(request: Any, handler: Any, fault: Any) -> Any:
        if request.method == "POST" and "/SHOP/" in request.path and not seen:
            with anyio.fail_after(20):
                while not pages_read(running):  # noqa: ASYNC110 - the stand-in does not announce
                    await anyio.sleep(0.01)
            seen.append(pages_read(running))
        return await answer(request, handler, fault)

    shell._answer = held
    return seen


async def test_the_next_project_is_extracted_while_one_is_loaded(running: Rig) -> None:
    seen = hold_first_case(running)
    status = await running.run()
    assert seen
    assert status.balanced, status.imbalance
    assert status.unfinished == []
    assert [len(running.destination.store.projects[code].cases) for code in ("SHOP", "WEB")] == [CASES, CASES]
    assert set(running.markers().values()) == {1}


async def test_trouble_of_the_next_project_waits_until_the_first_is_loaded(running: Rig) -> None:
    # it holds no project of this number
    running.settings["projects"][1] |= {"source": "14"}
    with pytest.raises(MigratorError, match="14"):
        await running.run()
    assert len(running.shop.cases) == CASES
    assert "WEB" not in running.destination.store.projects
    running.settings["projects"][1] |= {"source": "13"}
    assert (await running.run()).balanced
    assert set(running.markers().values()) == {1}
    assert len(running.markers()) == 2 * CASES


@pytest.mark.parametrize("at", [3, 15, 30])
async def test_a_kill_while_both_are_under_way_loses_and_doubles_nothing(running: Rig, at: int) -> None:
    ended = await running.migrate(environment={"MIGRATOR_CRASH_AT": f"answered:{at}"})
    assert ended.code == -signal.SIGKILL
    ended = await running.in_json("run")
    assert ended.code == 0, ended.err
    assert set(running.markers().values()) == {1}
    assert len(running.markers()) == 2 * CASES
    writes = running.writes()
    assert (await running.in_json("run")).code == 0
    assert running.writes() == writes
