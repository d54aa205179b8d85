"""What a report is made of. Times are seconds since the epoch unless they say otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel

from migrator.core.note_text import Harm
from state.questions.books import Cause
from state.questions.leftovers import Leftover
from state.questions.notes import KeptNote, NotedItem, Unmapped
from state.timings import Timing, seconds_together

Tone = Literal["bad", "warn", "good", "plain"]
_FATES = (
    "failed", "unknown", "conflict", "blocked", "gone", "pending", "migrated", "updated", "adopted", "unchanged",
    "folded", "archived", "excluded", "excluded_since", "left", "replaced",
)  # fmt: skip
MOST_ROWS = 200_000
"""More than a browser can hold at ease; the crosswalk has them all."""
_APPLYING = ("apply", "run", "retry")
_READING = ("extract", "plan", "snapshot", "look")
"""How phases begin that write nothing; earlier versions called the snapshot of QA Sphere ``look``."""


@dataclass(frozen=True, slots=True)
class News:
    """One line of the summary; the worst comes first. ``fate``: what to filter the items by to see them; or ``anchor``:
    the place on the page that says more."""

    tone: Tone
    text: str
    fate: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Loss:
    """All notes of one code. ``items``: kind → how many different ones. ``harm``, ``meaning``, ``setting``,
    ``advice``, ``line`` as in ``migrator.core.note_text``."""

    code: str
    harm: Harm
    count: int
    items: Mapping[str, int]
    examples: tuple[NotedItem, ...]
    meaning: str
    setting: str
    advice: str
    line: str

    @property
    def more(self) -> int:
        """How many items it has beside the examples."""
        return sum(self.items.values()) - len(self.examples)


@dataclass(frozen=True, slots=True)
class FolderNode:
    """A folder with what lies directly in it (``counts``: fate → items) and ``total``, with everything below.

    Ids are given in the order of the tree, so that ``id`` to ``last`` are the folder and everything below.
    """

    id: int
    last: int
    name: str
    path: str
    counts: Mapping[str, int]
    total: int
    children: "tuple[FolderNode, ...]" = ()


class Measured(BaseModel):
    """What writing took that went through in one go.

    Args:
        held_up: what it waited for longest, empty when for nothing.
        ended_at: in seconds since the epoch, 0 in plans of earlier versions.
        source_requests: None when something else was read meanwhile.
    """

    requests: int
    source_requests: int | None
    seconds: float
    held_up: str = ""
    ended_at: float = 0.0


class Cost(BaseModel):
    """What applying a plan will take.

    Args:
        requests: to QA Sphere.
        endpoints: the same by endpoint.
        source_requests: to the source, by what they are for.
        files: so many are fetched.
        seconds: of the side that takes longer; both work at the same time.
        reading_seconds: what reading the source took while it was planned.
        measured: once it is applied.
    """

    requests: int
    seconds: float
    destination_seconds: float = 0.0
    source_seconds: float = 0.0
    source_requests: dict[str, int] = {}
    files: int = 0
    reading_seconds: float = 0.0
    bytes_min: int = 0
    bytes_max: int = 0
    bottleneck: str
    endpoints: dict[str, int]
    measured: Measured | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """Items acknowledged over time: ``counts`` in spans of ``width`` seconds since ``started_at``.

    ``allowed``: requests a second.
    """

    started_at: float
    width: float
    counts: tuple[int, ...]
    allowed: float


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything of a report but its items.

    Args:
        facts: label and text.
        fates: kind → fate → items.
        left_behind: how many of each kind, ``leftovers`` the first of them.
    """

    title: str
    made_at: float
    facts: tuple[tuple[str, str], ...]
    news: tuple[News, ...]
    fates: Mapping[str, Mapping[str, int]]
    problems: Sequence[Cause] = ()
    more_problems: int = 0
    losses: tuple[Loss, ...] = ()
    unmapped: Sequence[Unmapped] = ()
    folders: tuple[FolderNode, ...] = ()
    forecast: Cost | None = None
    phases: Sequence[Timing] = ()
    pace: Pace | None = None
    left_behind: Mapping[str, int] = field(default_factory=dict)
    leftovers: Sequence[Leftover] = ()
    most_rows: int = MOST_ROWS

    @property
    def total(self) -> int:
        """How many items there are; the page lists the first ``most_rows`` of them."""
        return sum(count for by_fate in self.fates.values() for count in by_fate.values())

    @property
    def fate_names(self) -> list[str]:
        """The fates that occur, the worst first."""
        found = {fate for by_fate in self.fates.values() for fate in by_fate}
        return [fate for fate in _FATES if fate in found] + sorted(found.difference(_FATES))

    @property
    def kind_names(self) -> list[str]:
        """The kinds that occur; last, what is only kept."""
        return sorted(self.fates, key=lambda kind: (kind == "archive", kind))

    @property
    def sums(self) -> list[tuple[str, float, int]]:
        """Phase, seconds and items over all projects and commands, in order."""
        found: dict[str, tuple[float, int]] = {}
        for phase in self.phases:
            if not phase.says_something:
                continue
            seconds, done = found.get(phase.phase, (0.0, 0))
            found[phase.phase] = (seconds + phase.seconds, done + phase.done)
        return [(phase, seconds, done) for phase, (seconds, done) in found.items()]

    @property
    def applied_seconds(self) -> float:
        """For how long something was written or read back, phases side by side counted once; 0 when nothing was."""
        applying = [
            phase for phase in self.phases if phase.command in _APPLYING and not phase.phase.startswith(_READING)
        ]
        return seconds_together(applying)

    @property
    def waits(self) -> list[tuple[str, str, float]]:
        """Phase, reason and seconds of what was waited for, the longest first."""
        sums: dict[tuple[str, str], float] = {}
        for phase in self.phases:
            for reason, seconds in phase.waits.items():
                sums[phase.phase, reason] = sums.get((phase.phase, reason), 0.0) + seconds
        found = [(phase, reason, seconds) for (phase, reason), seconds in sums.items()]
        return sorted(found, key=lambda wait: -wait[2])


