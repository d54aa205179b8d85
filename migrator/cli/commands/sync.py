"""``sync``, once or round after round."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated

import typer

from migrator.app.sync.every import seconds_of, sync_every
from migrator.app.sync.unattended import SyncOutcome, unattended_sync
from migrator.cli.context import working
from migrator.cli.guard import guarded
from migrator.cli.options import JsonOpt
from migrator.cli.output.sync import print_round
from migrator.cli.output.terminal import print_json
from migrator.config import Config
from migrator.core.events import Listener


def sync(
    context: typer.Context,
    every: Annotated[
        str | None,
        typer.Option("--every", metavar="INTERVAL", help="Go on until stopped, a round every 90s, 15m or 2h."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what a round would do; write to neither side.")
    ] = False,
    final: Annotated[
        bool,
        typer.Option(
            "--final", help="The last round: also file this month's runs of single tests, and close every open run."
        ),
    ] = False,
    full: Annotated[
        bool,
        typer.Option("--full", help="Read everything at the source, as is done once a day and by --final anyway."),
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 when there are conflicts.")] = False,
    as_json: JsonOpt = False,
) -> None:
    """Bring over what has changed at the source since the last time, by the policies in the config's `sync` block.

    What is unchanged costs no write, and at the source only what may have changed is read. One
    line when nothing changed; with --every and --json one document a line.
    """
    if every is None:
        work = partial(unattended_sync, dry_run=dry_run, final=final, full=full, strict=strict)
        _once(context, work, as_json=as_json)
        return
    if dry_run or final:
        raise typer.BadParameter("--every goes with neither --dry-run nor --final")
    try:
        seconds = seconds_of(every)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--every") from error
    show = (lambda ended: print_json(_document(ended), indent=None)) if as_json else print_round
    working(context.obj, partial(sync_every, every=seconds, full=full, strict=strict, show=show), as_json=as_json)


def _once(context: typer.Context, work: Callable[[Config, Listener], Awaitable[SyncOutcome]], *, as_json: bool) -> None:
    ended = working(context.obj, work, as_json=as_json)
    if ended.error is not None:
        error = ended.error

        def fail() -> None:
            raise error

        guarded(fail, as_json=as_json)
    if as_json:
        print_json(_document(ended))
    else:
        print_round(ended)
    if ended.exit_code:
        raise typer.Exit(ended.exit_code)


def _document(ended: SyncOutcome) -> dict[str, object]:
    rest = {"summary": ended.summary(), "seconds": round(ended.seconds, 1), "exit": ended.exit_code}
    if ended.report is None:
        return rest | {"error": ended.error.document() if ended.error else None}
    return ended.report.model_dump() | rest
