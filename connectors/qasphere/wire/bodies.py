"""Runs, results, plans and statuses as they are sent, with the limits of ``qasphere-api.md`` §4.2."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from connectors.qasphere.wire.base import Body, Number
from connectors.qasphere.wire.case_bodies import Priority, Title

CASES_PER_RUN = 10_000
"""No cap is documented; the stand-in takes as many (A-29)."""
Description = Annotated[str, Field(max_length=512)]
RunType = Literal["static", "static_struct", "live"]
ResultStatus = Literal[
    "open", "passed", "failed", "blocked", "skipped", "custom1", "custom2", "custom3", "custom4"
]  # fmt: skip
Color = Literal["blue", "gray", "red", "orange", "yellow", "green", "teal", "indigo", "purple", "pink"]


class QueryPlan(Body):
    """Which cases are in a run (§3.12). What is given must hold together; ``folder_ids`` take in folders below."""

    tcase_ids: tuple[str, ...] | None = Field(default=None, max_length=CASES_PER_RUN)
    folder_ids: tuple[Number, ...] | None = None
    tag_ids: tuple[Number, ...] | None = None
    priorities: tuple[Priority, ...] | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.document():
            raise ValueError("a query plan needs at least one condition")
        return self


class NewRun(Body):
    """A run (§3.12). ``static`` freezes cases and their versions now; one plan, except for ``live``, which has no ids.

    ``assignment_id``: an active user above viewer. Configurations cannot be listed.
    """

    title: Title
    type: RunType
    query_plans: tuple[QueryPlan, ...] = Field(min_length=1)
    description: Description | None = None
    milestone_id: Number | None = None
    configuration_id: str | None = None
    assignment_id: Number | None = None
    links: tuple[str, ...] | None = None
    integration_link: str | None = None

    @model_validator(mode="after")
    def _plans_fit_type(self) -> Self:
        if self.type != "live" and len(self.query_plans) > 1:
            raise ValueError(f"a {self.type} run has exactly one query plan")
        if self.type == "live" and any(plan.tcase_ids is not None for plan in self.query_plans):
            raise ValueError("a live run names no cases")
        return self


class RunCopy(Body):
    """A clone of a run (§3.12); without a milestone unless one is named."""

    run_id: Number
    title: Title
    description: Description | None = None
    milestone_id: Number | None = None
    configuration_id: str | None = None
    assignment_id: Number | None = None
    links: tuple[str, ...] | None = None
    integration_link: str | None = None


class PlanRun(Body):
    """A run of a plan (§3.14). The type is sent because the vendor's client requires it (C6)."""

    title: Title
    query_plans: tuple[QueryPlan]
    type: RunType = "static"
    description: str | None = None
    configuration_id: str | None = None
    assignment_id: Number | None = None


class NewPlan(Body):
    """A plan with its runs (§3.14)."""

    title: Title
    runs: tuple[PlanRun, ...] = Field(min_length=1)
    description: str | None = None
    milestone_id: Number | None = None
    integration_link: str | None = None


class NewResult(Body):
    """A result (§3.13). ``comment``: HTML, always sent (C3); ``time_taken`` in milliseconds (C4). Links are no part of
    it: they are given beside it, on purpose, or not at all (C5)."""

    status: ResultStatus
    comment: str = ""
    time_taken: Number | None = Field(default=None, ge=0)


class CaseResult(NewResult):
    """A result of a batch (§3.13): with the id of its case, no number and no legacy id."""

    tcase_id: str


class ResultBatch(Body):
    """Up to 500 results (§3.13)."""

    items: tuple[CaseResult, ...] = Field(min_length=1, max_length=500)


class ResultLinkMeta(Body):
    """``id``: of an issue: the server comments on that issue, in its tracker, for everybody to see (§3.13)."""

    id: str | None = None


class ResultLink(Body):
    """A link of a result (§3.13). With ``meta.id`` the server writes a comment on that issue in the tracker."""

    integration_id: str = Field(min_length=1)
    url: str = Field(min_length=1)
    text: str = Field(min_length=1)
    meta: ResultLinkMeta | None = None


class NewMilestone(Body):
    """A milestone (§3.11): a title, nothing more."""

    title: Title


class RunLog(Body):
    """A note in HTML on a run (§3.12)."""

    comment: str = Field(min_length=1)


class StatusChange(Body):
    """A custom status as it is to be (§3.16)."""

    id: Literal["custom1", "custom2", "custom3", "custom4"]
    name: str = Field(min_length=1, max_length=16)
    color: Color
    is_active: bool


class StatusChanges(Body):
    """The custom statuses to set; those not named stay (§3.16)."""

    statuses: tuple[StatusChange, ...] = Field(min_length=1, max_length=4)
