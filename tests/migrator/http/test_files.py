"""Uploads and downloads against a real server on loopback that behaves badly."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import BodyPartReader, web
from pydantic import SecretStr

from migrator.core.errors import AuthenticationError, MigratorError, OutcomeUnknown, Rejected, TemporaryError
from migrator.core.ports.destination import Hooks
from migrator.http import transport as transport_module
from migrator.http.auth import KeyAuth
from migrator.http.governor import Governor
from migrator.http.multipart import FilePart, Multipart, file_part
from migrator.http.retries import RetryLimits
from migrator.http.settings import HttpSettings
from migrator.http.transport import Transport
from migrator.standin.serve import serve

SECRET = "very-secret/key+1"
BYTES = bytes(range(256)) * 1024
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
Received = list[tuple[str | None, str | None, str, bytes]]


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[str]:
    app = web.Application(client_max_size=2**30)
    app.router.add_route("*", "/{tail:.*}", answer)
    async with serve(app) as url:
        yield url


@asynccontextmanager
async def transport_to(answer: Answer, *, timeout: float = 2.0) -> AsyncIterator[Transport]:
    auth, governor = KeyAuth("Bearer", SecretStr(SECRET)), Governor(rate=None, slots=2, name="Service")
    async with (
        serving(answer) as url,
        Transport(
            url,
            auth=auth,
            governor=governor,
            settings=HttpSettings(timeout=timeout),
            name="Service",
            timeout=timeout,
            limits=RetryLimits(attempts=3, total=5, first_delay=0.01),
        ) as transport,
    ):
        yield transport


def part(name: str = "a.bin", *chunks: bytes, size: int | None = None) -> FilePart:
    async def content() -> AsyncGenerator[bytes, None]:
        for chunk in chunks:
            yield chunk

    return FilePart(name, sum(map(len, chunks)) if size is None else size, "application/x-test", content)


async def received(request: web.Request) -> Received:
    found: Received = []
    async for got in await request.multipart():
        assert isinstance(got, BodyPartReader)
        found.append((got.name, got.filename, got.headers["Content-Type"], bytes(await got.read())))
    return found


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


# --- uploads ----------------------------------------------------------------------------------------------------------


async def test_a_form_arrives_as_it_was_meant_with_its_length_and_credentials(tmp_path: Path) -> None:
    requests: list[web.Request] = []
    forms: list[Received] = []

    async def handler(request: web.Request) -> web.Response:
        requests.append(request)
        forms.append(await received(request))
        return web.json_response({"id": "1"}, status=201)

    path = tmp_path / 'Übersicht "neu".png'
    path.write_bytes(BYTES)
    form = Multipart("files", [file_part(path), part("b", b"x", b"", b"yz"), part("empty")])
    async with transport_to(handler) as transport:
        assert await transport.upload("/file", form, repeatable=True) == {"id": "1"}
    assert forms == [
        [
            ("files", "Übersicht %22neu%22.png", "image/png", BYTES),
            ("files", "b", "application/x-test", b"xyz"),
            ("files", "empty", "application/x-test", b""),
        ]
    ]
    assert requests[0].content_length == form.size
    assert requests[0].headers["Authorization"] == f"Bearer {SECRET}"


async def test_every_attempt_reads_the_content_anew_and_the_hooks_are_told() -> None:
    events: list[str] = []
    statuses = iter([429, 502, 201])

    async def handler(request: web.Request) -> web.Response:
        ((_, _, _, content),) = await received(request)
        events.append(content.decode())
        return web.json_response({}, status=next(statuses), headers={"Retry-After": "0.01"})

    async def before() -> None:
        events.append("before")

    hooks = Hooks(before_send=before, sent=lambda: events.append("sent"))
    async with transport_to(handler) as transport:
        await transport.upload("/file", Multipart("file", [part("a", b"con", b"tent")]), repeatable=True, hooks=hooks)
    assert events.count("content") == 3
    assert events.count("before") == events.count("sent") == 3
    assert events[0] == "before"


async def test_an_upload_that_must_not_be_repeated_is_unknown_after_a_lost_answer() -> None:
    async def handler(request: web.Request) -> web.Response:
        await received(request)
        return web.Response(status=502)

    async with transport_to(handler) as transport:
        with pytest.raises(OutcomeUnknown):
            await transport.upload("/file", Multipart("file", [part("a", b"x")]), repeatable=False)


async def test_a_refusal_in_the_middle_of_a_large_upload_is_a_refusal(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.Response:
        await request.content.readany()
        return web.json_response({"message": "file is too large"}, status=413)

    path = tmp_path / "large"
    path.write_bytes(b"\0" * 3_000_000)
    async with transport_to(handler) as transport:
        with pytest.raises(Rejected, match="file is too large") as caught:
            await transport.upload("/file", Multipart("file", [file_part(path)]), repeatable=False)
    assert caught.value.status == 413


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (part("a", b"xy", size=3), "1 fewer"),
        (part("a", b"xy", b"z", size=2), "more"),
    ],
)
async def test_a_file_of_another_size_is_not_sent_and_not_tried_again(content: FilePart, message: str) -> None:
    calls: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        calls.append(request.path)
        await request.read()
        return web.json_response({})

    async with transport_to(handler) as transport:
        with pytest.raises(MigratorError, match=message):
            await transport.upload("/file", Multipart("file", [content]), repeatable=True)
    assert len(calls) <= 1


async def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x")
    form = Multipart("file", [file_part(path)])
    path.unlink()

    async def handler(request: web.Request) -> web.Response:
        await request.read()
        return web.json_response({})

    async with transport_to(handler) as transport:
        with pytest.raises(MigratorError, match=r"cannot read the file a\.txt"):
            await transport.upload("/file", form, repeatable=True)


def test_a_name_cannot_break_out_of_its_header() -> None:
    form = Multipart("file", [FilePart('a"\r\nX-Evil: 1', 0, "text/plain\r\nX-Evil: 1", lambda: part().content())])
    assert b"\r\nX-Evil" not in form._parts[0][0]


async def test_a_large_file_may_take_longer_than_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "_SLOWEST_BYTES_PER_SECOND", 1)

    async def handler(request: web.Request) -> web.Response:
        return web.json_response(len((await received(request))[0][3]))

    async def slowly() -> AsyncGenerator[bytes, None]:
        for _ in range(6):
            await asyncio.sleep(0.1)
            yield b"x"

    async with transport_to(handler, timeout=0.3) as transport:
        form = Multipart("file", [FilePart("a", 6, "text/plain", slowly)])
        assert await transport.upload("/file", form, repeatable=False) == 6


async def test_a_call_without_a_body_tells_its_hooks_too() -> None:
    events: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        return web.json_response({})

    async def before() -> None:
        events.append("before")

    async with transport_to(handler) as transport:
        hooks = Hooks(before_send=before, sent=lambda: events.append("sent"))
        await transport.call("POST", "/close", repeatable=True, hooks=hooks)
    assert events == ["before", "sent"]


# --- downloads --------------------------------------------------------------------------------------------------------


async def test_a_file_arrives_whole_with_its_digest(tmp_path: Path) -> None:
    seen: list[web.Request] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request)
        return web.Response(body=BYTES, content_type="text/plain", status=502 if len(seen) == 1 else 200)

    target = tmp_path / "a.txt"
    async with transport_to(handler) as transport:
        got = await transport.download("/f/1", target, max_bytes=len(BYTES))
    assert (got.size, got.sha256, got.content_type) == (len(BYTES), hashlib.sha256(BYTES).hexdigest(), "text/plain")
    assert target.read_bytes() == BYTES
    assert seen[0].headers["Authorization"] == f"Bearer {SECRET}"
    assert seen[0].headers["Accept"] == "*/*"
    assert names_in(tmp_path) == ["a.txt"]


async def test_a_file_that_is_too_large_is_dropped_at_once(tmp_path: Path) -> None:
    calls: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        calls.append(request.path)
        return web.Response(body=BYTES)

    async with transport_to(handler) as transport:
        with pytest.raises(MigratorError, match="larger than 1000 bytes"):
            await transport.download("/f/1", tmp_path / "a", max_bytes=1000)
    assert len(calls) == 1
    assert names_in(tmp_path) == []


async def test_a_body_that_is_cut_off_leaves_nothing(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": "1000"})
        await answer.prepare(request)
        await answer.write(b"x" * 500)
        assert request.transport
        request.transport.close()
        return answer

    async with transport_to(handler) as transport:
        with pytest.raises(TemporaryError):
            await transport.download("/f/1", tmp_path / "a", max_bytes=2000)
    assert names_in(tmp_path) == []


async def test_a_web_page_is_no_file_unless_it_is_one(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text="<html>sign in</html>", content_type="text/html")

    async with transport_to(handler) as transport:
        with pytest.raises(TemporaryError, match="web page instead of a file"):
            await transport.download("/f/1", tmp_path / "a", max_bytes=1000)
        await transport.download("/f/1", tmp_path / "a", max_bytes=1000, pages="taken")
    assert (tmp_path / "a").read_text() == "<html>sign in</html>"


@pytest.mark.parametrize(("status", "kind"), [(401, AuthenticationError), (404, Rejected), (500, TemporaryError)])
async def test_refused_downloads_raise_what_calls_raise(tmp_path: Path, status: int, kind: type[Exception]) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response({"message": f"no, {SECRET}"}, status=status)

    async with transport_to(handler) as transport:
        with pytest.raises(kind) as caught:
            await transport.download("/f/1", tmp_path / "a", max_bytes=1000)
    assert SECRET not in str(caught.value)
    assert names_in(tmp_path) == []


async def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=b"x")

    async with transport_to(handler) as transport:
        with pytest.raises(MigratorError, match="cannot write"):
            await transport.download("/f/1", tmp_path / "none" / "a", max_bytes=1000)


async def test_a_redirect_is_followed_and_credentials_stay_at_home(tmp_path: Path) -> None:
    keys: list[tuple[str, str | None]] = []

    async def elsewhere(request: web.Request) -> web.Response:
        keys.append(("elsewhere", request.headers.get("Authorization")))
        return web.Response(body=b"bytes")

    async with serving(elsewhere) as other:

        async def handler(request: web.Request) -> web.Response:
            keys.append((request.path, request.headers.get("Authorization")))
            to = "/g/1?signed=yes" if request.path == "/f/1" else other + "/h"
            return web.Response(status=302, headers={"Location": to})

        async with transport_to(handler) as transport:
            await transport.download("/f/1", tmp_path / "a", max_bytes=1000)
            assert transport.governor.stats.sent == 3
    assert keys == [("/f/1", f"Bearer {SECRET}"), ("/g/1", f"Bearer {SECRET}"), ("elsewhere", None)]
    assert (tmp_path / "a").read_bytes() == b"bytes"


async def test_redirects_in_a_circle_end(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": request.path})

    async with transport_to(handler) as transport:
        with pytest.raises(Rejected, match="more than 5 redirects"):
            await transport.download("/f/1", tmp_path / "a", max_bytes=1000)
