"""Serving the stand-ins: for experiments by hand, and for the demo."""

import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import yaml

from connectors.qacomplete import sandbox as qacomplete
from connectors.qasphere import sandbox as qasphere
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.standin.options import FaultPlan, Profile, StandInOptions
from migrator.standin.serve import serve

_HANG_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class SandboxWish:
    """What to serve. ``rate``: QA Sphere's limit in requests a second; ``latency`` in seconds; ``faults`` 0 to 1."""

    seed_file: Path | None = None
    cases: int | None = None
    profile: Profile = "strict"
    latency: float = 0.0
    rate: float | None = None
    faults: float = 0.0
    fault_seed: int = 1
    source_port: int = 0
    destination_port: int = 0
    config_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Both stand-ins, running. The URLs are base URLs as the config wants them."""

    source: qacomplete.QACompleteStandIn
    destination: qasphere.QASphereStandIn
    source_url: str
    destination_url: str

    def config(self, workspace: Path) -> dict[str, object]:
        """Return a config that migrates every project of the source stand-in that has cases or folders."""
        return {
            "workspace": str(workspace),
            "source": {
                "connector": "qacomplete",
                "instance": "sandbox",
                "base_url": self.source_url,
                "username": qacomplete.USERNAME,
                "password": qacomplete.PASSWORD,
                "timezone": "America/Denver",
            },
            "destination": {"base_url": self.destination_url, "api_key": qasphere.ADMIN_KEY},
            "projects": self._projects(),
        }

    def writes(self) -> int:
        """Return how many writing requests QA Sphere has received."""
        return sum(count for call, count in self.destination.log.counts.items() if not call.startswith("GET "))

    def _projects(self) -> list[dict[str, object]]:
        return [
            {"source": str(project.id), "destination": f"QA{project.id}"[:5], "title": project.title, "create": True}
            for project in self.source.data.projects
        ]


@asynccontextmanager
async def sandboxes(wish: SandboxWish) -> AsyncIterator[Sandbox]:
    """Serve both stand-ins on loopback ports while the block runs."""
    faults = FaultPlan(share=wish.faults, seed=wish.fault_seed, hang_seconds=_HANG_SECONDS)
    options = StandInOptions(profile=wish.profile, latency=wish.latency, faults=faults)
    source = qacomplete.build(options, _seed(wish))
    destination = qasphere.build(options.model_copy(update={"rate": wish.rate}))
    destination.store.add_custom_field("source_id", "Source ID")
    async with (
        serve(source.app, port=wish.source_port) as source_url,
        serve(destination.app, port=wish.destination_port) as destination_url,
    ):
        yield Sandbox(source, destination, f"{source_url}/rest-api/service/api", destination_url)


def _seed(wish: SandboxWish) -> qacomplete.SeedData:
    if wish.seed_file is not None:
        try:
            return qacomplete.load_seed_file(wish.seed_file)
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"cannot read the seed file {wish.seed_file}", code=ErrorCode.FILE_UNUSABLE, cause=str(error)
            ) from error
    if wish.cases is not None:
        return qacomplete.generate(wish.cases)
    return qacomplete.demo_company()


async def serve_until_stopped(wish: SandboxWish, say: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; tell where, and how to use it."""
    async with sandboxes(wish) as running:
        say(f"QAComplete stand-in: {running.source_url}  (user {qacomplete.USERNAME}, password {qacomplete.PASSWORD})")
        say(f"QA Sphere stand-in:  {running.destination_url}  (API key {qasphere.ADMIN_KEY})")
        if wish.config_file is not None:
            text = yaml.safe_dump(running.config(Path("sandbox-migration")), sort_keys=False)
            wish.config_file.write_text(text, encoding="utf-8")
            say(f"wrote {wish.config_file}; now run: migrator --config {wish.config_file} run")
        say("requests are listed at /__standin/log on either; Ctrl-C ends both")
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async for _ in signals:
                return
