"""Receipts: small pages that tell people at the source where an item went. The only thing ever written to a source."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from migrator.core.ports_source import Memory
from migrator.core.refs import Ref

PREFIX = "qasphere-receipt-"
"""What the names of receipts begin with, in any case; sources leave such files out of everything that they read."""

ReceiptState = Literal["sending", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Moved:
    """A source item that is in QA Sphere: ``id`` and number ``seq`` there, written at ``at`` (epoch seconds)."""

    ref: Ref
    title: str
    id: str
    seq: int
    at: float


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt that was begun. ``alive_at``: when its request may last have been under way, in epoch seconds.

    ``looks``: how often it was looked for in vain since. ``sending``: it may hang there, now or in a minute.
    """

    owner: str
    name: str
    state: ReceiptState
    alive_at: float
    looks: int = 0
    cause: str = ""


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


class ReceiptBook(Protocol):
    """What the workspace knows of receipts. Writes are on disk when a method returns."""

    def moved(self, project: str) -> Iterator[Moved]:
        """Yield every case of the project that is in QA Sphere; memory stays flat."""
        ...

    def forget_owners(self, project: str) -> None:
        """Forget what hangs on what."""
        ...

    def assign(self, project: str, owned: Sequence[tuple[Ref, Moved]]) -> None:
        """Record which owner's receipt tells of which item."""
        ...

    def count(self, project: str) -> int:
        """Return how many owners there are."""
        ...

    def owners(self, project: str) -> Iterator[Ref]:
        """Yield each owner; memory stays flat."""
        ...

    def items(self, project: str, owner: Ref) -> Sequence[Moved]:
        """Return what the receipt of an owner tells of, by number."""
        ...

    def receipts(self, owner: str) -> Sequence[Receipt]:
        """Return the receipts of an owner (its marker), oldest first."""
        ...

    def put(self, receipt: Receipt) -> None:
        """Record how a receipt stands."""
        ...

    def memory(self, owner: str, name: str) -> Memory:
        """Return what the source may remember of sending it."""
        ...

    def wake(self, now: float) -> None:
        """After a start: what was being sent when the last process ended may have been alive until now."""
        ...
