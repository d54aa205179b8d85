"""A note, and a file's place in the books, last as long as what they speak of is in QA Sphere."""

from pathlib import Path

from connectors.qacomplete.sandbox import demo_company
from migrator.app.reports.documents import Status
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
