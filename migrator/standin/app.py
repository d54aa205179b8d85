"""The shell around a stand-in's routes: log, rate limit, latency, faults."""

import asyncio
import hmac
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import anyio
from aiohttp import web
from aiohttp.typedefs import Handler

from migrator.standin.faults import BROKEN_JSON, HTML, FaultDice
from migrator.standin.limits import limit_of
from migrator.standin.log import Entry, RequestLog
from migrator.standin.options import FaultKind, StandInOptions

LOG_PATH = "/__standin/log"
LOG_KEY_HEADER = "X-Stand-In-Key"
_LOCAL = {"127.0.0.1", "localhost", "::1"}
ROUTE = web.RequestKey("route", str)
"""A handler may set this to what the log should call its route."""
_TOO_MANY = "Too many requests, please try again later."
_STATUSES: dict[str, int] = {"status_500": 500, "status_502": 502, "status_503": 503, "status_504": 504}

ErrorAnswer = Callable[[int, str], web.Response]


class _CutOff(Exception):
    """The client gets nothing."""


class StandIn:
    """An aiohttp application with everything but its routes. ``error`` builds the service's own error answers.

    It answers requests to this machine's own names only. ``log_key``, new for each stand-in, opens its log.
    """

    def __init__(self, options: StandInOptions, *, error: ErrorAnswer) -> None:
        self.options = options
        self.log = RequestLog()
        self.log_key = secrets.token_urlsafe(16)
        self._error = error
        self._dice = FaultDice(options.faults)
        self._limit = limit_of(options.rate, options.rate_shape) if options.rate else None
        self._background: set[asyncio.Task[None]] = set()
        self.app = web.Application(middlewares=[self._middleware], client_max_size=64 * 1024 * 1024)
        self.app.router.add_get(LOG_PATH, self._show_log)
        self.app.cleanup_ctx.append(self._finish_background)

    async def _show_log(self, request: web.Request) -> web.Response:
        given = request.headers.get(LOG_KEY_HEADER) or request.query.get("key", "")
        if not hmac.compare_digest(given.encode(), self.log_key.encode()):
            return web.Response(status=403, text="the log is open to whoever started this stand-in")
        return web.json_response(self.log.document())

    async def _finish_background(self, _app: web.Application) -> AsyncIterator[None]:
        yield
        for task in list(self._background):
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        return await local_only(request, lambda asked: self._logged(asked, handler))

    async def _logged(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == LOG_PATH:
            return await handler(request)
        self.log.running += 1
        self.log.peak = max(self.log.peak, self.log.running)
        fault: FaultKind | None = None
        status = 0
        try:
            if self._limit and not self._limit.allows(anyio.current_time()):
                status = 429
                return self._throttle(self.options.retry_after, 1.0)
            fault = self._dice.throw()
            answer = await self._answer(request, handler, fault)
            status = answer.status
        except _CutOff:
            if request.transport:
                request.transport.abort()
            return web.Response()
        else:
            return answer
        finally:
            self.log.running -= 1
            self._record(request, status, fault)

    def _record(self, request: web.Request, status: int, fault: FaultKind | None) -> None:
        resource = request.match_info.route.resource
        route = request.get(ROUTE) or (resource.canonical if resource else request.path)
        entry = Entry(f"{request.method} {route}", request.path, request.query_string, status, fault or "", time.time())
        self.log.add(entry)

    def _throttle(self, named: bool, seconds: float) -> web.Response:
        answer = self._error(429, _TOO_MANY)
        if named:
            answer.headers["Retry-After"] = f"{seconds:g}"
        return answer

    async def _answer(self, request: web.Request, handler: Handler, fault: FaultKind | None) -> web.StreamResponse:
        if self.options.latency:
            await asyncio.sleep(self.options.latency)
        if fault is None:
            return await _handled(handler, request)
        await request.read()
        return await self._faulty(request, handler, fault)

    async def _faulty(self, request: web.Request, handler: Handler, fault: FaultKind) -> web.StreamResponse:
        plan = self.options.faults
        if fault in ("throttle", "throttle_bare"):
            return self._throttle(fault == "throttle", plan.throttle_seconds)
        if fault in _STATUSES:
            if self._dice.coin():
                await _handled(handler, request)
            return self._error(_STATUSES[fault], "upstream trouble")
        if fault == "drop_before":
            raise _CutOff
        if fault == "hang":
            await asyncio.sleep(plan.hang_seconds)
            raise _CutOff
        if fault == "late":
            self._later(handler, request, plan.late_seconds)
            await asyncio.sleep(plan.hang_seconds)
            raise _CutOff
        return await self._spoilt(request, handler, fault)

    async def _spoilt(self, request: web.Request, handler: Handler, fault: FaultKind) -> web.StreamResponse:
        """Do the work (reads have none), then answer rubbish, half of it, or nothing."""
        if fault == "html":
            await self._work(request, handler)
            return web.Response(text=HTML, content_type="text/html")
        if fault == "bad_json":
            await self._work(request, handler)
            return web.Response(text=BROKEN_JSON, content_type="application/json")
        answer = await _handled(handler, request)
        if fault == "truncate" and isinstance(answer, web.Response):
            await self._send_half(request, answer)
        raise _CutOff

    async def _work(self, request: web.Request, handler: Handler) -> None:
        if request.method != "GET":
            await _handled(handler, request)

    async def _send_half(self, request: web.Request, answer: web.Response) -> None:
        body = answer.body if isinstance(answer.body, bytes) else b""
        half = web.StreamResponse(status=answer.status, headers={"Content-Length": str(max(len(body), 1))})
        half.content_type = answer.content_type
        with suppress(ConnectionError):
            await half.prepare(request)
            await half.write(body[: len(body) // 2])

    def _later(self, handler: Handler, request: web.Request, seconds: float) -> None:
        async def work() -> None:
            await asyncio.sleep(seconds)
            await _handled(handler, request)

        task = asyncio.ensure_future(work())
        self._background.add(task)
        task.add_done_callback(self._background.discard)


@web.middleware
async def local_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what was sent to a name that is not this machine's: a page in a browser can make its own lead here."""
    host = request.url.host or ""
    if host.lower() not in _LOCAL:
        return web.Response(status=421, text="this stand-in answers to the names of this machine only")
    return await handler(request)


async def _handled(handler: Handler, request: web.Request) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        return error
    except ConnectionError as error:
        raise _CutOff from error  # the client went away while it was sending
