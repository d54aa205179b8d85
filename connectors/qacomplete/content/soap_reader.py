"""Reading SOAP answers off the wire: small ones whole, files as a stream, never a file in memory."""

from dataclasses import dataclass
from pathlib import Path

import aiohttp

from connectors.qacomplete.content.part_file import discard, part_file
from connectors.qacomplete.content.soap_messages import AnswerParser, Harmful
from migrator.core.errors import ContentTrouble
from migrator.http.answers import CHUNK, Attempt, Reader, refusal, status_line
from migrator.http.retries import Answered

_MOST_OF_A_LIST = 16 * 1024 * 1024
_ROOM = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Missing:
    """An answer without the element that holds the file."""


def answer_reader() -> Reader:
    """Return a reader that makes a ``Node`` or a ``Fault`` of an answer."""

    async def read(response: aiohttp.ClientResponse) -> Attempt:
        if (refused := await _refusal(response)) is not None:
            return refused
        parser = AnswerParser()
        size = 0
        try:
            async for chunk in response.content.iter_chunked(CHUNK):
                size += len(chunk)
                if size > _MOST_OF_A_LIST:
                    raise ValueError(f"it is larger than {_MOST_OF_A_LIST} bytes")
                parser.feed(chunk)
            parser.end()
        except ValueError as error:
            return _spoilt(response, error)
        return _understood(response, parser, parser.root)

    return read


def content_reader(element: str, target: Path, name: str, max_bytes: int) -> Reader:
    """Return a reader that puts the file in ``element`` at ``target`` and makes a ``Content``, a ``Fault`` or
    ``Missing`` of the answer. Raises ``ContentTrouble`` for more than ``max_bytes``, for broken base64 and for an
    answer without an end."""

    async def read(response: aiohttp.ClientResponse) -> Attempt:
        if (refused := await _refusal(response)) is not None:
            return refused
        parser = AnswerParser(element)
        size, most = 0, max_bytes * 2 + _ROOM  # base64 and its line breaks; a file over the limit shows before
        try:
            async with part_file(target, name, max_bytes) as part:
                async for chunk in response.content.iter_chunked(CHUNK):
                    size += len(chunk)
                    if size > most:
                        raise Harmful(f"its answer is larger than {most} bytes")
                    await part.write(parser.feed(chunk))
                await part.write(parser.end())
        except Harmful as error:
            raise ContentTrouble(f"{name} arrived broken", "unreadable", cause=str(error)) from error
        except ValueError as error:
            return _spoilt(response, error)
        if parser.found:
            return _understood(response, parser, part.content())
        discard(target)
        return _understood(response, parser, Missing())

    return read


async def _refusal(response: aiohttp.ClientResponse) -> Attempt | None:
    """Return what is no SOAP answer; faults come with status 500 (§7.2)."""
    is_page = response.content_type == "text/html"
    if response.status == 500 and not is_page and "xml" in response.content_type:
        return None
    if not 200 <= response.status < 300:
        return await refusal(response)
    if is_page:
        outcome = Answered(response.status, response.headers, readable=False)
        cause = f"{status_line(response)}, but a web page instead of a SOAP answer"
        return Attempt(outcome, cause=cause, spoilt="web_page")
    return None


def _spoilt(response: aiohttp.ClientResponse, error: ValueError) -> Attempt:
    outcome = Answered(response.status, response.headers, readable=False)
    return Attempt(outcome, cause=f"the SOAP answer ends early or is broken: {error}", spoilt="truncated")


def _understood(response: aiohttp.ClientResponse, parser: AnswerParser, document: object) -> Attempt:
    if fault := parser.fault:
        # an answer like any other: asked again, it would be the same
        return Attempt(Answered(200, response.headers), fault, cause=fault.text)
    return Attempt(Answered(response.status, response.headers), document, cause=status_line(response))
