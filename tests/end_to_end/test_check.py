"""Check: a healthy set-up and broken ones, each with what to do about it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.qacomplete.sandbox import demo_data, generate
from connectors.qasphere.sandbox import VIEWER_KEY
from migrator.app import check as check_app
from migrator.standin.options import Profile, StandInOptions
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
        assert "0 warnings, 0 problems" in ended.out
        assert "“Web shop”: 3 users" in ended.out
        assert "cases can carry their origin in the custom field `source_id`" in ended.out
        for log in (running.destination.log, running.source.log):
            assert {call.partition(" ")[0] for call in log.counts} == {"GET"}
        document = json.loads((await running.migrate("check --json")).out)
        assert {line["state"] for line in document["lines"]} == {"ok"}


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
    assert line["text"] == "it holds 5 cases; the first 5 are not ours"


async def test_the_workspace(running: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_app, "_file_system", lambda _folder: "nfs4")
    monkeypatch.setattr(check_app, "_LEAST_FREE", 10**18)
    texts = [line["text"] for line in await lines(running, "warning")]
    assert "GiB free" in texts[0]
    assert "network file system (nfs4)" in texts[1]
    (running.folder / "a-file").write_text("", encoding="utf-8")
    running.settings = {"workspace": str(running.folder / "a-file" / "workspace")}
    (problem,) = await lines(running, "problem")
    assert "cannot be written" in problem["text"]


def test_the_file_system_of_a_folder_is_told(tmp_path: Path) -> None:
    kind = check_app._file_system(tmp_path)
    assert kind in (Path("/proc/mounts").read_text(encoding="utf-8") if Path("/proc/mounts").exists() else "")
