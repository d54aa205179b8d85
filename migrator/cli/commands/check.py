"""``check``, with or without ``--probe``."""

import sys
from functools import partial
from typing import Annotated

import anyio
import typer

from migrator.app.check import run as check_app
from migrator.app.check.probe import probe
from migrator.cli.config_file import config_of
from migrator.cli.context import working
from migrator.cli.guard import guarded
from migrator.cli.options import JsonOpt
from migrator.cli.output.check import print_check_next, print_preflight, print_probe
from migrator.cli.output.progress import waiting
from migrator.cli.output.terminal import print_json
from migrator.config import exposed_files
from migrator.core.errors import ConfigError


def check(
    context: typer.Context,
    probe_code: Annotated[
        str | None,
        typer.Option(
            "--probe", metavar="CODE", help="Also try out what QA Sphere does, in a throw-away project of this code."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before --probe writes.")] = False,
    as_json: JsonOpt = False,
) -> None:
    """Preflight: workspace, credentials, clocks, projects, custom fields, statuses; says what to do. Reads only.

    With --probe it writes into a project made for that, and keeps what it found in the workspace.
    """

    def checked() -> check_app.Preflight:
        config = config_of(context.obj)
        with waiting() as tell:
            return anyio.run(check_app.check, config, exposed_files(context.obj), tell)

    found = guarded(checked, as_json=as_json)
    if as_json and probe_code is None:
        print_json(found.model_dump())
    elif not as_json:
        print_preflight(found)
        if probe_code is None:
            print_check_next(found)
    if probe_code is not None:
        code = probe_code
        guarded(lambda: _confirm(code, yes=yes), as_json=as_json)
        answer = working(context.obj, partial(probe, code=code), as_json=as_json)
        if as_json:
            print_json(found.model_dump() | {"probe": answer.model_dump(mode="json")})
        else:
            print_probe(answer)
    if found.exit_code:
        raise typer.Exit(found.exit_code)


def _confirm(code: str, *, yes: bool) -> None:
    """Ask a person; a script has to say it beforehand."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError(
            "the probe writes to QA Sphere, and nobody is there to agree",
            cause="what it leaves behind cannot be deleted",
            next_step=f"add --yes: `migrator check --probe {code} --yes`",
        )
    typer.confirm(
        f"The probe makes the project {code} in QA Sphere, with about fifty cases and some runs. Nothing of that can"
        " be deleted through the API. Go on?",
        abort=True,
        err=True,
    )
