"""What to migrate where."""

from dataclasses import dataclass

from migrator.core.ports import MakeMapper


@dataclass(frozen=True, slots=True)
class Job:
    """One project to migrate. ``source_id``: the project at the source; ``code``: the project in QA Sphere.

    ``prefix`` begins every marker of this source. ``workers``: creates side by side. ``settle_seconds``: how long a
    lost create may still arrive. ``allow_gaps``: runs are made without cases that are not there.
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
