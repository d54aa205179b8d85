"""Rounds of a history, planned and loaded one after the other: what is new, what follows up, and what is left alone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from migrator.core.model import TestRun
from migrator.core.refs import marker_line
from migrator.engine.job import Terms
from migrator.engine.plan.history.run_items import COLLECTED, LATE
from state.workspace import Workspace, open_workspace
from tests.support.history import release, result, run
from tests.support.memory_history import FakeHistory, MemoryRig

STATUSES = {"Passed": "passed", "Failed": "failed", "Not Run": "open"}
TITLE = "Smoke · 2024-03-06 · #5"
OPEN = run(5, closed=False)
ONE, TWO = result(1, 5, 1), result(2, 5, 2)
NEW = result(3, 5, 3)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with open_workspace(tmp_path) as opened:
        yield opened


def rig_of(workspace: Workspace, fake: FakeHistory | None = None, **more: Any) -> MemoryRig:
    return MemoryRig(workspace, fake or FakeHistory(), status=STATUSES, **more)


def single(number: int, month: int) -> TestRun:
    at = datetime(2024, month, number, tzinfo=UTC)
    return run(number, single=True, started_at=at, ended_at=at)


async def test_what_was_brought_over_is_left_alone(workspace: Workspace) -> None:
    rig = rig_of(workspace)
    first = await rig.bring(release(3), run(5, milestone=release(3).ref), ONE, TWO)
    assert set(first.values()) == {"migrated"}
    sent = list(rig.fake.sent)
    again = await rig.bring(release(3), run(5, milestone=release(3).ref), ONE, TWO)
    assert set(again.values()) == {"unchanged"}
    assert rig.fake.sent == sent


async def test_a_closed_run_gets_what_is_new_by_a_follow_up_of_those_cases_only(workspace: Workspace) -> None:
    rig = rig_of(workspace)
    await rig.bring(run(5), ONE, TWO)
    fates = await rig.bring(run(5), ONE, TWO, NEW)
    assert fates["result 5/3"] == "migrated"
    assert list(rig.fake.members.values()) == [("c1", "c2"), ("c3",)]
    edited = result(2, 5, 2, "Failed")
    await rig.bring(run(5), ONE, edited, NEW)
    assert list(rig.fake.members.values()) == [("c1", "c2"), ("c3",), ("c2",)]
    assert [view.status for view in rig.fake.stored[12, "c2"]] == ["failed"]
    assert all(view.closed for view in rig.fake.of_runs.values())
    assert rig.fake.sent.count("close") == 3


async def test_another_verdict_alone_is_an_edit(workspace: Workspace) -> None:
    rig = rig_of(workspace)
    await rig.bring(OPEN, result(1, 5, 1, steps=()))
    await rig.bring(OPEN, result(1, 5, 1, "Failed", steps=()))
    assert [view.status for view in rig.fake.stored[10, "c1"]] == ["passed", "failed"]


async def test_an_open_run_takes_more_results_of_its_cases_and_is_closed_once(workspace: Workspace) -> None:
    rig = rig_of(workspace)
    await rig.bring(OPEN, ONE, TWO)
    assert "close" not in rig.fake.sent
    await rig.bring(run(5), ONE, TWO, result(3, 5, 1, "Failed"))
    assert list(rig.fake.members.values()) == [("c1", "c2")]
    assert [view.status for view in rig.fake.stored[10, "c1"]] == ["passed", "failed"]
    assert rig.fake.sent.count("close") == 1
    await rig.bring(run(5), ONE, TWO, result(3, 5, 1, "Failed"))
    assert rig.fake.sent.count("close") == 1


async def test_a_run_that_somebody_has_closed_is_not_closed_again(workspace: Workspace) -> None:
    rig = rig_of(workspace)
    await rig.bring(OPEN, ONE)
    rig.fake.of_runs[10] = rig.fake.of_runs[10].model_copy(update={"closed": True})
    fates = await rig.bring(run(5), ONE)
    assert fates["run 5"] == "unchanged"
    assert "close" not in rig.fake.sent


async def test_a_run_that_is_there_stays_though_none_of_its_tests_would_be_sent(workspace: Workspace) -> None:
    rig = rig_of(workspace)
    await rig.bring(OPEN, ONE)
    fates = await rig.bring(OPEN)
    assert fates["run 5"] == "unchanged"
    assert "run_left_out" not in rig.notes()


async def test_a_run_without_tests_is_archived_and_says_so(workspace: Workspace) -> None:
    rig = rig_of(workspace)
    assert await rig.bring(run(5)) == {"run 5": "archived"}
    assert rig.reason("run", "5") == "it holds no test"
    assert rig.notes() == ["run_left_out"]
    assert rig.fake.of_runs == {}


async def test_a_round_of_changes_makes_no_follow_up_and_comes_back_to_it(workspace: Workspace) -> None:
    rig = rig_of(workspace, collects=True)
    await rig.bring(run(5), ONE, TWO)
    whole = rig.current
    fates = await rig.plan(run(5), ONE, TWO, NEW, after=whole)
    assert (fates["result 5/3"], rig.reason("result", "5", "3")) == ("archived", COLLECTED)
    assert fates["result 5/1"] == "unchanged"
    await rig.load()
    assert len(rig.fake.of_runs) == 1
    # the next reading of everything plans the unit anew, though nothing has changed since
    assert (await rig.bring(run(5), ONE, TWO, NEW))["result 5/3"] == "migrated"
    assert list(rig.fake.members.values()) == [("c1", "c2"), ("c3",)]


async def test_a_round_of_changes_makes_runs_that_are_new(workspace: Workspace) -> None:
    rig = rig_of(workspace, collects=True)
    await rig.bring(run(5), ONE)
    fates = await rig.plan(run(5), ONE, run(6), result(1, 6, 1), after=rig.current)
    assert (fates["run 6"], fates["result 6/1"]) == ("pending", "pending")


async def test_tests_run_alone_are_one_run_a_month_and_wait_if_wished(workspace: Workspace) -> None:
    rig = rig_of(workspace)
    fates = await rig.bring(single(5, 3), result(1, 5, 1), single(6, 3), result(1, 6, 2), single(7, 4), result(1, 7, 1))
    assert [fates[f"run {number}"] for number in (5, 6, 7)] == ["folded"] * 3
    assert list(rig.fake.members.values()) == [("c1", "c2"), ("c1",)]


async def test_tests_run_alone_wait_for_the_end_of_their_month_if_wished(workspace: Workspace) -> None:
    rig = rig_of(workspace)
    now = datetime.now(UTC)
    alone = [run(number, single=True, started_at=now, ended_at=now) for number in (5, 6)]
    await rig.bring(alone[0], ONE)
    rig.job = replace(rig.job, terms=Terms(filing="months"))
    fates = await rig.plan(alone[0], ONE, alone[1], result(1, 6, 2))
    assert (fates["result 5/1"], fates["result 6/1"]) == ("unchanged", "archived")
    assert rig.reason("result", "6", "1") == LATE
    rig.job = replace(rig.job, terms=Terms(filing="final"))
    assert (await rig.bring(alone[0], ONE, alone[1], result(1, 6, 2)))["result 6/1"] == "migrated"


async def test_a_run_is_made_without_a_test_that_the_source_has_no_more(workspace: Workspace) -> None:
    rig = rig_of(workspace)
    workspace.db.execute("DELETE FROM ledger WHERE id = 'c2'")
    fates = await rig.plan(run(5), ONE, TWO)
    assert fates["result 5/2"] == "archived"  # nothing stands for a test that the source does not list
    assert fates["run 5"] == "pending"


async def test_only_the_last_result_of_each_test_if_wished(workspace: Workspace) -> None:
    rig = rig_of(workspace, history="last")
    fates = await rig.bring(run(5), ONE, run(6), result(1, 6, 1))
    assert (fates["result 5/1"], fates["result 6/1"]) == ("excluded", "migrated")
    assert fates["run 5"] == "excluded"


async def test_no_history_if_wished(workspace: Workspace) -> None:
    rig = rig_of(workspace, history="none")
    assert set((await rig.bring(release(3), run(5), ONE)).values()) == {"excluded"}
    assert rig.fake.sent == []


# --- a new workspace --------------------------------------------------------------------------------------------------


async def test_a_new_workspace_adopts_what_an_earlier_one_has_brought(tmp_path: Path) -> None:
    fake = FakeHistory()
    for folder, word in (("first", "migrated"), ("second", "adopted")):
        with open_workspace(tmp_path / folder) as workspace:
            rig = rig_of(workspace, fake)
            fates = await rig.bring(release(3), run(5, milestone=release(3).ref), ONE, TWO)
            assert set(fates.values()) == {word}
    assert [len(stored) for stored in fake.stored.values()] == [1, 1]
    assert fake.sent.count("close") == 1


async def test_only_what_says_the_same_is_adopted_as_it_is(workspace: Workspace) -> None:
    rig = rig_of(workspace)
    rig.fake.put_run(3, TITLE, marker_line(OPEN.ref.marker), ["c1"])
    rig.fake.put_result(3, "c1", "failed", "<p>Edited by hand</p>" + marker_line(ONE.ref.marker))
    fates = await rig.bring(OPEN, ONE)
    assert fates == {"run 5": "adopted", "result 5/1": "conflict"}
    assert len(rig.fake.stored[3, "c1"]) == 1


async def test_a_run_of_cases_that_are_not_ours_is_somebody_elses(workspace: Workspace) -> None:
    rig = rig_of(workspace)
    rig.fake.put_run(3, "Theirs", marker_line(OPEN.ref.marker), ["c1", "foreign"])
    rig.fake.put_run(4, "Of other tests", marker_line(OPEN.ref.marker), ["c1", "c2"])
    assert (await rig.plan(OPEN, ONE))["run 5"] == "pending"


async def test_what_cannot_be_read_back_is_not_sent_twice(workspace: Workspace) -> None:
    rig = rig_of(workspace, FakeHistory(gives_results=False))
    rig.fake.put_run(3, TITLE, marker_line(OPEN.ref.marker), ["c1", "c2"])
    rig.fake.put_result(3, "c1", "passed", marker_line(ONE.ref.marker))
    assert set((await rig.bring(OPEN, ONE, TWO)).values()) == {"unknown"}
    assert rig.fake.sent == []


async def test_a_run_that_was_deleted_there_is_not_made_again(workspace: Workspace) -> None:
    rig = rig_of(workspace)
    await rig.bring(OPEN, ONE)
    rig.fake.of_runs.clear()
    fates = await rig.bring(OPEN, ONE, result(2, 5, 1, "Failed"))
    assert (fates["run 5"], fates["result 5/2"]) == ("gone", "gone")
    assert rig.fake.of_runs == {}