@dataclass(frozen=True, slots=True)
class Change:
    """A field of one item, as plain text: ``left`` in QA Sphere, ``right`` what the source would have it be, and
    ``was``, what QA Sphere was made to hold, where it is known and differs from both. ``theirs``: only people in
    QA Sphere have changed it, so it stays."""

    field: str
    left: str
    right: str
    was: str = ""
    theirs: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One item.

    ``address`` and ``old_address``: URLs in QA Sphere and at the source, empty when there are none.

    Args:
        folder: its ``FolderNode.id``, or None.
        code: ``CODE-SEQ`` in QA Sphere, empty if it has none.
    """

    project: str
    kind: str
    title: str
    marker: str
    fate: str
    action: str = ""
    folder: int | None = None
    code: str = ""
    reason: str = ""
    address: str = ""
    old_address: str = ""
    notes: tuple[KeptNote, ...] = ()
    changes: tuple[Change, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Crossing:
    """One line of the crosswalk: an item at the source, what became of it, and where it is now.

    Of files also ``hangs_on``: the marker of the item that they hang on; ``size`` in bytes; ``sha256`` as the source
    gave it; ``new_name``: in QA Sphere; ``new_sha256``: as QA Sphere gave it back, and when (``checked_at``, UTC).
    """

    kind: str
    title: str
    project: str = ""
    old_id: str = ""
    old_url: str = ""
    fate: str = ""
    new_id: str = ""
    marker: str = ""
    url: str = ""
    source: str = ""
    reason: str = ""
    hangs_on: str = ""
    size: str = ""
    sha256: str = ""
    new_name: str = ""
    new_sha256: str = ""
    checked_at: str = ""
