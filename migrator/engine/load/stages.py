"""Load: all that lies in folders, and the history, side by side. What an item needs of another kind holds it back.

Only runs wait for all milestones, and history for the search for others at work, which follows the first case.
A run begins when its cases are there, while others are still loading.
"""

from collections.abc import Awaitable, Callable
from functools import partial
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
from migrator.engine.load.history.close_runs import RunCloser
from migrator.engine.load.history.milestones import MilestoneLoader
from migrator.engine.load.history.overflow import tell_late_files
from migrator.engine.load.history.results import ResultLoader
from migrator.engine.load.history.runs import RunLoader
from migrator.engine.load.needs import Needs
from migrator.engine.references import Addresses
from migrator.engine.verify.base import read_written, tell_different

_READ_BACK_FROM = 400
"""Cases that are read back together while others load: two pages of QA Sphere."""
_READ_BACK_PAUSE = 1.0


class Stages:
    """Loads one project. One instance, one run."""

    def __init__(
        self, context: Context[Destination], addresses: Addresses, route: FileRoute, others: OtherWriters
    ) -> None:
        """Make the loaders, and say who waits for whom. ``others`` may write the same cases."""
        self._context = context
        self._addresses = addresses
        self._cases = CaseLoader(context, addresses, others)
        self._updates = CaseUpdater(context, addresses)
        self._runs = RunLoader(context, addresses.html_of_what_is_there)
        self._results = ResultLoader(context, addresses.html_of_what_is_there, self._runs.made)
        self._closes = RunCloser(context)
        of_texts = (self._runs.needs, self._results.needs)
        self._files = FileLoader(context, route)
        self._files.followers = (self._cases.needs, *of_texts)
        self._cases.followers = self._updates.followers = of_texts
        self._runs.followers = (self._results.needs, self._closes.needs)
        self._results.followers = (self._closes.needs,)
        self._files_ended = anyio.Event()
        self._content_ended = anyio.Event()
        self._runs_ended = anyio.Event()
        self._different = 0
        self._fatal: MigratorError | None = None

    async def load(self, current: Round) -> bool:
        """Send everything that is planned; return False when stopped on the way. Raises what stopped it."""
        await self._beside(self._load_files, partial(self._load_content, current), self._load_history)
        if self._fatal:
            raise self._fatal
        return not self._is_stopped

    @property
    def _is_stopped(self) -> bool:
        return self._context.stop.requested()

    async def _beside(self, *stages: Callable[[], Awaitable[None]]) -> None:
        async with anyio.create_task_group() as group:
            for stage in stages:
                group.start_soon(self._guarded, stage)

    async def _guarded(self, stage: Callable[[], Awaitable[None]]) -> None:
        """An error of one lets the others come to an end."""
        try:
            await stage()
        except MigratorError as error:
            self._stop(error)

    def _stop(self, error: MigratorError) -> None:
        self._fatal = self._fatal or error
        self._context.stop.request()

    async def _load_files(self) -> None:
        try:
            await self._files.load()
        except MigratorError as error:
            # cases that need none of the rest go on, and it is raised when they are there
            self._fatal = self._fatal or error
            self._cases.needs.over(gave_up=True)
        else:
            self._cases.needs.over(gave_up=self._is_stopped)
        finally:
            self._files_ended.set()

    async def _load_content(self, current: Round) -> None:
        await self._guarded(partial(self._load_cases, current))
        if self._fatal:
            self._stop(self._fatal)
        self._cases.begun.set()
        self._content_ended.set()

    async def _load_cases(self, current: Round) -> None:
        context = self._context
        async with anyio.create_task_group() as group:
            group.start_soon(self._guarded, self._read_back_meanwhile)
            try:
                await self._cases.load()
            except MigratorError as error:
                self._stop(error)
            group.cancel_scope.cancel()
        await self._files_ended.wait()
        if self._is_stopped or self._fatal:
            return
        tell_different(self._different + await read_written(context), context.listener)
        self._plan_arrived(current)
        await self._updates.load()
        tell_late_files(context.store, context.project, context.listener)

    async def _read_back_meanwhile(self) -> None:
        while True:
            await anyio.sleep(_READ_BACK_PAUSE)
            if self._context.store.ledger.unread(self._context.project)[0] >= _READ_BACK_FROM:
                self._different += await read_written(self._context)

    def _plan_arrived(self, current: Round) -> None:
        """Plan updates of cases whose files or linked cases were not there when they were written, and are now; those
        that the plan updates get it by that."""
        store = self._context.store
        for holding in store.ledger.incomplete(self._context.project, "case"):
            wished, marker = cast(CaseDraft, holding.wished), holding.entry.marker
            state = store.journal.operation_states([marker], "update").get(marker, ("done", ""))[0]
            if holding.base and state != "planned" and self._addresses.attainable(wished) != holding.draft:
                store.planning.put_update(current, holding, wished, "what it names has arrived")

    async def _load_history(self) -> None:
        await self._cases.begun.wait()
        if not self._is_stopped:
            await MilestoneLoader(self._context).load()
        if not self._is_stopped:
            await self._beside(self._end_waiting, self._load_runs, self._load_results, self._close_runs)

    async def _end_waiting(self) -> None:
        await self._content_ended.wait()
        self._end_of(self._runs.needs)

    async def _load_runs(self) -> None:
        await self._guarded(self._runs.load)
        await self._content_ended.wait()
        self._runs.begun.set()
        self._end_of(self._results.needs)
        self._runs_ended.set()

    async def _load_results(self) -> None:
        await self._runs.begun.wait()
        if not self._is_stopped:
            await self._guarded(self._results.load)
        self._results.begun.set()
        # the last runs may be without results, and still be under way when the last result is there
        await self._runs_ended.wait()
        self._end_of(self._closes.needs)

    def _end_of(self, needs: Needs) -> None:
        """What did not come before a stop comes another time: nothing may be written without it."""
        needs.over(gave_up=self._is_stopped)

    async def _close_runs(self) -> None:
        await self._results.begun.wait()
        if not self._is_stopped:
            await self._closes.load()
