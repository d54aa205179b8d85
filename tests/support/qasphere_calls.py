"""QA Sphere's endpoints for tests: short names, and bodies that the typed client would never send."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from connectors.qasphere.api import QASphereApi
from connectors.qasphere.api.base import parsed_all, rows
from connectors.qasphere.wire.base import Query
from connectors.qasphere.wire.bodies import (
    CaseResult,
    NewMilestone,
    NewPlan,
    NewResult,
    NewRun,
    ResultBatch,
    RunCopy,
    RunLog,
    StatusChange,
    StatusChanges,
)
from connectors.qasphere.wire.case_bodies import CaseMarkers, CaseSkeleton, CaseSkeletons, FolderUpserts, NewProject
from connectors.qasphere.wire.cases import Case, CreatedCase, Folder, Requirement, SharedPrecondition, SharedStep
from connectors.qasphere.wire.queries import (
    CONTENT,
    AuditQuery,
    CaseQuery,
    FolderQuery,
    MilestoneQuery,
    RequirementQuery,
    RunQuery,
    TitledQuery,
)
from connectors.qasphere.wire.runs import Milestone, Run, RunCase, RunCaseWhole, UploadedFile, UploadedFiles
from connectors.qasphere.wire.settings import Account, AuditPage, Me, Status
from migrator.core.ports.destination import Hooks
from migrator.http.auth import Auth
from migrator.http.download import Downloaded, Pages
from migrator.http.multipart import FilePart, Multipart

Filters = list[tuple[str, str]]


class Raw(Query):
    """Parameters as they are, whatever the server thinks of them."""

    pairs: tuple[tuple[str, str], ...] = ()

    def params(self) -> Filters:
        return list(self.pairs)


class Calls:
    """Calls through the client, without hooks' names and bodies' names."""

    def __init__(self, client: QASphereApi) -> None:
        self.client = client

    def sign_in(self, auth: Auth) -> None:
        self.client._transport._auth = auth

    def only_read(self) -> None:
        self.client._read_only = True

    async def get(self, path: str, filters: Filters | None = None) -> Any:
        return await self.client.get(path, Raw(pairs=tuple(filters or [])))

    async def write(self, method: str, path: str, body: Any, hooks: Hooks, *, repeatable: bool) -> Any:
        return await self.client.write(method, path, body, hooks, repeatable=repeatable)

    async def projects(self) -> Sequence[Any]:
        return await self.client.projects.list()

    async def project(self, code: str) -> Any:
        return await self.client.projects.get(code)

    async def create_project(self, body: dict[str, Any], hooks: Hooks) -> str:
        return (await self.client.projects.create(NewProject.model_validate(body), hooks=hooks)).id

    async def folders(self, code: str, offset: int, limit: int) -> tuple[list[Folder], int]:
        page = await self.client.folders.list(
            code, FolderQuery(offset=offset, limit=limit, sort_field="id", sort_order="asc")
        )
        return page.data, page.total

    async def upsert_folders(
        self, code: str, folders: Sequence[tuple[Sequence[str], str | None]], hooks: Hooks
    ) -> list[list[int]]:
        found = [{"path": path, "comment": comment} for path, comment in folders]
        body = FolderUpserts.model_validate({"folders": found})
        return (await self.client.folders.bulk_create(code, body, hooks=hooks)).ids

    async def milestones(self, code: str, *, archived: bool | None = None) -> Sequence[Milestone]:
        return await self.client.milestones.list(code, MilestoneQuery(archived=archived))

    async def create_milestone(self, code: str, title: str, hooks: Hooks) -> int:
        return (await self.client.milestones.create(code, NewMilestone(title=title), hooks=hooks)).id

    async def cases(self, code: str, *, offset: int, limit: int, descending: bool = False) -> tuple[list[Case], int]:
        query = CaseQuery(
            offset=offset, limit=limit, sort_field="seq", sort_order="desc" if descending else "asc", include=CONTENT
        )
        page = await self.client.test_cases.list(code, query)
        return page.data, page.total

    async def count_cases(self, code: str, filters: Filters | None = None, *, recursive: bool = False) -> int:
        more = [("recursive", "true")] if recursive else []
        return int((await self.get(f"/project/{code}/tcase/count", [*(filters or []), *more]))["count"])

    async def case(self, code: str, case_id: str) -> Case:
        return await self.client.test_cases.get(code, case_id)

    async def cases_by_marker(
        self, code: str, markers: Sequence[str], *, offset: int, limit: int
    ) -> tuple[list[Case], int]:
        body = CaseMarkers(seq_ids=tuple(markers), offset=offset, limit=limit)
        page = await self.client.test_cases.by_marker(code, body)
        return page.data, page.total

    async def create_case(self, code: str, body: dict[str, Any], hooks: Hooks) -> CreatedCase:
        return await self.client.create(CreatedCase, f"/project/{code}/tcase", body, hooks)

    async def create_skeletons(
        self, code: str, path: Sequence[str], skeletons: Sequence[CaseSkeleton], hooks: Hooks
    ) -> list[CreatedCase]:
        body = CaseSkeletons(folder_path=tuple(path), tcases=tuple(skeletons))
        return (await self.client.test_cases.bulk_create(code, body, hooks=hooks)).tcases

    async def update_case(self, code: str, case_id: str, body: dict[str, Any], hooks: Hooks) -> None:
        await self.write("PATCH", f"/project/{code}/tcase/{case_id}", body, hooks, repeatable=False)

    async def custom_fields(self, code: str) -> Sequence[Any]:
        return await self.client.custom_fields.list(code)

    async def tags(self, code: str) -> list[str]:
        return [tag.title for tag in await self.client.tags.list(code)]

    async def requirements(self, code: str) -> Sequence[Requirement]:
        return await self.client.requirements.list(code, RequirementQuery(include=("tcaseCount",)))

    async def shared_steps(self, code: str) -> Sequence[SharedStep]:
        return await self.client.shared_steps.list(code, TitledQuery(include=("tcaseCount",)))

    async def shared_step(self, code: str, ident: int) -> SharedStep:
        return await self.client.shared_steps.get(code, ident)

    async def shared_preconditions(self, code: str) -> Sequence[SharedPrecondition]:
        return await self.client.shared_preconditions.list(code, TitledQuery(include=("tcaseCount",)))

    async def shared_precondition(self, code: str, ident: int) -> SharedPrecondition:
        return await self.client.shared_preconditions.get(code, ident)

    async def runs(
        self, code: str, *, closed: bool | None = None, milestone_ids: Sequence[int] = (), limit: int | None = None
    ) -> list[Run]:
        query = RunQuery(closed=closed, milestone_ids=tuple(milestone_ids), limit=limit)
        return (await self.client.runs.list(code, query)).runs

    async def create_run(self, code: str, run: NewRun, hooks: Hooks) -> int:
        return (await self.client.runs.create(code, run, hooks=hooks)).id

    async def clone_run(self, code: str, copy: RunCopy, hooks: Hooks) -> int:
        return (await self.client.runs.clone(code, copy, hooks=hooks)).id

    async def close_run(self, code: str, run_id: int, hooks: Hooks) -> None:
        await self.client.runs.close(code, run_id, hooks=hooks)

    async def run_cases(self, code: str, run_id: int, filters: Filters | None = None) -> list[RunCase]:
        order = [("sortField", "seq"), ("sortOrder", "asc")]
        found = await self.get(f"/project/{code}/run/{run_id}/tcase", [*order, *(filters or [])])
        return parsed_all(RunCase, rows(found, "tcases"), "case")

    async def run_case(self, code: str, run_id: int, case_id: str) -> RunCaseWhole:
        return await self.client.runs.test_cases.get(code, run_id, case_id)

    async def create_plan(self, code: str, plan: NewPlan, hooks: Hooks) -> int:
        return (await self.client.test_plans.create(code, plan, hooks=hooks)).id

    async def create_result(self, code: str, run_id: int, case_id: str, result: NewResult, hooks: Hooks) -> int:
        return (await self.client.results.create(code, run_id, case_id, result, hooks=hooks)).id

    async def create_results(
        self, code: str, run_id: int, results: Sequence[tuple[str, NewResult]], hooks: Hooks
    ) -> list[int]:
        items = tuple(CaseResult(tcase_id=case_id, **dict(result)) for case_id, result in results)
        return (await self.client.results.batch_create(code, run_id, ResultBatch(items=items), hooks=hooks)).ids

    async def add_run_log(self, code: str, run_id: int, comment: str, hooks: Hooks) -> str:
        return (await self.client.runs.logs.create(code, run_id, RunLog(comment=comment), hooks=hooks)).id

    async def upload_file(self, file: FilePart, hooks: Hooks) -> UploadedFile:
        return await self.client.files.upload(file, hooks=hooks)

    async def upload_files(self, files: Sequence[FilePart], hooks: Hooks) -> list[UploadedFile]:
        """Upload in one request, however many they are."""
        return (await self.client.upload(UploadedFiles, "/file/batch", Multipart("files", files), hooks)).files

    async def download_file(
        self, file_id: str, target: Path, *, max_bytes: int = 50 * 1024 * 1024, pages: Pages = "refused"
    ) -> Downloaded:
        return await self.client.files.download(file_id, target, max_bytes=max_bytes, pages=pages)

    async def statuses(self) -> Sequence[Status]:
        return await self.client.settings.list_statuses()

    async def update_statuses(self, changes: Sequence[StatusChange], hooks: Hooks) -> None:
        await self.client.settings.update_statuses(StatusChanges(statuses=tuple(changes)), hooks=hooks)

    async def me(self) -> Me:
        return await self.client.users.me()

    async def users(self) -> Sequence[Account]:
        return await self.client.users.list()

    async def audit_logs(self, *, after: int = 0, count: int = 100) -> AuditPage:
        return await self.client.audit_logs.list(AuditQuery.model_construct(after=after, count=count))
