"""What verify reports."""

from dataclasses import dataclass
from typing import Literal

from migrator.core.model import ItemKind
from state.store import Store

FindingClass = Literal["missing", "extra", "different", "doubled", "edited", "in_doubt", "no_base"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was left.

    Args:
        what: ``edited``: somebody changed it in QA Sphere, which is their right. ``in_doubt``: a write of it was under
            way when a process ended, and the next load finds out what became of it. ``no_base``: it was found in
            QA Sphere with other words than the source's, so nobody can tell an edit from damage; a round has listed
            it, as a conflict or with a note. Of a file: it was found there by its name, and the source does not give
            its bytes.
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
    return "in_doubt" if store.journal.in_flight([marker]) else "extra"
