"""Getting the bytes of one file into the spool, and judging what arrived."""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from migrator.core.content_notes import NO_BYTES
from migrator.core.drafts import FileDraft, FromAttachment, FromPicture
from migrator.core.errors import ContentReason, ContentTrouble
from migrator.core.file_records import Fetched, Verdict
from migrator.core.model import Attachment
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.destination import FILE_BYTES
from migrator.core.ports.source import Content, FileSource
from migrator.core.records import Operation
from migrator.core.refs import editions_of
from migrator.engine.files.spool import Spool
from migrator.engine.files.types import told_type, type_by_content
from state.store import Store

_MIB = 1024 * 1024
_OVER = f"over the {FILE_BYTES // _MIB} MiB that QA Sphere takes"
_MOST_KEPT = 64 * FILE_BYTES
NOTE_OF: Mapping[ContentReason, NoteCode] = {
    "missing": NoteCode.FILE_MISSING,
    "truncated": NoteCode.FILE_TRUNCATED,
    "web_page": NoteCode.FILE_WEB_PAGE,
    "too_large": NoteCode.FILE_TOO_LARGE,
    "refused": NoteCode.FILE_REFUSED,
    "unreadable": NoteCode.FILE_UNREADABLE,
    "foreign": NoteCode.FILE_FOREIGN,
    "no_image": NoteCode.FILE_NO_IMAGE,
    "no_route": NoteCode.FILE_NO_ROUTE,
}


class Fetcher:
    """Fetches files of one project. ``source`` None: the source gives no bytes, so only what the mapping made comes."""

    def __init__(self, store: Store, source: FileSource | None, spool: Spool, project: str) -> None:
        self._store = store
        self._source = source
        self._spool = spool
        self._project = project
        # an offline archive holds also what is too large for QA Sphere
        self._most = _MOST_KEPT if spool.keeps else FILE_BYTES

    async def fetch(self, draft: FileDraft, number: int) -> Fetched:
        """Return what lies in the spool for a file, from an earlier process or from the source.

        ``number`` is used by no other file that is under way.

        Raises ``ContentTrouble`` when the file cannot be had or is not what was promised, and what the source raises.
        """
        known = self._store.files.fetched([draft.marker]).get(draft.marker)
        if known and self._spool.find(known.sha256, known.size):
            return self._within_limit(draft, known)
        await self._spool.room()
        incoming = self._spool.incoming(number)
        try:
            content, declared = await self._content(draft, number)
            told = told_type(draft.name, declared or content.media_type)
            fetched = Fetched(content.size, content.sha256, told or type_by_content(incoming))
        except BaseException:
            incoming.unlink(missing_ok=True)
            raise
        self._spool.take_in(incoming, fetched.sha256, fetched.size)
        with self._store.journal.atomic():
            self._store.files.put_fetched(self._project, draft.marker, draft.name, fetched)
            self._store.journal.put_notes(
                self._project, draft.marker, remarks(draft, fetched, told, unwrapped=content.unwrapped)
            )
        return self._within_limit(draft, fetched)

    async def look(self, draft: FileDraft, number: int) -> Content:
        """Return what the source gives for a file that is not uploaded; only an offline archive keeps the bytes.

        Arguments and errors as of ``fetch``.
        """
        await self._spool.room()
        incoming = self._spool.incoming(number)
        try:
            content, _ = await self._content(draft, number)
        except BaseException:
            incoming.unlink(missing_ok=True)
            raise
        self._spool.take_in(incoming, content.sha256, content.size)
        self._spool.remove(content.sha256)
        return content

    def _within_limit(self, draft: FileDraft, fetched: Fetched) -> Fetched:
        if fetched.size > FILE_BYTES:
            self._spool.remove(fetched.sha256)
            raise too_large(draft.name, fetched.size)
        return fetched

    async def _content(self, draft: FileDraft, number: int) -> tuple[Content, str]:
        """Write the bytes; return what they are, and what the source calls their type."""
        incoming = self._spool.incoming(number)
        match draft.content:
            case FromAttachment(marker=marker):
                return await self._attached(draft, marker, incoming)
            case FromPicture(attachment=marker) if marker:
                return await self._attached(draft, marker, incoming)
            case FromPicture(address=address):
                picture = self._of_source(draft).fetch_picture(address, incoming, max_bytes=self._most)
                return await picture, draft.media_type
            case text:
                content = base64.b64decode(text.base64)
                incoming.write_bytes(content)
                return Content(len(content), hashlib.sha256(content).hexdigest(), ""), draft.media_type

    async def _attached(self, draft: FileDraft, marker: str, incoming: Path) -> tuple[Content, str]:
        attachment = cast(Attachment, self._store.archive.get([marker])[marker])
        if attachment.size is not None and attachment.size > self._most:
            raise too_large(draft.name, attachment.size)
        memory = self._store.files.memory(self._project, draft.marker, draft.name)
        content = await self._of_source(draft).fetch(attachment, incoming, max_bytes=self._most, memory=memory)
        return content, attachment.media_type or ""

    def _of_source(self, draft: FileDraft) -> FileSource:
        if self._source is None:
            raise ContentTrouble(
                f"the bytes of {draft.name} are not read", "missing", cause="the source is not asked for files"
            )
        return self._source


