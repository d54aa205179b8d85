"""The config's ``mapping`` block and the entries of ``projects``."""

import re
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from migrator.core.drafts import TAG_LIMIT, FolderName, Priority, ProjectCode, ResultStatus

_NO_RULES: dict[str, Any] = {"hooks": True, "decisions": True, "runs": {"max_missing_share": True}}


class _Rules(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fallback(_Rules):
    """What a value becomes that no table knows."""

    priority: Priority = "medium"
    status: ResultStatus = "blocked"


class RunRules(_Rules):
    """How runs are built.

    Args:
        single_test: runs of one test become one run per release and month.
        gaps: whether a run is made without a case that could not be migrated.
        missing: results of a test that the source has not any more go to a placeholder in the folder
            ``missing_folder``, or stay in the archive.
        max_missing_share: of the tests that results name, how many may be missing at the first load (0 to 1), of
            items that name some of another list, too, and of what a list held the last time; with more the source may
            not have shown everything. 1 believes whatever it shows.
    """

    single_test: Literal["group", "single"] = "group"
    gaps: Literal["block", "allow"] = "block"
    missing: Literal["placeholder", "archive"] = "placeholder"
    missing_folder: FolderName = "Archived tests"
    max_missing_share: float = Field(default=0.2, ge=0, le=1)


class RequirementRules(_Rules):
    """Whether requirements carry URLs."""

    urls: bool = False


class VerdictColumn(_Rules):
    """A column with words of its own: what each of them says of the test."""

    verdict: dict[str, ResultStatus] = Field(min_length=1)


def _file_or_name(value: object) -> object:
    is_name = isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]+", value)
    return value if is_name or not isinstance(value, str) else Path(value)


HookPlace = Annotated[Path | str, BeforeValidator(_file_or_name)]
"""A file; or, without dot or slash, the name of an entry point."""
ColumnRule = Literal["tester", "executed_at", "comment"] | VerdictColumn


class PageRules(_Rules):
    """Whether requirements, defects, test sets and releases become pages in QA Sphere, with their files, and in which
    folder the cases lie that list these."""

    make: bool = True
    folder: FolderName = "Archived items"


class MappingRules(_Rules):
    """Source values → QA Sphere. Keys of tables are compared without regard to case and surrounding blanks.

    Args:
        custom_fields: source field → system name in QA Sphere, or ``tag`` (becomes ``name: value``), ``text`` (stays
            readable in the precondition), ``drop``; ``*`` stands for all fields that have no rule and no field of the
            same name in QA Sphere.
        tags: source fields whose plain value becomes a tag.
        tag_all: a tag of every case that is made, by which all are found, such as ``migrated-2026-11``.
        decisions: a spreadsheet with more rules, which is read with the config.
        columns: in sources whose tests are rows of tables, name, external id or id of a column → what it holds.
        form_columns: the same for single test forms, by their ids, asked first.
    """

    priority: dict[str, Priority] = {}
    status: dict[str, ResultStatus] = {}
    fallback: Fallback = Fallback()
    custom_fields: dict[str, str] = {}
    tags: tuple[str, ...] = ("test_type",)
    tag_all: Annotated[str, Field(max_length=TAG_LIMIT)] = ""
    inactive: Literal["tag", "draft", "skip"] = "tag"
    people: Literal["name", "email", "none"] = "name"
    history: Literal["all", "last", "none"] = "all"
    runs: RunRules = RunRules()
    requirements: RequirementRules = RequirementRules()
    pages: PageRules = PageRules()
    hooks: HookPlace | None = None
    decisions: Path | None = None
    columns: dict[str, ColumnRule] = {}
    form_columns: dict[str, dict[str, ColumnRule]] = {}

    @field_validator("priority", "status", "custom_fields", "columns", "form_columns", mode="before")
    @classmethod
    def _without_rows(cls, value: object) -> object:
        # YAML reads a table whose rows are all comments as null
        return {} if value is None else value

    def deciding(self) -> dict[str, Any]:
        """Return what decides how items are mapped: where rules come from, and what stops a load, do not."""
        return self.model_dump(mode="json", exclude=_NO_RULES)


def _joined(value: object) -> str:
    """Read a source project: one id, or a list of them where the source knows none above."""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


class OnlyRules(_Rules):
    """Which cases of a project are written; the rest is pending. What is empty leaves nothing out.

    Args:
        ids: at the source, or markers.
        tags: in QA Sphere, one of which a case must have.
        owners: names at the source.
        changed_since: when a case must have been changed last, or later; in UTC where no zone is given.
    """

    ids: tuple[Annotated[str, BeforeValidator(str)], ...] = ()
    tags: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    changed_since: datetime | None = None


class ProjectRules(_Rules):
    """One project: from where to where, and which folders. Paths are written ``A/B``, as the source spells them.
    ``deleted_there``: what was deleted in QA Sphere on purpose: cases as ``SHOP-017``, folders by their paths there, or
    markers of both.
    """

    source: Annotated[str, BeforeValidator(_joined)]
    destination: ProjectCode
    title: str = Field(default="", max_length=255)
    create: bool = True
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    root: tuple[FolderName, ...] = ()
    only: OnlyRules = OnlyRules()
    allow_existing: bool = False
    deleted_there: tuple[str, ...] = ()
