"""``plan``: extract, map and compare every project, and save the plan. Every write to QA Sphere is refused."""

import logging
import time
from collections import Counter
from functools import partial

from migrator.app.reports.documents import Plan, plan_of
from migrator.app.runtime.session import Session, in_workspace
from migrator.config import Config
from migrator.core.errors import CeilingReached
from migrator.core.events import Listener
from migrator.core.model import ItemKind
from migrator.core.records import Round, Verb
from migrator.engine.files.fetch_ahead import AheadFetcher
from migrator.engine.job import PLAIN, Terms
from migrator.engine.plan.cost import CHECK_ACCESS, alone, cost_of_renewals
from migrator.engine.plan.forecast import Known, Work, forecast
from migrator.engine.plan.slices import refuse_unmatched
from migrator.engine.slice import EVERYTHING, Slice
from migrator.report.values import Cost
from state.timings import Timing, seconds_together
from state.workspace import Workspace

log = logging.getLogger("migrator.run")
_PLANS = 20
_FEWEST_FILES = 5


async def plan(
    config: Config, listener: Listener, *, part: Slice = EVERYTHING, remap: bool = False, fetch: bool = False
) -> Plan:
    """Extract, map and compare every project; save the plan. Writes to neither side.

    Args:
        part: what is planned to be written; the rest stays pending.
        remap: also plan what changed only because the mapping rules changed.
        fetch: download the files that are to be uploaded into the workspace, so that their size is known.
    """
    work = partial(plan_projects, remap=remap, fetch=fetch, terms=Terms(part=part))
    return await in_workspace(config, listener, "plan", work, read_only=True)


async def plan_projects(
    session: Session,
    *,
    remap: bool = False,
    fetch: bool = False,
    terms: Terms = PLAIN,
    refused: dict[str, CeilingReached] | None = None,
) -> Plan:
    """Plan every project and save the plan. Projects from which too much has left go to ``refused``."""
    began = time.time()
    requests: Counter[str] = Counter({CHECK_ACCESS: 1})
    least, most, fetches = 0, 0, 0
    planned: Counter[tuple[ItemKind, Verb]] = Counter()
    rounds: list[Round] = []
    for job in session.jobs(terms):
        try:
            prepared = await session.preparation.prepare(job, remap=remap)
        except CeilingReached as error:
            if refused is None:
                raise
            refused[job.source_id] = error
            continue
        if prepared is None:
            break
        requests += prepared.cost
        size = prepared.bytes
        if fetch:
            store = session.workspace.store
            ahead = AheadFetcher(store, job.source_id, session.route, session.listener, session.stop)
            size = await ahead.fetch()
        least, most, fetches = least + size.least, most + size.most, fetches + size.fetches
        planned.update(prepared.planned)
        rounds.append(prepared.round)
    work = Work(requests.total(), planned, fetches, alone(requests))
    if not session.stop.requested():
        refuse_unmatched(session.workspace.store, rounds, terms.part)
    cost = _cost(session, requests, work, (least, most), began)
    document = plan_of(session.workspace, cost, [current.project for current in rounds])
    if session.stop.requested():
        return document
    plan_id = session.workspace.plans.save(rounds, document.model_dump())
    log.info("plan %s is saved", plan_id)
    return document.model_copy(update={"plan_id": plan_id})


def _cost(session: Session, requests: Counter[str], work: Work, size: tuple[int, int], began: float) -> Cost:
    config, workspace = session.config, session.workspace
    traffic = session.preparation.traffic()
    known = Known(
        rate=config.destination.requests_per_second,
        source_name=config.connector,
        destination=session.destination.traffic(),
        source=traffic.model_copy(update={"at_once": min(traffic.at_once, session.abilities.fetches_at_once)}),
        limit=session.preparation.file_limit,
        paces=workspace.timings.paces(),
        requests_per_file=requests_per_file(workspace),
    )
    found = forecast(work, known)
    requests = requests + cost_of_renewals(work.planned, found.seconds, config.destination.settle_seconds)
    return Cost(
        requests=requests.total(),
        seconds=found.seconds,
        destination_seconds=found.destination_seconds,
        source_seconds=found.source_seconds,
        source_requests=dict(found.requests),
        files=work.fetches,
        reading_seconds=round(seconds_together(_readings(workspace, began)), 1),
        bytes_min=size[0],
        bytes_max=size[1],
        bottleneck=found.bottleneck,
        endpoints={name: count for name, count in requests.items() if count},
    )


def _readings(workspace: Workspace, began: float) -> list[Timing]:
    return [timing for timing in workspace.timings.since(began) if timing.phase.startswith("extract")]


def requests_per_file(workspace: Workspace) -> float | None:
    """Return what the newest plan that was applied in one go and had enough files took; None when there is none."""
    costs = (Cost.model_validate(document["cost"]) for document in workspace.plans.newest(_PLANS))
    measured = (cost for cost in costs if cost.measured and cost.files >= _FEWEST_FILES)
    return next((cost.measured.source_requests / cost.files for cost in measured if cost.measured), None)
