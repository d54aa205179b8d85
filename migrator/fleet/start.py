"""Starting flows, with Prefect kept from talking to anybody but its own server."""

import importlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from migrator.core.errors import ConfigError
from migrator.fleet.model import Fleet, FleetCommand, Tenant, WorkPool
from migrator.fleet.standing import FleetStatus

_QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # a server that lives as long as the command takes its time on a busy machine
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
}
"""Set unless they are set. Nothing is told to Prefect's makers."""


def flows() -> Any:
    """Return the module with the flows. ``ConfigError`` when Prefect is not installed."""
    return _with_prefect("migrator.fleet.flows")


def _with_prefect(module: str) -> Any:
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "prefect":
            raise
        raise ConfigError(
            "fleets run on Prefect 3, which is not installed",
            next_step="pip install 'qasphere-migrator[prefect]'",
        ) from None


def serve_fleet(file: Path, tenants: Sequence[Tenant]) -> None:
    """Run tenants by their schedules and when they are asked for, on the server of ``PREFECT_API_URL``, until a
    signal. ``ConfigError`` without such a server: one that ends with this program would forget what it was told."""
    made = flows().deployments(file, tenants)
    prefect = importlib.import_module("prefect")
    _want_a_server_that_stays()
    prefect.serve(*made)


def deploy_fleet(file: Path, fleet: Fleet, tenants: Sequence[Tenant], pool: WorkPool) -> str:
    """Register the tenants with a work pool of the server of ``PREFECT_API_URL``; return the pool's type.

    Raises ``ConfigError`` without such a server or pool, ``TemporaryError`` when the server does not answer.
    """
    module = _with_prefect("migrator.fleet.deploy")
    _want_a_server_that_stays()
    kind: str = module.deploy(file, fleet, tenants, pool)
    return kind


async def fleet_status(tenants: Sequence[Tenant]) -> FleetStatus:
    """Return how the tenants stand on the server of ``PREFECT_API_URL``; raises as ``deploy_fleet``."""
    module = _with_prefect("migrator.fleet.status")
    _want_a_server_that_stays()
    found: FleetStatus = await module.status_of(tenants)
    return found


def _want_a_server_that_stays() -> None:
    if not os.environ.get("PREFECT_API_URL"):
        raise ConfigError(
            "this needs a Prefect server that stays",
            next_step="start one with `prefect server start`, and set PREFECT_API_URL to its address",
        )


async def run_fleet(file: str, tenants: list[str], command: FleetCommand | None) -> dict[str, dict[str, str]]:
    """Run a command of these tenants, on the server of ``PREFECT_API_URL``, or on one that lives as long as this.

    ``file``: the absolute path of ``fleet.yaml``. Returns tenant → ``state`` and ``message``.
    """
    state = await flows().fleet_flow(file, tenants, command, return_state=True)
    answer: dict[str, dict[str, str]] = await state.result(raise_on_failure=False)
    return answer
