"""Check: a healthy set-up and broken ones, each with what to do about it."""

import json
import os
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock
from pydantic import SecretStr

from connectors import load_source
from connectors.qacomplete.config import QACompleteSettings
from connectors.qacomplete.sandbox import demo_data, generate
from connectors.qasphere.sandbox import USER_KEY, VIEWER_KEY
from connectors.qasphere.sandbox.access import Access
from connectors.qasphere.sandbox.readers import Refused
from migrator.app.check import run as check_app
from migrator.app.check import workspace
from migrator.core.ports.inspectable import Inspectable
from migrator.http import last_answer
from migrator.http.settings import HttpSettings
from migrator.standin.options import Profile, StandInOptions
from state import trial
from tests.support.rig import Rig, rig


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path, generate(5)) as opened:
        yield opened


async def lines(running: Rig, state: str) -> list[dict[str, str]]:
    found = await check_app.check(running.parsed())
    return [line.model_dump() for line in found.lines if line.state == state]


@pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
async def test_a_healthy_set_up_is_ok_and_nothing_is_written(tmp_path: Path, profile: Profile) -> None:
    async with rig(tmp_path, demo_data(), destination_options=StandInOptions(profile=profile)) as running:
        running.destination.store.add_project("SHOP", "Shop")
        ended = await running.migrate("check")
        assert ended.code == 0, ended.out
        assert "0 warnings, 0 problems\nnext: `migrator plan`" in ended.out
        assert "“Web shop”: 3 users" in ended.out
        assert "cases can carry their marker in the custom field `source_id`" in ended.out
        for log in (running.destination.log, running.source.log):
            others = {call for call in log.counts if not call.startswith("GET ")}
            assert others <= {"POST /psws.asmx GetLoginInfo"}  # SOAP knows nothing else than POST
        document = json.loads((await running.migrate("check --json")).out)
        assert {line["state"] for line in document["lines"]} == {"ok"}


async def test_a_config_with_secrets_that_others_can_read_is_a_warning(running: Rig) -> None:
    path = running.write_config()
    path.chmod(0o644)
    ended = await running.migrate("check")
    assert f"warning  rights: {path} holds destination.api_key, source.password" in ended.out
    assert f"chmod go-rwx {path}" in ended.out


async def test_wrong_credentials_on_both_sides_are_both_told(running: Rig) -> None:
    running.settings = {"source": {"password": "wrong"}, "destination": {"api_key": "a.wrong.key"}}
    ended = await running.migrate("check")
    assert ended.code == 7
    assert "problem  source: QAComplete refused user name or password" in ended.out
    assert "problem  destination: QA Sphere refused the credentials" in ended.out
    assert "2 problems" in ended.out


async def test_a_key_that_may_not_write_is_a_problem(running: Rig) -> None:
    running.settings = {"destination": {"api_key": VIEWER_KEY}}
    ended = await running.migrate("check")
    assert ended.code == 7
    assert "may not write" in ended.out


async def test_a_suspended_tenant_is_told_as_such_by_every_command(running: Rig) -> None:
    await running.run()
    running.destination.store.is_suspended = True
    for command in ("check", "plan", "verify", "sync"):
        ended = await running.migrate(command)
        assert ended.code == 7, command
        said = ended.out + ended.err
        assert "QA Sphere has suspended this tenant" in said
        assert "admin" not in said


