"""Plan and apply: nothing is written before it was shown, and only what was shown."""

import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from multidict import MultiMapping

from connectors.qacomplete.sandbox import Folder, Test, generate
from connectors.qasphere.sandbox import handlers
from connectors.qasphere.sandbox.query import selected
from connectors.qasphere.sandbox.store import Case, Project
from migrator.core.errors import ConfigError, StalePlan
from migrator.standin.options import Profile, StandInOptions
from tests.support.oracle import differences, marker_of
from tests.support.rig import Rig, rig


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path, generate(30)) as opened:
        yield opened


@pytest.fixture
async def migrated(running: Rig) -> Rig:
    assert not (await running.run()).has_failures
    return running


def edit(running: Rig, *numbers: int, title: str = "Changed") -> None:
    for number in numbers:
        running.source.data.tests[number].title = f"{title} {number}"


def case_of(running: Rig, number: int) -> Case:
    marker = f"qacomplete@acme:test:12/{running.source.data.tests[number].id}"
    return next(case for case in running.shop.cases if marker_of(case) == marker)


# --- plan


@pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
async def test_a_plan_writes_to_neither_side_and_its_contract_holds(tmp_path: Path, profile: Profile) -> None:
    async with rig(tmp_path, generate(30), destination_options=StandInOptions(profile=profile)) as running:
        ended = await running.migrate("plan --json --detailed-exitcode")
        assert ended.code == 4, ended.err
        for log in (running.destination.log, running.source.log):
            assert {call.partition(" ")[0] for call in log.counts} == {"GET"}
        document = json.loads(ended.out)
        assert document["items"]["case"] == {"pending": 30}
        assert document["actions"]["case"] == {"create": 30}
        assert {"code", "kind", "harm", "count", "examples"} == set(document["notes"][0])
        assert document["unmapped"][0] == {"code": "field_to_text", "field": "Component", "value": "", "count": 30}
        assert {"requests", "seconds", "bytes_min", "bytes_max", "bottleneck"} <= set(document["cost"])
        applied = await running.migrate(f"apply {document['plan_id']} --json")
        assert applied.code == 0, applied.err
        assert json.loads(applied.out)["items"]["case"] == {"migrated": 30}
        again = await running.migrate("plan --json --detailed-exitcode")
        assert again.code == 0
        assert json.loads(again.out)["actions"] == {}


async def test_a_person_reads_the_worst_first(migrated: Rig) -> None:
    edit(migrated, 0, 1)
    case_of(migrated, 1).title = "By a colleague"
    case_of(migrated, 1).version += 1
    migrated.shop.cases.remove(case_of(migrated, 2))
    migrated.source.data.tests[3].priority = "Urgent"
    ended = await migrated.migrate("plan")
    assert ended.code == 0, ended.err
    lines = ended.out.splitlines()
    assert lines[0] == "1 case in conflict; nothing is sent for them"
    assert lines[1] == "1 case deleted in QA Sphere; not made again"
    assert "By a colleague" in ended.out
    assert any("1  priority “Urgent”  (priority_unmapped)" in line for line in lines)
    assert any("update 2 cases" in line for line in lines)
    assert lines[-1].startswith("nothing is written yet; next: migrator apply 1-")


async def test_a_missing_project_is_part_of_the_plan_and_fields_of_the_tenant_are_used(running: Rig) -> None:
    running.destination.store.add_project("OTHER", "Another")
    running.destination.store.add_custom_field("component", "Component")
    plan = await running.plan()
    assert plan.planned("create")["project"] == 1
    assert "field_to_text" not in {note["code"] for note in plan.notes}
    await running.apply(plan.plan_id)
    assert running.shop.cases[0].custom_fields["component"]["value"]


async def test_run_plans_again_when_a_new_project_turns_out_to_have_fields(running: Rig) -> None:
    running.destination.store.add_custom_field("component", "Component")
    status = await running.run()
    assert not status.has_failures
    assert all(case.custom_fields["component"]["value"] for case in running.shop.cases)
    assert "field_to_text" not in {note["code"] for note in status.notes}


