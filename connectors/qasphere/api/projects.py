"""Projects, folders and milestones (``qasphere-api.md`` §3.1, §3.2, §3.11)."""

from collections.abc import Sequence
from typing import Any

from connectors.qasphere.api.base import ApiBase, page_query, parsed, parsed_all, rows
from connectors.qasphere.wire.cases import WireFolder, WirePage, WireProject
from connectors.qasphere.wire.runs import WireIntegerId, WireMilestone, WireTextId
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import TemporaryError
from migrator.core.ports.destination import Hooks
from migrator.core.redact import beginning


class ProjectApi(ApiBase):
    """What a project is made of."""

    async def projects(self) -> list[WireProject]:
        """Return all projects the key can see (§3.1)."""
        return parsed_all(WireProject, rows(await self._get("/project"), "projects"), "project")

    async def project(self, code: str) -> WireProject:
        """Return one project (§3.1); ``Rejected`` with 404 when there is none."""
        return parsed(WireProject, await self._get(f"/project/{code}"), "project")

    async def create_project(self, body: dict[str, Any], hooks: Hooks) -> str:
        """Create a project (§3.1) and return its id. Not safe to repeat; 409 when the code is taken (A-15)."""
        return (await self._create(WireTextId, "/project", body, hooks)).id

    async def folders(self, code: str, offset: int, limit: int) -> tuple[list[WireFolder], int]:
        """Return a page of folders by ascending id, and how many there are (§3.2)."""
        path = f"/project/{code}/tcase/folders"
        page = parsed(
            WirePage, await self._get_page(path, limit, lambda most: page_query(offset, most, "id")), "folders"
        )
        return parsed_all(WireFolder, page.data, "folder"), page.total

    async def upsert_folders(
        self, code: str, folders: Sequence[tuple[Sequence[str], str | None]], hooks: Hooks
    ) -> list[list[int]]:
        """Make sure that folders exist (§3.2), given by path and comment. Safe to repeat.

        Returns one list of ids per path; the last is the leaf.

        At most ``FOLDERS_PER_CALL`` paths. A comment overwrites the one that is there; None leaves it.
        """
        paths = [path for path, _ in folders]
        body = {
            "folders": [{"path": list(path)} | ({} if text is None else {"comment": text}) for path, text in folders]
        }
        answer = await self._write("POST", f"/project/{code}/tcase/folder/bulk", body, hooks, repeatable=True)
        ids = answer.get("ids") if isinstance(answer, dict) else None
        if not isinstance(ids, list) or [len(row) for row in ids] != [len(path) for path in paths]:
            raise TemporaryError(
                "QA Sphere answered a folder upsert with other ids than asked for",
                code=ErrorCode.ANSWER_UNREADABLE,
                cause=beginning(str(ids), 200),
            )
        return [[int(ident) for ident in row] for row in ids]

    async def milestones(self, code: str, *, archived: bool | None = None) -> list[WireMilestone]:
        """Return the milestones (§3.11), all or only those that are archived or not."""
        query = None if archived is None else [("archived", str(archived).lower())]
        answer = await self._get(f"/project/{code}/milestone", query)
        return parsed_all(WireMilestone, rows(answer, "milestones"), "milestone")

    async def create_milestone(self, code: str, title: str, hooks: Hooks) -> int:
        """Create a milestone (§3.11) and return its id. ``title``: 1 to 255 characters.

        Not safe to repeat. 409 when the title is taken, which the server may also permit (A-26): list before.
        """
        return (await self._create(WireIntegerId, f"/project/{code}/milestone", {"title": title}, hooks)).id
