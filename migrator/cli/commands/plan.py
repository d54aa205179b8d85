"""``plan``."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from migrator.app import decisions as decisions_app
from migrator.app import plan as plan_app
from migrator.app.reports import write as reports_app
from migrator.cli.config_file import config_of
from migrator.cli.context import working
from migrator.cli.guard import guarded
from migrator.cli.options import JsonOpt, RemapOpt
from migrator.cli.output.plan import print_plan
from migrator.cli.output.terminal import print_json, say, talk
from migrator.cli.slices import FolderOpt, LimitOpt, OnlyOpt, ProjectOpt, slice_of
from migrator.core.plural import plural

_EXIT_CHANGES = 4


def plan(
    context: typer.Context,
    as_json: JsonOpt = False,
    detailed: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit with 4 when applying it would change anything.")
    ] = False,
    remap: RemapOpt = False,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Download the attachments into the workspace, to know how much there is.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option("--html", help="Also write the plan to this file, as one HTML page.", dir_okay=False)
    ] = None,
    decisions: Annotated[
        Path | None,
        typer.Option(
            "--decisions",
            help="Also write what has to be decided to this .xlsx, to fill in and name as mapping.decisions.",
            dir_okay=False,
        ),
    ] = None,
    projects: ProjectOpt = None,
    folder: FolderOpt = None,
    only: OnlyOpt = None,
    limit: LimitOpt = None,
) -> None:
    """Look before: extract, map and compare; say what would be written, lost and cost. Writes to neither side."""
    if decisions:
        guarded(lambda: decisions_app.refuse_existing(decisions), as_json=as_json)
    work = partial(plan_app.plan, part=slice_of(folder, only, limit), remap=remap, fetch=fetch)
    answer = working(context.obj, work, as_json=as_json, projects=projects)
    if html:
        config = guarded(lambda: config_of(context.obj, needs_secrets=False), as_json=as_json)
        guarded(lambda: reports_app.write_plan_report(config, html), as_json=as_json)
        say(talk, f"wrote the plan to {html}")
    if decisions:
        config = guarded(lambda: config_of(context.obj, needs_secrets=False), as_json=as_json)
        rows = guarded(lambda: decisions_app.write_decisions(config, decisions), as_json=as_json)
        say(
            talk,
            f"wrote {rows} {plural(rows, 'row')} to decide to {decisions}; filled in, it goes into `mapping.decisions`",
        )
    if as_json:
        print_json(answer.model_dump())
    else:
        print_plan(answer)
    if detailed and answer.has_changes:
        raise typer.Exit(_EXIT_CHANGES)
