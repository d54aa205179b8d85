"""Foreign bodies: what is hostile or merely huge, read by a process of its own. ``python -m tests.torture.bodies``.

Each body has to end with an error of ours or with what it holds, and the process must not have taken more than
``MOST_MIB``.
"""

import asyncio
import json
import sys
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import repeat

from aiohttp import web

from migrator.standin.serve import serve

MOST_MIB = 200
_PIECE = 64 * 1024
_LARGE = 60 * 1024 * 1024
_ENDLESS = 400 * 1024 * 1024
_SOAP = b"<Envelope><Body><Attachments_GetAttachmentResponse><Attachments_GetAttachmentResult>"


@dataclass(frozen=True)
class Body:
    """What a server sends. ``expected``: how the outcome begins: the name of an error, or ``ok``."""

    reader: str
    expected: str
    content: Callable[[], Iterator[bytes]]
    status: int = 200
    content_type: str = "application/json"
    encoding: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a body."""

    name: str
    text: str
    peak_mib: float
    expected: str

    @property
    def is_good(self) -> bool:
        return self.text.startswith(self.expected) and self.peak_mib <= MOST_MIB

    def line(self) -> str:
        return f"{'ok  ' if self.is_good else 'BAD '} {self.peak_mib:6.0f} MiB  {self.name:26} {self.text[:90]}"


def _of(piece: bytes, size: int, before: bytes = b"", after: bytes = b"") -> Callable[[], Iterator[bytes]]:
    many = piece * max(1, _PIECE // len(piece))

    def chunks() -> Iterator[bytes]:
        yield before
        yield from repeat(many, size // len(many))
        yield after

    return chunks


def _gzip_of(piece: bytes, size: int) -> Callable[[], Iterator[bytes]]:
    def chunks() -> Iterator[bytes]:
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        for part in _of(piece, size)():
            if packed := packer.compress(part):
                yield packed
        yield packer.flush()

    return chunks


BODIES = {
    "lists": Body("json", "AnswerSpoilt", _of(b"[],", _LARGE, b"[", b"1]")),
    "lists below the bound": Body("json", "AnswerSpoilt", _of(b"[],", 19 * 1024 * 1024, b"[", b"1]")),
    "lists and a control": Body("json", "AnswerSpoilt", _of(b"[],", 19 * 1024 * 1024, b'["\x01",', b"1]")),
    "objects": Body("json", "ok", _of(b'{"a":1},', 3_900_000, b"[", b"1]")),
    "keys": Body("json", "ok", lambda: iter([b"{", b",".join(b'"%d":%d' % (n, n) for n in range(490_000)), b"}"])),
    "numbers": Body("json", "AnswerSpoilt", _of(b"12345,", 19 * 1024 * 1024, b"[", b"1]")),
    "one text": Body("json", "ok", _of(b"x", 19 * 1024 * 1024, b'["', b'"]')),
    "one text to be mended": Body("json", "ok", _of(b"x\x01", 1_600_000, b'["', b'"]')),
    "one wide text": Body("json", "ok", _of("\N{GRINNING FACE}".encode(), 19 * 1024 * 1024, b'["', b'"]')),
    "one text of another code": Body("json", "ok", _of(b"\xe4", 3 * 1024 * 1024, b'["', b'"]')),
    "a text and one wide sign": Body("json", "ok", _of(b"x", 19 * 1024 * 1024, '["\N{GRINNING FACE}'.encode(), b'"]')),
    "the same to be mended": Body("json", "ok", _of(b"x", 9 * 1024 * 1024, '["\x01\N{GRINNING FACE}'.encode(), b'"]')),
    "controls only": Body("json", "AnswerSpoilt", _of(b"x\x01", 19 * 1024 * 1024, b'["', b'"]')),
    "another code only": Body("json", "AnswerSpoilt", _of(b"\xe4", 19 * 1024 * 1024, b'["', b'"]')),
    "a text without an end": Body("json", "AnswerSpoilt", _of(b"x", _ENDLESS, b'["')),
    "quotation marks": Body("json", "AnswerSpoilt", _of(rb"\"", 19 * 1024 * 1024, b'["')),
    "deep lists": Body("json", "AnswerSpoilt", _of(b"[", 19 * 1024 * 1024)),
    "deep, but few": Body("json", "TemporaryError", _of(b"[", 100_000)),
    "a gzip bomb": Body("json", "AnswerSpoilt", _gzip_of(b" ", _ENDLESS), encoding="gzip"),
    "blanks": Body("json", "AnswerSpoilt", _of(b" ", _ENDLESS)),
    "an error without an end": Body("json", "Rejected", _of(b"no ", _ENDLESS), status=400),
    "titles": Body("json", "Rejected", _of(b"<title", 360_000), status=400, content_type="text/html"),
    "an error page": Body("json", "TemporaryError", _of(b"<title", _ENDLESS), status=502, content_type="text/html"),
    "a file without an end": Body("file", "ContentTrouble", _of(b"x", _ENDLESS), content_type="application/pdf"),
    "a packed file": Body("file", "ContentTrouble", _gzip_of(b"x", _ENDLESS), encoding="gzip"),
    "SOAP: a file without an end": Body(
        "soap", "ContentTrouble", _of(b"AAAA", _ENDLESS, _SOAP), content_type="text/xml"
    ),
    "SOAP: blanks": Body("soap", "ContentTrouble", _of(b" ", _ENDLESS, _SOAP), content_type="text/xml"),
    "SOAP: text beside": Body("soap", "ContentTrouble", _of(b"x", _ENDLESS, b"<Envelope>"), content_type="text/xml"),
    "SOAP: an attribute": Body("soap", "ContentTrouble", _of(b"x", _ENDLESS, b"<E a='"), content_type="text/xml"),
    "SOAP: elements": Body("soap", "ContentTrouble", _of(b"<a/>", _ENDLESS, b"<E>"), content_type="text/xml"),
    "SOAP: depth": Body("soap", "ContentTrouble", _of(b"<a>", _ENDLESS), content_type="text/xml"),
    "SOAP: a long list": Body(
        "soap list", "ok", _of(b"<a><b>x</b></a>", 1_400_000, b"<E>", b"</E>"), content_type="text/xml"
    ),
    "SOAP: a list without an end": Body(
        "soap list", "AnswerSpoilt", _of(b"<a>x</a>", _ENDLESS, b"<E>"), content_type="text/xml"
    ),
    "ZIP: bz2": Body("zip bz2", "ok", lambda: iter(())),
    "ZIP: lzma, corrupt": Body("zip lzma", "ok", lambda: iter(())),
    "ZIP: deflate": Body("zip deflate", "ContentTrouble", lambda: iter(())),
    "ZIP: a long directory": Body("zip directory", "ok", lambda: iter(())),
}
"""A file from a ZIP that is not unwrapped arrives as it is: that is ``ok``."""


@asynccontextmanager
async def _server() -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.StreamResponse:
        body = BODIES[request.query["name"]]
        response = web.StreamResponse(status=body.status, headers={"Content-Type": body.content_type})
        if body.encoding:
            response.headers["Content-Encoding"] = body.encoding
        await response.prepare(request)
        with suppress(ConnectionError):
            for piece in body.content():
                await response.write(piece)
        return response

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    async with serve(app) as url:
        yield url


async def _read(name: str, url: str) -> Outcome:
    body = BODIES[name]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.torture.body_reader", url, name, body.reader,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    if process.returncode:
        return Outcome(name, f"exit {process.returncode}: {err.decode()[-300:]}", 0, body.expected)
    answer = json.loads(out)
    return Outcome(name, answer["outcome"], answer["peak_mib"], body.expected)


async def read_all(names: list[str]) -> list[Outcome]:
    """Read these bodies, one after the other, each in a process of its own."""
    async with _server() as url:
        return [await _read(name, url) for name in names]


def main() -> None:
    """Read all of them and print what became of each."""
    outcomes = asyncio.run(read_all(list(BODIES)))
    for outcome in outcomes:
        sys.stdout.write(outcome.line() + "\n")
    bad = sum(not outcome.is_good for outcome in outcomes)
    peak = max(outcome.peak_mib for outcome in outcomes)
    sys.stdout.write(f"{len(outcomes)} bodies, {bad} bad; the largest process had {peak:.0f} MiB of {MOST_MIB}\n")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
