"""Drafts: exactly what QA Sphere accepts, with its limits as types, so that a bad value fails while planning.

Limits: ``qasphere-api.md`` §4.2. Drafts name other items by marker, never by a QA Sphere id, so their digests stay
the same in every workspace.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from migrator.core.base import Frozen, digest_of

TITLE_LIMIT = 511
FOLDER_LIMIT = 255
TAG_LIMIT = 255
LINK_LIMIT = 255
FIELD_LIMIT = 255
FILE_NAME_LIMIT = 255
PROJECT_TITLE_LIMIT = 255
MILESTONE_LIMIT = 255
RUN_TITLE_LIMIT = 255
RUN_TEXT_LIMIT = 512
CASES_PER_RUN = 10_000
"""No cap is documented; the stand-in takes as many (``qasphere-api.md`` §3.12, A-29)."""
COMMENT_LIMIT = 100_000
"""Characters of a result's comment. No limit is documented (§4.2); what is longer is nothing that people read there."""
TEXT_LIMIT = 65_535
"""Characters of HTML in one field. No limit is documented (``qasphere-api.md`` §4.2); longer texts go to files."""

Priority = Literal["low", "medium", "high"]
ResultStatus = Literal[
    "passed", "failed", "blocked", "skipped", "open", "custom1", "custom2", "custom3", "custom4"
]  # fmt: skip
Marker = Annotated[str, StringConstraints(min_length=1, max_length=255)]


def _trimmed(value: str) -> str:
    if value != value.strip():
        raise ValueError("must not begin or end with white space")
    return value


def _single_segment(value: str) -> str:
    if "/" in value:
        raise ValueError('must not contain "/"')
    return value


Title = Annotated[str, StringConstraints(min_length=1, max_length=TITLE_LIMIT), AfterValidator(_trimmed)]
FolderName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=FOLDER_LIMIT),
    AfterValidator(_trimmed),
    AfterValidator(_single_segment),
]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=TAG_LIMIT), AfterValidator(_trimmed)]
LinkPart = Annotated[str, StringConstraints(min_length=1, max_length=LINK_LIMIT)]
FileName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=FILE_NAME_LIMIT),
    AfterValidator(_trimmed),
    AfterValidator(_single_segment),
]
FieldValue = Annotated[str, StringConstraints(max_length=FIELD_LIMIT)]
ProjectCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{2,5}$")]


class Draft(Frozen):
    """What one operation will send; ``marker`` says for which source item."""

    marker: Marker

    @property
    def digest(self) -> str:
        """SHA-256 of the content."""
        return digest_of(self.model_dump(mode="json"))


class ProjectDraft(Draft):
    """A project to be created. ``title``: 1-255 characters."""

    kind: Literal["project"] = "project"
    code: ProjectCode
    title: Annotated[str, StringConstraints(min_length=1, max_length=PROJECT_TITLE_LIMIT), AfterValidator(_trimmed)]


