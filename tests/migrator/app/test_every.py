"""The pace of rounds, the health file, and what the webhook gets."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from pydantic import SecretStr

from migrator.app.sync.every import pause, seconds_of
from migrator.app.sync.health import HEALTH, Health, read_health, write_health
from migrator.app.sync.notify import notify
from migrator.config import NotifySettings
from migrator.core.redact import remember
from migrator.http.settings import HttpSettings
from migrator.standin.serve import serve


@pytest.mark.parametrize(("text", "seconds"), [("15m", 900), ("90s", 90), ("2h", 7200), (" 0.5s ", 0.5)])
def test_intervals(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "15", "m", "15 m", "-5m", "0s", "1d", "1h30m"])
def test_what_is_no_interval(text: str) -> None:
    with pytest.raises(ValueError, match="is no interval"):
        seconds_of(text)


def test_rounds_begin_at_equal_distances_give_or_take_a_tenth_and_never_overlap() -> None:
    assert pause(900, 100, 0, 0.5) == pytest.approx(800)
    assert pause(900, 0, 0, 0.0) == pytest.approx(810)
    assert pause(900, 0, 0, 1.0) == pytest.approx(990)
    assert pause(900, 5000, 0, 0.5) == 0


def test_trouble_doubles_the_pause_up_to_an_hour() -> None:
    assert [pause(900, 700, failures, 0.5) for failures in (1, 2, 3, 10)] == [1800, 3600, 3600, 3600]
    assert pause(7200, 0, 4, 0.5) == 7200


def test_the_health_file_is_replaced_whole(tmp_path: Path) -> None:
    assert read_health(tmp_path) is None
    health = Health(started="a", ended="b", exit=5, counts={"updated": 3}, next="c")
    write_health(tmp_path, health)
    assert read_health(tmp_path) == health
    assert json.loads((tmp_path / HEALTH).read_text())["exit"] == 5
    assert [path.name for path in tmp_path.iterdir()] == [HEALTH]
    (tmp_path / HEALTH).write_text("{")
    assert read_health(tmp_path) is None


@asynccontextmanager
async def webhook(*statuses: int) -> AsyncIterator[tuple[str, list[bytes]]]:
    got: list[bytes] = []

    async def take(request: web.Request) -> web.Response:
        got.append(await request.read())
        return web.Response(status=statuses[min(len(got), len(statuses)) - 1], text="ok")

    app = web.Application()
    app.router.add_post("/hooks/{secret}", take)
    async with serve(app) as url:
        yield f"{url}/hooks/t0p-secret", got


async def test_the_webhook_gets_json_without_secrets_again_after_trouble() -> None:
    async with webhook(503, 200) as (url, got):
        remember(["pass-word"])
        settings = NotifySettings(url=SecretStr(url))
        message = {"text": "wrong pass-word", "failures": [{"cause": "pass-word?"}], "exit": 5}
        assert await notify(settings, HttpSettings(), message) == ""
    assert len(got) == 2
    assert json.loads(got[1]) == {"text": "wrong •••", "failures": [{"cause": "•••?"}], "exit": 5}


@pytest.mark.parametrize("status", [404, 401, 500])
async def test_a_webhook_that_refuses_is_said_without_its_secret(status: int) -> None:
    async with webhook(status) as (url, got):
        problem = await notify(NotifySettings(url=SecretStr(url)), HttpSettings(), {"text": "x"})
    assert problem
    assert "t0p-secret" not in problem
    assert 1 <= len(got) <= 3


async def test_a_webhook_that_is_not_there_or_no_address() -> None:
    for url in ("http://127.0.0.1:1/hooks/t0p-secret", "not an address", "http://example.com/t0p-secret"):
        problem = await notify(NotifySettings(url=SecretStr(url)), HttpSettings(timeout=1), {"text": "x"})
        assert problem
        assert "t0p-secret" not in problem
