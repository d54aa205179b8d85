"""Milestones, runs, results and plans: plain objects that tests may look into and spoil."""

from dataclasses import dataclass, field
from typing import Any

from connectors.qasphere.sandbox.store_cases import Case, now


@dataclass(slots=True)
class Milestone:
    """A milestone (§3.11)."""

    id: int
    title: str
    archived_at: str | None = None
    created_at: str = field(default_factory=now)


@dataclass(slots=True)
class Result:
    """A result (§3.13). ``time_taken`` in milliseconds."""

    id: int
    status: str
    comment: str
    time_taken: int | None
    links: list[dict[str, Any]]
    author_id: int
    created_at: str = field(default_factory=now)


@dataclass(slots=True)
class RunCase:
    """A case in a run. ``frozen``: the version that the run keeps, None while it follows the case."""

    case_id: str
    frozen: Case | None = None
    results: list[Result] = field(default_factory=list)

    @property
    def status(self) -> str:
        """The last result decides (§3.13)."""
        return self.results[-1].status if self.results else "open"


@dataclass(slots=True)
class RunLog:
    """A note on a run (§3.12)."""

    id: str
    comment: str
    created_at: str = field(default_factory=now)


@dataclass(slots=True)
class Run:
    """A run (§3.12). ``cases``: case id → case in the run; for an open live run only those that have results."""

    id: int
    title: str
    type: str
    query_plans: list[dict[str, Any]]
    description: str = ""
    milestone_id: int | None = None
    configuration_id: str | None = None
    assignment_id: int | None = None
    plan_id: int | None = None
    cases: dict[str, RunCase] = field(default_factory=dict)
    logs: list[RunLog] = field(default_factory=list)
    closed_at: str | None = None
    created_at: str = field(default_factory=now)


@dataclass(slots=True)
class Plan:
    """A plan (§3.14)."""

    id: int
    title: str
    description: str
    milestone_id: int | None
    run_ids: list[int] = field(default_factory=list)
    created_at: str = field(default_factory=now)
