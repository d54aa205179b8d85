"""The routes that are served (§2, §3.1 to §3.9, §3.17)."""

import asyncio
import json
import re
from typing import Any

from aiohttp import web
from multidict import MultiDict

from connectors.qasphere.sandbox.query import includes_of, selected, window_of
from connectors.qasphere.sandbox.store import Case, Folder, Project, Store, now
from connectors.qasphere.sandbox.switches import Switches
from connectors.qasphere.sandbox.validate import CaseBody, Refused, bad, listed, text
from connectors.qasphere.sandbox.views import field_view, folder_view, page_view, project_view, row_view, whole_view

_ROLES = ("viewer", "test-runner", "user", "admin", "owner")
_CODE = re.compile(r"[A-Za-z0-9]{2,5}")
_MARKER = re.compile(r"([A-Za-z0-9]{2,5})-0*(\d+)")
_FOLDERS_PER_CALL = 1000
_CASES_PER_BULK = 500


class Handlers:
    """One method per endpoint. ``keys``: API key → role."""

    def __init__(self, store: Store, switches: Switches, keys: dict[str, str]) -> None:
        self._store = store
        self._switches = switches
        self._keys = keys

    # --- projects and settings ----------------------------------------------------------------------------------------

    async def me(self, request: web.Request) -> web.Response:
        role = self._role(request)
        if not self._switches.users_me:
            raise Refused(404, "not found")
        user = {"id": 1, "email": f"{role}@acme.example", "name": role.title(), "avatar": None, "role": role}
        return web.json_response({"user": user})

    async def users(self, request: web.Request) -> web.Response:
        self._need(request, "admin")
        rows = [{"email": f"{role}@acme.example", "name": role.title(), "role": role} for role in self._keys.values()]
        return web.json_response({"users": rows})

    async def projects(self, request: web.Request) -> web.Response:
        self._need(request, "viewer")
        rows = [project_view(project) for project in self._store.projects.values()]
        return web.json_response({"projects": rows or None if self._switches.null_lists else rows})

    async def project(self, request: web.Request) -> web.Response:
        return web.json_response(project_view(self._project(request, "viewer")))

    async def create_project(self, request: web.Request) -> web.Response:
        self._need(request, "admin")
        body = await _json(request)
        known = {"code", "title", "links", "overviewTitle", "overviewDescription"}
        if self._switches.unknown_fields == "reject" and (unknown := set(body) - known):
            raise bad(f"unknown field {min(unknown)}")
        code, title = body.get("code"), text(body.get("title"), "title", 1, 255)
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            raise bad("code must be 2 to 5 letters or digits")
        if self._store.find_project(code):
            raise Refused(409, f"project code {code.upper()} is already in use")
        project = self._store.add_project(code, title)
        if not body.get("skipDefaultFolder"):
            self._store.upsert_folder(project, [title], None)
        return self._created({"id": project.id})

    async def custom_fields(self, request: web.Request) -> web.Response:
        self._project(request, "viewer")
        rows = [field_view(field) for field in self._store.custom_fields.values()]
        return web.json_response({"customFields": rows or None if self._switches.null_lists else rows})

    async def tags(self, request: web.Request) -> web.Response:
        project = self._project(request, "viewer")
        rows = [{"id": ident, "title": title} for title, ident in project.tags.items()]
        return web.json_response({"tags": rows})

    async def requirements(self, request: web.Request) -> web.Response:
        project = self._project(request, "viewer")
        rows = [row | {"integrationLink": None} for row in project.requirements.values()]
        return web.json_response({"requirements": rows})

    # --- folders ------------------------------------------------------------------------------------------------------

    async def folders(self, request: web.Request) -> web.Response:
        project = self._project(request, "viewer")
        window = window_of(request.query)
        wanted = request.query.get("search", "").lower()
        rows = [folder for folder in project.folders.values() if wanted in folder.title.lower()]
        if request.query.get("sortOrder") == "desc":
            rows.reverse()
        end = None if window.limit is None else window.offset + window.limit
        views = [folder_view(project, folder) for folder in rows[window.offset : end]]
        return web.json_response(page_view(views, len(rows), window, self._switches))

    async def upsert_folders(self, request: web.Request) -> web.Response:
        project = self._project(request, "user")
        rows = listed((await _json(request)).get("folders"), "folders")
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
        if query.get("recursive") == "true":
            for ident in query.getall("folders", []):
                query.extend([("folders", str(child)) for child in _below(project, int(ident))])
        return web.json_response({"count": len(selected(project, query))})

    async def by_markers(self, request: web.Request) -> web.Response:
        project = self._project(request, "viewer")
        wanted = [_MARKER.fullmatch(marker) for marker in (await _json(request)).get("seqIds") or []]
        numbers = [int(match[2]) for match in wanted if match and match[1].upper() == project.code]
        rows = [project.by_seq[number] for number in numbers if number in project.by_seq]
        views = [row_view(project, case, set(), self._switches) for case in rows]
        return web.json_response({"data": views, "total": len(views)})

    async def case(self, request: web.Request) -> web.Response:
        project = self._project(request, "viewer")
        return web.json_response(whole_view(project, _case(project, request)))

    async def create_case(self, request: web.Request) -> web.Response:
        project = self._project(request, "user")
        body = await _json(request)
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
        body = await _json(request)
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
        case = _case(project, request)
        body = await _json(request)
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
        )
        if pos is not None:
            for other in project.cases:
                if other.folder_id == folder.id and other.pos >= pos:
                    other.pos += 1
        self._store.add_case(project, case)
        return case

    def _change(self, project: Project, case: Case, values: dict[str, Any]) -> None:
        names = {"isDraft": "is_draft", "comment": "precondition"}
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

    # --- access -------------------------------------------------------------------------------------------------------

    def _role(self, request: web.Request) -> str:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme not in ("Bearer", "ApiKey") or not key:
            raise Refused(401, "missing or unknown authorization scheme")
        if key.count(".") != 2:
            raise Refused(401, "malformed API key")
        if key not in self._keys:
            raise Refused(401, "unknown API key")
        return self._keys[key]

    def _need(self, request: web.Request, least: str) -> None:
        if _ROLES.index(self._role(request)) < _ROLES.index(least):
            raise Refused(403, f"insufficient role: {least} is required")

    def _project(self, request: web.Request, least: str) -> Project:
        self._need(request, least)
        project = self._store.find_project(request.match_info["project"])
        if project is None:
            raise Refused(404, "project not found")
        if project.archived_at and least != "viewer":
            raise Refused(403, "project is archived")
        return project

    def _created(self, document: dict[str, Any]) -> web.Response:
        return web.json_response(document, status=self._switches.created_status)


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise bad("malformed JSON") from None
    if not isinstance(body, dict):
        raise bad("body must be a JSON object")
    return body


def _path(value: Any) -> list[str]:
    if not isinstance(value, list) or not value:
        raise bad("path must hold at least one name")
    names = [text(name, "folder name", 1, 255).strip() for name in value]
    if not all(names) or any("/" in name for name in names):
        raise bad('a folder name must not be blank or contain "/"')
    return names


def _case(project: Project, request: web.Request) -> Case:
    """Resolve id, then number, then legacy id (A-06)."""
    wanted = request.match_info["case"]
    case = project.by_id.get(wanted)
    if case is None and wanted.isdigit():
        case = project.by_seq.get(int(wanted))
    if case is None:
        case = next((other for other in project.cases if wanted and other.legacy_id == wanted), None)
    if case is None:
        raise Refused(404, "test case not found")
    return case


def _below(project: Project, ident: int) -> list[int]:
    children = [folder.id for folder in project.folders.values() if folder.parent_id == ident]
    return children + [deeper for child in children for deeper in _below(project, child)]
