"""``rehearse``."""

from functools import partial
from typing import Annotated

import typer

from migrator.app.rehearse import run as rehearse_app
from migrator.app.rehearse.run import RESULT, Rehearsal
from migrator.cli.context import working
from migrator.cli.exit_codes import EXIT_DIFFERENT, EXIT_ITEMS_FAILED
from migrator.cli.options import JsonOpt, ProfileOpt
from migrator.cli.output.status import print_status
from migrator.cli.output.terminal import print_json, result, say, show_table
from migrator.cli.output.verify import print_verification


def rehearse(
    context: typer.Context,
    fast: Annotated[
        bool,
        typer.Option(
            "--fast",
            help="Without the limit of QA Sphere: same counts, in the time that the source and this machine need.",
        ),
    ] = False,
    profile: ProfileOpt = "strict",
    as_json: JsonOpt = False,
) -> None:
    """Rehearse: the real source against a local QA Sphere with the real one's settings, folders and cases.

    Plans, applies, verifies, and says what the real run will take. Reads both services, writes to neither.
    """
    answer = working(context.obj, partial(rehearse_app.rehearse, fast=fast, profile=profile), as_json=as_json)
    if as_json:
        print_json(answer.model_dump(mode="json"))
    else:
        print_status(answer.status, failures_hint="`status --failed` with the rehearsal's workspace lists them all")
        print_verification(answer.verification)
        _print_measured(answer)
    if answer.verification.wrong:
        raise typer.Exit(EXIT_DIFFERENT)
    if answer.status.has_failures:
        raise typer.Exit(EXIT_ITEMS_FAILED)


def _print_measured(answer: Rehearsal) -> None:
    counts = [(name, str(both.planned), str(both.measured)) for name, both in answer.endpoints.items()]
    show_table(("requests while applying", "forecast", "measured"), counts, numbers=[1, 2])
    times = []
    for name, phase in answer.phases.items():
        cells = (f"{phase.at_allowed_rate:.1f} s", f"{phase.seconds:.1f} s", f"about {phase.forecast:.0f} s")
        times.append((name, str(phase.requests), *cells))
    show_table(("phase", "requests", f"at {answer.rate:g}/s", "measured", "real run"), times, numbers=[1, 2, 3, 4])
    if clashes := answer.phases["apply"].clashes:
        say(result, f"{clashes} creates met another one at the same position, and were sent again")
    if answer.fast:
        say(result, "--fast: measured without the limit of QA Sphere; a real run keeps to it")
    for name, path in answer.reports.items():
        say(result, f"{name} report: {path}")
    say(result, f"nothing was written to QA Sphere; all figures: {answer.workspace}/{RESULT}")
