"""How a fleet stands, as the Prefect server has it. Needs the extra ``prefect``."""

from collections.abc import Sequence
from typing import Any

from prefect.client.schemas import filters as by
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.sorting import ArtifactSort, FlowRunSort

from migrator.fleet.model import COMMANDS, Tenant
from migrator.fleet.server import prefect_server
from migrator.fleet.standing import FleetStatus, TenantStatus

_FLOW = by.FlowFilter(name=by.FlowFilterName(any_=["migrator-tenant"]))
_SCHEDULED = by.FlowRunFilterState(type=by.FlowRunFilterStateType(any_=[StateType.SCHEDULED]))


async def status_of(tenants: Sequence[Tenant]) -> FleetStatus:
    """Return what these tenants' last runs came to, and when they run next."""
    async with prefect_server() as client:
        return FleetStatus(tenants=[await _one(client, tenant.name) for tenant in tenants])


async def _one(client: Any, tenant: str) -> TenantStatus:
    # a run has its name from the moment when it begins
    named = by.FlowRunFilter(name=by.FlowRunFilterName(any_=[f"{tenant}: {command}" for command in COMMANDS]))
    last = await client.read_flow_runs(
        flow_filter=_FLOW, flow_run_filter=named, sort=FlowRunSort.START_TIME_DESC, limit=1
    )
    waiting = await client.read_flow_runs(
        flow_filter=_FLOW,
        deployment_filter=by.DeploymentFilter(name=by.DeploymentFilterName(any_=[tenant])),
        flow_run_filter=by.FlowRunFilter(state=_SCHEDULED),
        sort=FlowRunSort.NEXT_SCHEDULED_START_TIME_ASC,
        limit=1,
    )
    found = TenantStatus(tenant=tenant, next_run=waiting[0].next_scheduled_start_time if waiting else None)
    if not last:
        return found
    (run,) = last
    return found.model_copy(
        update={
            "state": run.state_name or "",
            "message": (run.state.message if run.state else None) or "",
            "started": run.start_time,
            "ended": run.end_time,
            "report": await _report_of(client, run),
        }
    )


async def _report_of(client: Any, run: Any) -> str:
    """Return the last page that a run has left: its artifacts have the path as their description."""
    left = await client.read_artifacts(
        artifact_filter=by.ArtifactFilter(flow_run_id=by.ArtifactFilterFlowRunId(any_=[run.id])),
        sort=ArtifactSort.CREATED_DESC,
    )
    return next((artifact.description for artifact in left if artifact.description), "")
