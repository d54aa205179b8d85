"""What verify reports."""

from dataclasses import dataclass
from typing import Literal

from migrator.core.model import ItemKind

FindingClass = Literal["missing", "extra", "different", "doubled", "edited"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was left. ``edited``: somebody changed it in QA Sphere, which is their right."""

    what: FindingClass
    kind: ItemKind
    marker: str
    id: str
    title: str
    field: str = ""
    expected: str = ""
    found: str = ""
