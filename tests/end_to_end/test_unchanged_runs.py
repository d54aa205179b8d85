"""What is not planned again comes to what planning it again would have come to, whatever has happened."""

import random
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.qacomplete.sandbox import generate
from connectors.qacomplete.sandbox.items import Configuration, Release, TestSet
from connectors.qacomplete.sandbox.runs import RunItem, TestRun
from state.workspace import open_workspace
from tests.support.oracle import marker_of
from tests.support.properties import examples
from tests.support.rig import Rig, rig

pytestmark = pytest.mark.long

_TESTS = 8
_ROUNDS = 5
_STATUSES = ("Passed", "Failed", "Awaiting Run", "Blocked")
_STOOD = "as it stood"


@asynccontextmanager
async def living(folder: Path, *runs: TestRun) -> AsyncIterator[Rig]:
    """Serve a shop with these runs, of one release and configuration, migrated and at rest."""
    data = generate(_TESTS)
    data.releases.append(Release(31, 12, "Spring"))
    data.configurations.append(Configuration(41, 12, "Firefox"))
    data.test_sets.append(TestSet(3, 12, "Regression"))
    data.runs.extend(runs)
    async with rig(folder, data) as running:
        running.settings = {"mapping": {"runs": {"single_test": "group", "gaps": "allow"}}}
        assert (await running.sync()).written != {}
        assert (await running.sync()).written == {}
        yield running


def run(number: int, *items: RunItem, status: str = "Passed", single: bool = False) -> TestRun:
    return TestRun(
        number,
        12,
        set_id=0 if single else 3,
        set_name=None if single else f"Set {number}",
        status=status,
        started="2026-03-02T09:00:00.0000000",
        finished="2026-03-02T10:00:00.0000000" if status in ("Passed", "Failed") else None,
        release_id=31,
        release_name="Spring",
        config_id=41,
        config_name="Firefox",
        items=list(items),
    )


def item(ident: int, test: int, status: str = "Passed") -> RunItem:
    return RunItem(ident, 10_001 + test, f"Test {test}", ident, status=status)


# --- one thing alone --------------------------------------------------------------------------------------------------


def _mark(running: Rig) -> None:
    """Leave a sign on every result, which planning it again removes."""
    with open_workspace(running.folder / "workspace") as workspace:
        workspace.db.execute("UPDATE item SET reason = ? WHERE kind = 'result'", [_STOOD])


async def _stand(running: Rig, **options: bool) -> set[str]:
    """Do a round; return the runs of the source whose results were not planned again."""
    report = await running.sync(**options)
    assert report.balanced
    with open_workspace(running.folder / "workspace") as workspace:
        rows = workspace.db.execute(
            "SELECT DISTINCT r.run FROM item i JOIN run_item r ON r.marker = i.marker WHERE i.reason = ?"
            " AND i.round_id = (SELECT max(id) FROM round)",
            [_STOOD],
        ).fetchall()
    return {marker.rpartition("/")[2] for (marker,) in rows}


def _change_result(running: Rig) -> None:
    running.source.data.runs[0].items[0].status = "Failed"


def _add_result(running: Rig) -> None:
    running.source.data.runs[0].items.append(item(99, 3))


def _rename_in_qa_sphere(running: Rig) -> None:
    next(one for one in running.shop.runs.values() if "Set 701" in one.title).title = "Renamed"


def _delete_run_in_qa_sphere(running: Rig) -> None:
    ident = next(ident for ident, one in running.shop.runs.items() if "Set 701" in one.title)
    del running.shop.runs[ident]


def _open_run_in_qa_sphere(running: Rig) -> None:
    next(one for one in running.shop.runs.values() if "Set 701" in one.title).closed_at = None


def _delete_case_in_qa_sphere(running: Rig) -> None:
    running.shop.cases[:] = [case for case in running.shop.cases if not marker_of(case).endswith("/10002")]


def _rename_release(running: Rig) -> None:
    running.source.data.releases[0].title = "Summer"


def _rename_configuration(running: Rig) -> None:
    running.source.data.configurations[0].title = "Chrome"


def _other_rules(running: Rig) -> None:
    running.settings["mapping"] = running.settings["mapping"] | {"status": {"Blocked": "failed"}}


def _nothing(running: Rig) -> None:
    assert running.shop.runs


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(
    ("change", "stand"),
    [
        (_nothing, {"701", "702"}),
        (_change_result, {"702"}),
        (_add_result, {"702"}),
        (_rename_in_qa_sphere, {"702"}),
        (_delete_run_in_qa_sphere, {"702"}),
        (_open_run_in_qa_sphere, {"702"}),
        (_delete_case_in_qa_sphere, {"702"}),
        (_rename_release, set()),
        (_rename_configuration, set()),
        (_other_rules, set()),
    ],
)
async def test_whatever_decides_about_a_unit_makes_it_be_planned(
    tmp_path: Path, change: Callable[[Rig], None], stand: set[str], full: bool
) -> None:
    runs = run(701, item(1, 1), item(2, 2, "Awaiting Run")), run(702, item(3, 3), item(4, 4))
    async with living(tmp_path, *runs) as running:
        _mark(running)
        assert await _stand(running, full=full) == {"701", "702"}
        change(running)
        assert await _stand(running, full=full) == stand


