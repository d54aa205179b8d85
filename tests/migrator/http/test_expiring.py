"""Credentials that expire, whole addresses, and raw bodies, against a real server on loopback."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from migrator.core.errors import AnswerSpoilt, AuthenticationError, Rejected
from migrator.http.governor import Governor
from migrator.http.multipart import file_part
from migrator.http.retries import RetryLimits
from migrator.http.settings import HttpSettings
from migrator.http.transport import Transport
from migrator.standin.serve import serve

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Ticket:
    """Implements ``RenewingAuth`` with numbered tickets."""

    def __init__(self) -> None:
        self.number = 1
        self.prepared = 0

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Ticket {self.number}"}

    def secrets(self) -> tuple[str, ...]:
        return (f"Ticket {self.number}",)

    async def prepare(self) -> None:
        self.prepared += 1

    async def renew(self, refused: dict[str, str]) -> bool:
        if refused != self.headers():
            return False
        self.number += 1
        return True


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    async with serve(app) as url:
        yield url


@asynccontextmanager
async def transport_to(url: str, auth: Ticket | None = None) -> AsyncIterator[Transport]:
    async with Transport(
        url,
        auth=auth or Ticket(),
        governor=Governor(rate=None, slots=2, name="Service"),
        settings=HttpSettings(),
        name="Service",
        timeout=2,
        limits=RetryLimits(attempts=2, total=5, first_delay=0.01),
    ) as transport:
        yield transport


def wanting(number: int) -> tuple[Answer, list[str]]:
    """Answer 401 to all but one ticket; remember them."""
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization", "none"))
        return web.json_response({"at": request.path}, status=200 if seen[-1] == f"Ticket {number}" else 401)

    return handler, seen


async def test_a_refused_ticket_is_renewed_and_the_call_sent_once_more() -> None:
    handler, seen = wanting(2)
    auth = Ticket()
    async with serving(handler) as url, transport_to(url, auth) as transport:
        assert await transport.call("POST", "/x", repeatable=False) == {"at": "/x"}
    assert seen == ["Ticket 1", "Ticket 2"]
    assert auth.prepared == 2


async def test_a_second_refusal_is_final() -> None:
    handler, seen = wanting(3)
    async with serving(handler) as url, transport_to(url) as transport:
        with pytest.raises(AuthenticationError):
            await transport.call("GET", "/x", repeatable=True)
    assert seen == ["Ticket 1", "Ticket 2"]


async def test_a_ticket_that_others_used_up_meanwhile_is_renewed_once_more() -> None:
    """The second 401 is about a ticket that this call had not asked for."""
    auth, seen = Ticket(), []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.headers["Authorization"])
        if seen[-1] == "Ticket 1":
            auth.number = 2  # another call has renewed it, and what it got is out of date already
        return web.json_response({}, status=200 if seen[-1] == "Ticket 3" else 401)

    async with serving(handler) as url, transport_to(url, auth) as transport:
        assert await transport.call("POST", "/x", repeatable=False) == {}
    assert seen == ["Ticket 1", "Ticket 2", "Ticket 3"]


async def test_a_whole_address_elsewhere_gets_no_credentials_and_its_401_says_nothing_about_ours() -> None:
    handler, seen = wanting(1)
    auth = Ticket()
    async with serving(handler) as home, serving(handler) as elsewhere, transport_to(home, auth) as transport:
        assert (await transport.ask("GET", f"{home}/a", repeatable=True)).document == {"at": "/a"}
        with pytest.raises(Rejected) as caught:
            await transport.ask("GET", f"{elsewhere}/b?signature=secret", repeatable=True)
    assert seen == ["Ticket 1", "none"]
    assert "signature" not in str(caught.value)
    assert auth.number == 1


async def test_an_answer_brings_its_headers() -> None:
    async def handler(request: web.Request) -> web.Response:
        body = (await request.post())["name"]
        return web.Response(status=202, headers={"Location": f"/operations/{body!s}", "Retry-After": "5"})

    async with serving(handler) as url, transport_to(url) as transport:
        reply = await transport.ask("POST", "/x", fields={"name": "a b&c"}, repeatable=True)
    assert reply.document is None
    assert (reply.headers["Location"], reply.headers["Retry-After"]) == ("/operations/a b&c", "5")


@pytest.mark.parametrize("trusted", [False, True])
async def test_raw_bytes_are_put_with_their_length(tmp_path: Path, trusted: bool) -> None:
    content, seen = b"\0\1\2" * 100_000, []
    path = tmp_path / "file"
    path.write_bytes(content)

    async def handler(request: web.Request) -> web.Response:
        got = await request.read()
        seen.append((request.method, request.content_length, got == content, request.headers.get("Authorization")))
        return web.Response(status=503 if len(seen) == 1 else 200, text="<html>thanks</html>")

    async with serving(handler) as elsewhere, transport_to("http://127.0.0.1:9") as transport:
        await transport.put(f"{elsewhere}/sink", file_part(path), trusted=["127.0.0.*:*"] if trusted else ())
    ticket = "Ticket 1" if trusted else None
    assert seen == [("PUT", len(content), True, ticket)] * 2


async def test_a_put_that_is_refused_or_sent_on_is_a_refusal(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    statuses = iter([413, 307])

    async def handler(_request: web.Request) -> web.Response:
        return web.Response(status=next(statuses), headers={"Location": "https://elsewhere.example/"})

    async with serving(handler) as url, transport_to(url) as transport:
        for status in (413, 307):
            with pytest.raises(Rejected) as caught:
                await transport.put("/sink", file_part(path))
            assert caught.value.status == status


async def test_what_is_cut_off_every_time_is_told_from_silence(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": "1000"})
        await answer.prepare(request)
        await answer.write(b"x" * 500)
        assert request.transport
        request.transport.close()
        return answer

    async with serving(handler) as url, transport_to(url) as transport:
        with pytest.raises(AnswerSpoilt) as caught:
            await transport.download("/f", tmp_path / "f", max_bytes=2000)
    assert caught.value.reason == "truncated"
