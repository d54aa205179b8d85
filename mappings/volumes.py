"""Where an item stands for which QA Sphere has no place: in the case of its kind and of the year when it was made."""

from migrator.core.model import Configuration, Defect, Milestone, Requirement, TestSet
from migrator.core.ports.mapping import Paged
from migrator.core.refs import PAGE_CASE, Ref

PAGED = (Requirement, Defect, TestSet, Milestone, Configuration)
_NAMES = {
    "requirement": "Requirements",
    "defect": "Defects",
    "test_set": "Test sets",
    "milestone": "Releases",
    "configuration": "Configurations",
}


def kind_name(item: Paged) -> str:
    """Return what people call all of its kind."""
    return _NAMES[item.kind]


def volume_title(item: Paged) -> str:
    """Return the title of the case, such as ``Defects 2019``."""
    return f"{kind_name(item)} {_year(item)}"


def title_of(volume: Ref) -> str:
    """Return the same of what a case comes from."""
    kind, year = volume.ids[-2:]
    return f"{_NAMES[kind]} {year}"


def volume_ref(folder: Ref, item: Paged) -> Ref:
    """Return where the case comes from that lies in the project's ``folder`` for such: the source has no such item."""
    return folder.model_copy(update={"kind": PAGE_CASE, "ids": (*folder.ids, item.kind, _year(item))})


def _year(item: Paged) -> str:
    return str(item.created_at.year) if item.created_at else "undated"
