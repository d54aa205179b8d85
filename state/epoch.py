"""Whether a workspace is a copy, put back from a backup or taken elsewhere, and perhaps older than the truth."""

import hashlib
import socket
from pathlib import Path

from sqlite_utils import Database

_KEY = "epoch"


class Epoch:
    """Which file on which machine the database is. A copy is another file, whatever its name."""

    def __init__(self, db: Database, path: Path) -> None:
        self._db = db
        found = path.stat()
        self._here = f"{socket.gethostname()}:{found.st_dev}:{found.st_ino}"

    @property
    def is_copy(self) -> bool:
        """Whether nothing was loaded from this very file yet, though something was from another one."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", [_KEY]).fetchone()
        return row is not None and row[0] != self._here

    @property
    def name(self) -> str:
        """What this file is called where others can read it; the same each time, and another one for a copy."""
        return hashlib.sha256(self._here.encode()).hexdigest()[:8]

    def begin(self) -> None:
        """From now on this file is the one that counts."""
        self._db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [_KEY, self._here])