def too_large(name: str, size: int) -> ContentTrouble:
    """Return the trouble of a file that QA Sphere does not take."""
    return ContentTrouble(f"{name} is too large", "too_large", cause=f"{size / _MIB:.1f} MiB, {_OVER}")


def verdict_on(draft: FileDraft, trouble: ContentTrouble) -> Verdict | None:
    """Return why a file will not come, however often it is asked for; None when it has failed and may be retried.

    A picture that cannot be had is no failure, because a link stands beside it.
    """
    if isinstance(draft.content, FromPicture):
        return Verdict("", trouble.address or draft.content.address)
    if trouble.reason == "too_large":
        return Verdict(trouble.cause if trouble.cause.endswith(_OVER) else _OVER)
    return Verdict("") if trouble.reason == "no_route" else None


def record_trouble(store: Store, project: str, operation: Operation, trouble: ContentTrouble) -> bool:
    """Enter what became of a file that did not come; return whether it has failed and may be retried."""
    draft = cast(FileDraft, operation.draft)
    verdict = verdict_on(draft, trouble)
    with store.journal.atomic():
        note = note_of(draft, trouble)
        if store.files.has_earlier(editions_of(draft.marker)):
            note = note.model_copy(update={"message": f"{note.message}; the edition before it stays"})
        store.journal.put_notes(project, draft.marker, [note])
        if verdict is None:
            store.journal.failed(operation, str(trouble))
        else:
            store.files.put_verdict(project, draft.marker, draft.name, verdict)
            store.journal.given_up(operation, "excluded", str(trouble))
    return verdict is None


def note_of(draft: FileDraft, trouble: ContentTrouble) -> Note:
    """Return the note on a file that did not come."""
    return Note(
        code=NOTE_OF[trouble.reason], marker=draft.marker, field=draft.owner, original=draft.name, message=str(trouble)
    )


def remarks(draft: FileDraft, fetched: Fetched, told: str, *, unwrapped: bool = False) -> list[Note]:
    """Return the notes on a file that came. ``unwrapped``: as ``Content`` says."""
    found = []
    if unwrapped:
        found.append((NoteCode.FILE_UNWRAPPED, "it came as the only file of an archive of the same name"))
    if not fetched.size:
        found.append((NoteCode.FILE_EMPTY, NO_BYTES))
    elif not told:
        found.append((NoteCode.FILE_TYPE_GUESSED, f"its type was told by its content: {fetched.media_type}"))
    return [
        Note(code=code, marker=draft.marker, field=draft.owner, original=draft.name, message=message)
        for code, message in found
    ]
