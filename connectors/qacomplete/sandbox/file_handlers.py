"""Lists of files, and their bytes where a site gives them by REST (§7); pictures of the web application."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from connectors.qacomplete.sandbox.answers import Refused, Responder, to_json
from connectors.qacomplete.sandbox.data import SeedData, Test
from connectors.qacomplete.sandbox.files import File
from connectors.qacomplete.sandbox.items import Item
from connectors.qacomplete.sandbox.rows import without_nulls
from connectors.qacomplete.sandbox.switches import Area, Switches

AREAS: dict[str, Area] = {
    "releases": "Releases",
    "bugs": "Defects",
    "functionalspecs": "Requirements",
    "tests": "Test Library",
    "teststeps": "Test Library",
    "testsets": "Test Sets",
}
LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Log in to QAComplete</title></head><body><form></form></body></html>"


class FileHandlers:
    """One method per endpoint."""

    def __init__(self, responder: Responder, data: SeedData, switches: Switches) -> None:
        self._responder = responder
        self._data = data
        self._switches = switches

    async def files(self, request: web.Request) -> web.Response:
        rows = [file_row(file, self._switches) for file in self._held(request)]
        return await self._responder.rows(request, rows)

    async def file(self, request: web.Request) -> web.Response:
        return to_json(file_row(self.one(request), self._switches))

    async def content(self, request: web.Request) -> web.Response:
        file = self.one(request)
        if not self._switches.rest_file_content or file.trouble == "no_bytes" or file.is_link:
            raise Refused(404)
        if file.trouble in ("refused", "fault"):
            raise Refused(403 if file.trouble == "refused" else 500)
        if file.trouble == "login_page":
            return web.Response(text=LOGIN_PAGE, content_type="text/html")
        return web.Response(body=_sent(file), content_type="application/octet-stream")

    async def picture(self, request: web.Request) -> web.Response:
        if self._switches.pictures_need_login:
            self._responder.visible(request)
        found = self._responder.existing(self._data.pictures.get("/images/" + request.match_info["name"]))
        return web.Response(body=found, content_type="image/png")

    def _held(self, request: web.Request) -> list[File]:
        code = request.match_info["code"].lower()
        project, item = self._responder.project_of(request, AREAS[code]), int(request.match_info["item"])
        wanted = (project, code, item)
        found = [file for file in self._data.files if (file.project_id, file.code.lower(), file.item_id) == wanted]
        # looking through all steps of all tests would be slow where files show that the step is there
        if not (found and code == "teststeps") and not is_there(self._data, code, project, item):
            raise Refused(404)
        return sorted(found, key=lambda file: file.id)

    def one(self, request: web.Request) -> File:
        """Return the file in the path; 404 without it, or without its item."""
        wanted = int(request.match_info["part"])
        return self._responder.existing(next((file for file in self._held(request) if file.id == wanted), None))


def is_there(data: SeedData, code: str, project: int, item: int) -> bool:
    """Return whether a project has the item, or step, of an entity code in lower case."""
    if code == "teststeps":
        return any(step.id == item for test in data.tests_of(project) for step in test.all_steps())
    held: dict[str, Sequence[Item | Test]] = {
        "releases": data.releases,
        "bugs": data.defects,
        "functionalspecs": data.requirements,
        "tests": data.tests,
        "testsets": data.test_sets,
    }
    return any(found.id == item and found.project_id == project for found in held[code])


def file_row(file: File, switches: Switches) -> dict[str, Any]:
    """Return what is known of a file (§7.1): no size, no type, and perhaps no id."""
    row = {
        "id": None if switches.files_without_id else file.id,
        "attachment_type_code": "File",
        "file_name": file.name,
        "title": file.title or file.name,
        "comments": file.comments,
        "date_created": file.date_created,
        "date_updated": file.date_created,
        "entity_code": file.code,
        # one documented answer has 0 here
        "entity_id": 0 if switches.loose_types else file.item_id,
        "update_user_id": str(file.user_id) if switches.loose_types else file.user_id,
        "user_name": file.user_name,
    }
    return without_nulls(row | file.extra)


async def _sent(file: File) -> Any:
    """Yield the bytes; a cut one breaks off in its first piece."""
    for chunk in file.chunks():
        if file.trouble == "cut":
            yield chunk[: len(chunk) // 2]
            raise ConnectionResetError("the line breaks")
        yield chunk
