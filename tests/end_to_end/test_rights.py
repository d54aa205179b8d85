"""Who else may read a workspace: nobody, whatever the umask and whatever was there before."""

import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.qacomplete.sandbox import generate
from migrator.app.runtime.probe_file import RESULT, load_probe, save_probe
from migrator.app.runtime.whole_file import whole_file
from migrator.core.errors import ConfigError
from migrator.core.probe import ProbeResult
from state.workspace import open_workspace
from tests.support.rig import Rig, rig


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path, generate(5)) as opened:
        yield opened


def open_to_others(folder: Path) -> list[Path]:
    return [path for path in (folder, *folder.rglob("*")) if stat.S_IMODE(path.lstat().st_mode) & 0o077]


async def test_a_workspace_is_for_its_owner_alone_whatever_the_umask(running: Rig) -> None:
    before = os.umask(0)
    try:
        ended = await running.migrate()
    finally:
        os.umask(before)
    assert ended.code == 0, ended.err
    assert open_to_others(running.folder / "workspace") == []


async def test_a_workspace_that_was_open_is_closed_and_said(running: Rig) -> None:
    folder = running.folder / "workspace"
    await running.migrate()
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    ended = await running.migrate()
    assert ended.code == 0
    assert "was open to others" in ended.err
    assert [path for path in open_to_others(folder) if path.parent in (folder, folder.parent)] == []
    assert "was open to others" not in (await running.migrate()).err


@pytest.mark.parametrize("name", ["lock", "migration.db", "migrator.log", "health.json"])
def test_nothing_is_written_through_a_planted_link(name: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("precious", encoding="utf-8")
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / name).symlink_to(outside)
    with pytest.raises(ConfigError, match="is a link"), open_workspace(folder):
        pass
    assert outside.read_text(encoding="utf-8") == "precious"


def test_a_report_is_not_written_through_a_planted_link(tmp_path: Path) -> None:
    outside, report = tmp_path / "outside", tmp_path / "run.html"
    outside.write_text("precious", encoding="utf-8")
    (tmp_path / "run.html.part").symlink_to(outside)
    report.symlink_to(outside)
    with whole_file(report) as file:
        file.write(b"page")
    assert outside.read_text(encoding="utf-8") == "precious"
    assert report.read_text(encoding="utf-8") == "page"
    assert not report.is_symlink()


def test_what_is_no_regular_file_is_not_replaced_by_a_report(tmp_path: Path) -> None:
    pipe = tmp_path / "archive.ndjson"
    os.mkfifo(pipe)
    with pytest.raises(ConfigError, match="cannot write"), whole_file(pipe) as file:
        file.write(b"page")
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


def test_what_a_probe_found_is_not_written_through_a_planted_link(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "workspace"
    outside.write_text("precious", encoding="utf-8")
    folder.mkdir()
    (folder / RESULT).symlink_to(outside)
    found = ProbeResult(asked_at="2026-01-01", base_url="https://acme.example", project="PRB", answers={})
    save_probe(found, folder)
    assert outside.read_text(encoding="utf-8") == "precious"
    assert load_probe(folder) == found
    assert open_to_others(folder) == [folder]


@pytest.mark.parametrize("name", ["migration.db", "migration.db-wal", "migration.db-shm"])
@pytest.mark.parametrize("write", [True, False])
def test_no_database_is_opened_through_a_link_even_to_read(tmp_path: Path, name: str, *, write: bool) -> None:
    folder = tmp_path / "workspace"
    with open_workspace(folder):
        pass
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="is a link"), open_workspace(folder, write=write):
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_a_pipe_in_the_workspace_is_not_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    folder.mkdir()
    os.mkfifo(folder / "migrator.log")
    with pytest.raises(ConfigError, match="a pipe"), open_workspace(folder):
        pass
