"""``run``, ``apply`` and ``retry``: the commands that write."""

from functools import partial
from typing import Annotated

import typer

from migrator.app import migrate as migrate_app
from migrator.cli.context import working
from migrator.cli.options import JsonOpt, RemapOpt
from migrator.cli.output.status import finish
from migrator.cli.slices import FolderOpt, LimitOpt, OnlyOpt, ProjectOpt, slice_of


def apply(
    context: typer.Context,
    plan_id: Annotated[str | None, typer.Argument(help="The plan's id; the newest when left out.")] = None,
    as_json: JsonOpt = False,
) -> None:
    """Execute a saved plan exactly, or refuse it when what it touches has changed. Continues an interrupted one."""
    finish(working(context.obj, partial(migrate_app.apply, plan_id=plan_id), as_json=as_json), as_json=as_json)


def run(
    context: typer.Context,
    as_json: JsonOpt = False,
    remap: RemapOpt = False,
    projects: ProjectOpt = None,
    folder: FolderOpt = None,
    only: OnlyOpt = None,
    limit: LimitOpt = None,
) -> None:
    """Migrate: plan and apply in one go, every project of the config. Continues an interrupted run by itself.

    A slice, by --folder, --only or --limit, leaves the rest pending; runs and results come once all their cases are
    there. The next run takes what is left.
    """
    work = partial(migrate_app.run, part=slice_of(folder, only, limit), remap=remap)
    finish(working(context.obj, work, as_json=as_json, projects=projects), as_json=as_json)


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
    finish(working(context.obj, partial(migrate_app.retry, files=files), as_json=as_json), as_json=as_json)
