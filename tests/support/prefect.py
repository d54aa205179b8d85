"""A Prefect server of the tests' own: on loopback, in SQLite, telling nobody anything; and workers of its pools."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT
from typing import Any
from urllib.request import urlopen

import aiohttp

from tests.support.rig import ROOT

IS_THERE = find_spec("prefect") is not None
WITHOUT = "the extra `prefect` is not installed here; `make fleets` installs it"


def environment(home: Path, url: str = "") -> dict[str, str]:
    """Return what processes are started with: settings in ``home``, and the server's address when there is one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    own = {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        "DO_NOT_TRACK": "1",
        "PYTHONPATH": str(ROOT),
    }
    return kept | own | ({"PREFECT_API_URL": f"{url}/api"} if url else {})


@dataclass(frozen=True)
class PrefectServer:
    """``home``: where it keeps its database; ``url``: of its UI, with the API below ``/api``."""

    home: Path
    url: str

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return the answer of its REST API (https://docs.prefect.io/v3/api-ref/rest-api)."""
        async with aiohttp.ClientSession() as session:
            while True:
                async with session.request(method, f"{self.url}/api{path}", json=body) as answer:
                    if answer.status != 503:  # another one writes into SQLite; Prefect's client asks again, too
                        answer.raise_for_status()
                        return await answer.json() if answer.content_length else None
                await asyncio.sleep(0.2)

    async def make_pool(self, name: str, kind: str) -> None:
        """Make a work pool as ``prefect work-pool create`` does; only ``process`` needs no library besides."""
        known = await self.ask("GET", "/collections/views/aggregate-worker-metadata")
        (template,) = [types[kind]["default_base_job_configuration"] for types in known.values() if kind in types]
        await self.ask("POST", "/work_pools/", {"name": name, "type": kind, "base_job_template": template})

    async def start_run(self, tenant: str, command: str | None = None) -> str:
        """Ask for a run of a tenant's deployment, as the button in the UI does; return its id."""
        found = await self.ask("GET", f"/deployments/name/migrator-tenant/{tenant}")
        parameters = found["parameters"] | ({"command": command} if command else {})
        made = await self.ask("POST", f"/deployments/{found['id']}/create_flow_run", {"parameters": parameters})
        return str(made["id"])

    async def ended(self, run: str) -> str:
        """Wait until a run has ended, and return the type of its state."""
        while True:
            kind = str((await self.ask("GET", f"/flow_runs/{run}"))["state_type"])
            if kind in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}:
                return kind
            await asyncio.sleep(0.5)

    async def migrator(self, *arguments: str) -> tuple[int, str, str]:
        """Run ``migrator ARGUMENTS`` with this server; return its exit code, stdout and stderr."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "migrator", *arguments,
            env=environment(self.home, self.url), stdin=DEVNULL, stdout=PIPE, stderr=PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        return await process.wait(), out.decode(), err.decode()

    def work(self, pool: str, *options: str) -> "subprocess.Popen[bytes]":
        """Start a worker of a pool, in a process group of its own, so that all that it has started can be killed."""
        command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", pool, "--type", "process", *options]
        with (self.home / "worker.log").open("ab") as log:
            return subprocess.Popen(
                command,
                env=environment(self.home, self.url),
                stdin=DEVNULL,
                stdout=log,
                stderr=STDOUT,
                start_new_session=True,
            )


@contextmanager
def prefect_server(home: Path) -> Iterator[PrefectServer]:
    """Serve while the block runs."""
    home.mkdir(exist_ok=True)
    with socket.socket() as taken:  # it cannot be asked for a port that is free
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, env=environment(home), stdin=DEVNULL, stdout=log, stderr=STDOUT, start_new_session=True
        )
    try:
        server = PrefectServer(home, f"http://127.0.0.1:{port}")
        _wait_for(server, process)
        yield server
    finally:
        end(process)


def _wait_for(server: PrefectServer, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        with suppress(OSError), urlopen(f"{server.url}/api/health"):
            return
        time.sleep(0.2)
    raise RuntimeError((server.home / "server.log").read_text(encoding="utf-8"))


def end(process: "subprocess.Popen[bytes]", number: int = signal.SIGTERM) -> None:
    """Send a signal to a process and all that it has started, and wait for it."""
    if process.poll() is None:
        os.killpg(process.pid, number)
    process.wait()
