"""QA Sphere's JSON as it is (``qasphere-api.md`` §4): camelCase, unknown keys ignored, lists that may be null."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel

ListOrNull = BeforeValidator(lambda value: [] if value is None else value)
TextOrNull = BeforeValidator(lambda value: "" if value is None else value)


class Wire(BaseModel):
    """Base of all wire models."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")


class WireProject(Wire):
    """§3.1; ``archived_at`` is null unless archived."""

    id: str
    code: str
    title: str
    archived_at: str | None = None


class WireFolder(Wire):
    """§3.2; ``parent_id`` 0 at the top."""

    id: int
    parent_id: int | None = 0
    title: str
    comment: str | None = None


class WirePrecondition(Wire):
    """§4.1."""

    text: Annotated[str, TextOrNull] = ""


class WireStep(Wire):
    """§4.1; a shared step carries its text in ``sub_steps``."""

    description: Annotated[str, TextOrNull] = ""
    expected: Annotated[str, TextOrNull] = ""
    # a tuple, because a list would be copied for every step without it
    sub_steps: Annotated[tuple["WireStep", ...], ListOrNull] = ()


class WireTag(Wire):
    """§3.8."""

    title: str


class WireRequirement(Wire):
    """§3.9; ``url`` is empty without one. ``tcase_count`` only where it was asked for."""

    id: str
    text: str
    url: Annotated[str, TextOrNull] = ""
    tcase_count: int | None = None


class WireSharedStep(WireStep):
    """§3.10."""

    id: int
    title: str
    version: int | None = None
    deleted_at: str | None = None
    tcase_count: int | None = None


class WireSharedPrecondition(WirePrecondition):
    """§3.10."""

    id: int
    title: Annotated[str, TextOrNull] = ""
    version: int | None = None
    deleted_at: str | None = None
    tcase_count: int | None = None


class WireLink(Wire):
    """A link of a case."""

    text: Annotated[str, TextOrNull] = ""
    url: Annotated[str, TextOrNull] = ""


class WireFieldValue(Wire):
    """A custom field value of a case; both vendor clients require ``is_default`` when they read (§5 addendum)."""

    value: Annotated[str, TextOrNull] = ""
    is_default: bool = False


class WireCaseFile(Wire):
    """A file that a case lists (§4.1); the URL is missing for files from older routes."""

    id: str
    file_name: Annotated[str, TextOrNull] = ""
    mime_type: Annotated[str, TextOrNull] = ""
    size: int = 0
    url: Annotated[str, TextOrNull] = ""


class WireCase(Wire):
    """§4.1. What is None was not in the row: list rows may leave out what was not included (§5 addendum, A-19)."""

    id: str
    seq: int
    title: str
    folder_id: int
    priority: str
    is_draft: bool = False
    version: int | None = None
    precondition: WirePrecondition | None = None
    steps: list[WireStep] | None = None
    tags: list[WireTag] | None = None
    links: list[WireLink] | None = None
    files: list[WireCaseFile] | None = None
    requirements: list[WireRequirement] | None = None
    custom_fields: dict[str, WireFieldValue] | None = None


class WireOption(Wire):
    """A dropdown option (§3.7)."""

    value: str


class WireCustomField(Wire):
    """§3.7."""

    type: str
    system_name: str
    name: str
    required: bool = False
    enabled: bool = True
    options: Annotated[list[WireOption], ListOrNull] = []
    default_value: str | None = None
    allow_all_projects: bool = True
    allowed_project_ids: Annotated[list[str], ListOrNull] = []


class WireUser(Wire):
    """§3.17, ``users/me``."""

    name: Annotated[str, TextOrNull] = ""
    role: Annotated[str, TextOrNull] = ""


class WirePage(Wire):
    """§1.9; both envelopes have these, ``data`` may be null."""

    data: Annotated[list[dict[str, Any]], ListOrNull] = []
    total: int = 0


class WireCreatedCase(Wire):
    """§3.4: the answer to a create, and what every row of a list begins with (§3.3)."""

    id: str
    seq: int


class WireCreatedCases(Wire):
    """§3.6: the answer to a bulk create, in the order of the request."""

    tcases: list[WireCreatedCase]


class WireCount(Wire):
    """§3.3."""

    count: int
