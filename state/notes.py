"""Notes in the database. They are replaced as a set, per item and phase, so that a repeated phase adds nothing."""

from collections.abc import Sequence

from sqlite_utils import Database

from migrator.core.notes import Note
from migrator.core.redact import hidden


def put_notes(db: Database, project: str, marker: str, phase: str, notes: Sequence[Note]) -> None:
    """Replace the notes that a phase left on an item."""
    db.execute("DELETE FROM note WHERE marker = ? AND origin = ?", [marker, phase])
    add_notes(db, project, marker, phase, notes)


def add_notes(db: Database, project: str, marker: str, phase: str, notes: Sequence[Note]) -> None:
    """Add notes to those that there are."""
    for note in notes:
        db.execute(
            "INSERT INTO note (marker, project, code, field, original, message, origin) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [marker, project, note.code, note.field, hidden(note.original), hidden(note.message), phase],
        )
