"""Read back what was written: the base for later merges, and a first check that it was stored as sent."""

from typing import cast

from migrator.core.drafts import CaseDraft
from migrator.core.events import Listener, Progressed, Said
from migrator.core.notes import Note, NoteCode
from migrator.core.plural import plural
from migrator.core.ports.destination import DestinationReader
from migrator.core.records import Holding
from migrator.core.views import CaseView
from migrator.engine.context import Context
from migrator.engine.job import Job
from migrator.engine.plan.cases.compare import base_of_sent, case_differences
from state.store import Store

_AS_CREATED = 1
"""The version of a case that nobody has changed since it was created."""


async def read_back(context: Context[DestinationReader]) -> None:
    """Read the cases that were written and not read yet, and say how many were not stored as they were sent."""
    tell_different(await read_written(context), context.listener)


async def read_written(context: Context[DestinationReader]) -> int:
    """Read them, newest first, a page at a time; return how many were not stored as they were sent.

    What the pages do not show, because rows moved meanwhile, waits for the next time.
    """
    destination, ledger = context.destination, context.store.ledger
    waiting, lowest = ledger.unread(context.project)
    total, different = waiting, 0
    cursor: str | None = None
    while waiting and not context.stop.requested():
        page = await destination.cases(context.job.code, cursor, whole=False, newest_first=True)
        different += _record(context.store, context.job, page.cases)
        waiting, _ = ledger.unread(context.project)
        context.listener(Progressed("read back", context.project, total - waiting, total, destination.waiting_for()))
        cursor = page.next_cursor
        if cursor is None or any(case.seq < lowest for case in page.cases):
            break
    return different


def tell_different(count: int, listener: Listener) -> None:
    """Say how many cases were not stored as they were sent."""
    if count:
        stored = f"{count} {plural(count, 'case was', 'cases were')} stored differently from what was sent"
        listener(Said(f"{stored}; `migrator verify` names what differs"))


def _record(store: Store, job: Job, cases: tuple[CaseView, ...]) -> int:
    """Record the bases of one page; return how many cases differ from their drafts."""
    holdings = store.ledger.by_ids(job.source_id, "case", [case.id for case in cases])
    folders = store.ledger.entries(sorted({_draft(holding).folder for holding in holdings.values()}))
    different = 0
    with store.journal.atomic():
        for case in cases:
            holding = holdings.get(case.id)
            if holding is None or holding.base is not None:
                continue
            draft = _draft(holding)
            found = case_differences(draft, int(folders[draft.folder].id), case)
            edits = [difference.field for difference in found if _is_edit(difference.field, case)]
            store.ledger.read_back(holding, base_of_sent(draft, case, edits))
            notes = [
                Note(
                    code=NoteCode.STORED_DIFFERENTLY,
                    marker=draft.marker,
                    field=difference.field,
                    original=difference.expected,
                    message=f"QA Sphere holds {difference.found!r}",
                )
                for difference in found
                if difference.field not in edits
            ]
            store.journal.put_notes(job.source_id, draft.marker, notes)
            different += bool(notes)
    return different


def _is_edit(field: str, case: CaseView) -> bool:
    """Whether a difference is somebody's edit: the server counts a version for every one but, it may be, a move to
    another folder, and these cases have been created and not changed from here since."""
    return field == "folder" or (case.version is not None and case.version > _AS_CREATED)


def _draft(holding: Holding) -> CaseDraft:
    return cast(CaseDraft, holding.draft)
