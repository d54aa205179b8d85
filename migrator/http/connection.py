"""One account at one service, and one attempt: at its turn, with credentials where they may go, read to its end."""

import asyncio
import logging
import time
from dataclasses import replace
from types import TracebackType
from typing import Self

import aiohttp
import anyio

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError, ContentReason, ContentTrouble, MigratorError
from migrator.core.observe import NO_ANSWER, Attempted, attempted
from migrator.core.redact import beginning, hidden, remember, remember_addresses
from migrator.http.answers import Attempt
from migrator.http.auth import Auth, RenewingAuth
from migrator.http.error_text import LONGEST
from migrator.http.governor import Governor
from migrator.http.origins import AddressRules
from migrator.http.redirects import REDIRECTS, RedirectChain
from migrator.http.request import Request
from migrator.http.retries import Answered, HttpOutcome, Lost, NotConnected
from migrator.http.sending import Sending, in_pieces
from migrator.http.session import InternalAddress, connecting, new_session
from migrator.http.settings import HttpSettings, checked_base_url, proxy_for
from migrator.http.tls import tls_trouble

log = logging.getLogger("migrator.http")
_MOST_RENEWALS = 3


class Connection:
    """Sends requests to one base URL as one account, each once; whoever builds on it decides what follows from that.
    Use it as an async context manager; it owns the connections."""

    def __init__(self, base_url: str, *, auth: Auth, governor: Governor, settings: HttpSettings, name: str) -> None:
        self.base_url = checked_base_url(base_url, settings, name)
        self.governor = governor
        self._auth = auth
        self._settings = settings
        proxy_for(self.base_url, settings)  # what cannot be used shows now
        self._name = name
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = new_session(self._settings)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session:
            with anyio.CancelScope(shield=True):
                await self._session.close()

    async def _attempt(self, request: Request, timeout: aiohttp.ClientTimeout) -> Attempt:
        """Send the request once, and once more if credentials that expire have just done so.

        Raises ``ConfigError`` for what no repetition mends, ``MigratorError`` when a file to send cannot be read, and
        what the request's reader and hooks raise.
        """
        attempt, used = await self._follow_redirects(request, timeout)
        for _ in range(_MOST_RENEWALS):
            if not used or _status(attempt) != 401 or not isinstance(self._auth, RenewingAuth):
                break
            is_fresh = await self._auth.renew(used)
            attempt, used = await self._follow_redirects(request, timeout)
            if is_fresh:
                break  # refused right after it was given: the account is the trouble, not its age
        if _status(attempt) == 401 and not used:
            # another host wants credentials that it must not get; that says nothing about ours
            attempt = replace(attempt, outcome=Answered(403, {}))
        return attempt

    async def _follow_redirects(
        self, request: Request, timeout: aiohttp.ClientTimeout
    ) -> tuple[Attempt, dict[str, str]]:
        """Send the request; a download goes on to where it is sent, each time at its own turn. Return what came of it
        and the credentials that went along at last."""
        rules = AddressRules(self.base_url, request.trusted, anonymous=request.anonymous)
        chain = RedirectChain(request.address(self.base_url), rules)
        while True:
            attempt, used = await self._send_once(request, chain, timeout)
            location = _location(attempt.outcome) if request.follows else None
            if location is None:
                return attempt, used
            if refusal := chain.follow(location):
                return replace(attempt, cause=f"{attempt.cause}: {refusal}"), used

    async def _send_once(
        self, request: Request, chain: RedirectChain, timeout: aiohttp.ClientTimeout
    ) -> tuple[Attempt, dict[str, str]]:
        if self._session is None:
            raise RuntimeError("use the transport inside `async with`")
        sending = Sending(request.form, request.hooks) if request.form else None
        async with self.governor.turn():
            if chain.gets_credentials and isinstance(self._auth, RenewingAuth):
                await self._auth.prepare()
            used = self._auth.headers() if chain.gets_credentials else {}
            proxy = proxy_for(chain.url, self._settings)
            remember(self._auth.secrets())
            remember_addresses(chain.url, proxy or "")
            if request.hooks:
                await request.hooks.before_send()
            account = _Account(self._name, request)
            # a proxy resolves names itself, so that only what the address says can be judged here
            public_only = chain.must_be_public and proxy is None
            try:
                async with (
                    connecting(public_only=public_only),
                    self._session.request(
                        request.method,
                        chain.url,
                        params=request.params,
                        data=sending or in_pieces(request.body),
                        headers=request.headers() | used,
                        allow_redirects=False,
                        proxy=proxy,
                        timeout=timeout,
                        trace_request_ctx=None if sending else request.hooks,
                    ) as response,
                ):
                    account.answered(response)
                    return await self._read(request, response), used
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if sending and sending.failure:
                    raise sending.failure from error
                cause = hidden(_words(error, timeout))
                spoilt: ContentReason | None = "truncated" if isinstance(error, aiohttp.ClientPayloadError) else None
                return Attempt(self._failure(error), cause=cause, spoilt=spoilt), used
            finally:
                account.close()
                if sending:
                    await sending.close()

    async def _read(self, request: Request, response: aiohttp.ClientResponse) -> Attempt:
        """Let the request's reader read; whatever it stumbles over in foreign bytes is this answer's trouble."""
        try:
            return await request.reader(response)
        except (aiohttp.ClientError, OSError, MigratorError):  # time-outs are OSErrors as well
            raise
        except Exception as error:
            log.warning("%s %s: the answer cannot be read", request.method, request.shown(), exc_info=True)
            unreadable = Answered(response.status, response.headers, readable=False)
            return Attempt(
                unreadable, cause=beginning(f"the answer cannot be read: {type(error).__name__}: {error}", LONGEST)
            )

    def _failure(self, error: Exception) -> HttpOutcome:
        if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
            inner = (
                error.certificate_error
                if isinstance(error, aiohttp.ClientConnectorCertificateError)
                else error.os_error
            )
            code, words, step = tls_trouble(inner)
            raise ConfigError(
                f"cannot speak with {self._name} at {self.base_url}: {words}",
                code=code,
                cause=hidden(str(error)),
                next_step=step,
            ) from error
        if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, InternalAddress):
            raise ContentTrouble(
                f"{self._name} leads to an address that is not asked", "foreign", cause=f"{error.host} is internal"
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


class _Account:
    """What one attempt came to, for who counts."""

    def __init__(self, service: str, request: Request) -> None:
        self._service = service
        self._request = request
        self._began_at, self._began = time.time(), time.perf_counter()
        self._response: aiohttp.ClientResponse | None = None

    def answered(self, response: aiohttp.ClientResponse) -> None:
        """Take note of an answer that begins."""
        self._response = response

    def close(self) -> None:
        """Tell what the attempt came to."""
        answer = self._response
        attempted(
            Attempted(
                service=self._service,
                method=self._request.method,
                path=self._request.shown(),
                status=str(answer.status) if answer else NO_ANSWER,
                began_at=self._began_at,
                seconds=time.perf_counter() - self._began,
                sent=self._request.size(),
                received=answer.content.total_bytes if answer else 0,
            )
        )


def _status(attempt: Attempt) -> int | None:
    return attempt.outcome.status if isinstance(attempt.outcome, Answered) else None


def _location(outcome: HttpOutcome) -> str | None:
    if isinstance(outcome, Answered) and outcome.status in REDIRECTS:
        return outcome.headers.get("Location")
    return None


def _words(error: Exception, timeout: aiohttp.ClientTimeout) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"the host name {error.host} is unknown"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection to {error.host}:{error.port} ({error.os_error.strerror or error.os_error})"
    if isinstance(error, asyncio.TimeoutError):
        return f"no answer within {_patience(error, timeout):g} s"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _patience(error: Exception, timeout: aiohttp.ClientTimeout) -> float:
    """Return which time ran out, in seconds: that for a connection, for the next bytes, or for all of it."""
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return timeout.sock_connect or timeout.connect or 0
    if isinstance(error, aiohttp.SocketTimeoutError):
        return timeout.sock_read or 0
    return timeout.total or 0
