"""Options that several commands share."""

from pathlib import Path
from typing import Annotated, Literal

import typer

JsonOpt = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
ConfigOpt = Annotated[Path, typer.Option("--config", "-c", help="The config file.", envvar="MIGRATOR_CONFIG")]
ProfileOpt = Annotated[
    Literal["strict", "lenient", "odd"],
    typer.Option(help="How the stand-ins read what the vendors' documents leave open."),
]
SandboxSourceOpt = Annotated[
    str, typer.Option("--source", help="Which source to stand in for, by the name of its connector; the first one.")
]
RemapOpt = Annotated[
    bool, typer.Option("--remap", help="Also send what changed only because the mapping rules changed.")
]
ResultsOpt = Annotated[
    Literal["counts", "sample", "all"],
    typer.Option("--results", help="How many results to read back: a request for each test case of a run."),
]
VerboseOpt = Annotated[
    bool, typer.Option("--verbose", "-v", help="Say also what goes into the log, such as refused requests.")
]
QuietOpt = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing on stderr but errors.")]
LogFormatOpt = Annotated[
    Literal["text", "json"], typer.Option("--log-format", help="What stderr gets: text, or a JSON object a line.")
]
LiveOpt = Annotated[
    bool, typer.Option("--live", help="Keep reports/live.html in the workspace up to date while a command works.")
]
ANYWHERE = {"--live": 1, "-v": 1, "--verbose": 1, "-q": 1, "--quiet": 1, "--log-format": 2}
"""Options of the program that may also stand behind a command → words they take."""
EXIT_CODES = """
Exit codes: 0 done and consistent · 1 unexpected, or the books do not balance · 2 usage or config · 3 finished with
failed, blocked or unknown items · 4 the plan has changes (`--detailed-exitcode`) · 5 temporary trouble, run again · 6
verify or the canary found differences · 7 authentication or permission · 8 a ceiling was reached · 10 workspace
locked · 11 workspace damaged · 130 interrupted, resumable
"""
