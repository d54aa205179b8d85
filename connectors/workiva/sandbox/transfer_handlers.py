"""The routes of downloads, uploads and operations (§5, §7-§9)."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from connectors.workiva.sandbox.data import Attachment, SeedData
from connectors.workiva.sandbox.handlers import Finder
from connectors.workiva.sandbox.tokens import Refused, TokenService, body_of, error_answer, missing, to_json
from connectors.workiva.sandbox.transfers import BLOBS, UPLOADS, Operation, Transfers
from migrator.standin.app import local_only

_READ, _WRITE = "graph:read", "graph:write"
_CHUNK = 256 * 1024
_LOG_IN = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in</body></html>"


class TransferHandlers:
    """Answers one generation's calls that take time."""

    def __init__(self, tokens: TokenService, data: SeedData, transfers: Transfers, prefix: str) -> None:
        self._tokens = tokens
        self._transfers = transfers
        self._find = Finder(data)
        self._prefix = prefix

    async def download(self, request: web.Request) -> web.Response:
        self._tokens.admit(request, self._prefix, _READ)
        if await request.read():
            raise Refused(400, "no body is expected", "body")
        return self._accepted(request, self._transfers.begin(source=self._find.attachment(request)))

    async def export(self, request: web.Request) -> web.Response:
        self._tokens.admit(request, self._prefix, _READ)
        form = self._find.form(request)
        if not self._transfers.switches.exports:
            raise Refused(403, "this grant may not export")
        if (await body_of(request)).get("format") != "xlsx":
            raise Refused(400, "the format must be xlsx", "format")
        book = Attachment.of("", f"{form.name}.xlsx", b"PK\3\4" + (form.name + form.narrative).encode())
        return self._accepted(request, self._transfers.begin(source=book))

    async def upload(self, request: web.Request) -> web.Response:
        self._tokens.admit(request, self._prefix, _WRITE)
        owner = self._find.owner(request)
        name = (await body_of(request)).get("fileName")
        if not isinstance(name, str) or not name:
            raise Refused(400, "a file name is needed", "fileName")
        operation = self._transfers.begin(owner=owner, file_name=name)
        answer = self._accepted(request, operation)
        is_foreign = self._transfers.switches.transfer == "presigned" and self._transfers.foreign
        origin = self._transfers.foreign if is_foreign else str(request.url.origin())
        signature = "?signature=s3cr3t%2Fsigned%3D" if is_foreign else ""
        document = {"uploadUrl": f"{origin}{UPLOADS}/{operation.key}{signature}"}
        return web.json_response(document, status=202, headers=answer.headers)

    async def operation(self, request: web.Request) -> web.Response:
        client = self._tokens.admit(request, self._prefix, None)
        self._tokens.pace(client)
        operation = self._transfers.asked(request.match_info["operation"]) or missing("operation")
        answer = to_json(self._operation_row(request, operation))
        self._name_pause(answer)
        return answer

    def _accepted(self, request: web.Request, operation: Operation) -> web.Response:
        origin = "" if self._transfers.switches.relative_locations else str(request.url.origin())
        location = f"{origin}{self._prefix}/operations/{operation.id}"
        is_told = self._transfers.switches.unlocated == 0
        self._transfers.switches.unlocated -= 0 if is_told else 1
        answer = web.Response(status=202, headers={"Location": location} if is_told else {})
        self._name_pause(answer)
        return answer

    def _name_pause(self, answer: web.Response) -> None:
        pause = self._transfers.switches.retry_after
        if pause is not None:
            answer.headers["Retry-After"] = f"{pause:g}"

    def _operation_row(self, request: web.Request, operation: Operation) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        action = {"dateTime": now, "user": {"id": "u1"}}
        row: dict[str, Any] = {"id": operation.id, "status": operation.status, "created": action, "updated": action}
        row["originalRequest"] = "6f1e0c1a-0000-4000-8000-000000000001"
        if operation.status in ("failed", "cancelled"):
            detail = {"code": "Conversion", "message": "the file could not be read", "target": None}
            return row | {"details": [detail]}
        if operation.status == "completed":
            row["resourceURL" if self._transfers.switches.capital_url else "resourceUrl"] = self._resource(
                request, operation
            )
        return row

    def _resource(self, request: web.Request, operation: Operation) -> str:
        if operation.owner is not None:
            return f"{request.url.origin()}{self._prefix}/attachments/{operation.made}"
        if self._transfers.switches.transfer == "presigned" and self._transfers.foreign:
            return f"{self._transfers.foreign}{BLOBS}/{operation.key}?signature=s3cr3t%2Fsigned%3D"
        return f"{request.url.origin()}{BLOBS}/{operation.key}"


