"""Runs and results when answers are lost, items are wrong, names are taken: each exactly once, or named."""

from pathlib import Path
from typing import Any

import pytest

from connectors.qasphere.sandbox import Switches
from connectors.qasphere.sandbox.store_runs import Milestone, Run
from migrator.core.model import AnyEntity
from migrator.core.text import visible_text
from migrator.standin.options import FaultKind, FaultPlan, StandInOptions
from tests.support.drafts import ref
from tests.support.history import case, folder, release, result, run
from tests.support.history_rig import HistoryRig, history_rig

BATCH = "/run/{run}/result/batch"
CREATE = "/{project}/run"
MILESTONE = "/{project}/milestone"
LOST: tuple[FaultKind, ...] = ("drop_after", "drop_before", "status_502", "html", "bad_json", "truncate")


def marker(number: int, of_run: int = 5) -> str:
    return ref("result", "12", str(of_run), str(number)).marker


def one_run(*results: AnyEntity, cases: int = 4) -> list[AnyEntity]:
    return [folder(), *(case(number) for number in range(1, cases + 1)), run(5), *results]


def results(count: int, *, cases: int = 4) -> list[AnyEntity]:
    return [result(number, 5, 1 + number % cases, ("Passed", "Failed")[number % 2]) for number in range(count)]


def only_run(rig: HistoryRig) -> Run:
    (found,) = rig.shop.runs.values()
    return found


# --- lost answers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", LOST)
async def test_a_batch_whose_answer_is_lost_stands_there_once_in_order(fault: FaultKind, tmp_path: Path) -> None:
    async with history_rig(tmp_path, one_run(*results(12))) as rig:
        rig.spoil(BATCH, None, fault)
        status = await rig.run()
        assert status.failures == []
        assert status.balanced
        assert rig.results() == {marker(number): 1 for number in range(12)}
        for shown in rig.shown().values():
            assert shown == [shown[0]] * 3
        assert only_run(rig).closed_at


@pytest.mark.quick_clock
async def test_a_batch_that_arrives_late_stands_there_once(tmp_path: Path) -> None:
    options = StandInOptions(faults=FaultPlan(late_seconds=0.8, hang_seconds=1.0))
    async with history_rig(tmp_path, one_run(*results(12)), options=options) as rig:
        rig.settle_seconds, rig.timeout = 1.5, 0.5
        rig.spoil(BATCH, None, "late")
        status = await rig.run()
        assert status.failures == []
        assert rig.results() == {marker(number): 1 for number in range(12)}


async def test_what_cannot_be_read_back_is_unknown_by_name_and_never_sent_twice(tmp_path: Path) -> None:
    async with history_rig(tmp_path, one_run(*results(8)), switches=Switches(results_in_case=False)) as rig:
        rig.spoil(BATCH, None, "drop_after")
        status = await rig.run()
        assert status.items["result"] == {"migrated": 1, "unknown": 7}
        assert {entry["marker"] for entry in status.failures if entry["state"] == "unknown"} == {
            marker(number) for number in range(1, 8)
        }
        assert status.balanced, status.imbalance
        assert only_run(rig).closed_at is None
        again = await rig.run()
        assert again.items["result"] == {"unchanged": 1, "unknown": 7}
        assert rig.results() == {marker(number): 1 for number in range(8)}
        assert rig.calls("POST", BATCH) == 2


async def test_without_results_to_read_a_batch_that_did_nothing_is_sent_again(tmp_path: Path) -> None:
    first, *rest = results(4)
    async with history_rig(tmp_path, one_run(first, *rest), switches=Switches(results_in_case=False)) as rig:
        rig.spoil(BATCH, None, "drop_before")
        status = await rig.run()
        assert status.items["result"] == {"migrated": 4}
        assert any("does not give results back" in text for text in rig.said())


@pytest.mark.parametrize("fault", LOST)
async def test_a_run_whose_answer_is_lost_is_there_once(fault: FaultKind, tmp_path: Path) -> None:
    entities = [*one_run(*results(4)), run(6), result(9, 6, 1)]
    async with history_rig(tmp_path, entities) as rig:
        rig.spoil("POST /api/public/v0/project" + CREATE, None, fault)
        status = await rig.run()
        assert status.failures == []
        assert len(rig.shop.runs) == 2
        assert all(run.closed_at for run in rig.shop.runs.values())
        assert rig.results().total() == 5


@pytest.mark.parametrize("fault", LOST)
async def test_a_milestone_whose_answer_is_lost_is_there_once(fault: FaultKind, tmp_path: Path) -> None:
    entities = [release(1, "Spring"), *one_run(*results(4)), release(2, "Summer")]
    options = StandInOptions(profile="lenient")  # which permits a title twice
    async with history_rig(tmp_path, entities, options=options) as rig:
        rig.spoil("POST /api/public/v0/project" + MILESTONE, None, fault)
        status = await rig.run()
        assert status.failures == []
        assert [milestone.title for milestone in rig.shop.milestones.values()] == ["Spring", "Summer"]


