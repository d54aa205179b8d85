"""What a workspace keeps, as values, and the ``Store`` that gives the engine all of it: the archive of what was
extracted, the journal of what is written, the ledger of what is in QA Sphere, and so on, each in ``store_<its name>``.

Nothing here awaits: SQLite commits in a fraction of a millisecond, and a commit right after an answer must not give
way to anything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from migrator.core.drafts import AnyDraft
from migrator.core.model import Entity, ItemKind
from migrator.core.notes import Note
from migrator.core.ports import Around
from migrator.core.store_files import Files
from migrator.core.store_history import History, Units
from migrator.core.store_standing import Grounds, Standing

if TYPE_CHECKING:  # what is asked is put in terms of the values below
    from migrator.core.store_archive import Archive
    from migrator.core.store_departed import DepartedItems
    from migrator.core.store_journal import Journal
    from migrator.core.store_ledger import Ledger
    from migrator.core.store_looks import Looks

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


@dataclass(frozen=True, slots=True)
class Store:
    """Everything a workspace keeps."""

    archive: "Archive"
    journal: "Journal"
    ledger: "Ledger"
    looks: "Looks"
    files: Files
    history: History
    departed: "DepartedItems"
    units: Units
    standing: Standing
