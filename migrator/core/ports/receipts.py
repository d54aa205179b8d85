"""The port to a source that takes receipts."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Protocol

from migrator.core.ports.source import Memory
from migrator.core.refs import Ref


class ReceiptTarget(Protocol):
    """A source that takes receipts. Its calls raise ``TemporaryError``, ``AuthenticationError`` or ``Rejected``.

    It paces the calls; ``at_once`` owners at a time are enough to keep it busy.
    """

    @property
    def levels(self) -> Sequence[str]:
        """What a receipt can hang on, such as ``test``; the first is usual."""
        ...

    @property
    def at_once(self) -> int:
        """How many owners are worked on at the same time."""
        ...

    def owner(self, item: Ref, level: str) -> Ref | None:
        """Return what the receipt of an item hangs on at this level; None when nothing there takes files."""
        ...

    async def names(self, owner: Ref) -> Collection[str]:
        """Return the names of all files that hang on the owner; ``TemporaryError`` when that may not be all."""
        ...

    async def put(self, owner: Ref, name: str, file: Path, memory: Memory) -> None:
        """Hang a file on the owner. ``OutcomeUnknown`` when it may hang there now, or later."""
        ...

    def waiting_for(self) -> str:
        """Say in a few words what holds the calls up right now; empty when nothing does."""
        ...