@pytest.mark.parametrize("faults", [(), (None, "drop_after", "drop_before", "drop_after"), (None, "status_502") * 3])
async def test_milestones_are_made_side_by_side_and_each_title_once(
    faults: tuple[FaultKind | None, ...], tmp_path: Path
) -> None:
    # the second becomes "Spring [#2]", as the last one is called
    titles = ["First", "Spring", "Spring", *(f"Release {number}" for number in range(6)), "Spring [#2]"]
    entities = [release(number, title) for number, title in enumerate(titles, start=1)]
    options = StandInOptions(profile="lenient", latency=0.02)  # which permits a title twice
    async with history_rig(tmp_path, [*entities, *one_run(*results(4))], options=options) as rig:
        rig.spoil("POST /api/public/v0/project" + MILESTONE, *faults)
        status = await rig.run()
        assert status.failures == []
        expected = [*titles[3:], "First", "Spring [#3]"]
        assert sorted(milestone.title for milestone in rig.shop.milestones.values()) == sorted(expected)
        assert status.items["milestone"] == {"migrated": 9, "adopted": 1}
        assert rig.stand_in.log.peak >= 3


# --- one bad item -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("atomic", [True, False])
async def test_one_bad_result_fails_alone_and_holds_only_what_stands_behind_it(atomic: bool, tmp_path: Path) -> None:
    items = results(40)
    bad = 17  # case 2, of which 21, 25, … come later
    items[bad] = result(bad, 5, 1 + bad % 4, "Odd")
    switches = Switches(atomic_batches=atomic)
    async with history_rig(tmp_path, one_run(*items), switches=switches) as rig:
        rig.mapping = {"status": {"Passed": "passed", "Failed": "failed", "Odd": "custom1"}}
        status = await rig.run()
        behind = {number for number in range(bad + 1, 40) if number % 4 == bad % 4}
        failed = {entry["marker"]: entry["state"] for entry in status.failures if entry["kind"] == "result"}
        assert failed == {marker(bad): "failed"} | {marker(number): "blocked" for number in behind}
        expected = {marker(number): 1 for number in range(40) if number != bad and number not in behind}
        assert rig.results() == expected
        assert status.balanced, status.imbalance
        assert only_run(rig).closed_at is None
        assert status.items["run"] == {"blocked": 1}
        # without a cure nothing is sent, and the order is kept
        posts = rig.calls("POST", BATCH)
        same = await rig.run()
        assert (rig.calls("POST", BATCH), same.items["result"]["failed"]) == (posts, 1)
        # an administrator makes the status; retry sends what failed before what stands behind it
        rig.stand_in.store.statuses["custom1"].is_active = True
        cured = await rig.retry()
        assert cured.failures == []
        assert rig.results() == {marker(number): 1 for number in range(40)}
        (shown,) = [row for row in rig.shown().values() if "custom1" in row]
        assert shown == ["failed"] * 4 + ["custom1"] + ["failed"] * 5
        assert only_run(rig).closed_at
        assert cured.balanced, cured.imbalance


async def test_a_batch_too_large_is_halved_until_it_passes(tmp_path: Path) -> None:
    async with history_rig(tmp_path, one_run(*results(30))) as rig:
        rig.refuse(BATCH, 413, lambda body: len(body["items"]) > 4)
        status = await rig.run()
        assert status.failures == []
        assert rig.results() == {marker(number): 1 for number in range(30)}


async def test_a_run_that_somebody_closed_takes_nothing_and_says_so(tmp_path: Path) -> None:
    entities = one_run(*results(8))
    async with history_rig(tmp_path, entities) as rig:
        rig.refuse(BATCH, 409, lambda body: len(body["items"]) > 1)
        status = await rig.run()
        assert status.items["result"] == {"migrated": 1, "failed": 7}
        assert status.balanced
        assert rig.calls("POST", BATCH) == 2


# --- cases that are not there -----------------------------------------------------------------------------------------


async def test_a_run_waits_for_its_cases_and_comes_with_them(tmp_path: Path) -> None:
    async with history_rig(tmp_path, one_run(*results(4))) as rig:
        wrong = {"Case 2"}
        rig.refuse("POST /api/public/v0/project/{project}/tcase", 400, lambda body: body["title"] in wrong)
        for _ in range(2):  # the second time the plan knows already
            status = await rig.run()
            assert status.items["run"] == {"blocked": 1}
            assert status.items["result"] == {"blocked": 4}
            assert status.balanced, status.imbalance
            assert rig.shop.runs == {}
        wrong.clear()
        status = await rig.retry()
        assert status.failures == []
        assert len(only_run(rig).cases) == 4
        assert rig.results() == {marker(number): 1 for number in range(4)}
        assert only_run(rig).closed_at
        assert status.balanced, status.imbalance


