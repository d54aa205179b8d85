"""A note, and a file's place in the books, last as long as what they speak of is in QA Sphere."""

from pathlib import Path
from typing import Any

import pytest

from connectors.qacomplete.sandbox import demo_company
from migrator.app.reports.documents import Status
from migrator.core.model import AnyEntity, StepResult
from tests.support.history import case, folder, plain, result, run
from tests.support.history_rig import HistoryRig, history_rig
from tests.support.rig import rig


def notes(status: Status) -> dict[tuple[str, str], int]:
    return {(note["code"], note["kind"]): note["count"] for note in status.notes}


def in_qa_sphere(status: Status, kind: str) -> int:
    return sum(status.items[kind].get(fate, 0) for fate in ("migrated", "updated", "adopted", "unchanged"))


async def test_no_loss_is_forgotten_by_a_run_that_finds_nothing_changed(tmp_path: Path) -> None:
    async with rig(tmp_path, demo_company()) as running:
        first = await running.run()
        assert any(kind in ("run", "result") for _, kind in notes(first))
        again = await running.run()
        assert notes(again) == notes(first)
        for kind in ("file", "run", "result", "case"):
            assert in_qa_sphere(again, kind) == in_qa_sphere(first, kind), kind
            assert sum(again.items[kind].values()) == sum(first.items[kind].values()), kind
        third = await running.run()
        assert (third.items, notes(third)) == (again.items, notes(first))


async def test_what_a_run_lost_is_said_again_when_it_comes_back(tmp_path: Path) -> None:
    data = demo_company()
    async with rig(tmp_path, data) as running:
        first = await running.run()
        assert ("run_text_cut", "run") in notes(first)
        gone = data.runs.pop(0)
        assert [row["kind"] for row in (await running.sync()).deletions] == ["run"]
        data.runs.insert(0, gone)
        assert (await running.sync()).deletions == []
        assert notes(await running.run()) == notes(first)


async def test_a_new_workspace_says_again_what_runs_and_results_have_lost(tmp_path: Path) -> None:
    async with rig(tmp_path, demo_company()) as running:
        first = notes(await running.run())
        running.settings |= {"workspace": str(tmp_path / "second")}
        for _ in range(2):
            assert notes(await running.run()) == first


def _changed(rig: HistoryRig, marker: str, **values: Any) -> None:
    rig.source.entities = [
        entity.model_copy(update=values) if entity.ref.marker.endswith(marker) else entity
        for entity in rig.source.entities
    ]


@pytest.mark.parametrize("closed", [True, False])
async def test_so_it_does_of_what_came_later(tmp_path: Path, closed: bool) -> None:
    begun: list[AnyEntity] = [folder(), case(1), case(2), run(5, closed=closed), result(1, 5, 1), result(2, 5, 2)]
    async with history_rig(tmp_path, begun) as rig:
        await rig.run()
        step = StepResult(status="Failed", action=plain("Open"), actual=plain("Edited"))
        _changed(rig, "result:12/5/1", steps=(step,))
        rig.source.entities = [*rig.source.entities, case(3), result(3, 5, 3)]
        first = notes(await rig.run())
        assert (first["changed_at_source", "result"], first["run_split", "run"]) == (1, 1)
        rig.workspace = "second"
        for _ in range(2):
            status = await rig.run()
            assert notes(status) == first
            assert (await rig.verify("all"))[1] == []


async def test_a_run_that_was_renamed_at_the_source_has_a_note_in_a_new_workspace_too(tmp_path: Path) -> None:
    async with history_rig(tmp_path, [folder(), case(1), run(5), result(1, 5, 1)]) as rig:
        await rig.run()
        _changed(rig, "run:12/5", title="Another run", set_title="Another set")
        assert ("changed_at_source", "run") in notes(await rig.run())
        rig.workspace = "second"
        for _ in range(2):
            # nobody knows on which side it was renamed
            assert ("conflict_kept", "run") in notes(await rig.run())
