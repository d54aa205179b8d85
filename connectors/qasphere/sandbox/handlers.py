"""Folders and cases (§3.2 to §3.6)."""

import asyncio
import re
from typing import Any

from aiohttp import web
from multidict import MultiDict

from connectors.qasphere.sandbox.access import Access, case_of, flag_of, json_of
from connectors.qasphere.sandbox.query import below, includes_of, ordered, selected, window_of
from connectors.qasphere.sandbox.store import Case, Folder, Project, now
from connectors.qasphere.sandbox.validate import CaseBody, Refused, bad, listed, text
from connectors.qasphere.sandbox.views import folder_view, page_view, row_view, whole_view

_MARKER = re.compile(r"([A-Za-z0-9]{2,5})-0*(\d+)")
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
        rows = listed((await json_of(request)).get("folders"), "folders")
        if not 1 <= len(rows) <= _FOLDERS_PER_CALL:
            raise bad(f"folders must hold 1 to {_FOLDERS_PER_CALL} entries")
        # everything is read before anything is stored: the call is one transaction
        paths = [(_path(row.get("path")), row.get("comment")) for row in rows]
        ids = [self._store.upsert_folder(project, path, comment) for path, comment in paths]
        return web.json_response({"ids": ids})

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
            for ident in query.getall("folders", []):
                query.extend([("folders", str(child)) for child in below(project, int(ident))])
        return web.json_response({"count": len(selected(project, query))})

    async def by_markers(self, request: web.Request) -> web.Response:
        project = self._project(request, "viewer")
        body = await json_of(request)
        wanted = body.get("seqIds")
        if not isinstance(wanted, list) or not all(isinstance(marker, str) for marker in wanted):
            raise bad("seqIds must be a list of texts")
        given: dict[str, str] = {key: str(body[key]) for key in ("offset", "limit", "page") if key in body}
        window = window_of(MultiDict(given))
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
        values = CaseBody(self._store, project, self._switches).read(body, creating=True)
        folder = project.folders.get(body["folderId"])
        if folder is None:
            raise Refused(404, "folder not found")
        await self._keep_apart(folder)
        case = self._new_case(project, folder, values, pos=body.get("pos"))
        case.type = body["type"]
        return self._created({"id": case.id, "seq": case.seq})

    async def bulk(self, request: web.Request) -> web.Response:
        project = self._project(request, "user")
        body = await json_of(request)
        rows = listed(body.get("tcases"), "tcases")
        if not 1 <= len(rows) <= _CASES_PER_BULK:
            raise bad(f"tcases must hold 1 to {_CASES_PER_BULK} entries")
        reader = CaseBody(self._store, project, self._switches)
        read = [reader.read({"title": row.get("title"), "tags": row.get("tags")}, creating=False) for row in rows]
        if any("title" not in values for values in read):
            raise bad("title is required")
        folder = project.folders[self._store.upsert_folder(project, _path(body.get("folderPath")), None)[-1]]
        made = [self._new_case(project, folder, values | {"priority": "medium"}) for values in read]
        return self._created({"tcases": [{"id": case.id, "seq": case.seq} for case in made]})

    async def update_case(self, request: web.Request) -> web.Response:
        project = self._project(request, "user")
        case = case_of(project, request.match_info["case"])
        body = await json_of(request)
        for name in ("type", "folderId", "pos"):
            if name in body and self._switches.unknown_fields == "reject":
                raise bad(f"{name} cannot be changed")
        values = CaseBody(self._store, project, self._switches).read(body, creating=False)
        if values.get("isDraft") and not case.is_draft:
            raise bad("a published test case cannot become a draft")
        self._change(project, case, values)
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

    def _new_case(self, project: Project, folder: Folder, values: dict[str, Any], *, pos: Any = None) -> Case:
        size = project.in_folder[folder.id]
        if pos is not None and (not isinstance(pos, int) or not 0 <= pos <= size):
            raise Refused(409, "position is already taken")
        fields = values.get("customFields", {})
        for field in self._store.fields_of(project):
            if field.default is not None and field.system_name not in fields:
                fields[field.system_name] = {"value": field.default, "isDefault": True}
        project.last_seq += 1
        case = Case(
            id=self._store.ids.next(),
            seq=project.last_seq,
            folder_id=folder.id,
            pos=size if pos is None else pos,
            title=values["title"],
            priority=values["priority"],
            precondition=values.get("precondition", values.get("comment", "")),
            steps=values.get("steps", []),
            tags=values.get("tags", []),
            requirements=values.get("requirements", []),
            links=values.get("links", []),
            files=values.get("files", []),
            custom_fields=fields,
            is_draft=values.get("isDraft", False),
            shared_precondition=values.get("sharedPrecondition"),
        )
        if pos is not None:
            for other in project.cases:
                if other.folder_id == folder.id and other.pos >= pos:
                    other.pos += 1
        self._store.add_case(project, case)
        return case

    def _change(self, project: Project, case: Case, values: dict[str, Any]) -> None:
        names = {"isDraft": "is_draft", "comment": "precondition", "sharedPrecondition": "shared_precondition"}
        for name, value in values.items():
            if name == "customFields":
                for field in value:
                    before = case.custom_fields.get(field, {}).get("value", "")
                    project.by_field[field, before] = [c for c in project.by_field[field, before] if c is not case]
                case.custom_fields |= value
            else:
                setattr(case, names.get(name, name), value)
        case.version += 1
        case.updated_at = now()
        if "steps" not in values:
            case.steps = self._store.numbered([{k: v for k, v in step.items() if k != "id"} for step in case.steps])
        self._store.index_values(project, case)


def _path(value: Any) -> list[str]:
    if not isinstance(value, list) or not value:
        raise bad("path must hold at least one name")
    names = [text(name, "folder name", 1, 255).strip() for name in value]
    if not all(names) or any("/" in name for name in names):
        raise bad('a folder name must not be blank or contain "/"')
    return names
