"""Projects, folders and milestones (``qasphere-api.md`` §3.1, §3.2, §3.11)."""

from collections.abc import AsyncIterator, Sequence
from functools import partial

from connectors.qasphere.api.base import Resource, every_row, parsed, parsed_all, rows, segment
from connectors.qasphere.wire.base import Page
from connectors.qasphere.wire.bodies import NewMilestone
from connectors.qasphere.wire.case_bodies import FolderUpserts, NewProject
from connectors.qasphere.wire.cases import Folder, FolderIds, Project
from connectors.qasphere.wire.queries import FolderQuery, MilestoneQuery
from connectors.qasphere.wire.runs import IntegerId, Milestone, TextId
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import TemporaryError
from migrator.core.ports.destination import Hooks
from migrator.core.redact import beginning


class Projects(Resource):
    """Projects, each addressed by its code or its id."""

    async def list(self) -> Sequence[Project]:
        """Return all projects the key can see (§3.1)."""
        return parsed_all(Project, rows(await self._caller.get("/project"), "projects"), "project")

    async def get(self, project: str) -> Project:
        """Return one project (§3.1); ``Rejected`` with 404 when there is none."""
        return parsed(Project, await self._caller.get(f"/project/{segment(project)}"), "project")

    async def create(self, body: NewProject, *, hooks: Hooks | None = None) -> TextId:
        """Create a project (§3.1). Not safe to repeat; 409 when the code is taken (A-15)."""
        return await self._caller.create(TextId, "/project", body.document(), hooks)


class Folders(Resource):
    """The folders of a project. They cannot be moved, renamed or deleted."""

    async def list(self, project: str, query: FolderQuery = FolderQuery()) -> Page[Folder]:
        """Return a page of folders as a flat list (§3.2)."""
        path = f"/project/{segment(project)}/tcase/folders"
        return await self._caller.get_page(Folder, path, query, query.limit)

    async def all(self, project: str, query: FolderQuery = FolderQuery()) -> AsyncIterator[Folder]:
        """Yield every folder, page by page, by id unless the query says otherwise."""
        async for row in every_row(partial(self.list, project), query, "id"):
            yield row

    async def bulk_create(self, project: str, body: FolderUpserts, *, hooks: Hooks | None = None) -> FolderIds:
        """Make sure that folders exist (§3.2). Safe to repeat.

        Returns one list of ids per path; the last is the leaf. A comment overwrites the one that is there.
        """
        path = f"/project/{segment(project)}/tcase/folder/bulk"
        answer = await self._caller.write("POST", path, body.document(), hooks, repeatable=True)
        found = parsed(FolderIds, answer, "folder upsert")
        if [len(row) for row in found.ids] != [len(folder.path) for folder in body.folders]:
            raise TemporaryError(
                "QA Sphere answered a folder upsert with other ids than asked for",
                code=ErrorCode.ANSWER_UNREADABLE,
                cause=beginning(str(found.ids), 200),
            )
        return found


class Milestones(Resource):
    """The milestones of a project. They cannot be changed."""

    async def list(self, project: str, query: MilestoneQuery = MilestoneQuery()) -> Sequence[Milestone]:
        """Return the milestones (§3.11), all or only those that are archived or not."""
        answer = await self._caller.get(f"/project/{segment(project)}/milestone", query)
        return parsed_all(Milestone, rows(answer, "milestones"), "milestone")

    async def create(self, project: str, body: NewMilestone, *, hooks: Hooks | None = None) -> IntegerId:
        """Create a milestone (§3.11).

        Not safe to repeat. 409 when the title is taken, which the server may also permit (A-26): list before.
        """
        path = f"/project/{segment(project)}/milestone"
        return await self._caller.create(IntegerId, path, body.document(), hooks)
