"""Milestones, runs, results and files as QA Sphere answers them (``qasphere-api.md`` §3.11 to §3.15)."""

from typing import Annotated, Any

from pydantic import Field, StrictInt

from connectors.qasphere.wire.base import Answer, ListOrNull, Text
from connectors.qasphere.wire.cases import FieldValue, Folder, Link, Precondition, Requirement, Step, StoredFile, Tag


class IntegerId(Answer):
    """The answer to creates of milestones, runs, results and plans (§1.6)."""

    id: StrictInt


class IntegerIds(Answer):
    """The answer to a result batch, in the order of its items (§3.13)."""

    ids: list[StrictInt]


class TextId(Answer):
    """The answer to creates of projects and run logs (§1.6)."""

    id: str = Field(min_length=1)


class Milestone(Answer):
    """§3.11; ``archived_at`` is null unless archived."""

    id: int
    title: str
    created_at: str | None = None
    updated_at: str | None = None
    archived_at: str | None = None
    archived_by: int | None = None


class Run(Answer):
    """§3.12. ``status_counts``: status → cases, ``all`` for their number. What is None was not in the row (A-30)."""

    id: int
    title: str
    type: str
    closed: bool
    description: Text = ""
    status_counts: dict[str, int] | None = None
    milestone_id: int | None = None
    configuration_id: str | None = None
    assignment_id: int | None = None
    plan_id: int | None = None
    created_at: str | None = None
    closed_at: str | None = None


class RunList(Answer):
    """§3.12. ``open`` and ``closed``: how many of each there are; undocumented."""

    runs: Annotated[list[Run], ListOrNull] = []
    open: int | None = None
    closed: int | None = None


class RunCase(Answer):
    """A case in a run (§3.12). ``status``: of its last result, open without one."""

    id: str
    seq: int
    title: str
    status: str
    version: int | None = None
    type: str | None = None
    folder_id: int | None = None
    pos: int | None = None
    priority: str | None = None
    legacy_id: Text = ""
    is_automated: bool | None = None
    is_empty: bool | None = None
    template_tcase_id: str | None = Field(default=None, alias="templateTCaseId")
    folder: Folder | None = None


class RecordedLink(Answer):
    """A link of a result as it is read back (A-33)."""

    text: Text = ""
    url: Text = ""
    integration_id: str | None = None
    meta: dict[str, Any] | None = None


class Result(Answer):
    """A result as it is read back; the shape is assumed (A-33). ``time_taken`` in milliseconds."""

    id: int
    status: str
    comment: Text = ""
    time_taken: int | None = None
    links: Annotated[list[RecordedLink], ListOrNull] = []
    author_id: int | None = None
    created_at: str | None = None


class RunCaseWhole(RunCase):
    """A case in a run with its content, and its results, oldest first (A-33)."""

    results: Annotated[list[Result], ListOrNull] = []
    comment: Text = ""
    precondition: Precondition | None = None
    author_id: int | None = None
    requirements: Annotated[list[Requirement], ListOrNull] = []
    links: Annotated[list[Link], ListOrNull] = []
    files: Annotated[list[StoredFile], ListOrNull] = []
    tags: Annotated[list[Tag], ListOrNull] = []
    steps: Annotated[list[Step], ListOrNull] = []
    custom_fields: dict[str, FieldValue] | None = None
    created_at: str | None = None
    is_latest_version: bool | None = None


class UploadedFile(Answer):
    """An uploaded file (§3.15). ``url`` needs a log-in; ``stable_url``: its path, undocumented."""

    id: str = Field(min_length=1)
    url: str = Field(min_length=1)
    stable_url: str | None = None


class UploadedFiles(Answer):
    """The answer to a batch upload, in the order of its files (§3.15)."""

    files: list[UploadedFile]
