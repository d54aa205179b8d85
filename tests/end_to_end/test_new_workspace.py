"""A new workspace, of a project that another one has migrated: what only the load could know is read from QA Sphere."""

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.qacomplete.sandbox import generate
from connectors.qacomplete.sandbox.files import File
from migrator.app.reports.documents import Status, status_of
from migrator.core.model import AnyEntity
from migrator.engine.files import fetch
from migrator.engine.migration import Migration, Preparation
from state.workspace import Workspace
from tests.support.history import case, folder, plain, result, run
from tests.support.history_rig import HistoryRig, history_rig
from tests.support.rig import Rig, rig

_LIMIT = 4000


async def _with_a_second_workspace(running: Rig) -> dict[str, dict[str, int]]:
    """Migrate, and once more from a new workspace; return what became of the items there."""
    first = await running.run()
    assert first.balanced, first.imbalance
    running.settings = {"workspace": str(running.folder / "second")}
    writes = running.writes()
    status = await running.run()
    assert status.balanced, status.imbalance
    assert running.writes() == writes
    found = await running.verify()
    assert (found.wrong, found.edited, found.open) == (0, [], {})
    again = await running.run()
    assert running.writes() == writes
    assert again.items["case"] == {"unchanged": 3}
    return dict(status.items)


async def test_what_only_a_download_tells_of_a_file_is_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "FILE_BYTES", _LIMIT)
    data = generate(3)
    test, project = data.tests[0], data.projects[0].id
    data.files += [
        File(1, project, "Tests", test.id, "dump & core.bin", size=_LIMIT + 1),
        File(2, project, "Tests", test.id, "notes.txt", bytes_=b"notes"),
    ]
    async with rig(tmp_path, data) as running:
        items = await _with_a_second_workspace(running)
        (shown,) = [case for case in running.shop.cases if "over the" in case.precondition]
        assert [row["fileName"] for row in shown.files] == ["notes.txt"]
    assert items["case"] == {"adopted": 3}
    assert items["file"] == {"excluded": 1, "adopted": 1}


async def test_nor_is_a_picture_that_cannot_be_had(tmp_path: Path) -> None:
    data = generate(3)
    data.tests[0].description = '<p>Look: <img src="/images/gone.png" alt="it"></p>'
    async with rig(tmp_path, data) as running:
        items = await _with_a_second_workspace(running)
    assert items["case"] == {"adopted": 3}


async def _placeholder_in_qa_sphere(rig: HistoryRig) -> None:
    """Migrate while the source does not list test 2; from now on it does, and the workspace is a new one."""
    results: list[AnyEntity] = [run(5, closed=False), result(1, 5, 1), result(2, 5, 2, "Failed", title="Old test")]
    rig.source.entities = [folder(), case(1), *results]
    await rig.run()
    assert [made.title for made in rig.shop.cases] == ["Case 1", "Old test"]
    rig.workspace = "second"
    rig.source.entities = [folder(), case(1), case(2), *results]


async def test_a_placeholder_is_the_case_of_a_test_that_has_appeared_since(tmp_path: Path) -> None:
    async with history_rig(tmp_path, []) as rig:
        await _placeholder_in_qa_sphere(rig)
        status = await rig.run()
        assert status.balanced, status.imbalance
        assert status.items["case"] == {"adopted": 1, "updated": 1}
        assert [made.title for made in rig.shop.cases] == ["Case 1", "Case 2"]
        assert not any("not the test any more" in made.precondition for made in rig.shop.cases)
        assert set(rig.results().values()) == {1}
        assert (await rig.verify())[1] == []
        patches = rig.calls("PATCH")
        again = await rig.run()
        assert again.items["case"] == {"unchanged": 2}
        assert rig.calls("PATCH") == patches


