"""Texts of runs and results that link files: those with the whole of a text, and pictures (§9 of the design).

Such a text is written once and for good (``qasphere-api.md`` §3.12, §3.13), so it must not wait for a file, nor lead
nowhere: without the file it says so in words. The ledger keeps what was written, and what is wished.
"""

import html
from collections.abc import Container, Mapping
from itertools import takewhile
from typing import TypeVar, cast

from migrator.core.drafts import ResultDraft, RunDraft
from migrator.core.events import Listener, Said
from migrator.core.model import ItemKind
from migrator.core.notes import Note, NoteCode
from migrator.core.records import Holding
from migrator.core.text import symbols_in, visible_text, with_links_replaced
from migrator.core.views import StoredFile
from migrator.engine.references import absolute
from state.store import Store

D = TypeVar("D", RunDraft, ResultDraft)
WORDS = " is not in QA Sphere, because its file could not be stored there. It stays in the archive of the migration."
"""Follow the text of the link. With the link's own they take less room than its longest address."""
_WHOLE = "#text-"
_STAYS = " (this file could not be stored in QA Sphere)"
_KINDS: tuple[ItemKind, ...] = ("run", "result")
_WEB = ("http://", "https://")
_NOWHERE: Mapping[str, str] = {}


def files_of(draft: RunDraft | ResultDraft) -> list[str]:
    """Return the markers of the files that the text leads to, each once."""
    return list(dict.fromkeys(marker for kind, marker in symbols_in(_text(draft)) if kind == "file"))


def with_links_to(files: Container[str], draft: D, addresses: Mapping[str, str] = _NOWHERE) -> D:
    """Return the draft with words in place of the links to all other files.

    Args:
        files: what may be linked, by marker.
        draft: as it is wished.
        addresses: where others are at the source, as far as anybody knows.
    """

    def instead(marker: str, words: str) -> str | None:
        if marker in files:
            return None
        if _WHOLE in marker:
            return words + WORDS
        address = html.escape(addresses.get(marker, ""))
        if address.startswith(_WEB):
            return f'<a href="{address}">{words}</a>{_STAYS}'
        return f"{words} ({address}){_STAYS}" if address else words + _STAYS

    return draft.model_copy(update={_field(draft): with_links_replaced(_text(draft), instead)})


def as_written(store: Store, draft: D) -> D:
    """Return the draft as it can be written today: links only to files that are in QA Sphere."""
    files = files_of(draft)
    if not files:
        return draft
    there = store.files.stored(files)
    missing = [marker for marker in files if marker not in there]
    return with_links_to(there, draft, _addresses(store, draft, missing)) if missing else draft


def as_seen(draft: D, seen: str) -> D:
    """Return the draft as it was written, by the text (HTML) that QA Sphere gives back; files may have come since."""
    words = visible_text(seen)
    linked = files_of(draft)
    for marker in files_of(draft):
        without = [other for other in linked if other != marker]
        if _agreeing(words, with_links_to(without, draft)) > _agreeing(words, with_links_to(linked, draft)):
            linked = without
    return with_links_to(linked, draft)


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
            field=_field(draft),
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
                f"{arrived} files came after the runs and results whose text they hold; QA Sphere cannot change these,"
                " so no link leads there. The notes text_late name them with their addresses"
            )
        )


def _agreeing(words: str, draft: RunDraft | ResultDraft) -> int:
    """Return how far the visible words of a draft are these, from the beginning."""
    pairs = zip(words, visible_text(_text(draft)), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


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


def _text(draft: RunDraft | ResultDraft) -> str:
    return draft.description if isinstance(draft, RunDraft) else draft.comment


def _field(draft: RunDraft | ResultDraft) -> str:
    return "description" if isinstance(draft, RunDraft) else "comment"
