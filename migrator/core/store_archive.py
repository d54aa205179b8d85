"""What the engine asks of the archive: everything that was extracted, and how far."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from migrator.core.model import AnyEntity, Entity, ItemKind, TestCase
from migrator.core.notes import Note
from migrator.core.ports_source import Earlier, SourcePage
from migrator.core.store import E, Extracted, Reading, Round, StreamState, Surrounded


class Archive(Protocol):
    """Everything extracted, with the vendor's untouched JSON."""

    def stream_state(self, current: Round, stream: str) -> StreamState:
        """Return how far the stream was read."""
        ...

    def store_page(self, current: Round, stream: str, page: SourcePage) -> None:
        """Store the records and the cursor behind them in one transaction."""
        ...

    def start_second_sweep(self, current: Round, stream: str) -> None:
        """Read the stream again from its beginning; what the first sweep saw stays."""
        ...

    def finish_stream(self, current: Round, stream: str, *, moved: bool = False) -> None:
        """Mark the stream as read. What was to be found and was not leaves the reading that the round builds on,
        unless the list has ``moved`` to the end: nothing is concluded from that."""
        ...

    def earlier(self, current: Round, stream: str) -> Earlier | None:
        """Return what the reading that the round builds on has left of a stream; None when it reads everything."""
        ...

    def reading(self, project: str) -> Reading | None:
        """Return the reading that a round may build on, if there is one."""
        ...

    def trust(self, current: Round, manner: str) -> None:
        """Record that later rounds may build on what this one has read, if it is everything and nothing moved."""
        ...

    def distrust(self, project: str) -> None:
        """Let the next round read everything."""
        ...

    def distinct_in_sweep(self, current: Round, stream: str) -> tuple[int, int | None]:
        """Return how many different items the present sweep saw, or knows where it asked only for what has changed, and
        how many the server claimed last."""
        ...

    def entities(self, current: Round, kind: type[E]) -> Iterator[E]:
        """Yield the round's entities of one kind, in the order of extraction."""
        ...

    def extracted(self, current: Round, kind: type[E]) -> Iterator[Extracted[E]]:
        """Yield the same with their stamps."""
        ...

    def markers(self, current: Round, kind: type[Entity]) -> Iterator[str]:
        """Yield the markers of the same, without opening them."""
        ...

    def surrounded(self, current: Round, items: Sequence[Extracted[E]]) -> Sequence[Surrounded[E]]:
        """Return the same entities with what hangs on them, asked together."""
        ...

    def backdate(self, item: Extracted[TestCase], earlier: TestCase) -> Extracted[TestCase]:
        """Replace a case by itself with another date of change, which it keeps as long as nothing else changes; return
        it as it is stored now."""
        ...

    def parents_of_cases(self, current: Round) -> Mapping[str, str | None]:
        """Return the folder markers that cases name, with the folder's name if a case knows it."""
        ...

    def addresses(self, markers: Sequence[str]) -> Mapping[str, str]:
        """Return where items can be opened at the source, for those that say so."""
        ...

    def get(self, markers: Sequence[str]) -> Mapping[str, AnyEntity]:
        """Return entities by marker, of whatever kind."""
        ...

    def count(self, current: Round, kind: ItemKind | None = None) -> int:
        """Return how many entities the round holds, of one kind or of all."""
        ...

    def project_marker(self, current: Round) -> str:
        """Return the marker of the round's project."""
        ...

    def put_stream_notes(self, current: Round, stream: str, notes: Sequence[Note]) -> None:
        """Replace the notes that reading a stream left on the project."""
        ...
