"""``explain``."""

from dataclasses import asdict
from typing import Annotated

import typer

from migrator.cli.options import JsonOpt
from migrator.cli.terminal import print_json, result, say
from migrator.core.error_codes import ErrorCode, explained


def command(
    code: Annotated[str, typer.Argument(help="An error code, such as QM101; all of them when left out.")] = "",
    as_json: JsonOpt = False,
) -> None:
    """Say what an error code means and what to do about it."""
    found = explained(code) if code else None
    if code and found is None:
        known = ", ".join(member.value.code for member in ErrorCode)
        raise typer.BadParameter(f"there is no error {code}; the codes are {known}")
    chosen = [found] if found else [member.value for member in ErrorCode]
    if as_json:
        print_json([asdict(explanation) for explanation in chosen])
        return
    for explanation in chosen:
        say(result, f"{explanation.code}: {explanation.meaning}")
        say(result, f"  {explanation.remedy}")


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("explain")(command)
