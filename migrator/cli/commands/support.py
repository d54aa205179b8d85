"""``support-bundle``."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated

import typer

from migrator.app import support as support_app
from migrator.cli.config_file import config_of
from migrator.cli.guard import guarded
from migrator.cli.options import JsonOpt
from migrator.cli.output.terminal import print_json, result, say
from migrator.config import Config


def support_bundle(
    context: typer.Context,
    path: Annotated[
        Path | None, typer.Argument(help="The .zip file to write; by default its name has the time.", dir_okay=False)
    ] = None,
    as_json: JsonOpt = False,
) -> None:
    """Pack what is needed to find a fault from afar: versions, config, log, counts, plan, errors; without secrets.

    Asks nobody and changes nothing. Its README.txt says what is in it; read it before you send it.
    """

    @cache
    def config() -> Config:
        return config_of(context.obj, needs_secrets=False)

    path = path or support_app.bundle_name(datetime.now(UTC))
    found = guarded(lambda: support_app.write_bundle(path, context.obj, config), as_json=as_json)
    if as_json:
        print_json({"file": str(path), "pieces": found})
        return
    for name, state in found.items():
        say(result, f"{name}: {state}")
    say(
        result,
        f"wrote {path}: no secrets, no texts of cases; addresses, ids and titles of failed items. Read it first.",
    )
