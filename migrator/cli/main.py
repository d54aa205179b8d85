"""The program ``migrator``."""

from pathlib import Path
from typing import Annotated

import typer

from migrator import __version__
from migrator.cli import (
    check_command,
    commands,
    config_commands,
    init_command,
    rehearse_command,
    sync_command,
    writeback_command,
)
from migrator.cli.options import ConfigOpt
from migrator.cli.output import result

app = typer.Typer(
    name="migrator",
    help="Moves test-management history into QA Sphere: exactly once, resumable, verified.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
init_command.register(app)
check_command.register(app)
commands.register(app)
sync_command.register(app)
rehearse_command.register(app)
writeback_command.register(app)
app.add_typer(config_commands.app, name="config")


def _print_version(wanted: bool) -> None:
    if wanted:
        result.print(__version__)
        raise typer.Exit


@app.callback()
def _main(
    context: typer.Context,
    config: ConfigOpt = Path("config.yaml"),
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    context.obj = config


def main() -> None:
    """Run the program."""
    app()