async def test_the_last_round_plans_everything(tmp_path: Path) -> None:
    async with living(tmp_path, run(701, item(1, 1))) as running:
        _mark(running)
        assert await _stand(running) == {"701"}
        assert await _stand(running, final=True) == set()


async def test_what_only_a_full_reading_can_see_makes_a_unit_be_planned(tmp_path: Path) -> None:
    async with living(tmp_path, run(701, item(1, 1)), run(702, item(2, 2))) as running:
        _mark(running)
        running.source.data.runs[0].items[0].host = "seen by nobody who reads the list of runs"
        assert await _stand(running) == {"701", "702"}
        assert await _stand(running, full=True) == {"702"}


async def test_what_is_open_or_failed_or_waits_is_planned_every_time(tmp_path: Path) -> None:
    runs = run(701, item(1, 1), status="In Progress"), run(702, item(2, 2), status="Paused"), run(703, item(3, 3))
    async with living(tmp_path, *runs) as running:
        _mark(running)
        assert await _stand(running) == {"703"}


# --- anything ---------------------------------------------------------------------------------------------------------


@settings(max_examples=examples(2), deadline=None)
@given(seed=st.integers(0, 10**9))
def test_what_stands_is_what_planning_again_gives(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        anyio.run(_live, Path(folder), random.Random(seed))


async def _live(folder: Path, chance: random.Random) -> None:
    runs = [_some_run(chance, 700 + number) for number in range(6)]
    async with living(folder, *runs) as running:
        for number in range(_ROUNDS):
            for change in range(chance.randrange(4)):
                _happen(running, chance, 1_000 + 10 * number + change)
            full = chance.random() < 0.5
            await _plan(running, "workspace", full=full)
            shutil.rmtree(folder / "again", ignore_errors=True)
            shutil.copytree(folder / "workspace", folder / "again")
            with open_workspace(folder / "again") as workspace:
                workspace.db.execute("DELETE FROM planned_unit")
            assert await _plan(running, "workspace", full=full) == await _plan(running, "again", full=full)
            assert (await running.sync()).balanced


async def _plan(running: Rig, workspace: str, *, full: bool) -> list[tuple[Any, ...]]:
    """Plan a round; return every item, note and operation."""
    before = running.settings
    running.settings = before | {"workspace": str(running.folder / workspace)}
    await running.sync(dry_run=True, full=full)
    running.settings = before
    with open_workspace(running.folder / workspace) as opened:
        last = "round_id = (SELECT max(id) FROM round)"
        found: list[tuple[Any, ...]] = []
        for statement in (
            f"SELECT marker, kind, title, fate, reason, made, action FROM item WHERE {last} ORDER BY marker",
            "SELECT marker, code, field, original, message, origin FROM note ORDER BY 1, 2, 3, 4, 5, 6",
            "SELECT marker, verb, state, digest, lane FROM operation ORDER BY 1, 2",
        ):
            found += opened.db.execute(statement).fetchall()
    return found


def _some_run(chance: random.Random, number: int) -> TestRun:
    single = chance.random() < 0.3
    count = 1 if single else chance.randrange(4)
    items = [item(number * 10 + n, chance.randrange(_TESTS), chance.choice(_STATUSES)) for n in range(count)]
    return run(number, *items, status=chance.choice(["Passed", "Passed", "Failed", "In Progress"]), single=single)


def _happen(running: Rig, chance: random.Random, number: int) -> None:
    """Change something on either side."""
    data, shop = running.source.data, running.shop
    one = chance.choice(data.runs)
    kind = chance.choice(["add", "more", "edit", "status", "drop", "rename", "case", "there", "there", "test"])
    if kind == "add":
        data.runs.append(_some_run(chance, number))
    elif kind == "more":
        one.items.append(item(number * 10, chance.randrange(_TESTS), chance.choice(_STATUSES)))
    elif kind == "edit" and one.items:
        chance.choice(one.items).status = chance.choice(_STATUSES)
    elif kind == "status":
        one.status = chance.choice(["Passed", "In Progress"])
    elif kind == "drop" and one.items:
        one.items.pop()
    elif kind == "rename":
        one.set_name = f"{one.set_name} again"
    elif kind == "case" and len(shop.cases) > _TESTS - 3:
        shop.cases.remove(chance.choice(shop.cases))
    elif kind == "there" and shop.runs:
        there = chance.choice(list(shop.runs.values()))
        there.title = f"{there.title} {number}"
    elif kind == "test" and len(data.tests) > _TESTS - 3:
        data.tests.remove(chance.choice(data.tests))