class PrivateAreas:
    """Serves bytes and takes them. ``guard`` refuses who may not come in."""

    def __init__(self, transfers: Transfers, guard: Callable[[web.Request], None], *, redirects: bool) -> None:
        self._transfers = transfers
        self._guard = guard
        self._redirects = redirects

    async def blob(self, request: web.Request) -> web.StreamResponse:
        """Serve the bytes of a download."""
        self._guard(request)
        operation = self._known(request)
        if operation.source is None or operation.status != "completed":
            missing("file")
        switches = self._transfers.switches
        if self._redirects and switches.transfer == "redirect" and self._transfers.foreign:
            to = f"{self._transfers.foreign}{BLOBS}/{operation.key}?signature=s3cr3t"
            return web.Response(status=302, headers={"Location": to})
        if switches.pages > 0:
            switches.pages -= 1
            return web.Response(text=_LOG_IN, content_type="text/html")
        content = operation.source.content()
        cut_off = switches.truncated > 0 and len(content) > 1
        answer = web.StreamResponse(headers={"Content-Length": str(len(content))})
        answer.content_type = "application/octet-stream"
        await answer.prepare(request)
        end = len(content) // 2 if cut_off else len(content)
        with suppress(ConnectionError):
            for start in range(0, end, _CHUNK):
                await answer.write(content[start : min(start + _CHUNK, end)])
        if cut_off:
            switches.truncated -= 1
            if request.transport:
                request.transport.close()
        return answer

    async def receive(self, request: web.Request) -> web.Response:
        """Take the bytes of an upload; a second time they replace the first."""
        self._guard(request)
        operation = self._known(request)
        if operation.owner is None:
            missing("upload")
        if request.content_length is None:
            raise Refused(400, "the length must be known", "Content-Length")
        if request.content_length > self._transfers.switches.upload_limit:
            raise Refused(413, "the file is too large", "Content-Length")
        operation.received = await request.read()
        return web.Response(status=200)

    def _known(self, request: web.Request) -> Operation:
        operation = self._transfers.by_key.get(request.match_info["key"]) or missing("address")
        if self._transfers.is_expired(operation):
            raise Refused(403, "the address has expired")
        return operation


def foreign_app(transfers: Transfers) -> web.Application:
    """Return the store on the second port: it refuses requests that carry credentials, and remembers them (§14)."""

    def guard(request: web.Request) -> None:
        carried = [name for name in ("Authorization", "X-Version", "Cookie") if name in request.headers]
        if carried:
            transfers.leaks.append(f"{request.method} {request.path}: {', '.join(carried)}")
            raise Refused(400, "only one way to authenticate is allowed")
        if "signature" not in request.query:
            raise Refused(403, "the address is not signed")

    @web.middleware
    async def refusals(request: web.Request, handler: Any) -> web.StreamResponse:
        try:
            answer: web.StreamResponse = await handler(request)
        except Refused as refused:
            return error_answer(refused.status, str(refused))
        return answer

    app = web.Application(middlewares=[local_only, refusals], client_max_size=128 * 1024 * 1024)
    areas = PrivateAreas(transfers, guard, redirects=False)
    app.router.add_get(BLOBS + "/{key}", areas.blob)
    app.router.add_put(UPLOADS + "/{key}", areas.receive)
    return app
