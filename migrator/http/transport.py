"""The one client for web services: pace, send, judge, repeat, decode, and raise our errors."""

import asyncio
import io
import logging
import random
import ssl
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import aiohttp
import anyio
import orjson

from migrator import __version__
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import (
    AnswerSpoilt,
    AuthenticationError,
    CallError,
    ConfigError,
    ContentReason,
    MigratorError,
    OutcomeUnknown,
    Rejected,
    TemporaryError,
)
from migrator.core.ports import Hooks
from migrator.http.answers import Attempt, Reader, json_reader, nothing
from migrator.http.auth import Auth, RenewingAuth
from migrator.http.download import Downloaded, file_reader
from migrator.http.governor import Governor
from migrator.http.multipart import Body, FilePart, Multipart, RawFile
from migrator.http.policy import Answered, HttpOutcome, Lost, NotConnected, RetryLimits, decide, retry_after
from migrator.http.redact import redact
from migrator.http.redirects import REDIRECTS, Hops
from migrator.http.seen import Seen
from migrator.http.settings import HttpSettings, checked_base_url, proxy_for
from migrator.http.wording import own_words

log = logging.getLogger("migrator.http")

Params = Mapping[str, str] | Sequence[tuple[str, str]]
_MAX_BYTES = 64 * 1024 * 1024
_ONE_PIECE = 1024 * 1024
_FIRST_ATTEMPTS = 3
# files may take longer than the time-out for one call, but not as long as they like
_SLOWEST_BYTES_PER_SECOND = 64 * 1024
_FILE_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity"}
_WEB = ("http://", "https://")
_JSON = "application/json"
_FIELDS = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Reply:
    """A success. ``document``: its parsed JSON, None for an empty body."""

    document: Any
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Request:
    """What every attempt of one call sends, and how its answer is read.

    ``path``: below the base URL, or a whole address. ``trusted``: hosts that may get the credentials too.
    ``file_bytes``: what travels beside JSON.
    """

    method: str
    path: str
    reader: Reader
    params: Params | None = None
    body: bytes | None = None
    content_type: str = _JSON
    form: Body | None = None
    hooks: Hooks | None = None
    follows: bool = False
    trusted: Collection[str] = ()
    file_bytes: int = 0
    extra: Mapping[str, str] | None = None

    def headers(self) -> dict[str, str]:
        if self.form:
            return {"Content-Type": self.form.content_type, "Content-Length": str(self.form.size)}
        if self.follows:
            return _FILE_HEADERS
        own = {} if self.body is None else {"Content-Type": self.content_type}
        return {**own, **(self.extra or {})}


class _Sending:
    """A form on its way in one attempt. ``failure``: what went wrong on this side; to the library every failure is a
    lost connection."""

    def __init__(self, form: Body, hooks: Hooks | None) -> None:
        self._chunks = form.chunks()
        self._hooks = hooks
        self._reading = anyio.Lock()
        self.failure: MigratorError | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            async with self._reading:
                return await anext(self._chunks)
        except StopAsyncIteration:
            if self._hooks:
                self._hooks.sent()
            raise
        except MigratorError as error:
            self.failure = error
            raise

    async def close(self) -> None:
        """Close what is being read. The answer may come first, and the library's writer may still be ending."""
        with anyio.CancelScope(shield=True):
            async with self._reading:
                await self._chunks.aclose()