async def test_with_gaps_allowed_the_rest_arrives_and_a_follow_up_run_brings_what_was_missing(tmp_path: Path) -> None:
    async with history_rig(tmp_path, one_run(*results(8)), runs={"gaps": "allow"}) as rig:
        wrong = {"Case 2"}
        rig.refuse("POST /api/public/v0/project/{project}/tcase", 400, lambda body: body["title"] in wrong)
        status = await rig.run()
        assert status.items["result"] == {"migrated": 6, "blocked": 2}
        assert status.items["run"] == {"migrated": 1}
        assert [note["code"] for note in status.notes if note["kind"] == "run"] == ["run_gap"]
        assert status.balanced, status.imbalance
        wrong.clear()
        await rig.retry()
        again = await rig.run()
        assert again.failures == []
        assert rig.results() == {marker(number): 1 for number in range(8)}
        assert len(rig.shop.runs) == 2
        assert again.balanced, again.imbalance


# --- names that are taken ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["strict", "odd"])
async def test_a_strangers_run_of_the_same_title_is_left_alone(profile: Any, tmp_path: Path) -> None:
    async with history_rig(tmp_path, one_run(*results(4)), options=StandInOptions(profile=profile)) as rig:
        rig.source.entities = one_run()[:-1]
        await rig.run()
        stranger = Run(77, "Smoke · 2024-03-06 · #5", "static", [], description="<p>By hand</p>")
        rig.shop.runs[77] = stranger
        rig.source.entities = one_run(*results(4))
        status = await rig.run()
        assert status.failures == []
        assert stranger.cases == {}
        assert [note["code"] for note in status.notes if note["kind"] == "run"] == ["run_renamed"]
        titles = {run.title for run in rig.shop.runs.values()}
        assert titles == {"Smoke · 2024-03-06 · #5", "Smoke · 2024-03-06 · #5 [#5]"}
        assert rig.results().total() == 4


async def test_a_run_that_takes_the_title_at_the_last_moment_is_left_alone(tmp_path: Path) -> None:
    async with history_rig(tmp_path, [*one_run(*results(4)), run(6), result(9, 6, 1)]) as rig:
        stranger = Run(77, "Smoke · 2024-03-07 · #6", "static", [], description="<p>By hand</p>")

        def by_hand(_body: Any) -> bool:
            rig.shop.runs.setdefault(77, stranger)
            return False

        rig.refuse("POST /api/public/v0/project" + CREATE, 400, by_hand)
        status = await rig.run()
        assert status.failures == []
        assert [note["code"] for note in status.notes if note["kind"] == "run"] == ["run_renamed"]
        assert stranger.cases == {}
        assert rig.results().total() == 5


async def test_an_archived_milestone_keeps_its_title(tmp_path: Path) -> None:
    entities = [release(1, "Spring"), *one_run()]
    async with history_rig(tmp_path, one_run()[:-1]) as rig:
        await rig.run()
        rig.shop.milestones[9] = Milestone(9, "Spring", archived_at="2024-01-01T00:00:00Z")
        rig.source.entities = [*entities, *results(4)]
        status = await rig.run()
        assert status.failures == []
        assert [milestone.title for milestone in rig.shop.milestones.values()] == ["Spring", "Spring [#1]"]


async def test_a_milestone_that_is_archived_before_its_runs_come_blocks_them_by_name(tmp_path: Path) -> None:
    of_release = run(5, milestone=ref("release", "12", "1"))
    entities = [folder(), *(case(number) for number in range(1, 5)), release(1, "Spring"), of_release, *results(2)]
    moments = iter(["2024-01-01T00:00:00Z"])
    async with history_rig(tmp_path, entities) as rig:

        def archived(_body: Any) -> bool:
            (milestone,) = rig.shop.milestones.values()
            milestone.archived_at = next(moments, None)
            return False

        rig.refuse("POST /api/public/v0/project" + CREATE, 400, archived)
        for _ in range(2):
            status = await rig.run()
            assert status.items["run"] == {"blocked": 1}
            assert status.items["result"] == {"blocked": 2}
            told = [failure["cause"] for failure in status.failures if failure["kind"] == "run"]
            assert told == ["its milestone Spring was archived in QA Sphere"]
        (milestone,) = rig.shop.milestones.values()
        milestone.archived_at = None
        status = await rig.run()
        assert status.items["run"] == {"migrated": 1}


async def test_a_folder_whose_first_try_was_cut_off_has_its_comment_all_the_same(tmp_path: Path) -> None:
    named = folder(7).model_copy(update={"comment": "the form of it"})
    async with history_rig(tmp_path, [named, case(1)]) as rig:
        await rig.plan()
        with rig.open() as workspace:  # a request was under way when the process ended
            workspace.db.execute("UPDATE round SET phase = 'load'")
            workspace.db.execute("UPDATE operation SET alive_at = 1 WHERE kind = 'folder'")
        status = await rig.run()
        assert status.balanced, status.imbalance
        comments = {made.title: visible_text(made.comment) for made in rig.shop.folders.values()}
        assert comments["Folder 7"] == "the form of it"
