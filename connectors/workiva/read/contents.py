"""What a test form held when its lists were read, as a digest: its export is another file when that has changed."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping

from connectors.workiva.api import Path, Row
from connectors.workiva.read.children import ChildReader
from migrator.core.base import canonical_json

_ROOM = 1 << 256
_LEVELS = range(4)


class FormContents:
    """Adds up rows while the levels are read, in whatever order they come: forms (0), phases, matrices, samples (3).
    Memory does not grow with their number."""

    def __init__(self) -> None:
        self._sums: dict[int, defaultdict[str, int]] = {}
        self._begun: set[int] = set()

    def begin(self, depth: int) -> None:
        """Forget a level, which is read from its beginning."""
        self._sums[depth] = defaultdict(int)
        self._begun.add(depth)

    def add(self, ids: Path, row: Row) -> None:
        """Add what a row says of itself."""
        depth = len(ids) - 1
        if depth in self._sums:
            number = int.from_bytes(hashlib.sha256(canonical_json([ids, row])).digest(), "big")
            self._sums[depth][ids[0]] = (self._sums[depth][ids[0]] + number) % _ROOM

    def digest(self, form: str) -> str | None:
        """Return the digest of a form and all below it; None when this process has not read all of that."""
        if self._begun != set(_LEVELS):
            return None
        return hashlib.sha256(repr([self._sums[depth][form] for depth in _LEVELS]).encode()).hexdigest()


async def contents_of(form: str, reader: ChildReader) -> str:
    """Return the digest of a form that another process has read in part: its lists are read once more."""
    contents, wanted = FormContents(), frozenset([form])
    for depth in _LEVELS:
        contents.begin(depth)
        page = await reader.page(depth, None, wanted, _nobody_asks)
        while True:
            for child in page.rows:
                contents.add(child.ids, own(child.row))
            if page.cursor is None:
                break
            page = await reader.page(depth, page.cursor, wanted, _nobody_asks)
    return contents.digest(form) or ""


def own(row: Row) -> Row:
    """Return what a row says of itself, without what was expanded below it."""
    return {
        name: value for name, value in row.items() if name not in ("attachments", "samples", "testPhases", "matrices")
    }


def _nobody_asks(prints: Mapping[Path, str]) -> Collection[Path]:
    return prints.keys()