async def test_apply_refuses_when_a_new_project_turns_out_to_have_fields(running: Rig) -> None:
    running.destination.store.add_custom_field("component", "Component")
    plan = await running.plan()
    with pytest.raises(StalePlan, match="custom fields"):
        await running.apply(plan.plan_id)
    assert running.shop.cases == []
    await running.apply((await running.plan()).plan_id)
    assert len(running.shop.cases) == 30


# --- stale


async def test_an_edit_of_a_touched_case_makes_the_plan_stale_and_any_other_does_not(migrated: Rig) -> None:
    edit(migrated, 0, 1)
    plan = await migrated.plan()
    case_of(migrated, 5).title = "An unrelated edit"
    case_of(migrated, 1).priority = "low" if case_of(migrated, 1).priority != "low" else "high"
    writes = migrated.writes()
    with pytest.raises(StalePlan, match=rf"case {case_of(migrated, 1).seq} was changed \(priority\)"):
        await migrated.apply(plan.plan_id)
    assert migrated.writes() == writes
    await migrated.apply((await migrated.plan()).plan_id)
    assert (case_of(migrated, 0).title, case_of(migrated, 1).title) == ("Changed 0", "Changed 1")
    assert case_of(migrated, 5).title == "An unrelated edit"


async def test_unrelated_edits_do_not_count(migrated: Rig) -> None:
    edit(migrated, 0)
    plan = await migrated.plan()
    case_of(migrated, 5).title = "An unrelated edit"
    migrated.destination.store.upsert_folder(migrated.shop, ["A new folder"], None)
    await migrated.apply(plan.plan_id)
    assert case_of(migrated, 0).title == "Changed 0"


async def test_a_touched_case_that_vanished_makes_the_plan_stale(migrated: Rig) -> None:
    edit(migrated, 0)
    plan = await migrated.plan()
    migrated.shop.cases.remove(case_of(migrated, 0))
    with pytest.raises(StalePlan, match="1 case to be updated is not there"):
        await migrated.apply(plan.plan_id)


async def test_a_name_that_exists_by_now_makes_the_plan_stale(migrated: Rig) -> None:
    data = migrated.source.data
    data.folders.append(Folder(900, 12, "Brand new"))
    data.tests.append(Test(90_000, 12, "A new case", folder_id=data.tests[0].folder_id, steps=[]))
    data.tests.append(Test(90_001, 12, "Another", folder_id=900, steps=[]))
    plan = await migrated.plan()
    store = migrated.destination.store
    store.upsert_folder(migrated.shop, ["Brand new"], None)
    copy = case_of(migrated, 0)
    store.add_case(
        migrated.shop,
        Case("by-hand", 999, copy.folder_id, 99, "A new case", "low", "", [], [], [], [], [], {}, is_draft=False),
    )
    with pytest.raises(StalePlan) as raised:
        await migrated.apply(plan.plan_id)
    assert "folder Brand new exists by now" in raised.value.cause
    assert "case 999 has the title and folder of qacomplete@acme:test:12/90000" in raised.value.cause
    assert "migrator plan" in raised.value.next_step
    plan = await migrated.plan()
    assert plan.actions["case"] == {"create": 1, "suspect": 1}
    await migrated.apply(plan.plan_id)
    assert sum(case.title == "A new case" for case in migrated.shop.cases) == 1


async def test_a_case_that_another_workspace_made_meanwhile_is_not_made_twice(running: Rig) -> None:
    plan = await running.plan()
    running.settings = {"workspace": str(running.folder / "another")}
    await running.run()
    running.settings = {}
    with pytest.raises(StalePlan, match="exists by now"):
        await running.apply(plan.plan_id)
    status = await running.run()
    assert status.items["case"] == {"adopted": 30}
    assert running.lost_and_doubled() == ([], [])


