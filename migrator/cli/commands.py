"""The commands: ``run``, ``status``, ``retry``, ``demo``, ``sandbox``."""

from pathlib import Path
from typing import Annotated

import anyio
import typer

from migrator.app import demo as demo_app
from migrator.app import migrate as migrate_app
from migrator.app import sandbox as sandbox_app
from migrator.cli.context import finish, guarded, migrate
from migrator.cli.options import EXIT_CODES, JsonOpt, ProfileOpt
from migrator.cli.output import print_json, print_status, result, talk
from migrator.cli.progress import progress_listener
from migrator.config import load_config


def run(context: typer.Context, as_json: JsonOpt = False) -> None:
    """Migrate: extract, plan and load every project of the config. Continues an interrupted run by itself."""
    migrate(context.obj, migrate_app.run, as_json=as_json)


def retry(context: typer.Context, as_json: JsonOpt = False) -> None:
    """Send failed and blocked items again, without reading the source anew."""
    migrate(context.obj, migrate_app.retry, as_json=as_json)


def status(
    context: typer.Context,
    failed: Annotated[bool, typer.Option("--failed", help="List every failed, blocked or unknown item.")] = False,
    as_json: JsonOpt = False,
) -> None:
    """Say what stands where, from the workspace alone. Works while another process migrates."""

    def ask() -> None:
        answer = migrate_app.status(load_config(context.obj), failures=None if failed else 20)
        if as_json:
            print_json(answer.model_dump())
        else:
            print_status(answer, failures_hint="`migrator status --failed` lists them all")

    guarded(ask, as_json=as_json)


def failures(context: typer.Context, as_json: JsonOpt = False) -> None:
    """The same as ``status --failed``."""
    status(context, failed=True, as_json=as_json)


def demo(
    workspace: Annotated[Path, typer.Option(help="Where the demo's workspace goes; made anew.")] = Path(
        "demo-migration"
    ),
    profile: ProfileOpt = "strict",
    as_json: JsonOpt = False,
) -> None:
    """Migrate a small company between local stand-ins; nothing has to be configured."""

    def show() -> demo_app.DemoResult:
        with progress_listener() as listener:
            return anyio.run(demo_app.demo, workspace, profile, listener)

    answer = guarded(show, as_json=as_json)
    if not as_json:
        for line in answer.lines:
            result.print(line, markup=False)
    finish(answer.status, as_json=as_json)


def sandbox(
    seed_file: Annotated[
        Path | None, typer.Option("--seed-file", help="Test cases for the QAComplete stand-in, as JSON.")
    ] = None,
    cases: Annotated[int | None, typer.Option(help="Generate so many cases instead of the demo's.")] = None,
    profile: ProfileOpt = "strict",
    latency: Annotated[float, typer.Option(help="Seconds added to every answer.")] = 0.0,
    rate: Annotated[
        float | None, typer.Option(help="QA Sphere's limit in requests a second; none when left out.")
    ] = None,
    faults: Annotated[float, typer.Option(help="Share of calls that go wrong, 0 to 1.")] = 0.0,
    fault_seed: Annotated[int, typer.Option(help="Which calls go wrong.")] = 1,
    source_port: Annotated[int, typer.Option(help="Port of the QAComplete stand-in; 0: any free one.")] = 0,
    destination_port: Annotated[int, typer.Option(help="Port of the QA Sphere stand-in; 0: any free one.")] = 0,
    config_file: Annotated[
        Path | None, typer.Option("--write-config", help="Write a config that migrates between the two.")
    ] = None,
) -> None:
    """Serve the stand-ins of QAComplete and QA Sphere on this machine, until Ctrl-C."""
    wish = sandbox_app.SandboxWish(
        seed_file=seed_file,
        cases=cases,
        profile=profile,
        latency=latency,
        rate=rate,
        faults=faults,
        fault_seed=fault_seed,
        source_port=source_port,
        destination_port=destination_port,
        config_file=config_file,
    )

    def say(line: str) -> None:
        talk.print(line, markup=False)

    guarded(lambda: anyio.run(sandbox_app.serve_until_stopped, wish, say), as_json=False)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for command in (run, retry, status, demo, sandbox):
        app.command(epilog=EXIT_CODES if command in (run, retry) else None)(command)
    app.command("failures", hidden=True)(failures)
