"""Load: files and cases of a project beside each other, and the cases once more whose files or links came later."""

from typing import cast

import anyio

from migrator.core.drafts import CaseDraft
from migrator.core.errors import MigratorError
from migrator.core.ports.destination import Destination
from migrator.core.records import Round
from migrator.engine.context import Context
from migrator.engine.files.spool import FileRoute
from migrator.engine.load.cases.create import CaseLoader
from migrator.engine.load.cases.others import OtherWriters
from migrator.engine.load.cases.update import CaseUpdater
from migrator.engine.load.files import FileLoader
from migrator.engine.load.workers import Arrivals
from migrator.engine.references import Addresses
from migrator.engine.verify.base import read_back


class ContentLoader:
    """Loads files and cases of one project. One instance, one run."""

    def __init__(
        self, context: Context[Destination], addresses: Addresses, route: FileRoute, others: OtherWriters
    ) -> None:
        """Take what cases and files need; ``others`` may write the same cases."""
        self._context = context
        self._addresses = addresses
        self._arrivals = Arrivals(context.store.journal.open_markers(context.project, "file"))
        self._files = FileLoader(context, route, self._arrivals)
        self._cases = CaseLoader(context, addresses, self._arrivals, others)
        self._fatal: MigratorError | None = None

    async def load(self, current: Round) -> bool:
        """Send everything that is planned; return False when stopped on the way. Raises what stopped it."""
        context = self._context
        async with anyio.create_task_group() as group:
            group.start_soon(self._load_files)
            try:
                await self._cases.load()
            except MigratorError as error:
                # the files that are under way are needed by nobody now; what they have reached is recorded
                self._fatal = self._fatal or error
                context.stop.request()
        if self._fatal:
            raise self._fatal
        if context.stop.requested():
            return False
        await read_back(context)
        self._plan_arrived(current)
        await CaseUpdater(context, self._addresses).load()
        return not context.stop.requested()

    async def _load_files(self) -> None:
        try:
            await self._files.load()
        except MigratorError as error:
            self._fatal = self._fatal or error
            self._arrivals.finish(failed=True)
        else:
            self._arrivals.finish(failed=self._context.stop.requested())

    def _plan_arrived(self, current: Round) -> None:
        """Plan updates of cases whose files or linked cases were not there when they were written, and are now; those
        that the plan updates get it by that."""
        store = self._context.store
        for holding in store.ledger.incomplete(self._context.project, "case"):
            wished, marker = cast(CaseDraft, holding.wished), holding.entry.marker
            state = store.journal.operation_states([marker], "update").get(marker, ("done", ""))[0]
            if holding.base and state != "planned" and self._addresses.attainable(wished) != holding.draft:
                store.planning.put_update(current, holding, wished, "what it names has arrived")
