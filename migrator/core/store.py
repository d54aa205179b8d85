"""What the engine asks of the workspace: the archive of what was extracted, and the journal of what is written.

Nothing here awaits: SQLite commits in a fraction of a millisecond, and a commit right after an answer must not give
way to anything else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from migrator.core.drafts import AnyDraft
from migrator.core.model import Entity, ItemKind
from migrator.core.notes import Note
from migrator.core.ports import Created, Record

Phase = Literal["extract", "plan", "load", "done"]
Fate = Literal[
    "migrated", "updated", "adopted", "unchanged", "conflict", "folded", "archived", "excluded", "blocked", "gone",
    "failed", "unknown", "pending",
]  # fmt: skip
OperationState = Literal["planned", "sending", "done", "failed", "unknown", "blocked"]

E = TypeVar("E", bound=Entity)


@dataclass(frozen=True, slots=True)
class Round:
    """One pass over a project: extract, plan, load. An unfinished one is continued, never restarted."""

    id: int
    project: str
    phase: Phase


@dataclass(frozen=True, slots=True)
class StreamState:
    """How far a stream was read in this round. ``sweep`` 2: the list moved while it was read, and is read again."""

    cursor: str | None
    done: bool
    sweep: int


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A source item that is in QA Sphere: its id there, its number for cases, and the digest of what was sent."""

    marker: str
    kind: ItemKind
    id: str
    seq: int | None
    digest: str


@dataclass(frozen=True, slots=True)
class FoundCase:
    """A case of QA Sphere that carries one of our markers, with a digest of each field."""

    marker: str
    id: str
    seq: int
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Operation:
    """One write to QA Sphere. Operations of a ``lane`` go in the order of ``position``.

    ``seq_floor``: the highest case number known when it was sent. ``keyed``: it was sent with its marker in the custom
    field. ``alive_at``: when its request was last alive, in
    seconds since the epoch. ``lookups``: how often it was looked up since.
    """

    id: int
    project: str
    marker: str
    kind: ItemKind
    lane: str
    position: int
    state: OperationState
    draft: AnyDraft
    title: str
    seq_floor: int = 0
    alive_at: float = 0.0
    lookups: int = 0
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """A source item with its fate and, when something has to be written, the draft and its place in the order.

    ``made``: not extracted but needed, such as the folder that holds everything. ``need``: the marker that must be
    in QA Sphere first; it is the operation's lane as well.
    """

    marker: str
    kind: ItemKind
    title: str
    fate: Fate
    reason: str = ""
    draft: AnyDraft | None = None
    need: str = ""
    made: bool = False
    notes: tuple[Note, ...] = ()


class Archive(Protocol):
    """Everything extracted, with the vendor's untouched JSON."""

    def stream_state(self, current: Round, stream: str) -> StreamState:
        """Return how far the stream was read."""
        ...

    def store_page(
        self, current: Round, stream: str, records: Sequence[Record], next_cursor: str | None, total: int | None
    ) -> None:
        """Store the records and the cursor behind them in one transaction."""
        ...

    def start_second_sweep(self, current: Round, stream: str) -> None:
        """Read the stream again from its beginning; what the first sweep saw stays."""
        ...

    def finish_stream(self, current: Round, stream: str) -> None:
        """Mark the stream as read."""
        ...

    def distinct_in_sweep(self, current: Round, stream: str) -> tuple[int, int | None]:
        """Return how many different items the present sweep saw, and how many the server claimed last."""
        ...

    def entities(self, current: Round, kind: type[E]) -> Iterator[E]:
        """Yield the round's entities of one kind, in the order of extraction."""
        ...

    def parents_of_cases(self, current: Round) -> Mapping[str, str | None]:
        """Return the folder markers that cases name, with the folder's name if a case knows it."""
        ...

    def count(self, current: Round, kind: ItemKind | None = None) -> int:
        """Return how many entities the round holds, of one kind or of all."""
        ...

    def project_marker(self, current: Round) -> str:
        """Return the marker of the round's project."""
        ...

    def put_notes(self, current: Round, marker: str, notes: Sequence[Note]) -> None:
        """Replace the notes that extraction left on an item."""
        ...


