"""Both sides are edited between two runs: everything that can be merged is, and nothing of a person's work is lost."""

import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.qacomplete.sandbox import Step, Test, generate
from connectors.qasphere.sandbox.cases import CaseShelf
from connectors.qasphere.sandbox.readers import bad
from connectors.qasphere.sandbox.store import Case
from migrator.standin.options import FaultKind, FaultPlan, Profile, StandInOptions
from tests.support.rig import Rig, rig
from tests.support.there import by_id, edited_there

pytestmark = pytest.mark.long


@pytest.fixture
async def migrated(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path, generate(60)) as running:
        assert not (await running.run()).has_failures
        yield running


@pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
async def test_thirty_edits_on_each_side_ten_of_them_the_same_fields(tmp_path: Path, profile: Profile) -> None:
    async with rig(tmp_path, generate(60), destination_options=StandInOptions(profile=profile)) as running:
        assert not (await running.run()).has_failures
        tests, cases = running.source.data.tests, by_id(running)
        for test in tests[:30]:
            test.title = f"Source {test.id}"
        for number, test in enumerate(tests[20:50]):
            # the first ten meet the source's edits, the others stand alone
            edited_there(cases[test.id], title=f"Colleague {test.id}")
            if number % 2:
                edited_there(cases[test.id], priority="high")
        for test in tests[:5]:
            # another field of a case that the source edited, and a tag
            edited_there(cases[test.id], precondition="<p>By a colleague</p>", tags=[*cases[test.id].tags, "theirs"])
            running.shop.tags["theirs"] = 99
        before = {call: count for call, count in running.destination.log.counts.items() if call.startswith("PATCH")}
        assert before == {}
        status = await running.run()
        assert status.items["case"] == {"conflict": 10, "unchanged": 30, "updated": 20}
        patches = sum(c for call, c in running.destination.log.counts.items() if call.startswith("PATCH"))
        assert patches == 20
        for test in tests[:20]:
            assert cases[test.id].title == f"Source {test.id}"
        for test in tests[20:50]:
            assert cases[test.id].title == f"Colleague {test.id}"
        for test in tests[:5]:
            assert cases[test.id].precondition == "<p>By a colleague</p>"
            assert "theirs" in cases[test.id].tags
        conflicts = [failure for failure in status.failures if failure["state"] == "conflict"]
        assert len(conflicts) == 10
        assert all("Colleague" in conflict["cause"] and "Source" in conflict["cause"] for conflict in conflicts)
        # it comes to rest: nothing is sent again, the conflicts stay named
        writes = running.writes()
        assert (await running.run()).items["case"] == {"conflict": 10, "unchanged": 50}
        assert running.writes() == writes
        found = await running.verify()
        assert found.wrong == 0
        assert {entry["field"] for entry in found.edited} == {"title", "priority", "precondition", "tags"}


async def test_a_colleagues_tag_and_link_survive_an_update_of_both_lists(migrated: Rig) -> None:
    test: Test = migrated.source.data.tests[0]
    case = by_id(migrated)[test.id]
    mine = {"text": "Wiki", "url": "https://wiki.example/"}
    edited_there(case, tags=["theirs", *case.tags], links=[*case.links, mine])
    migrated.shop.tags["theirs"] = 99
    before = test.test_type
    test.test_type = "Exploratory"
    assert (await migrated.run()).items["case"]["updated"] == 1
    assert set(case.tags) >= {"theirs", "Exploratory"}
    assert before not in case.tags
    assert mine in case.links
    assert any(link["text"].startswith("Source: ") for link in case.links)


async def test_a_tag_that_a_colleague_removed_is_no_difference_after_the_next_change(migrated: Rig) -> None:
    test: Test = next(test for test in migrated.source.data.tests if test.active and test.test_type)
    case = by_id(migrated)[test.id]
    edited_there(case, tags=[])
    test.active = False
    assert (await migrated.run()).items["case"]["updated"] == 1
    assert case.tags == ["inactive"]
    found = await migrated.verify()
    assert (found.wrong, found.edited) == (0, [])


