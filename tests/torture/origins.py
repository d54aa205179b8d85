"""Who is sent the credentials: the table of the policy, then real requests. ``python -m tests.torture.origins``.

Each way of asking goes to each place, directly and by each kind of redirect; the servers say what they were sent.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from itertools import product
from pathlib import Path

from aiohttp import web
from pydantic import SecretStr

from migrator.core.errors import MigratorError
from migrator.http.auth import BasicAuth
from migrator.http.governor import Governor
from migrator.http.multipart import file_part
from migrator.http.retries import RetryLimits
from migrator.http.settings import HttpSettings
from migrator.http.transport import Transport
from migrator.standin.serve import serve
from tests.support.origins import NAMES, TABLE

PLACES = ("home", "trusted", "another port")
REDIRECTS = (0, 301, 302, 303, 307, 308)
"""0: the address is asked directly."""
Way = Callable[[Transport, str, Path, list[str]], Awaitable[object]]


async def _download(transport: Transport, url: str, file: Path, trusted: list[str]) -> object:
    return await transport.download(url, file, max_bytes=100, trusted=trusted)


async def _picture(transport: Transport, url: str, file: Path, trusted: list[str]) -> object:
    return await transport.download(url, file, max_bytes=100, trusted=trusted, anonymous=True)


async def _call(transport: Transport, url: str, _file: Path, _trusted: list[str]) -> object:
    return await transport.call("GET", url, repeatable=True)


async def _post(transport: Transport, url: str, _file: Path, _trusted: list[str]) -> object:
    return await transport.ask("POST", url, json={}, repeatable=False)


async def _put(transport: Transport, url: str, file: Path, trusted: list[str]) -> None:
    await transport.put(url, file_part(file.with_name("sent"), "f", "text/plain"), trusted=trusted)


WAYS: dict[str, tuple[Way, bool, bool]] = {
    "download": (_download, True, True),
    "picture of a text": (_picture, False, True),
    "call": (_call, True, False),
    "POST": (_post, True, False),
    "PUT of a file": (_put, True, False),
}
"""How it is done; whether it may carry credentials; whether it follows redirects."""


class Place:
    """A server that remembers who came with credentials. ``onward``: where ``/to/NAME/STATUS`` leads."""

    def __init__(self, onward: dict[str, str]) -> None:
        self.seen: list[bool] = []
        self._onward = onward
        self.app = web.Application()
        self.app.router.add_route("*", "/to/{name}/{status}", self._redirect)
        self.app.router.add_route("*", "/{rest:.*}", self._answer)

    async def _answer(self, request: web.Request) -> web.Response:
        self.seen.append("Authorization" in request.headers)
        return web.Response(body=b"{}", content_type="application/json")

    async def _redirect(self, request: web.Request) -> web.Response:
        location = f"{self._onward[request.match_info['name']]}/f"
        return web.Response(status=int(request.match_info["status"]), headers={"Location": location})


@asynccontextmanager
async def places() -> AsyncIterator[tuple[dict[str, Place], dict[str, str]]]:
    """Serve all places, each on a port of its own of the same host."""
    urls: dict[str, str] = {}
    found = {name: Place(urls) for name in PLACES}
    async with AsyncExitStack() as stack:
        for name, place in found.items():
            urls[name] = await stack.enter_async_context(serve(place.app))
        yield found, urls


def expected(way: str, place: str, redirect: int) -> list[bool]:
    """Return whether each request that arrives at the place carries credentials: one, or none that arrives."""
    _, carries, follows = WAYS[way]
    if redirect and not follows:
        return []
    is_ours = place == "home" or (place == "trusted" and way in ("download", "PUT of a file"))
    return [carries and is_ours]


async def on_the_wire() -> tuple[int, list[str]]:
    """Ask every place in every way; return how many ways that were, and what went wrong."""
    wrong = []
    combinations = list(product(WAYS, PLACES, REDIRECTS))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "sent").write_bytes(b"bytes")
        async with places() as (found, urls), _transport(urls["home"]) as transport:
            trusted = [urls["trusted"].partition("://")[2]]
            for way, place, redirect in combinations:
                for one in found.values():
                    one.seen.clear()
                url = f"{urls['home']}/to/{place}/{redirect}" if redirect else f"{urls[place]}/f"
                with suppress(MigratorError):
                    await WAYS[way][0](transport, url, Path(folder) / "f", trusted)
                seen = {name: one.seen for name, one in found.items() if one.seen}
                wished = expected(way, place, redirect)
                if seen != ({place: wished} if wished else {}):
                    wrong.append(f"{way} of {place} by {redirect or 'its address'}: {seen}, expected {wished}")
    return len(combinations), wrong


@asynccontextmanager
async def _transport(url: str) -> AsyncIterator[Transport]:
    async with Transport(
        url,
        auth=BasicAuth("user", SecretStr("secret")),
        governor=Governor(rate=None, slots=1, name="S"),
        settings=HttpSettings(),
        name="Service",
        timeout=5,
        limits=RetryLimits(attempts=1),
    ) as transport:
        yield transport


def by_table() -> list[str]:
    """Return the lines of the table that the policy does not hold."""
    wrong = []
    for policy, address, gets_credentials, refusal in TABLE:
        said = policy.refusal(address)
        if (
            policy.gets_credentials(address) is not gets_credentials
            or refusal not in said
            or bool(said) != bool(refusal)
        ):
            wrong.append(f"{NAMES[id(policy)]}: {address}: {said}")
    return wrong


def main() -> int:
    """Print the table, then what the servers saw; return the exit code."""
    for policy, address, gets_credentials, refusal in TABLE:
        verdict = f"not asked: {refusal}" if refusal else ("credentials" if gets_credentials else "asked without")
        sys.stdout.write(f"{NAMES[id(policy)]:12} {address:52} {verdict}\n")
    lines = by_table()
    count, wrong = asyncio.run(on_the_wire())
    sys.stdout.write("".join(f"WRONG {line}\n" for line in [*lines, *wrong]))
    sys.stdout.write(
        f"{len(TABLE)} addresses, {len(lines)} wrong; {count} requests ({len(WAYS)} ways, {len(PLACES)} places,"
        f" directly and by {len(REDIRECTS) - 1} redirects), {len(wrong)} wrong\n"
    )
    return 1 if lines or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
