"""Readings of one stream that build on each other, in memory: what a workspace has to make of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from migrator.core.model import AnyEntity
from migrator.core.ports.source import Record, Source, SourcePage
from migrator.testing.sources import pages_of


@dataclass
class Kept:
    """Implements ``Earlier``."""

    prints: dict[str, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)

    def fingerprints(self, markers: Sequence[str]) -> Mapping[str, str]:
        return {marker: self.prints[marker] for marker in markers if self.prints.get(marker)}

    def mark(self, name: str) -> str | None:
        return self.marks.get(name)


@dataclass
class Reading:
    """A stream of a project, read whole first and then again and again, each time building on the time before."""

    project: str
    stream: str
    kept: Kept = field(default_factory=Kept)
    records: dict[str, Record] = field(default_factory=dict)

    def entities(self) -> dict[str, AnyEntity]:
        """What the stream holds, by marker."""
        return {marker: record.entity for marker, record in self.records.items()}

    async def whole(self, source: Source) -> "Reading":
        """Read everything."""
        self._take([page for _, page in await pages_of(source, self.stream, self.project)])
        return self

    async def again(self, source: Source) -> None:
        """Read what may have changed."""
        self._take([page for _, page in await pages_of(source, self.stream, self.project, self.kept)])

    def _take(self, pages: Sequence[SourcePage]) -> None:
        listed = {one.marker: one for page in pages for one in page.listed}
        stands = {marker for marker, one in listed.items() if one.stands}
        unlisted = tuple({page.unlisted for page in pages if page.unlisted})
        left = {
            marker: record
            for marker, record in self.records.items()
            if (owner := _owner(record)) in stands or (owner.startswith(unlisted) and owner not in listed)
        }
        self.records = left | {record.entity.ref.marker: record for page in pages for record in page.records}
        self.kept.prints |= {marker: one.fingerprint for marker, one in listed.items()}
        for page in pages:
            self.kept.marks |= {name: max(mark, self.kept.marks.get(name, "")) for name, mark in page.marks.items()}


def _owner(record: Record) -> str:
    return (record.owner or record.entity.ref).marker
