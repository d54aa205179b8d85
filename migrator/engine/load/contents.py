"""Load: files and cases of a project beside each other, and the cases once more whose files or links came later."""

from typing import cast

import anyio

from migrator.core.drafts import CaseDraft
from migrator.core.errors import MigratorError
from migrator.core.events import Listener
from migrator.core.ports.destination import Destination
from migrator.core.records import Round
from migrator.engine.context import Context
from migrator.engine.files.spool import FileRoute
from migrator.engine.job import Job
from migrator.engine.load.arrivals import Arrivals
from migrator.engine.load.cases import CaseLoader
from migrator.engine.load.files import FileLoader
from migrator.engine.load.updates import CaseUpdater
from migrator.engine.references import Addresses
from migrator.engine.stop import Stop
from migrator.engine.verify.base import read_back
from state.store import Store


class ContentLoader:
    """Loads files and cases of one project. One instance, one run."""

    def __init__(
        self,
        store: Store,
        destination: Destination,
        job: Job,
        addresses: Addresses,
        *,
        route: FileRoute,
        ordered: bool,
        listener: Listener,
        stop: Stop,
    ) -> None:
        self._store = store
        self._destination = destination
        self._job = job
        self._addresses = addresses
        self._arrivals = Arrivals()
        self._listener = listener
        self._stop = stop
        self._files = FileLoader(store, destination, job, route, arrivals=self._arrivals, listener=listener, stop=stop)
        self._cases = CaseLoader(
            store,
            destination,
            job,
            ordered=ordered,
            addresses=addresses,
            files=self._arrivals,
            listener=listener,
            stop=stop,
        )
        self._fatal: MigratorError | None = None

    async def load(self, current: Round) -> bool:
        """Send everything that is planned; return False when stopped on the way. Raises what stopped it."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._load_files)
            await self._load_cases()
        if self._fatal:
            raise self._fatal
        if self._stop.requested():
            return False
        await read_back(Context(self._store, self._destination, self._job, self._listener, self._stop))
        self._plan_arrived(current)
        await CaseUpdater(self._store, self._destination, self._job, self._addresses, self._listener, self._stop).load()
        return not self._stop.requested()

    async def _load_files(self) -> None:
        try:
            await self._files.load()
        except MigratorError as error:
            self._fatal = self._fatal or error
            self._arrivals.finish(failed=True)
        else:
            self._arrivals.finish(failed=self._stop.requested())

    async def _load_cases(self) -> None:
        try:
            await self._cases.load()
        except MigratorError as error:
            # the files that are under way are needed by nobody now; what they have reached is recorded
            self._fatal = self._fatal or error
            self._stop.request()

    def _plan_arrived(self, current: Round) -> None:
        """Plan updates of cases whose files or linked cases were not there when they were written, and are now."""
        for holding in self._store.ledger.incomplete(self._job.source_id, "case"):
            wished = cast(CaseDraft, holding.wished)
            if holding.base and self._addresses.settled(wished) != holding.draft:
                self._store.planning.put_update(current, holding, wished, "what it names has arrived")
