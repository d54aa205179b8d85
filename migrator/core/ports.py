"""The seams: what the engine asks of QA Sphere and of the mapping. Data first, then protocols."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from pydantic import field_serializer

from migrator.core.base import Frozen
from migrator.core.drafts import (
    AnyDraft,
    CaseDraft,
    FileDraft,
    FolderDraft,
    LinkDraft,
    ProjectDraft,
    RequirementDraft,
    StepDraft,
)
from migrator.core.model import AnyEntity, Attachment, Comment, Folder, ItemKind, Project, TestCase, User
from migrator.core.notes import Note
from migrator.core.ports_source import Content
from migrator.core.refs import Ref

if TYPE_CHECKING:
    from migrator.core.ports_history import HistoryDestination, HistoryMapper, HistoryReader, HistoryWorld

# --- destination ------------------------------------------------------------------------------------------------------

CASES_PER_PAGE = 200
"""Rows in one page of ``DestinationReader.cases`` and ``folders``."""
FOLDERS_PER_CALL = 100
"""Folders in one ``Destination.upsert_folders``."""
FILES_PER_CALL = 100
"""Files in one ``Destination.upload_files`` (``qasphere-api.md`` §3.15)."""
UPLOAD_BYTES = 100 * 1024 * 1024
"""Bytes of all files in one ``Destination.upload_files``; a fifth of what the server takes."""
FILE_BYTES = 50 * 1024 * 1024
"""The largest file that QA Sphere takes (§3.15)."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """Called around one write. ``before_send`` right before each attempt leaves (after pacing); it must have been
    awaited before a byte is sent. ``sent`` once the request is on the wire."""

    before_send: Callable[[], Awaitable[None]]
    sent: Callable[[], None]


class CustomFieldView(Frozen):
    """A custom field of QA Sphere that is enabled for a project. ``options`` are the dropdown's value texts."""

    system_name: str
    name: str
    type: str
    required: bool = False
    has_default: bool = False
    options: tuple[str, ...] = ()