class Journal(Protocol):
    """The books: rounds, items and their fates, operations and their states, the ledger of what is in QA Sphere."""

    def atomic(self) -> AbstractContextManager[object]:
        """Group what is written inside into one transaction."""
        ...

    def unfinished_round(self, project: str) -> Round | None:
        """Return the round that was interrupted, if any."""
        ...

    def begin_round(self, project: str) -> Round:
        """Begin a new round."""
        ...

    def enter(self, current: Round, phase: Phase) -> Round:
        """Record the next phase and return the round in it."""
        ...

    def put_items(self, current: Round, items: Iterable[PlannedItem]) -> None:
        """Store items, notes and operations in one transaction. An operation that already exists is not doubled."""
        ...

    def ledger(self, markers: Sequence[str]) -> Mapping[str, LedgerEntry]:
        """Return the entries there are."""
        ...

    def ledger_count(self, project: str, kind: ItemKind) -> int:
        """Return how many items of a kind are known to be in QA Sphere."""
        ...

    def forget_found(self, project: str) -> None:
        """Forget what ``put_found`` remembered of the project."""
        ...

    def put_found(self, project: str, found: Sequence[FoundCase]) -> None:
        """Remember cases of QA Sphere that carry our markers; of two with one marker the lower number counts."""
        ...

    def found(self, markers: Sequence[str]) -> Mapping[str, FoundCase]:
        """Return the cases of QA Sphere with these markers, as far as ``put_found`` saw them."""
        ...

    def operation_states(self, markers: Sequence[str]) -> Mapping[str, tuple[OperationState, str]]:
        """Return state and draft digest of the operations there are."""
        ...

    def adopt(self, project: str, entry: LedgerEntry) -> None:
        """Enter an item that is in QA Sphere already."""
        ...

    def recover(self, project: str, now: float) -> int:
        """Turn every ``sending`` left by a dead process into ``unknown``, alive until ``now``; return how many."""
        ...

    def lanes(self, project: str, kind: ItemKind) -> Sequence[str]:
        """Return the lanes with operations that are planned or unknown, in order."""
        ...

    def next_operations(self, project: str, kind: ItemKind, lane: str, after: int, limit: int) -> Sequence[Operation]:
        """Return the next planned operations of a lane behind position ``after``."""
        ...

    def planned(self, project: str, kind: ItemKind, limit: int) -> Sequence[Operation]:
        """Return the next planned operations of a kind, whatever their lane."""
        ...

    def unknown(self, project: str, kind: ItemKind) -> Sequence[Operation]:
        """Return the operations in doubt."""
        ...

    def first_done(self, project: str, kind: ItemKind) -> tuple[Operation, LedgerEntry] | None:
        """Return an operation that took effect, with what came of it."""
        ...

    def open_count(self, project: str, kind: ItemKind) -> int:
        """Return how many operations of a kind are not settled yet."""
        ...

    def sending(self, operations: Sequence[Operation], now: float, *, seq_floor: int = 0, keyed: bool = False) -> None:
        """Record the intent; on disk when this returns. ``BooksDoNotBalance`` for an operation that is settled."""
        ...

    def done(self, operation: Operation, created: Created, fate: Fate) -> None:
        """Record that the operation took effect, in operation, item and ledger."""
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

    def block(self, project: str, need: str, cause: str) -> int:
        """Block every planned operation that needs ``need``, directly or not; return how many."""
        ...

    def canary_passed(self, project: str, kind: ItemKind) -> bool:
        """Whether the first object of this kind was read back and found equal."""
        ...

    def pass_canary(self, project: str, kind: ItemKind, marker: str) -> None:
        """Record it."""
        ...

    def imbalance(self, project: str) -> str:
        """Return in words where extracted items, fates and operations do not add up; empty when they do."""
        ...
