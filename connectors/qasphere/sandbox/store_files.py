"""Uploaded files: their bytes lie in memory while they are few, and on disk otherwise."""

import hashlib
import mimetypes
import shutil
import tempfile
import weakref
from dataclasses import dataclass, field
from pathlib import Path

from connectors.qasphere.sandbox.store_cases import now

_IN_MEMORY = 256 * 1024


@dataclass(slots=True)
class StoredFile:
    """A file (§3.15). ``name`` and ``sha256`` are for tests; the server shows neither (A-39). ``path`` None: the bytes
    are in ``kept``."""

    id: str
    name: str
    size: int
    sha256: str
    kept: bytes
    path: Path | None
    created_at: str = field(default_factory=now)

    @property
    def mime_type(self) -> str:
        """What the server takes it for, whatever was sent; SQL came as text (§3.15)."""
        guessed = "text/plain" if self.name.endswith(".sql") else mimetypes.guess_type(self.name)[0]
        return guessed or "application/octet-stream"

    @property
    def content(self) -> bytes:
        """All bytes."""
        return self.kept if self.path is None else self.path.read_bytes()


class Spool:
    """A folder for large files, made when the first one comes and removed with the last user of the spool."""

    def __init__(self) -> None:
        self._folder: Path | None = None

    def path(self, name: str) -> Path:
        """Return where a file of this name goes."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="stand-in-files-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder / name


class Arriving:
    """A file while it arrives; ``finished`` or ``dropped`` ends it."""

    def __init__(self, ident: str, name: str, spool: Spool) -> None:
        self.size = 0
        self._ident = ident
        self._name = name
        self._spool = spool
        self._digest = hashlib.sha256()
        self._kept = bytearray()
        self._path: Path | None = None

    def add(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self.size += len(chunk)
        self._digest.update(chunk)
        self._kept += chunk
        if self.size > _IN_MEMORY:
            self._flush()

    def _flush(self) -> None:
        if self._path is None:
            self._path = self._spool.path(self._ident)
        with self._path.open("ab") as file:
            file.write(self._kept)
        self._kept.clear()

    def finished(self) -> StoredFile:
        """Return the file, whole."""
        digest = self._digest.hexdigest()
        return StoredFile(self._ident, self._name, self.size, digest, bytes(self._kept), self._path)

    def dropped(self) -> None:
        """Forget it."""
        if self._path:
            self._path.unlink(missing_ok=True)