class FolderDraft(Draft):
    """A folder by its whole path from the top; every parent has a draft of its own. ``comment`` (HTML): for a folder
    that is made; one that is there keeps its own."""

    kind: Literal["folder"] = "folder"
    path: Annotated[tuple[FolderName, ...], Field(min_length=1)]
    comment: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of what is compared: people may write another comment."""
        return digest_of(self.model_dump(mode="json", exclude={"comment"}))


class LinkDraft(Frozen):
    """A link of a case; text and URL have 1-255 characters each."""

    text: LinkPart
    url: LinkPart


class RequirementDraft(Frozen):
    """A requirement of a case: text of 1-255 characters, which is its name there, and a URL of at most 255 or none."""

    text: LinkPart
    url: Annotated[str, StringConstraints(max_length=LINK_LIMIT)] = ""


class StepDraft(Frozen):
    """A step; both parts are HTML and at least one is not empty."""

    description: str = ""
    expected: str = ""


class FromAttachment(Frozen):
    """The bytes of an attachment of the source, by its marker."""

    kind: Literal["attachment"] = "attachment"
    marker: Marker


class FromPicture(Frozen):
    """The bytes of what a text of the source shows or leads to, by its address there.

    ``attachment``: marker of the attachment of another item that the address names; empty for none.
    """

    kind: Literal["picture"] = "picture"
    address: str
    # drafts of pictures that are in workspaces keep their digests
    attachment: Annotated[str, Field(exclude_if=lambda marker: not marker)] = ""


class FromText(Frozen):
    """Bytes that the mapping has made or found within a text; base64."""

    kind: Literal["text"] = "text"
    base64: str


class FileDraft(Draft):
    """A file to be uploaded for an item.

    ``media_type`` empty: by name and content.

    Args:
        owner: marker of the item that names it.
        name: 1-255 characters.
    """

    kind: Literal["file"] = "file"
    owner: Marker
    name: FileName
    content: Annotated[FromAttachment | FromPicture | FromText, Field(discriminator="kind")]
    media_type: str = ""


class FileRef(Frozen):
    """A file that a case lists: the marker of its ``FileDraft``, and its name, which no other file of the case has."""

    marker: Marker
    name: FileName


class CaseDraft(Draft):
    """A test case. ``folder`` is the marker of its folder; ``precondition`` and steps are HTML, in which symbolic
    addresses (``migrator.core.text``) name files and other cases.

    Args:
        custom_fields: system name in QA Sphere → value.
        tags, requirements: unique and in order.
        files: what the case lists, in order.
    """

    kind: Literal["case"] = "case"
    folder: Marker
    title: Title
    priority: Priority
    precondition: str = ""
    steps: tuple[StepDraft, ...] = ()
    tags: tuple[Tag, ...] = ()
    links: tuple[LinkDraft, ...] = ()
    requirements: tuple[RequirementDraft, ...] = ()
    custom_fields: dict[str, FieldValue] = {}
    files: tuple[FileRef, ...] = ()
    is_draft: bool = False


class MilestoneDraft(Draft):
    """A milestone. It is nothing but a title (1-255 characters)."""

    kind: Literal["milestone"] = "milestone"
    title: Annotated[str, StringConstraints(min_length=1, max_length=MILESTONE_LIMIT), AfterValidator(_trimmed)]


class RunDraft(Draft):
    """A static run: exactly ``cases`` (markers, in order), for good.

    ``description`` is HTML of at most 512 characters, symbolic addresses counted as they stand, and ends in the marker.
    ``milestone``: marker of a ``MilestoneDraft``, empty without one. The title is unique within the milestone.
    """

    kind: Literal["run"] = "run"
    title: Annotated[str, StringConstraints(min_length=1, max_length=RUN_TITLE_LIMIT), AfterValidator(_trimmed)]
    description: Annotated[str, StringConstraints(max_length=RUN_TEXT_LIMIT)]
    milestone: str = ""
    cases: Annotated[tuple[Marker, ...], Field(min_length=1, max_length=CASES_PER_RUN)]


class RunCloseDraft(Draft):
    """That a run is closed, for good; ``marker`` is that of the run."""

    kind: Literal["close"] = "close"


class ResultCell(Frozen):
    """A cell of a row that a result was made of: id of the column, what it was called then, and what it held."""

    column: str
    name: str
    value: str


class ResultDraft(Draft):
    """A result of a case in a run, both by marker.

    There is no place for links: a link with an issue's id makes QA Sphere write to that issue (§3.13).

    Args:
        source_marker: of the source's result, of which this may be a later edition; ``origin`` in what is stored.
        comment: HTML, may hold symbolic addresses, and ends in the marker.
        cells: what it was made of, where tests are rows of tables; they are not sent.
    """

    # stored drafts and their digests have the older name
    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    kind: Literal["result"] = "result"
    source_marker: Annotated[Marker, Field(validation_alias="origin", serialization_alias="origin")]
    run: Marker
    case: Marker
    status: ResultStatus
    comment: str
    time_taken_ms: Annotated[int, Field(ge=0)] | None = None
    cells: Annotated[tuple[ResultCell, ...], Field(exclude_if=lambda cells: not cells)] = ()


AnyDraft = ProjectDraft | FolderDraft | FileDraft | CaseDraft | MilestoneDraft | RunDraft | RunCloseDraft | ResultDraft
