"""QA Sphere as it is read, and what is sent to change a case, as values. It knows nothing of any source."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import field_serializer

from migrator.core.base import Frozen
from migrator.core.drafts import LinkDraft, RequirementDraft, StepDraft
from migrator.core.errors import Rejected


class CustomFieldView(Frozen):
    """A custom field of QA Sphere that is enabled for a project. ``options`` are the dropdown's value texts."""

    system_name: str
    name: str
    type: str
    required: bool = False
    has_default: bool = False
    options: tuple[str, ...] = ()


class ProjectView(Frozen):
    """A project of QA Sphere.

    Args:
        address: its URL in the web UI.
        has_marker_field: cases can carry the marker in a custom field, so that they can be found by it.
        fields_known: False means no project could be asked for them.
        keeps_images, keeps_tables: they were seen to survive in its texts.
    """

    id: str
    code: str
    title: str
    archived: bool
    address: str
    has_marker_field: bool = False
    custom_fields: tuple[CustomFieldView, ...] = ()
    fields_known: bool = True
    keeps_images: bool = False
    keeps_tables: bool = False


class FolderView(Frozen):
    """A folder of QA Sphere; ``parent_id`` None at the top, ``comment`` None where lists do not show it."""

    id: int
    parent_id: int | None
    title: str
    comment: str | None = None


class StoredFile(Frozen):
    """A file in QA Sphere. ``url`` needs a log-in there, or the API key; empty when the answer did not hold it."""

    id: str
    name: str
    media_type: str
    size: int
    url: str = ""


class StepView(Frozen):
    """A step as stored (HTML)."""

    description: str = ""
    expected: str = ""


class CaseView(Frozen):
    """A test case as QA Sphere gives it back.

    Args:
        markers: all it carries, from the custom field and the links.
        links, requirements: (text, url) pairs.
        custom_fields: without the marker field.
        marker_in_field: the marker field.
        version: rises with every change that the server makes for somebody; None when it does not say.
        unseen: fields that the answer did not hold.
    """

    id: str
    seq: int
    title: str
    folder_id: int
    priority: str
    precondition: str
    steps: tuple[StepView, ...]
    tags: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    custom_fields: dict[str, str]
    is_draft: bool
    files: tuple[StoredFile, ...] = ()
    markers: tuple[str, ...]
    marker_in_field: str = ""
    requirements: tuple[tuple[str, str], ...] = ()
    version: int | None = None
    unseen: frozenset[str] = frozenset()

    @field_serializer("unseen", when_used="json")
    def _in_order(self, unseen: frozenset[str]) -> list[str]:
        # the same case is always the same JSON
        return sorted(unseen)


class CasePatch(Frozen):
    """What to change in a case; None: leave it. Lists replace what is there; custom fields are merged by name."""

    title: str | None = None
    priority: str | None = None
    precondition: str | None = None
    steps: tuple[StepDraft, ...] | None = None
    tags: tuple[str, ...] | None = None
    links: tuple[LinkDraft, ...] | None = None
    requirements: tuple[RequirementDraft, ...] | None = None
    custom_fields: dict[str, str] | None = None
    files: tuple[StoredFile, ...] | None = None
    is_draft: Literal[False] | None = None


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of cases. ``next_cursor`` None: the last one."""

    cases: tuple[CaseView, ...]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on disk that is to be uploaded. ``size`` in bytes, exact."""

    path: Path
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Created:
    """QA Sphere's answer to a create: ``id``, and for cases their number within the project."""

    id: str
    seq: int | None = None


class MilestoneView(Frozen):
    """A milestone of QA Sphere. An archived one takes no runs, and keeps its title."""

    id: int
    title: str
    archived: bool


class RunView(Frozen):
    """A run of QA Sphere.

    Args:
        description: HTML; None when the list did not hold it (A-30).
        milestone_id: None when the list did not hold it (A-30).
        counts: status → cases, ``all`` for their number; None when not told.
    """

    id: int
    title: str
    closed: bool
    description: str | None = None
    milestone_id: int | None = None
    counts: dict[str, int] | None = None


class RunCaseView(Frozen):
    """A case in a run, with the status of its last result; ``open`` without one."""

    id: str
    status: str


class ResultView(Frozen):
    """A result as it is read back. ``comment`` is HTML."""

    id: int
    status: str
    comment: str
    time_taken_ms: int | None = None


class TitleTaken(Rejected):
    """The title is that of another run in the same milestone; nothing was stored. ``run_id``: the run that has it."""

    def __init__(
        self, message: str, *, cause: str = "", status: int | None = None, body: str = "", run_id: int = 0
    ) -> None:
        super().__init__(message, cause=cause, status=status, body=body)
        self.run_id = run_id
