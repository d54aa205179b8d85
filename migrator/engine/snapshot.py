"""Looking at the destination project before anything is planned: is it ours, and which of our items are there?"""

from collections.abc import Mapping, Sequence

from migrator.core.errors import ConfigError
from migrator.core.ports import CaseView, Destination, FolderView, ProjectView
from migrator.core.store import FoundCase, Journal
from migrator.engine.compare import field_digests, view_fields
from migrator.engine.job import Job


async def find_our_cases(destination: Destination, journal: Journal, job: Job, view: ProjectView) -> None:
    """Remember the cases that carry markers of this source.

    Reads nothing but a count when the ledger already knows as many cases as there are. Raises ``ConfigError`` when
    the project holds cases, none of them ours, and ``allow_existing`` is off: nothing can be taken out again.
    """
    journal.forget_found(job.source_id)
    total = await destination.count_cases(view.code)
    known = journal.ledger_count(job.source_id, "case")
    if total <= known:
        return
    ours = known
    cursor: str | None = None
    while True:
        page = await destination.cases(view.code, cursor)
        found = [
            _found(marker, case) for case in page.cases for marker in case.markers if marker.startswith(job.prefix)
        ]
        journal.put_found(job.source_id, found)
        ours += len(found)
        cursor = page.next_cursor
        if cursor is None:
            break
    if not ours and not job.allow_existing:
        raise ConfigError(
            f"project {view.code} in QA Sphere holds {total} cases that this tool did not put there",
            cause="what is loaded into it could never be taken out again",
            next_step="choose another `destination` code, or set `allow_existing: true` for this project",
        )


def _found(marker: str, case: CaseView) -> FoundCase:
    return FoundCase(marker, case.id, case.seq, field_digests(view_fields(case)))


def folder_paths(folders: Sequence[FolderView]) -> Mapping[tuple[str, ...], int]:
    """Return path → id of every folder."""
    by_id = {folder.id: folder for folder in folders}
    paths: dict[tuple[str, ...], int] = {}
    for folder in folders:
        names = [folder.title]
        parent = by_id.get(folder.parent_id) if folder.parent_id else None
        while parent is not None and len(names) <= len(by_id):
            names.append(parent.title)
            parent = by_id.get(parent.parent_id) if parent.parent_id else None
        paths[tuple(reversed(names))] = folder.id
    return paths
