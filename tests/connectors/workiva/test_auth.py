"""Tokens: one for everybody, renewed in time, never shown."""

import anyio
import pytest

from connectors.workiva import sandbox
from connectors.workiva.sandbox.tokens import Refused
from migrator.core.errors import AuthenticationError
from migrator.testing.sources import all_records
from tests.support.workiva import serving, stand_in


def small() -> sandbox.SeedData:
    return sandbox.generate(2, phases=2, matrices=2, samples=3)


async def test_many_calls_at_once_take_one_token() -> None:
    built = stand_in(small())
    async with serving(built, concurrency=16) as workiva, anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(workiva.source.check)
    assert built.tokens.tokens_given == 1
    assert set(built.log.statuses) == {200}


async def test_a_token_is_renewed_before_it_expires() -> None:
    built = stand_in(small(), token_seconds=0.5)
    async with serving(built) as workiva:
        for _ in range(12):
            await workiva.source.check()
            await anyio.sleep(0.08)
    assert built.tokens.tokens_given >= 2
    assert built.log.statuses[401] == 0


async def test_a_token_that_is_revoked_is_renewed_once_and_the_call_repeated() -> None:
    built = stand_in(small())
    async with serving(built, concurrency=8) as workiva:
        await workiva.source.check()
        built.tokens.expire_tokens()
        async with anyio.create_task_group() as group:
            for _ in range(8):
                group.start_soon(workiva.source.check)
    assert built.tokens.tokens_given == 2
    assert built.log.statuses[401] <= 8


async def test_everything_is_read_while_tokens_come_and_go() -> None:
    built = stand_in(small(), page_size=1, token_seconds=0.05)
    async with serving(built) as workiva:
        records = await all_records(workiva.source, "*")
    assert sum(record.entity.kind == "result" for record in records) == 24
    assert built.tokens.tokens_given >= 2


async def test_a_second_401_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    built = stand_in(small())
    async with serving(built) as workiva:
        await workiva.source.check()
        monkeypatch.setattr(built.tokens, "admit", _refuse)
        with pytest.raises(AuthenticationError) as caught:
            await workiva.source.check()
    assert built.tokens.tokens_given == 2
    assert sandbox.CLIENT_SECRET not in str(caught.value)


def _refuse(*_: object) -> str:
    raise Refused(401, "no")


async def test_the_secret_travels_in_the_body_and_the_generation_in_the_header() -> None:
    built = stand_in(small())
    async with serving(built, api_version="2022-01-01") as workiva:
        await workiva.source.check()
    assert [entry.path for entry in built.log.last] == ["/iam/v1/oauth2/token", "/platform/v1/testForms"]
    assert sandbox.CLIENT_SECRET not in str(built.log.document())
