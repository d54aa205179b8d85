"""The demo: stand-ins in this process, believable data, a migration, the proof, and a second run with nothing to do."""

import os
import shutil
from collections.abc import Callable
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
from migrator.core.events import Listener
from migrator.core.plural import plural
from migrator.report.news import counted
from migrator.standin.options import Profile
from state.workspace import DATABASE

_RATE = 20.0


@dataclass(frozen=True, slots=True)
class DemoResult:
    """The status after the migration, its verification, and what there is to look at: label and path."""

    status: Status
    verification: Verification
    second_run: int
    pages: tuple[tuple[str, Path], ...]


async def demo(
    workspace: Path, profile: Profile, listener: Listener, source: str, tell: Callable[[str], None]
) -> DemoResult:
    """Plan, migrate and verify the demo data of a source (empty: the first one), then run once more.

    ``tell`` takes a line for each step. Raises ``ConfigError`` when the folder holds something else.
    """
    workspace = _cleared(workspace)
    reports = workspace / FOLDER
    async with sandboxes(SandboxWish(source=source, profile=profile, rate=_RATE)) as running:
        config = parse_config(running.config(workspace), Path("demo"), os.environ)
        tell(f"{config.connector} → QA Sphere, between stand-ins in this process; nothing leaves this machine")
        planned = await plan(config, listener)
        reports.mkdir()
        write_plan_report(config, reports / PLAN_FILE)
        waiting, cost = counted({"item": planned.count("pending")}), counted({"request": planned.cost.requests})
        tell(f"plan: {waiting} to write, {cost}; nothing written yet")
        status = await apply(config, listener, plan_id=planned.plan_id)
        before = running.writes()
        tell(f"apply: {_projects(running)}")
        verification = await verify(config, listener)
        checked = sum(verification.checked.values())
        items = counted({"item": checked})
        tell(f"verify: {items} read back and compared, {verification.wrong} not as they were written")
        await run(config, listener)
        again = running.writes() - before
        tell(f"run again: nothing has changed, so {again} {plural(again, 'write was', 'writes were')} sent")
    crosswalk = reports / CROSSWALK_FILE
    write_crosswalk(config, crosswalk)
    pages = (
        ("plan", reports / PLAN_FILE),
        ("what was done", left_report(config, "apply")),
        ("old and new ids", crosswalk),
        ("the page to sign", Path(verification.report)),
    )
    return DemoResult(status, verification, again, pages)


def _projects(running: Sandbox) -> str:
    """Say what QA Sphere holds now."""
    projects = running.destination.store.projects.values()
    folders = sum(len(project.folders) for project in projects)
    cases = sum(len(project.cases) for project in projects)
    return f"QA Sphere holds {counted({'project': len(projects), 'folder': folders, 'case': cases})} now"


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
