"""Projects, folders and cases as they are sent, with the limits of ``qasphere-api.md`` §4.2."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from connectors.qasphere.wire.base import Body, Number

Title = Annotated[str, Field(min_length=1, max_length=255)]
CaseTitle = Annotated[str, Field(min_length=1, max_length=511)]
Address = Annotated[str, Field(min_length=1, max_length=255)]
Priority = Literal["low", "medium", "high"]
FolderName = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^/]+$")]
FolderPath = Annotated[tuple[FolderName, ...], Field(min_length=1)]
SystemName = Annotated[str, Field(max_length=64)]


class NewLink(Body):
    """A link of a case or of a project."""

    text: Title
    url: Address


class NewProject(Body):
    """A project (§3.1). ``overview_description``: HTML. The three switches are undocumented."""

    code: str = Field(pattern=r"^[A-Za-z0-9]{2,5}$")
    title: Title
    links: tuple[NewLink, ...] | None = None
    overview_title: Annotated[str, Field(max_length=255)] | None = None
    overview_description: str | None = None
    skip_default_folder: bool | None = None
    skip_default_configurations: bool | None = None
    skip_default_ai_rules: bool | None = Field(default=None, alias="skipDefaultAIRules")


class FolderUpsert(Body):
    """A folder that must exist (§3.2). ``comment``: HTML for the leaf; None leaves the one that is there."""

    path: FolderPath
    comment: str | None = None


class FolderUpserts(Body):
    """Folders that must exist, in the order in which new ones shall stand (§3.2); at most 1000 (A-17)."""

    folders: tuple[FolderUpsert, ...] = Field(min_length=1, max_length=1000)


class NewPrecondition(Body):
    """A text in HTML, or the id of a shared precondition (§3.4)."""

    text: str | None = None
    shared_precondition_id: Number | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _either(self) -> Self:
        if (self.text is None) == (self.shared_precondition_id is None):
            raise ValueError("give either text or sharedPreconditionId")
        return self


class FileRef(Body):
    """An uploaded file (§3.4). Name, type and size are kept as declared, unchecked: give all (A-21)."""

    id: str = Field(min_length=1, max_length=64)
    file_name: str | None = Field(default=None, min_length=1)
    mime_type: str | None = Field(default=None, min_length=1)
    size: Number | None = Field(default=None, ge=0)
    url: str | None = None
    stable_url: str | None = None


class NewStepData(Body):
    """What a step carries beside its texts (§3.4): by ``type`` a text, a url or a file. Undocumented."""

    type: Literal["text", "link", "file"]
    label: str | None = None
    text: str | None = None
    format: str | None = None
    url: str | None = None
    file: FileRef | None = None

    @model_validator(mode="after")
    def _has_what_it_is(self) -> Self:
        if {"text": self.text, "link": self.url, "file": self.file}[self.type] is None:
            raise ValueError(f"step data of the type {self.type} without its content")
        return self


class NewStep(Body):
    """A step in HTML, or the id of a shared one (§3.4)."""

    description: str | None = None
    expected: str | None = None
    shared_step_id: Number | None = Field(default=None, ge=1)
    data: Annotated[tuple[NewStepData, ...], Field(max_length=20)] | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.description is None and self.expected is None and self.shared_step_id is None:
            raise ValueError("a step needs a description, an expected result or a sharedStepId")
        return self


class NewRequirement(Body):
    """A requirement by text and address, matched or made (§3.4); ``url`` may be empty."""

    text: Title
    url: Annotated[str, Field(max_length=255)] = ""


class NewFieldValue(Body):
    """A value of a custom field, a dropdown's by its text; or ``is_default`` without a value (§3.4)."""

    value: str | None = None
    is_default: bool | None = None


class Parameters(Body):
    """The values of one filled case. ``tcase_id``: one to change, in an update only; without it, one is made."""

    values: Mapping[str, str]
    tcase_id: str | None = None


class CaseContent(Body):
    """What create and update have in common (§3.4, §3.5). ``comment``: an old name of the precondition's text."""

    precondition: NewPrecondition | None = None
    comment: str | None = None
    steps: tuple[NewStep, ...] | None = None
    tags: tuple[Title, ...] | None = None
    requirements: tuple[NewRequirement, ...] | None = None
    links: tuple[NewLink, ...] | None = None
    files: tuple[FileRef, ...] | None = None
    custom_fields: Mapping[SystemName, NewFieldValue] | None = None
    parameter_values: tuple[Parameters, ...] | None = None
    filled_tcase_title_suffix_params: tuple[Title, ...] | None = Field(
        default=None, alias="filledTCaseTitleSuffixParams"
    )
    is_draft: bool | None = None


class NewCase(CaseContent):
    """A case or a template (§3.4). ``pos``: from 0 in its folder; without it, at the end."""

    title: CaseTitle
    folder_id: Number = Field(ge=1)
    priority: Priority
    type: Literal["standalone", "template"] = "standalone"
    pos: Number | None = Field(default=None, ge=0)


class CaseChange(CaseContent):
    """What to change in a case (§3.5): lists are replaced whole, custom fields merged. ``parameter_values``: filled
    cases that are not listed are deleted. A draft can be published, never the other way round."""

    title: CaseTitle | None = None
    priority: Priority | None = None


class CaseMarkers(Body):
    """Markers such as ``SHOP-007`` to look up (§3.6). Undocumented."""

    seq_ids: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9]{2,5}-[0-9]+$")], ...]
    offset: Number | None = Field(default=None, ge=0)
    limit: Number | None = Field(default=None, ge=0, le=5000)
    page: Number | None = Field(default=None, ge=1)


class CaseSkeleton(Body):
    """A case of title and tags only (§3.6)."""

    title: CaseTitle
    tags: tuple[Title, ...] = ()


class CaseSkeletons(Body):
    """Up to 500 cases for one folder, which is made if missing (§3.6). Undocumented."""

    folder_path: FolderPath
    tcases: tuple[CaseSkeleton, ...] = Field(min_length=1, max_length=500)
