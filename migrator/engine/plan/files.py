"""Plan: which fate the files of cases get."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from migrator.core.base import digest_of
from migrator.core.content_notes import NO_BYTES
from migrator.core.drafts import FileDraft, FromAttachment, FromText
from migrator.core.file_records import Verdict
from migrator.core.model import Attachment
from migrator.core.notes import NoteCode
from migrator.core.ports.destination import FILE_BYTES
from migrator.core.ports.mapping import Mapped
from migrator.core.records import Fate, LedgerEntry, OperationState, PlannedItem, Stamp
from migrator.core.views import CaseView, StoredFile
from migrator.engine.plan.fates import Need, adopted, noted, to_create, without_write
from state.store import Store

_HELD_CASE: Mapping[Fate, str] = {
    "conflict": "is held by a conflict",
    "gone": "was deleted in QA Sphere",
    "failed": "failed",
    "unknown": "is in doubt",
}

_REPLACED = (
    "its name, size or date at the source is another than when it was taken; QA Sphere keeps the bytes of then, and"
    " what they are now is not migrated"
)


@dataclass(slots=True)
class FileBytes:
    """How much there is to upload, in bytes. The range is as wide as the files whose size nobody knows. ``fetches``:
    files to be had from the source."""

    least: int = 0
    most: int = 0
    fetches: int = 0


@dataclass(frozen=True, slots=True)
class _Known:
    entries: Mapping[str, LedgerEntry]
    creates: Mapping[str, tuple[OperationState, str]]
    verdicts: Mapping[str, Verdict]
    stamps: Mapping[str, Stamp]


class FilePlanner:
    """Plans the files of a few cases at a time. ``reads_files``: the source gives their bytes."""

    def __init__(self, store: Store, project: str, *, reads_files: bool) -> None:
        self._store = store
        self._project = project
        self._reads_files = reads_files
        self.bytes = FileBytes()

    def items(self, cases: Sequence[Mapped], views: Mapping[str, CaseView]) -> list[PlannedItem]:
        """Return the items of all files that the cases name. ``views``: cases in QA Sphere that the ledger does not
        know; their files are adopted by name, and entered here."""
        files = [(case, file) for case in cases for file in case.files]
        markers = [file.marker for _, file in files]
        known = _Known(
            self._store.ledger.entries(markers),
            self._store.journal.operation_states(markers, "create"),
            self._store.files.verdicts(markers),
            self._stamps([file for _, file in files]),
        )
        found: list[PlannedItem] = []
        for case, file in files:
            there = views.get(case.marker)
            same = next((stored for stored in there.files if stored.name == file.name), None) if there else None
            found.append(self._item(file, known, same))
        self._count([item.draft for item in found if isinstance(item.draft, FileDraft)])
        return found

    def held(self, cases: Iterable[tuple[Mapped, PlannedItem]]) -> list[PlannedItem]:
        """Return the files that are not to be uploaded, because their case is held."""
        held = [(case, _HELD_CASE[item.fate]) for case, item in cases if case.files and item.fate in _HELD_CASE]
        there = self._store.ledger.entries([file.marker for case, _ in held for file in case.files])
        return [
            without_write(_mapped(file), "blocked", f"its case {why}")
            for case, why in held
            for file in case.files
            if file.marker not in there
        ]

    def _item(self, file: FileDraft, known: _Known, same: StoredFile | None) -> PlannedItem:
        item = _mapped(file)
        entry, create = known.entries.get(file.marker), known.creates.get(file.marker)
        stamp = known.stamps.get(file.marker)
        if entry:
            return replace(without_write(self._changed(item, file, entry, stamp), "unchanged", ""), keeps_notes=True)
        if same and not create:
            self._store.files.put_stored(self._project, file.marker, same)
            if not same.size:
                item = noted(item, NoteCode.FILE_EMPTY, file.owner, NO_BYTES, file.name)
            return adopted(item, file, same.id, "its case lists a file of this name", stamp)
        if verdict := known.verdicts.get(file.marker):
            return without_write(item, "excluded", verdict.remark or "it cannot be had; a link stands in its place")
        if create == ("failed", file.digest):
            return without_write(item, "failed", "it failed before; `migrator retry --files` asks for it again")
        if not self._reads_files and not isinstance(file.content, FromText):
            item = noted(item, NoteCode.FILE_NOT_READ, file.owner, "the source is not asked for bytes", file.name)
            return without_write(item, "excluded", "the source is not asked for bytes")
        return to_create(item, Need(""), stamp)

    def _changed(self, item: Mapped, file: FileDraft, entry: LedgerEntry, stamp: Stamp | None) -> Mapped:
        """Return a file that is in QA Sphere with a note when the source's entry of it is another by now."""
        if stamp is None:
            return item
        if entry.stamp is None:
            # loaded by a version that did not look; what it is now is what the next change is told by
            self._store.ledger.restamp({file.marker: stamp})
        elif stamp.differs(entry.stamp):
            return noted(item, NoteCode.CHANGED_AT_SOURCE, "file", _REPLACED, file.name)
        return item

    def _stamps(self, files: Sequence[FileDraft]) -> Mapping[str, Stamp]:
        """Return what tells the files of the source from later ones under the same ids, by the files' markers. What
        people say of a file stands in texts, and is none of it."""
        of = {file.marker: file.content.marker for file in files if isinstance(file.content, FromAttachment)}
        read, raw = self._store.archive.get([*of.values()]), self._store.archive.raw_digests([*of.values()])
        return {
            marker: Stamp(_signs(entity), raw[source])
            for marker, source in of.items()
            if isinstance(entity := read.get(source), Attachment) and source in raw
        }

    def take_back(self, drafts: Sequence[FileDraft]) -> None:
        """Leave files out of the count that are not to be uploaded after all."""
        self._count(drafts, -1)

    def _count(self, drafts: Sequence[FileDraft], sign: int = 1) -> None:
        attached = [draft.content.marker for draft in drafts if isinstance(draft.content, FromAttachment)]
        entities = self._store.archive.get(attached)
        for draft in drafts:
            if isinstance(draft.content, FromText):
                least = most = len(draft.content.base64) * 3 // 4
            else:
                entity = entities.get(draft.marker)
                size = entity.size if isinstance(entity, Attachment) else None
                least, most = (0, FILE_BYTES) if size is None else (size, size)
            self.bytes.fetches += 0 if isinstance(draft.content, FromText) else sign
            self.bytes.least += sign * least
            self.bytes.most += sign * most


def _signs(entity: Attachment) -> str:
    return digest_of(
        [entity.title, entity.size, entity.media_type, str(entity.created_at), entity.extra.get("updated")]
    )


def is_made(file: FileDraft) -> bool:
    """Whether the file is no item of the source, such as one that holds the rest of a text."""
    return not isinstance(file.content, FromAttachment)


def _mapped(file: FileDraft) -> Mapped:
    return Mapped(file.marker, "file", file.name, "draft", file, made=is_made(file))
