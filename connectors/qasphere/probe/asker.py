"""Requests that may be refused: a refusal is an answer here, and bodies may hold what the typed client never sends.

A failure is none: what a service does that is overloaded or out of order says nothing about what it does otherwise.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from connectors.qasphere.api import PREFIX
from migrator.core.errors import CallError
from migrator.core.redact import beginning
from migrator.http.multipart import Multipart
from migrator.http.request import Params
from migrator.http.transport import Transport

_LONGEST_CAUSE = 200
_LARGEST = 1024 * 1024


class Stuck(Exception):
    """Something that a question needs was refused, or failed; the words say what."""


class Trouble(Stuck):
    """No answer came, or the service was overloaded or out of order. Whether the request was done is not known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    Args:
        document: of a success.
        message: the server's words otherwise.
    """

    status: int
    document: Any = None
    message: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the request was done."""
        return 200 <= self.status < 300

    def get(self, *path: str | int) -> Any:
        """Return what lies at a path within the document; None when there is nothing."""
        value = self.document
        for part in path:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return None
        return value


class Asker:
    """Sends. Raises ``Trouble``, and what ``Transport.call`` raises about credentials, addresses and a service that
    stays away."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def base_url(self) -> str:
        """The base URL, without a trailing slash."""
        return self._transport.base_url

    @property
    def retry_after(self) -> str | None:
        """What the last 429 named as a pause; None when there was none."""
        return self._transport.last_answer.retry_after

    async def get(self, path: str, params: Params | None = None) -> Answer:
        """Read."""
        return await self._ask("GET", path, params, None)

    async def post(self, path: str, body: object) -> Answer:
        """Write. Never repeated by itself."""
        return await self._ask("POST", path, None, body)

    async def patch(self, path: str, body: object) -> Answer:
        """Change. Never repeated by itself."""
        return await self._ask("PATCH", path, None, body)

    async def upload(self, path: str, form: Multipart) -> Answer:
        """Upload files; may be repeated, what that leaves behind nobody refers to."""
        try:
            document = await self._transport.upload(PREFIX + path, form, repeatable=True)
        except CallError as error:
            return _refusal(error)
        return Answer(self._transport.last_answer.status, document)

    async def download(self, ident: str, target: Path) -> Answer:
        """Put a file at ``target``."""
        try:
            await self._transport.download(f"/api/file/{quote(ident, safe='')}", target, max_bytes=_LARGEST)
        except CallError as error:
            return _refusal(error)
        return Answer(self._transport.last_answer.status)

    async def _ask(self, method: str, path: str, params: Params | None, body: object) -> Answer:
        repeatable = method == "GET"
        try:
            document = await self._transport.call(
                method, PREFIX + path, params=params, json=body, repeatable=repeatable
            )
        except CallError as error:
            return _refusal(error)
        return Answer(self._transport.last_answer.status, document)


def _refusal(error: CallError) -> Answer:
    message = beginning(error.body or error.cause, _LONGEST_CAUSE)
    if error.status is None or not 400 <= error.status < 500 or error.status == 429:
        raise Trouble(f"a request failed: {error.status or 'no answer came'} {message}") from error
    return Answer(error.status, message=message)
