"""Forms that carry files: streamed, so that no file is ever held whole, with a length that is known beforehand."""

import mimetypes
import re
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Protocol

from anyio import to_thread

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import MigratorError

_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file to send. ``size`` in bytes, exact. ``content`` is called anew for every attempt; what it returns is closed
    after the attempt, also when not all of it was read."""

    name: str
    size: int
    mime_type: str
    content: Callable[[], AsyncGenerator[bytes, None]]


def file_part(path: Path, name: str | None = None, mime_type: str | None = None) -> FilePart:
    """Return a file on disk as a part; name and type follow from the path unless given. ``MigratorError`` when there is
    none that can be sent."""
    called = name or path.name
    guessed = mime_type or mimetypes.guess_type(called)[0] or "application/octet-stream"
    try:
        found = path.stat()
    except OSError as error:
        raise _unreadable(str(path), error.strerror or str(error)) from error
    if not S_ISREG(found.st_mode):
        raise _unreadable(str(path), "it is no file")
    return FilePart(called, found.st_size, guessed, lambda: _chunks_of(path))


def _unreadable(file: str, cause: str) -> MigratorError:
    return MigratorError(f"cannot read the file {file} to send it", code=ErrorCode.FILE_UNUSABLE, cause=cause)


async def _chunks_of(path: Path) -> AsyncGenerator[bytes, None]:
    # opened here and not in a thread: the library cancels its writer, and a file opened meanwhile would stay open
    with path.open("rb") as file:
        while chunk := await to_thread.run_sync(file.read, _CHUNK):
            yield chunk


class Body(Protocol):
    """What is sent as a stream. ``size`` in bytes, exact."""

    @property
    def content_type(self) -> str:
        """The media type, with its parameters."""
        ...

    @property
    def size(self) -> int:
        """Bytes of the whole body."""
        ...

    def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield the body, anew for every attempt."""
        ...


class RawFile:
    """A file as a body of its own."""

    def __init__(self, part: FilePart) -> None:
        self.content_type = part.mime_type
        self.size = part.size
        self._part = part

    def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield the content. ``MigratorError`` when it cannot be read or has another size than it should."""
        return _exactly(self._part)


class Multipart:
    """A form of one repeated field of files, behind fields of text. ``size``: bytes of the whole body."""

    def __init__(self, field: str, parts: Sequence[FilePart], texts: Mapping[str, str] | None = None) -> None:
        boundary = secrets.token_hex(16)
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self._texts = b"".join(_text(boundary, name, value) for name, value in (texts or {}).items())
        self._parts = [(_head(boundary, field, part), part) for part in parts]
        self._end = f"--{boundary}--\r\n".encode()
        sizes = [len(head) + part.size + 2 for head, part in self._parts]
        self.size = len(self._texts) + sum(sizes) + len(self._end)

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield the body. ``MigratorError`` when a file cannot be read or has another size than it should."""
        if self._texts:
            yield self._texts
        for head, part in self._parts:
            yield head
            async with aclosing(_exactly(part)) as content:
                async for chunk in content:
                    yield chunk
            yield b"\r\n"
        yield self._end


async def _exactly(part: FilePart) -> AsyncGenerator[bytes, None]:
    """Yield the content; one byte too many or too few would shift everything that follows in the body."""
    left = part.size
    try:
        async with aclosing(part.content()) as content:
            async for chunk in content:
                left -= len(chunk)
                if left < 0:
                    break
                yield chunk
    except OSError as error:
        raise _unreadable(part.name, str(error)) from error
    if left:
        found = "more" if left < 0 else f"{left} fewer"
        raise MigratorError(
            f"the file {part.name} changed while it was sent",
            cause=f"{part.size} bytes were expected, there are {found}",
            next_step="run the same command again",
        )


_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _text(boundary: str, name: str, value: str) -> bytes:
    return f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode(errors="replace")


def _head(boundary: str, field: str, part: FilePart) -> bytes:
    # as browsers write it: UTF-8 as it is, and only what would end the header or the quotes is escaped
    # and what servers refuse in a header
    name = _CONTROL.sub("", part.name).replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
    mime_type = part.mime_type.replace("\r", "").replace("\n", "")
    disposition = f'Content-Disposition: form-data; name="{field}"; filename="{name}"'
    return f"--{boundary}\r\n{disposition}\r\nContent-Type: {mime_type}\r\n\r\n".encode(errors="replace")
