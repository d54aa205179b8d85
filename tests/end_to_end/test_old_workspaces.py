"""A workspace that the version before made is opened, continued and verified; nothing is sent twice."""

import re
from collections import Counter
from pathlib import Path

import pytest

from migrator.app import verify as verifying
from migrator.core.errors import StalePlan
from migrator.core.events import ignore
from migrator.core.refs import stated_marker
from tests.support.old_workspace import FIXTURES, old_rig
from tests.support.rig import ROOT, Rig

LEFT = {"0.1.0": ("finished", "interrupted", "planned")}
"""Released version → the workspaces that it has left (``make_workspaces.py``)."""


def results(running: Rig) -> Counter[str]:
    """How often each result's marker stands in QA Sphere."""
    rows = [row for run in running.shop.runs.values() for row in run.cases.values()]
    return Counter(stated_marker(result.comment) for row in rows for result in row.results)


def versions(running: Rig) -> dict[str, int]:
    return {case.id: case.version for case in running.shop.cases}


async def verified(running: Rig) -> None:
    found = await verifying.verify(running.parsed(), ignore, files="all", results="all")
    assert found.wrong == 0, found
    assert found.checked.items() >= {"case": 12, "run": 6, "result": 33, "file": 7}.items()


def test_every_released_version_has_left_workspaces() -> None:
    versions = re.findall(r"^## (\d\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(versions) == set(LEFT)
    assert {f"{name}.json.xz" for names in LEFT.values() for name in names} == {
        path.name for path in FIXTURES.glob("*.json.xz")
    }


@pytest.mark.parametrize("name", [name for names in LEFT.values() for name in names])
async def test_a_workspace_of_the_version_before_is_continued(tmp_path: Path, name: str) -> None:
    async with old_rig(tmp_path, name) as running:
        status = await running.run()
        assert not status.has_failures
        assert status.balanced
        assert running.lost_and_doubled() == ([], [])
        assert len(running.shop.runs) == 6
        there = results(running)
        assert (len(there), there.total()) == (33, 33)
        await verified(running)
        # no upgrade changes what is in QA Sphere by itself
        before = versions(running)
        await running.sync()
        assert versions(running) == before
        assert results(running) == there


async def test_a_plan_of_the_version_before_is_applied_or_refused_but_never_half(tmp_path: Path) -> None:
    async with old_rig(tmp_path, "planned") as running:
        try:
            await running.apply()
        except StalePlan:
            assert running.writes() == 0
        else:
            assert running.stored() == 12
