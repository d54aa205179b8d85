"""Load: the destination project, created once."""

import time
from dataclasses import replace
from typing import cast

from migrator.core.drafts import ProjectDraft
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError, MigratorError, OutcomeUnknown, Rejected, StalePlan
from migrator.core.events import Listener, Said
from migrator.core.ports.destination import Destination
from migrator.core.records import Operation
from migrator.core.views import Created, ProjectView
from migrator.engine.job import Job
from migrator.engine.load.journaled_write import Writes
from migrator.engine.plan.planner import usable_project
from migrator.engine.stop import Stop
from state.journal import Journal


class ProjectLoader:
    """Sends the create of the destination project, if one is planned, and settles one in doubt."""

    def __init__(self, journal: Journal, destination: Destination, job: Job, listener: Listener, stop: Stop) -> None:
        self._journal = journal
        self._writes = Writes(journal)
        self._destination = destination
        self._job = job
        self._listener = listener
        self._stop = stop

    async def load(self) -> ProjectView | None:
        """Return the project; None when a stop was requested before it existed.

        Raises ``ConfigError`` when it is archived, refused, or missing and not to be created.
        """
        view = await usable_project(self._destination, self._job)
        for operation in self._journal.unknown(self._job.source_id, "project"):
            view = view or await self._settle(operation)
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

    async def _settle(self, operation: Operation) -> ProjectView | None:
        """Look a second time, when a lost create cannot arrive any more."""
        wait = operation.alive_at + self._job.settle_seconds - time.time()
        self._listener(Said(f"waiting {max(0, wait):.0f} s to see whether project {self._job.code} was created"))
        await self._stop.sleep(max(0.0, wait))
        return await self._destination.project(self._job.code)

    async def _send(self, operation: Operation) -> None:
        draft = cast(ProjectDraft, operation.draft)
        try:
            created = await self._destination.create_project(draft, self._writes.hooks([operation]))
        except OutcomeUnknown as error:
            now = time.time()
            self._journal.in_doubt(operation, now, str(error))
            await self._resolve(operation, now)
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
            self._writes.answered()
            with self._writes.recorded():
                self._journal.done(operation, created, "migrated")

    async def _resolve(self, operation: Operation, alive_at: float) -> None:
        view = await self._destination.project(self._job.code)
        view = view or await self._settle(replace(operation, alive_at=alive_at))
        if view:
            self._journal.done(operation, Created(view.id), "migrated")
        elif not self._stop.requested():
            self._journal.planned_again(operation)
            await self._send(operation)
