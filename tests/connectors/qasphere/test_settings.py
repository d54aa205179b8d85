"""Statuses, users, audit log and what cases refer to, asked by the client, in every profile."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.qasphere.sandbox import ADMIN_KEY, LOGS_KEY, RUNNER_KEY, USER_KEY, VIEWER_KEY
from connectors.qasphere.wire.bodies import StatusChange
from connectors.qasphere.wire.case_bodies import CaseSkeleton
from migrator.core.errors import Rejected
from migrator.standin.options import Profile
from tests.support.qasphere import HOOKS, PROFILES, Scene, scene

profiles = pytest.mark.parametrize("profile", PROFILES)
RETEST = StatusChange(id="custom1", name="Retest", color="indigo", is_active=True)


async def refused(made: Scene, path: str, body: object) -> int | None:
    with pytest.raises(Rejected) as caught:
        await made.api.write("POST", path, body, HOOKS, repeatable=False)
    return caught.value.status


# --- statuses ---------------------------------------------------------------------------------------------------------


@profiles
async def test_custom_statuses_are_set_one_by_one(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        await made.api.update_statuses([RETEST], HOOKS)
        statuses = {status.id: status for status in await made.api.statuses()}
        assert len(statuses) == 9
        assert (statuses["custom1"].name, statuses["custom1"].color, statuses["custom1"].is_active) == (
            "Retest",
            "indigo",
            True,
        )
        assert [status.id for status in statuses.values() if status.is_default and status.is_active] == [
            "open",
            "passed",
            "failed",
            "blocked",
            "skipped",
        ]
        assert not statuses["custom2"].is_active


@profiles
async def test_a_status_in_use_cannot_be_switched_off(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        await made.api.update_statuses([RETEST], HOOKS)
        await made.result("custom1")
        assert [status.id for status in await made.api.statuses() if status.in_use] == ["custom1"]
        with pytest.raises(Rejected, match="in use") as caught:
            await made.api.update_statuses([RETEST.model_copy(update={"is_active": False})], HOOKS)
        assert caught.value.status == 409
        await made.api.update_statuses([RETEST.model_copy(update={"name": "Again"})], HOOKS)
        assert made.stand_in.store.statuses["custom1"].name == "Again"


@pytest.mark.parametrize(
    "fields",
    [{"id": "passed"}, {"id": "custom5"}, {"name": ""}, {"name": "x" * 17}, {"color": "#ff0000"}, {"isActive": None}],
)
async def test_a_wrong_status_changes_nothing(fields: dict[str, Any], tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        good = {"id": "custom2", "name": "Fine", "color": "teal", "isActive": True}
        rows = [good, good | {"id": "custom1"} | fields]
        assert await refused(made, "/settings/preferences/status", {"statuses": rows}) == 400
        assert await refused(made, "/settings/preferences/status", {"statuses": []}) == 400
        assert not made.stand_in.store.statuses["custom2"].is_active


# --- users and roles --------------------------------------------------------------------------------------------------


@profiles
async def test_users_have_ids_only_where_that_is_lenient(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        users = await made.api.users()
        assert [user.role for user in users] == ["admin", "user", "test-runner", "viewer"]
        assert [user.id is None for user in users] == [profile != "lenient"] * 4


@pytest.mark.parametrize(
    ("key", "users", "write_cases", "write_runs"),
    [
        (ADMIN_KEY, True, True, True),
        (USER_KEY, False, True, True),
        (RUNNER_KEY, False, False, True),
        (VIEWER_KEY, False, False, False),
    ],
)
async def test_what_each_role_may_do(
    key: str, users: bool, write_cases: bool, write_runs: bool, tmp_path: Path
) -> None:
    async with scene(tmp_path) as made:
        made.sign_in(key)
        assert (await made.api.me()).role
        calls: dict[Callable[[], Awaitable[object]], bool] = {
            made.api.users: users,
            made.api.audit_logs: users,
            lambda: made.api.update_statuses([RETEST], HOOKS): users,
            lambda: made.api.create_case("SHOP", made.body("New"), HOOKS): write_cases,
            lambda: made.api.create_milestone("SHOP", "1.0", HOOKS): write_cases,
            made.result: write_runs,
        }
        for call, may in calls.items():
            if may:
                await call()
            else:
                with pytest.raises(Rejected) as caught:
                    await call()
                assert caught.value.status == 403


# --- audit log --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["strict", "lenient"])
async def test_the_audit_log_is_read_to_an_empty_page(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        store = made.stand_in.store
        for number in range(25):
            store.note(f"action {number}", store.users[0] if number % 2 else None)
        seen: list[str] = []
        after = 0
        while (page := await made.api.audit_logs(after=after, count=10)).events:
            seen += [event.action for event in page.events]
            after = page.after
        assert [action for action in seen if action.startswith("action")] == [f"action {n}" for n in range(25)]
        writes = sum(count for call, count in made.stand_in.log.counts.items() if not call.startswith("GET"))
        assert len(seen) == page.after == 25 + writes
        for after, count in ((-1, 10), (0, 0), (0, 1001)):
            with pytest.raises(Rejected):
                await made.api.audit_logs(after=after, count=count)


async def test_a_plan_without_audit_logs_answers_402(tmp_path: Path) -> None:
    async with scene(tmp_path, "odd") as made:
        with pytest.raises(Rejected) as caught:
            await made.api.audit_logs()
        assert caught.value.status == 402


async def test_a_key_for_logs_reads_logs_and_nothing_else(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        made.sign_in(LOGS_KEY)
        assert (await made.api.audit_logs()).events
        for call in (made.api.projects(), made.api.me(), made.api.statuses(), made.api.runs("SHOP")):
            with pytest.raises(Rejected, match="only read audit logs"):
                await call


# --- what cases refer to ----------------------------------------------------------------------------------------------


@profiles
async def test_shared_objects_are_listed_and_used(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        (step,) = await made.api.shared_steps("SHOP")
        (precondition,) = await made.api.shared_preconditions("SHOP")
        assert (step.title, step.sub_steps[0].description, step.tcase_count) == ("Log in", "Open", 0)
        assert (precondition.title, precondition.tcase_count) == ("A customer", 0)
        more = {
            "steps": [{"sharedStepId": step.id}, {"description": "<p>Pay</p>"}],
            "precondition": {"sharedPreconditionId": precondition.id},
        }
        created = await made.api.create_case("SHOP", made.body("Four", **more), HOOKS)
        case = await made.api.case("SHOP", created.id)
        assert case.steps
        assert [[sub.expected for sub in row.sub_steps] for row in case.steps] == [["It opens"], []]
        assert case.precondition
        assert case.precondition.text == "<p>There is a customer.</p>"
        assert [row.tcase_count for row in await made.api.shared_steps("SHOP")] == [1]
        assert [row.tcase_count for row in await made.api.shared_preconditions("SHOP")] == [1]
        assert (await made.api.shared_step("SHOP", step.id)).title == step.title
        assert (await made.api.shared_precondition("SHOP", precondition.id)).text == precondition.text
        for call in (made.api.shared_step("SHOP", 99), made.api.shared_precondition("SHOP", 99)):
            with pytest.raises(Rejected) as caught:
                await call
            assert caught.value.status == 404


@profiles
async def test_empty_lists_may_be_null(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        made.project.shared_preconditions.clear()
        made.project.shared_steps.clear()
        assert await made.api.get("/project/SHOP/shared-precondition") is None
        assert await made.api.shared_preconditions("SHOP") == []
        assert await made.api.shared_steps("SHOP") == []
        made.stand_in.store.add_project("EMPTY", "Empty")
        raw = await made.api.get("/project/EMPTY/run")
        assert raw["runs"] == (None if profile == "odd" else [])
        assert await made.api.runs("EMPTY") == []
        assert await made.api.milestones("EMPTY") == []


@profiles
async def test_requirements_say_how_many_cases_use_them(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        await made.api.create_case("SHOP", made.body("x", requirements=[{"text": "REQ One", "url": ""}]), HOOKS)
        rows = await made.api.requirements("SHOP")
        assert [(row.text, row.tcase_count) for row in rows] == [("REQ One", 2), ("REQ Two", 1), ("REQ Three", 1)]


# --- counting, markers, skeletons -------------------------------------------------------------------------------------


@profiles
async def test_cases_are_counted_by_filter_and_below_folders(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        top, below = made.project.folders
        await made.api.create_case("SHOP", made.body("Deep", folderId=below, priority="low"), HOOKS)
        in_top = [("folders", str(top))]
        assert await made.api.count_cases("SHOP") == 4
        assert await made.api.count_cases("SHOP", in_top) == 3
        assert await made.api.count_cases("SHOP", in_top, recursive=True) == 4
        assert await made.api.count_cases("SHOP", [*in_top, ("priorities", "low")], recursive=True) == 1
        assert await made.api.count_cases("SHOP", [("createdBefore", "2020-01-01T00:00:00Z")]) == 0
        assert await made.api.count_cases("SHOP", [("createdAfter", "2020-01-01T00:00:00Z")]) == 4
        for wrong in (("priorities", "urgent"), ("createdAfter", "yesterday"), ("draft", "perhaps")):
            with pytest.raises(Rejected):
                await made.api.count_cases("SHOP", [wrong])


@profiles
async def test_markers_are_found_page_by_page(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        markers = ["SHOP-003", "SHOP-001", "SHOP-999", "OTHER-001", "shop-2"]
        rows, total = await made.api.cases_by_marker("SHOP", markers, offset=0, limit=2)
        rest, _ = await made.api.cases_by_marker("SHOP", markers, offset=2, limit=2)
        assert [row.seq for row in rows + rest] == [3, 1, 2]
        assert total == 3


@profiles
async def test_skeletons_come_all_or_not_at_all(profile: Profile, tmp_path: Path) -> None:
    async with scene(tmp_path, profile) as made:
        skeletons = [CaseSkeleton(title=f"S{number}", tags=("ci",)) for number in range(3)]
        created = await made.api.create_skeletons("SHOP", ["CI", "Nightly"], skeletons, HOOKS)
        assert [made.project.by_id[row.id].title for row in created] == ["S0", "S1", "S2"]
        rows = [{"title": "good", "tags": []}, {"title": "", "tags": []}]
        assert await refused(made, "/project/SHOP/tcase/bulk", {"folderPath": ["CI"], "tcases": rows}) == 400
        assert len(made.project.cases) == 6
