"""``verify``."""

from functools import partial
from typing import Annotated, Literal

import typer

from migrator.app import verify as verify_app
from migrator.cli.context import working
from migrator.cli.exit_codes import EXIT_DIFFERENT, EXIT_ITEMS_FAILED
from migrator.cli.options import JsonOpt, ResultsOpt
from migrator.cli.output.terminal import print_json
from migrator.cli.output.verify import print_verification
from migrator.cli.slices import FolderOpt, LimitOpt, OnlyOpt, ProjectOpt, slice_of


def verify(
    context: typer.Context,
    files: Annotated[
        Literal["all", "sample", "none"],
        typer.Option("--files", help="Which files to download and compare byte by byte."),
    ] = "sample",
    results: ResultsOpt = "counts",
    as_json: JsonOpt = False,
    projects: ProjectOpt = None,
    folder: FolderOpt = None,
    only: OnlyOpt = None,
    limit: LimitOpt = None,
) -> None:
    """Prove after: read QA Sphere back and compare every field. Exits with 6 when something is not as it was left, with
    3 when something is not there yet.

    A slice tells of its cases alone, without files and results.
    """
    work = partial(verify_app.verify, part=slice_of(folder, only, limit), files=files, results=results)
    answer = working(context.obj, work, as_json=as_json, projects=projects)
    if as_json:
        print_json(answer.model_dump())
    else:
        print_verification(answer)
    if answer.wrong:
        raise typer.Exit(EXIT_DIFFERENT)
    if answer.is_incomplete:
        raise typer.Exit(EXIT_ITEMS_FAILED)