async def test_a_placeholder_that_somebody_has_edited_is_left_to_a_person(tmp_path: Path) -> None:
    async with history_rig(tmp_path, []) as rig:
        await _placeholder_in_qa_sphere(rig)
        rig.shop.cases[1].title = "Old test, see Ada"
        rig.shop.cases[1].version += 1
        status = await rig.run()
        assert status.items["case"] == {"adopted": 1, "conflict": 1}
        assert rig.shop.cases[1].title == "Old test, see Ada"


async def test_an_older_workspace_makes_no_edition_again_in_a_run_that_is_open(tmp_path: Path) -> None:
    async with history_rig(tmp_path, []) as rig:
        rig.source.entities = [folder(), case(1), run(5, closed=False), result(1, 5, 1, "Failed")]
        await rig.run()
        shutil.copytree(tmp_path / "workspace", tmp_path / "older")
        # the status stays, so the counts of the run stay, too
        edited = result(1, 5, 1, "Failed").model_copy(update={"comment": plain("the sum is wrong")})
        rig.source.entities = [*rig.source.entities[:-1], edited]
        await rig.run()
        before = rig.results()
        assert before.total() == 2
        rig.workspace = "older"
        status = await rig.run()
        assert status.balanced, status.imbalance
        assert rig.results() == before


@pytest.mark.parametrize(
    ("known", "then"),
    [([], []), ([], ["v2"]), ([], ["v2", "v3"]), ([], ["v2", "v1"]), (["v1"], ["v2"]), (["v1"], ["v2", "v3"])],
)
async def test_what_an_older_workspace_finds_of_a_result_is_what_it_says(
    tmp_path: Path, known: list[str], then: list[str]
) -> None:
    """It knows the run, with the result as it was first or without it; others went on, and once more the source."""

    def of(words: str) -> AnyEntity:
        return result(2, 5, 1, "Failed" if words == "v2" else "Passed").model_copy(update={"comment": plain(words)})

    begun: list[AnyEntity] = [folder(), case(1), run(5, closed=False), result(1, 5, 1)]
    async with history_rig(tmp_path, [*begun, *map(of, known)]) as rig:
        await rig.run()
        shutil.copytree(tmp_path / "workspace", tmp_path / "older")
        for words in ["v1", *then]:
            rig.source.entities = [*begun, of(words)]
            await rig.run()
        there, now = rig.results(), of([*["v1"], *then][-1])
        rig.workspace = "older"
        await _comes_to_rest(rig, there)
        assert (await rig.run()).failures == []
        rig.source.entities = [*begun, now.model_copy(update={"comment": plain("v9")})]
        await rig.run()
        assert rig.results().total() == there.total() + 1


async def test_a_result_that_the_source_has_edited_since_others_sent_it_is_a_conflict_first(tmp_path: Path) -> None:
    begun: list[AnyEntity] = [folder(), case(1), run(5, closed=False), result(2, 5, 1)]
    async with history_rig(tmp_path, begun) as rig:
        rig.conflicts = "source"
        await rig.run()
        shutil.copytree(tmp_path / "workspace", tmp_path / "older")
        rig.source.entities = [*begun, result(3, 5, 1)]
        await rig.run()
        rig.workspace = "older"
        rig.source.entities = [*begun, result(3, 5, 1, "Failed")]
        status = await rig.run()
        assert [failure["state"] for failure in status.failures] == ["conflict"]
        assert "other words or another status" in str(status.failures[0])
        assert (await rig.verify("all"))[1] == []
        await _comes_to_rest(rig, rig.results() + Counter({"": 1}))
        assert rig.shown()["Smoke · 2024-03-06 · #5", "Case 1"] == ["passed", "passed", "failed"]


async def _comes_to_rest(rig: HistoryRig, there: Counter[str]) -> None:
    status = await rig.run()
    assert status.balanced, status.imbalance
    assert set(rig.results().values()) == {1}
    assert rig.results().total() == there.total()
    assert status.failures == []
    assert (await rig.verify("all"))[1] == []


