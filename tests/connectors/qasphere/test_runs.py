"""Milestones, runs and plans, asked by the client, in every profile."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.qasphere.api import conflicting_id
from connectors.qasphere.sandbox import RUNNER_KEY, VIEWER_KEY
from connectors.qasphere.sandbox.store_cases import now
from connectors.qasphere.wire.bodies import NewPlan, NewResult, NewRun, PlanRun, QueryPlan, RunCopy
from migrator.core.errors import Rejected
from migrator.standin.options import Profile
from tests.support.qasphere import HOOKS, PROFILES, Scene, scene

profiles = pytest.mark.parametrize("profile", PROFILES)


async def refused(made: Scene, path: str, body: dict[str, Any]) -> Rejected:
    """POST something that the client's own bodies would not let through."""
    with pytest.raises(Rejected) as caught:
        await made.api.write("POST", f"/project/SHOP/{path}", body, HOOKS, repeatable=False)
    return caught.value


# --- milestones -------------------------------------------------------------------------------------------------------


@profiles
async def test_milestones_are_listed_by_archive_state(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        assert await made.api.milestones("SHOP") == []
        ids = [await made.api.create_milestone("SHOP", title, HOOKS) for title in ("1.0", "2.0")]
        made.project.milestones[ids[0]].archived_at = now()
        assert [row.title for row in await made.api.milestones("SHOP")] == ["1.0", "2.0"]
        assert [row.title for row in await made.api.milestones("SHOP", archived=True)] == ["1.0"]
        assert [row.id for row in await made.api.milestones("SHOP", archived=False)] == [ids[1]]


@profiles
async def test_a_milestone_may_exist_twice_only_where_that_is_lenient(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        await made.api.create_milestone("SHOP", "1.0", HOOKS)
        if profile == "lenient":
            assert await made.api.create_milestone("SHOP", "1.0", HOOKS) == 2
        else:
            assert (await refused(made, "milestone", {"title": "1.0"})).status == 409
        assert (await refused(made, "milestone", {"title": "x" * 256})).status == 400


# --- runs -------------------------------------------------------------------------------------------------------------


@profiles
async def test_runs_are_listed_newest_first_with_their_counts(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        milestone = await made.api.create_milestone("SHOP", "1.0", HOOKS)
        second = await made.api.create_run(
            "SHOP", made.run("Second", milestone_id=milestone, description="<p>About</p>"), HOOKS
        )
        await made.result("failed")
        await made.api.close_run("SHOP", second, HOOKS)
        runs = await made.api.runs("SHOP")
        assert [(run.id, run.title, run.closed) for run in runs] == [(2, "Second", True), (1, "First", False)]
        assert runs[1].status_counts
        assert {status: count for status, count in runs[1].status_counts.items() if count} == {
            "all": 2,
            "open": 1,
            "failed": 1,
        }
        assert [run.id for run in await made.api.runs("SHOP", closed=True)] == [second]
        assert [run.id for run in await made.api.runs("SHOP", milestone_ids=[milestone])] == [second]
        assert [run.id for run in await made.api.runs("SHOP", limit=1)] == [second]
        assert await made.api.runs("SHOP", limit=0) == []
        if profile != "odd":
            assert (runs[0].milestone_id, runs[0].description, runs[1].milestone_id) == (
                milestone,
                "<p>About</p>",
                None,
            )
            assert runs[0].closed_at


@profiles
async def test_a_title_that_is_taken_names_the_run_that_has_it(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        milestone = await made.api.create_milestone("SHOP", "1.0", HOOKS)
        await made.api.create_run("SHOP", made.run("First", milestone_id=milestone), HOOKS)
        await made.api.close_run("SHOP", made.run_id, HOOKS)
        with pytest.raises(Rejected) as caught:
            await made.api.create_run("SHOP", made.run("First"), HOOKS)
        assert caught.value.body == "run title must be unique within the milestone, conflicting run id: 1"
        assert caught.value.status == (409 if profile == "odd" else 403)
        assert conflicting_id(caught.value) == made.run_id
        with pytest.raises(Rejected) as caught:
            await made.api.clone_run("SHOP", RunCopy(run_id=2, title="First", milestone_id=milestone), HOOKS)
        assert conflicting_id(caught.value) == 2
        assert len(made.project.runs) == 2


def test_other_refusals_name_no_run() -> None:
    assert conflicting_id(Rejected("x", body="conflicting run id: 7 is not at the end", status=403)) is None
    assert conflicting_id(Rejected("x", body="project is archived", status=403)) is None


@profiles
async def test_a_static_run_keeps_the_version_of_its_creation(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        struct = await made.api.create_run("SHOP", made.run("Struct", type="static_struct"), HOOKS)
        await made.api.update_case("SHOP", made.case_ids[0], {"title": "One, changed"}, HOOKS)
        assert [case.title for case in await made.api.run_cases("SHOP", made.run_id)] == ["One", "Two"]
        assert [case.title for case in await made.api.run_cases("SHOP", struct)] == ["One, changed", "Two"]
        await made.api.create_result("SHOP", struct, made.case_ids[0], NewResult(status="passed"), HOOKS)
        await made.api.update_case("SHOP", made.case_ids[0], {"title": "One, again"}, HOOKS)
        await made.api.update_case("SHOP", made.case_ids[1], {"title": "Two, changed"}, HOOKS)
        rows = await made.api.run_cases("SHOP", struct)
        assert [(case.title, case.version) for case in rows] == [("One, changed", 2), ("Two, changed", 2)]
        await made.api.close_run("SHOP", struct, HOOKS)
        await made.api.update_case("SHOP", made.case_ids[1], {"title": "Two, again"}, HOOKS)
        assert [case.title for case in await made.api.run_cases("SHOP", struct)] == ["One, changed", "Two, changed"]


@profiles
async def test_a_live_run_follows_its_filters_until_it_is_closed(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        plans = ({"priorities": ("high",)}, {"tag_ids": (made.project.tags["two"],)})
        live = await made.api.create_run("SHOP", made.run("Live", type="live", query_plans=plans), HOOKS)
        assert len(await made.api.run_cases("SHOP", live)) == 3
        for case_id in made.case_ids[1:]:
            await made.api.update_case("SHOP", case_id, {"priority": "low"}, HOOKS)
        assert [case.seq for case in await made.api.run_cases("SHOP", live)] == [1, 2]
        await made.api.create_case("SHOP", made.body("Four"), HOOKS)
        await made.api.create_case("SHOP", made.body("Draft", isDraft=True), HOOKS)
        assert [case.seq for case in await made.api.run_cases("SHOP", live)] == [1, 2, 4]
        await made.api.close_run("SHOP", live, HOOKS)
        await made.api.create_case("SHOP", made.body("Five"), HOOKS)
        assert [case.seq for case in await made.api.run_cases("SHOP", live)] == [1, 2, 4]


async def test_conditions_of_a_plan_hold_together_and_folders_take_in_those_below(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        top, below = made.project.folders
        await made.api.create_case("SHOP", made.body("Deep", folderId=below, priority="low"), HOOKS)
        for number, (plan, seqs) in enumerate(
            [
                ({"folder_ids": (top,)}, [1, 2, 3, 4]),
                ({"folder_ids": (below,)}, [4]),
                ({"folder_ids": (top,), "priorities": ("low",)}, [4]),
                ({"tag_ids": (made.project.tags["one"], made.project.tags["two"])}, [1, 2]),
                ({"tcase_ids": tuple(made.case_ids), "tag_ids": (made.project.tags["three"],)}, [3]),
            ]
        ):
            run = made.run(f"Run {number}", query_plans=(plan,))
            run_id = await made.api.create_run("SHOP", run, HOOKS)
            assert [case.seq for case in await made.api.run_cases("SHOP", run_id)] == seqs


@profiles
async def test_the_cases_of_a_run_are_filtered(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        one = [("tags", str(made.project.tags["one"]))]
        assert [row.seq for row in await made.api.run_cases("SHOP", made.run_id, one)] == [1]
        others = [*one, ("tagsFilterOp", "not")]
        assert [row.seq for row in await made.api.run_cases("SHOP", made.run_id, others)] == [2]
        assert [row.seq for row in await made.api.run_cases("SHOP", made.run_id, [("search", "TW")])] == [2]
        assert await made.api.run_cases("SHOP", made.run_id, [("priorities", "low")]) == []
        with pytest.raises(Rejected):
            await made.api.run_cases("SHOP", made.run_id, [("include", "steps")])


@profiles
async def test_a_run_is_closed_once_and_closing_again_is_done_already(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        await made.api.close_run("SHOP", made.run_id, HOOKS)
        closed_at = made.project.runs[made.run_id].closed_at
        await made.api.close_run("SHOP", made.run_id, HOOKS)
        assert made.project.runs[made.run_id].closed_at == closed_at
        assert made.stand_in.log.statuses[409] == (0 if profile == "lenient" else 1)
        with pytest.raises(Rejected) as caught:
            await made.api.close_run("SHOP", 99, HOOKS)
        assert caught.value.status == 404


@profiles
async def test_a_clone_has_the_cases_and_no_results(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        await made.result("failed")
        copy = await made.api.clone_run("SHOP", RunCopy(run_id=made.run_id, title="Copy"), HOOKS)
        rows = await made.api.run_cases("SHOP", copy)
        assert [(row.seq, row.status) for row in rows] == [(1, "open"), (2, "open")]
        with pytest.raises(Rejected) as caught:
            await made.api.clone_run("SHOP", RunCopy(run_id=99, title="None"), HOOKS)
        assert caught.value.status == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"title": ""},
        {"title": "x" * 256},
        {"type": "dynamic"},
        {"description": "x" * 513},
        {"milestoneId": 7},
        {"milestoneId": True},
        {"configurationId": "c"},
        {"assignmentId": 4},
        {"assignmentId": 99},
        {"queryPlans": []},
        {"queryPlans": [{}]},
        {"queryPlans": [{"priorities": ["high"]}, {"priorities": ["low"]}]},
        {"queryPlans": [{"folders": [1]}]},
        {"queryPlans": [{"tcaseIds": ["unknown"]}]},
        {"queryPlans": [{"tcaseIds": [1]}]},
        {"queryPlans": [{"tagIds": [99]}]},
        {"queryPlans": [{"tcaseIds": ["x"] * 10_001}]},
        {"type": "live", "queryPlans": [{"tcaseIds": []}]},
    ],
)
async def test_a_run_that_is_wrong_is_refused(fields: dict[str, Any], tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        body = {"title": "New", "type": "static", "queryPlans": [{"priorities": ["high"]}]}
        assert (await refused(made, "run", body | fields)).status == 400
        assert len(made.project.runs) == 1


async def test_drafts_templates_and_archived_milestones_are_refused_by_name(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        draft = await made.api.create_case("SHOP", made.body("Draft", isDraft=True), HOOKS)
        template = await made.api.create_case("SHOP", made.body("Template", type="template"), HOOKS)
        milestone = await made.api.create_milestone("SHOP", "Old", HOOKS)
        made.project.milestones[milestone].archived_at = now()
        for case_id in (draft.id, template.id):
            with pytest.raises(Rejected, match=case_id):
                await made.api.create_run("SHOP", made.run("x", query_plans=({"tcase_ids": (case_id,)},)), HOOKS)
        with pytest.raises(Rejected, match="archived"):
            await made.api.create_run("SHOP", made.run("x", milestone_id=milestone), HOOKS)


@profiles
async def test_an_empty_run_is_refused_except_where_that_is_lenient(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        run = made.run("Empty", query_plans=({"tcase_ids": ()},))
        if profile == "lenient":
            run_id = await made.api.create_run("SHOP", run, HOOKS)
            assert await made.api.run_cases("SHOP", run_id) == []
        else:
            with pytest.raises(Rejected, match="matches no test case"):
                await made.api.create_run("SHOP", run, HOOKS)


async def test_ids_given_twice_count_once(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        run = made.run("Twice", query_plans=({"tcase_ids": (made.case_ids[0],) * 3},))
        assert len(await made.api.run_cases("SHOP", await made.api.create_run("SHOP", run, HOOKS))) == 1


@pytest.mark.parametrize(("key", "may"), [(RUNNER_KEY, True), (VIEWER_KEY, False)])
async def test_runs_need_a_test_runner(key: str, may: bool, tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        made.sign_in(key)
        assert len(await made.api.runs("SHOP")) == 1
        if may:
            assert await made.api.create_run("SHOP", made.run("New"), HOOKS) == 2
            assert (await refused(made, "milestone", {"title": "1.0"})).status == 403
        else:
            assert (await refused(made, "run", {})).status == 403


async def test_an_archived_project_has_no_new_runs(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        made.project.archived_at = now()
        for path in ("run", "run/clone", "run/1/close", "run/1/log", "run/1/result/batch", "plan", "milestone"):
            refusal = await refused(made, path, {})
            assert (refusal.status, refusal.body) == (403, "project is archived")
        assert len(await made.api.runs("SHOP")) == 1


# --- plans ------------------------------------------------------------------------------------------------------------


@profiles
async def test_a_plan_makes_its_runs_or_nothing(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        milestone = await made.api.create_milestone("SHOP", "1.0", HOOKS)
        one = QueryPlan(tcase_ids=(made.case_ids[0],))
        plan = NewPlan(
            title="Release",
            milestone_id=milestone,
            runs=(PlanRun(title="Smoke", query_plans=(one,)), PlanRun(title="Rest", query_plans=(one,))),
        )
        plan_id = await made.api.create_plan("SHOP", plan, HOOKS)
        runs = [run for run in made.project.runs.values() if run.plan_id == plan_id]
        assert [(run.title, run.milestone_id, run.type) for run in runs] == [
            ("Smoke", milestone, "static"),
            ("Rest", milestone, "static"),
        ]
        assert made.project.plans[plan_id].run_ids == [2, 3]
        with pytest.raises(Rejected) as caught:
            await made.api.create_plan("SHOP", plan, HOOKS)
        assert conflicting_id(caught.value) == plan_id
        with pytest.raises(Rejected):
            await made.api.create_plan("SHOP", plan.model_copy(update={"title": "Other"}), HOOKS)
        assert (len(made.project.plans), len(made.project.runs)) == (1, 3)


@pytest.mark.parametrize("fields", [{"runs": []}, {"runs": [{"title": "x", "queryPlans": []}]}, {"title": ""}])
async def test_a_plan_that_is_wrong_is_refused(fields: dict[str, Any], tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        body = {"title": "P", "runs": [{"title": "x", "queryPlans": [{"priorities": ["high"]}]}]}
        assert (await refused(made, "plan", body | fields)).status == 400
        assert not made.project.plans


# --- what never leaves ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "x" * 256},
        {"query_plans": ()},
        {"query_plans": ({"priorities": ("high",)},) * 2},
        {"type": "live", "query_plans": ({"tcase_ids": ("x",)},)},
        {"query_plans": ({},)},
        {"description": "x" * 513},
        {"nonsense": 1},
    ],
)
def test_a_run_that_would_be_refused_fails_before_it_is_sent(fields: dict[str, Any]) -> None:
    good = {"title": "x", "type": "static", "query_plans": ({"tcase_ids": ("x",)},)}
    assert NewRun.model_validate(good).document()["queryPlans"] == [{"tcaseIds": ["x"]}]
    with pytest.raises(ValidationError):
        NewRun.model_validate(good | fields)
