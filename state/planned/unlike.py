"""Which runs hold something that would be mapped otherwise today, and by which rules that was last looked at."""

from collections.abc import Sequence

from sqlite_utils import Database

from migrator.core.notes import Note, NoteCode
from migrator.core.records import Round
from migrator.core.refs import variant
from state.notes import add_notes

_RULES = "history rules of {}"


class Unlike:
    """Writes are committed when the method returns, or with a surrounding transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def rules(self, project: str) -> str:
        """Return the digest of the rules under which all results that were sent were last compared; empty at first."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", [_RULES.format(project)]).fetchone()
        return str(row[0]) if row else ""

    def put_rules(self, project: str, digest: str) -> None:
        """Record that they were."""
        self._db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [_RULES.format(project), digest])

    def is_noted(self, unit: str) -> bool:
        """Whether a run of a unit has such a note."""
        prefix = variant(unit, "")
        row = self._db.execute(
            "SELECT 1 FROM note WHERE code = ? AND (marker = ? OR marker >= ? AND marker < ?)",
            [NoteCode.STANDS_AS_SENT, unit, prefix, prefix + "\U0010ffff"],
        ).fetchone()
        return row is not None

    def put_notes(self, current: Round, notes: Sequence[Note]) -> None:
        """Add notes to runs that were planned in this round."""
        for note in notes:
            add_notes(self._db, current.project, note.marker, "plan", [note])
