"""``config validate|show|schema``."""

import typer

from migrator.cli.config_file import config_of
from migrator.cli.guard import guarded
from migrator.cli.options import JsonOpt
from migrator.cli.output.terminal import print_json, result, say, talk
from migrator.config import json_schema, shown
from migrator.core.plural import number

config = typer.Typer(help="Check, show or describe the config file.", no_args_is_help=True)


@config.command()
def validate(context: typer.Context, as_json: JsonOpt = False) -> None:
    """Check the config file without touching the network."""
    config = guarded(lambda: config_of(context.obj, needs_secrets=False), as_json=as_json)
    if as_json:
        print_json({"valid": True, "projects": [project.source for project in config.projects]})
    else:
        say(talk, f"{context.obj} is valid: {number(len(config.projects), 'project')}, from {config.connector}")


@config.command()
def show(context: typer.Context, as_json: JsonOpt = False) -> None:
    """Print the whole config, defaults filled in and secrets hidden."""
    config = guarded(lambda: config_of(context.obj, needs_secrets=False), as_json=as_json)
    if as_json:
        print_json(config.model_dump(mode="json"))
    else:
        for line in shown(config).splitlines():
            say(result, line)


@config.command()
def schema() -> None:
    """Print the JSON Schema of the config file."""
    print_json(guarded(json_schema, as_json=False))
