"""A slice: which cases a round writes; what it leaves out is planned again by the next round that takes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from migrator.core.model import TestCase


@dataclass(frozen=True, slots=True)
class Slice:
    """A case is taken when it meets every criterion that is given; runs and results follow their cases.

    Args:
        ids: markers, or ids at the source.
        folder: path of a folder as the source spells it, such as ``Shop/Checkout``; what lies in it or below is taken.
        tags: of the case in QA Sphere, one of which it must have.
        owners: names at the source, one of which must be its owner's.
        changed_since: when it must have been changed last at the source, or later; cases without dates are left out.
        limit: how many cases are written at most.
    """

    ids: Sequence[str] = ()
    folder: str = ""
    tags: Sequence[str] = ()
    owners: Sequence[str] = ()
    changed_since: datetime | None = None
    limit: int | None = None

    def takes(self, case: TestCase, tags: Sequence[str], path_of: Callable[[str], Sequence[str]]) -> bool:
        """Return whether a case belongs to it, but for the limit.

        Args:
            case: as it is at the source.
            tags: those that it has or gets in QA Sphere.
            path_of: marker of a folder → its path at the source.
        """
        path = "/".join(path_of(case.folder.marker)) if case.folder else ""
        owner = (case.owner.name if case.owner else None) or ""
        changed = case.updated_at or case.created_at
        since = self.changed_since
        if since and not since.tzinfo:
            since = since.replace(tzinfo=UTC)
        return (
            (not self.ids or not case_names(case).isdisjoint(self.ids))
            and (not self.folder or f"{path}/".startswith(f"{self.folder}/"))
            and (not self.tags or not _folded(tags).isdisjoint(_folded(self.tags)))
            and (not self.owners or owner.casefold() in _folded(self.owners))
            and (since is None or (changed is not None and changed >= since))
        )


EVERYTHING = Slice()
"""What takes every case."""


def case_names(case: TestCase) -> set[str]:
    """Return what a case may be named by."""
    return {case.ref.marker, case.ref.ids[-1], "/".join(case.ref.ids)}


def _folded(words: Sequence[str]) -> set[str]:
    return {word.casefold() for word in words}
