"""The one client for web services: judge each attempt, repeat what may be repeated, decode, and raise our errors."""

import logging
import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp
import anyio
import orjson

from migrator.core.errors import (
    AnswerSpoilt,
    AuthenticationError,
    CallError,
    MigratorError,
    OutcomeUnknown,
    Rejected,
    TemporaryError,
)
from migrator.core.ports.destination import Hooks
from migrator.core.redact import hidden
from migrator.http.answers import Attempt, Reader, json_reader, nothing
from migrator.http.auth import Auth
from migrator.http.connection import Connection
from migrator.http.download import Downloaded, Pages, file_reader
from migrator.http.error_text import error_text
from migrator.http.governor import Governor
from migrator.http.last_answer import LastAnswer
from migrator.http.multipart import FilePart, Multipart, RawFile
from migrator.http.request import Params, Request
from migrator.http.retries import Answered, Decision, RetryLimits, Then, decide, retry_after
from migrator.http.settings import HttpSettings

log = logging.getLogger("migrator.http")

MOST_OF_AN_ANSWER = 20 * 1024 * 1024
"""Bytes of JSON that are read; a list that has more is asked for in smaller pages (``AnswerSpoilt``, ``too_large``)."""
_FIRST_ATTEMPTS = 3
# files may take longer than the time-out for one call, but not as long as they like
_SLOWEST_BYTES_PER_SECOND = 64 * 1024
_FIELDS = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Reply:
    """A success. ``document``: its parsed JSON, None for an empty body."""

    document: Any
    headers: Mapping[str, str]


