"""Notes on what reading a row has lost, beside what its reader says."""

from dataclasses import replace
from typing import Any

from connectors.qacomplete.convert.cases import Converter
from connectors.qacomplete.convert.dates import unread_dates
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.source import Record


def with_date_notes(convert: Converter, record: Record, row: dict[str, Any]) -> Record:
    """Return the record with a note on each date of its row that cannot be read."""
    unread = unread_dates(row, convert.zone)
    notes = [
        Note(code=NoteCode.DATE_UNREADABLE, marker=record.entity.ref.marker, field=name, original=text)
        for name, text in unread.items()
    ]
    return replace(record, notes=(*record.notes, *notes)) if notes else record


def is_incomplete(record: Record) -> bool:
    """Return whether reading again might bring more; a date that cannot be read will not change."""
    return any(note.code != NoteCode.DATE_UNREADABLE for note in record.notes)
