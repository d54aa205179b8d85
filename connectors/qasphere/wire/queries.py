"""What lists are asked for: pages, filters, order and what to include (``qasphere-api.md`` §1.9, §3)."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from connectors.qasphere.wire.base import Number, Query
from connectors.qasphere.wire.case_bodies import Priority

Order = Literal["asc", "desc"]
Id = Annotated[Number, Field(ge=1)]
CaseSort = Literal[
    "id", "seq", "folder_id", "author_id", "pos", "title", "priority", "created_at", "updated_at", "legacy_id"
]
Include = Literal[
    "precondition",
    "steps",
    "tags",
    "project",
    "folder",
    "path",
    "requirements",
    "customFields",
    "parameterValues",
]
CONTENT: tuple[Include, ...] = ("precondition", "steps", "tags", "requirements", "customFields")
"""What makes a row of a list carry all that a person wrote."""


class PageQuery(Query):
    """Which page (§1.9). ``limit`` up to 5000, 0 for the total only; ``page`` from 1, ignored beside ``offset``. The
    server wants ``sort_field`` with ``sort_order``; without it the order is its own (A-12)."""

    offset: Number | None = Field(default=None, ge=0)
    limit: Number | None = Field(default=None, ge=0, le=5000)
    page: Number | None = Field(default=None, ge=1)
    sort_order: Order | None = None


class FolderQuery(PageQuery):
    """§3.2. ``search``: in titles; undocumented."""

    sort_field: Literal["id", "project_id", "title", "pos", "parent_id", "created_at", "updated_at"] | None = None
    search: str | None = None


class FieldFilter(Query):
    """Filters that cases and cases of runs share. ``custom_fields``: system name → values, one of which must match."""

    search: str | None = None
    tags: tuple[Id, ...] | None = None
    tags_filter_op: Literal["and", "or", "not"] | None = None
    priorities: tuple[Priority, ...] | None = None
    custom_fields: Mapping[str, tuple[str, ...]] | None = Field(default=None, exclude=True)

    def params(self) -> list[tuple[str, str]]:
        """Return the parameters; custom fields are called ``cf_{systemName}``."""
        wanted = self.custom_fields or {}
        return [*super().params(), *((f"cf_{name}", value) for name, values in wanted.items() for value in values)]


class CaseFilter(FieldFilter):
    """Which cases (§3.3): of several filters all must match, of several values of one any. ``folders`` without those
    below. Dates in ISO 8601."""

    folders: tuple[Id, ...] | None = None
    draft: bool | None = None
    types: tuple[Literal["standalone", "template", "filled"], ...] | None = None
    template_tcase_ids: tuple[str, ...] | None = Field(default=None, alias="templateTCaseIds")
    requirement_ids: tuple[str, ...] | None = None
    precondition_ids: tuple[Number, ...] | None = None
    step_ids: tuple[Number, ...] | None = None
    author_ids: tuple[Number, ...] | None = None
    created_after: str | None = None
    created_before: str | None = None


class CaseQuery(CaseFilter, PageQuery):
    """A page of cases (§3.3)."""

    sort_field: CaseSort | None = None
    include: tuple[Include, ...] | None = None


class CaseCount(CaseFilter):
    """``recursive``: ``folders`` with those below (§3.3)."""

    recursive: bool | None = None


class TitledQuery(Query):
    """Tags, shared steps, shared preconditions (§3.8, §3.10)."""

    sort_field: Literal["created_at", "title"] | None = None
    sort_order: Order | None = None
    include: tuple[Literal["tcaseCount"], ...] | None = None


class RequirementQuery(Query):
    """§3.9."""

    sort_field: Literal["created_at", "text"] | None = None
    sort_order: Order | None = None
    include: tuple[Literal["tcaseCount"], ...] | None = None


class MilestoneQuery(Query):
    """§3.11. ``archived``: only those, or only the others."""

    archived: bool | None = None


class RunQuery(Query):
    """§3.12. There are no pages: ``limit`` cuts the rest off."""

    closed: bool | None = None
    milestone_ids: tuple[Id, ...] | None = None
    configuration_ids: tuple[str, ...] | None = None
    limit: Number | None = Field(default=None, ge=0)


class RunCaseQuery(FieldFilter):
    """§3.12."""

    sort_field: CaseSort | None = None
    sort_order: Order | None = None
    include: tuple[Literal["folder"], ...] | None = None


class AuditQuery(Query):
    """§3.18: events later than the id ``after``, up to ``count``."""

    after: Number = Field(default=0, ge=0)
    count: Number = Field(default=100, ge=1, le=1000)
