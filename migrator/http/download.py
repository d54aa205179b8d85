"""Reading an answer into a file."""

import errno
import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from anyio import to_thread

from migrator.core.errors import ContentTrouble, MigratorError, StorageFull
from migrator.http.answers import CHUNK, Attempt, Reader, refusal, status_line
from migrator.http.policy import Answered

_FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that arrived whole. ``content_type``: what the service calls it, without parameters."""

    size: int
    sha256: str
    content_type: str


def file_reader(target: Path, max_bytes: int, *, may_be_page: bool) -> Reader:
    """Return a reader that puts the body of a success at ``target``, once it is whole.

    A web page counts as unreadable unless ``may_be_page``: gateways answer with log-in pages. Raises
    ``ContentTrouble`` for more than ``max_bytes``, ``MigratorError`` when the file cannot be written, ``StorageFull``
    on a full disk.
    """

    async def read(response: aiohttp.ClientResponse) -> Attempt:
        if not 200 <= response.status < 300:
            return await refusal(response)
        if response.content_type == "text/html" and not may_be_page:
            outcome = Answered(response.status, response.headers, readable=False)
            cause = f"{status_line(response)}, but a web page instead of a file"
            return Attempt(outcome, cause=cause, spoilt="web_page")
        downloaded = await _stored(response, target, max_bytes)
        return Attempt(Answered(response.status, response.headers), downloaded, cause=status_line(response))

    return read


async def _stored(response: aiohttp.ClientResponse, target: Path, max_bytes: int) -> Downloaded:
    unfinished = target.with_name(f"{target.name}.part")
    try:
        size, digest = await _written(response, unfinished, max_bytes)
        unfinished.replace(target)
    except BaseException as error:
        with suppress(OSError):
            unfinished.unlink()
        # errors of the network are OSErrors as well, but they carry the library's own type
        if isinstance(error, OSError) and not isinstance(error, aiohttp.ClientError | TimeoutError | ConnectionError):
            raise _cannot_write(error, target) from error
        raise
    return Downloaded(size, digest, response.content_type)


async def _written(response: aiohttp.ClientResponse, path: Path, max_bytes: int) -> tuple[int, str]:
    size = 0
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
            await to_thread.run_sync(file.write, chunk)
    return size, digest.hexdigest()


def _cannot_write(error: OSError, target: Path) -> MigratorError:
    kind = StorageFull if error.errno in _FULL else MigratorError
    return kind(f"cannot write {target}", cause=str(error), next_step="free space or check the folder, then run again")
