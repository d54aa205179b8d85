"""``report``."""

from pathlib import Path
from typing import Annotated

import typer

from migrator.app.reports import write as reports_app
from migrator.app.reports.archive import MANIFEST_SUFFIX, SUMS_SUFFIX
from migrator.app.reports.write import Written
from migrator.cli.config_file import config_of
from migrator.cli.guard import guarded
from migrator.cli.options import JsonOpt
from migrator.cli.output.terminal import print_json, result, say
from migrator.core.plural import number


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
    made: Annotated[
        Path | None,
        typer.Option(
            "--made",
            help="Write what this import has made, in the order in which a person can remove it, as .xlsx.",
            dir_okay=False,
        ),
    ] = None,
    as_json: JsonOpt = False,
) -> None:
    """Write out what the workspace knows, without network: a page for people, old and new ids, the originals."""
    if not (html or crosswalk or archive or made):
        raise typer.BadParameter("name at least one of --html, --crosswalk, --archive, --made FILE")
    config = guarded(lambda: config_of(context.obj, needs_secrets=False), as_json=as_json)
    written = guarded(
        lambda: reports_app.write_reports(config, html=html, crosswalk=crosswalk, archive=archive, made=made),
        as_json=as_json,
    )
    if as_json:
        print_json(written.document())
    else:
        _print(written)


def _print(written: Written) -> None:
    """Name every file, with what is in it."""
    if written.html:
        say(result, f"wrote the report to {written.html}")
    if written.crosswalk:
        say(result, f"wrote {number(written.items, 'item')} to {written.crosswalk}")
    if written.made:
        say(result, f"wrote {number(written.things, 'thing')} that this import has made to {written.made}")
    if written.archive and (manifest := written.manifest):
        kinds = ", ".join(f"{count} {kind}" for kind, count in manifest.kinds.items())
        say(result, f"wrote {manifest.lines} originals to {written.archive} ({kinds})")
        say(result, f"SHA-256 {manifest.sha256}, also in {written.archive.name}{MANIFEST_SUFFIX}")
        say(result, f"`sha256sum -c {written.archive.name}{SUMS_SUFFIX}` checks them and the files that are kept")
