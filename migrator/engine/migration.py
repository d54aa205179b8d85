"""A migration of one project: extract, plan, load, read back, and the books at the end."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

import anyio

from migrator.core.errors import BooksDoNotBalance, CeilingReached, MigratorError, StalePlan
from migrator.core.events import Said
from migrator.core.model import ItemKind, User
from migrator.core.plural import plural
from migrator.core.ports.destination import RESULT_BYTES_PER_CALL, RESULTS_PER_CALL, Destination, DestinationReader
from migrator.core.ports.source import FileLimit, Source
from migrator.core.ports.traffic import Traffic
from migrator.core.records import Round, Verb
from migrator.core.views import ProjectView
from migrator.engine.context import Context
from migrator.engine.extract import extract
from migrator.engine.files.archive import ArchiveKeeper
from migrator.engine.files.spool import FileRoute
from migrator.engine.job import Job
from migrator.engine.load.card import Card
from migrator.engine.load.cases.others import OtherWriters, is_suspect
from migrator.engine.load.folders import FolderLoader
from migrator.engine.load.project import ProjectLoader
from migrator.engine.load.stages import Stages
from migrator.engine.load.watchdog import Watchdog
from migrator.engine.plan.cost import Extent, cost_of_load, cost_of_reading
from migrator.engine.plan.files import FileBytes
from migrator.engine.plan.planner import Planner
from migrator.engine.plan.second_writes import second_writes
from migrator.engine.plan.stale import refuse_if_stale
from migrator.engine.references import Addresses
from migrator.engine.stop import Stopped
from migrator.engine.verify.base import read_back


@dataclass(frozen=True, slots=True)
class Prepared:
    """A planned round, what the destination holds, and the requests that applying it will take, by endpoint.

    ``bytes``: of the files to be uploaded; ``planned``: operations by kind and verb.
    """

    round: Round
    extent: Extent
    cost: Counter[str]
    bytes: FileBytes
    planned: Mapping[tuple[ItemKind, Verb], int]


class Preparation:
    """Extracts and plans. Writes to neither side: it is given nothing that could."""

    def __init__(self, source: Source, context_of: Callable[[Job], Context[DestinationReader]]) -> None:
        self._source = source
        self._context_of = context_of
        # two that are read side by side would keep each other from being loaded
        self._extracting = anyio.Lock()

    @property
    def file_limit(self) -> FileLimit | None:
        """What files cost at the source."""
        return self._source.abilities.file_limit

    def traffic(self) -> Traffic:
        """Return what the source was asked since it was opened."""
        return self._source.traffic()

    async def prepare(self, job: Job, *, remap: bool = False) -> Prepared | None:
        """Extract and plan a new round, or finish one that was interrupted there; None when stopped on the way.

        Raises whatever stops a phase.
        """
        async with self._extracting:
            current = await self._extract(job)
        return await self.plan(job, current, remap=remap) if current else None

    async def extract_ahead(self, job: Job) -> None:
        """Extract what ``prepare`` plans later. Trouble is left for it to meet; an interrupted load reads nothing."""
        current = self._context_of(job).store.rounds.unfinished(job.source_id)
        if current is None or current.phase != "load":
            with suppress(MigratorError):
                async with self._extracting:
                    await self._extract(job)

    async def _extract(self, job: Job) -> Round | None:
        """Return a round that is extracted and not planned yet; None when stopped on the way."""
        self.recover(job)
        context = self._context_of(job)
        rounds = context.store.rounds
        current = rounds.unfinished(job.source_id)
        narrow = current is not None and job.terms.reading_lasts is None and not current.reads_everything
        if current is None or current.phase == "load" or narrow:
            await read_back(context)
            current = rounds.begin(job.source_id, _reading_to_build_on(context))
        if current.phase == "extract":
            archive, listener = context.store.archive, context.listener
            if not await extract(self._source, archive, current, listener=listener, stop=context.stop):
                return None
            current = rounds.enter(current, "plan")
        return current

    async def plan(self, job: Job, current: Round, *, remap: bool) -> Prepared | None:
        """Plan what is extracted; None when stopped on the way."""
        context = self._context_of(job)
        store, journal = context.store, context.store.journal
        # a plan that was begun while loading, and refused, has to be made again
        current = store.rounds.enter(current, "plan")
        planner = Planner(context, self._source.abilities, remap=remap)
        try:
            result = await planner.plan(current)
        except Stopped:
            return None
        except CeilingReached:
            # the next round has to read the source anew
            store.rounds.enter(current, "dropped")
            store.archive.distrust(job.source_id)
            raise
        current = store.rounds.enter(current, "planned", mapper=result.mapper)
        store.archive.trust(current, job.manner)
        store.lists.keep(current)
        kinds: tuple[ItemKind, ...] = ("folder", "file", "case", "milestone", "run", "result")
        passed = [kind for kind in kinds if journal.canary_passed(job.source_id, kind)]
        batches = store.history.batches(
            job.source_id, RESULTS_PER_CALL, RESULT_BYTES_PER_CALL, first_alone="result" not in passed
        )
        planned = journal.planned_counts(job.source_id)
        cost = cost_of_reading(result.extent, planned)
        cost += cost_of_load(
            planned,
            result.extent,
            passed=passed,
            file_bytes=result.bytes.least,
            batches=batches,
            second_writes=second_writes(journal, job.source_id),
        )
        return Prepared(current, result.extent, cost, result.bytes, planned)

    def recover(self, job: Job) -> None:
        """Mark what a dead process was sending as in doubt."""
        context = self._context_of(job)
        if doubtful := context.store.journal.recover(job.source_id, time.time()):
            context.listener(
                Said(
                    f"{doubtful} {plural(doubtful, 'write was', 'writes were')} in flight when the last run ended;"
                    " looked up first"
                )
            )


def _reading_to_build_on(context: Context[DestinationReader]) -> int | None:
    """Return the round whose reading still holds but for what has changed; None when everything is to be read."""
    job = context.job
    reading = context.store.archive.reading(job.source_id)
    if reading is None or job.terms.reading_lasts is None or reading.manner != job.manner:
        return None
    age = time.time() - reading.began
    if not 0 <= age < job.terms.reading_lasts:  # a clock that was set back tells nothing
        return None
    context.listener(
        Said(f"project {job.source_id}: what may have changed is read; everything was {age / 3600:.1f} h ago")
    )
    return reading.round


class Migration:
    """Runs jobs against one destination and one workspace."""

    def __init__(
        self, preparation: Preparation, context_of: Callable[[Job], Context[Destination]], route: FileRoute
    ) -> None:
        self._preparation = preparation
        self._context_of = context_of
        self._route = route

    async def run(self, job: Job, *, remap: bool = False, tell: Callable[[Prepared], None] | None = None) -> bool:
        """Continue the interrupted load of this job, or plan and load; return False when stopped on the way.

        ``tell`` is told what is planned before it is loaded. Raises ``BooksDoNotBalance`` when items and fates do not
        add up at the end, and whatever stops a phase.
        """
        context = self._context_of(job)
        current = context.store.rounds.unfinished(job.source_id)
        if current and current.phase == "load":
            context.listener(Said(f"continuing project {job.source_id}: {current.phase}"))
            return await self.load(job, current, plan_again=True, remap=remap)
        prepared = await self._preparation.prepare(job, remap=remap)
        if prepared is None:
            return False
        if tell:
            tell(prepared)
        return await self.load(job, prepared.round, plan_again=True, remap=remap)

    async def refuse_if_stale(self, job: Job, current: Round) -> None:
        """Raise ``StalePlan`` when something that the planned round touches has changed since it was planned."""
        await refuse_if_stale(self._context_of(job), current)

    async def load(self, job: Job, current: Round, *, plan_again: bool = False, remap: bool = False) -> bool:
        """Send what is planned, read it back, close the round and check the books.

        A project that had to be created may turn out to have custom fields that nobody could know of before: then the
        plan is made again (``plan_again``), or refused as stale. Once anything is written it is executed as it is.
        """
        self._preparation.recover(job)
        context = self._context_of(job)
        current = context.store.rounds.enter(current, "load")
        view = await ProjectLoader(context).project_there()
        if context.stop.requested():
            return False
        if view is None:  # a slice has left everything of it for later
            _close(context, current)
            return True
        if not _is_begun(context) and not _has_rules_of(context, current, view):
            if not plan_again:
                context.store.rounds.enter(current, "planned")
                raise StalePlan(
                    f"the mapping rules of project {job.source_id} are not those of the plan",
                    cause="the rules in the config changed, or the custom fields in QA Sphere",
                    next_step="run `migrator plan` and look at it, then `migrator apply`",
                )
            again = await self._preparation.plan(job, current, remap=remap)
            if again is None:
                return False
            current = context.store.rounds.enter(again.round, "load")
        watchdog = Watchdog(context.listener, context.destination.waiting_for)
        context = replace(context, listener=watchdog.listen)
        addresses = Addresses(context.store, job.source_id, view.address)
        if not await watchdog.guard(lambda: self._send(context, current, addresses)):
            return False
        _close(context, current)
        return True

    async def _send(self, context: Context[Destination], current: Round, addresses: Addresses) -> bool:
        """Send everything that is planned; return False when stopped on the way."""
        others = OtherWriters(context, is_suspect=is_suspect(context, current))
        await others.refuse_if_at_work()
        if context.stop.requested():
            return False
        context.store.epoch.begin()
        await FolderLoader(context).load()
        if context.stop.requested():
            return False
        return await Card(context).held(lambda: self._send_contents(context, current, addresses, others))

    async def _send_contents(
        self, context: Context[Destination], current: Round, addresses: Addresses, others: OtherWriters
    ) -> bool:
        """Send what lies in folders, and the history; return False when stopped on the way."""
        if not await Stages(context, addresses, self._route, others).load(current):
            return False
        if self._route.spool.keeps:
            keeper = ArchiveKeeper(context.store, context.project, self._route, context.listener, context.stop)
            await keeper.keep(current)
        return True


def _is_begun(context: Context[Destination]) -> bool:
    ledger = context.store.ledger
    return ledger.count(context.project, "folder") + ledger.count(context.project, "case") > 0


def _has_rules_of(context: Context[Destination], current: Round, view: ProjectView) -> bool:
    if not current.mapper:  # planned by the first version, which did not record them
        return True
    users = list(context.store.archive.entities(current, User))
    return context.job.make_mapper(users, view).digest == current.mapper


def _close(context: Context[Destination], current: Round) -> None:
    context.store.rounds.enter(current, "done")
    if imbalance := context.store.journal.imbalance(context.project):
        raise BooksDoNotBalance(
            f"the books of project {context.project} do not balance",
            cause=imbalance,
            next_step="keep the workspace and report this; `migrator status` shows the figures",
        )
