"""Results that rules or names of columns would make others today: nothing is sent, and the plan says how many."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.workiva.sandbox import Attachment, Column, SeedData
from migrator.cli.output.plan import print_plan
from migrator.core.notes import NoteCode
from migrator.core.text import visible_text
from state.workspace import open_workspace
from tests.connectors.workiva.test_columns import COLUMNS, four_samples, results
from tests.support.workiva import WorkivaRig, stand_in, workiva_rig


def noted(rig: WorkivaRig) -> list[str]:
    with open_workspace(rig.folder / "workspace", write=False) as workspace:
        return [note.message for note in workspace.notes.with_codes([NoteCode.STANDS_AS_SENT])]


def renamed(data: SeedData) -> None:
    for column in data.forms[0].phases[0].matrices[0].result_columns:
        column.name = f"{column.name} (2025)"


def reordered(data: SeedData) -> None:
    data.forms[0].phases[0].matrices[0].result_columns.reverse()


def with_an_empty_one(data: SeedData) -> None:
    data.forms[0].phases[0].matrices[0].result_columns.insert(0, Column("new", "Reperformed", testable=True))


@pytest.mark.parametrize("change", [renamed, reordered, with_an_empty_one])
@pytest.mark.parametrize("has_rules", [False, True])
async def test_other_names_of_columns_are_no_other_results(
    tmp_path: Path, change: Callable[[SeedData], None], has_rules: bool
) -> None:
    data = four_samples()
    data.forms[0].phases[0].matrices[0].result_columns.append(Column("second", "Second", testable=True))
    for sample in data.samples():
        sample.results["second"] = "PASS"
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        if has_rules:  # by ids, which no name changes
            rig.mapping = {"columns": {"by": "tester", "on": "executed_at", "end": "comment"}}
        await rig.run()
        assert (len(results(rig)), noted(rig)) == (4, [])
        change(data)
        for _ in range(2):
            assert (await rig.run()).balanced
            assert len(results(rig)) == 4
            (said,) = noted(rig)
            assert said.startswith("4 of its results stand as they were sent")
            assert "by what the source calls its columns" in said
            assert "today's rules" not in said
        # what anybody adds beside them does not add up to an edit
        data.samples()[1].data["by"] += " junior" if not has_rules else ""
        data.samples()[1].attachments.append(Attachment.of("a1", "late.pdf", b"%PDF late"))
        await rig.run()
        assert len(results(rig)) == 4
        data.samples()[0].results["second"] = "FAIL"
        await rig.run()
        assert len(results(rig)) == 5
        assert (await rig.verify()).wrong == 0


async def test_a_verdict_that_changes_with_the_name_of_its_column_is_an_edit(tmp_path: Path) -> None:
    data = four_samples()
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        await rig.run()
        renamed(data)
        reordered(data)
        data.samples()[2].results["exceptions"] = "Yes"
        await rig.run()
        assert len(results(rig)) == 5
        assert noted(rig)[0].startswith("3 of its results")


async def test_a_tester_or_date_that_is_corrected_is_an_edit(tmp_path: Path) -> None:
    data = four_samples()
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        rig.mapping = {"columns": COLUMNS}
        await rig.run()
        data.samples()[0].results["on"] = "04/01/2025"
        data.samples()[1].data["by"] = "Somebody else"
        await rig.run()
        assert len(results(rig)) == 6


async def test_a_column_that_loses_its_rule_with_its_name_repeats_nothing(tmp_path: Path) -> None:
    data = four_samples()
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        rig.mapping = {"columns": COLUMNS}
        await rig.run()
        (data.forms[0].phases[0].matrices[0].data_columns or [])[-1].name = "Preparer of the work paper"
        await rig.run()
        assert len(results(rig)) == 4
        assert len(noted(rig)) == 1


async def test_new_rules_are_told_with_numbers_and_send_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with workiva_rig(tmp_path, stand_in(four_samples())) as rig:
        await rig.run()
        assert noted(rig) == []
        no = next(one.status for one in results(rig) if "Original status: No" in visible_text(one.comment))
        rig.mapping = {"columns": COLUMNS}
        plan = await rig.plan()
        assert plan.actions["result"] == {"stands": 4}
        print_plan(plan)
        assert "4 results stand as they were sent, and would look otherwise by today's rules" in capsys.readouterr().out
        await rig.sync()
        writes, (said,) = rig.writes(), noted(rig)
        assert "4 by today's rules (mapping.columns, mapping.status" in said
        await rig.sync()
        assert (rig.writes(), noted(rig), len(results(rig))) == (writes, [said], 4)
        rig.mapping = {"status": {"No": no}}  # what it is anyway
        await rig.sync()
        assert noted(rig) == []
        rig.mapping = {"status": {"No": "passed"}}
        await rig.sync()
        assert len(noted(rig)) == 1
        rig.mapping = {}
        await rig.sync()
        assert (noted(rig), len(results(rig))) == ([], 4)


async def test_words_of_verdicts_that_are_added_at_the_source_are_told(tmp_path: Path) -> None:
    data = four_samples()
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        await rig.run()
        rig.settings = {"verdicts": {"passed": ["No"], "failed": ["Yes"]}}
        await rig.run()
        assert len(results(rig)) == 4
        assert len(noted(rig)) == 1


@pytest.mark.parametrize("seed", range(6))
async def test_only_cells_make_editions(tmp_path: Path, seed: int) -> None:
    """Rules, names, order and empty columns change as they like; each edition is a cell that says something else."""
    chance, data = random.Random(seed), four_samples()
    changes = (renamed, reordered, with_an_empty_one)
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        await rig.run()
        expected = 4
        for number in range(4):
            chance.choice(changes)(data)
            rig.mapping = {"columns": {"by": "tester", "end": "comment"}} if chance.random() < 0.5 else {}
            if chance.random() < 0.5:
                chance.choice(data.samples()).results["end"] = f"Seen in round {number}"
                expected += 1
            assert (await rig.run()).balanced
            assert len(results(rig)) == expected
