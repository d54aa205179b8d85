"""Workiva's stand-in and an open client to it, for tests of one side and of whole migrations."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from connectors.qasphere import sandbox as qasphere
from connectors.workiva import sandbox
from connectors.workiva.config import WorkivaSettings
from connectors.workiva.connector import Workiva, open_workiva
from migrator.app import migrate
from migrator.app import plan as planning
from migrator.app import verify as verifying
from migrator.app.reports.documents import Plan, Status, Verification
from migrator.app.sync import run
from migrator.app.sync.report import SyncReport
from migrator.config import Config, parse_config
from migrator.core.events import ignore
from migrator.core.ports import source as ports
from migrator.core.ports.source import Source
from migrator.http.settings import HttpSettings
from migrator.standin.options import Profile, StandInOptions
from migrator.standin.serve import serve
from tests.support.rig import Ended, ended, started
from tests.support.writes import writes

FAST = {"requests_per_second": 10_000, "polls_per_second": 500}


class Notebook(ports.Notebook):
    """Also tells ``pages``, all that it was told to keep."""

    def __init__(self, text: str | None = None) -> None:
        super().__init__(text)
        self.pages: list[str | None] = []

    def keep(self, text: str | None) -> None:
        super().keep(text)
        self.pages.append(text)


def given(base_url: str, **settings: object) -> dict[str, Any]:
    """Return the config's ``source`` block for a stand-in."""
    return {
        "connector": "workiva",
        "instance": "acme",
        "base_url": base_url,
        "client_id": sandbox.CLIENT_ID,
        "client_secret": sandbox.CLIENT_SECRET,
        # a file and a case for each form, and calls for records: only some tests are about these
        "export_forms": False,
        "graph": False,
        **FAST,
        **settings,
    }


@asynccontextmanager
async def opened(
    base_url: str, *, timeout: float = 5, read_only: bool = False, **settings: object
) -> AsyncIterator[Workiva]:
    chosen = WorkivaSettings.model_validate(given(base_url, **settings))
    async with open_workiva(chosen, HttpSettings(timeout=timeout), read_only=read_only) as found:
        yield found


@asynccontextmanager
async def open_source(base_url: str, *, timeout: float = 5, **settings: object) -> AsyncIterator[Source]:
    async with opened(base_url, timeout=timeout, read_only=True, **settings) as found:
        yield found.source


@asynccontextmanager
async def serving(stand_in: sandbox.WorkivaStandIn, **settings: Any) -> AsyncIterator[Workiva]:
    """Serve a stand-in, the foreign store included, and open a client to it."""
    async with sandbox.serving(stand_in) as url, opened(url, **settings) as found:
        yield found


def stand_in(
    data: sandbox.SeedData | None = None, *, profile: Profile = "strict", **switches: Any
) -> sandbox.WorkivaStandIn:
    """Build a stand-in that lets through as many questions as a test asks, unless it is told otherwise."""
    built = sandbox.build(StandInOptions(profile=profile), data)
    for name, value in {"polls_per_second": None, **switches}.items():
        setattr(built.switches, name, value)
    return built


@dataclass
class WorkivaRig:
    """Both stand-ins and a config between them; commands run in this process."""

    folder: Path
    source: sandbox.WorkivaStandIn
    destination: qasphere.QASphereStandIn
    source_url: str
    destination_url: str
    settings: dict[str, Any] = field(default_factory=dict)
    project: dict[str, Any] = field(default_factory=dict)
    mapping: dict[str, Any] = field(default_factory=dict)
    syncing: dict[str, Any] = field(default_factory=dict)
    settle_seconds: float = 2
    timeout: float = 2.0
    rate: float = 100_000

    def config(self) -> dict[str, Any]:
        destination = {
            "base_url": self.destination_url,
            "api_key": qasphere.ADMIN_KEY,
            "requests_per_second": self.rate,
            "settle_seconds": self.settle_seconds,
        }
        return {
            "workspace": str(self.folder / "workspace"),
            "source": given(self.source_url, **self.settings),
            "destination": destination,
            "projects": [{"source": "*", "destination": "SOX", "title": "Controls", **self.project}],
            "mapping": self.mapping,
            "sync": self.syncing,
            "http": {"timeout": self.timeout},
        }

    async def plan(self) -> Plan:
        return await planning.plan(self.parsed(), ignore)

    async def run(self) -> Status:
        return await migrate.run(self.parsed(), ignore)

    async def sync(self, *, final: bool = False) -> SyncReport:
        return await run.sync(self.parsed(), ignore, final=final)

    async def verify(self) -> Verification:
        return await verifying.verify(self.parsed(), ignore)

    def parsed(self) -> Config:
        """The config, for calling the application in this process."""
        return parse_config(self.config(), self.folder / "config.yaml", {})

    def write_config(self) -> Path:
        path = self.folder / "config.yaml"
        path.write_text(yaml.safe_dump(self.config()), encoding="utf-8")
        return path

    async def migrate(self, command: str, environment: Mapping[str, str] | None = None) -> Ended:
        """Start ``migrator COMMAND`` in a process of its own."""
        return await asyncio.to_thread(ended, started(self.write_config(), command, environment))

    def writes(self) -> int:
        """How many writing requests QA Sphere has received; see ``tests.support.writes``."""
        return writes(self.destination)

    def cases(self) -> list[Any]:
        """The cases in QA Sphere."""
        return self.destination.store.projects["SOX"].cases


@asynccontextmanager
async def workiva_rig(
    folder: Path, source: sandbox.WorkivaStandIn, *, options: StandInOptions | None = None, marker_field: bool = True
) -> AsyncIterator[WorkivaRig]:
    destination = qasphere.build(options or StandInOptions())
    if marker_field:
        destination.store.add_custom_field("source_id", "Source ID")
    async with sandbox.serving(source) as source_url, serve(destination.app) as destination_url:
        yield WorkivaRig(folder, source, destination, source_url, destination_url)
