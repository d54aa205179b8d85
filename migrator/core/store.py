"""What the engine asks of the workspace: the archive of what was extracted, the journal of what is written, the ledger
of what is in QA Sphere, and what the last look at a project saw.

Nothing here awaits: SQLite commits in a fraction of a millisecond, and a commit right after an answer must not give
way to anything else.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypeVar

from migrator.core.drafts import AnyDraft
from migrator.core.model import AnyEntity, Entity, ItemKind, TestCase
from migrator.core.notes import Note
from migrator.core.ports import Around, CaseView, Created, StoredFile
from migrator.core.ports_source import Earlier, Memory, SourcePage
from migrator.core.store_history import History
from migrator.core.store_standing import Grounds, Standing

Phase = Literal["extract", "plan", "planned", "load", "done", "dropped"]
Fate = Literal[
    "migrated", "updated", "adopted", "unchanged", "conflict", "folded", "archived", "excluded", "blocked", "gone",
    "failed", "unknown", "pending",
]  # fmt: skip
OperationState = Literal["planned", "sending", "done", "failed", "unknown", "blocked"]
Verb = Literal["create", "update", "close"]
Action = Literal["", "create", "update", "keep", "remap", "suspect", "no_base"]
"""What a plan says of an item besides its fate."""
Look = Literal["plan", "verify"]
Canary = ItemKind | Literal["case_files"]
"""What is read back once before more of it is sent: the first of a kind, and the first case that lists files."""

E = TypeVar("E", bound=Entity)


@dataclass(frozen=True, slots=True)
class Round:
    """One pass over a project: extract, plan, load. An unfinished one is continued, never restarted.

    ``planned``: waits to be applied. ``dropped``: a newer plan took its place. ``reading``: the id of the round that
    has read everything, and of whose reading this one changes what has changed since; its own when it reads everything
    itself. ``mapper``: digest of the rules that it was planned with.
    """

    id: int
    project: str
    phase: Phase
    reading: int
    mapper: str = ""

    @property
    def reads_everything(self) -> bool:
        """Whether it does not build on the reading of an earlier round."""
        return self.reading == self.id


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading of everything that was planned from. ``round``: its id; ``began``: in seconds since the epoch;
    ``manner``: digest of what decided how it was read."""

    round: int
    began: float
    manner: str


@dataclass(frozen=True, slots=True)
class StreamState:
    """How far a stream was read in this round. ``sweep`` 2: the list moved while it was read, and is read again."""

    cursor: str | None
    done: bool
    sweep: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """Digests of an item at the source: of the entity, and of the vendor's own JSON.

    Only when both differ has the source changed: a newer version of this program may read more out of the same JSON,
    and the vendor may count in its JSON what no entity holds.
    """

    entity: str
    raw: str

    def differs(self, other: "Stamp") -> bool:
        """Whether the source has changed between the two."""
        return self.entity != other.entity and self.raw != other.raw


@dataclass(frozen=True, slots=True)
class Extracted(Generic[E]):
    """An entity with its stamp."""

    entity: E
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Surrounded(Generic[E]):
    """An entity with what hangs on it, and a stamp that covers both: that of the entity alone when nothing does.
    ``addresses``: those in all these texts, as the source lists its cases."""

    entity: E
    around: Around
    stamp: Stamp
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Base:
    """What QA Sphere held after our last write, as it was read back: a fingerprint per field, and the version.

    ``edited``: fingerprints of fields that others had changed before our last write and that we left alone.
    """

    fields: Mapping[str, Any]
    version: int | None = None
    edited: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A source item that is in QA Sphere: its id there, its number for cases, and the digest of what it holds.

    ``stamp``: the source item as it was then, None when unknown. ``is_based``: there is a base to merge with.
    ``is_settled``: everything that it names was there when it was written.
    """

    marker: str
    kind: ItemKind
    id: str
    seq: int | None
    digest: str
    stamp: Stamp | None = None
    is_based: bool = False
    is_settled: bool = True


@dataclass(frozen=True, slots=True)
class Holding:
    """What QA Sphere was made to hold for an item. ``base`` None: never read back, or found and not like the draft.

    ``wished``: what it is to hold once the files and cases that it names have arrived, None when nothing is missing;
    the entry's digest is that of what is wished.
    """

    entry: LedgerEntry
    draft: AnyDraft
    base: Base | None
    wished: AnyDraft | None = None


@dataclass(frozen=True, slots=True)
class SeenCase:
    """A case of QA Sphere as the last look saw it. ``marker`` empty: it carries none; it is listed once per marker."""

    id: str
    seq: int
    marker: str
    folder_id: int
    title: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One write to QA Sphere. Creates of a ``lane`` go in the order of ``position``.

    ``seq_floor``: the highest case number known when it was sent. ``keyed``: it was sent with its marker in the custom
    field. ``alive_at``: when its request was last alive, in seconds since the epoch. ``lookups``: how often it was
    looked up since.
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
    verb: Verb = "create"
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """A source item with its fate and, when something has to be written, the draft and its place in the order.

    ``made``: not extracted but needed, such as the folder that holds everything. ``need``: the marker that must be
    in QA Sphere first; it is the operation's lane as well. ``holding``: what the ledger has to say of it from now on.
    ``wanted``: what the source would have it be, for an item that is held back; reports show it. ``grounds``: what it
    was planned on, for a case whose notes are those of its mapping alone.
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
    action: Action = ""
    verb: Verb = "create"
    stamp: Stamp | None = None
    holding: Holding | None = None
    wanted: AnyDraft | None = None
    grounds: Grounds | None = None


