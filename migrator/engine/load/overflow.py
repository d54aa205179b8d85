"""Texts of runs and results that end in a link to a file, because the whole of them does not fit (§9 of the design).

Such a text is written once and for good (``qasphere-api.md`` §3.12, §3.13), so it must not wait for the file, nor lead
nowhere: without the file it says in words where the whole is. The ledger keeps what was written, and what is wished.
"""

from collections.abc import Container
from typing import TypeVar, cast

from migrator.core.drafts import ResultDraft, RunDraft
from migrator.core.events import Listener, Said
from migrator.core.model import ItemKind
from migrator.core.notes import Note, NoteCode
from migrator.core.records import Holding
from migrator.core.text import symbols_in, visible_text, without_links
from migrator.core.views import StoredFile
from state.store import Store

D = TypeVar("D", RunDraft, ResultDraft)
WORDS = " is not in QA Sphere, because its file could not be stored there. It stays in the archive of the migration."
"""Follow the text of the link. With the link's own they take less room than its longest address."""
_KINDS: tuple[ItemKind, ...] = ("run", "result")


def files_of(draft: RunDraft | ResultDraft) -> list[str]:
    """Return the markers of the files that the text leads to."""
    return [marker for kind, marker in symbols_in(_text(draft)) if kind == "file"]


def with_links_to(files: Container[str], draft: D) -> D:
    """Return the draft with words in place of the links to all other files."""
    text = without_links(_text(draft), lambda marker: marker not in files, WORDS)
    return draft.model_copy(update={_field(draft): text})


def as_written(store: Store, draft: D) -> D:
    """Return the draft as it can be written today: links only to files that are in QA Sphere."""
    files = files_of(draft)
    return with_links_to(store.files.stored(files), draft) if files else draft


def as_seen(draft: D, seen: str) -> D:
    """Return the draft as it was written, by the text (HTML) that QA Sphere gives back; files may have come since."""
    said = with_links_to((), draft)
    return said if said != draft and visible_text(_text(said)) == visible_text(seen) else draft


def foretell_loss(store: Store, project: str, draft: D, written: D) -> None:
    """Note that a text is about to be written without its file; forget it, when the file is there by now.

    It is not fulfilled like the losses of one round: it stays true for as long as the text stands.
    """
    if not files_of(draft):
        return
    lost = [marker for marker in files_of(draft) if marker not in files_of(written)]
    notes = [
        Note(
            code=NoteCode.TEXT_UNLINKED,
            marker=draft.marker,
            field=_field(draft),
            original=marker,
            message="the file with the whole text is not in QA Sphere; the text says so in place of a link",
        )
        for marker in lost
    ]
    store.journal.announce(project, draft.marker, notes)


def tell_late_files(store: Store, project: str, listener: Listener) -> None:
    """Name the files that have come after the text that was to lead to them; nobody can change it any more."""
    arrived = 0
    for kind in _KINDS:
        for holding in store.ledger.incomplete(project, kind):
            files = store.files.stored(files_of(cast(RunDraft | ResultDraft, holding.wished)))
            fates = store.history.fates(list(files))
            for marker, file in files.items():
                store.journal.put_notes(project, marker, [_late(marker, file, holding)])
                arrived += fates.get(marker) == "migrated"
    if arrived:
        listener(
            Said(
                f"{arrived} files came after the runs and results whose text they hold; QA Sphere cannot change these,"
                " so no link leads there. The notes text_late name them with their addresses"
            )
        )


def _late(marker: str, file: StoredFile, holding: Holding) -> Note:
    entry = holding.entry
    message = f"it is at {file.url}; the text of {entry.kind} {entry.id} was written before and cannot be changed"
    return Note(code=NoteCode.TEXT_LATE, marker=marker, field=entry.marker, original=file.name, message=message)


def _text(draft: RunDraft | ResultDraft) -> str:
    return draft.description if isinstance(draft, RunDraft) else draft.comment


def _field(draft: RunDraft | ResultDraft) -> str:
    return "description" if isinstance(draft, RunDraft) else "comment"
