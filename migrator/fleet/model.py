"""``fleet.yaml``: tenants, each with a config of its own, when they run and by which policies."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from migrator.app.sync.every import seconds_of
from migrator.config.explain import explained
from migrator.config.read import read_yaml
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError

FleetCommand = Literal["check", "plan", "apply", "sync", "verify", "migrate"]
"""What is done for a tenant; ``migrate`` is check, plan, approval, apply and verify."""
COMMANDS: Sequence[FleetCommand] = ("check", "plan", "apply", "sync", "verify", "migrate")
_CRON = re.compile(r"[\d*/,a-zA-Z#?-]+(?: [\d*/,a-zA-Z#?-]+){4}")


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Schedule(_Block):
    """When a tenant runs by itself, for ``serve``: by a cron line in a time zone, or every so often."""

    cron: str | None = Field(default=None, description="minute hour day month weekday, such as 0 2 * * *")
    every: str | None = Field(default=None, description="such as 15m or 6h")
    timezone: str = Field(default="UTC", description="IANA name, such as Europe/Berlin; for cron")

    @model_validator(mode="after")
    def _one_of_both(self) -> "Schedule":
        if (self.cron is None) is (self.every is None):
            raise ValueError("give either cron or every")
        if self.cron is not None and not _CRON.fullmatch(self.cron):
            raise ValueError("cron has five fields: minute hour day month weekday")
        if self.every is not None:
            seconds_of(self.every)
        return self

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("is no time zone that the IANA database knows") from None
        return value


class Policies(_Block):
    """How failures and writes are dealt with."""

    retries: int = Field(default=3, ge=0, le=100, description="how often temporary trouble (exit 5) is tried again")
    retry_seconds: float = Field(default=60, ge=0, description="before the first repetition; doubles with each")
    approval: bool = Field(default=True, description="migrate waits after the plan until somebody resumes it")
    approval_hours: float = Field(default=72, gt=0, description="how long it waits before it fails")


class WorkPool(_Block):
    """Where `fleet deploy` lets tenants run: a work pool of the Prefect server, whose workers take them."""

    name: str = Field(min_length=1, description="of the pool, which `prefect work-pool create` makes")
    image: str | None = Field(default=None, description="for a pool of type docker or kubernetes")
    file: Path | None = Field(default=None, description="where workers have this file, if not where it is here")
    job_variables: dict[str, Any] = Field(default={}, description="what else the pool takes, such as env or volumes")


class Tenant(_Block):
    """One migration. ``config``: a file; or ``settings``: what its config has beyond the fleet's ``defaults``."""

    name: str = Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=60)
    config: Path | None = None
    settings: dict[str, Any] | None = None
    command: FleetCommand = "sync"
    schedule: Schedule | None = None
    labels: tuple[str, ...] = ()
    policies: Policies | None = Field(default=None, description="instead of the fleet's")

    @model_validator(mode="after")
    def _one_of_both(self) -> "Tenant":
        if (self.config is None) is (self.settings is None):
            raise ValueError("give either config or settings")
        return self


class Fleet(_Block):
    """The whole file. ``defaults``: a config's blocks, under the ``settings`` of each tenant."""

    name: str = Field(default="fleet", pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=60)
    defaults: dict[str, Any] = {}
    policies: Policies = Policies()
    pool: WorkPool | None = None
    tenants: tuple[Tenant, ...] = Field(min_length=1)

    @field_validator("tenants")
    @classmethod
    def _names_differ(cls, tenants: tuple[Tenant, ...]) -> tuple[Tenant, ...]:
        names = [tenant.name for tenant in tenants]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{', '.join(twice)} is there twice")
        return tenants

    def policies_of(self, tenant: Tenant) -> Policies:
        """Return the tenant's own policies, or the fleet's."""
        return tenant.policies or self.policies

    def chosen(self, names: Sequence[str], labels: Sequence[str]) -> tuple[Tenant, ...]:
        """Return the tenants with one of these names, or with all of these labels; all of them for neither.

        Raises ``ConfigError`` when a name is unknown, or nothing is left.
        """
        known = {tenant.name: tenant for tenant in self.tenants}
        if unknown := [name for name in names if name not in known]:
            raise ConfigError(f"there is no tenant {', '.join(unknown)}", next_step=f"name one of: {', '.join(known)}")
        found = tuple(
            tenant
            for tenant in self.tenants
            if (not names or tenant.name in names) and set(labels) <= set(tenant.labels)
        )
        if not found:
            raise ConfigError(
                f"no tenant has the labels {', '.join(labels)}", next_step="`migrator fleet list` shows them"
            )
        return found


def load_fleet(path: Path) -> Fleet:
    """Read and validate the file; ``ConfigError`` names every key that is wrong, missing or unknown."""
    raw = read_yaml(path)
    try:
        return Fleet.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(
            f"{path} is not valid",
            code=ErrorCode.CONFIG_INVALID,
            cause=explained(error, Fleet),
            next_step="correct it; `migrator fleet schema` lists every key",
        ) from None


def fleet_schema() -> dict[str, Any]:
    """Return the JSON Schema of the file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Fleet.model_json_schema()}