async def test_other_rules_make_the_plan_stale(migrated: Rig) -> None:
    edit(migrated, 0)
    plan = await migrated.plan()
    migrated.settings = {"mapping": {"inactive": "draft"}}
    with pytest.raises(StalePlan, match="mapping rules"):
        await migrated.apply(plan.plan_id)


async def test_only_the_newest_plan_can_be_applied_and_only_once(migrated: Rig) -> None:
    edit(migrated, 0)
    first, second = await migrated.plan(), await migrated.plan()
    with pytest.raises(StalePlan, match=first.plan_id):
        await migrated.apply(first.plan_id)
    with pytest.raises(ConfigError, match="no plan 9-abcdef"):
        await migrated.apply("9-abcdef")
    await migrated.apply(second.plan_id)
    writes = migrated.writes()
    await migrated.apply(second.plan_id)
    assert migrated.writes() == writes


async def test_a_plan_that_writes_nothing_does_not_wait_and_keeps_no_retry_away(migrated: Rig) -> None:
    plan = await migrated.plan()
    assert not plan.has_changes
    assert "waits" not in (await migrated.migrate("status")).out
    assert (await migrated.migrate("retry")).code == 0


async def test_what_is_applied_already_leaves_its_report_as_it_is(running: Rig) -> None:
    await running.plan()
    await running.apply()
    page = running.folder / "workspace" / "reports" / "apply.html"
    before = page.stat().st_mtime_ns, page.read_bytes()
    ended = await running.migrate("apply")
    assert "is applied already; nothing was sent" in ended.err
    assert "run report" not in ended.err
    assert (page.stat().st_mtime_ns, page.read_bytes()) == before


@pytest.mark.parametrize("there", [False, True])
async def test_verify_leaves_a_plan_that_waits_and_what_it_would_write_is_pending(there: bool, tmp_path: Path) -> None:
    async with rig(tmp_path, generate(3)) as running:
        if there:
            running.destination.store.add_project("SHOP", "Shop")
        plan_id = (await running.plan()).plan_id
        verified = await running.migrate("verify --json")
        assert verified.code == 3, verified.out + verified.err
        found = json.loads(verified.out)
        assert not found["missing"]
        assert found["open"]["case"] == {"pending": 3}
        assert "waits" in (await running.migrate("status")).out
        applied = await running.migrate(f"apply {plan_id}")
        assert applied.code == 0, applied.err
        assert len(running.shop.cases) == 3


async def test_the_newest_plan_that_a_run_made_stale_is_not_proposed_again(running: Rig) -> None:
    plan_id = (await running.plan()).plan_id
    await running.run()
    with pytest.raises(StalePlan) as told:
        await running.apply()
    assert plan_id not in told.value.next_step


async def test_apply_before_any_plan_says_what_to_do(running: Rig) -> None:
    ended = await running.migrate("apply")
    assert ended.code == 2
    assert "no plan has been made yet" in ended.err
    assert "migrator plan" in ended.err


async def test_an_interrupted_apply_is_continued_whatever_changed_meanwhile(running: Rig) -> None:
    plan = await running.plan()
    ended = await running.migrate(f"apply {plan.plan_id}", environment={"MIGRATOR_CRASH_AT": "after_ledger_commit:12"})
    assert ended.code == -signal.SIGKILL
    running.shop.cases[0].title = "Edited by a colleague"
    ended = await running.migrate("apply")
    assert ended.code == 0, ended.err
    assert len(running.shop.cases) == 30
    assert running.lost_and_doubled() == ([], [])


async def test_a_plan_between_a_crash_and_the_next_run_loses_and_doubles_nothing(running: Rig) -> None:
    ended = await running.migrate(environment={"MIGRATOR_CRASH_AT": "answered:12"})
    assert ended.code == -signal.SIGKILL
    removed = running.source.data.tests.pop()
    plan = await running.plan()
    assert plan.items["case"]["unknown"] >= 1
    await running.apply(plan.plan_id)
    assert running.lost_and_doubled() == ([], [])
    assert all(not marker.endswith(f"/{removed.id}") for marker in running.markers()) or len(running.shop.cases) == 30


# --- folders


