"""The program ``migrator``. Of the commands it imports only the one that is asked for."""

import importlib
import os
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from migrator import __version__
from migrator.cli.options import ANYWHERE, EXIT_CODES, ConfigOpt, LiveOpt, LogFormatOpt, QuietOpt, VerboseOpt
from migrator.cli.output.terminal import Manner, result, say, take_any_code_page, take_manner, take_warnings


class Entry(NamedTuple):
    """A command: the module of ``commands`` that has a function, or a group, of its name; how its help begins."""

    module: str
    summary: str
    hidden: bool = False


COMMANDS = {
    "demo": Entry("demo", "Plan, migrate and verify a small company between local stand-ins"),
    "init": Entry("init", "Write a commented config."),
    "check": Entry("check", "Preflight: workspace, credentials, clocks, projects, custom fields, statuses"),
    "rehearse": Entry("rehearse", "Rehearse: the real source against a local QA Sphere"),
    "plan": Entry("plan", "Look before: extract, map and compare; say what would be written, lost and cost."),
    "apply": Entry("migrate", "Execute a saved plan exactly, or refuse it when what it touches has changed."),
    "run": Entry("migrate", "Migrate: plan and apply in one go, every project of the config."),
    "verify": Entry("verify", "Prove after: read QA Sphere back and compare every field."),
    "retry": Entry("migrate", "Send failed and blocked items again, without reading the source's lists anew."),
    "sync": Entry("sync", "Bring over what has changed at the source since the last time"),
    "status": Entry("status", "Say what stands where, from the workspace alone."),
    "failures": Entry("status", "The same as ``status --failed``.", hidden=True),
    "report": Entry("report", "Write out what the workspace knows, without network"),
    "explain": Entry("explain", "Say what an error code means and what to do about it."),
    "writeback": Entry("writeback", "Leave a receipt in the source on everything that has moved"),
    "sandbox": Entry("sandbox", "Serve the stand-ins of a source and of QA Sphere on this machine"),
    "support-bundle": Entry("support", "Pack what is needed to find a fault from afar"),
    "api": Entry("api", "Ask QA Sphere's API by name; JSON on stdout."),
    "fleet": Entry("fleet", "Many migrations, each with a config of its own, on Prefect."),
    "config": Entry("config", "Check, show or describe the config file."),
}


class Commands(TyperGroup):
    """Lists every command, and replaces the one that is started by what its module holds."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, entry in COMMANDS.items():
            self.add_command(TyperCommand(name, help=entry.summary, hidden=entry.hidden))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the options that may stand anywhere, too, then the rest."""
        return super().parse_args(ctx, _sorted(args))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Import the command that the arguments begin with; exits with 2 when there is none."""
        name, listed, rest = super().resolve_command(ctx, args)
        Manner.command = name or ""
        return name, loaded(name) if name else listed, rest


def _sorted(args: list[str]) -> list[str]:
    """Return the arguments with those in front that belong to the program wherever they stand."""
    end = args.index("--") if "--" in args else len(args)
    front: list[str] = []
    rest: list[str] = []
    place = 0
    while place < end:
        size = ANYWHERE.get(args[place].partition("=")[0], 0)
        size = 1 if "=" in args[place] and size else size
        (front if size else rest).extend(args[place : place + max(size, 1)])
        place += max(size, 1)
    return [*front, *rest, *args[end:]]


def loaded(name: str) -> Any:
    """Return a command of the table, with its parameters and its help."""
    program = typer.Typer(pretty_exceptions_enable=False)
    program.callback()(lambda: None)  # without one, a single command would be the program itself
    entry = COMMANDS[name]
    command = getattr(importlib.import_module(f"{__package__}.commands.{entry.module}"), name.replace("-", "_"))
    if isinstance(command, typer.Typer):
        program.add_typer(command, name=name)
    else:
        program.command(name, hidden=entry.hidden)(command)
    group: Any = typer.main.get_command(program)
    return group.commands[name]


def _print_version(wanted: bool) -> None:
    if wanted:
        say(result, __version__)
        raise typer.Exit


app = typer.Typer(
    name="migrator",
    cls=Commands,
    help="Moves test-management history into QA Sphere: exactly once, resumable, verified.",
    no_args_is_help=True,
    epilog=EXIT_CODES,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _main(
    context: typer.Context,
    config: ConfigOpt = Path("config.yaml"),
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
    verbose: VerboseOpt = False,
    quiet: QuietOpt = False,
    log_format: LogFormatOpt = "text",
    live: LiveOpt = False,
) -> None:
    take_manner(verbose=verbose, quiet=quiet, as_json=log_format == "json", live=live)
    context.obj = config


def main() -> None:
    """Run the program."""
    os.umask(0o077)  # a workspace, and what is written out of it, is for its owner alone
    take_any_code_page()
    take_warnings()
    app()
