"""A migration of one project: extract, plan, load, read back, and the books at the end."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from migrator.core.errors import BooksDoNotBalance, CeilingReached, StalePlan
from migrator.core.events import Listener, Said
from migrator.core.model import ItemKind, User
from migrator.core.ports.destination import RESULT_BYTES_PER_CALL, RESULTS_PER_CALL, Destination, DestinationReader
from migrator.core.ports.source import Source
from migrator.core.records import Round
from migrator.core.views import ProjectView
from migrator.engine.context import Context
from migrator.engine.extract import extract
from migrator.engine.files.archive import ArchiveKeeper
from migrator.engine.files.spool import FileRoute
from migrator.engine.job import Job
from migrator.engine.load.close_runs import RunCloser
from migrator.engine.load.contents import ContentLoader
from migrator.engine.load.folders import FolderLoader
from migrator.engine.load.milestones import MilestoneLoader
from migrator.engine.load.others import OtherWriters, is_suspect
from migrator.engine.load.overflow import tell_late_files
from migrator.engine.load.project import ProjectLoader
from migrator.engine.load.results import ResultLoader
from migrator.engine.load.runs import RunLoader
from migrator.engine.load.watchdog import Watchdog
from migrator.engine.plan.cost import Extent, cost_of_load, cost_of_look
from migrator.engine.plan.files import FileBytes
from migrator.engine.plan.planner import Planner
from migrator.engine.plan.stale import refuse_if_stale
from migrator.engine.references import Addresses
from migrator.engine.stop import Stop
from migrator.engine.verify.base import read_back
from state.store import Store


@dataclass(frozen=True, slots=True)
class Prepared:
    """A planned round, what the destination holds, and the requests that applying it will take, by endpoint.

    ``bytes``: of the files to be uploaded.
    """

    round: Round
    extent: Extent
    cost: Counter[str]
    bytes: FileBytes


class Preparation:
    """Extracts and plans. Writes to neither side: it is given nothing that could."""

    def __init__(
        self,
        source: Source,
        destination: DestinationReader,
        store: Store,
        *,
        now: Callable[[], float],
        listener: Listener,
        stop: Stop,
    ) -> None:
        self._source = source
        self._destination = destination
        self._store = store
        self._now = now
        self._listener = listener
        self._stop = stop

    async def prepare(self, job: Job, *, remap: bool = False) -> Prepared | None:
        """Extract and plan a new round, or finish one that was interrupted there; None when stopped on the way.

        Raises whatever stops a phase.
        """
        self.recover(job)
        rounds = self._store.rounds
        current = rounds.unfinished(job.source_id)
        narrow = current is not None and job.reading_lasts is None and not current.reads_everything
        if current is None or current.phase == "load" or narrow:
            await read_back(Context(self._store, self._destination, job, self._listener, self._stop))
            current = rounds.begin(job.source_id, self._reading_to_build_on(job))
        if current.phase == "extract":
            done = await extract(self._source, self._store.archive, current, listener=self._listener, stop=self._stop)
            if not done:
                return None
            current = rounds.enter(current, "plan")
        return await self.plan(job, current, remap=remap)

    async def plan(self, job: Job, current: Round, *, remap: bool) -> Prepared:
        """Plan what is extracted."""
        reads_files = self._source.abilities.files
        planner = Planner(
            Context(self._store, self._destination, job, self._listener, self._stop),
            reads_files=reads_files,
            remap=remap,
        )
        journal = self._store.journal
        try:
            result = await planner.plan(current)
        except CeilingReached:
            # the next round has to read the source anew
            self._store.rounds.enter(current, "dropped")
            self._store.archive.distrust(job.source_id)
            raise
        current = self._store.rounds.enter(current, "planned", mapper=result.mapper)
        self._store.archive.trust(current, job.manner)
        kinds: tuple[ItemKind, ...] = ("folder", "file", "case", "milestone", "run", "result")
        passed = [kind for kind in kinds if journal.canary_passed(job.source_id, kind)]
        batches = self._store.history.batches(
            job.source_id, RESULTS_PER_CALL, RESULT_BYTES_PER_CALL, first_alone="result" not in passed
        )
        planned = journal.planned_counts(job.source_id)
        cost = cost_of_look(result.extent, planned)
        cost += cost_of_load(planned, result.extent, passed=passed, file_bytes=result.bytes.least, batches=batches)
        return Prepared(current, result.extent, cost, result.bytes)

    def _reading_to_build_on(self, job: Job) -> int | None:
        """Return the round whose reading still holds but for what has changed; None when everything is to be read."""
        reading = self._store.archive.reading(job.source_id)
        if reading is None or job.reading_lasts is None or reading.manner != job.manner:
            return None
        age = self._now() - reading.began
        if not 0 <= age < job.reading_lasts:  # a clock that was set back tells nothing
            return None
        self._listener(
            Said(f"project {job.source_id}: what may have changed is read; everything was {age / 3600:.1f} h ago")
        )
        return reading.round

    def recover(self, job: Job) -> None:
        """Mark what a dead process was sending as in doubt."""
        if doubtful := self._store.journal.recover(job.source_id, self._now()):
            self._listener(Said(f"{doubtful} writes were in flight when the last run ended; they are looked up first"))


class Migration:
    """Runs jobs against one destination and one workspace."""

    def __init__(
        self,
        preparation: Preparation,
        destination: Destination,
        store: Store,
        *,
        siblings_ordered: bool,
        route: FileRoute,
        listener: Listener,
        stop: Stop,
    ) -> None:
        self._preparation = preparation
        self._destination = destination
        self._store = store
        self._siblings_ordered = siblings_ordered
        self._route = route
        self._listener = listener
        self._stop = stop

    async def run(self, job: Job, *, remap: bool = False) -> bool:
        """Continue the interrupted load of this job, or plan and load; return False when stopped on the way.

        Raises ``BooksDoNotBalance`` when items and fates do not add up at the end, and whatever stops a phase.
        """
        current = self._store.rounds.unfinished(job.source_id)
        if current and current.phase == "load":
            self._listener(Said(f"continuing project {job.source_id}: {current.phase}"))
            return await self.load(job, current, plan_again=True, remap=remap)
        prepared = await self._preparation.prepare(job, remap=remap)
        if prepared is None:
            return False
        return await self.load(job, prepared.round, plan_again=True, remap=remap)

    async def refuse_if_stale(self, job: Job, current: Round) -> None:
        """Raise ``StalePlan`` when something that the planned round touches has changed since it was planned."""
        await refuse_if_stale(Context(self._store, self._destination, job, self._listener, self._stop), current)

    async def load(self, job: Job, current: Round, *, plan_again: bool = False, remap: bool = False) -> bool:
        """Send what is planned, read it back, close the round and check the books.

        A project that had to be created may turn out to have custom fields that nobody could know of before: then the
        plan is made again (``plan_again``), or refused as stale. Once anything is written it is executed as it is.
        """
        self._preparation.recover(job)
        continued = current.phase == "load"
        current = self._store.rounds.enter(current, "load")
        context = Context(self._store, self._destination, job, self._listener, self._stop)
        view = await ProjectLoader(context).load()
        if view is None or self._stop.requested():
            return False
        if not self._is_begun(job) and not self._has_rules_of(job, current, view):
            if not plan_again:
                self._store.rounds.enter(current, "planned")
                raise StalePlan(
                    f"the mapping rules of project {job.source_id} are not those of the plan",
                    cause="the rules in the config changed, or the custom fields in QA Sphere",
                    next_step="run `migrator plan` and look at it, then `migrator apply`",
                )
            current = (await self._preparation.plan(job, current, remap=remap)).round
            current = self._store.rounds.enter(current, "load")
        watchdog = Watchdog(self._listener, self._destination.waiting_for)
        context = replace(context, listener=watchdog.listen)
        addresses = Addresses(self._store, job.source_id, view.address)
        if not await watchdog.guard(lambda: self._send(context, current, addresses, continued=continued)):
            return False
        self._close(job, current)
        return True

    async def _send(
        self, context: Context[Destination], current: Round, addresses: Addresses, *, continued: bool
    ) -> bool:
        """Send everything that is planned; return False when stopped on the way."""
        others = OtherWriters(context, is_suspect=is_suspect(context, current))
        await others.refuse_if_at_work()
        context.store.epoch.begin()
        await FolderLoader(context).load()
        if self._stop.requested():
            return False
        contents = ContentLoader(context, addresses, self._route, others, ordered=self._siblings_ordered)
        if not await contents.load(current) or not await self._load_history(context, addresses, continued=continued):
            return False
        if self._route.spool.keeps:
            keeper = ArchiveKeeper(self._store, context.project, self._route, context.listener, self._stop)
            await keeper.keep(current)
        return True

    async def _load_history(self, context: Context[Destination], addresses: Addresses, *, continued: bool) -> bool:
        """Send milestones, runs and results, and close runs; return False when stopped on the way."""
        tell_late_files(self._store, context.project, context.listener)
        runs = RunLoader(context, addresses.html_of_what_is_there)
        for make in (
            lambda: MilestoneLoader(context),
            lambda: runs,
            lambda: ResultLoader(context, addresses.html_of_what_is_there, runs.made, continued=continued),
            lambda: RunCloser(context),
        ):
            await make().load()
            if self._stop.requested():
                return False
        return True

    def _is_begun(self, job: Job) -> bool:
        ledger = self._store.ledger
        return ledger.count(job.source_id, "folder") + ledger.count(job.source_id, "case") > 0

    def _has_rules_of(self, job: Job, current: Round, view: ProjectView) -> bool:
        if not current.mapper:  # planned by the first version, which did not record them
            return True
        users = list(self._store.archive.entities(current, User))
        return job.make_mapper(users, view).digest == current.mapper

    def _close(self, job: Job, current: Round) -> None:
        self._store.rounds.enter(current, "done")
        if imbalance := self._store.journal.imbalance(job.source_id):
            raise BooksDoNotBalance(
                f"the books of project {job.source_id} do not balance",
                cause=imbalance,
                next_step="keep the workspace and report this; `migrator status` shows the figures",
            )
