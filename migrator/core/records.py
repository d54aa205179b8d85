"""What a workspace keeps, as values: rounds, items, operations, the entries of the ledger, results that were sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Literal, TypeVar, cast

from migrator.core.drafts import AnyDraft
from migrator.core.model import Entity, ItemKind
from migrator.core.notes import Note
from migrator.core.ports.mapping import Around, Mapped

Phase = Literal["extract", "plan", "planned", "load", "done", "dropped"]
Fate = Literal[
    "migrated", "updated", "adopted", "unchanged", "conflict", "folded", "archived", "excluded", "blocked", "gone",
    "failed", "unknown", "pending",
]  # fmt: skip
OperationState = Literal["planned", "sending", "done", "failed", "unknown", "blocked"]
Verb = Literal["create", "update", "close"]
Action = Literal["", "create", "update", "keep", "remap", "stands", "suspect", "no_base"]
"""What a plan says of an item besides its fate."""
STANDS_IN = "stands in "
"""Begins the reason of an item that became part of another one, whose marker follows."""
TAKEN_OFF = "it is not at the source any more, and was taken off what it hung on"
REPLACED = "a later edition took its place on what it hung on"
"""Reasons of what left the source while the item that it hung on is still there."""
Purpose = Literal["plan", "verify"]
Canary = ItemKind | Literal["case_files"]
"""What is read back once before more of it is sent: the first of a kind, and the first case that lists files."""
E = TypeVar("E", bound=Entity)


@dataclass(frozen=True, slots=True)
class Round:
    """One pass over a project: extract, plan, load. An unfinished one is continued, never restarted.

    Args:
        planned: waits to be applied.
        dropped: a newer plan took its place.
        reading: the id of the round that has read everything, and of whose reading this one changes what has changed
            since; its own when it reads everything itself.
        mapper: digest of the rules that it was planned with.
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
    """A reading of everything that was planned from.

    Args:
        round: its id.
        began: in seconds since the epoch.
        manner: digest of what decided how it was read.
    """

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

    ``edited``: fingerprints of fields that others had changed before our last write and that we left alone; the same
    as in ``fields`` once the merge has taken it over.
    ``prose``: of the precondition without the lines that are derived from the source; empty when nobody knows.
    """

    fields: Mapping[str, Any]
    version: int | None = None
    edited: Mapping[str, Any] = field(default_factory=dict)
    prose: str = ""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A source item that is in QA Sphere: its id there, its number for cases, and the digest of what it holds.

    Args:
        stamp: the source item as it was then, None when unknown.
        is_based: there is a base to merge with.
        is_complete: everything that it names was there when it was written.
    """

    marker: str
    kind: ItemKind
    id: str
    seq: int | None
    digest: str
    stamp: Stamp | None = None
    is_based: bool = False
    is_complete: bool = True


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
    """A case as the last snapshot saw it. ``marker`` empty: it carries none; it is listed once per marker."""

    id: str
    seq: int
    marker: str
    folder_id: int
    title: str


@dataclass(frozen=True, slots=True)
class OfItem:
    """Something about a source item, as it was mapped."""

    mapped: Mapped

    @property
    def marker(self) -> str:
        """The item's."""
        return self.mapped.marker

    @property
    def kind(self) -> ItemKind:
        """The item's."""
        return self.mapped.kind

    @property
    def title(self) -> str:
        """The item's."""
        return self.mapped.title

    @property
    def draft(self) -> AnyDraft | None:
        """What is to be written; None: nothing."""
        return self.mapped.draft


