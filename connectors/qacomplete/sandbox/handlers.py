"""The routes that are served (§5), with the order of checks of §9.2: credentials, project, item."""

import base64
import binascii
import json
import random
import re
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler

from connectors.qacomplete.sandbox.data import SeedData
from connectors.qacomplete.sandbox.filters import FilterError, keyed, parse_filter
from connectors.qacomplete.sandbox.rows import folder_row, project_row, test_row, user_row
from connectors.qacomplete.sandbox.switches import Switches
from migrator.standin.app import ROUTE

_PHRASES = {
    400: "Bad Request",
    401: "Unauthorized: Access is denied due to invalid credentials.",
    403: "Forbidden: Access is denied.",
    404: "File or directory not found.",
    429: "Too Many Requests",
    500: "Internal server error.",
}


T = TypeVar("T")


class Refused(Exception):
    """The request is refused with this status."""

    def __init__(self, status: int, text: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class Handlers:
    """One method per endpoint. ``access``: user → the project ids it sees, None for all."""

    def __init__(self, data: SeedData, switches: Switches, password: str, access: dict[str, set[int] | None]) -> None:
        self._data = data
        self._switches = switches
        self._password = password
        self._access = access
        self._mutations = int(switches.mutate_between_pages)
        self._random = random.Random(7)  # noqa: S311 - an order, not a secret

    @web.middleware
    async def refusals(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refused as refused:
            return error_answer(refused.status, refused.text, self._switches)
        except web.HTTPException as error:
            return error_answer(404 if error.status == 405 else error.status, "", self._switches)

    async def projects(self, request: web.Request) -> web.Response:
        visible = self._visible(request)
        rows = [project_row(p) for p in self._data.projects if visible is None or p.id in visible]
        return await self._list(request, rows)

    async def project(self, request: web.Request) -> web.Response:
        return _json(project_row(self._found(self._data.project(self._project(request)))))

    async def users(self, request: web.Request) -> web.Response:
        self._project(request)
        return await self._list(request, [user_row(user) for user in self._data.users])

    async def user(self, request: web.Request) -> web.Response:
        self._project(request)
        wanted = int(request.match_info["user"])
        return _json(user_row(self._found(next((u for u in self._data.users if u.id == wanted), None))))

    async def folders(self, request: web.Request) -> web.Response:
        project = self._project(request)
        rows = [folder_row(folder) for folder in self._data.folders_of(project)] if _of_tests(request) else []
        return await self._list(request, rows)

    async def folder(self, request: web.Request) -> web.Response:
        project, wanted = self._project(request), int(request.match_info["folder"])
        folders = self._data.folders_of(project) if _of_tests(request) else []
        return _json(folder_row(self._found(next((f for f in folders if f.id == wanted), None))))

    async def tests(self, request: web.Request) -> web.Response:
        tests = self._data.tests_of(self._project(request))
        version = "v1" if "/v1/" in request.path.lower() else "v2"
        steps = self._switches.steps_in_lists in ("both", version)
        expression = await _filter_of(request)
        if expression is not None:
            rows = [test_row(test, self._switches, steps=steps) for test in tests]
            return await self._list(request, rows)
        # building every row for every page would be slow with many tests
        offset, limit = self._window(request)
        ordered = self._ordered(tests)
        page = [test_row(test, self._switches, steps=steps) for test in ordered[offset : offset + limit]]
        if self._mutations and offset == 0 and len(tests) > limit:
            self._mutations -= 1
            tests[0].id = max(test.id for test in tests) + 1
        return self._envelope(page, offset, limit, len(tests))

    async def test(self, request: web.Request) -> web.Response:
        project, wanted = self._project(request), int(request.match_info["test"])
        test = self._found(next((t for t in self._data.tests if t.id == wanted and t.project_id == project), None))
        if test.unreadable:
            raise Refused(500)
        return _json(test_row(test, self._switches, steps=True))

    # --- lists --------------------------------------------------------------------------------------------------------

    async def _list(self, request: web.Request, rows: list[dict[str, Any]]) -> web.Response:
        expression = await _filter_of(request)
        if expression is not None:
            try:
                predicate = parse_filter(expression)
                rows = [row for row in rows if predicate(keyed(row))]
            except FilterError as error:
                raise Refused(400, str(error)) from error
        offset, limit = self._window(request)
        return self._envelope(self._ordered(rows)[offset : offset + limit], offset, limit, len(rows))

    def _ordered(self, rows: list[Any]) -> list[Any]:
        return self._random.sample(rows, len(rows)) if self._switches.shuffle_order else rows

    def _window(self, request: web.Request) -> tuple[int, int]:
        query = {name.lower(): value for name, value in request.query.items()}
        try:
            offset, limit = int(query.get("offset", 0)), int(query.get("limit", 25))
        except ValueError:
            raise Refused(400) from None
        return max(0, offset), min(max(0, limit), self._switches.limit_cap)

    def _envelope(self, rows: list[dict[str, Any]], offset: int, limit: int, total: int) -> web.Response:
        window = {"count": len(rows), "offset": offset, "limit": limit, "total": total}
        results: list[dict[str, Any]] | None = rows
        if self._switches.null_lists and not rows:
            results = None
        return _json({"metadata": {"result_set": window, "permissions": {"acl": 7}}, "results": results})

    # --- access -------------------------------------------------------------------------------------------------------

    def _visible(self, request: web.Request) -> set[int] | None:
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        try:
            name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Refused(401) from None
        if scheme.lower() != "basic" or password != self._password or name not in self._access:
            raise Refused(401)
        return self._access[name]

    def _project(self, request: web.Request) -> int:
        visible = self._visible(request)
        ident = int(request.match_info["project"])
        if self._data.project(ident) is None or (visible is not None and ident not in visible):
            raise Refused(403)
        return ident

    def _found(self, item: T | None) -> T:
        if item is None:
            raise Refused(404)
        return item


def error_answer(status: int, text: str, switches: Switches) -> web.Response:
    """Return an error as IIS does, as ServiceStack does, or with nothing in it (§4)."""
    phrase = text or _PHRASES.get(status, "Error")
    headers = {"WWW-Authenticate": 'Basic realm="QAComplete"'} if status == 401 else {}
    if switches.error_body == "empty":
        return web.Response(status=status, headers=headers)
    if switches.error_body == "json":
        body = {"response_status": {"error_code": str(status), "message": phrase, "errors": []}}
        return web.json_response(body, status=status, headers=headers)
    page = f"<!DOCTYPE html><html><head><title>{status} - {phrase}</title></head><body><h2>{phrase}</h2></body></html>"
    return web.Response(text=page, status=status, content_type="text/html", headers=headers)


def insensitive(path: str) -> str:
    """Return a route pattern that matches its fixed parts in any case."""
    parts = []
    for part in path.strip("/").split("/"):
        if part.startswith("{") and ":" in part and "\\d" not in part:
            name, words = part.strip("{}").split(":")
            parts.append(f"{{{name}:(?i:{words})}}")
        elif part.startswith("{"):
            parts.append(part)
        else:
            parts.append(f"{{{'p' + str(len(parts))}:(?i:{part})}}")
    return "/" + "/".join(parts)


def named(path: str, handler: Handler) -> Handler:
    """Return the handler, telling the request log the route as people write it."""
    plain = re.sub(r"\{(\w+):[^}]*\}", r"{\1}", path)

    async def telling(request: web.Request) -> web.StreamResponse:
        request[ROUTE] = plain
        return await handler(request)

    return telling


def _of_tests(request: web.Request) -> bool:
    return request.match_info["code"].lower() == "tests"


async def _filter_of(request: web.Request) -> str | None:
    """Return the expression from the query or, for a search, from the body (§3.3)."""
    if request.method == "POST":
        try:
            body = await request.json()
        except json.JSONDecodeError:
            raise Refused(400) from None
        found = next((value for name, value in body.items() if name.lower() == "filter"), None)
    else:
        found = next((value for name, value in request.query.items() if name.lower() == "filter"), None)
    return str(found) if found and str(found).strip() else None


def _json(document: dict[str, Any]) -> web.Response:
    return web.json_response(document, dumps=lambda value: json.dumps(value, separators=(",", ":")))