class Transport:
    """Talks to one base URL as one account. Use it as an async context manager; it owns the connections."""

    def __init__(
        self,
        base_url: str,
        *,
        auth: Auth,
        governor: Governor,
        settings: HttpSettings,
        name: str,
        timeout: float,
        setting: str = "base_url",
        limits: RetryLimits | None = None,
    ) -> None:
        self.base_url = checked_base_url(base_url, settings, name)
        self.governor = governor
        self.seen = Seen()
        self._auth = auth
        self._settings = settings.model_copy(update={"proxy": proxy_for(self.base_url, settings)})
        self._name = name
        self._setting = setting
        self._seconds = settings.timeout or timeout
        self._limits = limits or RetryLimits()
        self._session: aiohttp.ClientSession | None = None
        self._was_reached = False
        self._may_send: Callable[[str, str], bool] | None = None

    def guarded(self, may_send: Callable[[str, str], bool]) -> Self:
        """Refuse from now on, before it leaves, every request of which ``may_send(method, path)`` does not approve: it
        would be a defect of this program."""
        self._may_send = may_send
        return self

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            headers={"Accept": "application/json", "User-Agent": f"qasphere-migrator/{__version__}"},
            connector=aiohttp.TCPConnector(limit=0, ssl=self._ssl()),
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=[_sent_trace()],
            auto_decompress=True,
        )
        # a retry inside the library would pass by pacing and request counts; there is no public switch (aiohttp 3.14)
        self._session._retry_connection = False  # noqa: SLF001
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session:
            with anyio.CancelScope(shield=True):
                await self._session.close()

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: object = None,
        repeatable: bool,
        hooks: Hooks | None = None,
        max_bytes: int = _MAX_BYTES,
    ) -> Any:
        """Send a request and return the parsed JSON of a success; None for an empty body.

        Repeats it as the policy allows. Raises ``Rejected`` when the service refused, ``OutcomeUnknown`` when a call
        that must not be repeated may have taken effect, ``AuthenticationError`` on 401, ``TemporaryError`` when the
        service cannot be reached or goes on failing, ``ConfigError`` when TLS or the address is wrong.
        """
        body = None if json is None else orjson.dumps(json)
        request = _Request(method, path, json_reader(max_bytes), params=params, body=body, hooks=hooks)
        return (await self._settled(request, repeatable=repeatable)).document

    async def ask(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: object = None,
        fields: Mapping[str, str] | None = None,
        repeatable: bool,
    ) -> Reply:
        """Do as ``call`` does, and return the headers as well.

        ``path`` may be a whole address; credentials go to this service only. ``fields``: a body as web forms send it.
        """
        body = None if json is None else orjson.dumps(json)
        request = _Request(method, path, json_reader(_MAX_BYTES), params=params, body=body)
        if fields is not None:
            request = replace(request, body=urlencode(fields).encode(), content_type=_FIELDS)
        attempt = await self._settled(request, repeatable=repeatable)
        headers = attempt.outcome.headers if isinstance(attempt.outcome, Answered) else {}
        return Reply(attempt.document, headers)

    async def exchange(
        self, path: str, body: bytes, *, headers: Mapping[str, str], reader: Reader, file_bytes: int = 0
    ) -> Any:
        """POST a body as it is, again if need be, and return what ``reader`` makes of the answer.

        ``headers`` say what the body is. ``file_bytes``: how much may come back. Raises what ``call`` and the reader
        raise, and ``AnswerSpoilt`` when the answer was cut off, or spoilt in the reader's eyes, every time.
        """
        request = _Request("POST", path, reader, body=body, extra=headers, file_bytes=file_bytes)
        return (await self._settled(request, repeatable=True)).document

    async def put(self, path: str, part: FilePart, *, trusted: Collection[str] = ()) -> None:
        """PUT a file's bytes, again if need be. ``path`` may be a whole address; credentials go to this service and to
        ``trusted`` hosts only. Raises what ``call`` raises, and ``MigratorError`` when the file cannot be read."""
        form = RawFile(part)
        request = _Request("PUT", path, nothing, form=form, trusted=trusted, file_bytes=form.size)
        await self._settled(request, repeatable=True)

    async def upload(self, path: str, form: Multipart, *, repeatable: bool, hooks: Hooks | None = None) -> Any:
        """POST a form with files and return the parsed JSON of a success. Raises what ``call`` raises, and
        ``MigratorError`` when a file cannot be read."""
        request = _Request("POST", path, json_reader(_MAX_BYTES), form=form, hooks=hooks, file_bytes=form.size)
        return (await self._settled(request, repeatable=repeatable)).document

    async def download(
        self,
        path: str,
        target: Path,
        *,
        max_bytes: int,
        may_be_page: bool = False,
        trusted: Collection[str] = (),
    ) -> Downloaded:
        """GET a file, put it at ``target`` once it is whole, and return what arrived.

        ``path`` may be a whole address. Redirects are followed; credentials go to this service and to ``trusted`` hosts
        only. A web page is refused unless ``may_be_page``. Raises what ``call`` raises, ``AnswerSpoilt`` when it was
        cut off or a web page every time, ``ContentTrouble`` when it has over ``max_bytes``, ``MigratorError`` when it
        cannot be written.
        """
        reader = file_reader(target, max_bytes, may_be_page=may_be_page)
        request = _Request("GET", path, reader, follows=True, trusted=trusted, file_bytes=max_bytes)
        document = (await self._settled(request, repeatable=True)).document
        if not isinstance(document, Downloaded):
            raise TypeError("a download was settled without a file")
        return document

    async def _settled(self, request: _Request, *, repeatable: bool) -> Attempt:
        """Make attempts until the policy says that one settles the call."""
        if self._may_send and not self._may_send(request.method, _shown(request.path)):
            raise MigratorError(
                f"{request.method} {_shown(request.path)} was about to be sent to {self._name} by a command that must"
                " not write there",
                next_step="nothing was sent; report this",
            )
        started = anyio.current_time()
        number = 1
        while True:
            attempt = await self._attempt(request)
            elapsed = anyio.current_time() - started
            outcome = attempt.outcome
            if isinstance(outcome, Answered):
                self.seen.take(outcome.status, outcome.headers)
            self._was_reached = self._was_reached or isinstance(outcome, Answered)
            verdict = decide(
                outcome,
                repeatable=repeatable,
                attempt=number,
                elapsed=elapsed,
                limits=self._limits if self._was_reached else replace(self._limits, connect_attempts=_FIRST_ATTEMPTS),
                random=random.random,
            )
            if verdict.action == "ok":
                self.governor.succeeded()
                return attempt
            throttled = isinstance(outcome, Answered) and outcome.status == 429
            if isinstance(outcome, Answered) and throttled:
                self.governor.throttled(retry_after(outcome.headers))
            log.info("%s %s: %s → %s", request.method, _shown(request.path), attempt.cause, verdict.action)
            if verdict.action != "retry":
                raise self._error(verdict.action, request, attempt)
            number += 0 if throttled else 1
            await anyio.sleep(verdict.delay)

    # --- one attempt --------------------------------------------------------------------------------------------------

    async def _attempt(self, request: _Request) -> Attempt:
        """Send the request once, and once more if credentials that expire have just done so."""
        attempt, used = await self._journey(request)
        if used and _status(attempt) == 401 and isinstance(self._auth, RenewingAuth):
            await self._auth.renew(used)
            attempt, used = await self._journey(request)
        if _status(attempt) == 401 and not used:
            # another host wants credentials that it must not get; that says nothing about ours
            attempt = replace(attempt, outcome=Answered(403, {}))
        return attempt

    async def _journey(self, request: _Request) -> tuple[Attempt, dict[str, str]]:
        """Send the request; a download goes on to where it is sent, each time at its own turn. Return what came of it
        and the credentials that went along at last."""
        is_whole = request.path.startswith(_WEB)
        url = request.path if is_whole else self.base_url + request.path
        hops = Hops(url, home=self.base_url, trusted=request.trusted)
        while True:
            attempt, used = await self._exchange(request, hops)
            location = _location(attempt.outcome) if request.follows else None
            if location is None:
                return attempt, used
            if refusal := hops.follow(location):
                return replace(attempt, cause=f"{attempt.cause}: {refusal}"), used

    async def _exchange(self, request: _Request, hops: Hops) -> tuple[Attempt, dict[str, str]]:
        if self._session is None:
            raise RuntimeError("use the transport inside `async with`")
        sending = _Sending(request.form, request.hooks) if request.form else None
        timeout = self._timeout(request.file_bytes)
        async with self.governor.turn():
            if hops.is_home and isinstance(self._auth, RenewingAuth):
                await self._auth.prepare()
            used = self._auth.headers() if hops.is_home else {}
            if request.hooks:
                await request.hooks.before_send()
            try:
                async with self._session.request(
                    request.method,
                    hops.url,
                    params=request.params,
                    data=sending or _in_pieces(request.body),
                    headers=request.headers() | used,
                    allow_redirects=False,
                    proxy=self._settings.proxy,
                    timeout=timeout,
                    trace_request_ctx=None if sending else request.hooks,
                ) as response:
                    return await request.reader(response), used
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if sending and sending.failure:
                    raise sending.failure from error
                cause = self._hidden(_words(error, timeout.total or 0))
                spoilt: ContentReason | None = "truncated" if isinstance(error, aiohttp.ClientPayloadError) else None
                return Attempt(self._failure(error), cause=cause, spoilt=spoilt), used
            finally:
                if sending:
                    await sending.close()

    def _timeout(self, file_bytes: int) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(
            total=self._seconds + file_bytes / _SLOWEST_BYTES_PER_SECOND,
            sock_connect=min(30.0, self._seconds * 0.9),
            sock_read=self._seconds if file_bytes else None,
        )

    def _failure(self, error: Exception) -> HttpOutcome:
        if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
            raise ConfigError(
                f"cannot trust {self._name} at {self.base_url}",
                code=ErrorCode.CERTIFICATE,
                cause=self._hidden(str(error)),
                next_step="set http.ca_bundle to the file with your certificate authority's certificate",
            ) from error
        if isinstance(error, aiohttp.InvalidURL):
            raise ConfigError(
                f"the address of {self._name} is not valid: {self.base_url}", code=ErrorCode.ADDRESS_INVALID
            ) from error
        if isinstance(
            error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | aiohttp.ClientHttpProxyError
        ):
            return NotConnected()
        return Lost()

    # --- errors -------------------------------------------------------------------------------------------------------

    def _error(self, action: str, request: _Request, attempt: Attempt) -> MigratorError:
        what = f"{request.method} {self._hidden(_shown(request.path))}"
        cause = self._hidden(attempt.cause)
        status = attempt.outcome.status if isinstance(attempt.outcome, Answered) else None
        if action == "auth":
            return AuthenticationError(
                f"{self._name} refused the credentials",
                cause=cause,
                next_step="check them in the config, then run again",
            )
        if action == "temporary":
            said = f"{self._name} at {self.base_url} does not answer {what}"
            way_out = f"check {self._setting} and the network, then run the same command again"
            if attempt.spoilt:
                return AnswerSpoilt(said, attempt.spoilt, cause=cause, next_step=way_out)
            return TemporaryError(said, cause=cause, next_step=way_out)
        kind: type[CallError] = Rejected if action == "reject" else OutcomeUnknown
        verb = "refused" if action == "reject" else "gave no answer that settles"
        return kind(
            f"{self._name} {verb} {what}", cause=cause, status=status, body=self._hidden(own_words(attempt.body))
        )

    def _hidden(self, text: str) -> str:
        return redact(text, self._auth.secrets())

    def _ssl(self) -> ssl.SSLContext | bool:
        settings = self._settings
        if settings.ca_bundle is None and settings.client_cert is None:
            return True
        try:
            context = ssl.create_default_context(cafile=settings.ca_bundle)
            if settings.client_cert:
                context.load_cert_chain(settings.client_cert)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                "cannot read the certificates",
                code=ErrorCode.CERTIFICATE,
                cause=str(error),
                next_step="check http.ca_bundle and http.client_cert",
            ) from error
        return context