async def test_a_subscription_that_does_not_let_the_key_in_is_the_same_to_every_command(
    running: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unpaid(_self: Access, _request: object) -> str:
        raise Refused(402, "payment required")

    monkeypatch.setattr(Access, "_role", unpaid)
    for command in ("check", "run"):
        ended = await running.migrate(command)
        assert ended.code == 7, command
        assert "subscription does not let the API key in" in ended.out + ended.err


async def test_a_key_that_may_not_create_projects_is_told_where_one_has_to_be_created(running: Rig) -> None:
    running.settings = {"destination": {"api_key": USER_KEY}}
    assert "with the role user" in (await lines(running, "warning"))[0]["text"]
    running.destination.store.add_project("SHOP", "Shop")
    assert await lines(running, "warning") == []


async def test_the_marker_field_is_asked_for(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(5), marker_field=False) as running:
        assert "no project of QA Sphere could be asked" in (await lines(running, "warning"))[0]["text"]
        running.destination.store.add_project("SHOP", "Shop")
        (line,) = await lines(running, "warning")
        assert line["text"] == "there is no enabled custom text field `source_id`"
        assert "system name `source_id`" in line["next_step"]
        running.destination.store.add_custom_field("source_id", "Source", "dropdown")
        assert len(await lines(running, "warning")) == 1
        running.destination.store.add_custom_field("source_id", "Source", enabled=False)
        assert len(await lines(running, "warning")) == 1


async def test_required_and_missing_custom_fields_are_told_before_the_load(running: Rig) -> None:
    running.destination.store.add_project("SHOP", "Shop")
    running.destination.store.add_custom_field("team", "Team", required=True)
    running.settings = {"mapping": {"custom_fields": {"Component": "module"}}}
    (problem,) = await lines(running, "problem")
    assert problem["text"] == "the custom field `team` is required"
    (warning,) = await lines(running, "warning")
    assert "`module`, which project SHOP does not have" in warning["text"]
    running.settings = {"mapping": {"custom_fields": {"Component": "team"}}}
    assert await lines(running, "problem") == []


async def test_projects_that_cannot_be_used(running: Rig) -> None:
    store = running.destination.store
    running.settings = {
        "projects": [
            {"source": "99", "destination": "OLD"},
            {"source": "12", "destination": "NONE", "create": False},
        ]
    }
    store.add_project("OLD", "Old", archived=True)
    problems = {line["subject"]: line["text"] for line in await lines(running, "problem")}
    assert set(problems) == {"source project 99", "destination project OLD", "destination project NONE"}
    assert "visible are: 12" in problems["source project 99"]
    assert "archived" in problems["destination project OLD"]


async def test_a_project_of_strangers_is_a_warning(running: Rig) -> None:
    await running.run()
    assert await lines(running, "warning") == []
    running.settings = {"source": {"instance": "another"}, "workspace": str(running.folder / "another")}
    (line,) = await lines(running, "warning")
    assert line["text"] == "it holds 5 cases; of the first 5 none is ours"


async def test_the_workspace(running: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace, "_file_system", lambda _folder: "nfs4")
    monkeypatch.setattr(workspace, "_LEAST_FREE", 10**18)
    texts = [line["text"] for line in await lines(running, "warning")]
    assert "GiB free" in texts[0]
    assert "network file system (nfs4)" in texts[1]
    (running.folder / "a-file").write_text("", encoding="utf-8")
    running.settings = {"workspace": str(running.folder / "a-file" / "workspace")}
    (problem,) = await lines(running, "problem")
    assert "cannot be written" in problem["text"]


async def test_a_disk_without_working_locks_or_journal_is_a_problem(
    running: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = running.folder
    (line,) = [line for line in await lines(running, "ok") if "journal" in line["text"]]
    assert line["subject"] == "workspace"
    assert [path.name for path in folder.iterdir()] == []

    class Careless(FileLock):
        def _acquire(self) -> None:
            self._context.lock_file_fd = os.open(self.lock_file, os.O_RDWR | os.O_CREAT)

    monkeypatch.setattr(trial, "FileLock", Careless)
    (problem,) = await lines(running, "problem")
    assert "two writers got the same lock" in problem["text"]
    monkeypatch.undo()

    def refuses(_path: Path) -> sqlite3.Connection:
        return sqlite3.connect("file::memory:?cache=shared", uri=True)  # knows no write-ahead log

    monkeypatch.setattr(trial, "_open", refuses)
    (problem,) = await lines(running, "problem")
    assert "instead of “wal”" in problem["text"]


def test_space_for_attachments_is_counted_beside_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace, "_free", lambda _folder: 5 * 1024**3)
    assert workspace.spool_line(tmp_path / "workspace").next_step.startswith("free 1.0 GiB more")
    monkeypatch.setattr(workspace, "_free", lambda _folder: 6 * 1024**3)
    assert workspace.spool_line(tmp_path / "workspace").state == "ok"


async def test_clocks_that_differ_are_told_with_their_difference(running: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def clocks(found: list[dict[str, str]]) -> dict[str, str]:
        return {line["subject"]: line["text"] for line in found if line["subject"].endswith("clock")}

    assert set(clocks(await lines(running, "ok"))) == {"source clock", "destination clock"}
    monkeypatch.setattr(last_answer, "_now", lambda: datetime.now(UTC) + timedelta(minutes=10))
    assert "behind this machine's" in clocks(await lines(running, "warning"))["destination clock"]
    monkeypatch.setattr(last_answer, "_now", lambda: datetime.now(UTC) - timedelta(seconds=30))
    assert "ahead of this machine's" in clocks(await lines(running, "ok"))["source clock"]


async def test_a_status_that_is_switched_off_is_a_problem_before_results_are_sent_to_it(running: Rig) -> None:
    running.settings = {"mapping": {"status": {"Not applicable": "custom2"}}}
    (problem,) = await lines(running, "problem")
    assert problem["text"] == "mapping.status sends “Not applicable” to custom2, which QA Sphere has switched off"
    running.destination.store.statuses["custom2"].is_active = True
    assert await lines(running, "problem") == []
    running.destination.store.statuses["custom2"].is_active = False
    running.settings["mapping"]["history"] = "none"
    assert await lines(running, "problem") == []


async def test_what_the_source_itself_knows_to_check(tmp_path: Path) -> None:
    data = demo_data()
    data.tests[0].title = "x" * 600
    async with rig(tmp_path, data) as running:
        texts = {line["subject"]: line["text"] for line in await lines(running, "ok")}
        assert "dates are read as America/Denver" in texts["source time zone"]
        assert (
            texts["source projects"]
            == "3 visible; not named in the config: 13 (Mobile app), 14 (Till software (retired))"
        )
        assert (
            "1 title over 511 characters, 1 folder name over 255 characters, 1 folder name with a “/”"
            in texts["source project 12 limits"]
        )
        assert "all 55 tests" in texts["source project 12 limits"]
        counted = running.source.log.counts
        assert not [call for call in counted if "notes" in call or "linkeditems" in call]  # those hang on single items


async def test_another_zone_than_the_hosted_service_writes_is_a_warning() -> None:
    base = "https://rest.qacomplete.smartbear.com/rest-api/service/api"
    settings = QACompleteSettings(base_url=base, username="me", password=SecretStr("p"), timezone="Europe/Berlin")
    async with load_source("qacomplete").open(settings, HttpSettings()) as source:
        assert isinstance(source, Inspectable)
        line = await anext(source.preflight([]))
    assert line.state == "warning"
    assert "set source.timezone" in line.next_step


def test_the_file_system_of_a_folder_is_told(tmp_path: Path) -> None:
    kind = workspace._file_system(tmp_path)
    assert kind in (Path("/proc/mounts").read_text(encoding="utf-8") if Path("/proc/mounts").exists() else "")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"soap_url": "http://127.0.0.1:1/psws.asmx"}, "SOAP service"),
        ({"attachments": "folder", "attachments_folder": "/nowhere/at/all"}, "no folder of attachments"),
    ],
)
async def test_attachments_that_cannot_be_had_are_a_problem_before_the_load(
    running: Rig, settings: dict[str, str], words: str
) -> None:
    assert (
        "takes the log-in"
        in {line["subject"]: line["text"] for line in await lines(running, "ok")}["source attachments"]
    )
    running.settings = {"source": settings}
    (problem,) = await lines(running, "problem")
    assert words in problem["text"]
    assert problem["next_step"]
