"""A fleet on a real Prefect server, which the command starts for itself on loopback: limits, approval, end states."""

import asyncio
import json
import re
import sqlite3
import sys
from asyncio.subprocess import PIPE
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.fleet import CASES, WRONG, fleet_world
from tests.support.prefect import IS_THERE, WITHOUT, PrefectServer, environment

pytestmark = pytest.mark.skipif(not IS_THERE, reason=WITHOUT)


async def approve(server: PrefectServer) -> None:
    """Resume the first flow run that waits, as the button in the UI does."""
    paused = {"flow_runs": {"state": {"type": {"any_": ["PAUSED"]}}}}
    while True:
        with suppress(aiohttp.ClientConnectionError):  # it says where it will be before it is there
            if found := await server.ask("POST", "/flow_runs/filter", paused):
                await server.ask("POST", f"/flow_runs/{found[0]['id']}/resume", {})
                return
        await asyncio.sleep(0.5)


async def ran(file: Path, home: Path) -> tuple[int, dict[str, Any], str]:
    """Run the fleet in a process of its own, approve what waits; return its exit code, answer and words."""
    command = [sys.executable, "-m", "migrator", "fleet", "run", "--file", str(file), "--json"]
    process = await asyncio.create_subprocess_exec(*command, env=environment(home), stdout=PIPE, stderr=PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    printed = asyncio.create_task(process.stdout.read())
    words, approving = [], None
    async for line in process.stderr:
        words.append(line.decode())
        if approving is None and (found := re.search(r"temporary server on (http://127\.0\.0\.1:\d+)", words[-1])):
            approving = asyncio.create_task(approve(PrefectServer(home, found[1])))
    if approving and not approving.done():
        approving.cancel()
    elif approving:
        await approving  # tells what went wrong
    return await process.wait(), json.loads(await printed), "".join(words)


def rows(home: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(home / "prefect.db")) as connection:
        return connection.execute(statement).fetchall()


async def test_a_fleet_ends_as_its_tenants_do(tmp_path: Path) -> None:
    """Five tenants: two share an account, one is killed twice, one waits for approval, one has a wrong key."""
    home = tmp_path / "prefect"
    async with fleet_world(tmp_path) as world:
        world.write()
        killing = asyncio.create_task(world.kill_twice())
        code, answer, words = await ran(world.file, home)
        assert len(world.kills) == 2, words
        await killing
        assert code == 3, words
        states = {name: one["state"] for name, one in answer["tenants"].items()}
        assert states == dict.fromkeys(("bank", "calm", "killed", "shop"), "Completed") | {"wrong": "Failed"}, words
        # exactly once, and as without anybody's death
        assert world.wrongs() == []
        assert world.killed.lost_and_doubled() == ([], [])
        # never two at once with one key
        assert sorted(world.turns()) == ["BANK", "SHOP"]
    assert "refused the credentials" in answer["tenants"]["wrong"]["message"]
    assert "waits for approval" in words
    assert WRONG not in words
    artifacts = dict(rows(home, "SELECT key, data FROM artifact"))
    assert {"shop-sync", "bank-sync", "killed-sync", "calm-plan", "calm-verify", "wrong-check", "acme-fleet"} <= set(
        artifacts
    )
    assert f"| case | pending | {CASES} |" in json.loads(artifacts["calm-plan"])
    limits = dict(rows(home, 'SELECT name, "limit" FROM concurrency_limit_v2'))
    # three companies at each side, and the wrong key
    assert sorted(name.split("-")[1] for name in limits) == ["qacomplete"] * 3 + ["qasphere"] * 4
    assert set(limits.values()) == {1}
