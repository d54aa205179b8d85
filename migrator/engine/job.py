"""What to migrate where."""

from dataclasses import dataclass
from typing import Literal

from migrator.core.ports.mapping import MakeMapper
from migrator.engine.slice import EVERYTHING, Slice

ConflictPolicy = Literal["report", "source", "destination"]
Filing = Literal["now", "months", "final"]
"""``now``: what has ended is filed. ``months``: runs of single tests wait until their month is over, so that not each
round makes a run of its own. ``final``: as ``now``, and what is open is closed."""
DELETED_TAG = "deleted-at-source"
_ALWAYS_ALLOWED = 5


@dataclass(frozen=True, slots=True)
class DeletionRules:
    """What to do about items that have left the source.

    ``tag``: their cases get ``DELETED_TAG``. At most ``most`` items, and at most the ``share`` of the project (0 to 1),
    may leave between two rounds. A handful may always, or two of eight would be too many.
    """

    tag: bool
    most: int
    share: float

    def ceiling(self, total: int) -> int:
        """Return how many of ``total`` items may leave at a time."""
        return min(self.most, max(_ALWAYS_ALLOWED, int(total * self.share)))


@dataclass(frozen=True, slots=True)
class Terms:
    """What a round does besides bringing over what is new.

    Args:
        deletions: What to do about items that have left the source; None: nothing.
        filing: When runs of single tests are filed, and whether runs are closed that may still get results.
        reading_lasts: For how many seconds after a reading of everything later rounds may read only what has changed;
            None: this one reads everything.
        part: What the command takes of all projects.
    """

    deletions: DeletionRules | None = None
    filing: Filing = "now"
    reading_lasts: float | None = None
    part: Slice = EVERYTHING


PLAIN = Terms()


@dataclass(frozen=True, slots=True)
class Job:
    """One project to migrate.

    Args:
        source_id: The project at the source.
        code: The project in QA Sphere.
        prefix: Begins every marker of this source.
        workers: Creates side by side.
        settle_seconds: How long a lost create may still arrive.
        allow_gaps: Runs are made without cases that are not there.
        terms: What the command wants of this round.
        manner: Digest of what decides how the source is read.
        program: Digest of the program that plans; empty: nobody can know what decides, and every case is planned in
            full.
        only: What the config takes of this project.
        ordered: Cases of one folder have an order that people chose, so each waits for the one before.
        collects_follow_ups: A round that reads only what has changed makes no run for tests that are new in one of the
            source's; another such round would follow up again.
    """

    source_id: str
    code: str
    create: bool
    allow_existing: bool
    prefix: str
    make_mapper: MakeMapper
    workers: int
    settle_seconds: float
    allow_gaps: bool = False
    conflicts: ConflictPolicy = "report"
    terms: Terms = PLAIN
    manner: str = ""
    program: str = ""
    only: Slice = EVERYTHING
    ordered: bool = False
    collects_follow_ups: bool = False

    @property
    def slices(self) -> tuple[Slice, ...]:
        """What is written must be in each of them."""
        return tuple(part for part in (self.only, self.terms.part) if part != EVERYTHING)
