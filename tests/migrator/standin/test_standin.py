"""What stand-ins give away: to this machine only, and their log to whoever started them."""

import aiohttp
import pytest

from connectors.qacomplete import sandbox as qacomplete
from connectors.qasphere import sandbox as qasphere
from connectors.workiva import sandbox as workiva
from migrator.app.sandbox import SandboxWish, sandboxes
from migrator.standin.app import LOG_KEY_HEADER, LOG_PATH
from migrator.standin.serve import serve


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "169.254.169.254", "localhost.evil.example"]
)
async def test_a_page_whose_name_leads_here_gets_nothing(host: str) -> None:
    async with serve(qasphere.build().app) as url, aiohttp.ClientSession() as session:
        headers = {"Host": host, "Authorization": f"Bearer {qasphere.ADMIN_KEY}"}
        async with session.get(f"{url}/api/public/v0/project", headers=headers) as answer:
            assert answer.status == 421


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8080", "[::1]:1", "LOCALHOST"])
async def test_this_machine_is_served(host: str) -> None:
    async with serve(qasphere.build().app) as url, aiohttp.ClientSession() as session:
        headers = {"Host": host, "Authorization": f"Bearer {qasphere.ADMIN_KEY}"}
        async with session.get(f"{url}/api/public/v0/project", headers=headers) as answer:
            assert answer.status == 200


async def test_the_log_opens_with_its_key_only() -> None:
    built = qasphere.build()
    async with serve(built.app) as url, aiohttp.ClientSession() as session:
        for key, status in (("", 403), ("x", 403), ("\xfc", 403), (built.log_key, 200)):
            async with session.get(url + LOG_PATH, params={"key": key}) as answer:
                assert answer.status == status
        async with session.get(url + LOG_PATH, headers={LOG_KEY_HEADER: built.log_key}) as answer:
            assert "counts" in await answer.json()


def test_keys_of_a_run_are_nobody_elses() -> None:
    first, second = qasphere.new_keys(), qasphere.new_keys()
    assert set(first) == set(second) == set(qasphere.KNOWN_KEYS)
    assert not set(first.values()) & set(second.values())
    assert all(key.count(".") == 2 for key in first.values())


@pytest.mark.parametrize("source", ["qacomplete", "workiva"])
async def test_what_sandbox_and_demo_serve_opens_with_no_published_secret(source: str) -> None:
    async with sandboxes(SandboxWish(source=source)) as first, sandboxes(SandboxWish(source=source)) as second:
        for running in (first, second):
            published = {qasphere.ADMIN_KEY, qacomplete.PASSWORD, workiva.CLIENT_SECRET}
            assert not published & {running.key, *map(str, running.source.settings.values())}
        names = ("password", "client_secret")
        secrets = [{running.source.settings.get(name) for name in names} - {None} for running in (first, second)]
        assert secrets[0]
        assert not secrets[0] & secrets[1]
