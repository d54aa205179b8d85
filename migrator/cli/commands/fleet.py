"""``fleet validate|list|run|serve|deploy|status|schema``."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import anyio
import typer

from migrator.cli.exit_codes import EXIT_ITEMS_FAILED
from migrator.cli.guard import guarded
from migrator.cli.options import JsonOpt
from migrator.cli.output.terminal import print_json, say, show_table, talk
from migrator.core.errors import ConfigError
from migrator.core.plural import number
from migrator.fleet.model import Fleet, FleetCommand, WorkPool, fleet_schema, load_fleet
from migrator.fleet.start import deploy_fleet, fleet_status, flows, run_fleet, serve_fleet
from migrator.fleet.tenants import checked_configs

fleet = typer.Typer(help="Many migrations, each with a config of its own, on Prefect.", no_args_is_help=True)

FileOpt = Annotated[Path, typer.Option("--file", "-f", help="The fleet's tenants.")]
LabelOpt = Annotated[list[str] | None, typer.Option("--label", help="Only tenants with this label; may be repeated.")]
_FLEET = Path("fleet.yaml")


@fleet.command()
def validate(file: FileOpt = _FLEET, as_json: JsonOpt = False) -> None:
    """Check the file and every tenant's config, without network, secrets and Prefect."""
    configs = guarded(lambda: checked_configs(load_fleet(file), file), as_json=as_json)
    if as_json:
        print_json({"valid": True, "tenants": list(configs)})
    else:
        say(talk, f"{file} is valid: {number(len(configs), 'tenant')}")


@fleet.command("list")
def list_tenants(file: FileOpt = _FLEET, label: LabelOpt = None, as_json: JsonOpt = False) -> None:
    """List the tenants, with what they do when."""
    tenants = guarded(lambda: load_fleet(file).chosen([], label or []), as_json=as_json)
    if as_json:
        print_json({"tenants": [tenant.model_dump(mode="json", exclude={"settings"}) for tenant in tenants]})
        return
    rows = []
    for tenant in tenants:
        when = tenant.schedule
        shown = "" if when is None else when.every or f"{when.cron} {when.timezone}"
        rows.append((tenant.name, tenant.command, shown, ", ".join(tenant.labels)))
    show_table(("tenant", "command", "schedule", "labels"), rows)


@fleet.command()
def run(
    tenant: Annotated[list[str] | None, typer.Argument(help="Tenants by name; all of them when left out.")] = None,
    file: FileOpt = _FLEET,
    label: LabelOpt = None,
    command: Annotated[FleetCommand | None, typer.Option(help="Instead of each tenant's own.")] = None,
    as_json: JsonOpt = False,
) -> None:
    """Run the tenants' commands now, side by side as far as their accounts allow, and say how each ended.

    Exit 3 when one has failed.
    """

    def whole() -> dict[str, dict[str, str]]:
        loaded = load_fleet(file)
        names = [one.name for one in loaded.chosen(tenant or [], label or [])]
        checked_configs(loaded, file)
        flows()
        return anyio.run(run_fleet, str(file.absolute()), names, command)

    ended = guarded(whole, as_json=as_json)
    if as_json:
        print_json({"tenants": ended})
    else:
        rows = [(name, one["state"], one["message"]) for name, one in ended.items()]
        show_table(("tenant", "state", "message"), rows)
    if any(not one["state"].startswith("Completed") for one in ended.values()):
        raise typer.Exit(EXIT_ITEMS_FAILED)


@fleet.command()
def serve(file: FileOpt = _FLEET, label: LabelOpt = None) -> None:
    """Stay, and run tenants by their schedules and when Prefect's UI asks for it; Ctrl-C ends it."""

    def whole() -> None:
        loaded = load_fleet(file)
        checked_configs(loaded, file)
        serve_fleet(file.absolute(), loaded.chosen([], label or []))

    guarded(whole, as_json=False)


@fleet.command()
def deploy(
    file: FileOpt = _FLEET,
    label: LabelOpt = None,
    pool: Annotated[str | None, typer.Option(help="The work pool, instead of the file's.")] = None,
    as_json: JsonOpt = False,
) -> None:
    """Register the tenants with a work pool of the Prefect server, whose workers run them by their schedules."""

    def whole() -> dict[str, Any]:
        loaded = load_fleet(file)
        checked_configs(loaded, file)
        wanted = _pool(loaded, pool)
        tenants = loaded.chosen([], label or [])
        kind = deploy_fleet(file.absolute(), loaded, tenants, wanted)
        return {"pool": wanted.name, "type": kind, "deployed": [one.name for one in tenants]}

    done = guarded(whole, as_json=as_json)
    if as_json:
        print_json(done)
        return
    say(talk, f"{number(len(done['deployed']), 'tenant')} deployed to the work pool {done['pool']} ({done['type']})")
    say(talk, f"a worker takes them: prefect worker start --pool {done['pool']}")


def _pool(fleet: Fleet, name: str | None) -> WorkPool:
    if name is not None:
        return (fleet.pool or WorkPool(name=name)).model_copy(update={"name": name})
    if fleet.pool is None:
        raise ConfigError("no work pool is named", next_step="give `--pool`, or `pool.name` in the fleet's file")
    return fleet.pool


@fleet.command()
def status(file: FileOpt = _FLEET, label: LabelOpt = None, as_json: JsonOpt = False) -> None:
    """Tell each tenant's last run, when it runs next, and where its report lies. Exit 3 when a last run has failed."""
    found = guarded(lambda: anyio.run(fleet_status, load_fleet(file).chosen([], label or [])), as_json=as_json)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        rows = [
            (one.tenant, one.state, _moment(one.started), _moment(one.next_run), one.message, one.report)
            for one in found.tenants
        ]
        show_table(("tenant", "state", "last run", "next run", "message", "report"), rows)
    if found.has_failures:
        raise typer.Exit(EXIT_ITEMS_FAILED)


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone():%Y-%m-%d %H:%M %Z}"


@fleet.command()
def schema() -> None:
    """Print the JSON Schema of the file."""
    print_json(guarded(fleet_schema, as_json=False))
