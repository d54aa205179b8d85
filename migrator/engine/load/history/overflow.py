"""Texts of runs and results that link files: those with the whole of a text, and pictures (§9 of the design).

Such a text is written once and for good (``qasphere-api.md`` §3.12, §3.13), so it must not wait for a file, nor lead
nowhere: without the file it says so in words. The ledger keeps what was written, and what is wished.
"""

from collections.abc import Mapping
from typing import cast

from migrator.core.drafts import ResultDraft, RunDraft
from migrator.core.events import Listener, Said
from migrator.core.model import ItemKind
from migrator.core.notes import Note, NoteCode
from migrator.core.plural import plural
from migrator.core.records import Holding
from migrator.core.views import StoredFile
from migrator.engine.linked_files import D, field_of, files_of, with_links_to
from migrator.engine.references import absolute
from state.store import Store

_KINDS: tuple[ItemKind, ...] = ("run", "result")


def as_written(store: Store, draft: D) -> D:
    """Return the draft as it can be written today: links only to files that are in QA Sphere."""
    files = files_of(draft)
    if not files:
        return draft
    there = store.files.stored(files)
    missing = [marker for marker in files if marker not in there]
    return with_links_to(there, draft, _addresses(store, draft, missing)) if missing else draft


def foretell_loss(store: Store, project: str, draft: D, written: D) -> None:
    """Note that a text is about to be written without one of its files; forget it, when the file is there by now.

    It is not fulfilled like the losses of one round: it stays true for as long as the text stands.
    """
    if not files_of(draft):
        return
    lost = [marker for marker in files_of(draft) if marker not in files_of(written)]
    notes = [
        Note(
            code=NoteCode.TEXT_UNLINKED,
            marker=draft.marker,
            field=field_of(draft),
            original=marker,
            message="the file is not in QA Sphere; the text says so in place of a link",
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
                f"{arrived} {plural(arrived, 'file')} came after the runs and results that name them; QA Sphere cannot"
                " change these, so no link leads there. The notes text_late name them with their addresses"
            )
        )


def _addresses(store: Store, draft: RunDraft | ResultDraft, markers: list[str]) -> Mapping[str, str]:
    """Return where files are at the source, seen from the test that the text is about; as written if nobody knows."""
    found = dict(store.archive.addresses(markers))
    found |= {marker: verdict.address for marker, verdict in store.files.verdicts(markers).items() if verdict.address}
    test = draft.case if isinstance(draft, ResultDraft) else draft.cases[0]
    home = store.archive.addresses([test]).get(test, "")
    return {marker: absolute(address, home) or address for marker, address in found.items()}


def _late(marker: str, file: StoredFile, holding: Holding) -> Note:
    entry = holding.entry
    message = f"it is at {file.url}; the text of {entry.kind} {entry.id} was written before and cannot be changed"
    return Note(code=NoteCode.TEXT_LATE, marker=marker, field=entry.marker, original=file.name, message=message)
