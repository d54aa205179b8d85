"""Reading an answer into a file."""

import errno
import hashlib
import mimetypes
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import aiohttp
from anyio import to_thread

from migrator.core.errors import ContentTrouble, MigratorError, StorageFull
from migrator.core.media import HEAD, is_page
from migrator.http.answers import CHUNK, Attempt, Reader, refusal, status_line
from migrator.http.retries import Answered

_PAGES = ("text/html", "application/xhtml+xml")
_PAGE_ENDINGS = ("htm", "html", "xhtml", "mht", "mhtml")
_FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that arrived whole. ``content_type``: what the service calls it, without parameters."""

    size: int
    sha256: str
    content_type: str


Pages = Literal["refused", "in_text", "taken"]
"""What becomes of a web page that comes in place of a file: gateways answer with log-in pages.

``refused``: it is no file. ``in_text``: a text may begin like one, but is not served as one. ``taken``: it may be the
file.
"""


class _WebPage(Exception):
    """A web page came."""


def pages_for(name: str) -> Pages:
    """Return what may come for a file of this name."""
    kind = mimetypes.guess_type(name)[0] or ""
    if kind in _PAGES or name.rpartition(".")[2].lower() in _PAGE_ENDINGS:
        return "taken"
    return "in_text" if kind.startswith("text/") else "refused"


def file_reader(target: Path, max_bytes: int, *, pages: Pages) -> Reader:
    """Return a reader that puts the body of a success at ``target``, once it is whole.

    Raises ``ContentTrouble`` for more than ``max_bytes``, ``MigratorError`` when the file cannot be written,
    ``StorageFull`` on a full disk.
    """

    async def read(response: aiohttp.ClientResponse) -> Attempt:
        if not 200 <= response.status < 300:
            return await refusal(response)
        try:
            if response.content_type == "text/html" and pages != "taken":
                raise _WebPage
            downloaded = await _stored(response, target, max_bytes, pages)
        except _WebPage:
            outcome = Answered(response.status, response.headers, readable=False)
            cause = f"{status_line(response)}, but a web page instead of a file"
            return Attempt(outcome, cause=cause, spoilt="web_page")
        return Attempt(Answered(response.status, response.headers), downloaded, cause=status_line(response))

    return read


async def _stored(response: aiohttp.ClientResponse, target: Path, max_bytes: int, pages: Pages) -> Downloaded:
    unfinished = target.with_name(f"{target.name}.part")
    try:
        size, digest, head = await _written(response, unfinished, max_bytes)
        if pages == "refused" and is_page(head) and not response.content_type.startswith("text/"):
            raise _WebPage
        unfinished.replace(target)
    except BaseException as error:
        with suppress(OSError):
            unfinished.unlink()
        # errors of the network are OSErrors as well, but they carry the library's own type
        if isinstance(error, OSError) and not isinstance(error, aiohttp.ClientError | TimeoutError | ConnectionError):
            raise _cannot_write(error, target) from error
        raise
    return Downloaded(size, digest, response.content_type)


async def _written(response: aiohttp.ClientResponse, path: Path, max_bytes: int) -> tuple[int, str, bytes]:
    """Write the body; return its size, its digest, and how it begins."""
    size, head = 0, b""
    digest = hashlib.sha256()
    # opened here and not in a thread: a time-out while the thread opens it would leave it open
    with path.open("wb") as file:
        async for chunk in response.content.iter_chunked(CHUNK):
            size += len(chunk)
            if size > max_bytes:
                raise ContentTrouble(
                    f"the file at {response.url.path} is larger than {max_bytes} bytes",
                    "too_large",
                    next_step="nothing was kept of it",
                )
            digest.update(chunk)
            head = head if len(head) >= HEAD else (head + chunk)[:HEAD]
            await to_thread.run_sync(file.write, chunk)
    return size, digest.hexdigest(), head


def _cannot_write(error: OSError, target: Path) -> MigratorError:
    kind = StorageFull if error.errno in _FULL else MigratorError
    return kind(f"cannot write {target}", cause=str(error), next_step="free space or check the folder, then run again")