class Archive(Protocol):
    """Everything extracted, with the vendor's untouched JSON."""

    def stream_state(self, current: Round, stream: str) -> StreamState:
        """Return how far the stream was read."""
        ...

    def store_page(self, current: Round, stream: str, page: SourcePage) -> None:
        """Store the records and the cursor behind them in one transaction."""
        ...

    def start_second_sweep(self, current: Round, stream: str) -> None:
        """Read the stream again from its beginning; what the first sweep saw stays."""
        ...

    def finish_stream(self, current: Round, stream: str, *, moved: bool = False) -> None:
        """Mark the stream as read. What was to be found and was not leaves the reading that the round builds on,
        unless the list has ``moved`` to the end: nothing is concluded from that."""
        ...

    def earlier(self, current: Round, stream: str) -> Earlier | None:
        """Return what the reading that the round builds on has left of a stream; None when it reads everything."""
        ...

    def reading(self, project: str) -> Reading | None:
        """Return the reading that a round may build on, if there is one."""
        ...

    def trust(self, current: Round, manner: str) -> None:
        """Record that later rounds may build on what this one has read, if it is everything and nothing moved."""
        ...

    def distrust(self, project: str) -> None:
        """Let the next round read everything."""
        ...

    def distinct_in_sweep(self, current: Round, stream: str) -> tuple[int, int | None]:
        """Return how many different items the present sweep saw, and how many the server claimed last."""
        ...

    def entities(self, current: Round, kind: type[E]) -> Iterator[E]:
        """Yield the round's entities of one kind, in the order of extraction."""
        ...

    def extracted(self, current: Round, kind: type[E]) -> Iterator[Extracted[E]]:
        """Yield the same with their stamps."""
        ...

    def markers(self, current: Round, kind: type[Entity]) -> Iterator[str]:
        """Yield the markers of the same, without opening them."""
        ...

    def surrounded(self, current: Round, items: Sequence[Extracted[E]]) -> Sequence[Surrounded[E]]:
        """Return the same entities with what hangs on them, asked together."""
        ...

    def backdate(self, item: Extracted[TestCase], earlier: TestCase) -> Extracted[TestCase]:
        """Replace a case by itself with another date of change, which it keeps as long as nothing else changes; return
        it as it is stored now."""
        ...

    def parents_of_cases(self, current: Round) -> Mapping[str, str | None]:
        """Return the folder markers that cases name, with the folder's name if a case knows it."""
        ...

    def addresses(self, markers: Sequence[str]) -> Mapping[str, str]:
        """Return where items can be opened at the source, for those that say so."""
        ...

    def get(self, markers: Sequence[str]) -> Mapping[str, AnyEntity]:
        """Return entities by marker, of whatever kind."""
        ...

    def count(self, current: Round, kind: ItemKind | None = None) -> int:
        """Return how many entities the round holds, of one kind or of all."""
        ...

    def project_marker(self, current: Round) -> str:
        """Return the marker of the round's project."""
        ...

    def put_stream_notes(self, current: Round, stream: str, notes: Sequence[Note]) -> None:
        """Replace the notes that reading a stream left on the project."""
        ...


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


