"""The demo: stand-ins in this process, believable data, a migration, and a second run that finds nothing to do."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from migrator.app.migrate import run
from migrator.app.report import Status
from migrator.app.sandbox import Sandbox, SandboxWish, sandboxes
from migrator.config import parse_config
from migrator.core.errors import ConfigError
from migrator.core.events import Listener, Said
from migrator.standin.options import Profile
from state.workspace import DATABASE

_RATE = 20.0


@dataclass(frozen=True, slots=True)
class DemoResult:
    """The status after the migration, and what there is to say about it."""

    status: Status
    lines: tuple[str, ...]


async def demo(workspace: Path, profile: Profile, listener: Listener) -> DemoResult:
    """Migrate the demo data, then run once more. Raises ``ConfigError`` when the folder holds something else."""
    workspace = _cleared(workspace)
    async with sandboxes(SandboxWish(profile=profile, rate=_RATE)) as running:
        config = parse_config(running.config(workspace), Path("demo"), os.environ)
        listener(Said("first run: everything is migrated"))
        status = await run(config, listener)
        before = running.writes()
        listener(Said("second run: nothing has changed"))
        await run(config, listener)
        lines = (*_projects(running), f"writes sent by the second run: {running.writes() - before}")
    return DemoResult(status, (*lines, f"the workspace is {workspace}; a real one is set up in config.example.yaml"))


def _projects(running: Sandbox) -> list[str]:
    """Say what QA Sphere holds now."""
    return [
        f"QA Sphere project {project.code} “{project.title}”: {len(project.folders)} folders,"
        f" {len(project.cases)} cases"
        for project in running.destination.store.projects.values()
    ]


def _cleared(workspace: Path) -> Path:
    if not workspace.exists():
        return workspace.resolve()
    if any(workspace.iterdir()) and not (workspace / DATABASE).exists():
        raise ConfigError(
            f"{workspace} is not empty and not a demo workspace", next_step="name another folder with --workspace"
        )
    shutil.rmtree(workspace)
    return workspace.resolve()
