"""What the engine asks of the journal: rounds, items and their fates, operations and their states."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from migrator.core.drafts import AnyDraft
from migrator.core.model import ItemKind
from migrator.core.notes import Note
from migrator.core.ports import Created
from migrator.core.store import (
    Base,
    Canary,
    Fate,
    Holding,
    Operation,
    OperationState,
    Phase,
    PlannedItem,
    Round,
    Verb,
)


class Journal(Protocol):
    """The books: rounds, items and their fates, operations and their states."""

    def atomic(self) -> AbstractContextManager[object]:
        """Group what is written inside into one transaction."""
        ...

    def unfinished_round(self, project: str) -> Round | None:
        """Return the round that was interrupted while it extracted, planned or loaded, if any."""
        ...

    def begin_round(self, project: str, reading: int | None = None) -> Round:
        """Begin a new round; one that waited to be applied is dropped. ``reading``: what it builds on, None to read
        everything."""
        ...

    def enter(self, current: Round, phase: Phase, *, mapper: str | None = None) -> Round:
        """Record the next phase, and the rules it was planned with, and return the round in it."""
        ...

    def put_items(self, current: Round, items: Iterable[PlannedItem]) -> None:
        """Store items, notes, operations and holdings in one transaction.

        An operation that already exists is not doubled; one that is not needed any more is withdrawn, unless it may
        have had an effect.
        """
        ...

    def fold(self, current: Round, reasons: Mapping[str, str]) -> None:
        """Record of items (by marker) that only the archive would have kept that they stand in another item, and in
        which one."""
        ...

    def withdraw_old(self, current: Round) -> int:
        """Withdraw operations that were planned in earlier rounds for items that the source has not any more."""
        ...

    def operation_states(self, markers: Sequence[str], verb: Verb) -> Mapping[str, tuple[OperationState, str]]:
        """Return state and draft digest of the operations there are."""
        ...

    def planned_counts(self, project: str) -> Mapping[tuple[ItemKind, Verb], int]:
        """Return how many operations are not settled yet, by kind and verb."""
        ...

    def planned_among(self, project: str, markers: Sequence[str]) -> Mapping[str, Verb]:
        """Return which of these markers have a planned operation."""
        ...

    def planned_items(self, current: Round, markers: Sequence[str]) -> Collection[str]:
        """Return which of these have a fate in this round already."""
        ...

    def planned_titles(self, project: str, titles: Sequence[str]) -> Sequence[tuple[str, str, str]]:
        """Return title, marker and lane of the creates of cases that are planned under one of these titles."""
        ...

    def recover(self, project: str, now: float) -> int:
        """Turn every ``sending`` left by a dead process into ``unknown``, alive until ``now``; return how many."""
        ...

    def lanes(self, project: str, kind: ItemKind) -> Sequence[str]:
        """Return the lanes with creates that are planned or unknown, in order."""
        ...

    def next_operations(self, project: str, kind: ItemKind, lane: str, after: int, limit: int) -> Sequence[Operation]:
        """Return the next planned creates of a lane behind position ``after``."""
        ...

    def planned(
        self, project: str, kind: ItemKind, limit: int, *, verb: Verb = "create", after: int = -1
    ) -> Sequence[Operation]:
        """Return the next planned operations of a kind behind position ``after``, whatever their lane."""
        ...

    def unknown(self, project: str, kind: ItemKind, *, verb: Verb = "create") -> Sequence[Operation]:
        """Return the operations in doubt."""
        ...

    def first_done(self, project: str, kind: ItemKind) -> Holding | None:
        """Return an item whose create took effect."""
        ...

    def open_count(self, project: str, kind: ItemKind, *, verb: Verb = "create") -> int:
        """Return how many operations of a kind are not settled yet."""
        ...

    def sending(self, operations: Sequence[Operation], now: float, *, seq_floor: int = 0, keyed: bool = False) -> None:
        """Record the intent; on disk when this returns. ``BooksDoNotBalance`` for an operation that is settled."""
        ...

    def done(
        self,
        operation: Operation,
        created: Created,
        fate: Fate,
        base: Base | None = None,
        *,
        written: AnyDraft | None = None,
    ) -> None:
        """Record that the operation took effect, in operation, item and ledger. Cases without a ``base`` are to be
        read back. ``written``: what was sent, when that is not the operation's draft."""
        ...

    def failed(self, operation: Operation, cause: str) -> None:
        """Record that the operation certainly had no effect and will not be tried again by itself."""
        ...

    def in_doubt(self, operation: Operation, now: float, cause: str) -> None:
        """Record that the operation may have had an effect; ``now``: when its request was last alive."""
        ...

    def looked_up(self, operation: Operation) -> None:
        """Count a look-up that did not find it."""
        ...

    def planned_again(self, operation: Operation) -> None:
        """Record that the operation certainly had no effect and is to be sent (again)."""
        ...

    def put_update(self, current: Round, holding: Holding, draft: AnyDraft, reason: str) -> None:
        """Plan an update of an item beside what the plan says of it; its lane keeps the fate that the item has now."""
        ...

    def given_up(self, operation: Operation, fate: Fate, reason: str) -> None:
        """Record that there is nothing to send any more, and what became of the item instead."""
        ...

    def block(self, project: str, need: str, cause: str) -> int:
        """Block every planned operation that needs ``need``, directly or not; return how many."""
        ...

    def canary_passed(self, project: str, kind: Canary) -> bool:
        """Whether the first object of this kind was read back and found equal."""
        ...

    def pass_canary(self, project: str, kind: Canary, marker: str) -> None:
        """Record it."""
        ...

    def put_notes(self, project: str, marker: str, notes: Sequence[Note]) -> None:
        """Replace the notes that loading left on an item."""
        ...

    def foretell(self, project: str, marker: str, notes: Sequence[Note]) -> None:
        """Record what is about to be lost; replaces what was foretold of the item before."""
        ...

    def fulfil(self, marker: str) -> None:
        """Record that what was foretold has happened: the notes stay for good, in place of what the plan said."""
        ...

    def imbalance(self, project: str) -> str:
        """Return in words where extracted items, fates and operations do not add up; empty when they do."""
        ...