@dataclass(frozen=True, slots=True)
class Operation(OfItem):
    """One write to QA Sphere.

    Args:
        need: the marker that must be in QA Sphere first; creates of one need go in the order of ``position``.
        seq_floor: the highest case number known when it was sent.
        keyed: it was sent with its marker in the custom field.
        alive_at: when its request was last alive, in seconds since the epoch.
    """

    id: int
    project: str
    need: str
    position: int
    state: OperationState
    seq_floor: int = 0
    alive_at: float = 0.0
    keyed: bool = False
    verb: Verb = "create"
    stamp: Stamp | None = None

    @property
    def draft(self) -> AnyDraft:
        """What is to be written."""
        return cast(AnyDraft, self.mapped.draft)

    def writing(self, draft: AnyDraft) -> "Operation":
        """Return it with another draft."""
        return replace(self, mapped=replace(self.mapped, draft=draft))


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case of the round. ``folder``: marker of the folder that it names, empty at the root; ``stamp``: of the case
    alone."""

    marker: str
    folder: str
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class CaseInputs:
    """What the rules are given of a case.

    Args:
        stamp: of the case and what hangs on it, in whatever order.
        around: digest of what hangs on it, in the order of extraction.
        leads: addresses in its texts → the cases there, and markers of files that they name → the digests of these.
    """

    stamp: Stamp
    around: str
    leads: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """What is kept of the planning of a case.

    Args:
        digest: of its inputs, the rules, and the draft they led to.
        addresses: those in its texts, as the source lists its cases, and markers of the files that they may name.
        files: marker and name of every file of the draft, and whether it is no item of the source.
        folded: what stands within it.
    """

    digest: str
    addresses: tuple[str, ...] = ()
    files: tuple[tuple[str, str, bool], ...] = ()
    folded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedItem(OfItem):
    """A source item, as it was mapped, with its fate and its place in the order. Its draft is what is to be written.

    Args:
        need: the marker that must be in QA Sphere first.
        holding: what the ledger has to say of it from now on.
        wanted: what the source would have it be, for an item that is held back; reports show it.
        kept_plan: what to keep of its planning, for a case whose notes are those of its mapping alone.
        keeps_notes: it is in QA Sphere as it was mapped once and is not mapped again, so the notes of that mapping
            still speak of what is there.
    """

    fate: Fate
    reason: str = ""
    need: str = ""
    action: Action = ""
    verb: Verb = "create"
    stamp: Stamp | None = None
    holding: Holding | None = None
    wanted: AnyDraft | None = None
    kept_plan: KeptPlan | None = None
    keeps_notes: bool = False

    @property
    def notes(self) -> tuple[Note, ...]:
        """What it costs."""
        return self.mapped.notes


@dataclass(frozen=True, slots=True)
class DeletedItem:
    """An item of QA Sphere that has left the source. ``is_new``: no earlier round has noted it."""

    holding: Holding
    title: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class MissingItem:
    """An item that was read once and that the source does not show now. ``deleted_at``: when a list that was read whole
    was first without it, in seconds since the epoch; 0: none was."""

    extracted: Extracted[Entity]
    deleted_at: float


@dataclass(frozen=True, slots=True)
class DeletedParts:
    """Files, remarks and links that have left the source while the item that they hung on is still there.

    ``parts``: marker of each → what it is, for people. ``replaced``: markers of files in whose place others came, which
    are no loss.
    """

    marker: str
    parts: Mapping[str, str]
    replaced: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ShorterList:
    """A list of the source, as in ``ListSize``, that held ``least`` rows for one stream and ``most`` for another one;
    ``before`` when the last plan was made."""

    name: str
    about: str
    least: int
    most: int
    before: int


@dataclass(frozen=True, slots=True)
class CountedList:
    """A list of the source, as in ``ListSize``, that gave ``rows`` of ``counted``. ``lacked``: how many it did not give
    when the last plan was made, None when that knew nothing of it."""

    name: str
    rows: int
    counted: int
    lacked: int | None


@dataclass(frozen=True, slots=True)
class DeletedResults:
    """Results of one run that are in QA Sphere and have left the source. ``run``: the source's run, or the group in
    QA Sphere that holds them, when the source has the run no more. ``names``: the first few titles."""

    run: str
    title: str
    count: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunItem:
    """A result of a unit, in the order of execution. ``case`` empty: the source does not say which test it was.

    ``order``: place among all results of the unit, as the source lists them.
    """

    marker: str
    run: str
    case: str
    order: int


@dataclass(frozen=True, slots=True)
class SentResult:
    """A result that is in QA Sphere. ``source_marker``: of the source's result, of which ``marker`` is an edition.

    ``id``: QA Sphere's.
    """

    marker: str
    source_marker: str
    run: str
    case: str
    status: str
    id: int
