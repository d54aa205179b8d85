"""``demo``."""

from pathlib import Path
from typing import Annotated

import anyio
import typer

from migrator.app import demo as demo_app
from migrator.cli.guard import EXIT_DIFFERENT, guarded
from migrator.cli.options import JsonOpt, ProfileOpt, SandboxSourceOpt
from migrator.cli.output.progress import progress_listener
from migrator.cli.output.status import finish
from migrator.cli.output.terminal import result, say
from migrator.cli.output.verify import print_verification


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
        with progress_listener() as listener:
            return anyio.run(demo_app.demo, workspace, profile, listener, source)

    answer = guarded(show, as_json=as_json)
    if not as_json:
        for line in answer.lines:
            say(result, line)
        print_verification(answer.verification)
    finish(answer.status, as_json=as_json)
    if answer.verification.wrong:
        raise typer.Exit(EXIT_DIFFERENT)
