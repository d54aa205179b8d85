"""What the engine asks about what has left the source."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from migrator.core.model import ItemKind
from migrator.core.notes import Note
from migrator.core.store import Holding, Round


@dataclass(frozen=True, slots=True)
class Departed:
    """An item of QA Sphere that has left the source. ``is_new``: no earlier round has noted it."""

    holding: Holding
    title: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class DepartedResults:
    """Results of one run that are in QA Sphere and have left the source. ``run``: the source's run, or the group in
    QA Sphere that holds them, when the source has the run no more. ``names``: the first few titles."""

    run: str
    title: str
    count: int
    names: tuple[str, ...]


class DepartedItems(Protocol):
    """What is in QA Sphere and has left the source."""

    def each(self, current: Round, kinds: Sequence[ItemKind]) -> Iterator[Departed]:
        """Yield the items whose list was read whole in this round, and that it does not hold."""
        ...

    def results(self, current: Round, names: int) -> Iterator[DepartedResults]:
        """Yield the same of results, run by run with the first ``names`` titles; but for results of a run that ``each``
        yields."""
        ...

    def put_notes(self, current: Round, notes: Sequence[Note]) -> None:
        """Replace the notes on what has left that stand beside what the plan says of an item."""
        ...
