"""A fleet on a real Prefect server, which the command starts for itself on loopback: limits, approval, end states."""

import asyncio
import json
import os
import re
import sqlite3
import sys
from asyncio.subprocess import PIPE
from contextlib import closing, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from connectors.qacomplete.sandbox import generate
from tests.support.rig import ROOT, Rig, rig

pytestmark = pytest.mark.skipif(
    find_spec("prefect") is None, reason="the extra `prefect` is not installed here: pip install '.[prefect]'"
)
WRONG = "no-such-key-of-anybody"


def fleet_file(running: Rig) -> Path:
    """Three tenants: the first waits for approval, the second plans with the same accounts, the third has a wrong
    key."""
    config = running.config()
    (project,) = config.pop("projects")
    del config["workspace"]

    def tenant(name: str, code: str, command: str, **destination: str) -> dict[str, Any]:
        settings = {"workspace": name, "destination": destination, "projects": [project | {"destination": code}]}
        # nobody who does not come is waited for longer than that
        policies = {"approval": name == "shop", "approval_hours": 0.05, "retries": 1, "retry_seconds": 1}
        return {"name": name, "settings": settings, "command": command, "policies": policies}

    tenants = [
        tenant("shop", "SHOP", "migrate"),
        tenant("bank", "BANK", "plan"),
        tenant("wrong", "WRONG", "check", api_key=WRONG),
    ]
    path = running.folder / "fleet.yaml"
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump({"name": "acme", "defaults": config, "tenants": tenants}), encoding="utf-8")
    return path


async def approve(address: str) -> None:
    """Resume the first flow run that waits, as the button in the UI does."""
    paused = {"flow_runs": {"state": {"type": {"any_": ["PAUSED"]}}}}
    async with aiohttp.ClientSession() as session:
        while True:
            with suppress(aiohttp.ClientConnectionError):  # it says where it will be before it is there
                async with session.post(f"{address}/api/flow_runs/filter", json=paused) as answer:
                    found = await answer.json()
                if found:
                    async with session.post(f"{address}/api/flow_runs/{found[0]['id']}/resume", json={}) as answer:
                        answer.raise_for_status()
                    return
            await asyncio.sleep(0.5)


async def ran(file: Path, home: Path) -> tuple[int, dict[str, Any], str]:
    """Run the fleet in a process of its own, approve what waits; return its exit code, answer and words."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    environment |= {"PREFECT_HOME": str(home), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "migrator", "fleet", "run", "--file", str(file), "--json"]
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    printed = asyncio.create_task(process.stdout.read())
    words, approving = [], None
    async for line in process.stderr:
        words.append(line.decode())
        if approving is None and (found := re.search(r"temporary server on (http://127\.0\.0\.1:\d+)", words[-1])):
            approving = asyncio.create_task(approve(found[1]))
    if approving and not approving.done():
        approving.cancel()
    elif approving:
        await approving  # tells what went wrong
    return await process.wait(), json.loads(await printed), "".join(words)


def rows(home: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(home / "prefect.db")) as connection:
        return connection.execute(statement).fetchall()


async def test_a_fleet_ends_as_its_tenants_do(tmp_path: Path) -> None:
    home = tmp_path / "prefect"
    async with rig(tmp_path, generate(5)) as running:
        code, answer, words = await ran(fleet_file(running), home)
        projects = running.destination.store.projects
        assert {name: len(project.cases) for name, project in projects.items()} == {"SHOP": 5}, words
        assert running.lost_and_doubled() == ([], [])
    assert code == 3, words
    states = {name: one["state"] for name, one in answer["tenants"].items()}
    assert states == {"shop": "Completed", "bank": "Completed", "wrong": "Failed"}, words
    assert "refused the credentials" in answer["tenants"]["wrong"]["message"]
    assert "waits for approval" in words
    assert WRONG not in words
    artifacts = dict(rows(home, "SELECT key, data FROM artifact"))
    assert {"shop-plan", "shop-verify", "bank-plan", "wrong-check", "acme-fleet"} <= set(artifacts)
    assert "| case | pending | 5 |" in json.loads(artifacts["shop-plan"])
    limits = dict(rows(home, 'SELECT name, "limit" FROM concurrency_limit_v2'))
    assert sorted(name.split("-")[1] for name in limits) == ["qacomplete", "qasphere", "qasphere"]
    assert set(limits.values()) == {1}
