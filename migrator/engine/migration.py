"""A migration of one project: extract, plan, load, and the books at the end."""

from collections.abc import Callable

from migrator.core.errors import BooksDoNotBalance
from migrator.core.events import Listener, Said
from migrator.core.model import Project
from migrator.core.ports import Destination, Source
from migrator.core.store import Archive, Journal, Round
from migrator.engine.extract import extract
from migrator.engine.job import Job
from migrator.engine.load_cases import CaseLoader
from migrator.engine.load_folders import FolderLoader
from migrator.engine.plan import Planner
from migrator.engine.project import ProjectStage
from migrator.engine.snapshot import find_our_cases
from migrator.engine.stop import Stop


class Migration:
    """Runs jobs against one source, one destination and one workspace."""

    def __init__(
        self,
        source: Source,
        destination: Destination,
        archive: Archive,
        journal: Journal,
        *,
        now: Callable[[], float],
        listener: Listener,
        stop: Stop,
    ) -> None:
        self._source = source
        self._destination = destination
        self._archive = archive
        self._journal = journal
        self._now = now
        self._listener = listener
        self._stop = stop

    async def run(self, job: Job) -> bool:
        """Continue the interrupted round of this job, or begin one; return False when stopped on the way.

        Raises ``BooksDoNotBalance`` when items and fates do not add up at the end, and whatever stops a phase.
        """
        if doubtful := self._journal.recover(job.source_id, self._now()):
            self._listener(Said(f"{doubtful} writes were in flight when the last run ended; they are looked up first"))
        current = self._journal.unfinished_round(job.source_id)
        if current is None:
            current = self._journal.begin_round(job.source_id)
        elif current.phase != "extract":
            self._listener(Said(f"continuing project {job.source_id}: {current.phase}"))
        if current.phase == "extract":
            if not await extract(self._source, self._archive, current, listener=self._listener, stop=self._stop):
                return False
            current = self._journal.enter(current, "plan")
        if current.phase == "plan":
            if not await self._plan(job, current):
                return False
            current = self._journal.enter(current, "load")
        return await self.load(job, current)

    async def load(self, job: Job, current: Round) -> bool:
        """Send what is planned, close the round and check the books."""
        folders = FolderLoader(self._journal, self._destination, job, self._listener, self._stop)
        await folders.load()
        if self._stop.requested():
            return False
        cases = CaseLoader(
            self._journal,
            self._destination,
            job,
            ordered=self._source.abilities.siblings_ordered,
            listener=self._listener,
            stop=self._stop,
        )
        await cases.load()
        if self._stop.requested():
            return False
        self._journal.enter(current, "done")
        if imbalance := self._journal.imbalance(job.source_id):
            raise BooksDoNotBalance(
                f"the books of project {job.source_id} do not balance",
                cause=imbalance,
                next_step="keep the workspace and report this; `migrator status` shows the figures",
            )
        return True

    async def _plan(self, job: Job, current: Round) -> bool:
        project = next(self._archive.entities(current, Project))
        stage = ProjectStage(self._journal, self._destination, job, self._listener, self._stop)
        view = await stage.ensure(current, job.make_mapper([], None).project(project))
        if view is None:
            return False
        await find_our_cases(self._destination, self._journal, job, view)
        planner = Planner(self._archive, self._journal, self._destination, view, job.make_mapper, self._listener)
        await planner.plan(current)
        return True
