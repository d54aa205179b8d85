"""What writing what is planned will take, and beside it what it took: for ``plan``, ``apply``, ``run`` and ``sync``."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence

from migrator.app.runtime.session import Session
from migrator.core.events import Said
from migrator.core.model import ItemKind
from migrator.core.records import Verb
from migrator.engine.migration import Prepared
from migrator.engine.plan.cost import alone, cost_of_reading, cost_of_renewals, pause_of_card
from migrator.engine.plan.files import FileBytes
from migrator.engine.plan.forecast import Known, Work, forecast
from migrator.report.news import WORTH_SAYING, forecast_words, measured_beside
from migrator.report.rate import duration
from migrator.report.values import Cost, Measured
from state.timings import READING, seconds_together
from state.workspace import Workspace

_PLANS = 20
_FEWEST_FILES = 5


def cost_of(
    session: Session,
    requests: "Counter[str]",
    planned: Mapping[tuple[ItemKind, Verb], int],
    size: FileBytes,
    began: float,
) -> Cost:
    """Return what it will take.

    Args:
        session: of the command.
        requests: to QA Sphere by endpoint.
        planned: operations.
        size: of files.
        began: when reading the source began, in seconds since the epoch.
    """
    config, workspace = session.config, session.workspace
    reading = [timing for timing in workspace.timings.since(began) if timing.phase.startswith(READING)]
    traffic = session.preparation.traffic()
    known = Known(
        rate=config.destination.requests_per_second,
        source_name=config.connector,
        destination=session.destination.traffic(),
        source=traffic.model_copy(update={"at_once": min(traffic.at_once, session.abilities.fetches_at_once)}),
        limit=session.preparation.file_limit,
        paces=workspace.timings.paces(),
        held_up=workspace.timings.held_up(),
        requests_per_file=requests_per_file(workspace),
    )
    settles = config.destination.settle_seconds
    pause = pause_of_card(planned, settles, known.destination.seconds)
    found = forecast(Work(requests.total(), planned, size.fetches, alone(requests, planned), pause), known)
    # with all workers busy, a request waits until those before it had their turns
    turn = max(known.destination.seconds, known.destination.at_once / known.rate)
    requests = requests + cost_of_renewals(planned, found.seconds, settles, turn)
    return Cost(
        requests=requests.total(),
        seconds=found.seconds,
        destination_seconds=found.destination_seconds,
        source_seconds=found.source_seconds,
        source_requests=dict(found.requests),
        files=size.fetches,
        reading_seconds=round(seconds_together(reading), 1),
        bytes_min=size.least,
        bytes_max=size.most,
        bottleneck=found.bottleneck,
        endpoints={name: count for name, count in requests.items() if count},
    )


def say_reading(session: Session) -> None:
    """Say how long reading the source took the last time, if that is worth saying."""
    seconds = session.workspace.timings.reading_seconds()
    if seconds >= WORTH_SAYING:
        session.listener(Said(f"reading the source took {duration(seconds)} the last time"))


def requests_per_file(workspace: Workspace) -> float | None:
    """Return what the newest load that went through in one go and had enough files took; None when there is none."""
    documents = [workspace.timings.cost_with_files(), *(plan["cost"] for plan in workspace.plans.newest(_PLANS))]
    costs = [Cost.model_validate(document) for document in documents if document]
    measured = [
        (cost.measured.ended_at, cost.measured.source_requests / cost.files)
        for cost in costs
        if cost.files >= _FEWEST_FILES and cost.measured and cost.measured.source_requests is not None
    ]
    return max(measured)[1] if measured else None


class LoadClock:
    """Says what each load of a command will take, and at the end what they took; the next forecast knows it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._began = time.time()
        self._cost: Cost | None = None
        self._asked = (0, 0)
        self._done: list[tuple[Cost, Measured]] = []

    def begin(self, prepared: Sequence[Prepared], cost: Cost | None = None) -> None:
        """What is planned is written from now on. ``cost``: what was forecast of it already."""
        if cost is None:
            # it was read a moment ago, so nothing asks whether the plan is stale
            costs = (one.cost - cost_of_reading(one.extent, one.planned) for one in prepared)
            requests = sum(costs, Counter[str]())
            planned = sum((Counter(one.planned) for one in prepared), Counter[tuple[ItemKind, Verb]]())
            if not planned:
                return
            size = FileBytes(*(sum(sizes) for sizes in zip(*(_sizes(one.bytes) for one in prepared), strict=True)))
            cost = cost_of(self._session, requests, planned, size, self._began)
            self._session.listener(Said(f"forecast: {forecast_words(cost)}"))
            self._asked = self._requests()
        self._cost = cost
        self._began = time.time()

    def end(self, *, is_whole: bool, asks_alone: bool = True) -> None:
        """It is written, or the load has stopped on the way, which tells nothing. ``asks_alone``: nothing else was read
        from the source meanwhile."""
        if self._cost and is_whole:
            now, asked = time.time(), self._requests()
            measured = Measured(
                requests=asked[0] - self._asked[0],
                source_requests=asked[1] - self._asked[1] if asks_alone else None,
                seconds=round(now - self._began, 1),
                held_up=self._session.workspace.timings.longest_wait(self._began),
                ended_at=now,
            )
            self._done.append((self._cost, measured))
        self._cost = None
        self._began = time.time()

    def finish(self) -> Cost | None:
        """Say what all loads took beside what was forecast, keep it, and return it; None when nothing was written."""
        if not self._done:
            return None
        cost = _together([cost for cost, _ in self._done])
        cost.measured = _measured_together([measured for _, measured in self._done])
        teaches = cost.files >= _FEWEST_FILES and cost.measured.source_requests is not None
        self._session.workspace.timings.keep_cost(cost.model_dump(), has_files=teaches)
        self._session.listener(Said(measured_beside(cost, cost.measured)))
        return cost

    def _requests(self) -> tuple[int, int]:
        return self._session.destination.traffic().requests, self._session.preparation.traffic().requests


def _sizes(size: FileBytes) -> tuple[int, int, int]:
    return size.least, size.most, size.fetches


def _together(costs: Sequence[Cost]) -> Cost:
    longest = max(costs, key=lambda cost: cost.seconds)
    return Cost(
        requests=sum(cost.requests for cost in costs),
        seconds=round(sum(cost.seconds for cost in costs), 1),
        destination_seconds=round(sum(cost.destination_seconds for cost in costs), 1),
        source_seconds=round(sum(cost.source_seconds for cost in costs), 1),
        source_requests=dict(sum((Counter(cost.source_requests) for cost in costs), Counter[str]())),
        files=sum(cost.files for cost in costs),
        reading_seconds=round(sum(cost.reading_seconds for cost in costs), 1),
        bytes_min=sum(cost.bytes_min for cost in costs),
        bytes_max=sum(cost.bytes_max for cost in costs),
        bottleneck=longest.bottleneck,
        endpoints=dict(sum((Counter(cost.endpoints) for cost in costs), Counter[str]())),
    )


def _sum_if_all_known(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _measured_together(measured: Sequence[Measured]) -> Measured:
    return Measured(
        requests=sum(one.requests for one in measured),
        source_requests=_sum_if_all_known([one.source_requests for one in measured]),
        seconds=round(sum(one.seconds for one in measured), 1),
        held_up=max(measured, key=lambda one: one.seconds).held_up,
        ended_at=measured[-1].ended_at,
    )
