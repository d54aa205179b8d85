"""Whether a workspace is a copy, put back from a backup or taken elsewhere, and perhaps older than the truth."""

import hashlib
import socket
from pathlib import Path

from sqlite_utils import Database

_KEY = "epoch"
_CARD = "card"


class Epoch:
    """Which file on which machine the database is. A copy is another file, whatever its name."""

    def __init__(self, db: Database, path: Path) -> None:
        self._db = db
        found = path.stat()
        self._here = f"{socket.gethostname()}:{found.st_dev}:{found.st_ino}"

    @property
    def is_copy(self) -> bool:
        """Whether nothing was loaded from this very file yet, though something was from another one."""
        return self._value(_KEY) not in ("", self._here)

    @property
    def name(self) -> str:
        """What this file is called where others can read it; the same each time, and another one for a copy."""
        return hashlib.sha256(self._here.encode()).hexdigest()[:8]

    def begin(self) -> None:
        """From now on this file is the one that counts."""
        self._put(_KEY, self._here)

    @property
    def leaves_card(self) -> bool:
        """Whether a load of this workspace may have left its card in QA Sphere."""
        return self._value(_CARD) != ""

    def put_card(self) -> None:
        """A card is about to be written."""
        self._put(_CARD, "stands")

    def take_card(self) -> None:
        """It is gone."""
        self._put(_CARD, "")

    def _value(self, key: str) -> str:
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
        return row[0] if row else ""

    def _put(self, key: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [key, value])
