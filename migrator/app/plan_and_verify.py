"""The commands that only look: ``plan`` before, ``verify`` after. Every write to QA Sphere is refused."""

from collections import Counter
from functools import partial

from migrator.app.reports.documents import Cost, Plan, Verification, plan_of
from migrator.app.runtime.session import PLAIN, Session, in_workspace, spool_of
from migrator.config import Config
from migrator.core.errors import CeilingReached
from migrator.core.events import Listener, Said
from migrator.core.records import Round
from migrator.engine.context import Context
from migrator.engine.files.fetch_ahead import AheadFetcher
from migrator.engine.job import Terms
from migrator.engine.plan.cost import CHECK_ACCESS
from migrator.engine.verify.cases import Verifier
from migrator.engine.verify.files import FileDepth, verify_files
from migrator.engine.verify.findings import Finding
from migrator.engine.verify.history import Depth


async def plan(config: Config, listener: Listener, *, remap: bool = False, fetch: bool = False) -> Plan:
    """Extract, map and compare every project; save the plan. Writes to neither side.

    ``fetch``: download the files that are to be uploaded into the workspace, so that their size is known.
    """
    return await in_workspace(config, listener, "plan", partial(_plan, remap=remap, fetch=fetch), read_only=True)


async def verify(
    config: Config, listener: Listener, *, files: FileDepth = "sample", results: Depth = "counts"
) -> Verification:
    """Read QA Sphere back and compare. A new workspace is first rebuilt from the source and from the markers.

    ``files``: which files are downloaded and compared byte by byte; ``results``: how many are read, each case of a run
    costs a request.
    """
    work = partial(_verify, files=files, results=results)
    return await in_workspace(config, listener, "verify", work, read_only=True, asks_source=False)


async def _plan(session: Session, *, remap: bool, fetch: bool) -> Plan:
    return await plan_projects(session, remap=remap, fetch=fetch)


async def plan_projects(
    session: Session,
    *,
    remap: bool = False,
    fetch: bool = False,
    terms: Terms = PLAIN,
    refused: dict[str, CeilingReached] | None = None,
) -> Plan:
    """Plan every project and save the plan. Projects from which too much has left go to ``refused``."""
    requests: Counter[str] = Counter({CHECK_ACCESS: 1})
    least, most = 0, 0
    rounds: list[Round] = []
    for project in session.config.projects:
        try:
            job = session.job(project, terms)
            prepared = await session.preparation.prepare(job, remap=remap)
        except CeilingReached as error:
            if refused is None:
                raise
            refused[project.source] = error
            continue
        if prepared is None:
            break
        requests += prepared.cost
        size = prepared.bytes
        if fetch:
            store = session.workspace.store
            ahead = AheadFetcher(store, project.source, session.route, session.listener, session.stop)
            size = await ahead.fetch()
        least, most = least + size.least, most + size.most
        rounds.append(prepared.round)
    document = plan_of(session.workspace, _cost(session.config, requests, least, most))
    if session.stop.requested():
        return document
    plan_id = session.workspace.plans.save(rounds, document.model_dump())
    return document.model_copy(update={"plan_id": plan_id})


def _cost(config: Config, requests: Counter[str], least: int, most: int) -> Cost:
    total, rate = requests.total(), config.destination.requests_per_second
    return Cost(
        requests=total,
        seconds=round(total / rate, 1),
        bytes_min=least,
        bytes_max=most,
        bottleneck=f"QA Sphere, {rate:g} requests a second",
        endpoints={name: count for name, count in requests.items() if count},
    )


async def _verify(session: Session, *, files: FileDepth, results: Depth) -> Verification:
    found = Verification()
    told: set[Finding] = set()

    def report(finding: Finding) -> None:
        if finding not in told:  # a sweep that is done again finds the same
            told.add(finding)
            getattr(found, finding.what).append(_described(finding))

    for project in session.config.projects:
        job = session.job(project)
        rebuilt = not session.workspace.books.was_loaded(project.source)
        if rebuilt:
            session.listener(
                Said(f"project {project.source} is new to this workspace: it is read from the source first")
            )
            if await session.preparation.prepare(job) is None:
                break
        context = Context(session.workspace.store, session.destination, job, session.listener, session.stop)
        verifier = Verifier(context, report, results=results)
        for kind, count in (await verifier.verify(rebuilt=rebuilt)).items():
            found.checked[kind] = found.checked.get(kind, 0) + count
        compared = await verify_files(context, spool_of(session.config), report, depth=files)
        if compared:
            found.checked["file"] = found.checked.get("file", 0) + compared
    return found


def _described(finding: Finding) -> dict[str, str]:
    described = {"kind": finding.kind, "marker": finding.marker, "id": finding.id, "title": finding.title}
    if finding.field:
        described |= {"field": finding.field, "expected": finding.expected, "found": finding.found}
    return described
