"""One attempt's outcome, and reading an answer that should be JSON."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from migrator.core.errors import ContentReason
from migrator.http.error_text import error_text, looks_like_html
from migrator.http.lenient_json import parsed
from migrator.http.policy import Answered, HttpOutcome

CHUNK = 64 * 1024
LONGEST_ERROR = 64 * 1024


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt's outcome, with what a success brought, the body, or the reason in words.

    ``spoilt``: something arrived, but not what was promised.
    """

    outcome: HttpOutcome
    document: Any = None
    body: bytes = b""
    cause: str = ""
    spoilt: ContentReason | None = None


Reader = Callable[[aiohttp.ClientResponse], Awaitable[Attempt]]


def json_reader(max_bytes: int) -> Reader:
    """Return a reader of JSON answers of at most ``max_bytes``."""

    async def read(response: aiohttp.ClientResponse) -> Attempt:
        body = bytearray()
        async for chunk in response.content.iter_chunked(CHUNK):
            body += chunk
            if len(body) > max_bytes:
                return Attempt(
                    Answered(response.status, response.headers, readable=False),
                    cause=f"the answer is larger than {max_bytes} bytes",
                )
        return _decoded(response, bytes(body))

    return read


async def nothing(response: aiohttp.ClientResponse) -> Attempt:
    """Read an answer of which only the status matters."""
    if 200 <= response.status < 300:
        return Attempt(Answered(response.status, response.headers), cause=status_line(response))
    return await json_reader(LONGEST_ERROR)(response)


def status_line(response: aiohttp.ClientResponse) -> str:
    """Return status and reason as the service gave them."""
    return f"{response.status} {response.reason or ''}".strip()


def _decoded(response: aiohttp.ClientResponse, body: bytes) -> Attempt:
    """Parse a success; say in words what it was otherwise."""
    status = status_line(response)
    answered, unreadable = (Answered(response.status, response.headers, readable=is_good) for is_good in (True, False))
    if not 200 <= response.status < 300:
        words = error_text(body)
        return Attempt(answered, body=body, cause=f"{status}: {words}" if words else status)
    if looks_like_html(response.headers.get("Content-Type", ""), body):
        return Attempt(unreadable, body=body, cause=f"{status}, but a web page instead of JSON: {error_text(body)}")
    try:
        return Attempt(answered, parsed(body), body, status)
    except ValueError as error:
        return Attempt(unreadable, body=body, cause=f"{status}, but the JSON is broken: {error}")
