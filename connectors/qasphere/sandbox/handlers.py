"""Folders and cases (§3.2 to §3.6)."""

import asyncio
import re
from typing import Any

from aiohttp import web
from multidict import MultiDict

from connectors.qasphere.sandbox.access import Access, case_of, flag_of, json_of
from connectors.qasphere.sandbox.cases import CaseShelf
from connectors.qasphere.sandbox.query import below, includes_of, numbers_of, ordered, selected, window_of
from connectors.qasphere.sandbox.readers import LONGEST_HTML, Refused, bad, integer, named, objects, text, texts
from connectors.qasphere.sandbox.sanitise import sanitise
from connectors.qasphere.sandbox.store import Folder
from connectors.qasphere.sandbox.validate import CaseBody
from connectors.qasphere.sandbox.views import folder_view, page_view, row_view, whole_view

_MARKER = re.compile(r"([A-Za-z0-9]{2,5})-0*([0-9]{1,18})")
_FOLDERS_PER_CALL = 1000
_CASES_PER_BULK = 500
_FOLDER_SORTS = {
    "id": lambda folder: folder.id,
    "project_id": lambda _folder: 0,
    "title": lambda folder: folder.title,
    "pos": lambda folder: folder.pos,
    "parent_id": lambda folder: folder.parent_id,
    "created_at": lambda folder: folder.id,
    "updated_at": lambda folder: folder.id,
}


class Handlers(Access):
    """One method per endpoint."""

    # --- folders ------------------------------------------------------------------------------------------------------

    async def folders(self, request: web.Request) -> web.Response:
        project = self._project(request, "viewer")
        window = window_of(request.query)
        wanted = request.query.get("search", "").lower()
        rows = [folder for folder in project.folders.values() if wanted in folder.title.lower()]
        rows = ordered(rows, request.query, _FOLDER_SORTS)
        end = None if window.limit is None else window.offset + window.limit
        views = [folder_view(project, folder) for folder in rows[window.offset : end]]
        return web.json_response(page_view(views, len(rows), window, self._switches))

    async def upsert_folders(self, request: web.Request) -> web.Response:
        project = self._project(request, "user")
        rows = objects((await json_of(request)).get("folders"), "folders")
        if not 1 <= len(rows) <= _FOLDERS_PER_CALL:
            raise bad(f"folders must hold 1 to {_FOLDERS_PER_CALL} entries")
        # everything is read before anything is stored: the call is one transaction
        paths = [(_path(row.get("path")), self._comment(row.get("comment"))) for row in rows]
        ids = [self._store.upsert_folder(project, path, comment) for path, comment in paths]
        return web.json_response({"ids": ids})

    def _comment(self, value: Any) -> str | None:
        return None if value is None else sanitise(text(value, "comment", 0, LONGEST_HTML), self._switches.html)

    # --- cases --------------------------------------------------------------------------------------------------------

    async def cases(self, request: web.Request) -> web.Response:
        project = self._project(request, "viewer")
        window, includes = window_of(request.query), includes_of(request.query)
        rows = selected(project, request.query)
        end = None if window.limit is None else window.offset + window.limit
        views = [row_view(project, case, includes, self._switches) for case in rows[window.offset : end]]
        return web.json_response(page_view(views, len(rows), window, self._switches))

    async def count(self, request: web.Request) -> web.Response:
        project = self._project(request, "viewer")
        query = MultiDict(request.query)
        if flag_of(query, "recursive"):
            for ident in numbers_of(query, "folders"):
                query.extend([("folders", str(child)) for child in below(project, ident)])
        return web.json_response({"count": len(selected(project, query))})

    async def by_markers(self, request: web.Request) -> web.Response:
        project = self._project(request, "viewer")
        body = await json_of(request)
        wanted = texts(body.get("seqIds"), "seqIds", lambda marker: text(marker, "a marker", 0, LONGEST_HTML))
        given: dict[str, str] = {
            key: str(integer(body[key], key, 0)) for key in ("offset", "limit", "page") if key in body
        }
        window = window_of(MultiDict[str](given))
        found = [_MARKER.fullmatch(marker) for marker in wanted]
        numbers = [int(match[2]) for match in found if match and match[1].upper() == project.code]
        rows = [project.by_seq[number] for number in dict.fromkeys(numbers) if number in project.by_seq]
        end = None if window.limit is None else window.offset + window.limit
        views = [row_view(project, case, set(), self._switches) for case in rows[window.offset : end]]
        return web.json_response(page_view(views, len(rows), window, self._switches))

    async def case(self, request: web.Request) -> web.Response:
        project = self._project(request, "viewer")
        return web.json_response(whole_view(project, case_of(project, request.match_info["case"])))

    async def create_case(self, request: web.Request) -> web.Response:
        project = self._project(request, "user")
        body = await json_of(request)
        values = CaseBody(self._store, project, self._switches).read_new(body)
        folder = project.folders.get(values["folderId"])
        if folder is None:
            raise Refused(404, "folder not found")
        await self._keep_apart(folder)
        case = CaseShelf(self._store, project).add(folder, values)
        return self._created({"id": case.id, "seq": case.seq})

    async def bulk(self, request: web.Request) -> web.Response:
        project = self._project(request, "user")
        body = await json_of(request)
        rows = objects(body.get("tcases"), "tcases")
        if not 1 <= len(rows) <= _CASES_PER_BULK:
            raise bad(f"tcases must hold 1 to {_CASES_PER_BULK} entries")
        if any(row.get("title") is None or row.get("tags") is None for row in rows):
            raise bad("title and tags are required")
        reader = CaseBody(self._store, project, self._switches)
        read = [reader.read({"title": row["title"], "tags": row["tags"]}) for row in rows]
        folder = project.folders[self._store.upsert_folder(project, _path(body.get("folderPath")), None)[-1]]
        shelf = CaseShelf(self._store, project)
        made = [shelf.add(folder, values | {"priority": "medium"}) for values in read]
        return self._created({"tcases": [{"id": case.id, "seq": case.seq} for case in made]})

    async def update_case(self, request: web.Request) -> web.Response:
        project = self._project(request, "user")
        case = case_of(project, request.match_info["case"])
        body = await json_of(request)
        for name in ("type", "folderId", "pos"):
            if name in body and self._switches.unknown_fields == "reject":
                raise bad(f"{name} cannot be changed")
        values = CaseBody(self._store, project, self._switches, case).read(body)
        if case.type == "filled" and set(values) - {"priority"}:
            raise bad("only the priority of a filled test case can be changed")
        if values.get("isDraft") and not case.is_draft:
            raise bad("a published test case cannot become a draft")
        CaseShelf(self._store, project).change(case, values)
        return web.json_response({"message": "Test case updated"})

    # --- work ---------------------------------------------------------------------------------------------------------

    async def _keep_apart(self, folder: Folder) -> None:
        """Refuse the later of two creates that overlap in one folder (A-25)."""
        if not self._switches.clash:
            return
        if folder.creating:
            raise Refused(409, "position is already taken")
        folder.creating += 1
        try:
            await asyncio.sleep(0)
        finally:
            folder.creating -= 1


def _path(value: Any) -> list[str]:
    if not isinstance(value, list) or not value:
        raise bad("path must hold at least one name")
    names = [named(name, "folder name", 255).strip() for name in value]
    if any("/" in name for name in names):
        raise bad('a folder name must not contain "/"')
    return names
