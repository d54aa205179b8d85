"""What the engine asks of the workspace for runs and results, beside ``migrator.core.store``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from migrator.core.drafts import ResultDraft
from migrator.core.model import Defect, Result, TestRun

if TYPE_CHECKING:
    from migrator.core.store import Extracted, Fate, Holding, Operation, Round, Verb


@dataclass(frozen=True, slots=True)
class RunItem:
    """A result of a unit, in the order of execution. ``case`` empty: the source does not say which test it was.

    ``order``: place among all results of the unit, as the source lists them.
    """

    marker: str
    run: str
    case: str
    order: int


@dataclass(frozen=True, slots=True)
class SentResult:
    """A result that is in QA Sphere. ``origin``: marker of the source's result, of which ``marker`` is an edition.

    ``id``: QA Sphere's.
    """

    marker: str
    origin: str
    run: str
    case: str
    status: str
    id: int


class History(Protocol):
    """Which result belongs to which run and test, what was sent, and which of the operations wait for others."""

    # --- what was extracted ---

    def place_runs(self, current: "Round", units: Iterable[tuple[str, str, float]]) -> None:
        """Record run marker, unit marker, and when it was run (seconds since the epoch)."""
        ...

    def units(self, current: "Round") -> Iterator[str]:
        """Yield the units in the order of extraction."""
        ...

    def runs_of(self, current: "Round", unit: str) -> Sequence["Extracted[TestRun]"]:
        """Return the source's runs of a unit, in order of time."""
        ...

    def items_of(self, current: "Round", unit: str) -> Sequence[RunItem]:
        """Return the results of a unit, oldest first."""
        ...

    def statuses(self, current: "Round") -> Sequence[str]:
        """Return every status that a result has, as the source spells it; empty for none."""
        ...

    def last_results(self, current: "Round", markers: Sequence[str], not_run: Sequence[str]) -> frozenset[str]:
        """Return those of the results that are the newest of their test in the whole project, not counting those with a
        status of ``not_run``."""
        ...

    def strays(self, current: "Round") -> Iterator[tuple[str, str]]:
        """Yield marker and title of results whose run the source does not list."""
        ...

    def missing_cases(self, current: "Round", not_run: Sequence[str]) -> Iterator[Result]:
        """Yield the first result of each test that is not listed, and was not migrated while it was; not counting those
        with a status of ``not_run``."""
        ...

    def results(self, current: "Round", markers: Sequence[str]) -> Mapping[str, "Extracted[Result]"]:
        """Return extracted results."""
        ...

    def defects(self, current: "Round", markers: Sequence[str]) -> Mapping[str, Defect]:
        """Return extracted defects."""
        ...

    def fates(self, markers: Sequence[str]) -> Mapping[str, "Fate"]:
        """Return the fates there are."""
        ...

    # --- what is in QA Sphere ---

    def parts(self, unit: str) -> Sequence["Holding"]:
        """Return the runs in QA Sphere that hold a unit, the first one first."""
        ...

    def doubtful_parts(self, unit: str) -> Sequence["Operation"]:
        """Return the creates of runs of a unit that may have taken effect."""
        ...

    def editions(self, origins: Sequence[str]) -> Mapping[str, SentResult]:
        """Return the last edition of each result that is in QA Sphere."""
        ...

    def sent(self, project: str, results: Sequence[tuple[ResultDraft, int]]) -> None:
        """Record results that are in QA Sphere: draft and id, in the order in which they stand there."""
        ...

    def sent_of_run(self, run: str) -> Sequence[SentResult]:
        """Return the results of a run that are in QA Sphere, oldest first."""
        ...

    # --- operations ---

    def operation(self, marker: str, verb: "Verb") -> "Operation | None":
        """Return an operation that is not done."""
        ...

    def blocked(self, operation: "Operation", cause: str) -> None:
        """Record that an operation waits for something that is not there."""
        ...

    def give_up_chains(self, run: str, cases: Sequence[str], cause: str) -> None:
        """Withdraw the planned results of cases that the run was made without."""
        ...

    def plan_close(self, current: "Round", marker: str, title: str) -> None:
        """Plan to close a run, unless that is done."""
        ...

    def is_closed(self, run: str) -> bool:
        """Whether this workspace has closed a run."""
        ...

    def closes(self, project: str) -> Sequence["Operation"]:
        """Return the closes that are not done and have not failed."""
        ...

    def closed(self, operation: "Operation") -> None:
        """Record that a run is closed."""
        ...

    def not_closed(self, operation: "Operation", state: str, cause: str) -> None:
        """Record why a run stays open: ``blocked`` for now, ``failed`` until somebody retries."""
        ...

    def unsettled(self, run: str) -> int:
        """Return how many results of a run are not there yet."""
        ...

    def hold_chains(self, run: str) -> int:
        """Block what waits behind a failed, unknown or blocked result of the same test in the same run; return how
        many."""
        ...

    def batches(self, project: str, most: int, most_bytes: int, *, first_alone: bool) -> int:
        """Return how many batches the planned results will take, run by run: up to ``most`` results and, unless a
        single one is larger, ``most_bytes`` each. ``first_alone``: the first result of all goes alone."""
        ...

    def in_doubt(self, run: str) -> Sequence["Operation"]:
        """Return the results of a run that are in doubt, in order."""
        ...
