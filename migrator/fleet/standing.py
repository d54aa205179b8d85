"""How the tenants of a fleet stand: what ``fleet status --json`` prints."""

from datetime import datetime

from pydantic import BaseModel

_BAD = ("Failed", "Crashed", "TimedOut")


class TenantStatus(BaseModel):
    """One tenant.

    Args:
        state: Prefect's name for the state of the last run, such as `Completed`, `CompletedWithWarnings`, `Failed`,
            `Crashed`, `Paused` (waits for approval) or `Running`; empty when it has never run.
        message: why it is so, with the next step.
        started: when the last run began.
        ended: when it ended; null while it has not.
        next_run: when the next one is due; null without a schedule, and when nothing was deployed.
        report: path of the last page that the run has left, on the machine where it ran; empty when it left none.
    """

    tenant: str
    state: str = ""
    message: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    next_run: datetime | None = None
    report: str = ""


class FleetStatus(BaseModel):
    """All tenants that were asked for."""

    tenants: list[TenantStatus]

    @property
    def has_failures(self) -> bool:
        """Whether the last run of a tenant has failed or died."""
        return any(tenant.state in _BAD for tenant in self.tenants)
