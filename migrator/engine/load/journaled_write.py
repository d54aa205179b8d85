"""The steps of a write on disk: the intent before it leaves, the record after its answer. Each is a crash point.

Tests kill the process exactly there: ``MIGRATOR_CRASH_AT=answered:37`` ends it with SIGKILL when the point ``answered``
is reached for the 37th time, ``result.answered:2`` when results reach it for the second time. Without the variable a
point costs a comparison.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from migrator.core.ports.destination import Hooks
from migrator.core.records import Operation
from migrator.engine.load.workers import NotStarted
from migrator.engine.stop import Stop
from state.sent.journal import Journal

VARIABLE = "MIGRATOR_CRASH_AT"
POINTS = (
    "before_intent",
    "after_intent",
    "intent_on_disk",
    "sent",
    "answered",
    "before_ledger_commit",
    "after_ledger_commit",
)
RECEIPT_POINTS = ("receipt_intent", "receipt_listed", "receipt_answered")

_reached: Counter[str] = Counter()
_target, _, _count = os.environ.get(VARIABLE, "").partition(":")


def reach(point: str, of: str = "") -> None:
    """Note that the point was reached, by a write ``of`` a kind; die here if the environment says so."""
    if not _target or _target not in (point, f"{of}.{point}"):
        return
    _reached[_target] += 1
    if _reached[_target] >= int(_count or 1):
        os.kill(os.getpid(), signal.SIGKILL)


class JournaledWrite:
    """Brings the writes of one loader to disk."""

    def __init__(self, journal: Journal, of: str = "", stop: Stop | None = None) -> None:
        """Take the journal.

        Args:
            journal: Where intents and outcomes are recorded.
            of: How crash points name these writes, where they have a name of their own.
            stop: Once it is requested, nothing leaves that still waits for its turn.
        """
        self._journal = journal
        self._of = of
        self._stop = stop

    def hooks(self, operations: Sequence[Operation], record: Callable[[], None] | None = None) -> Hooks:
        """Return what to call around the request that sends the operations; it raises ``NotStarted`` after a stop.

        ``record`` brings the intent to disk where there is more to it than that these operations are sent now.
        """

        async def intend() -> None:
            if self._stop and self._stop.requested():
                raise NotStarted  # on disk it is planned
            reach("before_intent", self._of)
            if record:
                record()
            else:
                self._journal.sending(operations, time.time())
            reach("after_intent", self._of)
            await self._journal.disk.flushed()
            reach("intent_on_disk", self._of)

        return Hooks(before_send=intend, sent=lambda: reach("sent", self._of))

    @contextmanager
    def recorded(self, *, answered: bool = True) -> Iterator[None]:
        """Bring what is recorded inside to disk in one transaction.

        ``answered``: it was told by the answer to the request, of which nothing is on disk yet.
        """
        if answered:
            reach("answered", self._of)
        with self._journal.atomic():
            yield
            reach("before_ledger_commit", self._of)
        reach("after_ledger_commit", self._of)
