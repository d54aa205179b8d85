"""Columns of matrices in whole migrations: what is mapped arrives, what is misspelt stops, and rules repeat nothing."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.workiva import sandbox
from connectors.workiva.sandbox import Attachment, Column, SeedData
from migrator.core.errors import ConfigError
from migrator.core.text import visible_text
from tests.end_to_end.test_init_workiva import proposed
from tests.support.workiva import WorkivaRig, stand_in, workiva_rig

COLUMNS = {
    "Tested by": "tester",
    "DT": "executed_at",
    "Conclusion": "comment",
    "Exceptions noted?": {"verdict": {"No": "passed", "Yes": "failed"}},
}


def four_samples() -> SeedData:
    """One matrix of four samples, with the columns that testers use beside the attributes."""
    data = sandbox.generate(1, phases=1, matrices=1, samples=4)
    matrix = data.forms[0].phases[0].matrices[0]
    (matrix.data_columns or []).append(Column("by", "Tested by"))
    matrix.result_columns = [
        Column("exceptions", "Exceptions noted?", "TA1", testable=True),
        Column("on", "Date tested", "DT"),
        Column("end", "Conclusion", testable=False),
    ]
    for number, sample in enumerate(matrix.samples):
        sample.data["by"] = f"Tester {number % 2}"
        sample.results = {"exceptions": ("No", "Yes")[number == 3], "on": "03/31/2025", "end": f"Seen {number}"}
    return data


def results(rig: WorkivaRig) -> list[Any]:
    return [
        one
        for run in rig.destination.store.projects["SOX"].runs.values()
        for row in run.cases.values()
        for one in row.results
    ]


async def test_what_testers_wrote_arrives_where_people_look(tmp_path: Path) -> None:
    async with workiva_rig(tmp_path, stand_in(four_samples())) as rig:
        await proposed(rig)
        text = (tmp_path / "new.yaml").read_text(encoding="utf-8")
        rig.mapping = {"columns": yaml.safe_load(text)["mapping"]["columns"]}
        assert rig.mapping["columns"] == {("Date tested" if name == "DT" else name): COLUMNS[name] for name in COLUMNS}
        status = await rig.run()
        proof = await rig.verify()
        found = results(rig)
        steps = {step["description"] for case in rig.cases() for step in case.steps}
    assert (status.balanced, proof.different, proof.missing) == (True, [], [])
    assert sorted(one.status for one in found) == ["failed", "passed", "passed", "passed"]
    assert "Tester: Tester 0 Executed at: 03/31/2025" in visible_text(found[0].comment)
    assert steps == {"<p>Exceptions noted? (TA1)</p>"}


async def test_a_misspelt_column_stops_before_anything_is_written(tmp_path: Path) -> None:
    async with workiva_rig(tmp_path, stand_in(four_samples())) as rig:
        rig.mapping = {"columns": {"Testet by": "tester"}}
        with pytest.raises(ConfigError, match="columns of project") as raised:
            await rig.run()
        assert (raised.value.code.value.code, rig.writes()) == ("QM110", 0)
        assert "nearest: “Tested by”" in raised.value.cause


async def test_new_rules_and_a_new_program_repeat_no_result(tmp_path: Path) -> None:
    """An earlier version read less out of the same rows; evidence that is attached later is no edit of a verdict."""
    data = four_samples()
    sample = data.samples()[0]
    async with workiva_rig(tmp_path, stand_in(data)) as rig:
        await rig.run()
        before = len(results(rig))
        with sqlite3.connect(tmp_path / "workspace" / "migration.db") as db:
            db.execute("UPDATE ledger SET stamp_entity = 'of an earlier version' WHERE kind = 'result'")
        rig.mapping = {"columns": COLUMNS}
        await rig.sync()
        sample.attachments.append(Attachment.of("a1", "late.pdf", b"%PDF late"))
        await rig.sync()
        assert len(results(rig)) == before
        sample.results["end"] = "Seen again"
        await rig.sync()
        assert len(results(rig)) == before + 1
