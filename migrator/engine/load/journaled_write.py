"""The steps of a write on disk: the intent before it leaves, the record after its answer. Each is a crash point."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from migrator.core.ports.destination import Hooks
from migrator.core.records import Operation
from migrator.engine.crash import reach
from migrator.engine.load.workers import NotStarted
from migrator.engine.stop import Stop
from state.journal import Journal


class Writes:
    """Brings the writes of one loader to disk. ``of``: how crash points name them, where they have a name of their own;
    ``stop``: once it is requested, nothing more leaves that still waits for its turn."""

    def __init__(self, journal: Journal, of: str = "", stop: Stop | None = None) -> None:
        self._journal = journal
        self._of = of
        self._stop = stop

    def hooks(self, operations: Sequence[Operation]) -> Hooks:
        """Return what to call around the request that sends the operations; it raises ``NotStarted`` after a stop."""

        async def intend() -> None:
            if self._stop and self._stop.requested():
                raise NotStarted
            reach("before_intent", self._of)
            self._journal.sending(operations, time.time())
            reach("after_intent", self._of)

        return Hooks(before_send=intend, sent=lambda: reach("sent", self._of))

    def answered(self) -> None:
        """The answer is there, and nothing of it on disk yet."""
        reach("answered", self._of)

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Bring what is recorded inside to disk in one transaction."""
        with self._journal.atomic():
            yield
            reach("before_ledger_commit", self._of)
        reach("after_ledger_commit", self._of)
