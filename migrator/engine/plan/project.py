"""Plan: the project of QA Sphere that everything goes into."""

from dataclasses import replace
from typing import cast

from migrator.core.drafts import ProjectDraft
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.ports.destination import DestinationReader
from migrator.core.ports.mapping import Mapped
from migrator.core.records import LedgerEntry, PlannedItem
from migrator.core.views import ProjectView
from migrator.engine.job import Job
from migrator.engine.plan.fates import Need, adopted, to_create, without_write


async def usable_project(destination: DestinationReader, job: Job) -> ProjectView | None:
    """Return the destination project, or None when it is to be created.

    Raises ``ConfigError`` when it is archived, or missing and not to be created.
    """
    view = await destination.project(job.code)
    if view is None and not job.create:
        raise ConfigError(
            f"there is no project {job.code} in QA Sphere",
            code=ErrorCode.PROJECT_MISSING,
            next_step="create it there, or set `create: true` for it in the config",
        )
    if view and view.archived:
        raise ConfigError(
            f"project {job.code} in QA Sphere is archived",
            code=ErrorCode.PROJECT_ARCHIVED,
            cause="an archived project refuses every write",
            next_step="take it out of the archive in QA Sphere, or choose another `destination` code",
        )
    return view


def project_item(mapped: Mapped, entry: LedgerEntry | None, view: ProjectView | None) -> PlannedItem:
    """Return the planned project. Raises ``ConfigError`` when it was migrated into and is not there any more."""
    draft = cast(ProjectDraft, mapped.draft)
    if view:
        if entry:
            return without_write(mapped, "unchanged", "")
        return adopted(mapped, draft, view.id, "a project with this code was there already")
    if entry:
        raise ConfigError(
            f"project {draft.code} is not in QA Sphere any more",
            code=ErrorCode.PROJECT_VANISHED,
            cause="this workspace has migrated into it; its code was changed there, or it was deleted",
            next_step="give it its code back, or choose another `workspace` and `destination` to migrate anew",
        )
    return replace(to_create(mapped, Need("")), reason=f"there is no project {draft.code} yet")
