"""Sync as a process: killed, started twice, and running on by itself."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from filelock import FileLock

from connectors.qacomplete.sandbox import generate
from connectors.qacomplete.sandbox.data import User
from migrator.app.sync.health import HEALTH, Health, read_health
from migrator.app.sync.unattended import SyncOutcome, unattended_sync
from migrator.core.events import Event, Said, ignore
from migrator.engine.job import DELETED_TAG
from migrator.standin.serve import serve
from state.workspace import LOCK, open_workspace
from tests.end_to_end.test_sync import deleted, policy
from tests.support.rig import ROOT, Rig, rig
from tests.support.there import by_id, edited_there

POINTS = ("after_intent:1", "sent:2", "answered:3", "before_ledger_commit:1", "after_ledger_commit:2")


class Moody(list[User]):
    """Users whose list cannot be read every third time: a row has no id."""

    def __init__(self, users: list[User]) -> None:
        super().__init__(users)
        self.reads = 0

    def __iter__(self) -> Iterator[User]:
        self.reads += 1
        yield from super().__iter__()
        if self.reads % 3 == 0:
            yield User(None, "No", "Id", "x@acme.example")  # type: ignore[arg-type]


@asynccontextmanager
async def going_on(running: Rig, every: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run ``sync --every`` while the block runs; it must be over by its end."""
    path = running.write_config()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "migrator", "--config", str(path), "sync", "--every", every,
        cwd=running.folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
        assert process.returncode is not None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def resident_kib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def health_of(running: Rig) -> Health | None:
    return read_health(running.folder / "workspace")


async def test_kills_anywhere_come_to_the_same_state(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(16)) as running:
        policy(running, conflicts="source", deletions="tag")
        await running.sync()
        cases, versions = by_id(running), {case.id: case.version for case in running.shop.cases}
        gone = deleted(running, 2)
        edited = running.source.data.tests[:6]
        for number, point in enumerate(POINTS):
            for test in edited:
                test.title = f"Source {number} {test.id}"
            theirs = edited[number]
            edited_there(cases[theirs.id], title=f"Colleague {number}")
            versions[cases[theirs.id].id] += 1
            ended = await running.migrate("sync", environment={"MIGRATOR_CRASH_AT": point})
            assert ended.code == -signal.SIGKILL, ended.err
            report = await running.sync()
            assert (report.exit_code(strict=True), report.balanced) == (0, True)
            assert all(cases[test.id].title == test.title for test in edited)
            writes = running.writes()
            assert (await running.sync()).written == {}
            assert running.writes() == writes
            # each case was changed once, whatever was killed
            for test in edited:
                versions[cases[test.id].id] += 1
        for test in gone:
            assert cases[test.id].tags.count(DELETED_TAG) == 1
            versions[cases[test.id].id] += 1
        assert {case.id: case.version for case in running.shop.cases} == versions
        notes = {note["code"]: note["count"] for note in (await running.run()).notes}
        # what was overwritten is kept, each value once
        assert notes["conflict_overwritten"] == len(POINTS)


async def test_the_second_of_two_syncs_ends_with_10_and_leaves_the_health_file_alone(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(3)) as running:
        (tmp_path / "workspace").mkdir()
        with FileLock(tmp_path / "workspace" / LOCK):
            ended = await running.migrate("sync")
            assert ended.code == 10, ended.err
            assert "another process works" in ended.err
        assert health_of(running) is None
        ended = await running.migrate("sync")
        assert ended.code == 0, ended.err
        health = health_of(running)
        assert health is not None
        assert (health.exit, health.counts, health.next) == (0, {"migrated": 4 + len(running.shop.folders)}, "")
        assert health.last_success == health.ended