async def test_an_older_workspace_finds_the_follow_ups_of_runs_that_it_knows(tmp_path: Path) -> None:
    begun: list[AnyEntity] = [folder(), case(1), case(2), run(5), result(1, 5, 1)]
    async with history_rig(tmp_path, begun) as rig:
        await rig.run()
        shutil.copytree(tmp_path / "workspace", tmp_path / "older")
        rig.source.entities = [*begun, result(2, 5, 2), result(3, 5, 1)]
        await rig.run()
        assert len(rig.shop.runs) == 2
        rig.workspace = "older"
        # as many results of the same tests: what follows is named after them
        rig.source.entities = [*rig.source.entities, result(4, 5, 2), result(5, 5, 1)]
        status = await rig.run()
        assert status.failures == []
        assert status.balanced, status.imbalance
        assert set(rig.results().values()) == {1}
        assert rig.results().total() == 5
        assert len(rig.shop.runs) == 3
        assert (await rig.verify("all"))[1] == []


def _made_twice(rig: HistoryRig) -> None:
    """Let there be a second case of the first one's marker, which the runs hold, as two who began at once may leave
    it."""
    first, project = rig.shop.cases[0], rig.shop
    project.last_seq += 1
    copy = replace(first, id=f"{first.id[:-1]}Z", seq=project.last_seq)
    rig.stand_in.store.add_case(project, copy)
    for made in project.runs.values():
        if row := made.cases.pop(first.id, None):
            row.case_id = copy.id
            row.frozen = row.frozen and copy
            made.cases[copy.id] = row


async def test_a_run_that_holds_the_copy_of_a_case_is_adopted_with_its_results_and_the_copy_is_named(
    tmp_path: Path,
) -> None:
    async with history_rig(tmp_path, [folder(), case(1), case(2), run(5), result(1, 5, 1), result(2, 5, 2)]) as rig:
        await rig.run()
        _made_twice(rig)
        rig.workspace = "second"
        status = await rig.run()
        assert status.balanced, status.imbalance
        assert len(rig.shop.runs) == 1
        assert set(rig.results().values()) == {1}
        assert status.items["run"] == {"adopted": 1}
        assert status.items["result"] == {"adopted": 2}
        assert [note["count"] for note in status.notes if note["code"] == "case_copied"] == [1]


async def test_a_run_of_other_cases_that_came_since_the_plan_is_not_made_again(tmp_path: Path) -> None:
    async with history_rig(tmp_path, [folder(), case(1), case(2), run(5), result(1, 5, 1), result(2, 5, 2)]) as rig:

        async def overtaken(workspace: Workspace, preparation: Preparation, migration: Migration) -> Status:
            prepared = await preparation.prepare(rig.job())
            assert prepared is not None
            await replace(rig, workspace="of the other").run()
            _made_twice(rig)
            await migration.load(rig.job(), prepared.round)
            return status_of(workspace, failures=None)

        rig.stand_in.store.add_project("SHOP", "Shop")
        status = await rig._work(overtaken)
        assert {failure["state"] for failure in status.failures} == {"blocked"}
        assert "was made of it meanwhile" in str(status.failures)
        assert len(rig.shop.runs) == 1
        status = await rig.run()
        assert status.failures == []
        assert len(rig.shop.runs) == 1
        assert set(rig.results().values()) == {1}


async def test_a_result_that_leaves_its_case_open_is_looked_up_though_no_count_tells_of_it(tmp_path: Path) -> None:
    async with history_rig(tmp_path, [folder(), case(1), run(5, closed=False), result(1, 5, 1, "Awaiting Run")]) as rig:
        refusing = ["yes"]
        rig.refuse("/result/batch", 422, lambda _body: bool(refusing))
        await rig.run()
        assert rig.results().total() == 0
        refusing.clear()
        shutil.copytree(tmp_path / "workspace", tmp_path / "older")
        await rig.retry()
        rig.workspace = "older"
        status = await rig.retry()
        assert status.failures == []
        assert rig.results().total() == 1
