"""``plan``: extract, map and compare every project, and save the plan. Every write to QA Sphere is refused."""

import logging
import time
from collections import Counter
from functools import partial

from migrator.app.forecasts import cost_of, say_reading
from migrator.app.reports.documents import Plan, plan_of
from migrator.app.runtime.session import Session, in_workspace
from migrator.config import Config
from migrator.core.errors import CeilingReached
from migrator.core.events import Listener
from migrator.core.model import ItemKind
from migrator.core.records import Round, Verb
from migrator.engine.job import PLAIN, Terms
from migrator.engine.load.fetch_ahead import AheadFetcher
from migrator.engine.plan.cost import CHECK_ACCESS
from migrator.engine.plan.files import FileBytes
from migrator.engine.plan.slices import refuse_unmatched
from migrator.engine.slice import EVERYTHING, Slice

log = logging.getLogger("migrator.run")


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
    say_reading(session)
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
    if not session.stop.requested():
        refuse_unmatched(session.workspace.store, rounds, terms.part)
    cost = cost_of(session, requests, planned, FileBytes(least, most, fetches), began)
    document = plan_of(session.workspace, cost, [current.project for current in rounds])
    if session.stop.requested():
        return document
    plan_id = session.workspace.plans.save(rounds, document.model_dump())
    log.info("plan %s is saved", plan_id)
    return document.model_copy(update={"plan_id": plan_id})
