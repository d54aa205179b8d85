"""The seams of the history: what the engine asks of QA Sphere and of the mapping for milestones, runs and results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from migrator.core.base import Frozen
from migrator.core.drafts import MilestoneDraft, ResultDraft, RunDraft
from migrator.core.errors import Rejected
from migrator.core.model import Configuration, Defect, Milestone, Result, TestCase, TestRun
from migrator.core.ports import Created, Hooks, Mapped
from migrator.core.refs import Ref

RESULTS_PER_CALL = 500
"""Results in one ``HistoryDestination.create_results``."""
RESULT_BYTES_PER_CALL = 4 * 1024 * 1024
"""Bytes in one call, by ``result_bytes``, unless a single result is larger; roughly the size of the request."""
_OVERHEAD = 200


def result_bytes(draft: ResultDraft) -> int:
    """Return what a result takes of ``RESULT_BYTES_PER_CALL``: its comment, and about 200 bytes beside it."""
    return len(draft.comment.encode()) + _OVERHEAD


# --- destination ------------------------------------------------------------------------------------------------------


class MilestoneView(Frozen):
    """A milestone of QA Sphere. An archived one takes no runs, and keeps its title."""

    id: int
    title: str
    archived: bool


class RunView(Frozen):
    """A run of QA Sphere. ``description`` (HTML) and ``milestone_id`` None: the list did not hold them (A-30).

    ``counts``: status → cases, ``all`` for their number; None when not told.
    """

    id: int
    title: str
    closed: bool
    description: str | None = None
    milestone_id: int | None = None
    counts: dict[str, int] | None = None


class RunCaseView(Frozen):
    """A case in a run, with the status of its last result; ``open`` without one."""

    id: str
    status: str


class ResultView(Frozen):
    """A result as it is read back. ``comment`` is HTML."""

    id: int
    status: str
    comment: str
    time_taken_ms: int | None = None


class TitleTaken(Rejected):
    """The title is that of another run in the same milestone; nothing was stored. ``run_id``: the run that has it."""

    def __init__(
        self, message: str, *, cause: str = "", status: int | None = None, body: str = "", run_id: int = 0
    ) -> None:
        super().__init__(message, cause=cause, status=status, body=body)
        self.run_id = run_id


class HistoryReader(Protocol):
    """Milestones, runs and results, for those who only look. Methods raise what ``DestinationReader`` raises."""

    async def statuses(self) -> Mapping[str, str]:
        """Return name → id of the active custom result statuses of the tenant."""
        ...

    async def milestones(self, code: str) -> Sequence[MilestoneView]:
        """Return all milestones, archived ones included."""
        ...

    async def runs(self, code: str) -> Sequence[RunView]:
        """Return all runs, closed ones included, in one request."""
        ...

    async def run_cases(self, code: str, run_id: int) -> Sequence[RunCaseView]:
        """Return the cases of a run, in one request."""
        ...

    async def results(self, code: str, run_id: int, case_id: str) -> Sequence[ResultView] | None:
        """Return the results of one case in one run, oldest first; None when QA Sphere does not give them back."""
        ...


class HistoryDestination(HistoryReader, Protocol):
    """Milestones, runs and results, for those who write. Creates also raise ``OutcomeUnknown``."""

    async def create_milestone(self, code: str, draft: MilestoneDraft, hooks: Hooks) -> Created:
        """Create a milestone; QA Sphere may permit a title twice."""
        ...

    async def create_run(
        self, code: str, draft: RunDraft, milestone_id: int | None, case_ids: Sequence[str], hooks: Hooks
    ) -> Created:
        """Create a static run of exactly these cases; ``TitleTaken`` when another one has the title."""
        ...

    async def create_results(
        self, code: str, run_id: int, results: Sequence[tuple[str, ResultDraft]], hooks: Hooks
    ) -> Sequence[Created]:
        """Add results, each with its case's id, in this order; answers as many ids, in the same order.

        ``Rejected`` with 409 when the run is closed. After another refusal nobody knows how many were stored.
        """
        ...

    async def close_run(self, code: str, run_id: int, hooks: Hooks) -> None:
        """Close a run for good; safe to repeat."""
        ...


# --- mapping ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HistoryWorld:
    """What the rules for runs and results have to know. ``statuses``: name → id of QA Sphere's custom statuses."""

    milestones: Sequence[Milestone] = ()
    configurations: Mapping[str, Configuration] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunUnit:
    """What belongs together in QA Sphere: one run of the source, or a month of single-test runs.

    ``marker``: of the run, or made up for the group. ``runs`` in order of time.
    """

    marker: str
    runs: tuple[TestRun, ...]

    @property
    def is_group(self) -> bool:
        """Whether it is made of single-test runs."""
        return self.marker != self.runs[0].ref.marker

    @property
    def is_closed(self) -> bool:
        """Whether nothing will be added at the source."""
        return all(run.closed for run in self.runs)


@dataclass(frozen=True, slots=True)
class RunPart:
    """One run to be made of a unit. ``label``: what tells it from the other parts, empty for the first."""

    marker: str
    cases: tuple[str, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class ResultPlace:
    """Where a result goes. ``marker``: its own, or that of its later edition. ``run``: the part's marker.

    ``defects``: by marker, as far as the source lists them.
    """

    marker: str
    run: str
    unit: RunUnit
    source_run: TestRun
    defects: Mapping[str, Defect]


class HistoryMapper(Protocol):
    """Pure rules for milestones, runs and results of one project."""

    @property
    def keeps(self) -> Literal["all", "last", "none"]:
        """Which results are migrated: all, the last one of each test, or none."""
        ...

    @property
    def allows_gaps(self) -> bool:
        """Whether a run is made without a case that could not be migrated."""
        ...

    @property
    def inactive_stay_out(self) -> bool:
        """Whether inactive cases cannot be in a run, because they are drafts in QA Sphere."""
        ...

    def milestones(self) -> Sequence[Mapped]:
        """Map all milestones at once; no two get the same title."""
        ...

    def unit_of(self, run: TestRun) -> str:
        """Return the marker of the unit that a run belongs to: its own, or a group's."""
        ...

    def run(self, unit: RunUnit, part: RunPart) -> Mapped:
        """Map one part of a unit."""
        ...

    def result(self, result: Result, place: ResultPlace) -> Mapped:
        """Map a result; ``folded`` when it says nothing but that the test was not run."""
        ...

    def leaves_open(self, status: str) -> bool:
        """Whether a status says that the test was not run, or not to its end."""
        ...

    def placeholder_folder(self, project: Ref) -> tuple[Ref, Mapped] | None:
        """Return the folder for tests that the source has not any more; None when their results are not migrated."""
        ...

    def placeholder(self, result: Result, folder: Ref) -> TestCase:
        """Return a test that stands for the one of a result, which the source has not any more."""
        ...
