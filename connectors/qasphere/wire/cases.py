"""Projects, folders, cases and what cases refer to, as QA Sphere answers them (``qasphere-api.md`` §3.1 to §3.10)."""

from typing import Annotated

from pydantic import Field

from connectors.qasphere.wire.base import Answer, ListOrNull, Text


class Link(Answer):
    """A link of a case or of a project."""

    text: Text = ""
    url: Text = ""


class Project(Answer):
    """§3.1; ``archived_at`` is null unless archived. HTML: ``overview_description``, of old ``description``."""

    id: str
    code: str
    title: str
    description: Text = ""
    overview_title: Text = ""
    overview_description: Text = ""
    links: Annotated[list[Link], ListOrNull] = []
    created_at: str | None = None
    updated_at: str | None = None
    archived_at: str | None = None


class Folder(Answer):
    """§3.2; ``parent_id`` 0 at the top, ``comment`` HTML."""

    id: int
    parent_id: int | None = 0
    title: str
    comment: str | None = None
    project_id: str | None = None
    pos: int | None = None


class FolderIds(Answer):
    """§3.2: one list of ids per path, one id per name, the last the leaf's."""

    ids: list[list[int]]


class Precondition(Answer):
    """§4.1."""

    text: Text = ""
    id: int | None = None
    title: Text = ""
    type: str | None = None
    version: int | None = None
    project_id: str | None = None
    is_latest: bool | None = None
    created_at: str | None = None
    updated_at: str | None = None
    deleted_at: str | None = None


class StoredFile(Answer):
    """A file that a case or a step lists (§4.1); ``url`` is missing for files from older routes."""

    id: str
    file_name: Text = ""
    mime_type: Text = ""
    size: int = 0
    url: Text = ""
    stable_url: str | None = None


class StepData(Answer):
    """What a step carries beside its texts (§3.4): a text, a link or a file, by ``type``. Undocumented."""

    type: str
    label: str | None = None
    text: str | None = None
    format: str | None = None
    url: str | None = None
    file: StoredFile | None = None


class Step(Answer):
    """§4.1; a shared step carries its text in ``sub_steps``, and a title."""

    description: Text = ""
    expected: Text = ""
    # a tuple, because a list would be copied for every step without it
    sub_steps: Annotated[tuple["Step", ...], ListOrNull] = ()
    id: int | None = None
    type: str | None = None
    version: int | None = None
    is_latest: bool | None = None
    title: Text = ""
    data: Annotated[tuple[StepData, ...], ListOrNull] = ()
    deleted_at: str | None = None


class SharedStep(Step):
    """§3.10. ``tcase_count`` only where it was asked for."""

    id: int
    tcase_count: int | None = None


class SharedPrecondition(Precondition):
    """§3.10. ``tcase_count`` only where it was asked for."""

    id: int
    tcase_count: int | None = None


class Tag(Answer):
    """§3.8. ``tcase_count`` only where it was asked for."""

    title: str
    id: int | None = None
    tcase_count: int | None = None


class RequirementLink(Answer):
    """The issue in a tracker that a requirement stands for (§3.9; Jira only)."""

    type: str | None = None
    integration_id: str | None = None
    issue_id: str | None = None
    issue_title: str | None = None
    issue_url: str | None = None
    remote_link_id: str | int | None = None


class Requirement(Answer):
    """§3.9; ``url`` is empty without one. ``tcase_count`` only where it was asked for."""

    id: str
    text: str
    url: Text = ""
    integration_link: RequirementLink | None = None
    tcase_count: int | None = None


class FieldValue(Answer):
    """A custom field value of a case; both vendor clients require ``is_default`` when they read (§5 addendum)."""

    value: Text = ""
    is_default: bool = False


class ParameterValue(Answer):
    """The values of one filled case of a template (§4.1)."""

    tcase_id: str
    tcase_version: int | None = None
    values: dict[str, str] = {}


class Case(Answer):
    """§4.1. What is None was not in the row: list rows may leave out what was not included (§5 addendum, A-19)."""

    id: str
    seq: int
    title: str
    folder_id: int
    priority: str
    is_draft: bool = False
    legacy_id: Text = ""
    version: int | None = None
    type: str | None = None
    pos: int | None = None
    comment: str | None = None
    precondition: Precondition | None = None
    steps: list[Step] | None = None
    tags: list[Tag] | None = None
    links: list[Link] | None = None
    files: list[StoredFile] | None = None
    requirements: list[Requirement] | None = None
    custom_fields: dict[str, FieldValue] | None = None
    author_id: int | None = None
    is_latest_version: bool | None = None
    is_empty: bool | None = None
    template_tcase_id: str | None = Field(default=None, alias="templateTCaseId")
    num_filled_tcases: int | None = Field(default=None, alias="numFilledTCases")
    parameter_values: list[ParameterValue] | None = None
    filled_tcase_title_suffix_params: list[str] | None = Field(default=None, alias="filledTCaseTitleSuffixParams")
    folder: Folder | None = None
    path: list[Folder] | None = None
    project: Project | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Option(Answer):
    """A dropdown option (§3.7)."""

    value: str
    id: str | None = None


class CustomField(Answer):
    """§3.7. ``type``: text, dropdown, checkbox or richtext."""

    type: str
    system_name: str
    name: str
    id: str | None = None
    required: bool = False
    enabled: bool = True
    options: Annotated[list[Option], ListOrNull] = []
    default_value: str | None = None
    pos: int | None = None
    allow_all_projects: bool = True
    allowed_project_ids: Annotated[list[str], ListOrNull] = []
    created_at: str | None = None
    updated_at: str | None = None


class CreatedCase(Answer):
    """§3.4: the answer to a create, and what every row of a list begins with (§3.3)."""

    id: str
    seq: int


class CreatedCases(Answer):
    """§3.6: the answer to a bulk create, in the order of the request."""

    tcases: list[CreatedCase]


class Count(Answer):
    """§3.3."""

    count: int


class Message(Answer):
    """What the server says when there is nothing else to answer."""

    message: Text = ""
