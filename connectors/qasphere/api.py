"""QA Sphere's public REST API, one method per endpoint (``qasphere-api.md`` §2, §3)."""

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from connectors.qasphere.wire import (
    WireCase,
    WireCreatedCase,
    WireCustomField,
    WireFolder,
    WirePage,
    WireProject,
    WireUser,
)
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import MigratorError, OutcomeUnknown, TemporaryError
from migrator.core.ports import Hooks
from migrator.http.transport import Transport

PREFIX = "/api/public/v0"
INCLUDES = ("precondition", "steps", "tags", "customFields")

M = TypeVar("M", bound=BaseModel)
Query = list[tuple[str, str]]


class QASphereApi:
    """Typed endpoint methods. Raise what ``Transport.call`` raises; ``TemporaryError`` for answers of another shape."""

    def __init__(self, transport: Transport, *, read_only: bool = False) -> None:
        self._transport = transport
        self._read_only = read_only

    @property
    def base_url(self) -> str:
        """The base URL, without a trailing slash."""
        return self._transport.base_url

    def waiting_for(self) -> str:
        """Say what holds calls up."""
        return self._transport.governor.waiting_for()

    # --- account and project ------------------------------------------------------------------------------------------

    async def me(self) -> WireUser:
        """Return the key's owner (§3.17; undocumented)."""
        answer = await self._get("/users/me")
        return _parsed(WireUser, answer.get("user") if isinstance(answer, dict) else None, "users/me")

    async def projects(self) -> list[WireProject]:
        """Return all projects the key can see (§3.1)."""
        answer = await self._get("/project")
        return [_parsed(WireProject, row, "project") for row in _rows(answer, "projects")]

    async def project(self, code: str) -> WireProject:
        """Return one project (§3.1); ``Rejected`` with 404 when there is none."""
        return _parsed(WireProject, await self._get(f"/project/{code}"), "project")

    async def create_project(self, body: dict[str, Any], hooks: Hooks) -> str:
        """Create a project (§3.1) and return its id. Not safe to repeat."""
        answer = await self._write("POST", "/project", body, hooks, repeatable=False)
        if not isinstance(answer, dict) or not isinstance(answer.get("id"), str):
            raise OutcomeUnknown("QA Sphere created a project, but its answer holds no id", cause=str(answer)[:200])
        return str(answer["id"])

    async def custom_fields(self, code: str) -> list[WireCustomField]:
        """Return the tenant's custom fields as this project sees them (§3.7)."""
        answer = await self._get(f"/project/{code}/custom-field")
        return [_parsed(WireCustomField, row, "custom-field") for row in _rows(answer, "customFields")]

    async def tags(self, code: str) -> list[str]:
        """Return the titles of all tags of a project (§3.8)."""
        answer = await self._get(f"/project/{code}/tag")
        return [str(row.get("title", "")) for row in _rows(answer, "tags")]

    # --- folders ------------------------------------------------------------------------------------------------------

    async def folders(self, code: str, offset: int, limit: int) -> tuple[list[WireFolder], int]:
        """Return a page of folders by ascending id, and how many there are (§3.2)."""
        query = _page_query(offset, limit, "id")
        page = _parsed(WirePage, await self._get(f"/project/{code}/tcase/folders", query), "folders")
        return [_parsed(WireFolder, row, "folder") for row in page.data], page.total

    async def upsert_folders(self, code: str, paths: Sequence[Sequence[str]], hooks: Hooks) -> list[list[int]]:
        """Make sure that folders exist (§3.2); one list of ids per path, the last is the leaf. Safe to repeat.

        At most ``FOLDERS_PER_CALL`` paths. Never sends a comment, which would overwrite one that is there.
        """
        body = {"folders": [{"path": list(path)} for path in paths]}
        answer = await self._write("POST", f"/project/{code}/tcase/folder/bulk", body, hooks, repeatable=True)
        ids = answer.get("ids") if isinstance(answer, dict) else None
        if not isinstance(ids, list) or [len(row) for row in ids] != [len(path) for path in paths]:
            raise TemporaryError(
                "QA Sphere answered a folder upsert with other ids than asked for",
                code=ErrorCode.ANSWER_UNREADABLE,
                cause=str(ids)[:200],
            )
        return [[int(ident) for ident in row] for row in ids]

    # --- test cases ---------------------------------------------------------------------------------------------------

    async def cases(
        self, code: str, *, offset: int, limit: int, descending: bool = False, filters: Query | None = None
    ) -> tuple[list[WireCase], int]:
        """Return a page of cases by number with everything that can be included, and how many match (§3.3)."""
        query = _page_query(offset, limit, "seq", descending=descending)
        query += [("include", name) for name in INCLUDES] + (filters or [])
        page = _parsed(WirePage, await self._get(f"/project/{code}/tcase", query), "test cases")
        return [_parsed(WireCase, row, "test case") for row in page.data], page.total

    async def case(self, code: str, case_id: str) -> WireCase:
        """Return one case, whole (§3.3)."""
        return _parsed(WireCase, await self._get(f"/project/{code}/tcase/{case_id}"), "test case")

    async def create_case(self, code: str, body: dict[str, Any], hooks: Hooks) -> WireCreatedCase:
        """Create a case (§3.4). Not safe to repeat; counts only with id and number in the answer."""
        answer = await self._write("POST", f"/project/{code}/tcase", body, hooks, repeatable=False)
        try:
            return WireCreatedCase.model_validate(answer)
        except ValidationError as error:
            raise OutcomeUnknown(
                "QA Sphere's answer to a create holds no id and number", cause=str(answer)[:200]
            ) from error

    async def update_case(self, code: str, case_id: str, body: dict[str, Any], hooks: Hooks) -> None:
        """Change fields of a case (§3.5). Lists are replaced whole; every call makes a new version."""
        await self._write("PATCH", f"/project/{code}/tcase/{case_id}", body, hooks, repeatable=False)

    # --- helpers ------------------------------------------------------------------------------------------------------

    async def _get(self, path: str, query: Query | None = None) -> Any:
        return await self._transport.call("GET", PREFIX + path, params=query, repeatable=True)

    async def _write(self, method: str, path: str, body: dict[str, Any], hooks: Hooks, *, repeatable: bool) -> Any:
        if self._read_only:
            raise MigratorError(
                f"{method} {path} was about to be sent by a command that must not write",
                next_step="nothing was sent; report this",
            )
        return await self._transport.call(method, PREFIX + path, json=body, repeatable=repeatable, hooks=hooks)


def _page_query(offset: int, limit: int, sort_field: str, *, descending: bool = False) -> Query:
    # without a sort field the order is the server's own
    order = "desc" if descending else "asc"
    return [("offset", str(offset)), ("limit", str(limit)), ("sortField", sort_field), ("sortOrder", order)]


def _rows(answer: Any, key: str) -> list[Any]:
    rows = answer.get(key) if isinstance(answer, dict) else None
    return rows if isinstance(rows, list) else []


def _parsed(model: type[M], value: Any, what: str) -> M:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise TemporaryError(
            f"QA Sphere answered a {what} of a shape that this version does not know",
            code=ErrorCode.ANSWER_UNREADABLE,
            cause=f"{place}: {first['msg']}",
        ) from error
