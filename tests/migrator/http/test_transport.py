"""The transport against a real server on loopback that behaves badly."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr

from migrator.core.errors import (
    AnswerSpoilt,
    AuthenticationError,
    CallError,
    ConfigError,
    OutcomeUnknown,
    Rejected,
    TemporaryError,
)
from migrator.core.ports.destination import Hooks
from migrator.http.answers import Attempt
from migrator.http.auth import BasicAuth, KeyAuth
from migrator.http.governor import Governor
from migrator.http.retries import Lost, NotConnected, RetryLimits
from migrator.http.settings import HttpSettings
from migrator.http.transport import Transport
from migrator.standin.serve import serve

SECRET = "very-secret/key+1"
FAST = RetryLimits(attempts=3, total=5, first_delay=0.01)
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def transport_to(answer: Answer, *, timeout: float = 2.0) -> AsyncIterator[Transport]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    async with serve(app) as url, transport_at(url, timeout=timeout) as transport:
        yield transport


def transport_at(url: str, *, timeout: float = 2.0) -> Transport:
    return Transport(
        url,
        auth=KeyAuth("Bearer", SecretStr(SECRET)),
        governor=Governor(rate=None, slots=2, name="Service"),
        settings=HttpSettings(timeout=timeout),
        name="Service",
        timeout=timeout,
        limits=FAST,
    )


def answering(*answers: web.Response) -> tuple[Answer, list[web.Request]]:
    """Answer one after the other, the last one for ever; remember the requests."""
    seen: list[web.Request] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request)
        chosen = answers[min(len(seen), len(answers)) - 1]
        return web.Response(status=chosen.status, body=chosen.body, headers=chosen.headers)

    return handler, seen


async def test_a_read_is_repeated_until_it_succeeds() -> None:
    handler, seen = answering(web.Response(status=502), web.Response(status=500), web.json_response({"a": 1}))
    async with transport_to(handler) as transport:
        assert await transport.call("GET", "/x", repeatable=True) == {"a": 1}
    assert len(seen) == 3
    assert seen[0].headers["Authorization"] == f"Bearer {SECRET}"
    assert seen[0].headers["User-Agent"].startswith("qasphere-migrator/")


async def test_a_read_that_goes_on_failing_is_temporary() -> None:
    handler, seen = answering(web.json_response({"message": f"broken, key {SECRET}"}, status=503))
    async with transport_to(handler) as transport:
        with pytest.raises(TemporaryError, match="does not answer GET /x") as caught:
            await transport.call("GET", "/x", repeatable=True)
    assert len(seen) == FAST.attempts
    assert SECRET not in str(caught.value)
    assert "broken" in caught.value.cause


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=500),
        web.Response(status=504),
        web.Response(text="<html>sign in</html>", content_type="text/html"),
        web.Response(text='{"id": ', content_type="application/json"),
    ],
)
async def test_a_create_with_an_unsettling_answer_is_unknown_and_sent_once(answer: web.Response) -> None:
    handler, seen = answering(answer)
    async with transport_to(handler) as transport:
        with pytest.raises(OutcomeUnknown):
            await transport.call("POST", "/x", json={"a": 1}, repeatable=False)
    assert len(seen) == 1


async def test_a_create_that_gets_no_answer_in_time_is_unknown() -> None:
    async def hang(_request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    async with transport_to(hang, timeout=0.2) as transport:
        with pytest.raises(OutcomeUnknown, match=r"no answer within 0\.2 s"):
            await transport.call("POST", "/x", json={}, repeatable=False)


async def test_a_create_that_was_throttled_is_sent_again() -> None:
    busy = web.Response(status=429, headers={"Retry-After": "0.01"})
    handler, seen = answering(busy, web.json_response({"id": 1}, status=201))
    async with transport_to(handler) as transport:
        assert await transport.call("POST", "/x", json={}, repeatable=False) == {"id": 1}
        assert transport.governor.stats.throttled == 1
    assert len(seen) == 2


async def test_a_refusal_carries_status_and_the_services_words() -> None:
    handler, _ = answering(web.json_response({"message": "title is required"}, status=400))
    async with transport_to(handler) as transport:
        with pytest.raises(Rejected, match="title is required") as caught:
            await transport.call("POST", "/x", json={}, repeatable=False)
    assert (caught.value.status, caught.value.body) == (400, "title is required")


async def test_401_is_about_the_credentials() -> None:
    handler, _ = answering(web.Response(status=401))
    async with transport_to(handler) as transport:
        with pytest.raises(AuthenticationError):
            await transport.call("GET", "/x", repeatable=True)


async def test_redirects_are_not_followed() -> None:
    handler, seen = answering(web.Response(status=302, headers={"Location": "https://elsewhere.example/"}))
    async with transport_to(handler) as transport:
        with pytest.raises(Rejected):
            await transport.call("GET", "/x", repeatable=True)
    assert len(seen) == 1


@pytest.mark.parametrize("body", [b'{"a": "' + b"x" * 5000 + b'"}', b"[" + b"[]," * 600_000 + b"1]"])
async def test_an_answer_that_is_too_large_is_not_taken_and_not_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    monkeypatch.setattr("migrator.http.transport.MOST_OF_AN_ANSWER", 1000 if body[:1] == b"{" else 10_000_000)
    handler, seen = answering(web.Response(body=body, content_type="application/json"))
    async with transport_to(handler) as transport:
        with pytest.raises(AnswerSpoilt, match=r"too large|larger than 1000 bytes") as caught:
            await transport.call("GET", "/x", repeatable=True)
    assert caught.value.reason == "too_large"
    assert len(seen) == 1


async def test_a_write_whose_answer_is_too_large_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrator.http.transport.MOST_OF_AN_ANSWER", 1000)
    handler, _ = answering(web.json_response({"a": "x" * 5000}))
    async with transport_to(handler) as transport:
        with pytest.raises(OutcomeUnknown):
            await transport.call("POST", "/x", json={}, repeatable=False)


async def test_an_error_is_read_to_64_kib_and_no_further() -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        answer = web.StreamResponse(status=400, headers={"Content-Type": "text/plain"})
        await answer.prepare(request)
        with suppress(ConnectionError):
            while sent < 200 * 1024 * 1024:
                await answer.write(b"no good " * 8192)
                sent += 65536
        return answer

    async with transport_to(endless) as transport:
        with pytest.raises(Rejected, match="no good"):
            await transport.call("GET", "/x", repeatable=True)
    assert sent < 100 * 1024 * 1024


@pytest.mark.parametrize("kind", [RecursionError, OverflowError, MemoryError, UnicodeError, KeyError])
async def test_whatever_a_parser_raises_on_foreign_bytes_is_that_calls_trouble(kind: type[Exception]) -> None:
    async def stumbling(_response: object) -> Attempt:
        raise kind("over this")

    handler, _ = answering(web.Response(body=b"x"))
    async with transport_to(handler) as transport:
        with pytest.raises(TemporaryError, match=kind.__name__):
            await transport.exchange("/x", b"", headers={}, reader=stumbling)


async def test_hooks_are_called_before_every_attempt_and_when_the_request_is_on_the_wire() -> None:
    arrived = asyncio.Event()
    events: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        await request.read()
        events.append("arrived")
        arrived.set()
        return web.json_response({}, status=429 if events.count("arrived") == 1 else 200)

    async def before() -> None:
        events.append("before")

    hooks = Hooks(before_send=before, sent=lambda: events.append("sent"))
    async with transport_to(handler) as transport:
        transport.governor.throttled(0)
        await transport.call("POST", "/x", json={"a": 1}, repeatable=False, hooks=hooks)
    assert events == ["before", "sent", "arrived", "before", "sent", "arrived"]


async def test_a_connection_that_was_never_made_is_not_an_unknown_create() -> None:
    async with serve(web.Application()) as url:
        pass  # the port is free again
    async with transport_at(url) as transport:
        with pytest.raises(TemporaryError, match="no connection to 127"):
            await transport.call("POST", "/x", json={}, repeatable=False)


async def test_a_service_that_was_reached_once_is_waited_for() -> None:
    app = web.Application()
    handler, _ = answering(web.json_response({}))
    app.router.add_route("*", "/{tail:.*}", handler)
    async with serve(app) as url:
        transport = transport_at(url)
        await transport.__aenter__()
        await transport.call("GET", "/x", repeatable=True)
    port = int(url.rsplit(":", 1)[1])

    async def come_back() -> None:
        await asyncio.sleep(0.3)
        again = web.Application()
        again.router.add_route("*", "/{tail:.*}", handler)
        async with serve(again, port=port):
            await asyncio.sleep(2)

    server = asyncio.create_task(come_back())
    assert await transport.call("POST", "/x", json={}, repeatable=False) == {}
    server.cancel()
    await transport.__aexit__(None, None, None)


async def test_a_reused_connection_that_breaks_is_not_retried_behind_our_back() -> None:
    calls = 0

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal calls
        calls += 1
        if calls == 2 and request.transport:
            request.transport.abort()
        return web.json_response({})

    async with transport_to(handler) as transport:
        await transport.call("GET", "/x", repeatable=True)
        await transport.call("GET", "/x", repeatable=True)
        assert calls == transport.governor.stats.sent == 3


def _leaves(kind: type[Exception]) -> list[type[Exception]]:
    found = [kind]
    for inner in kind.__subclasses__():
        found += _leaves(inner)
    return found


@pytest.mark.parametrize("kind", sorted(set(_leaves(aiohttp.ClientError)), key=str))
def test_every_error_of_the_library_is_judged(kind: type[Exception]) -> None:
    error = kind.__new__(kind)
    key = SimpleNamespace(host="h", port=1, ssl=True, is_ssl=True)
    vars(error).update(_conn_key=key, _os_error=OSError(1, "x"), _certificate_error=OSError(1, "x"))
    transport = transport_at("http://127.0.0.1:1")
    try:
        outcome = transport._failure(error)
    except ConfigError:
        assert issubclass(kind, aiohttp.InvalidURL | aiohttp.ClientSSLError | aiohttp.ClientConnectorCertificateError)
        return
    assert outcome in (Lost(), NotConnected())
    assert not inspect.isabstract(kind)


def test_plain_http_needs_leave_except_on_loopback() -> None:
    with pytest.raises(ConfigError, match="plain http") as caught:
        transport_at("http://qa.example")
    assert "allow_plain_http" in caught.value.next_step
    assert transport_at("http://localhost:80/").base_url == "http://localhost:80"


def test_basic_credentials_are_utf8() -> None:
    auth = BasicAuth("zoë@acme.example", SecretStr("pässword"))
    assert auth.headers() == {"Authorization": "Basic em/Dq0BhY21lLmV4YW1wbGU6cMOkc3N3b3Jk"}


def test_the_tree_of_call_errors_says_what_happens_next() -> None:
    assert issubclass(Rejected, CallError)
    assert issubclass(OutcomeUnknown, CallError)
    assert not issubclass(TemporaryError, CallError)


async def test_a_large_body_arrives_whole_and_again_and_is_told_once_each_time() -> None:
    """More than one MiB goes out in pieces; only the last of them means that the request is on its way."""
    sizes: list[int] = []
    events: list[int] = []

    async def handler(request: web.Request) -> web.Response:
        content = await request.content.read()
        assert content == b'"' + b"x" * 3_000_000 + b'"'
        sizes.append(len(content))
        return web.Response(status=429 if len(sizes) == 1 else 200, text="{}", content_type="application/json")

    async def before() -> None:
        return

    hooks = Hooks(before_send=before, sent=lambda: events.append(len(sizes)))
    async with transport_to(handler) as transport:
        assert await transport.call("POST", "/x", json="x" * 3_000_000, repeatable=False, hooks=hooks) == {}
    assert len(sizes) == len(events) == 2
