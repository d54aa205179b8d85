"""The real engine between a source made of a list and QA Sphere's stand-in, in this process."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import SecretStr

from connectors.qasphere import sandbox as qasphere
from connectors.qasphere.config import QASphereSettings
from connectors.qasphere.open import open_destination
from connectors.qasphere.sandbox.store import Project
from connectors.qasphere.sandbox.store_runs import Run
from mappings.hooks import load_hooks
from mappings.mapper import RulesMapper
from mappings.rules import MappingRules, ProjectRules
from migrator.app.reports.documents import Plan, Status, plan_of, status_of
from migrator.core.events import Event, Said
from migrator.core.model import AnyEntity, User
from migrator.core.ports.destination import Destination
from migrator.core.ports.mapping import Mapper
from migrator.core.records import Round
from migrator.core.refs import stated_marker
from migrator.core.views import ProjectView
from migrator.engine.context import Context
from migrator.engine.files.spool import FileRoute, Spool
from migrator.engine.job import ConflictPolicy, DeletionRules, Filing, Job, Terms
from migrator.engine.migration import Migration, Preparation, Prepared
from migrator.engine.stop import Stop
from migrator.engine.verify.cases import Verifier
from migrator.engine.verify.findings import Finding
from migrator.engine.verify.history import Depth
from migrator.http.settings import HttpSettings
from migrator.report.values import Cost
from migrator.standin.options import FaultKind, StandInOptions
from migrator.standin.serve import serve
from state.workspace import Workspace, open_workspace
from tests.support.history import ListSource
from tests.support.services import shell_of

T = TypeVar("T")
STATUS = {"Passed": "passed", "Failed": "failed", "Blocked": "blocked", "Skipped": "skipped", "Awaiting Run": "open"}


@dataclass
class HistoryRig:
    """``source``, ``mapping`` and ``project`` (more of its rules) may be changed between two runs. ``events``: what the
    engine has said."""

    folder: Path
    source: ListSource
    stand_in: qasphere.QASphereStandIn
    url: str
    mapping: dict[str, Any] = field(default_factory=dict)
    project: dict[str, Any] = field(default_factory=dict)
    settle_seconds: float = 0.2
    workspace: str = "workspace"
    filing: Filing = "now"
    deletions: DeletionRules | None = None
    conflicts: ConflictPolicy = "report"
    workers: int = 4
    timeout: float = 30.0
    """Seconds; shorter only where an answer is not to come: a busy machine takes its time for the others."""
    events: list[Event] = field(default_factory=list)
    stop: Stop = field(default_factory=Stop)
    """Of the command that is at work."""

    async def run(self) -> Status:
        """``migrator run``."""
        return await self._work(self._run)

    async def plan(self) -> tuple[Plan, Prepared]:
        """``migrator plan``."""
        return await self._work(self._plan)

    async def retry(self) -> Status:
        """``migrator retry``."""
        with self.open() as workspace:
            workspace.journal.release("12")
        return await self.run()

    async def refuse_if_stale(self) -> None:
        """What ``migrator apply`` does first."""

        async def work(workspace: Workspace, _preparation: Preparation, migration: Migration) -> None:
            row = workspace.db.execute("SELECT id, project, phase, reading, mapper FROM round ORDER BY id DESC LIMIT 1")
            await migration.refuse_if_stale(self.job(), Round(*row.fetchone()))

        await self._work(work)

    async def verify(self, results: Depth = "counts") -> tuple[dict[str, int], list[Finding]]:
        """``migrator verify``: what was checked, and the findings."""
        found: list[Finding] = []

        async def work(workspace: Workspace, destination: Destination) -> dict[str, int]:
            job = self.job()
            context = Context(workspace.store, destination, job, self.events.append, Stop())
            verifier = Verifier(context, found.append, results=results)
            return {str(kind): count for kind, count in (await verifier.verify(rebuilt=False)).items()}

        return await self._connected(work), found

    @contextmanager
    def open(self) -> Iterator[Workspace]:
        with open_workspace(self.folder / self.workspace) as workspace:
            yield workspace

    async def _connected(self, work: Callable[[Workspace, Destination], Awaitable[T]]) -> T:
        settings = QASphereSettings(
            base_url=self.url, api_key=SecretStr(qasphere.ADMIN_KEY), requests_per_second=100_000, concurrency=4
        )
        with self.open() as workspace:
            async with open_destination(settings, HttpSettings(timeout=self.timeout)) as destination:
                return await work(workspace, destination)

    async def _work(self, work: Callable[[Workspace, Preparation, Migration], Awaitable[T]]) -> T:
        async def with_engine(workspace: Workspace, destination: Destination) -> T:
            stop = self.stop = Stop()

            def context_of(job: Job) -> Context[Destination]:
                return Context(workspace.store, destination, job, self.events.append, stop)

            preparation = Preparation(self.source, context_of)
            route = FileRoute(None, Spool(self.folder / "spool", 1024 * 1024, self.folder / "files"), 1)
            migration = Migration(preparation, context_of, route)
            return await work(workspace, preparation, migration)

        return await self._connected(with_engine)

    async def _run(self, workspace: Workspace, _preparation: Preparation, migration: Migration) -> Status:
        await migration.run(self.job())
        return status_of(workspace, failures=None)

    async def _plan(
        self, workspace: Workspace, preparation: Preparation, _migration: Migration
    ) -> tuple[Plan, Prepared]:
        prepared = await preparation.prepare(self.job())
        assert prepared is not None
        cost = Cost(requests=prepared.cost.total(), seconds=0, bottleneck="", endpoints=dict(prepared.cost))
        return plan_of(workspace, cost), prepared

    def job(self) -> Job:
        rules = MappingRules.model_validate({"status": STATUS, "priority": {}} | self.mapping)

        hooks = load_hooks(rules.hooks) if rules.hooks else None

        def mapper(people: Sequence[User], view: ProjectView | None) -> Mapper:
            return RulesMapper(
                rules, ProjectRules(source="12", destination="SHOP", **self.project), people, view, hooks
            )

        return Job(
            source_id="12", code="SHOP", create=True, allow_existing=False, prefix="qacomplete@acme:",
            make_mapper=mapper, workers=self.workers, settle_seconds=self.settle_seconds,
            allow_gaps=rules.runs.gaps == "allow", terms=Terms(self.deletions, self.filing),
            conflicts=self.conflicts,
        )  # fmt: skip

    # --- what is in QA Sphere -----------------------------------------------------------------------------------------

    @property
    def shop(self) -> Project:
        return self.stand_in.store.projects["SHOP"]

    def runs(self) -> dict[str, Run]:
        """Runs by the marker in their description."""
        return {stated_marker(run.description): run for run in self.shop.runs.values()}

    def results(self) -> Counter[str]:
        """How often each result's marker stands in QA Sphere."""
        return Counter(
            stated_marker(result.comment)
            for run in self.shop.runs.values()
            for row in run.cases.values()
            for result in row.results
        )

    def shown(self) -> dict[tuple[str, str], list[str]]:
        """Statuses, oldest first, by title of run and case."""
        titles = {case.id: case.title for case in self.shop.cases}
        return {
            (run.title, titles[row.case_id]): [result.status for result in row.results]
            for run in self.shop.runs.values()
            for row in run.cases.values()
        }

    def calls(self, *parts: str) -> int:
        """How many requests had all these parts in method and route."""
        return sum(count for call, count in self.stand_in.log.counts.items() if all(part in call for part in parts))

    def spoil(self, route: str, *faults: FaultKind | None) -> None:
        """Let the next calls of a route (its end) go wrong like this, in turn; None: let it be."""
        coming = list(faults)
        shell = shell_of(self.stand_in.app)
        answer = shell._answer

        async def spoilt(request: Any, handler: Any, _fault: FaultKind | None) -> Any:
            resource = request.match_info.route.resource
            hit = resource is not None and f"{request.method} {resource.canonical}".endswith(route) and coming
            return await answer(request, handler, coming.pop(0) if hit else None)

        shell._answer = spoilt

    def refuse(self, route: str, status: int, wrong: Callable[[Any], bool]) -> None:
        """Refuse the calls of a route (its end) whose body is wrong, before any work."""
        shell = shell_of(self.stand_in.app)
        answer = shell._answer

        async def refused(request: Any, handler: Any, fault: FaultKind | None) -> Any:
            resource = request.match_info.route.resource
            if resource and f"{request.method} {resource.canonical}".endswith(route) and wrong(await request.json()):
                return shell._error(status, "no")
            return await answer(request, handler, fault)

        shell._answer = refused

    def said(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Said)]


@asynccontextmanager
async def history_rig(
    folder: Path,
    entities: Sequence[AnyEntity],
    *,
    options: StandInOptions | None = None,
    switches: qasphere.Switches | None = None,
    **mapping: Any,
) -> AsyncIterator[HistoryRig]:
    """Serve QA Sphere's stand-in while the block runs."""
    stand_in = qasphere.build(options, switches)
    async with serve(stand_in.app) as url:
        yield HistoryRig(folder, ListSource(entities), stand_in, url, mapping)