class ProjectView(Frozen):
    """A project of QA Sphere. ``address``: its URL in the web UI. ``has_marker_field``: cases can carry the marker
    in a custom field, so that they can be found by it. ``fields_known`` False: no project could be asked for them.
    ``keeps_images``, ``keeps_tables``: they were seen to survive in its texts."""

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
    """A folder of QA Sphere; ``parent_id`` None at the top."""

    id: int
    parent_id: int | None
    title: str


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
    """A test case as QA Sphere gives it back. ``markers``: all it carries, from the custom field and the links.

    ``links`` and ``requirements``: (text, url) pairs. ``custom_fields`` without the marker field. ``version`` rises
    with every change that the server makes for somebody; None when it does not say. ``unseen``: fields that the answer
    did not hold.
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


class DestinationReader(Protocol):
    """QA Sphere, for those who only look. All methods raise ``TemporaryError``, ``AuthenticationError`` or
    ``Rejected``."""

    @property
    def history(self) -> "HistoryReader":
        """Milestones, runs and results."""
        ...

    async def check(self) -> None:
        """Prove base URL, key and role; ``AuthenticationError`` when the key may not write."""
        ...

    async def project(self, code: str) -> ProjectView | None:
        """Return the project, or None."""
        ...

    async def project_to_be(self, code: str) -> ProjectView:
        """Return what a project would be like if it were created now: with the custom fields that every project has,
        as far as another project shows them."""
        ...

    async def folders(self, code: str) -> Sequence[FolderView]:
        """Return all folders of the project."""
        ...

    async def case(self, code: str, case_id: str) -> CaseView:
        """Return one case, whole; ``Rejected`` with status 404 when it is not there."""
        ...

    async def cases(self, code: str, cursor: str | None, *, whole: bool, newest_first: bool = False) -> CasePage:
        """Return the page of ``CASES_PER_PAGE`` cases at ``cursor`` (None: the first), by ``seq``.

        ``whole``: with every field, whatever that costs; otherwise with what one request gives, markers always.
        """
        ...

    async def download_file(self, file_id: str, target: Path) -> Content:
        """Put the bytes of a file at ``target``; ``Rejected`` with status 404 when it is not there."""
        ...

    async def highest_seq(self, code: str) -> int:
        """Return the number of the newest case; 0 in an empty project."""
        ...

    async def carries_marker(self, code: str) -> bool:
        """Return whether cases created now carry their marker in a custom field, so that it can be searched for."""
        ...

    async def find_cases(
        self, code: str, markers: Sequence[str], *, floor: int, keyed: bool
    ) -> Mapping[str, Sequence[CaseView]]:
        """Look the markers up. ``keyed``: their creates were sent with the marker in the custom field, which is then
        searched, several in one request; otherwise newest first down to (excluding) the number ``floor``. Markers
        that are not there are missing in the answer."""
        ...

    def waiting_for(self) -> str:
        """Say in a few words what holds the calls up right now; empty when nothing does."""
        ...


class Destination(DestinationReader, Protocol):
    """QA Sphere, for those who write. Creates that take effect at most once also raise ``OutcomeUnknown``. Nothing
    here repeats such a create by itself unless the server certainly did nothing."""

    @property
    def history(self) -> "HistoryDestination":
        """Milestones, runs and results."""
        ...

    async def create_project(self, draft: ProjectDraft, hooks: Hooks) -> Created:
        """Create the project, without a default folder where the server allows."""
        ...

    async def upsert_folders(self, code: str, drafts: Sequence[FolderDraft], hooks: Hooks) -> Sequence[Created]:
        """Make sure that the folders exist, in this order; answers leaf ids in the same order. At most
        ``FOLDERS_PER_CALL``. Safe to repeat."""
        ...

    async def create_case(
        self, code: str, folder_id: int, draft: CaseDraft, files: Sequence[StoredFile], hooks: Hooks
    ) -> Created:
        """Create a case at the end of its folder, with its marker and ``files``. No symbolic address is left in the
        draft. ``OutcomeUnknown`` when it may exist now or later; ``Rejected`` with status 409 when its position clashed
        and nothing was stored."""
        ...

    async def upload_files(self, uploads: Sequence[Upload], hooks: Hooks) -> Sequence[StoredFile]:
        """Upload at most ``FILES_PER_CALL`` files, all or none; answers in the same order. Repeated after a lost
        answer: what that leaves behind is a file that nobody refers to."""
        ...

    async def update_case(self, code: str, case_id: str, patch: CasePatch, hooks: Hooks) -> None:
        """Change a case; every call makes a new version. ``OutcomeUnknown`` when it may have taken effect."""
        ...


# --- mapping ----------------------------------------------------------------------------------------------------------

Outcome = Literal["draft", "excluded", "folded", "rejected"]


@dataclass(frozen=True, slots=True)
class Mapped:
    """What became of one source item: a draft, or no draft and the ``reason``; and the notes it cost.

    ``made``: there is no such source item, but it is needed, such as the folder that holds everything. ``files``: what
    the draft names and has to be uploaded first. ``folded``: markers of items that stand within the draft.
    """

    marker: str
    kind: ItemKind
    title: str
    outcome: Outcome
    draft: AnyDraft | None = None
    reason: str = ""
    notes: tuple[Note, ...] = ()
    made: bool = False
    files: tuple[FileDraft, ...] = ()
    folded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Linked:
    """The other end of a link. ``entity`` None: the source names it but did not give it. ``relation``: its word.

    ``marker``: the link itself. ``attachments``: what hangs on the other end.
    """

    ref: Ref | None
    relation: str
    entity: AnyEntity | None
    marker: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Around:
    """What hangs on an item, in the order of extraction. ``cases``: addresses in its texts that lead to test cases of
    the same project at the source → their markers."""

    attachments: tuple[Attachment, ...] = ()
    comments: tuple[Comment, ...] = ()
    linked: tuple[Linked, ...] = ()
    cases: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FolderPlan:
    """The folder tree to be. ``items``: every source folder, and folders that only cases know of, parents first.

    ``place``: source folder marker → marker of the folder to put cases into, or None when it is excluded. The empty
    marker stands for the root of the source. ``refused``: source folder marker → why its cases cannot be migrated.
    """

    items: tuple[Mapped, ...]
    place: Mapping[str, str | None]
    refused: Mapping[str, str] = field(default_factory=dict)


class Mapper(Protocol):
    """Pure rules from entities to drafts: no network, no exceptions for bad data."""

    @property
    def digest(self) -> str:
        """Changes when the rules change."""
        ...

    def project(self, project: Project) -> Mapped:
        """Map the project."""
        ...

    def folders(self, project: Project, folders: Sequence[Folder], used: Mapping[str, str | None]) -> FolderPlan:
        """Map all folders at once. ``used``: the folder markers that cases name, with the folder's name if the case
        knows it; the empty marker when a case lies at the root."""
        ...

    def case(self, case: TestCase, around: Around, folders: FolderPlan) -> Mapped:
        """Map one case with what hangs on it. Of the folders nothing but the place of its own may matter: a case of
        which all this is as it was is not mapped again."""
        ...

    def history(self, world: "HistoryWorld") -> "HistoryMapper":
        """Return the rules for milestones, runs and results."""
        ...


MakeMapper = Callable[[Sequence[User], ProjectView | None], Mapper]
"""Builds the mapper of a project from its people and from what its destination accepts (None: not created yet)."""