def _status(attempt: Attempt) -> int | None:
    return attempt.outcome.status if isinstance(attempt.outcome, Answered) else None


def _shown(path: str) -> str:
    """Leave out what follows the question mark of a whole address: a signature there is as good as a password."""
    return urlsplit(path)._replace(query="", fragment="").geturl() if path.startswith(_WEB) else path


def _location(outcome: HttpOutcome) -> str | None:
    if isinstance(outcome, Answered) and outcome.status in REDIRECTS:
        return outcome.headers.get("Location")
    return None


def _words(error: Exception, seconds: float) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"the host name {error.host} is unknown"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection to {error.host}:{error.port} ({error.os_error.strerror or error.os_error})"
    if isinstance(error, asyncio.TimeoutError):
        return f"no answer within {seconds:g} s"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _sent_trace() -> aiohttp.TraceConfig:
    """Tell the hooks of a request once all of it has been given to the socket. Forms tell it themselves."""
    trace = aiohttp.TraceConfig()

    def tell(context: SimpleNamespace) -> None:
        hooks = context.trace_request_ctx
        if isinstance(hooks, Hooks):
            # the socket is written to right after this signal, before the loop turns
            asyncio.get_running_loop().call_soon(hooks.sent)

    async def chunk_sent(_session: object, context: SimpleNamespace, sent: aiohttp.TraceRequestChunkSentParams) -> None:
        context.left -= len(sent.chunk)
        if context.left <= 0:
            tell(context)

    async def headers_sent(
        _session: object, context: SimpleNamespace, sent: aiohttp.TraceRequestHeadersSentParams
    ) -> None:
        context.left = int(sent.headers.get("Content-Length", 0))
        if sent.headers.get("Content-Length") == "0":  # nothing follows
            tell(context)

    trace.on_request_chunk_sent.append(chunk_sent)
    trace.on_request_headers_sent.append(headers_sent)
    return trace


def _in_pieces(body: bytes | None) -> bytes | io.BytesIO | None:
    """Return a body so that a large one, such as a batch of results, does not hold everything up while it is sent."""
    return io.BytesIO(body) if body and len(body) > _ONE_PIECE else body
