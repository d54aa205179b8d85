"""Serving the stand-ins: for experiments by hand, and for the demo."""

import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from connectors import SandboxSeed, ServedSource, load_sandbox
from connectors.qasphere import sandbox as qasphere
from migrator.app.runtime.interrupt import signals_received
from migrator.standin.app import LOG_PATH
from migrator.standin.options import FaultPlan, Profile, StandInOptions
from migrator.standin.serve import serve

_HANG_SECONDS = 30.0
_SAID = 20


@dataclass(frozen=True, slots=True)
class SandboxWish:
    """What to serve.

    Args:
        source: the connector's name, empty for the first one.
        rate: QA Sphere's limit in requests a second.
        latency: in seconds.
        faults: 0 to 1.
    """

    source: str = ""
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
    """Both stand-ins, running. ``key``: of an admin of QA Sphere."""

    source: ServedSource
    destination: qasphere.QASphereStandIn
    destination_url: str
    key: str

    def config(self, workspace: Path) -> dict[str, object]:
        """Return a config that migrates everything that the source stand-in holds."""
        return {
            "workspace": str(workspace),
            "source": dict(self.source.settings),
            "destination": {"base_url": self.destination_url, "api_key": self.key},
            "projects": [dict(project) for project in self.source.projects],
            "mapping": dict(self.source.mapping),
        }

    def writes(self) -> int:
        """Return how many writing requests QA Sphere has received."""
        return sum(count for call, count in self.destination.log.counts.items() if not call.startswith("GET "))


@asynccontextmanager
async def sandboxes(wish: SandboxWish) -> AsyncIterator[Sandbox]:
    """Serve both stand-ins on loopback ports while the block runs."""
    faults = FaultPlan(share=wish.faults, seed=wish.fault_seed, hang_seconds=_HANG_SECONDS)
    options = StandInOptions(profile=wish.profile, latency=wish.latency, faults=faults)
    seed = SandboxSeed(options, wish.seed_file, wish.cases, wish.source_port)
    keys = qasphere.new_keys()
    destination = qasphere.build(options.model_copy(update={"rate": wish.rate}), keys=keys)
    destination.store.add_custom_field("source_id", "Source ID")
    async with (
        load_sandbox(wish.source)(seed) as source,
        serve(destination.app, port=wish.destination_port) as destination_url,
    ):
        yield Sandbox(source, destination, destination_url, keys["admin"])


async def serve_until_stopped(wish: SandboxWish, say: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; tell where, and how to use it."""
    async with sandboxes(wish) as running:
        said = f"{running.source.name} stand-in:".ljust(_SAID)
        say(f"{said} {running.source.address}  ({running.source.login})")
        say(f"{'QA Sphere stand-in:'.ljust(_SAID)} {running.destination_url}  (API key {running.key})")
        if wish.config_file is not None:
            workspace = Path(f"sandbox-{running.source.settings['connector']}")
            text = yaml.safe_dump(running.config(workspace), sort_keys=False)
            wish.config_file.write_text(text, encoding="utf-8")
            say(f"wrote {wish.config_file}; next, in another terminal: migrator --config {wish.config_file} check")
        logs = {running.source.name: running.source.log_key, "QA Sphere": running.destination.log_key}
        for name in [name for name, key in logs.items() if key]:
            say(f"requests to {name} are listed at {LOG_PATH}?key={logs[name]}")
        say("all keys and passwords are of this run; Ctrl-C ends both")
        with signals_received(signal.SIGINT, signal.SIGTERM) as signals:
            async for _ in signals:
                return
