"""What is done about conflicts and about items that have left the source. Pure."""

from dataclasses import dataclass, replace
from typing import Literal

import orjson

from migrator.core.notes import Note, NoteCode
from migrator.core.ports import CaseView
from migrator.engine.compare import CUSTOM, Difference
from migrator.engine.merge import Merge

ConflictPolicy = Literal["report", "source", "destination"]
Filing = Literal["now", "months", "final"]
"""``now``: what has ended is filed. ``months``: runs of single tests wait until their month is over, so that not each
round makes a run of its own. ``final``: as ``now``, and what is open is closed."""
DELETED_TAG = "deleted-at-source"
_ALWAYS_ALLOWED = 5


@dataclass(frozen=True, slots=True)
class Departures:
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

    ``departures``: what to do about items that have left the source, None: nothing. ``filing``: when runs are filed
    and closed. ``reading_lasts``: for how many seconds after a reading of everything later rounds may read only what
    has changed; None: this one reads everything.
    """

    departures: Departures | None = None
    filing: Filing = "now"
    reading_lasts: float | None = None


def resolved(decision: Merge, policy: ConflictPolicy) -> Merge:
    """Return the merge with its conflicts decided; with ``report`` they stay for a person."""
    if policy == "report" or not decision.conflicts:
        return decision
    if policy == "destination":
        return replace(decision, conflicts=(), kept=decision.conflicts)
    fields = tuple(difference.field for difference in decision.conflicts)
    return replace(decision, conflicts=(), overwritten=decision.conflicts, send=(*decision.send, *fields))


def policy_notes(marker: str, decision: Merge, view: CaseView) -> tuple[Note, ...]:
    """Return a note per decided conflict, which keeps the value that lost, whole where it is QA Sphere's."""
    overwritten = [
        Note(
            code=NoteCode.CONFLICT_OVERWRITTEN,
            marker=marker,
            field=difference.field,
            original=_whole(view, difference.field),
            message=f"changed on both sides; the source's value goes over QA Sphere's in case {view.seq}",
        )
        for difference in decision.overwritten
    ]
    kept = [
        Note(
            code=NoteCode.CONFLICT_KEPT,
            marker=marker,
            field=difference.field,
            original=difference.expected,
            message=f"changed on both sides; case {view.seq} keeps QA Sphere's value, not the source's",
        )
        for difference in decision.kept
    ]
    return (*overwritten, *kept)


def conflict_words(seq: int, conflicts: tuple[Difference, ...]) -> str:
    """Say what was changed on both sides, with both values."""
    parts = [
        f"{difference.field} (source: {difference.expected!r}, QA Sphere: {difference.found!r})"
        for difference in conflicts
    ]
    return f"case {seq} was changed on both sides since it was migrated: {'; '.join(parts)}"


def _whole(view: CaseView, field: str) -> str:
    if field.startswith(CUSTOM):
        return view.custom_fields.get(field.removeprefix(CUSTOM), "")
    value = view.model_dump(mode="json")[field]
    return value if isinstance(value, str) else orjson.dumps(value).decode()
