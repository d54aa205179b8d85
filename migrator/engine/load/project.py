"""Load: the destination project, created once."""

from collections.abc import Mapping, Sequence
from typing import cast

from migrator.core.drafts import ProjectDraft
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import CallError, ConfigError, StalePlan
from migrator.core.ports.destination import Destination
from migrator.core.records import Holding, Operation
from migrator.core.views import Created, ProjectView
from migrator.engine.context import Context
from migrator.engine.load.loader import Loader
from migrator.engine.load.lookup import Found
from migrator.engine.load.queue import in_order
from migrator.engine.plan.project import usable_project


class ProjectLoader(Loader):
    """Sends the create of the destination project, if one is planned, and looks up one in doubt."""

    kind = "project"
    phase = "load project"
    has_canary = False

    def __init__(self, context: Context[Destination]) -> None:
        super().__init__(context, in_order(context.store.journal, context.project, "project"), workers=1)

    async def project_there(self) -> ProjectView | None:
        """Return the project; None when a stop was requested before it existed.

        Raises ``ConfigError`` when it is archived, refused, or missing and not to be created.
        """
        view = await usable_project(self.destination, self.context.job)
        if view and self.journal.planned(self.project, self.kind, 1):
            raise StalePlan(
                f"project {self.code} exists in QA Sphere by now",
                cause="it was missing when the plan was made, so nobody has looked at what it holds",
                next_step="run `migrator plan` and look at it, then `migrator apply`",
            )
        await self.load()
        return view if view or self.context.stop.requested() else await self.destination.project(self.code)

    async def send(self, operations: Sequence[Operation]) -> None:
        """Create it."""
        (operation,) = operations
        draft = cast(ProjectDraft, operation.draft)
        created = await self.destination.create_project(draft, self.writes.hooks(operations))
        self.record([Found(operation, created)])

    async def refused(self, operations: Sequence[Operation], error: CallError) -> None:
        """Nothing can follow without it."""
        self.journal.failed(operations[0], str(error))
        raise ConfigError(
            f"QA Sphere refused to create project {self.code}",
            code=ErrorCode.PROJECT_REFUSED,
            cause=str(error),
            next_step="correct `destination` or `title` of the project in the config, then run `migrator retry`",
        ) from error

    async def look_up(self, operations: Sequence[Operation]) -> Mapping[int, Found | None]:
        """Look for the code: nobody else makes a project of this one."""
        view = await self.destination.project(self.code)
        return {operations[0].id: Found(operations[0], Created(view.id))} if view else {}

    async def compare(self, first: Holding) -> None:
        """Compare nothing: there is no second one."""
