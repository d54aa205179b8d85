"""What people get wrong, and what machines run out of: one clear message, its exit code, never a traceback."""

import asyncio
import json
import re
import resource
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from connectors.qacomplete.sandbox import generate
from connectors.qasphere.sandbox import VIEWER_KEY
from tests.support.rig import Ended, Rig, rig
from tests.support.services import shell_of


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path, generate(30)) as opened:
        yield opened


def assert_refused(ended: Ended, code: int, *fragments: str) -> None:
    said = ended.out + ended.err
    assert ended.code == code, said
    assert "Traceback" not in said
    assert len(re.findall(r"^error QM\d{3}: ", said, re.MULTILINE)) == 1
    assert "next:" in said
    for fragment in fragments:
        assert fragment in said, said


async def test_a_wrong_password(running: Rig) -> None:
    running.settings = {"source": {"password": "not-the-password"}}
    ended = await running.migrate()
    assert_refused(ended, 7, "QAComplete refused user name or password", "single-sign-on", "source.password")
    assert "not-the-password" not in ended.out + ended.err


async def test_a_wrong_api_key(running: Rig) -> None:
    running.settings = {"destination": {"api_key": "acme.wrong.key"}}
    ended = await running.migrate()
    assert_refused(ended, 7, "QA Sphere refused the credentials")
    assert "acme.wrong.key" not in ended.out + ended.err


async def test_a_read_only_key(running: Rig) -> None:
    running.settings = {"destination": {"api_key": VIEWER_KEY}}
    assert_refused(await running.migrate(), 7, "role viewer", "destination.api_key")


async def test_a_host_that_does_not_exist(running: Rig) -> None:
    running.settings = {"source": {"base_url": "https://qacomplete.invalid/rest-api/service/api"}}
    assert_refused(await running.migrate(), 5, "qacomplete.invalid", "source.base_url")


async def test_a_host_that_is_no_qacomplete(running: Rig) -> None:
    running.settings = {"source": {"base_url": running.destination_url}}
    assert_refused(await running.migrate(), 2, "no QAComplete REST API", "/rest-api/service/api")


async def test_a_host_that_is_no_qa_sphere(running: Rig) -> None:
    running.settings = {"destination": {"base_url": running.source_url}}
    assert_refused(await running.migrate(), 2, "there is no QA Sphere", "destination.base_url")


async def test_plain_http_to_another_machine(running: Rig) -> None:
    running.settings = {"destination": {"base_url": "http://qasphere.example"}}
    assert_refused(await running.migrate(), 2, "plain http", "allow_plain_http")


async def test_an_unknown_config_key(running: Rig) -> None:
    running.settings = {"destination": {"api_kye": "x"}}
    assert_refused(await running.migrate(), 2, "unknown key destination.api_kye", "did you mean api_key?")


async def test_a_missing_environment_variable(running: Rig) -> None:
    running.settings = {"source": {"password": "${QACOMPLETE_PASSWORD_OF_NOBODY}"}}
    assert_refused(await running.migrate(), 2, "QACOMPLETE_PASSWORD_OF_NOBODY is not set", "source.password", "export")


async def test_a_source_project_that_does_not_exist(running: Rig) -> None:
    running.settings = {"projects": [{"source": "99", "destination": "SHOP"}]}
    assert_refused(await running.migrate(), 2, "no project 99", "12 (Generated shop)", "projects[].source")


async def test_a_destination_project_that_is_archived(running: Rig) -> None:
    running.destination.store.add_project("SHOP", "Shop", archived=True)
    assert_refused(await running.migrate(), 2, "SHOP", "archived")


async def test_a_destination_project_that_is_missing_and_not_to_be_created(running: Rig) -> None:
    running.settings = {"projects": [{"source": "12", "destination": "SHOP", "create": False}]}
    assert_refused(await running.migrate(), 2, "no project SHOP", "create: true")


async def test_a_destination_project_full_of_strangers(running: Rig) -> None:
    first = await running.migrate()
    assert first.code == 0, first.err
    for case in running.destination.store.projects["SHOP"].cases:
        case.links.clear()
        case.custom_fields.clear()
    running.settings = {"workspace": str(running.folder / "another")}
    assert_refused(await running.migrate(), 2, "30 cases that this tool did not put there", "allow_existing")


async def test_a_workspace_of_another_source(running: Rig) -> None:
    assert (await running.migrate()).code == 0
    running.settings = {"source": {"instance": "other"}}
    assert_refused(await running.migrate(), 2, "belongs to source qacomplete@acme")


async def test_a_second_process_on_the_workspace(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(100)) as running:
        running.settings = {"http": {"timeout": 60}}
        shell, go_on = shell_of(running.destination.app), asyncio.Event()
        answer = shell._answer

        async def held(request: web.Request, *rest: Any) -> Any:
            if request.method != "GET" and running.writes():
                await go_on.wait()
            return await answer(request, *rest)

        shell._answer = held
        first = asyncio.create_task(running.migrate())
        while not running.writes():  # noqa: ASYNC110 - the stand-in counts, it does not announce
            await asyncio.sleep(0.01)
        assert_refused(await running.migrate(), 10, "another process works in", "`run`")
        status = await running.migrate("status --json")
        assert status.code == 0
        assert json.loads(status.out)["items"]["case"]["pending"] > 0
        go_on.set()
        assert (await first).code == 0


async def test_a_full_disk(running: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200 * 1024, hard))
    try:
        ended = await running.migrate()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert_refused(ended, 5, "cannot write", "migration.db", "free some space")
    again = await running.migrate()
    assert again.code == 0, again.err
    assert running.lost_and_doubled() == ([], [])


async def test_errors_are_json_for_scripts(running: Rig) -> None:
    running.settings = {"destination": {"api_key": VIEWER_KEY}}
    ended = await running.migrate("run --json")
    assert json.loads(ended.out)["error"]["exit_code"] == ended.code == 7


async def test_the_missing_config_file_is_named(running: Rig) -> None:
    ended = await running.migrate("--config nowhere.yaml run")
    assert ended.code == 2
