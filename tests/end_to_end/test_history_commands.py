"""Runs and results of QAComplete through the commands: migrate, verify, and verify without the old workspace."""

import json
from pathlib import Path

from tests.support.rig import rig
from tests.torture.history import history


async def test_verify_reads_results_back_also_from_a_new_workspace(tmp_path: Path) -> None:
    async with rig(tmp_path, history(6, 6, 12)) as running:
        ended = await running.migrate("run --json")
        assert ended.code == 0, ended.err
        checked = await running.migrate("verify --results all --json")
        assert checked.code == 0, checked.out
        document = json.loads(checked.out)
        assert document["checked"]["run"] == 6
        assert document["checked"]["result"] == json.loads(ended.out)["items"]["result"]["migrated"]
        writes = running.writes()
        running.settings = {"workspace": str(tmp_path / "other")}
        checked = await running.migrate("verify --results sample --json")
        assert checked.code == 0, checked.out
        assert running.writes() == writes
        # one result is lost: the new workspace would have to create it, so it is missing
        row = next(row for run in running.shop.runs.values() for row in run.cases.values() if row.results)
        row.results.pop()
        running.settings = {"workspace": str(tmp_path / "third")}
        checked = await running.migrate("verify --json")
        assert checked.code == 6
        assert [found["kind"] for found in json.loads(checked.out)["missing"]] == ["result"]
