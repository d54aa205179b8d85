"""The demo: stand-ins in this process, believable data, a migration, the proof, and a second run with nothing to do."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from migrator.app.migrate import apply, run
from migrator.app.plan import plan
from migrator.app.reports.documents import Status, Verification
from migrator.app.reports.write import (
    CROSSWALK_FILE,
    FOLDER,
    PLAN_FILE,
    left_report,
    write_crosswalk,
    write_plan_report,
)
from migrator.app.sandbox import Sandbox, SandboxWish, sandboxes
from migrator.app.verify import verify
from migrator.config import parse_config
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.events import Listener, Said
from migrator.standin.options import Profile
from state.workspace import DATABASE

_RATE = 20.0


@dataclass(frozen=True, slots=True)
class DemoResult:
    """The status after the migration, its verification, and what there is to say about it."""

    status: Status
    verification: Verification
    lines: tuple[str, ...]


async def demo(workspace: Path, profile: Profile, listener: Listener, source: str = "") -> DemoResult:
    """Plan, migrate and verify the demo data of a source (empty: the first one), then run once more.

    Raises ``ConfigError`` when the folder holds something else.
    """
    workspace = _cleared(workspace)
    async with sandboxes(SandboxWish(source=source, profile=profile, rate=_RATE)) as running:
        config = parse_config(running.config(workspace), Path("demo"), os.environ)
        listener(Said("plan: nothing is written yet"))
        planned = await plan(config, listener)
        plan_report = workspace / FOLDER / PLAN_FILE
        plan_report.parent.mkdir()
        write_plan_report(config, plan_report)
        listener(Said(f"apply: execute plan {planned.plan_id}, {planned.cost.requests} requests"))
        status = await apply(config, listener, plan_id=planned.plan_id)
        before = running.writes()
        listener(Said("verify: read everything back and compare"))
        verification = await verify(config, listener)
        listener(Said("run again: nothing has changed"))
        await run(config, listener)
        lines = (*_projects(running), f"writes sent by the second run: {running.writes() - before}")
    where = f"the workspace is {workspace}; a real one is set up in config.example.yaml"
    crosswalk = workspace / FOLDER / CROSSWALK_FILE
    write_crosswalk(config, crosswalk)
    reports = (
        f"plan report: {plan_report}",
        f"run report: {left_report(config, 'apply')}",
        f"old and new ids: {crosswalk}",
    )
    return DemoResult(status, verification, (*lines, where, *reports))


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
            f"{workspace} is not empty and not a demo workspace",
            code=ErrorCode.FILE_UNUSABLE,
            next_step="name another folder with --workspace",
        )
    shutil.rmtree(workspace)
    return workspace.resolve()
