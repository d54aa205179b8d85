"""The flows: one for a tenant's command, one for a fleet. Needs the extra ``prefect``, which ``start.py`` sees to.

Prefect 3: https://docs.prefect.io/v3. A flow or task that returns a state ends in it; what raises has failed.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import anyio
from prefect import Task, flow, get_client, get_run_logger
from prefect.artifacts import acreate_markdown_artifact
from prefect.client.schemas.objects import ConcurrencyLimitConfig
from prefect.concurrency.asyncio import concurrency
from prefect.deployments.runner import EntrypointType
from prefect.flow_runs import pause_flow_run
from prefect.schedules import Cron, Interval
from prefect.states import Completed, Failed
from prefect.tasks import exponential_backoff

from migrator.app.sync.every import seconds_of
from migrator.config import load_config
from migrator.core.errors import MigratorError
from migrator.core.plural import number
from migrator.fleet.model import FleetCommand, Policies, Schedule, Tenant, load_fleet
from migrator.fleet.outcome import Outcome, plan_markdown, result_markdown
from migrator.fleet.process import run_command
from migrator.fleet.tenants import accounts_of, config_path

_LEASE_SECONDS = 60.0
"""How long an account stays taken when the process that has it was killed; it is renewed while it lives."""
_STEPS: dict[str, tuple[str, ...]] = {"migrate": ("check", "plan", "apply", "verify")}


class TryAgain(Exception):
    """Temporary trouble: Prefect runs the task once more."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.message)
        self.outcome = outcome


async def _step(config: str, command: str, accounts: list[str]) -> Outcome:
    """Run one command while no other flow uses one of its accounts: two processes with one key would each take all of
    the rate that it allows."""
    logger = get_run_logger()
    async with concurrency(accounts, strict=True, lease_duration=_LEASE_SECONDS):
        outcome = await run_command(Path(config), command, logger.info)
    if outcome.verdict == "again":
        raise TryAgain(outcome)
    return outcome


def _is_worth_another(_task: Any, _run: Any, state: Any) -> bool:
    """Whether a failure is temporary trouble, which the state holds as what was raised."""
    return isinstance(state.data, TryAgain) or "TryAgain" in str(state.message)


def _task_of(tenant: str, command: str, policies: Policies) -> Any:
    return Task(
        _step,
        name=command,
        task_run_name=f"{tenant} {command}",
        retries=policies.retries,
        retry_delay_seconds=exponential_backoff(backoff_factor=policies.retry_seconds / 2),
        retry_condition_fn=_is_worth_another,
        persist_result=False,
    )


@flow(name="migrator-tenant", flow_run_name="{tenant}: {command}", persist_result=False)
async def tenant_flow(fleet_file: str, tenant: str, command: FleetCommand) -> Any:
    """Run a tenant's command; the state says how it ended, artifacts what came of it."""
    file = Path(fleet_file)
    try:
        fleet = load_fleet(file)
        (one,) = fleet.chosen([tenant], [])
        path = config_path(fleet, file, one)
        accounts = accounts_of(load_config(path))
    except MigratorError as error:
        return Failed(message=Outcome(command, error.exit_code, {"error": error.document()}).message)
    await _limit(accounts)
    policies = fleet.policies_of(one)
    remarks: list[str] = []
    for step in _STEPS.get(command, (command,)):
        outcome = await _ended(_task_of(tenant, step, policies), str(path), step, accounts)
        is_plan = step == "plan" and outcome.verdict == "done"
        text = plan_markdown(tenant, outcome.document) if is_plan else result_markdown(tenant, outcome)
        page = str(outcome.document.get("report") or "")
        await acreate_markdown_artifact(text, key=f"{tenant}-{step}", description=page)
        if outcome.verdict in ("failed", "again"):
            return Failed(message=outcome.message)
        remarks += [outcome.message] if outcome.message else []
        if is_plan and command == "migrate" and policies.approval:
            get_run_logger().info("the plan waits for approval: resume this flow run to apply it")
            await pause_flow_run(timeout=int(policies.approval_hours * 3600), poll_interval=2)
    if remarks:
        return Completed(message="; ".join(remarks), name="CompletedWithWarnings")
    return Completed(message=f"{command} of {tenant}: everything is in order")


async def _ended(task: Any, config: str, command: str, accounts: list[str]) -> Outcome:
    """Return what came of a step after all its repetitions."""
    try:
        outcome: Outcome = await task(config, command, accounts)
    except TryAgain as error:
        return error.outcome
    return outcome


async def _limit(accounts: list[str]) -> None:
    """Make the global limits, which hold for every worker of this Prefect server: one command at a time."""
    async with get_client() as client:
        for account in accounts:
            await client.upsert_global_concurrency_limit_by_name(account, 1)


@flow(name="migrator-fleet", persist_result=False)
async def fleet_flow(fleet_file: str, tenants: list[str], command: FleetCommand | None) -> Any:
    """Run a command of several tenants side by side, as far as their accounts allow."""
    fleet = load_fleet(Path(fleet_file))
    states: dict[str, Any] = {}

    async def run_one(name: str, wanted: FleetCommand) -> None:
        states[name] = await tenant_flow(fleet_file, name, wanted, return_state=True)

    async with anyio.create_task_group() as group:
        for one in fleet.chosen(tenants, []):
            group.start_soon(partial(run_one, one.name, command or one.command))
    rows = [f"| {name} | {state.name} | {state.message or ''} |" for name, state in sorted(states.items())]
    text = "\n".join([f"# {fleet.name}", "", "| Tenant | State | Message |", "| --- | --- | --- |", *rows]) + "\n"
    await acreate_markdown_artifact(text, key=f"{fleet.name}-fleet")
    failed = sorted(name for name, state in states.items() if not state.is_completed())
    if failed:
        return Failed(message=f"not all is well with {', '.join(failed)}", data=_told(states))
    return Completed(message=number(len(states), "tenant"), data=_told(states))


def _told(states: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {name: {"state": state.name, "message": state.message or ""} for name, state in sorted(states.items())}


def deployments(file: Path, tenants: Sequence[Tenant]) -> list[Any]:
    """Return a deployment for each tenant, named after it, with its schedule; one run of it at a time."""
    return [
        tenant_flow.to_deployment(
            tenant.name,
            schedules=[_schedule(tenant.schedule)] if tenant.schedule else [],
            parameters={"fleet_file": str(file), "tenant": tenant.name, "command": tenant.command},
            tags=["qasphere-migrator", *tenant.labels],
            concurrency_limit=ConcurrencyLimitConfig(limit=1, collision_strategy="CANCEL_NEW"),
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        for tenant in tenants
    ]


def _schedule(schedule: Schedule) -> Any:
    if schedule.cron is not None:
        return Cron(schedule.cron, timezone=schedule.timezone)
    return Interval(timedelta(seconds=seconds_of(str(schedule.every))))
