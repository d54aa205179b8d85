"""When what was committed is on disk: one flush for all who ask at the same time.

SQLite does not flush its log at every commit here (``open_database``). A process that dies loses nothing by that; a
power cut may take the last commits, in their order, never one from the middle. So whoever lets something leave waits
first until all that was committed before is on disk.
"""

import os
from pathlib import Path

import anyio
import anyio.to_thread

from migrator.core.errors import StorageFull


class Disk:
    """Flushes the log of one database."""

    def __init__(self, database: Path) -> None:
        self._log = database.with_name(f"{database.name}-wal")
        self._one_at_a_time = anyio.Lock()
        self._begun = 0
        self._failure: StorageFull | None = None

    async def flushed(self) -> None:
        """Return when all that was committed before this call is on disk. Raises like ``flush``."""
        begun = self._begun
        async with self._one_at_a_time:
            # one that began after this call has also ended by now
            if self._failure or self._begun == begun:
                self._begun += 1
                await anyio.to_thread.run_sync(self.flush)

    def flush(self) -> None:
        """Do the same, and hold everything up meanwhile.

        Raises ``StorageFull`` when the disk refuses, and from then on: the system forgets what it could not write.
        """
        if self._failure:
            raise self._failure
        try:
            log = os.open(self._log, os.O_RDWR)
            try:
                os.fsync(log)
            finally:
                os.close(log)
        except FileNotFoundError:  # another kind of journal, which SQLite flushes itself
            return
        except OSError as error:
            self._failure = StorageFull(
                f"cannot write {self._log}",
                cause=str(error),
                next_step="free some space and check the disk, then run the same command again",
            )
            raise self._failure from error
