"""A snapshot of a project of QA Sphere: which cases and folders are there, and which of them are ours."""

from collections.abc import Callable, Mapping, Sequence

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError, TemporaryError
from migrator.core.events import Progressed
from migrator.core.plural import plural
from migrator.core.ports.destination import CASES_PER_PAGE, DestinationReader
from migrator.core.records import Purpose
from migrator.core.views import CaseView, FolderView
from migrator.engine.context import Context

_SWEEPS = 3


async def snapshot_cases(
    context: Context[DestinationReader],
    purpose: Purpose,
    *,
    whole: bool = False,
    visit: Callable[[Sequence[CaseView]], None] | None = None,
) -> int:
    """Go through all cases of the project and remember them; return how many there are.

    Offset paging skips rows when a case is deleted meanwhile, and a case that was skipped would be called deleted. So
    it is done again then; ``TemporaryError`` when that does not end. ``visit`` gets every page, also of a sweep that is
    done again.
    """
    destination, job, snapshots = context.destination, context.job, context.store.snapshots
    for _ in range(_SWEEPS):
        snapshots.begin(job.source_id, purpose)
        total, seen, shrank = 0, 0, False
        cursor: str | None = None
        while True:
            page = await destination.cases(job.code, cursor, whole=whole)
            snapshots.put(job.source_id, purpose, page.cases)
            if visit:
                visit(page.cases)
            shrank = shrank or page.total < total
            total, cursor, seen = page.total, page.next_cursor, seen + len(page.cases)
            if total > CASES_PER_PAGE:
                context.listener(Progressed("snapshot", job.source_id, seen, total, destination.waiting_for()))
            if cursor is None:
                break
        if snapshots.end(job.source_id, purpose) >= total and not shrank:
            return total
    raise TemporaryError(
        f"the cases of project {job.code} in QA Sphere kept changing while they were read",
        code=ErrorCode.KEPT_CHANGING,
        cause="cases were deleted meanwhile, so others may have been skipped",
        next_step="run the same command again when nobody deletes",
    )


def refuse_strangers(context: Context[DestinationReader], total: int) -> None:
    """Raise ``ConfigError`` when the project holds cases, none of them ours, and ``allow_existing`` is off: nothing
    can be taken out again."""
    job, store = context.job, context.store
    ours = store.ledger.count(job.source_id, "case") or store.snapshots.carries_prefix(
        job.source_id, "plan", job.prefix
    )
    if total and not ours and not job.allow_existing:
        raise ConfigError(
            f"project {job.code} in QA Sphere holds {total} {plural(total, 'case')} that this tool did not put there",
            code=ErrorCode.PROJECT_OF_OTHERS,
            cause="what is loaded into it could never be taken out again",
            next_step="choose another `destination` code, or set `allow_existing: true` for this project",
        )


def folder_paths(folders: Sequence[FolderView]) -> Mapping[int, tuple[str, ...]]:
    """Return id → path of every folder."""
    by_id = {folder.id: folder for folder in folders}
    paths: dict[int, tuple[str, ...]] = {}
    for folder in folders:
        names = [folder.title]
        parent = by_id.get(folder.parent_id) if folder.parent_id else None
        while parent is not None and len(names) <= len(by_id):
            names.append(parent.title)
            parent = by_id.get(parent.parent_id) if parent.parent_id else None
        paths[folder.id] = tuple(reversed(names))
    return paths
