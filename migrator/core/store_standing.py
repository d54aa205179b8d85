"""What the engine asks of the workspace to leave cases alone that stand as they were planned, beside
``migrator.core.store``. Nothing here parses an entity."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from migrator.core.model import TestCase
    from migrator.core.store import Extracted, Round, Stamp


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case of the round. ``folder``: marker of the folder that it names, empty at the root; ``stamp``: of the case
    alone."""

    marker: str
    folder: str
    stamp: "Stamp"


@dataclass(frozen=True, slots=True)
class Premises:
    """What the rules are given of a case. ``stamp``: of the case and what hangs on it, in whatever order; ``around``:
    digest of what hangs on it, in the order of extraction; ``cases``: addresses in its texts → the cases there."""

    stamp: "Stamp"
    around: str
    cases: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Grounds:
    """What is kept of the planning of a case. ``digest``: of its premises, the rules, and the draft they led to;
    ``addresses``: those in its texts, as the source lists its cases; ``files``: marker and name of every file of the
    draft, and whether it is no item of the source; ``folded``: what stands within it."""

    digest: str
    addresses: tuple[str, ...] = ()
    files: tuple[tuple[str, str, bool], ...] = ()
    folded: tuple[str, ...] = ()


class Standing(Protocol):
    """Cases as they were planned, and what that was made of."""

    def cases(self, current: "Round") -> Iterator[CaseRow]:
        """Yield the round's cases in the order of extraction; memory stays flat."""
        ...

    def read(self, markers: Sequence[str]) -> "Sequence[Extracted[TestCase]]":
        """Return these cases, in this order."""
        ...

    def premises(
        self, current: "Round", rows: Sequence[CaseRow], addresses: Mapping[str, Sequence[str]]
    ) -> Mapping[str, Premises]:
        """Return what the rules are given of cases, by marker. ``addresses``: those in the texts of each."""
        ...

    def people(self, current: "Round") -> str:
        """Return a digest of all people of the round."""
        ...

    def grounds(self, markers: Sequence[str]) -> Mapping[str, Grounds]:
        """Return what is kept of the cases whose notes are still those of that planning."""
        ...

    def stand(self, current: "Round", markers: Sequence[str]) -> None:
        """Record that these cases are unchanged in this round, with title and notes as they were planned."""
        ...
