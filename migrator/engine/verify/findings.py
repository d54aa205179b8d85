"""What verify reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from migrator.core.model import ItemKind
from migrator.core.refs import edited_item
from state.store import Store

FindingClass = Literal["missing", "extra", "different", "doubled", "edited", "in_doubt", "no_base", "newer"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was left.

    Args:
        what: ``edited``: somebody changed it in QA Sphere, which is their right. ``in_doubt``: a write of it was under
            way when a process ended, and the next load finds out what became of it. ``no_base``: it was found in
            QA Sphere with other words than the source's, so nobody can tell an edit from damage; a round has listed
            it, as a conflict or with a note. Of a file: it was found there by its name, and the source does not give
            its bytes. ``newer``: an item that this workspace knows, or a later edition of one, which another workspace
            has written since: this one is older than QA Sphere, and the next round adopts it.
    """

    what: FindingClass
    kind: ItemKind
    marker: str
    id: str
    title: str
    field: str = ""
    expected: str = ""
    found: str = ""


def class_of_stray(store: Store, marker: str) -> FindingClass:
    """Say what an object is that carries a marker of this source and is not the ledger's."""
    if store.ledger.entries([marker]):
        return "doubled"
    if store.journal.in_flight([marker]):
        return "in_doubt"
    return "newer" if _knows(store, [marker, edited_item(marker)]) else "extra"


def _knows(store: Store, markers: Sequence[str]) -> bool:
    """Whether the source has shown one of these, or the ledger holds it."""
    return bool(store.archive.get(markers)) or bool(store.ledger.entries(markers))