@dataclass(frozen=True, slots=True)
class Departed:
    """An item of QA Sphere that has left the source. ``is_new``: no earlier round has noted it."""

    holding: Holding
    title: str
    is_new: bool


class DepartedItems(Protocol):
    """What is in QA Sphere and has left the source."""

    def each(self, current: Round, kinds: Sequence[ItemKind]) -> Iterator[Departed]:
        """Yield the items whose list was read whole in this round, and that it does not hold."""
        ...


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that was downloaded from the source. ``size`` in bytes; ``sha256`` in hex; ``media_type`` by content."""

    size: int
    sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a file will not come, for people; empty when the text need not say. ``address``: where it is at the source,
    for files that are no item there."""

    remark: str
    address: str = ""


class Files(Protocol):
    """What became of the bytes of files, by the marker of their ``FileDraft``."""

    def fetched(self, markers: Sequence[str]) -> Mapping[str, Fetched]:
        """Return what was downloaded."""
        ...

    def put_fetched(self, project: str, marker: str, name: str, fetched: Fetched) -> None:
        """Record a download."""
        ...

    def stored(self, markers: Sequence[str]) -> Mapping[str, StoredFile]:
        """Return what is in QA Sphere, under the name that each marker gives it."""
        ...

    def put_stored(self, project: str, marker: str, file: StoredFile) -> None:
        """Record an upload, or a file that was found in a case. Its name is the marker's."""
        ...

    def same_bytes(self, project: str, sha256: str) -> StoredFile | None:
        """Return a file of the project in QA Sphere with these bytes."""
        ...

    def each_stored(self, project: str) -> Iterator[tuple[StoredFile, str, str]]:
        """Yield every different file of the project in QA Sphere with its SHA-256 and one of its markers, but for
        those that were only found, because nobody knows their bytes."""
        ...

    def verdicts(self, markers: Sequence[str]) -> Mapping[str, Verdict]:
        """Return why files will not come, for those that were given up for good."""
        ...

    def put_verdict(self, project: str, marker: str, name: str, verdict: Verdict) -> None:
        """Record that a file will not come; what was known of its bytes is kept."""
        ...

    def clear_verdicts(self, project: str) -> int:
        """Forget them, so that the files are asked for once more; return how many."""
        ...

    def memory(self, project: str, marker: str, name: str) -> Memory:
        """Return what the source may remember of a download."""
        ...

    def add_orphans(self, project: str, count: int) -> None:
        """Count files that may lie in QA Sphere without anything that refers to them."""
        ...

    def orphans(self, project: str) -> int:
        """Return how many there may be at most."""
        ...


class Looks(Protocol):
    """What the last look at a project of QA Sphere saw, one look per purpose."""

    def begin(self, project: str, look: Look) -> None:
        """Begin to look. What the last look of this kind saw stays until the end of this one."""
        ...

    def put(self, project: str, look: Look, cases: Sequence[CaseView]) -> None:
        """Add a page; those seen before are replaced."""
        ...

    def end(self, project: str, look: Look) -> int:
        """Forget what was not seen since ``begin``; return how many different cases were."""
        ...

    def by_marker(self, project: str, look: Look, markers: Sequence[str]) -> Mapping[str, Sequence[SeenCase]]:
        """Return marker → the cases that carry it, by number."""
        ...

    def by_id(self, project: str, look: Look, ids: Sequence[str]) -> Mapping[str, SeenCase]:
        """Return id → case."""
        ...

    def view(self, project: str, look: Look, case_id: str) -> CaseView | None:
        """Return the case as it was seen."""
        ...

    def unmarked(self, project: str, look: Look, titles: Sequence[str]) -> Sequence[SeenCase]:
        """Return the cases without any marker that have one of these titles."""
        ...

    def carries_prefix(self, project: str, look: Look, prefix: str) -> bool:
        """Whether a case carries a marker that begins so."""
        ...

    def missing(self, project: str, look: Look) -> Iterator[Holding]:
        """Yield the cases of the ledger that were not seen."""
        ...

    def strays(self, project: str, look: Look, prefix: str) -> Iterator[SeenCase]:
        """Yield the cases that carry a marker that begins with ``prefix`` and are not the ledger's case for it."""
        ...


@dataclass(frozen=True, slots=True)
class Store:
    """Everything a workspace keeps."""

    archive: Archive
    journal: Journal
    ledger: Ledger
    looks: Looks
    files: Files
    history: History
    departed: DepartedItems
    standing: Standing