class Transport(Connection):
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
        super().__init__(base_url, auth=auth, governor=governor, settings=settings, name=name)
        self.last_answer = LastAnswer()
        self._setting = setting
        self._seconds = settings.timeout or timeout
        self._limits = limits or RetryLimits()
        self._was_reached = False
        self._may_send: Callable[[str, str], bool] | None = None

    def guarded(self, may_send: Callable[[str, str], bool]) -> Self:
        """Refuse from now on, before it leaves, every request of which ``may_send(method, path)`` does not approve: it
        would be a defect of this program."""
        self._may_send = may_send
        return self

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: object = None,
        repeatable: bool,
        hooks: Hooks | None = None,
    ) -> Any:
        """Send a request and return the parsed JSON of a success; None for an empty body.

        Repeats it as ``decide`` allows. Raises ``Rejected`` when the service refused, ``OutcomeUnknown`` when a call
        that must not be repeated may have taken effect, ``AuthenticationError`` on 401, ``TemporaryError`` when the
        service cannot be reached or goes on failing, ``ConfigError`` when TLS or the address is wrong.
        """
        return (await self.ask(method, path, params=params, json=json, repeatable=repeatable, hooks=hooks)).document

    async def ask(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: object = None,
        fields: Mapping[str, str] | None = None,
        repeatable: bool,
        hooks: Hooks | None = None,
    ) -> Reply:
        """Do as ``call`` does, and return the headers as well.

        ``path`` may be a whole address; credentials go to this service only. ``fields``: a body as web forms send it.
        """
        body = None if json is None else orjson.dumps(json)
        request = Request(method, path, json_reader(MOST_OF_AN_ANSWER), params=params, body=body, hooks=hooks)
        if fields is not None:
            request = replace(request, body=urlencode(fields).encode(), content_type=_FIELDS)
        attempt = await self._with_retries(request, repeatable=repeatable)
        headers = attempt.outcome.headers if isinstance(attempt.outcome, Answered) else {}
        return Reply(attempt.document, headers)

    async def exchange(
        self, path: str, body: bytes, *, headers: Mapping[str, str], reader: Reader, file_bytes: int = 0
    ) -> Any:
        """POST a body as it is, again if need be, and return what ``reader`` makes of the answer.

        ``headers`` say what the body is. ``file_bytes``: how much may come back. Raises what ``call`` and the reader
        raise, and ``AnswerSpoilt`` when the answer was cut off, or spoilt in the reader's eyes, every time.
        """
        request = Request("POST", path, reader, body=body, extra=headers, file_bytes=file_bytes)
        return (await self._with_retries(request, repeatable=True)).document

    async def put(
        self, path: str, part: FilePart, *, trusted: Collection[str] = (), hooks: Hooks | None = None
    ) -> None:
        """PUT a file's bytes, again if need be. ``path`` may be a whole address; credentials go to this service and to
        ``trusted`` hosts only. Raises what ``call`` raises, and ``MigratorError`` when the file cannot be read."""
        form = RawFile(part)
        request = Request("PUT", path, nothing, form=form, trusted=trusted, hooks=hooks, file_bytes=form.size)
        await self._with_retries(request, repeatable=True)

    async def upload(
        self, path: str, form: Multipart, *, repeatable: bool, hooks: Hooks | None = None, method: str = "POST"
    ) -> Any:
        """Send a form with files and return the parsed JSON of a success. Raises what ``call`` raises, and
        ``MigratorError`` when a file cannot be read."""
        request = Request(method, path, json_reader(MOST_OF_AN_ANSWER), form=form, hooks=hooks, file_bytes=form.size)
        return (await self._with_retries(request, repeatable=repeatable)).document

    async def download(
        self,
        path: str,
        target: Path,
        *,
        max_bytes: int,
        pages: Pages = "refused",
        trusted: Collection[str] = (),
        anonymous: bool = False,
    ) -> Downloaded:
        """GET a file, put it at ``target`` once it is whole, and return what arrived.

        ``path`` may be a whole address. Redirects are followed; credentials go to this service and to ``trusted`` hosts
        only, and nowhere for an ``anonymous`` download. Raises what ``call`` raises, ``AnswerSpoilt`` when it was cut
        off, or a web page that is not among ``pages``, every time, ``ContentTrouble`` when it has over ``max_bytes``,
        ``MigratorError`` when it cannot be written.
        """
        reader = file_reader(target, max_bytes, pages=pages)
        request = Request("GET", path, reader, follows=True, trusted=trusted, anonymous=anonymous, file_bytes=max_bytes)
        document = (await self._with_retries(request, repeatable=True)).document
        if not isinstance(document, Downloaded):
            raise TypeError("a download ended without a file")
        return document

    async def _with_retries(self, request: Request, *, repeatable: bool) -> Attempt:
        """Make attempts until ``decide`` says that one ends the call."""
        if self._may_send and not self._may_send(request.method, request.shown()):
            raise MigratorError(
                f"{request.method} {request.shown()} was about to be sent to {self._name} by a command that must"
                " not write there",
                next_step="nothing was sent; report this",
            )
        timeout = self._timeout(request.file_bytes)
        started = anyio.current_time()
        number = 1
        while True:
            attempt = await self._attempt(request, timeout)
            elapsed = anyio.current_time() - started
            outcome = attempt.outcome
            if isinstance(outcome, Answered):
                self.last_answer.take(outcome.status, outcome.headers)
            self._was_reached = self._was_reached or isinstance(outcome, Answered)
            decision = decide(
                outcome,
                repeatable=repeatable,
                attempt=number,
                elapsed=elapsed,
                limits=self._limits if self._was_reached else replace(self._limits, connect_attempts=_FIRST_ATTEMPTS),
                random=random.random,
            )
            if decision.then == "ok":
                self.governor.succeeded()
                return attempt
            throttled = isinstance(outcome, Answered) and outcome.status == 429
            if isinstance(outcome, Answered) and throttled:
                self.governor.throttled(retry_after(outcome.headers))
            log.info("%s %s: %s → %s", request.method, request.shown(), attempt.cause, decision.then)
            if attempt.spoilt == "too_large" and decision.then == "retry":
                decision = Decision("temporary")  # it would be as large again
            if decision.then != "retry":
                raise self._error(decision.then, request, attempt)
            number += 0 if throttled else 1
            await anyio.sleep(decision.delay)

    def _timeout(self, file_bytes: int) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(
            total=self._seconds + file_bytes / _SLOWEST_BYTES_PER_SECOND,
            sock_connect=min(30.0, self._seconds * 0.9),
            sock_read=self._seconds if file_bytes else None,
        )

    def _error(self, then: Then, request: Request, attempt: Attempt) -> MigratorError:
        what = f"{request.method} {hidden(request.shown())}"
        cause = hidden(attempt.cause)
        status = attempt.outcome.status if isinstance(attempt.outcome, Answered) else None
        if then == "auth":
            return AuthenticationError(
                f"{self._name} refused the credentials",
                cause=cause,
                next_step="check them in the config, then run again",
            )
        if then == "temporary":
            said = f"{self._name} at {self.base_url} does not answer {what}"
            way_out = f"check {self._setting} and the network, then run the same command again"
            if attempt.spoilt:
                return AnswerSpoilt(said, attempt.spoilt, cause=cause, next_step=way_out)
            return TemporaryError(said, cause=cause, next_step=way_out)
        kind: type[CallError] = Rejected if then == "reject" else OutcomeUnknown
        verb = "refused" if then == "reject" else "gave no answer that ends it"
        return kind(f"{self._name} {verb} {what}", cause=cause, status=status, body=hidden(error_text(attempt.body)))
