"""Where files lie between the source and QA Sphere: a folder with a budget, one file per different content."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import anyio

from migrator.core.ports.source import FileSource


@dataclass(frozen=True, slots=True)
class FileRoute:
    """How files travel.

    Args:
        source: None means it gives no bytes.
        at_once: how many it is asked for side by side.
        waiting_for: says what holds the source up.
    """

    source: FileSource | None
    spool: "Spool"
    at_once: int
    waiting_for: Callable[[], str] = str


@dataclass(slots=True)
class Spool:
    """Files on their way. ``budget`` in bytes: when they hold as much, no further one is begun.

    File names are digests and numbers of ours; no name of the source is ever part of a path.

    Args:
        archive: where copies stay for good.
        keeps: every file that is not needed on its way any more goes there.
    """

    folder: Path
    budget: int
    archive: Path
    keeps: bool = False
    _used: int = field(default=0, init=False)
    _freed: anyio.Event = field(default_factory=anyio.Event, init=False)

    def prepare(self) -> None:
        """Make the folder and remove what a dead process left half done."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in self.folder.iterdir():
            if len(path.name) == 64:
                self._used += path.stat().st_size
            else:
                path.unlink()

    def incoming(self, number: int) -> Path:
        """Return where a file may be written while its digest is not known."""
        return self.folder / f"incoming-{number}"

    def path(self, sha256: str) -> Path:
        """Return where the file of this digest lies."""
        return self.folder / sha256

    def find(self, sha256: str, size: int) -> Path | None:
        """Return the whole file of this digest, from the spool or from what is kept."""
        for path in (self.path(sha256), self._archived(sha256)):
            if path.is_file() and path.stat().st_size == size:
                return path
        return None

    async def room(self) -> None:
        """Return when there is room for one more file. The budget may be passed by the files under way."""
        while self._used >= self.budget:
            await self._freed.wait()

    def take_in(self, incoming: Path, sha256: str, size: int) -> None:
        """Keep an incoming file under its digest; the same bytes need room once."""
        if self.path(sha256).exists():
            incoming.unlink()
            return
        incoming.replace(self.path(sha256))
        self._used += size

    def remove(self, sha256: str) -> None:
        """The file is not needed here any more."""
        path = self.path(sha256)
        if not path.exists():
            return
        self._used -= path.stat().st_size
        if self.keeps:
            archived = self._archived(sha256)
            archived.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, archived)
        else:
            path.unlink()
        self._freed.set()
        self._freed = anyio.Event()

    def _archived(self, sha256: str) -> Path:
        return self.archive / sha256[:2] / sha256
