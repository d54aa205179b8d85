"""A whole migration set-up on loopback: both stand-ins in this process, the migrator in another one, to be killed."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from connectors.qacomplete import sandbox as qacomplete
from connectors.qasphere import sandbox as qasphere
from connectors.qasphere.sandbox.store import Project
from migrator.app import migrate
from migrator.app import plan as planning
from migrator.app import verify as verifying
from migrator.app.reports.documents import Plan, Status, Verification
from migrator.app.sync import run
from migrator.app.sync.report import SyncReport
from migrator.cli.exit_codes import EXIT_DIFFERENT, EXIT_ITEMS_FAILED
from migrator.config import Config, parse_config
from migrator.core.errors import MigratorError
from migrator.core.events import ignore
from migrator.engine.verify.files import FileDepth
from migrator.engine.verify.history import Depth
from migrator.standin.options import StandInOptions
from migrator.standin.serve import serve
from tests.support import warm
from tests.support.writes import writes

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ended:
    """How a migrator process ended. ``code`` is negative for a signal; ``peak_mib`` its largest resident size."""

    code: int
    out: str
    err: str
    peak_mib: float
    seconds: float


@dataclass
class Rig:
    """Both stand-ins and a config between them. ``settings`` are merged into the config on every start."""

    folder: Path
    source: qacomplete.QACompleteStandIn
    destination: qasphere.QASphereStandIn
    source_url: str
    destination_url: str
    settings: dict[str, Any] = field(default_factory=dict)

    def config(self) -> dict[str, Any]:
        base: dict[str, Any] = {
            "workspace": str(self.folder / "workspace"),
            "source": {
                "connector": "qacomplete",
                "instance": "acme",
                "base_url": self.source_url,
                "username": qacomplete.USERNAME,
                "password": qacomplete.PASSWORD,
                "timezone": "America/Denver",
            },
            "destination": {
                "base_url": self.destination_url,
                "api_key": qasphere.ADMIN_KEY,
                "requests_per_second": 100_000,
                "settle_seconds": 2,
            },
            "projects": [
                {"source": str(self.source.data.projects[0].id), "destination": "SHOP", "title": "Shop", "create": True}
            ],
            "http": {"timeout": 1.0},
            # most tests count cases and files; those of pages switch them on
            "mapping": {"pages": {"make": False}},
        }
        for block, values in self.settings.items():
            base[block] = base.get(block, {}) | values if isinstance(values, dict) else values
        return base

    def write_config(self) -> Path:
        path = self.folder / "config.yaml"
        path.touch(mode=0o600)  # it holds secrets
        path.write_text(yaml.safe_dump(self.config()), encoding="utf-8")
        return path

    def parsed(self) -> Config:
        """The config, for calling the application in this process."""
        return parse_config(self.config(), self.folder / "config.yaml", {})

    async def plan(self, *, remap: bool = False, fetch: bool = False) -> Plan:
        """``migrator plan`` in this process."""
        return await planning.plan(self.parsed(), ignore, remap=remap, fetch=fetch)

    async def apply(self, plan_id: str | None = None) -> Status:
        """``migrator apply`` in this process."""
        return await migrate.apply(self.parsed(), ignore, plan_id=plan_id)

    async def run(self) -> Status:
        """``migrator run`` in this process."""
        return await migrate.run(self.parsed(), ignore)

    async def retry(self, *, files: bool = False) -> Status:
        """``migrator retry`` in this process."""
        return await migrate.retry(self.parsed(), ignore, files=files)

    async def sync(self, *, dry_run: bool = False, final: bool = False, full: bool = False) -> SyncReport:
        """``migrator sync`` in this process."""
        return await run.sync(self.parsed(), ignore, dry_run=dry_run, final=final, full=full)

    async def verify(self, *, files: FileDepth = "sample", results: Depth = "counts") -> Verification:
        """``migrator verify`` in this process."""
        return await verifying.verify(self.parsed(), ignore, files=files, results=results)

    async def here(self, command: str) -> Ended:
        """``migrator COMMAND --json``, one of ``HERE``, in this process, ended as one of its own would have."""
        try:
            answer = await HERE[command](self)
        except MigratorError as error:
            return Ended(error.exit_code, "", f"{error}: {error.cause}", 0.0, 0.0)
        if isinstance(answer, Verification):
            code = EXIT_DIFFERENT if answer.wrong else EXIT_ITEMS_FAILED if answer.is_incomplete else 0
        else:
            code = EXIT_ITEMS_FAILED if answer.has_failures else 0
        return Ended(code, answer.model_dump_json(), "", 0.0, 0.0)

    @property
    def shop(self) -> Project:
        """The project in QA Sphere."""
        return self.destination.store.projects["SHOP"]

    def requests(self) -> int:
        """How many requests QA Sphere has received."""
        return self.destination.log.counts.total()

    def look_ups(self) -> int:
        """How many requests looked for cases by their marker."""
        return self.destination.log.parameters["cf_source_id"]

    async def migrate(
        self,
        command: str = "run",
        *,
        kill_at: int | None = None,
        environment: Mapping[str, str] | None = None,
        python_path: Path | None = None,
    ) -> Ended:
        """Start ``migrator COMMAND`` in a process of its own; with ``kill_at`` end it with SIGKILL once QA Sphere
        has received so many writes."""
        process = started(self.write_config(), command, environment, python_path)
        killer = asyncio.create_task(self._kill(process, kill_at)) if kill_at is not None else None
        try:
            return await asyncio.to_thread(ended, process)
        finally:
            if killer:
                killer.cancel()

    async def in_json(self, command: str) -> Ended:
        """Start ``migrator COMMAND --json`` in a process of its own."""
        return await self.migrate(f"{command} --json")

    async def _kill(self, process: "warm.Process | subprocess.Popen[str]", at: int) -> None:
        while self.writes() < at:  # noqa: ASYNC110 - the stand-in counts, it does not announce
            await asyncio.sleep(0.003)
        process.send_signal(signal.SIGKILL)

    def stored(self) -> int:
        """How many cases QA Sphere holds."""
        return sum(len(project.cases) for project in self.destination.store.projects.values())

    def writes(self) -> int:
        """How many writing requests QA Sphere has received; see ``tests.support.writes``."""
        return writes(self.destination)

    def markers(self) -> "Counter[str]":
        """How often each marker stands in QA Sphere."""
        return Counter(
            link["text"].removeprefix("Source: ")
            for project in self.destination.store.projects.values()
            for case in project.cases
            for link in case.links
            if link["text"].startswith("Source: ")
        )

    def expected(self) -> set[str]:
        """The markers of every test of the first project."""
        project = self.source.data.projects[0].id
        return {f"qacomplete@acme:test:{project}/{test.id}" for test in self.source.data.tests_of(project)}

    def lost_and_doubled(self) -> tuple[list[str], list[str]]:
        found = self.markers()
        lost = sorted(self.expected() - set(found))
        return lost, sorted(marker for marker, count in found.items() if count > 1)


Command = Callable[[str], Awaitable[Ended]]
"""Does what ``migrator COMMAND --json`` does: ``Rig.here`` or ``Rig.in_json``."""

HERE: Mapping[str, Callable[[Rig], Awaitable[Status | Verification]]] = {
    "run": Rig.run,
    "retry": Rig.retry,
    "retry --files": partial(Rig.retry, files=True),
    "verify": Rig.verify,
    "verify --files all": partial(Rig.verify, files="all"),
}


def started(
    config: Path, command: str, environment: Mapping[str, str] | None = None, python_path: Path | None = None
) -> "warm.Process | subprocess.Popen[str]":
    """Start ``migrator COMMAND`` in a process of its own; it is waited for in a thread, by ``ended``.

    The suite forks it; benchmarks and the long kill and fault runs start it as people do. ``python_path``: where Python
    looks before anywhere else, which takes a process that has not imported anything yet.
    """
    arguments = ["--config", str(config), *command.split()]
    if python_path is None and "PYTEST_CURRENT_TEST" in os.environ:
        return warm.start(arguments, config.parent, os.environ | (environment or {}))
    search = [str(folder) for folder in (python_path, ROOT) if folder]
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "migrator", *arguments],
        cwd=config.parent,
        env={**os.environ, **(environment or {}), "PYTHONPATH": os.pathsep.join(search)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: "warm.Process | subprocess.Popen[str]") -> Ended:
    """Wait for a process that was started here."""
    began = time.monotonic()
    chunks: dict[str, str] = {}
    # the pipes are small: drain both before waiting
    assert process.stdout is not None
    assert process.stderr is not None
    readers = [
        threading.Thread(target=lambda name=name, pipe=pipe: chunks.__setitem__(name, pipe.read()))
        for name, pipe in (("out", process.stdout), ("err", process.stderr))
    ]
    for reader in readers:
        reader.start()
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _peak_mib(process.pid))
        time.sleep(0.02)
    for reader in readers:
        reader.join()
    process.stdout.close()
    process.stderr.close()
    assert process.returncode is not None
    return Ended(process.returncode, chunks["out"], chunks["err"], peak, time.monotonic() - began)


def _peak_mib(pid: int) -> float:
    """Return the largest resident size so far; 0 where the system does not tell.

    Not ``ru_maxrss``: that begins with the size of the process that started it, which holds the stand-ins' data.
    """
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


@asynccontextmanager
async def rig(
    folder: Path,
    data: qacomplete.SeedData,
    *,
    source_options: StandInOptions | None = None,
    destination_options: StandInOptions | None = None,
    marker_field: bool = True,
    destination_switches: qasphere.Switches | None = None,
) -> AsyncIterator[Rig]:
    """Serve both stand-ins while the block runs."""
    source = qacomplete.build(source_options or StandInOptions(), data)
    destination = qasphere.build(destination_options or StandInOptions(), destination_switches)
    if marker_field:
        destination.store.add_custom_field("source_id", "Source ID")
    async with serve(source.app) as source_url, serve(destination.app) as destination_url:
        yield Rig(folder, source, destination, f"{source_url}/rest-api/service/api", destination_url)
