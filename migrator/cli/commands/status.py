"""``status``, and its short form ``failures``."""

from typing import Annotated

import typer

from migrator.app import status as status_app
from migrator.cli.config_file import config_of
from migrator.cli.guard import guarded
from migrator.cli.options import JsonOpt
from migrator.cli.output.status import print_status
from migrator.cli.output.terminal import print_json


def status(
    context: typer.Context,
    failed: Annotated[bool, typer.Option("--failed", help="List every failed, blocked or unknown item.")] = False,
    as_json: JsonOpt = False,
) -> None:
    """Say what stands where, from the workspace alone. Works while another process migrates."""

    def ask() -> None:
        answer = status_app.status(config_of(context.obj, needs_secrets=False), failures=None if failed else 20)
        if as_json:
            print_json(answer.model_dump())
        else:
            print_status(answer, failures_hint="`migrator status --failed` lists them all")

    guarded(ask, as_json=as_json)


def failures(context: typer.Context, as_json: JsonOpt = False) -> None:
    """The same as ``status --failed``."""
    status(context, failed=True, as_json=as_json)
