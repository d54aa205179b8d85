"""What a source remembers of one slow transfer, for the next process."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlite_utils import Database

from state.disk import Disk


@dataclass(frozen=True, slots=True)
class StoredMemory:
    """Implements ``Memory`` by two statements, which get ``key``; the second one also ``text``."""

    db: Database
    read: str
    write: str
    key: Mapping[str, str]
    disk: Disk

    def recall(self) -> str | None:
        """Return what was kept last."""
        row = self.db.execute(self.read, dict(self.key)).fetchone()
        return row[0] if row else None

    def keep(self, text: str | None) -> None:
        """Keep it; None forgets."""
        self.db.execute(self.write, {**self.key, "text": text})
        self.disk.flush()
