"""``sandbox``."""

from functools import partial
from pathlib import Path
from typing import Annotated

import anyio
import typer

from migrator.app import sandbox as sandbox_app
from migrator.cli.guard import guarded
from migrator.cli.options import ProfileOpt, SandboxSourceOpt
from migrator.cli.output.terminal import say, talk


def sandbox(
    source: SandboxSourceOpt = "",
    seed_file: Annotated[
        Path | None, typer.Option("--seed-file", help="Test cases for the source's stand-in, as JSON.")
    ] = None,
    cases: Annotated[int | None, typer.Option(help="Generate so many cases instead of the demo's.")] = None,
    profile: ProfileOpt = "strict",
    latency: Annotated[float, typer.Option(help="Seconds added to every answer.")] = 0.0,
    rate: Annotated[
        float | None, typer.Option(help="QA Sphere's limit in requests a second; none when left out.")
    ] = None,
    faults: Annotated[float, typer.Option(help="Share of calls that go wrong, 0 to 1.")] = 0.0,
    fault_seed: Annotated[int, typer.Option(help="Which calls go wrong.")] = 1,
    source_port: Annotated[int, typer.Option(help="Port of the source's stand-in; 0: any free one.")] = 0,
    destination_port: Annotated[int, typer.Option(help="Port of the QA Sphere stand-in; 0: any free one.")] = 0,
    config_file: Annotated[
        Path | None, typer.Option("--write-config", help="Write a config that migrates between the two.")
    ] = None,
) -> None:
    """Serve the stand-ins of a source and of QA Sphere on this machine, until Ctrl-C."""
    wish = sandbox_app.SandboxWish(
        source=source,
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

    guarded(lambda: anyio.run(sandbox_app.serve_until_stopped, wish, partial(say, talk)), as_json=False)
