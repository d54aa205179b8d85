"""``run``, ``apply`` and ``retry``: the commands that write."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from migrator.app import migrate as migrate_app
from migrator.app.reports.documents import Status
from migrator.cli.context import working
from migrator.cli.options import EXIT_CODES, JsonOpt, RemapOpt
from migrator.cli.output.status import finish
from migrator.cli.slices import FolderOpt, LimitOpt, OnlyOpt, ProjectOpt, slice_of
from migrator.config import Config
from migrator.core.events import Listener


def apply(
    context: typer.Context,
    plan_id: Annotated[str | None, typer.Argument(help="The plan's id; the newest when left out.")] = None,
    as_json: JsonOpt = False,
) -> None:
    """Execute a saved plan exactly, or refuse it when what it touches has changed. Continues an interrupted one."""
    _migrate(context.obj, partial(migrate_app.apply, plan_id=plan_id), as_json=as_json)


def run(
    context: typer.Context,
    as_json: JsonOpt = False,
    remap: RemapOpt = False,
    projects: ProjectOpt = None,
    folder: FolderOpt = "",
    only: OnlyOpt = None,
    limit: LimitOpt = None,
) -> None:
    """Migrate: plan and apply in one go, every project of the config. Continues an interrupted run by itself.

    A slice, by --folder, --only or --limit, leaves the rest pending; runs and results come once all their cases are
    there. The next run takes what is left.
    """
    work = partial(migrate_app.run, part=slice_of(folder, only, limit), remap=remap)
    _migrate(context.obj, work, as_json=as_json, projects=projects)


def retry(
    context: typer.Context,
    files: Annotated[
        bool, typer.Option("--files", help="Ask also for files that were given up, such as unreadable pictures.")
    ] = False,
    as_json: JsonOpt = False,
) -> None:
    """Send failed and blocked items again, without reading the source's lists anew. Late files reach their cases.

    With --files, what was given up is planned anew, so the source is read again.
    """
    _migrate(context.obj, partial(migrate_app.retry, files=files), as_json=as_json)


def _migrate(
    config_path: Path,
    work: Callable[[Config, Listener], Awaitable[Status]],
    *,
    as_json: bool,
    projects: list[str] | None = None,
) -> None:
    """Run a migrating command with progress, print its status, and exit with its code."""
    finish(working(config_path, work, as_json=as_json, projects=projects), as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    for command in (apply, run, retry):
        app.command(epilog=EXIT_CODES)(command)
