"""The one policy on addresses, as a table: who gets the credentials, and what is not asked at all."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from pydantic import SecretStr

from migrator.core.errors import ContentTrouble, Rejected
from migrator.http.auth import BasicAuth
from migrator.http.governor import Governor
from migrator.http.origins import AddressRules, is_internal, origin_of, resolved
from migrator.http.redirects import RedirectChain
from migrator.http.settings import HttpSettings
from migrator.http.transport import Transport
from migrator.standin.serve import serve
from tests.support.origins import TABLE
from tests.torture.origins import on_the_wire


@pytest.mark.parametrize(("policy", "address", "gets_credentials", "refusal"), TABLE)
def test_who_gets_the_credentials_and_who_is_asked(
    policy: AddressRules, address: str, gets_credentials: bool, refusal: str
) -> None:
    assert policy.gets_credentials(address) is gets_credentials
    said = policy.refusal(address)
    assert refusal in said
    assert bool(said) == bool(refusal)


def test_a_link_that_is_no_address_is_none() -> None:
    assert (resolved("https://qa.example/a/b", " ../c "), resolved("https://qa.example", "//[x")) == (
        "https://qa.example/c",
        "",
    )
    assert origin_of(resolved("https://qa.example", "//[x")) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.0", "::", "fd00::1"])
def test_what_is_internal(host: str) -> None:
    assert is_internal(host)


@pytest.mark.parametrize("location", ["http://qa.example/x", "file:///etc/passwd", "https://me:pass@qa.example/x"])
def test_a_redirect_that_is_refused_leaves_the_chain_where_it_is(location: str) -> None:
    chain = RedirectChain("https://qa.example/f", AddressRules("https://qa.example"))
    assert "is not followed" in chain.follow(location)
    assert (chain.url, chain.gets_credentials) == ("https://qa.example/f", True)


def test_credentials_never_come_back_from_elsewhere() -> None:
    chain = RedirectChain("https://qa.example/f", AddressRules("https://qa.example"))
    assert chain.follow("https://store.example/x") == ""
    assert chain.follow("https://qa.example/f") == ""
    assert not chain.gets_credentials


# --- on the wire ------------------------------------------------------------------------------------------------------


class Place:
    """A server that answers everything with bytes, or sends on, and remembers who came with which credentials."""

    def __init__(self, location: str = "", status: int = 302) -> None:
        self.seen: list[str | None] = []
        self._location = location
        self._status = status
        self.app = web.Application()
        self.app.router.add_route("*", "/{rest:.*}", self._answer)

    async def _answer(self, request: web.Request) -> web.Response:
        self.seen.append(request.headers.get("Authorization"))
        if self._location:
            return web.Response(status=self._status, headers={"Location": self._location})
        return web.Response(body=b"bytes", content_type="application/octet-stream")


@asynccontextmanager
async def transport_to(url: str) -> AsyncIterator[Transport]:
    async with Transport(
        url,
        auth=BasicAuth("user", SecretStr("secret")),
        governor=Governor(rate=None, slots=1, name="S"),
        settings=HttpSettings(allow_plain_http=True),
        name="Service",
        timeout=5,
    ) as transport:
        yield transport


async def test_every_way_of_asking_every_place_directly_and_by_every_redirect() -> None:
    count, wrong = await on_the_wire()
    assert count == 90
    assert wrong == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_another_port_of_the_same_host_gets_no_credentials(tmp_path: Path, status: int) -> None:
    other = Place()
    async with serve(other.app) as elsewhere:
        first = Place(f"{elsewhere}/f", status)
        async with serve(first.app) as url, transport_to(url) as transport:
            await transport.download("/f", tmp_path / "f", max_bytes=100, trusted=["127.0.0.1"])
    assert first.seen[0]
    assert other.seen == [None]


async def test_a_name_that_leads_into_this_network_is_not_connected_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the address says is harmless; what it resolves to is not."""
    other = Place()
    async with serve(other.app) as elsewhere:
        port = elsewhere.rpartition(":")[2]
        first = Place(f"http://metadata.example:{port}/f")
        async with serve(first.app) as url, transport_to(url) as transport:
            _resolve_to_loopback(monkeypatch)
            with pytest.raises(ContentTrouble, match="internal") as caught:
                await transport.download("/f", tmp_path / "f", max_bytes=100)
    assert caught.value.reason == "foreign"
    assert other.seen == []


async def test_an_internal_address_is_not_followed(tmp_path: Path) -> None:
    first = Place("http://[::1]:1/f")
    async with serve(first.app) as url, transport_to(url) as transport:
        with pytest.raises(Rejected, match="internal address"):
            await transport.download("/f", tmp_path / "f", max_bytes=100)


def _resolve_to_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(_self: object, host: str, port: int = 0, family: int = 0) -> list[dict[str, object]]:
        place = {"hostname": host, "host": "127.0.0.1", "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}
        return [place]

    monkeypatch.setattr("aiohttp.resolver.DefaultResolver.resolve", resolve)
