"""A receipt: one small page without scripts, for people who look an item up in the system that it has left."""

from collections.abc import Sequence
from dataclasses import dataclass

from migrator.report.html import scriptless


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """An item: its title and ``marker`` at the source; where it went: ``number`` such as ``SHOP-12``, ``id`` and
    ``url``; ``at`` in epoch seconds."""

    title: str
    marker: str
    number: str
    id: str
    url: str
    at: float


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """A receipt.

    Args:
        project: title and code in QA Sphere.
        server: its address there.
        earlier: names of other receipts beside it.
        owner: the marker of what it hangs on, ``level`` its kind.
    """

    level: str
    owner: str
    project: str
    server: str
    lines: Sequence[ReceiptLine]
    earlier: Sequence[str]

    @property
    def is_of_owner(self) -> bool:
        """Whether it tells of what it hangs on itself, not of what lies in there."""
        return [line.marker for line in self.lines] == [self.owner]


def receipt_html(page: ReceiptPage) -> bytes:
    """Return the file."""
    return "".join(scriptless("receipt", "", images="", page=page)).encode()
