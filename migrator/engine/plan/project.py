"""Plan: the project of QA Sphere that everything goes into."""

from dataclasses import replace
from typing import cast

from migrator.core.drafts import ProjectDraft
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.plural import plural
from migrator.core.ports.destination import DestinationReader
from migrator.core.ports.mapping import Mapped
from migrator.core.records import LedgerEntry, PlannedItem, Round
from migrator.core.views import ProjectView
from migrator.engine.job import Job
from migrator.engine.plan.fates import Need, adopted, to_create, without_write
from state.store import Store


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


def refuse_unfilled_fields(store: Store, current: Round, view: ProjectView) -> None:
    """Raise ``ConfigError`` when QA Sphere would refuse every case that was planned, because nothing fills a custom
    field that it requires. Where some cases fill it the others fail by name."""
    unfilled = [field.system_name for field in view.custom_fields if field.required and not field.has_default]
    refused = store.planning.cases_that_failed(current) if unfilled else None
    if refused is None:
        return
    count, reason = refused
    raise ConfigError(
        f"QA Sphere would refuse {plural(count, 'the only case', f'all {count} cases')} of project"
        f" {current.project}; nothing was sent",
        code=ErrorCode.FIELD_UNFILLED,
        cause=reason,
        next_step=f"give {' and '.join(unfilled)} a default value in QA Sphere, or fill it from a field of the source:"
        f" `mapping: {{custom_fields: {{NAME AT THE SOURCE: {unfilled[0]}}}}}`",
    )


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
