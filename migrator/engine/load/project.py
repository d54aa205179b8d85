"""Load: the destination project, created once."""

import time
from typing import cast

from migrator.core.drafts import ProjectDraft
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError, MigratorError, OutcomeUnknown, Rejected, StalePlan
from migrator.core.events import Said
from migrator.core.ports.destination import Destination
from migrator.core.records import Operation
from migrator.core.views import Created, ProjectView
from migrator.engine.context import Context
from migrator.engine.load.journaled_write import JournaledWrite
from migrator.engine.plan.project import usable_project


class ProjectLoader:
    """Sends the create of the destination project, if one is planned, and settles one in doubt."""

    def __init__(self, context: Context[Destination]) -> None:
        self._journal = context.store.journal
        self._writes = JournaledWrite(context.store.journal)
        self._destination = context.destination
        self._job = context.job
        self._listener = context.listener
        self._stop = context.stop

    async def load(self) -> ProjectView | None:
        """Return the project; None when a stop was requested before it existed.

        Raises ``ConfigError`` when it is archived, refused, or missing and not to be created.
        """
        view = await usable_project(self._destination, self._job)
        for operation in self._journal.unknown(self._job.source_id, "project"):
            view = view or await self._look_up()
            if self._stop.requested() and view is None:
                return None
            if view:
                self._journal.done(operation, Created(view.id), "migrated")
            else:
                self._journal.planned_again(operation)
        for operation in self._journal.planned(self._job.source_id, "project", 1):
            if view:
                raise StalePlan(
                    f"project {self._job.code} exists in QA Sphere by now",
                    cause="it was missing when the plan was made, so nobody has looked at what it holds",
                    next_step="run `migrator plan` and look at it, then `migrator apply`",
                )
            await self._send(operation)
        if view or self._stop.requested():
            return view
        return await self._destination.project(self._job.code)

    async def _look_up(self) -> ProjectView | None:
        """Look twice, the second time when a lost create cannot arrive any more."""
        if view := await self._destination.project(self._job.code):
            return view
        seconds = self._job.settle_seconds
        self._listener(Said(f"waiting {seconds:.0f} s to see whether project {self._job.code} was created"))
        await self._stop.sleep(seconds)
        return await self._destination.project(self._job.code)

    async def _send(self, operation: Operation) -> None:
        draft = cast(ProjectDraft, operation.draft)
        try:
            created = await self._destination.create_project(draft, self._writes.hooks([operation]))
        except OutcomeUnknown as error:
            self._journal.in_doubt(operation, time.time(), str(error))
            await self._resolve(operation)
        except Rejected as error:
            self._journal.failed(operation, str(error))
            raise ConfigError(
                f"QA Sphere refused to create project {self._job.code}",
                code=ErrorCode.PROJECT_REFUSED,
                cause=str(error),
                next_step="correct `destination` or `title` of the project in the config, then run `migrator retry`",
            ) from error
        except MigratorError:
            self._journal.planned_again(operation)
            raise
        else:
            with self._writes.recorded():
                self._journal.done(operation, created, "migrated")

    async def _resolve(self, operation: Operation) -> None:
        if view := await self._look_up():
            self._journal.done(operation, Created(view.id), "migrated")
        elif not self._stop.requested():
            self._journal.planned_again(operation)
            await self._send(operation)
