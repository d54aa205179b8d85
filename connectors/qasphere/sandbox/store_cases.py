"""Folders, cases, and what cases share: plain objects that tests may look into and spoil."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any


def now() -> str:
    """Return the present in the server's spelling (§1.7)."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(slots=True)
class Folder:
    """A folder; ``parent_id`` 0 at the top."""

    id: int
    parent_id: int
    title: str
    comment: str
    pos: int
    creating: int = 0


@dataclass(slots=True)
class Case:
    """A test case as stored. ``tags`` are titles; ``custom_fields``: system name → {value, isDefault}.

    A template knows the ids of the cases that are ``filled`` from it and which parameters their titles show; each of
    these knows its template and its ``values``.
    """

    id: str
    seq: int
    folder_id: int
    pos: int
    title: str
    priority: str
    precondition: str
    steps: list[dict[str, Any]]
    tags: list[str]
    requirements: list[dict[str, Any]]
    links: list[dict[str, str]]
    files: list[dict[str, Any]]
    custom_fields: dict[str, dict[str, Any]]
    is_draft: bool
    type: str = "standalone"
    version: int = 1
    legacy_id: str = ""
    shared_precondition: int | None = None
    template_id: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    filled: list[str] = field(default_factory=list)
    suffix_params: list[str] = field(default_factory=list)
    created_at: str = field(default_factory=now)
    updated_at: str = field(default_factory=now)

    def frozen(self) -> "Case":
        """Return this version of the case, untouched by later changes: lists are replaced whole, fields merged."""
        return replace(self, custom_fields=dict(self.custom_fields))


@dataclass(slots=True)
class SharedStep:
    """A shared step (§3.10); people make them in the web UI. ``sub_steps`` as the server answers them."""

    id: int
    title: str
    sub_steps: list[dict[str, Any]]
    version: int = 1
    created_at: str = field(default_factory=now)


@dataclass(slots=True)
class SharedPrecondition:
    """A shared precondition (§3.10); people make them in the web UI."""

    id: int
    title: str
    text: str
    version: int = 1
    created_at: str = field(default_factory=now)