async def test_a_folder_renamed_at_the_source_stays_and_what_is_new_goes_into_it(migrated: Rig) -> None:
    data = migrated.source.data
    renamed = data.folders[0]
    old = renamed.title
    renamed.title = "Renamed"
    data.folders.append(Folder(900, 12, "Below", renamed.id))
    data.tests.append(Test(90_000, 12, "A new case", folder_id=900, steps=[]))
    # a folder that takes the old name is another folder
    data.folders.append(Folder(901, 12, old))
    data.tests.append(Test(90_001, 12, "Another new case", folder_id=901, steps=[]))
    plan = await migrated.plan()
    assert {note["code"] for note in plan.notes} >= {"changed_at_source", "folder_collision"}
    await migrated.apply(plan.plan_id)
    paths = {migrated.shop.folders[case.folder_id].title for case in migrated.shop.cases[-2:]}
    assert paths == {"Below", f"{old} [#901]"}
    below = next(folder for folder in migrated.shop.folders.values() if folder.title == "Below")
    assert migrated.shop.folders[below.parent_id].title == old
    assert (await migrated.plan()).actions == {}
    assert (await migrated.verify()).wrong == 0


async def test_a_folder_that_was_deleted_blocks_what_is_new_in_it(migrated: Rig) -> None:
    data = migrated.source.data
    folder_id = case_of(migrated, 0).folder_id
    del migrated.shop.folders[folder_id]
    data.tests.append(Test(90_000, 12, "A new case", folder_id=data.tests[0].folder_id, steps=[]))
    plan = await migrated.plan()
    assert plan.items["folder"]["gone"] == 1
    assert plan.items["case"]["blocked"] == 1
    assert any("was deleted in QA Sphere" in item["cause"] for item in plan.attention)


async def test_remap_is_shown_and_sent_only_on_request(migrated: Rig) -> None:
    migrated.settings = {"mapping": {"priority": {"1-High": "low"}}}
    writes = migrated.writes()
    plan = await migrated.plan()
    expected = sum(test.priority == "1-High" for test in migrated.source.data.tests)
    assert plan.actions["case"] == {"remap": expected}
    status = await migrated.run()
    assert status.items["case"] == {"unchanged": 30}
    assert migrated.writes() == writes
    plan = await migrated.plan(remap=True)
    assert plan.actions["case"] == {"update": expected}
    await migrated.apply(plan.plan_id)
    assert migrated.writes() == writes + expected
    assert (await migrated.plan()).actions == {}


async def test_what_was_planned_and_left_the_source_is_not_made(running: Rig) -> None:
    await running.plan()
    running.source.data.tests.pop()
    await running.run()
    assert len(running.shop.cases) == 29
    assert differences(running.source.data, 12, running.shop) == []


async def test_retry_does_not_change_a_plan_that_waits(migrated: Rig) -> None:
    edit(migrated, 0)
    plan = await migrated.plan()
    assert "A plan for project 12 waits; `migrator apply` executes it." in (await migrated.migrate("status")).out
    refused = await migrated.migrate("retry")
    assert refused.code == 2
    assert "waits to be applied" in refused.err
    assert "`migrator apply`" in refused.err
    await migrated.apply(plan.plan_id)
    assert (await migrated.migrate("retry")).code == 0


async def test_a_deletion_while_the_project_is_read_calls_nobody_else_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = generate(450)
    for test in data.tests:
        test.make_steps = None
    async with rig(tmp_path, data) as running:
        assert not (await running.run()).has_failures
        pages: list[str | None] = []

        def deleting(project: Project, query: MultiMapping[str]) -> list[Case]:
            pages.append(query.get("offset"))
            if len(pages) == 2:  # between the first page and the second, so that a row slips from one to the other
                project.cases.pop(0)
            return selected(project, query)

        monkeypatch.setattr(handlers, "selected", deleting)
        plan = await running.plan()
        assert plan.items["case"] == {"gone": 1, "unchanged": 449}
        assert pages == ["0", "200", "400", "0", "200", "400"]
