"""QAComplete's REST API, one method per endpoint; only files are written (``qacomplete-api.md`` §5).

``where`` is an expression of ``filters``.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from connectors.qacomplete.wire.cases import WirePage
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import OutcomeUnknown, TemporaryError
from migrator.core.redact import beginning
from migrator.http.api import HttpApi
from migrator.http.multipart import FilePart, Multipart
from migrator.http.page_sizes import PageSizes
from migrator.http.transport import Transport

_SHOWN = 200
# the last row of the page before, by which a reader sees that nothing has moved, and one more
_FEWEST_ROWS = 2
LISTS: Mapping[str, tuple[str, str]] = {
    "users": ("v1", "users"),
    "folders": ("v2", "Tests/folders"),
    "releases": ("v1", "releases"),
    "configurations": ("v2", "configurations"),
    "requirements": ("v1", "requirements"),
    "defects": ("v1", "defects"),
    "tests": ("v1", "tests"),
    "light_tests": ("v2", "tests"),
    "test_sets": ("v2", "testsets"),
    "runs": ("v2", "testruns"),
}
"""Lists of a project (§6.3 to §6.12): name → version and path. Of tests, v1 very likely shows the steps, v2 leaves them
out; folders come with the inactive ones, test sets and runs without their items."""


class UnexpectedAnswer(TemporaryError):
    """A success whose JSON is not what this API answers: something else serves the address, or is in between."""

    default_code = ErrorCode.ANSWER_UNREADABLE


class QACompleteApi(HttpApi):
    """Reads lists page by page, and single items. Raises what ``Transport.call`` raises, and ``UnexpectedAnswer``."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self._sizes = PageSizes(fewest=_FEWEST_ROWS)

    async def projects(self, offset: int, limit: int) -> WirePage:
        """Return a page of the projects that the user can open (§6.1)."""
        return await self._page("/v1/projects", offset, limit)

    async def project(self, project: str) -> dict[str, Any]:
        """Return one project (§6.1); ``Rejected`` with 403 when it does not exist or is hidden (§4)."""
        return await self._item(f"/v1/projects/{_part(project)}")

    async def rows(self, name: str, project: str, offset: int, limit: int, where: str | None = None) -> WirePage:
        """Return a page of one of ``LISTS``."""
        return await self._page(_at(*LISTS[name], project), offset, limit, where)

    async def test(self, project: str, test: int) -> dict[str, Any]:
        """Return one test with its steps (§6.8)."""
        return await self._item(_at("v1", f"tests/{test}", project))

    async def test_set_items(self, project: str, test_set: int, offset: int, limit: int) -> WirePage:
        """Return a page of a test set's items (§6.10)."""
        return await self._page(_at("v1", f"testsets/{test_set}/items", project), offset, limit)

    async def run_items(self, project: str, run: int, offset: int, limit: int) -> WirePage:
        """Return a page of a run's items, very likely with their step results (§6.13)."""
        return await self._page(_at("v2", f"testruns/{run}/items", project), offset, limit)

    async def run_item(self, project: str, run: int, item: int) -> dict[str, Any]:
        """Return one item of a run with its step results (§6.13)."""
        return await self._item(_at("v2", f"testruns/{run}/items/{item}", project))

    async def notes(self, project: str, code: str, ident: int, offset: int, limit: int) -> WirePage:
        """Return a page of an item's notes (§6.14). ``code``: the entity code of §5."""
        return await self._page(_at("v1", f"{code}/{ident}/notes", project), offset, limit)

    async def links(self, project: str, code: str, ident: int, offset: int, limit: int) -> WirePage:
        """Return a page of an item's links (§6.15)."""
        return await self._page(_at("v1", f"{code}/{ident}/linkeditems", project), offset, limit)

    async def files(self, project: str, code: str, ident: int, offset: int, limit: int) -> WirePage:
        """Return a page of the list of an item's files, without their bytes (§7.1)."""
        return await self._page(_at("v1", f"{code}/{ident}/files", project), offset, limit)

    async def add_file(
        self, project: str, code: str, ident: int, part: FilePart | None, *, title: str, comments: str, link: str = ""
    ) -> None:
        """Attach a file, or a ``link`` (§7.3). Sent once; ``OutcomeUnknown`` for an answer that is none. The list is
        what proves it (§7.1: the answer may hold no id)."""
        item = str(ident)
        texts = {"ProjectId": project, "EntityCode": code, "EntityId": item, "Comments": comments, "Title": title}
        path = _at("v1", f"{code}/{item}/files", project)
        form = Multipart("File", [part] if part else [], texts | ({"Link": link} if link else {}))
        answer = await self._transport.upload(path, form, repeatable=False)
        if not isinstance(answer, dict):
            raise OutcomeUnknown(f"QAComplete answered POST {path} with something that is no file", cause=str(answer))

    async def change_file(self, project: str, code: str, ident: int, file: int, texts: Mapping[str, str]) -> None:
        """Change what is said about a file: ``Title``, ``Comments`` (the vendor's page on PATCH of files)."""
        path = _at("v1", f"{code}/{ident}/files/{file}", project)
        await self._transport.call("PATCH", path, json=dict(texts), repeatable=True)

    async def replace_file(
        self, project: str, code: str, ident: int, file: int, part: FilePart, texts: Mapping[str, str]
    ) -> None:
        """Put other bytes in the place of a file (the vendor's page on PUT of files), with the fields of §7.3."""
        path = _at("v1", f"{code}/{ident}/files/{file}", project)
        own = {"ProjectId": project, "EntityCode": code, "EntityId": str(ident)}
        await self._transport.upload(path, Multipart("File", [part], own | dict(texts)), repeatable=True, method="PUT")

    async def remove_file(self, project: str, code: str, ident: int, file: int) -> None:
        """Delete a file."""
        path = _at("v1", f"{code}/{ident}/files/{file}", project)
        await self._transport.call("DELETE", path, repeatable=False)

    async def _page(self, path: str, offset: int, limit: int, where: str | None = None) -> WirePage:
        async def rows(most: int) -> Any:
            query = {"offset": str(offset), "limit": str(most)} | ({"Filter": where} if where else {})
            return await self._transport.call("GET", path, params=query, repeatable=True)

        answer = await self._sizes.ask(path, limit, rows)
        window = _window(answer)
        if window is None:
            raise UnexpectedAnswer(f"QAComplete answered {path} with something that is no list", cause=_shown(answer))
        return WirePage.model_validate({**window, "results": answer.get("results")})

    async def _item(self, path: str) -> dict[str, Any]:
        answer = await self._transport.call("GET", path, repeatable=True)
        if not isinstance(answer, dict):
            raise UnexpectedAnswer(f"QAComplete answered {path} with something that is no item", cause=_shown(answer))
        return answer


def _window(answer: Any) -> dict[str, Any] | None:
    """Return what a list says about itself (§3.1); None when it is no list. Nulls may be left out (§3.5)."""
    if not isinstance(answer, dict):
        return None
    metadata = answer.get("metadata")
    window = metadata.get("result_set") if isinstance(metadata, dict) else None
    if isinstance(window, dict):
        return window
    return {} if "results" in answer else None


def _at(version: str, path: str, project: str) -> str:
    return f"/{version}/projects/{_part(project)}/{path}"


def _part(ident: str) -> str:
    return quote(ident, safe="")


def _shown(answer: Any) -> str:
    return beginning(str(answer), _SHOWN)
