"""What the engine asks about the last look at a project of QA Sphere."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from migrator.core.ports import CaseView
from migrator.core.store import Holding, Look, SeenCase


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
