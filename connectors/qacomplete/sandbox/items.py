"""What the stand-in holds beside tests: plain objects, like those of ``data``."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Item:
    """What most kinds share. ``update_user_id`` 0: not told. ``extra``: keys that replace those of its row; None
    leaves one out."""

    id: int
    project_id: int
    title: str
    description: str | None = None
    status: str | None = "Active"
    active: bool = True
    create_user_id: int = 1
    owner_user_id: int = 0
    owner_name: str | None = None
    assignee_user_id: int = 0
    assigned_to_name: str | None = None
    date_created: str = "2017-02-01T08:00:00.0000000"
    date_updated: str = "2024-05-02T11:30:00.7654321"
    update_user_id: int = 0
    custom_fields: list[tuple[str, str, str]] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Release(Item):
    """A release, iteration or build (§6.5); ``parent_id`` 0 at the top. Dates None: the sentinel."""

    type: str = "Release"
    parent_id: int = 0
    start: str | None = None
    finish: str | None = None


@dataclass(slots=True)
class Configuration(Item):
    """A configuration (§6.11)."""

    operating_system: str | None = None
    browser: str | None = None


@dataclass(slots=True)
class Requirement(Item):
    """A requirement (§6.6)."""

    folder_name: str | None = None
    business_rule: str | None = None


@dataclass(slots=True)
class Defect(Item):
    """A defect (§6.7)."""

    priority: str | None = "2-Medium"
    severity: str | None = None
    steps_to_repro: str | None = None
    actual_results: str | None = None
    date_closed: str | None = None


@dataclass(slots=True)
class SetItem:
    """A place in a test set (§6.10); ``test_id`` None: the row names no test."""

    id: int
    test_id: int | None
    seq: int
    active: bool = True


@dataclass(slots=True)
class TestSet(Item):
    """A test set (§6.10)."""

    __test__ = False

    priority: str | None = "2-Medium"
    execution_type: str | None = "Manual"
    sequential: bool = False
    items: list[SetItem] = field(default_factory=list)


@dataclass(slots=True)
class Note:
    """A note (§6.14) on an item; ``code`` in the words of §5."""

    id: int
    project_id: int
    code: str
    item_id: int
    text: str | None
    user_id: int = 2
    user_name: str | None = "Vik, Jon "
    date_created: str = "2020-04-01T10:00:00.0000000"


@dataclass(slots=True)
class Link:
    """A link (§6.15), stored in one direction, shown on both ends."""

    id: int
    project_id: int
    code: str
    item_id: int
    linked_code: str
    linked_id: int