async def test_steps_change_as_one(migrated: Rig) -> None:
    first, second = migrated.source.data.tests[:2]
    cases = by_id(migrated)
    for test in (first, second):
        steps = test.all_steps()
        test.make_steps = None
        test.steps = [*steps, Step(999, len(steps) + 1, "<p>One more</p>", "<p>Seen</p>")]
    edited_there(cases[second.id], steps=cases[second.id].steps[:1])
    status = await migrated.run()
    assert (status.items["case"]["updated"], status.items["case"]["conflict"]) == (1, 1)
    assert "One more" in cases[first.id].steps[-1]["description"]
    assert len(cases[second.id].steps) == 1


async def test_an_edit_after_the_plan_is_seen_by_the_read_before_the_patch(migrated: Rig) -> None:
    tests = migrated.source.data.tests[:2]
    for test in tests:
        test.title = "Source"
    plan = await migrated.plan()
    assert plan.actions["case"] == {"update": 2}
    ended = await migrated.migrate("apply", environment={"MIGRATOR_CRASH_AT": "before_intent:1"})
    assert ended.code == -signal.SIGKILL
    # an interrupted apply is continued, never stale; but the case is read again before it is changed
    cases = by_id(migrated)
    edited_there(cases[tests[0].id], title="Colleague")
    status = await migrated.apply()
    assert status.items["case"] == {"conflict": 1, "unchanged": 58, "updated": 1}
    assert [cases[test.id].title for test in tests] == ["Colleague", "Source"]


async def test_a_case_deleted_after_the_plan_is_gone(migrated: Rig) -> None:
    test = migrated.source.data.tests[0]
    test.title = "Source"
    await migrated.plan()
    ended = await migrated.migrate("apply", environment={"MIGRATOR_CRASH_AT": "before_intent:1"})
    assert ended.code == -signal.SIGKILL
    case = by_id(migrated)[test.id]
    migrated.shop.cases.remove(case)
    del migrated.shop.by_id[case.id]
    assert (await migrated.apply()).items["case"] == {"gone": 1, "unchanged": 59}


async def test_a_refused_update_fails_by_name_and_retry_sends_it(
    migrated: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    for test in migrated.source.data.tests[:3]:
        test.title = f"Source {test.id}"
    original = CaseShelf.change

    def refuse(self: CaseShelf, case: Case, values: dict[str, object]) -> None:
        if values.get("title") == f"Source {migrated.source.data.tests[1].id}":
            raise bad("this title is not wanted")
        original(self, case, values)

    monkeypatch.setattr(CaseShelf, "change", refuse)
    status = await migrated.run()
    assert status.items["case"] == {"failed": 1, "unchanged": 57, "updated": 2}
    assert "this title is not wanted" in status.failures[0]["cause"]
    assert (await migrated.run()).items["case"] == {"failed": 1, "unchanged": 59}
    monkeypatch.undo()
    ended = await migrated.migrate("retry --json")
    assert ended.code == 0, ended.err
    assert json.loads(ended.out)["items"]["case"] == {"unchanged": 59, "updated": 1}
    assert json.loads(ended.out)["balanced"] is True


@pytest.mark.quick_clock
@pytest.mark.parametrize("kind", ["drop_after", "drop_before", "late", "status_502", "truncate"])
async def test_patches_in_doubt_are_settled_by_reading(tmp_path: Path, kind: FaultKind) -> None:
    options = StandInOptions(faults=FaultPlan(share=0.3, seed=5, kinds=(kind,), late_seconds=0.3))
    async with rig(tmp_path, generate(40), destination_options=options) as running:
        running.settings = {"http": {"timeout": 0.3}, "destination": {"settle_seconds": 1}}
        await until_done(running)
        for test in running.source.data.tests:
            test.title = f"Again {test.id}"
        await until_done(running)
        assert {case.title for case in running.shop.cases} == {f"Again {test.id}" for test in running.source.data.tests}
        assert running.lost_and_doubled() == ([], [])
        assert (await running.plan()).actions == {}


async def until_done(running: Rig) -> None:
    command = "run"
    for _ in range(20):
        ended = await running.here(command)
        if ended.code == 0:
            return
        assert ended.code in (3, 5), ended.err
        command = "run" if ended.code == 5 else "retry"
    raise AssertionError(ended.err)
