"""The one client for web services: pace, send, judge, repeat, decode, and raise our errors."""

import asyncio
import logging
import random
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace, TracebackType
from typing import Any, Self

import aiohttp
import anyio
import orjson

from migrator import __version__
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import (
    AuthenticationError,
    CallError,
    ConfigError,
    MigratorError,
    OutcomeUnknown,
    Rejected,
    TemporaryError,
)
from migrator.core.ports import Hooks
from migrator.http.auth import Auth
from migrator.http.governor import Governor
from migrator.http.lenient_json import parsed
from migrator.http.policy import Answered, HttpOutcome, Lost, NotConnected, RetryLimits, decide, retry_after
from migrator.http.redact import redact
from migrator.http.settings import HttpSettings, checked_base_url
from migrator.http.wording import looks_like_html, own_words

log = logging.getLogger("migrator.http")

Params = Mapping[str, str] | Sequence[tuple[str, str]]
_MAX_BYTES = 64 * 1024 * 1024
_CHUNK = 64 * 1024
_FIRST_ATTEMPTS = 3
_NEVER_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One attempt's outcome, with the parsed document of a success, the body, or the reason in words."""

    outcome: HttpOutcome
    document: Any = None
    body: bytes = b""
    cause: str = ""


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
        self._auth = auth
        self._settings = settings
        self._name = name
        self._setting = setting
        self._seconds = settings.timeout or timeout
        self._limits = limits or RetryLimits()
        self._session: aiohttp.ClientSession | None = None
        self._was_reached = False

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            headers={"Accept": "application/json", "User-Agent": f"qasphere-migrator/{__version__}"},
            connector=aiohttp.TCPConnector(limit=0, ssl=self._ssl()),
            timeout=aiohttp.ClientTimeout(total=self._seconds, sock_connect=min(30.0, self._seconds * 0.9)),
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
        started = anyio.current_time()
        number = 1
        while True:
            attempt = await self._attempt(method, path, params, json, hooks, max_bytes)
            elapsed = anyio.current_time() - started
            outcome = attempt.outcome
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
                return attempt.document
            throttled = isinstance(outcome, Answered) and outcome.status == 429
            if isinstance(outcome, Answered) and throttled:
                self.governor.throttled(retry_after(outcome.headers))
            log.info("%s %s: %s → %s", method, path, attempt.cause, verdict.action)
            if verdict.action != "retry":
                raise self._error(verdict.action, method, path, attempt)
            number += 0 if throttled else 1
            await anyio.sleep(verdict.delay)

    # --- one attempt --------------------------------------------------------------------------------------------------

    async def _attempt(
        self, method: str, path: str, params: Params | None, json: object, hooks: Hooks | None, max_bytes: int
    ) -> _Attempt:
        if self._session is None:
            raise RuntimeError("use the transport inside `async with`")
        async with self.governor.turn():
            if hooks:
                await hooks.before_send()
            try:
                async with self._session.request(
                    method,
                    self.base_url + path,
                    params=params,
                    data=None if json is None else orjson.dumps(json),
                    headers=self._headers(json),
                    allow_redirects=False,
                    proxy=self._settings.proxy,
                    trace_request_ctx=hooks,
                ) as response:
                    return await _read(response, max_bytes)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                return _Attempt(self._failure(error), cause=self._hidden(_words(error, self._seconds)))

    def _headers(self, json: object) -> dict[str, str]:
        return self._auth.headers() | ({} if json is None else {"Content-Type": "application/json"})

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

    def _error(self, action: str, method: str, path: str, attempt: _Attempt) -> MigratorError:
        what = f"{method} {self._hidden(path)}"
        cause = self._hidden(attempt.cause)
        status = attempt.outcome.status if isinstance(attempt.outcome, Answered) else None
        if action == "auth":
            return AuthenticationError(
                f"{self._name} refused the credentials",
                cause=cause,
                next_step="check them in the config, then run again",
            )
        if action == "temporary":
            return TemporaryError(
                f"{self._name} at {self.base_url} does not answer {what}",
                cause=cause,
                next_step=f"check {self._setting} and the network, then run the same command again",
            )
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


async def _read(response: aiohttp.ClientResponse, max_bytes: int) -> _Attempt:
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > max_bytes:
            return _Attempt(
                Answered(response.status, response.headers, readable=False),
                cause=f"the answer is larger than {max_bytes} bytes",
            )
    return _judged(response, bytes(body))


def _judged(response: aiohttp.ClientResponse, body: bytes) -> _Attempt:
    """Parse a success; say in words what it was otherwise."""
    status = f"{response.status} {response.reason or ''}".strip()
    answered, unreadable = (Answered(response.status, response.headers, readable=is_good) for is_good in (True, False))
    if not 200 <= response.status < 300:
        words = own_words(body)
        return _Attempt(answered, body=body, cause=f"{status}: {words}" if words else status)
    if looks_like_html(response.headers.get("Content-Type", ""), body):
        return _Attempt(unreadable, body=body, cause=f"{status}, but a web page instead of JSON: {own_words(body)}")
    try:
        return _Attempt(answered, parsed(body), body, status)
    except ValueError as error:
        return _Attempt(unreadable, body=body, cause=f"{status}, but the JSON is broken: {error}")


def _words(error: Exception, seconds: float) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"the host name {error.host} is unknown"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection to {error.host}:{error.port} ({error.os_error.strerror or error.os_error})"
    if isinstance(error, asyncio.TimeoutError):
        return f"no answer within {seconds:g} s"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _sent_trace() -> aiohttp.TraceConfig:
    """Tell the hooks of a request once its body has been given to the socket."""
    trace = aiohttp.TraceConfig()

    async def chunk_sent(_session: object, context: SimpleNamespace, _chunk: object) -> None:
        hooks = context.trace_request_ctx
        if isinstance(hooks, Hooks):
            # the socket is written to right after this signal, before the loop turns
            asyncio.get_running_loop().call_soon(hooks.sent)

    trace.on_request_chunk_sent.append(chunk_sent)
    return trace
