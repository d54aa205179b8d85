"""QAComplete's REST API, one method per endpoint that is read (``qacomplete-api.md`` §5)."""

from typing import Any

from connectors.qacomplete.wire import WirePage
from migrator.core.errors import TemporaryError
from migrator.http.transport import Transport


class QACompleteApi:
    """Reads lists page by page, and single items. Raises what ``Transport.call`` raises."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def base_url(self) -> str:
        """The base URL, without a trailing slash."""
        return self._transport.base_url

    def waiting_for(self) -> str:
        """Say what holds calls up."""
        return self._transport.governor.waiting_for()

    async def projects(self, offset: int, limit: int) -> WirePage:
        """Return a page of the projects that the user can open (§6.1)."""
        return await self._page("/v1/projects", offset, limit)

    async def project(self, project: str) -> dict[str, Any]:
        """Return one project (§6.1); ``Rejected`` with 403 when it does not exist or is hidden (§4)."""
        return await self._item(f"/v1/projects/{project}")

    async def users(self, project: str, offset: int, limit: int) -> WirePage:
        """Return a page of a project's users (§6.3)."""
        return await self._page(f"/v1/projects/{project}/users", offset, limit)

    async def folders(self, project: str, offset: int, limit: int) -> WirePage:
        """Return a page of the folders of tests, inactive ones included (§6.4)."""
        return await self._page(f"/v2/projects/{project}/Tests/folders", offset, limit)

    async def tests(self, project: str, offset: int, limit: int) -> WirePage:
        """Return a page of tests through v1, where steps are very likely inline (§6.8)."""
        return await self._page(f"/v1/projects/{project}/tests", offset, limit)

    async def test(self, project: str, test: int) -> dict[str, Any]:
        """Return one test with its steps (§6.8)."""
        return await self._item(f"/v1/projects/{project}/tests/{test}")

    async def _page(self, path: str, offset: int, limit: int) -> WirePage:
        query = {"offset": str(offset), "limit": str(limit)}
        answer = await self._transport.call("GET", path, params=query, repeatable=True)
        if not isinstance(answer, dict) or "results" not in answer:
            raise TemporaryError(f"QAComplete answered {path} with something that is no list", cause=str(answer)[:200])
        metadata = answer.get("metadata")
        window = metadata.get("result_set") if isinstance(metadata, dict) else None
        return WirePage.model_validate({**(window or {}), "results": answer["results"]})

    async def _item(self, path: str) -> dict[str, Any]:
        answer = await self._transport.call("GET", path, repeatable=True)
        if not isinstance(answer, dict):
            raise TemporaryError(f"QAComplete answered {path} with something that is no item", cause=str(answer)[:200])
        return answer
