"""What to migrate where."""

from dataclasses import dataclass

from migrator.core.ports import MakeMapper
from migrator.engine.policy import ConflictPolicy, Departures, Filing


@dataclass(frozen=True, slots=True)
class Job:
    """One project to migrate. ``source_id``: the project at the source; ``code``: the project in QA Sphere.

    ``prefix`` begins every marker of this source. ``workers``: creates side by side. ``settle_seconds``: how long a
    lost create may still arrive. ``allow_gaps``: runs are made without cases that are not there. ``departures``: what
    to do about items that have left the source, None: nothing. ``filing``: when runs of single tests are filed, and
    whether runs are closed that may still get results. ``manner``: digest of what decides how the source is read.
    ``reading_lasts``: for how many seconds after a reading of everything later rounds may read only what has changed;
    None: this one reads everything. ``program``: digest of the program that plans; empty: nobody can know what
    decides, and every case is planned in full.
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
    departures: Departures | None = None
    filing: Filing = "now"
    manner: str = ""
    reading_lasts: float | None = None
    program: str = ""
