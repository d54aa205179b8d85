"""The commands of the program, but for ``config``: each parses, calls one function of the application, and renders."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import anyio
import typer

from migrator.app import demo as demo_app
from migrator.app import migrate as migrate_app
from migrator.app import plan_and_verify as look_app
from migrator.app import sandbox as sandbox_app
from migrator.app.reports import write as reports_app
from migrator.cli.context import finish, guarded, migrate, working
from migrator.cli.options import EXIT_CODES, JsonOpt, ProfileOpt, RemapOpt, ResultsOpt, SandboxSourceOpt
from migrator.cli.output import print_json, print_status, result, talk
from migrator.cli.plan_output import print_plan
from migrator.cli.progress import progress_listener
from migrator.cli.report_output import print_written
from migrator.cli.verify_output import print_verification
from migrator.config import load_config
from migrator.core.error_codes import ErrorCode, explained

EXIT_CHANGES = 4
EXIT_DIFFERENT = 6


def plan(
    context: typer.Context,
    as_json: JsonOpt = False,
    detailed: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit with 4 when applying it would change anything.")
    ] = False,
    remap: RemapOpt = False,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Download the attachments into the workspace, to know how much there is.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option("--html", help="Also write the plan to this file, as one HTML page.", dir_okay=False)
    ] = None,
) -> None:
    """Look before: extract, map and compare; say what would be written, lost and cost. Writes to neither side."""
    answer = working(context.obj, partial(look_app.plan, remap=remap, fetch=fetch), as_json=as_json)
    if html:
        guarded(lambda: reports_app.write_plan_report(load_config(context.obj), html), as_json=as_json)
        talk.print(f"wrote the plan to {html}", markup=False)
    if as_json:
        print_json(answer.model_dump())
    else:
        print_plan(answer)
    if detailed and answer.has_changes:
        raise typer.Exit(EXIT_CHANGES)


def apply(
    context: typer.Context,
    plan_id: Annotated[str | None, typer.Argument(help="The plan's id; the newest when left out.")] = None,
    as_json: JsonOpt = False,
) -> None:
    """Execute a saved plan exactly, or refuse it when what it touches has changed. Continues an interrupted one."""
    migrate(context.obj, partial(migrate_app.apply, plan_id=plan_id), as_json=as_json)


def run(context: typer.Context, as_json: JsonOpt = False, remap: RemapOpt = False) -> None:
    """Migrate: plan and apply in one go, every project of the config. Continues an interrupted run by itself."""
    migrate(context.obj, partial(migrate_app.run, remap=remap), as_json=as_json)


def verify(
    context: typer.Context,
    files: Annotated[
        Literal["all", "sample", "none"],
        typer.Option("--files", help="Which files to download and compare byte by byte."),
    ] = "sample",
    results: ResultsOpt = "counts",
    as_json: JsonOpt = False,
) -> None:
    """Prove after: read QA Sphere back and compare every field. Exits with 6 when something is not as it was left."""
    answer = working(context.obj, partial(look_app.verify, files=files, results=results), as_json=as_json)
    if as_json:
        print_json(answer.model_dump())
    else:
        print_verification(answer)
    if answer.wrong:
        raise typer.Exit(EXIT_DIFFERENT)


def retry(
    context: typer.Context,
    files: Annotated[
        bool, typer.Option("--files", help="Ask also for files that were given up, such as unreadable pictures.")
    ] = False,
    as_json: JsonOpt = False,
) -> None:
    """Send failed and blocked items again, without reading the source's lists anew. Late files reach their cases.

    With --files, what was given up is planned anew, so the source is read again.
    """
    migrate(context.obj, partial(migrate_app.retry, files=files), as_json=as_json)


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


def report(
    context: typer.Context,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Write what was migrated to this file, as one HTML page.", dir_okay=False),
    ] = None,
    crosswalk: Annotated[
        Path | None,
        typer.Option("--crosswalk", help="Write old and new id of every item, as .csv or .json.", dir_okay=False),
    ] = None,
    archive: Annotated[
        Path | None,
        typer.Option("--archive", help="Write every extracted original to this file, as NDJSON.", dir_okay=False),
    ] = None,
    as_json: JsonOpt = False,
) -> None:
    """Write out what the workspace knows, without network: a page for people, old and new ids, the originals."""
    if not (html or crosswalk or archive):
        raise typer.BadParameter("name at least one of --html FILE, --crosswalk FILE, --archive FILE")
    written = guarded(
        lambda: reports_app.write_reports(load_config(context.obj), html=html, crosswalk=crosswalk, archive=archive),
        as_json=as_json,
    )
    if as_json:
        print_json(written.document())
    else:
        print_written(written)


def explain(
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
        result.print(f"{explanation.code}: {explanation.meaning}", markup=False)
        result.print(f"  {explanation.remedy}", markup=False)


def failures(context: typer.Context, as_json: JsonOpt = False) -> None:
    """The same as ``status --failed``."""
    status(context, failed=True, as_json=as_json)


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
            result.print(line, markup=False)
        print_verification(answer.verification)
    finish(answer.status, as_json=as_json)
    if answer.verification.wrong:
        raise typer.Exit(EXIT_DIFFERENT)


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

    def say(line: str) -> None:
        talk.print(line, markup=False)

    guarded(lambda: anyio.run(sandbox_app.serve_until_stopped, wish, say), as_json=False)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for working_command in (plan, apply, run, verify, retry):
        app.command(epilog=EXIT_CODES)(working_command)
    for command in (status, report, explain, demo, sandbox):
        app.command()(command)
    app.command("failures", hidden=True)(failures)
