"""``demo``."""

from functools import partial
from pathlib import Path
from typing import Annotated

import anyio
import typer

from migrator.app import demo as demo_app
from migrator.cli.exit_codes import EXIT_DIFFERENT, EXIT_ITEMS_FAILED
from migrator.cli.guard import guarded
from migrator.cli.options import JsonOpt, ProfileOpt, SandboxSourceOpt
from migrator.cli.output.progress import bars
from migrator.cli.output.terminal import print_json, result, say, talk

_HARMS = ("lost", "changed", "cosmetic")


def demo(
    workspace: Annotated[Path, typer.Option(help="Where the demo's workspace goes; made anew.")] = Path(
        "demo-migration"
    ),
    profile: ProfileOpt = "strict",
    source: SandboxSourceOpt = "",
    as_json: JsonOpt = False,
) -> None:
    """Plan, migrate and verify a small company between local stand-ins; nothing has to be configured."""

    def show() -> demo_app.DemoResult:
        with bars() as listener:
            return anyio.run(demo_app.demo, workspace, profile, listener, source, partial(say, talk))

    answer = guarded(show, as_json=as_json)
    if as_json:
        print_json(answer.status.model_dump() | {"second_run": answer.second_run})
    else:
        _print(answer)
    if answer.verification.wrong:
        raise typer.Exit(EXIT_DIFFERENT)
    if answer.status.has_failures:
        raise typer.Exit(EXIT_ITEMS_FAILED)


def _print(answer: demo_app.DemoResult) -> None:
    """Say in few lines what came of it, and where to look."""
    harms = {harm: sum(note["count"] for note in answer.status.notes if note["harm"] == harm) for harm in _HARMS}
    losses = ", ".join(f"{count} {harm}" for harm, count in harms.items())
    say(result, f"notes on what did not arrive as it was: {losses}")
    for label, path in answer.pages:
        say(result, f"{label}: {path}")
