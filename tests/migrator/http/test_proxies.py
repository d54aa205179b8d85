"""Which proxy leads to an address: the config's, else the environment's."""

import pytest
from aiohttp import web
from pydantic import SecretStr

from migrator.core.errors import ConfigError
from migrator.core.redact import hidden, remember_addresses
from migrator.http.auth import KeyAuth
from migrator.http.governor import Governor
from migrator.http.settings import HttpSettings, proxy_for, proxy_text
from migrator.http.transport import Transport
from migrator.standin.serve import serve

SERVICE = "http://qac.acme.example/rest"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("environment", "setting", "address", "expected"),
    [
        ({}, None, SERVICE, None),
        ({}, "http://p:1", SERVICE, "http://p:1"),
        ({"HTTPS_PROXY": "http://e:1"}, None, "https://q.example/x", "http://e:1"),
        ({"HTTPS_PROXY": "http://e:1"}, None, SERVICE, None),
        ({"HTTP_PROXY": "http://e:1"}, None, SERVICE, "http://e:1"),
        ({"http_proxy": "e:1"}, None, SERVICE, "http://e:1"),
        ({"HTTPS_PROXY": "http://e:1"}, "http://p:1", "https://q.example/x", "http://p:1"),
        ({"HTTPS_PROXY": "http://e:1"}, "", "https://q.example/x", None),
        ({"HTTPS_PROXY": "http://e:1", "NO_PROXY": "q.example"}, None, "https://q.example/x", None),
        ({"HTTPS_PROXY": "http://e:1", "NO_PROXY": ".example"}, None, "https://a.q.example:8443/x", None),
        ({"HTTPS_PROXY": "http://e:1", "NO_PROXY": "*"}, None, "https://q.example/x", None),
        ({"HTTPS_PROXY": "http://e:1", "NO_PROXY": "q.example"}, "http://p:1", "https://q.example/x", "http://p:1"),
        ({"HTTP_PROXY": "http://e:1"}, "http://p:1", "http://127.0.0.1:80/x", None),
        ({"HTTP_PROXY": "http://e:1"}, None, "http://localhost/x", None),
    ],
)
def test_the_proxy_of_an_address(
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    setting: str | None,
    address: str,
    expected: str | None,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(address, HttpSettings(proxy=None if setting is None else SecretStr(setting))) == expected


def test_what_check_says_of_a_proxy_holds_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://me:secret@proxy.acme.example:3128")
    assert proxy_text(SERVICE, HttpSettings()) == "proxy.acme.example:3128, as HTTP_PROXY says"
    assert proxy_text(SERVICE, HttpSettings(proxy=SecretStr("p:1"))) == "p:1, as http.proxy says"
    assert (
        proxy_text(SERVICE, HttpSettings(proxy=SecretStr(""))) == proxy_text("http://127.0.0.1", HttpSettings()) == ""
    )


def test_a_proxy_of_another_kind_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://e:1080")
    with pytest.raises(ConfigError, match="HTTPS_PROXY"):
        proxy_for("https://q.example", HttpSettings())


def test_the_password_of_a_proxy_is_a_secret_in_both_spellings() -> None:
    remember_addresses("http://me:s%40cret-ss@e:1")
    assert hidden("407 for me:s@cret-ss, s%40cret-ss") == "407 for •••, •••"


async def test_calls_go_through_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(str(request.url))
        return web.json_response({"ok": True})

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    async with serve(app) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        async with Transport(
            SERVICE,
            auth=KeyAuth("Bearer", SecretStr("key")),
            governor=Governor(rate=None, slots=1, name="S"),
            settings=HttpSettings(allow_plain_http=True),
            name="Service",
            timeout=5,
        ) as transport:
            assert await transport.call("GET", "/x", repeatable=True) == {"ok": True}
    assert len(seen) == 1
