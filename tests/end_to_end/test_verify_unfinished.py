"""Verify while something is on its way, and what colleagues do meanwhile."""

import signal
from pathlib import Path

import pytest

from connectors.qacomplete.sandbox import generate
from migrator.engine.load.journaled_write import VARIABLE
from tests.support.rig import Rig, rig
from tests.support.there import by_id, edited_there


async def killed_among_cases(running: Rig) -> None:
    """Kill a migration when QA Sphere has answered the twelfth write, and nobody has recorded that."""
    ended = await running.migrate(environment={VARIABLE: "answered:12"})
    assert ended.code == -signal.SIGKILL


async def test_what_is_not_there_yet_is_counted_and_what_was_under_way_is_in_doubt(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(30)) as running:
        await killed_among_cases(running)
        found = await running.verify()
        assert found.wrong == 0, found
        assert found.open["case"]["pending"] >= 15
        assert {(doubtful["kind"], doubtful["field"]) for doubtful in found.in_doubt} == {("case", "marker")}
        ended = await running.migrate("verify")
        assert ended.code == 3
        assert "not there yet" in ended.out
        assert not (await running.run()).has_failures
        found = await running.verify()
        assert (found.wrong, found.is_incomplete) == (0, False)


async def test_a_colleagues_edit_during_the_load_is_an_edit(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(30)) as running:
        await killed_among_cases(running)
        # the first case was read back at once; these were not
        first, second = list(by_id(running).items())[1:3]
        edited_there(first[1], title="By a colleague")
        edited_there(second[1], precondition="<p>By a colleague</p>")
        assert not (await running.run()).has_failures
        found = await running.verify()
        assert found.wrong == 0, found.different
        assert {finding["field"] for finding in found.edited} == {"title", "precondition"}
        tests = {test.id: test for test in running.source.data.tests}
        tests[first[0]].title = "From the source"
        tests[second[0]].description = "<p>From the source</p>"
        status = await running.run()
        assert status.items["case"]["conflict"] == 2
        assert first[1].title == "By a colleague"
        assert second[1].precondition == "<p>By a colleague</p>"


async def test_a_case_that_a_colleague_moves_during_the_load_is_edited(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(30)) as running:
        await killed_among_cases(running)
        moved = list(by_id(running).values())[1]
        # which QA Sphere need not count as a version
        moved.folder_id = next(ident for ident in running.shop.folders if ident != moved.folder_id)
        assert not (await running.run()).has_failures
        found = await running.verify()
        assert (found.wrong, [finding["field"] for finding in found.edited]) == (0, ["folder"])


@pytest.mark.parametrize("field", ["tags", "links"])
async def test_what_a_colleague_added_to_a_list_that_was_written_since_is_no_difference(
    tmp_path: Path, field: str
) -> None:
    async with rig(tmp_path, generate(3)) as running:
        assert not (await running.run()).has_failures
        test = running.source.data.tests[0]
        case = by_id(running)[test.id]
        theirs = "theirs" if field == "tags" else {"text": "Wiki", "url": "https://wiki.example/"}
        edited_there(case, **{field: [*getattr(case, field), theirs]})
        running.shop.tags["theirs"] = 99
        test.test_type, test.title = "Exploratory", "Another title"
        assert (await running.run()).items["case"]["updated"] == 1
        assert theirs in getattr(case, field)
        found = await running.verify()
        assert found.wrong == 0, found.different


async def test_a_workspace_that_verify_has_rebuilt_has_no_plan_that_waits(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(3)) as running:
        assert not (await running.run()).has_failures
        running.settings = {"workspace": str(tmp_path / "other")}
        found = await running.verify()
        assert (found.wrong, found.is_incomplete) == (0, False)
        ended = await running.migrate("status --json")
        assert ended.code == 0
        assert '"waiting": []' in ended.out
