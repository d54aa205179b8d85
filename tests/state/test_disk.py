import os
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from migrator.core.errors import StorageFull
from state.database import open_database
from state.disk import Disk
from state.workspace import open_workspace


class Flushes:
    """Flushes of the operating system, which take a while. ``ended``: the commits that each has brought to disk."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.commits = 0
        self.ended: list[int] = []
        self.error: OSError | None = None
        self.at_once = threading.Semaphore(1)
        monkeypatch.setattr(os, "fsync", self._fsync)

    def _fsync(self, _file: int) -> None:
        assert self.at_once.acquire(blocking=False)
        commits, error = self.commits, self.error
        time.sleep(0.005)
        self.at_once.release()
        if error:
            raise error
        self.ended.append(commits)


@pytest.fixture
def flushes(monkeypatch: pytest.MonkeyPatch) -> Flushes:
    return Flushes(monkeypatch)


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    (tmp_path / "x.db-wal").touch()
    return Disk(tmp_path / "x.db")


async def test_nobody_goes_on_before_a_flush_that_began_after_the_own_commit(disk: Disk, flushes: Flushes) -> None:
    async def work(delay: float) -> None:
        for _ in range(10):
            await anyio.sleep(delay)
            flushes.commits += 1
            mine = flushes.commits
            await disk.flushed()
            assert max(flushes.ended) >= mine

    async with anyio.create_task_group() as group:
        for number in range(8):
            group.start_soon(work, number / 1000)
    assert len(flushes.ended) < 60


async def test_all_who_ask_at_once_share_one_flush(disk: Disk, flushes: Flushes) -> None:
    async with anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(disk.flushed)
    assert len(flushes.ended) == 1


async def test_a_disk_that_refused_once_is_not_trusted_again(disk: Disk, flushes: Flushes) -> None:
    failed = []

    async def work() -> None:
        try:
            await disk.flushed()
        except StorageFull as error:
            failed.append(error)

    flushes.error = OSError(28, "No space left on device")
    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(work)
    assert len(failed) == 5
    flushes.error = None
    with pytest.raises(StorageFull):
        await disk.flushed()
    with pytest.raises(StorageFull):
        disk.flush()


async def test_a_caller_that_goes_away_leaves_the_others_their_flush(disk: Disk, flushes: Flushes) -> None:
    async with anyio.create_task_group() as group:
        with anyio.move_on_after(0.001):
            await disk.flushed()
        group.start_soon(disk.flushed)
    assert len(flushes.ended) == 2


def test_a_commit_leaves_the_flush_to_who_needs_it_and_other_journals_to_sqlite(tmp_path: Path) -> None:
    with open_workspace(tmp_path) as workspace:
        assert workspace.db.execute("PRAGMA synchronous").fetchone() == (1,)
        workspace.store.journal.disk.flush()
    with closing(sqlite3.connect(tmp_path / "migration.db")) as db:
        db.execute("PRAGMA journal_mode = DELETE")
    with closing(open_database(tmp_path / "migration.db")) as other:
        assert other.execute("PRAGMA synchronous").fetchone() == (2,)
    Disk(tmp_path / "migration.db").flush()
