"""What all routes share: the order of checks of §9.2, the envelope of lists, and the shape of errors."""

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
from connectors.qacomplete.sandbox.switches import Area, Switches
from migrator.standin.app import ROUTE

_PHRASES = {
    400: "Bad Request",
    401: "Unauthorized: Access is denied due to invalid credentials.",
    403: "Forbidden: Access is denied.",
    404: "File or directory not found.",
    429: "Too Many Requests",
    500: "Internal server error.",
}


NUMBER = "[0-9]{1,18}"
"""How a number is spelt. Python reads more than that, such as digits of other scripts."""
T = TypeVar("T")


class Refused(Exception):
    """The request is refused with this status."""

    def __init__(self, status: int, text: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class Responder:
    """Checks who asks for what, and answers in the vendor's envelope. ``access``: user → the project ids it sees, None
    for all."""

    def __init__(self, data: SeedData, switches: Switches, password: str, access: dict[str, set[int] | None]) -> None:
        self._data = data
        self._switches = switches
        self._password = password
        self._access = access
        self._random = random.Random(7)  # noqa: S311 - an order, not a secret

    @web.middleware
    async def refusals(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer what is refused, in the shape that the switches say."""
        try:
            return await handler(request)
        except Refused as refused:
            return error_answer(refused.status, refused.text, self._switches)
        except web.HTTPException as error:
            return error_answer(404 if error.status == 405 else error.status, "", self._switches)

    # --- lists --------------------------------------------------------------------------------------------------------

    async def rows(self, request: web.Request, rows: list[dict[str, Any]]) -> web.Response:
        """Answer the page of the rows that the request asks for, filtered."""
        expression = await filter_of(request)
        if expression is not None and self._switches.filters == "refused":
            raise Refused(400)
        if expression is not None and self._switches.filters == "on":
            try:
                predicate = parse_filter(expression, self._switches.date_literals)
                rows = [row for row in rows if predicate(keyed(row))]
            except FilterError as error:
                raise Refused(400, str(error)) from error
        offset, limit = self.window(request)
        return self.envelope(self.ordered(rows)[offset : offset + limit], offset, limit, len(rows))

    def ordered(self, rows: list[Any]) -> list[Any]:
        """Return the rows in the order of this server."""
        return self._random.sample(rows, len(rows)) if self._switches.shuffle_order else rows

    def window(self, request: web.Request) -> tuple[int, int]:
        """Return offset and limit as applied."""
        query = {"offset": "0", "limit": "25"} | {name.lower(): value for name, value in request.query.items()}
        if not all(re.fullmatch(NUMBER, query[name]) for name in ("offset", "limit")):
            raise Refused(400, "offset and limit are numbers from 0")
        return int(query["offset"]), min(int(query["limit"]), self._switches.limit_cap)

    def envelope(self, rows: list[dict[str, Any]], offset: int, limit: int, total: int) -> web.Response:
        """Answer a page (§3.1)."""
        window = {"count": len(rows), "offset": offset, "limit": limit, "total": total}
        results: list[dict[str, Any]] | None = rows
        if self._switches.null_lists and not rows:
            results = None
        return to_json({"metadata": {"result_set": window, "permissions": {"acl": 7}}, "results": results})

    # --- access -------------------------------------------------------------------------------------------------------

    def visible(self, request: web.Request) -> set[int] | None:
        """Return the projects that the user sees, None for all; 401 for a stranger."""
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        try:
            name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Refused(401) from None
        if scheme.lower() != "basic" or password != self._password or name not in self._access:
            raise Refused(401)
        return self._access[name]

    def project_of(self, request: web.Request, area: Area | None = None) -> int:
        """Return the project that is asked for; 403 when the user does not see it, or may not read this area."""
        visible = self.visible(request)
        ident = int(request.match_info["project"])
        if self._data.project(ident) is None or (visible is not None and ident not in visible):
            raise Refused(403)
        if area in self._switches.denied:
            raise Refused(403)
        return ident

    def existing(self, item: T | None) -> T:
        """Return the item; 404 when there is none."""
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
        if part.startswith("{") and part.endswith(r":\d+}"):
            parts.append(part.replace(r"\d+", NUMBER))
        elif part.startswith("{") and ":" in part:
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


async def filter_of(request: web.Request) -> str | None:
    """Return the expression from the query or, for a search, from the body (§3.3)."""
    if request.method == "POST":
        body = await object_of(request)
        found = next((value for name, value in body.items() if name.lower() == "filter"), None)
        if not isinstance(found, str):
            raise Refused(400, "the body holds no text called Filter")
    else:
        found = next((value for name, value in request.query.items() if name.lower() == "filter"), "")
    return found if found.strip() else None


async def object_of(request: web.Request) -> dict[str, Any]:
    """Return the body; 400 when it is no JSON object."""
    try:
        body = await request.json()
    except (ValueError, LookupError, RecursionError):
        raise Refused(400) from None
    if not isinstance(body, dict):
        raise Refused(400)
    return body


def to_json(document: dict[str, Any]) -> web.Response:
    """Answer compact JSON (§3.1)."""
    return web.json_response(document, dumps=lambda value: json.dumps(value, separators=(",", ":")))
