"""A file that is there whole or not at all."""

import errno
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from anyio import to_thread

from migrator.core.errors import ContentTrouble, MigratorError, StorageFull
from migrator.core.ports.source import Content

_FULL = {errno.ENOSPC, errno.EDQUOT}


class PartFile:
    """Takes bytes, counts and hashes them; ``ContentTrouble`` for more than ``max_bytes``."""

    def __init__(self, file: BinaryIO, name: str, max_bytes: int) -> None:
        self._file = file
        self._name = name
        self._max_bytes = max_bytes
        self._digest = hashlib.sha256()
        self._size = 0

    async def write(self, data: bytes) -> None:
        """Add these bytes."""
        self._size += len(data)
        if self._size > self._max_bytes:
            raise ContentTrouble(f"{self._name} is larger than {self._max_bytes} bytes", "too_large")
        self._digest.update(data)
        await self._safely(lambda: self._file.write(data))

    async def end(self) -> None:
        """Give everything to the disk."""
        await self._safely(self._file.flush)

    async def _safely(self, work: Callable[[], object]) -> None:
        try:
            await to_thread.run_sync(work)
        except OSError as error:
            raise _cannot_write(self._name, error) from error

    def content(self, media_type: str = "") -> Content:
        """Return what was written so far."""
        return Content(self._size, self._digest.hexdigest(), media_type)


@asynccontextmanager
async def part_file(target: Path, name: str, max_bytes: int) -> AsyncIterator[PartFile]:
    """Write a file: ``target`` is there when the block has ended well, and untouched otherwise.

    ``StorageFull`` on a full disk, ``MigratorError`` when the file cannot be written.
    """
    unfinished = target.with_name(f"{target.name}.part")
    try:
        # opened here and not in a thread: a time-out while the thread opens it would leave it open
        file = unfinished.open("wb")
    except OSError as error:
        raise _cannot_write(name, error) from error
    try:
        with file:
            part = PartFile(file, name, max_bytes)
            yield part
            await part.end()
        unfinished.replace(target)
    except BaseException:
        discard(unfinished)
        raise


def discard(path: Path) -> None:
    """Remove a file, if it is there."""
    with suppress(OSError):
        path.unlink()


def _cannot_write(name: str, error: OSError) -> MigratorError:
    kind = StorageFull if error.errno in _FULL else MigratorError
    way_out = "free space or check the folder, then run again"
    return kind(f"cannot write what arrives of {name}", cause=str(error), next_step=way_out)
