"""Deployments with a work pool, whose workers take them from the server. Needs the extra ``prefect``.

https://docs.prefect.io/v3/concepts/work-pools: the pool's base job template says which variables a run may set, and has
``image`` where runs are containers. A deployment that is there under the same name is changed.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
from prefect.deployments.runner import DeploymentApplyError
from prefect.events import DeploymentEventTrigger
from prefect.exceptions import ObjectNotFound

from migrator.core.errors import ConfigError
from migrator.fleet.flows import deployments
from migrator.fleet.model import Fleet, Tenant, WorkPool
from migrator.fleet.server import prefect_server


def deploy(file: Path, fleet: Fleet, tenants: Sequence[Tenant], pool: WorkPool) -> str:
    """Register a deployment for each of these tenants, and return the pool's type, such as ``process``.

    ``file``: the absolute path of ``fleet.yaml``. Raises ``ConfigError`` when there is no such pool, or it and
    ``pool.image`` do not go together.
    """
    made = deployments(pool.file or file, tenants)
    for tenant, deployment in zip(tenants, made, strict=True):
        deployment.job_variables = dict(pool.job_variables)
        deployment.triggers = [_after_a_crash(tenant, fleet.policies_of(tenant).retry_seconds)]
    return anyio.run(_registered, made, pool)


async def _registered(made: Sequence[Any], pool: WorkPool) -> str:
    async with prefect_server() as client:
        try:
            found = await client.read_work_pool(pool.name)
        except ObjectNotFound:
            raise ConfigError(
                f"the Prefect server has no work pool {pool.name}",
                next_step=f"`prefect work-pool create {pool.name} --type process`, or docker, or kubernetes",
            ) from None
        _goes_with(pool, found)
        for deployment in made:
            try:
                await deployment.aapply(work_pool_name=pool.name, image=pool.image)
            except DeploymentApplyError as error:
                raise ConfigError(
                    f"Prefect refused the deployment of {deployment.name}",
                    cause=str(error),
                    next_step="correct `pool.job_variables`: they have to be those of the pool",
                ) from None
    return str(found.type)


def _goes_with(pool: WorkPool, found: Any) -> None:
    takes_image = "image" in found.base_job_template.get("variables", {}).get("properties", {})
    if takes_image and pool.image is None:
        raise ConfigError(
            f"runs of the work pool {pool.name} are containers, and no image is named",
            next_step="give `pool.image`, with this program and Prefect in it (docs/fleet.md)",
        )
    if pool.image is not None and not takes_image:
        raise ConfigError(
            f"the work pool {pool.name} is of type {found.type}, which takes no image",
            next_step="remove `pool.image`, or name a pool of type docker or kubernetes",
        )


def _after_a_crash(tenant: Tenant, seconds: float) -> Any:
    """Return what runs a tenant again when the process of its flow was killed: retries of Prefect are for failures.
    With some time between, since what kills it once may do so again and again."""
    return DeploymentEventTrigger(
        name=f"{tenant.name}: again after a crash",
        expect={"prefect.flow-run.Crashed"},
        match_related={"prefect.resource.name": tenant.name, "prefect.resource.role": "deployment"},
        schedule_after=timedelta(seconds=seconds),
    )
