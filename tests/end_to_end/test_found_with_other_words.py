"""What a new workspace finds in QA Sphere is as it would write it, or it is listed; verify says so, not “wrong”."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.qacomplete.sandbox import demo_company, generate
from migrator.core.model import AnyEntity, StepResult
from migrator.engine.verify.findings import Finding
from state.packed import packed_draft
from tests.support.drafts import ref
from tests.support.history import START, case, folder, plain, release, result, run
from tests.support.history_rig import HistoryRig, history_rig
from tests.support.old_workspace import old_rig
from tests.support.rig import rig

Change = Callable[[HistoryRig], None]


def _world(*, closed: bool) -> list[AnyEntity]:
    milestone = ref("release", "12", "3")
    runs: list[AnyEntity] = [run(5, closed=closed, milestone=milestone), result(1, 5, 1, "Failed"), result(2, 5, 2)]
    return [folder(), case(1), case(2), release(3), *runs]


def _changed(marker: str, **values: Any) -> Change:
    """The source changes an item."""

    def change(rig: HistoryRig) -> None:
        rig.source.entities = [
            entity.model_copy(update=values) if entity.ref.marker.endswith(marker) else entity
            for entity in rig.source.entities
        ]

    return change


def _words_there(rig: HistoryRig) -> None:
    """A colleague writes something else into the description of the runs."""
    for made in rig.shop.runs.values():
        made.description = made.description.replace("Started", "Begun")


def _time_there(rig: HistoryRig) -> None:
    """QA Sphere counts another time for a result."""
    row = next(row for made in rig.shop.runs.values() for row in made.cases.values())
    row.results[0].time_taken = 1234


EDITED = (StepResult(status="Failed", action=plain("Open"), actual=plain("Edited")),)


async def _adopted(rig: HistoryRig, change: Change) -> list[Finding]:
    """Change something, let a new workspace adopt what is there, twice; return what verify finds."""
    await rig.run()
    change(rig)
    rig.workspace = "second"
    for _ in range(2):
        status = await rig.run()
        assert status.balanced, status.imbalance
        _, found = await rig.verify("all")
        assert {finding.what for finding in found} <= {"no_base"}, found
    return found


@pytest.mark.parametrize("policy", ["report", "source", "destination"])
@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize(
    "change",
    [
        _changed("result:12/5/1", steps=EDITED),
        _changed("result:12/5/1", status="Passed"),
        _changed("result:12/5/1", recorded_in="Ada Berg"),
        _changed("result:12/5/1", executed_at=START),
        _changed("run:12/5", ended_at=START),
        _changed("test:12/1", title="Another title"),
        _words_there,
        _time_there,
    ],
    ids=["words", "status", "recorded", "date", "run", "case", "words_there", "time_there"],
)
async def test_what_a_new_workspace_finds_with_other_words_is_never_wrong(
    tmp_path: Path, change: Change, closed: bool, policy: Any
) -> None:
    async with history_rig(tmp_path, _world(closed=closed)) as rig:
        rig.conflicts = policy
        await _adopted(rig, change)


async def test_a_case_in_conflict_without_a_base_is_listed_by_verify(tmp_path: Path) -> None:
    async with history_rig(tmp_path, _world(closed=True)) as rig:
        found = await _adopted(rig, _changed("test:12/1", title="Another title"))
        assert [(one.what, one.kind, one.field, one.found) for one in found] == [("no_base", "case", "title", "Case 1")]


async def test_a_run_that_is_found_with_other_words_has_a_note_as_long_as_it_lives(tmp_path: Path) -> None:
    async with history_rig(tmp_path, _world(closed=True)) as rig:
        await rig.run()
        _words_there(rig)
        rig.workspace = "second"
        for _ in range(3):
            status = await rig.run()
            kept = [note for note in status.notes if note["code"] == "conflict_kept"]
            assert [(note["kind"], note["count"]) for note in kept] == [("run", 1)]
            assert (await rig.verify("all"))[1] == []


def _with_the_sources_words(rig: HistoryRig, draft: Any) -> None:
    """Let the ledger hold of a found result what the source says, as an earlier version left it."""
    with rig.open() as workspace:
        workspace.db.execute("UPDATE ledger SET draft = ? WHERE marker = ?", [packed_draft(draft), draft.marker])


@pytest.mark.parametrize("policy", ["report", "source", "destination"])
@pytest.mark.parametrize("closed", [True, False])
async def test_results_that_an_earlier_version_adopted_without_a_base_are_listed(
    tmp_path: Path, closed: bool, policy: Any
) -> None:
    async with history_rig(tmp_path, _world(closed=closed)) as rig:
        rig.conflicts = policy
        await rig.run()
        marker = "qacomplete@acme:result:12/5/1"
        with rig.open() as workspace:
            draft = workspace.store.ledger.holdings([marker])[marker].draft
        _changed("result:12/5/1", steps=EDITED)(rig)
        row = next(row for made in rig.shop.runs.values() for row in made.cases.values())
        row.results[0].comment = row.results[0].comment.replace("Opened 1", "Tried 1")
        rig.workspace = "second"
        await rig.run()
        _with_the_sources_words(rig, draft)
        for _ in range(2):
            _, found = await rig.verify("all")
            assert {(one.what, one.kind, one.field) for one in found} == {("no_base", "result", "comment")}
            await rig.run()


async def test_what_only_verify_has_found_is_wrong_until_a_round_has_listed_it(tmp_path: Path) -> None:
    data = generate(3)
    async with rig(tmp_path, data) as running:
        await running.run()
        case_there = running.shop.cases[0]
        case_there.title, case_there.version = "By a colleague", case_there.version + 1
        running.settings = {"workspace": str(tmp_path / "second")}
        found = await running.verify()
        assert [finding["field"] for finding in found.different] == ["title"]
        status = await running.run()
        assert status.items["case"] == {"unchanged": 2, "conflict": 1}
        for _ in range(2):
            found = await running.verify()
            assert (found.wrong, [finding["field"] for finding in found.no_base]) == (0, ["title"])
        ended = await running.migrate("verify")
        assert ended.code == 0
        assert "no base" in ended.out


async def test_a_result_in_conflict_is_said_by_verify(tmp_path: Path) -> None:
    async with rig(tmp_path, demo_company()) as running:
        await running.run()
        open_runs = [made for made in running.shop.runs.values() if not made.closed_at]
        row = next(row for made in open_runs for row in made.cases.values() if row.results)
        row.results[0].comment = f"<p>By a colleague</p>{row.results[0].comment}"
        running.settings = {"workspace": str(tmp_path / "second")}
        found = await running.verify()
        assert [finding["kind"] for finding in found.different] == ["result"]
        status = await running.run()
        assert status.items["result"]["conflict"] == 1
        found = await running.verify(results="all")
        assert (found.wrong, [finding["kind"] for finding in found.no_base]) == (0, ["result"])


async def test_what_the_version_before_wrote_is_adopted_by_a_new_workspace(tmp_path: Path) -> None:
    async with old_rig(tmp_path, "finished") as running:
        running.settings |= {"workspace": str(tmp_path / "second")}
        status = await running.run()
        assert status.items["case"] == {"adopted": 6, "conflict": 6}
        for _ in range(2):
            found = await running.verify(results="all", files="all")
            assert (found.wrong, found.edited) == (0, [])
            assert {(finding["kind"], finding["field"]) for finding in found.no_base} == {("case", "precondition")}
