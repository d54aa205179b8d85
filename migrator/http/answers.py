"""One attempt's outcome, and reading an answer that should be JSON."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from migrator.core.errors import ContentReason
from migrator.core.redact import without_secrets
from migrator.http.error_text import LONGEST_ERROR, error_text, looks_like_html
from migrator.http.lenient_json import TooManyValues, parsed
from migrator.http.retries import Answered, HttpOutcome

log = logging.getLogger("migrator.http")
CHUNK = 64 * 1024


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
        if not 200 <= response.status < 300:
            return await refusal(response)
        body = await _beginning(response, max_bytes + 1)
        if len(body) > max_bytes:
            return _unreadable(response, f"the answer is larger than {max_bytes} bytes", "too_large")
        return _decoded(response, body)

    return read


async def refusal(response: aiohttp.ClientResponse) -> Attempt:
    """Read an answer that is no success: as much of its body as a message may take, and not a byte more."""
    body = bytes(await _beginning(response, LONGEST_ERROR))
    status, words = status_line(response), error_text(body)
    return Attempt(
        Answered(response.status, response.headers), body=body, cause=f"{status}: {words}" if words else status
    )


async def _beginning(response: aiohttp.ClientResponse, most: int) -> bytearray:
    body = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK):
        body += chunk
        if len(body) >= most:
            del body[most:]
            break
    return body


async def nothing(response: aiohttp.ClientResponse) -> Attempt:
    """Read an answer of which only the status matters."""
    if 200 <= response.status < 300:
        return Attempt(Answered(response.status, response.headers), cause=status_line(response))
    return await refusal(response)


def status_line(response: aiohttp.ClientResponse) -> str:
    """Return status and reason as the service gave them."""
    return f"{response.status} {response.reason or ''}".strip()


def _decoded(response: aiohttp.ClientResponse, body: bytearray) -> Attempt:
    """Parse a success; say in words what it was otherwise."""
    status = status_line(response)
    if looks_like_html(response.headers.get("Content-Type", ""), body):
        return _unreadable(response, f"{status}, but a web page instead of JSON: {error_text(body)}")
    try:
        document = parsed(body)
        cleaned = without_secrets(document, body)
        if cleaned != document:
            log.warning(
                "%s %s: the answer holds a secret of the config; it was hidden", response.method, response.url.path
            )
        return Attempt(Answered(response.status, response.headers), cleaned, cause=status)
    except TooManyValues as error:
        return _unreadable(response, f"the answer is too large: {error}", "too_large")
    except ValueError as error:
        return _unreadable(response, f"{status}, but the JSON is broken: {error}")


def _unreadable(response: aiohttp.ClientResponse, cause: str, spoilt: ContentReason | None = None) -> Attempt:
    return Attempt(Answered(response.status, response.headers, readable=False), cause=cause, spoilt=spoilt)
