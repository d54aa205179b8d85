"""The port to QA Sphere: what the engine asks of it, as protocols."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from migrator.core.drafts import CaseDraft, FolderDraft, MilestoneDraft, ProjectDraft, ResultDraft, RunDraft
from migrator.core.ports.source import Content
from migrator.core.ports.traffic import Traffic
from migrator.core.views import (
    CasePage,
    CasePatch,
    CaseView,
    Created,
    FolderView,
    MilestoneView,
    ProjectView,
    ResultView,
    RunCaseView,
    RunView,
    StoredFile,
    Upload,
)

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
RESULTS_PER_CALL = 500
"""Results in one ``HistoryDestination.create_results``."""
RESULT_BYTES_PER_CALL = 4 * 1024 * 1024
"""Bytes in one call, by ``result_bytes``, unless a single result is larger; roughly the size of the request."""
_OVERHEAD = 200


def result_bytes(draft: ResultDraft) -> int:
    """Return what a result takes of ``RESULT_BYTES_PER_CALL``: its comment, and about 200 bytes beside it."""
    return len(draft.comment.encode()) + _OVERHEAD


@dataclass(frozen=True, slots=True)
class Hooks:
    """Called around one write. ``before_send`` right before each attempt leaves (after pacing); it must have been
    awaited before a byte is sent. ``sent`` once the request is on the wire."""

    before_send: Callable[[], Awaitable[None]]
    sent: Callable[[], None]


class HistoryReader(Protocol):
    """Milestones, runs and results, for those who only look. Methods raise what ``DestinationReader`` raises."""

    async def statuses(self) -> Mapping[str, str]:
        """Return name → id of the active custom result statuses of the tenant."""
        ...

    async def milestones(self, code: str) -> Sequence[MilestoneView]:
        """Return all milestones, archived ones included."""
        ...

    async def runs(self, code: str) -> Sequence[RunView]:
        """Return all runs, closed ones included, in one request."""
        ...

    async def run_cases(self, code: str, run_id: int) -> Sequence[RunCaseView]:
        """Return the cases of a run, in one request."""
        ...

    async def results(self, code: str, run_id: int, case_id: str) -> Sequence[ResultView] | None:
        """Return the results of one case in one run, oldest first; None when QA Sphere does not give them back."""
        ...


class HistoryDestination(HistoryReader, Protocol):
    """Milestones, runs and results, for those who write. Creates also raise ``OutcomeUnknown``."""

    async def create_milestone(self, code: str, draft: MilestoneDraft, hooks: Hooks) -> Created:
        """Create a milestone; QA Sphere may permit a title twice."""
        ...

    async def create_run(
        self, code: str, draft: RunDraft, milestone_id: int | None, case_ids: Sequence[str], hooks: Hooks
    ) -> Created:
        """Create a static run of exactly these cases; ``TitleTaken`` when another one has the title."""
        ...

    async def create_results(
        self, code: str, run_id: int, results: Sequence[tuple[str, ResultDraft]], hooks: Hooks
    ) -> Sequence[Created]:
        """Add results, each with its case's id, in this order; answers as many ids, in the same order.

        ``Rejected`` with 409 when the run is closed. After another refusal nobody knows how many were stored.
        """
        ...

    async def close_run(self, code: str, run_id: int, hooks: Hooks) -> None:
        """Close a run for good; safe to repeat."""
        ...


class DestinationReader(Protocol):
    """QA Sphere, for those who only look. All methods raise ``TemporaryError``, ``AuthenticationError`` or
    ``Rejected``."""

    @property
    def history(self) -> HistoryReader:
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

    async def folder(self, code: str, folder_id: int) -> FolderView | None:
        """Return one folder, or None."""
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

    async def cases_above(self, code: str, floor: int) -> Sequence[Created]:
        """Return id and number of the cases with a number above ``floor``, newest first."""
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

    def traffic(self) -> Traffic:
        """Return what was asked since it was opened."""
        ...


class Destination(DestinationReader, Protocol):
    """QA Sphere, for those who write. Creates that take effect at most once also raise ``OutcomeUnknown``. Nothing
    here repeats such a create by itself unless the server certainly did nothing."""

    @property
    def history(self) -> HistoryDestination:
        """Milestones, runs and results."""
        ...

    async def create_project(self, draft: ProjectDraft, hooks: Hooks) -> Created:
        """Create the project, without a default folder where the server allows."""
        ...

    async def upsert_folders(self, code: str, drafts: Sequence[FolderDraft], hooks: Hooks) -> Sequence[Created]:
        """Make sure that the folders exist, in this order; answers leaf ids in the same order. At most
        ``FOLDERS_PER_CALL``. Safe to repeat."""
        ...

    async def comment_on_folder(self, code: str, path: Sequence[str], comment: str, hooks: Hooks) -> None:
        """Overwrite the comment of a folder that is there, also with nothing. Safe to repeat."""
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
