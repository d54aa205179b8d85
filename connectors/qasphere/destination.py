"""QA Sphere as a destination: the port of the engine on top of the endpoints."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from connectors.qasphere.api import QASphereApi
from connectors.qasphere.convert import (
    case_body,
    case_view,
    custom_field_view,
    folder_view,
    patch_body,
    usable_field,
)
from connectors.qasphere.history import QASphereHistory
from connectors.qasphere.refusals import access_error, sendable, writing
from connectors.qasphere.wire.case_bodies import FolderUpserts, NewProject
from connectors.qasphere.wire.cases import Case, CustomField
from connectors.qasphere.wire.queries import CONTENT, CaseQuery, FolderQuery
from migrator.core.drafts import CaseDraft, FolderDraft, ProjectDraft
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import AuthenticationError, ConfigError, Rejected
from migrator.core.ports.destination import CASES_PER_PAGE, Hooks
from migrator.core.ports.source import Content
from migrator.core.views import CasePage, CasePatch, CaseView, Created, FolderView, ProjectView, StoredFile, Upload
from migrator.http.multipart import file_part
from migrator.http.paging import next_offset

_MARKERS_PER_LOOK_UP = 20
_WRITING_ROLES = {"owner", "admin", "user"}


class QASphereDestination:
    """Implements ``Destination``. Remembers per project whether cases can carry the marker in a custom field."""

    def __init__(self, api: QASphereApi, marker_field: str) -> None:
        self._api = api
        self._marker_field = marker_field
        self._has_marker_field: dict[str, bool] = {}
        self._folder_offsets: dict[int, int] = {}
        self.history = QASphereHistory(api)
        # what the API answers whole
        self.waiting_for = api.waiting_for
        self.traffic = api.traffic
        self.clock_skew = api.clock_skew

    async def check(self) -> None:
        """Prove base URL, key and role. Without ``users/me`` (undocumented) the role shows at the first write."""
        try:
            await self._check_role()
        except Rejected as error:
            if error.status == 402:  # who the key belongs to is no feature that one could do without
                raise AuthenticationError(
                    "the tenant's subscription does not let the API key in",
                    code=ErrorCode.PERMISSION,
                    cause=error.cause,
                    next_step="have its owner settle that with QA Sphere, then run the same command again",
                ) from error
            if error.status != 404:
                raise access_error(error) from error
            await self._check_address()

    async def _check_role(self) -> None:
        user = await self._api.users.me()
        if user.role and user.role not in _WRITING_ROLES:
            raise AuthenticationError(
                f"the API key belongs to {user.name or 'an account'} with the role {user.role}, which may not write",
                code=ErrorCode.PERMISSION,
                cause="creating cases and folders needs the role user, creating projects the role admin",
                next_step="make an API key as an admin and set destination.api_key",
            )

    async def _check_address(self) -> None:
        try:
            await self._api.projects.list()
        except Rejected as error:
            if error.status == 403:
                raise access_error(error) from error
            raise ConfigError(
                f"there is no QA Sphere at {self._api.base_url}",
                code=ErrorCode.WRONG_SERVICE,
                cause=error.cause,
                next_step="check destination.base_url: https://COMPANY.REGION.qasphere.com, without a path",
            ) from error

    # --- projects -----------------------------------------------------------------------------------------------------

    async def project(self, code: str) -> ProjectView | None:
        """Return the project with the custom fields enabled for it, or None."""
        try:
            wire = await self._api.projects.get(code)
        except Rejected as error:
            if error.status == 404:
                return None
            raise access_error(error) from error
        fields = [field for field in await self._api.custom_fields.list(code) if usable_field(field, wire.id)]
        view = self._project_view(wire.id, wire.code, fields)
        self._has_marker_field[code] = view.has_marker_field
        return view.model_copy(update={"title": wire.title, "archived": wire.archived_at is not None})

    async def project_to_be(self, code: str) -> ProjectView:
        """Return what a new project would be like. Custom fields belong to the tenant, but only a project lists them
        (§3.7); without any project they are unknown."""
        others = await self._api.projects.list()
        fields = await self._api.custom_fields.list(others[0].code) if others else []
        usable = [field for field in fields if field.enabled and field.allow_all_projects]
        return self._project_view("", code, usable).model_copy(update={"fields_known": bool(others)})

    def _project_view(self, ident: str, code: str, fields: Sequence[CustomField]) -> ProjectView:
        return ProjectView(
            id=ident,
            code=code,
            title="",
            archived=False,
            address=f"{self._api.base_url}/project/{code}",
            has_marker_field=any(f.system_name == self._marker_field and f.type == "text" for f in fields),
            custom_fields=tuple(custom_field_view(f) for f in fields if f.system_name != self._marker_field),
        )

    async def create_project(self, draft: ProjectDraft, hooks: Hooks) -> Created:
        """Create the project; the switch against a default folder is undocumented, so a refusal is tried without it."""
        body = sendable(NewProject, {"code": draft.code, "title": draft.title})
        bare = body.model_copy(update={"skip_default_folder": True})
        try:
            return Created((await self._api.projects.create(bare, hooks=hooks)).id)
        except Rejected as error:
            if error.status != 400:
                raise access_error(error) from error
        return Created((await writing(self._api.projects.create(body, hooks=hooks))).id)

    # --- folders ------------------------------------------------------------------------------------------------------

    async def folders(self, code: str) -> Sequence[FolderView]:
        """Return all folders of the project."""
        query = FolderQuery(limit=CASES_PER_PAGE)
        return [folder_view(row) async for row in self._api.folders.all(code, query)]

    async def upsert_folders(self, code: str, drafts: Sequence[FolderDraft], hooks: Hooks) -> Sequence[Created]:
        """Make sure that the folders exist, in this order; leaf ids in the same order."""
        ids = await self._upsert(code, [(draft.path, draft.comment or None) for draft in drafts], hooks)
        return [Created(str(row[-1])) for row in ids]

    async def _upsert(
        self, code: str, folders: Sequence[tuple[Sequence[str], str | None]], hooks: Hooks
    ) -> Sequence[Sequence[int]]:
        rows = [{"path": path, "comment": comment} for path, comment in folders]
        body = sendable(FolderUpserts, {"folders": rows})
        return (await writing(self._api.folders.bulk_create(code, body, hooks=hooks))).ids

    async def folder(self, code: str, folder_id: int) -> FolderView | None:
        """Return one folder. It lies where it was seen before, unless one before it was deleted."""
        for start in sorted({0, self._folder_offsets.get(folder_id, 0)}, reverse=True):
            offset: int | None = start
            while offset is not None:
                query = FolderQuery(offset=offset, limit=CASES_PER_PAGE, sort_field="id", sort_order="asc")
                page = await self._api.folders.list(code, query)
                if found := next((row for row in page.data if row.id == folder_id), None):
                    self._folder_offsets[folder_id] = offset
                    return folder_view(found)
                offset = next_offset(offset, len(page.data), page.total)
        return None

    async def comment_on_folder(self, code: str, path: Sequence[str], comment: str, hooks: Hooks) -> None:
        """Overwrite the comment of a folder."""
        await self._upsert(code, [(path, comment)], hooks)

    # --- files --------------------------------------------------------------------------------------------------------

    async def upload_files(self, uploads: Sequence[Upload], hooks: Hooks) -> Sequence[StoredFile]:
        """Upload files in one request."""
        parts = [file_part(upload.path, upload.name, upload.media_type) for upload in uploads]
        stored = await writing(self._api.files.batch_upload(parts, hooks=hooks))
        return [
            StoredFile(id=file.id, name=upload.name, media_type=upload.media_type, size=upload.size, url=file.url)
            for file, upload in zip(stored, uploads, strict=True)
        ]

    async def download_file(self, file_id: str, target: Path) -> Content:
        """Put the bytes of a file at ``target``; a web page may well be what was uploaded."""
        found = await self._api.files.download(file_id, target, pages="taken")
        return Content(found.size, found.sha256, found.content_type)

    # --- cases --------------------------------------------------------------------------------------------------------

    async def create_case(
        self, code: str, folder_id: int, draft: CaseDraft, files: Sequence[StoredFile], hooks: Hooks
    ) -> Created:
        """Create a case at the end of its folder, with its marker in the link and, where possible, the field."""
        field = self._marker_field if await self.carries_marker(code) else None
        body = case_body(draft, folder_id, files, field)
        created = await writing(self._api.test_cases.create(code, body, hooks=hooks))
        return Created(created.id, created.seq)

    async def case(self, code: str, case_id: str) -> CaseView:
        """Return one case, whole."""
        return case_view(await self._api.test_cases.get(code, case_id), self._marker_field)

    async def update_case(self, code: str, case_id: str, patch: CasePatch, hooks: Hooks) -> None:
        """Change a case."""
        await writing(self._api.test_cases.update(code, case_id, patch_body(patch), hooks=hooks))

    async def cases(self, code: str, cursor: str | None, *, whole: bool, newest_first: bool = False) -> CasePage:
        """Return the page at ``cursor``, an offset: by ascending number rows are only ever appended."""
        offset = int(cursor or 0)
        page = await self._api.test_cases.list(code, _whole(offset, descending=newest_first))
        following = next_offset(offset, len(page.data), page.total)
        by_field = not whole and await self.carries_marker(code)
        cases = tuple([await self._seen(code, row, whole=whole, by_field=by_field) for row in page.data])
        return CasePage(cases, None if following is None else str(following), page.total)

    async def cases_above(self, code: str, floor: int) -> Sequence[Created]:
        """Return id and number of the cases with a number above ``floor``, newest first."""
        found: list[Created] = []
        offset: int | None = 0
        while offset is not None:
            page = await self._api.test_cases.list(code, _bare(offset, descending=True))
            found += [Created(row.id, row.seq) for row in page.data if row.seq > floor]
            reached = any(row.seq <= floor for row in page.data)
            offset = None if reached else next_offset(offset, len(page.data), page.total)
        return found

    async def find_cases(
        self, code: str, markers: Sequence[str], *, floor: int, keyed: bool
    ) -> Mapping[str, Sequence[CaseView]]:
        """Look markers up by custom field if they were sent with it and it is still there, or newest first."""
        found: dict[str, list[CaseView]] = {}
        wanted = set(markers)
        by_field = keyed and await self.carries_marker(code)
        rows = await (self._by_field(code, markers) if by_field else self._newest_first(code, floor))
        for row in rows:
            view = case_view(row, self._marker_field)
            for marker in wanted.intersection(view.markers):
                found.setdefault(marker, []).append(view)
        return found

    async def _by_field(self, code: str, markers: Sequence[str]) -> list[Case]:
        found: list[Case] = []
        for part in _parts(markers, _MARKERS_PER_LOOK_UP):
            query = _whole(0).model_copy(update={"custom_fields": {self._marker_field: tuple(part)}})
            found += [row async for row in self._api.test_cases.all(code, query)]
        return found

    async def _newest_first(self, code: str, floor: int) -> list[Case]:
        found: list[Case] = []
        offset: int | None = 0
        while offset is not None:
            page = await self._api.test_cases.list(code, _whole(offset, descending=True))
            found += [await self._with_links(code, row) for row in page.data if row.seq > floor]
            reached = any(row.seq <= floor for row in page.data)
            offset = None if reached else next_offset(offset, len(page.data), page.total)
        return found

    async def _with_links(self, code: str, row: Case) -> Case:
        return row if "links" in row.model_fields_set else await self._api.test_cases.get(code, row.id)

    async def _seen(self, code: str, row: Case, *, whole: bool, by_field: bool) -> CaseView:
        """Return a row; what list rows carry is doubtful (A-19). Without the field, markers stand in links only."""
        view = case_view(row, self._marker_field)
        bearable = {"links", "files"} if by_field else {"files"}
        if view.unseen and (whole or not view.unseen <= bearable):
            return case_view(await self._api.test_cases.get(code, row.id), self._marker_field)
        return view

    async def carries_marker(self, code: str) -> bool:
        """Return whether the project has the marker field; asked once per project and process."""
        if code not in self._has_marker_field:
            await self.project(code)
        return self._has_marker_field.get(code, False)


def _bare(offset: int, *, descending: bool = False) -> CaseQuery:
    """Return the question for a page of cases by number."""
    order: Literal["asc", "desc"] = "desc" if descending else "asc"
    return CaseQuery(offset=offset, limit=CASES_PER_PAGE, sort_field="seq", sort_order=order)


def _whole(offset: int, *, descending: bool = False) -> CaseQuery:
    """Return the same with everything that is compared."""
    return _bare(offset, descending=descending).model_copy(update={"include": CONTENT})


def _parts(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
