"""What the engine asks of the ledger: what is in QA Sphere, by marker."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from migrator.core.model import ItemKind
from migrator.core.store import Base, Holding, LedgerEntry


class Ledger(Protocol):
    """What is in QA Sphere, by marker."""

    def entries(self, markers: Sequence[str]) -> Mapping[str, LedgerEntry]:
        """Return the entries there are."""
        ...

    def holdings(self, markers: Sequence[str]) -> Mapping[str, Holding]:
        """Return the entries with draft and base."""
        ...

    def by_ids(self, project: str, kind: ItemKind, ids: Sequence[str]) -> Mapping[str, Holding]:
        """Return QA Sphere's id → holding."""
        ...

    def each(self, project: str, kind: ItemKind) -> Iterator[Holding]:
        """Yield all holdings of a kind; memory stays flat."""
        ...

    def count(self, project: str, kind: ItemKind) -> int:
        """Return how many items of a kind are in QA Sphere."""
        ...

    def put(self, project: str, holding: Holding) -> None:
        """Enter or replace an item."""
        ...

    def unsettled(self, project: str, kind: ItemKind) -> Iterator[Holding]:
        """Yield the holdings that wish for more than was written."""
        ...

    def unread(self, project: str) -> tuple[int, int]:
        """Return how many cases wait to be read back, and the lowest number among them."""
        ...

    def read_back(self, holding: Holding, base: Base) -> None:
        """Record what a case that was waiting looks like."""
        ...