async def test_the_webhook_is_told_of_changes_and_of_a_failure_once(tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []

    async def take(request: web.Request) -> web.Response:
        told.append(await request.json())
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_post("/hooks/{secret}", take)
    async with rig(tmp_path, generate(4)) as running, serve(app) as url:
        running.settings = {"notify": {"url": f"{url}/hooks/t0p-secret"}}

        async def one() -> SyncOutcome:
            return await unattended_sync(running.parsed(), ignore)

        await one()
        assert (await one()).summary().startswith("sync: nothing changed")
        assert [(found["event"], found["exit"]) for found in told] == [("changes", 0)]
        assert told[0]["source"] == "qacomplete@acme"
        assert Path(told[0]["report"]) in set((tmp_path / "workspace" / "reports").glob("sync-*.html"))
        deleted(running, 1)
        await one()
        assert [entry["kind"] for entry in told[1]["deletions"]] == ["case"]
        users = running.source.data.users
        running.source.data.users = [User(None, "No", "Id", "x@acme.example")]  # type: ignore[arg-type]
        for _ in range(2):
            assert (await one()).exit_code == 5
        assert (told[2]["event"], told[2]["exit"], len(told)) == ("failures", 5, 3)
        assert "no id" in told[2]["error"]["message"]
        running.source.data.users = users
        # what was told before the failure is not told again
        assert (await one()).exit_code == 0
        assert len(told) == 3
        # whom only failures interest, and a webhook that is not there
        running.settings = {"notify": {"url": f"{url}/hooks/t0p-secret", "only": ["failures"]}}
        deleted(running, 1)
        await one()
        assert len(told) == 3
        running.settings = {"notify": {"url": "http://127.0.0.1:1/t0p-secret"}}
        deleted(running, 1)
        said: list[Event] = []
        assert (await unattended_sync(running.parsed(), said.append)).exit_code == 0
        lines = [event.text for event in said if isinstance(event, Said)]
        (line,) = [line for line in lines if "the webhook could not be told" in line]
        assert "t0p-secret" not in line


async def test_a_year_of_rounds_leaves_no_heap(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(2)) as running:
        for _ in range(4):
            await running.sync()
        with open_workspace(tmp_path / "workspace", write=False) as workspace:
            counts = {
                table: workspace.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in ("round", "stream")
            }
        assert counts["round"] <= 2
        assert counts["stream"] <= 14
        assert (await running.sync()).balanced


async def test_one_line_when_nothing_is_new(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(8)) as running:
        await running.migrate("sync")
        test = running.source.data.tests[0]
        test.title = "Source"
        edited_there(by_id(running)[test.id], title="Colleague")
        shown = await running.migrate("sync --dry-run")
        assert "sync would do: conflicts: 1" in shown.out
        first = await running.migrate("sync --strict")
        assert first.code == 3, first.err
        assert "'Source'" in first.out
        assert "'Colleague'" in first.out
        again = await running.migrate("sync")
        assert again.code == 0
        (line,) = again.out.strip().splitlines()
        assert line.startswith("sync: nothing changed")
        assert line.endswith("as before: conflicts: 1")
        document = json.loads((await running.migrate("sync --json")).out)
        assert [entry["title"] for entry in document["conflicts"]] == ["Source"]
        assert document["exit"] == 0
        ended = await running.migrate("sync --every 15")
        assert ended.code == 2


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads memory from /proc")
async def test_round_after_round_with_a_moody_source_memory_stays_flat_and_sigterm_ends_it(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(5)) as running:
        users = Moody(running.source.data.users)
        running.source.data.users = users
        async with going_on(running, "0.02s") as process:
            sizes: dict[int, int] = {}
            exits: set[int] = set()
            while users.reads < 18:
                await asyncio.sleep(0.02)
                assert process.returncode is None
                sizes.setdefault(users.reads, resident_kib(process.pid))
                if health := health_of(running):
                    exits.add(health.exit)
                if users.reads == 8:
                    running.source.data.tests[0].title = "In between"
            assert exits == {0, 5}
            # after the first rounds nothing is kept from one to the next
            assert sizes[max(sizes)] - sizes[min(size for size in sizes if size >= 6)] < 8 * 1024, sizes
            asked = time.monotonic()
            process.terminate()
            await process.wait()
            assert time.monotonic() - asked < 6
            assert process.returncode == 130
        assert {case.title for case in running.shop.cases} == {test.title for test in running.source.data.tests}
        assert running.lost_and_doubled() == ([], [])
        assert not (tmp_path / "workspace" / f"{HEALTH}.part").exists()
        # one of what was made, one of the change, none of the rest
        assert len(list((tmp_path / "workspace" / "reports").glob("sync-*.html"))) == 2


async def test_sigterm_between_rounds_ends_at_once(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(3)) as running, going_on(running, "1h") as process:
        while not ((health := health_of(running)) and health.next):  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.02)
        assert health.next > health.ended
        process.terminate()
        await asyncio.wait_for(process.wait(), 5)
        assert process.returncode == 130


async def test_what_no_later_round_can_do_better_ends_it(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(3)) as running:
        running.settings = {"source": {"password": "wrong"}}
        ended = await running.migrate("sync --every 15m")
        assert ended.code == 7, ended.err
        health = health_of(running)
        assert health is not None
        assert (health.exit, health.failures_in_a_row, health.last_success) == (7, 1, "")
        assert "wrong" not in (tmp_path / "workspace" / HEALTH).read_text()
