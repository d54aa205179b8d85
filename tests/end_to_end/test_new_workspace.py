"""A new workspace, of a project that another one has migrated: what only the load could know is read from QA Sphere."""

from pathlib import Path

import pytest

from connectors.qacomplete.sandbox import generate
from connectors.qacomplete.sandbox.files import File
from migrator.engine.files import fetch
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
