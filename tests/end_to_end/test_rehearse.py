"""Rehearse: the same as the real run, but nothing reaches QA Sphere. Its stand-in plays the real one here."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from connectors.qacomplete.sandbox import Folder, Project, Test, demo_data, generate, load_seed_file
from connectors.qasphere import sandbox as qasphere
from connectors.qasphere.sandbox import USER_KEY
from migrator.app.check.probe import probe
from migrator.app.rehearse import run as rehearse_app
from migrator.app.rehearse.forecast import named
from migrator.app.rehearse.run import Rehearsal, rehearsal_folder, rehearse
from migrator.app.runtime.probe_file import load_probe
from migrator.core.errors import AuthenticationError, ConfigError, NothingToDo
from migrator.core.events import ignore
from migrator.standin.options import Profile, StandInOptions
from tests.support.rig import ROOT, Rig, rig

CORPUS = ROOT.parent / "shared" / "corpus" / "ubuntu-manual-tests.json"


async def rehearsed(running: Rig, profile: Profile = "strict") -> Rehearsal:
    # a card that is renewed meanwhile would cost more than was forecast
    running.settings.setdefault("destination", {"settle_seconds": 20})
    return await rehearse(running.parsed(), ignore, fast=True, profile=profile)


def content(running: Rig) -> list[Any]:
    """What the real QA Sphere holds, as far as a migration could change it."""
    store = running.destination.store
    projects = [
        (project.code, sorted(project.folders), [(case.id, case.version, case.title) for case in project.cases])
        for project in store.projects.values()
    ]
    return [
        projects,
        sorted(store.custom_fields),
        {s.id: s.is_active for s in store.statuses.values()},
        len(store.files),
    ]


NO_RENEWALS = {"destination": {"settle_seconds": 600}}
"""A slow machine renews the card of a load more often than was planned."""


def measured(rehearsal: Rehearsal) -> "Counter[str]":
    """Requests while applying, without creates that were refused for their position and sent again."""
    found = Counter({name: both.measured for name, both in rehearsal.endpoints.items() if both.measured})
    assert found.total() == rehearsal.phases["apply"].requests
    found["POST test case"] -= rehearsal.phases["apply"].clashes
    return found


def methods(running: Rig) -> set[str]:
    return {call.partition(" ")[0] for call in running.destination.log.counts}


@pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
async def test_a_rehearsal_foretells_the_run_and_writes_nothing(tmp_path: Path, profile: Profile) -> None:
    async with rig(tmp_path, demo_data(), destination_options=StandInOptions(profile=profile)) as running:
        running.destination.store.add_project("OTHER", "Somebody else's")
        running.settings = NO_RENEWALS
        before = content(running)
        rehearsal = await rehearsed(running, profile)
        assert content(running) == before
        assert methods(running) == {"GET"}
        assert not (tmp_path / "workspace").exists()

        plan = await running.plan()
        assert (plan.items, plan.actions, plan.notes) == (
            rehearsal.plan.items, rehearsal.plan.actions, rehearsal.plan.notes,
        )  # fmt: skip
        log = running.destination.log
        seen, answered = Counter(log.counts), log.statuses[409]
        status = await running.apply(plan.plan_id)
        real = named(log.counts - seen)
        real["POST test case"] -= log.statuses[409] - answered  # which creates meet is chance
        assert (status.items, status.notes) == (rehearsal.status.items, rehearsal.status.notes)
        assert real == measured(rehearsal)
        assert rehearsal.verification.wrong == 0


async def test_what_is_in_qa_sphere_already_is_met_in_the_rehearsal_too(running: Rig) -> None:
    await running.run()
    running.source.data.tests[0].title = "Renamed at the source"
    running.source.data.tests[1].custom_fields = []
    store = running.destination.store
    store.add_custom_field("team", "Team", required=True, default="Payments", projects=(running.shop.id,))
    store.add_custom_field("legacy", "Legacy", enabled=False)
    store.statuses["custom1"].is_active = True
    before = running.requests()
    with pytest.raises(NothingToDo, match="nothing is left to rehearse"):
        await rehearsed(running)
    ended = await running.migrate("rehearse")
    assert (ended.code, ended.out) == (0, "")
    assert "nothing to do QM505: everything" in ended.err
    assert "next: run `migrator plan`" in ended.err
    assert running.requests() == before
    running.settings = {"workspace": str(running.folder / "of another machine")}
    rehearsal = await rehearsed(running)
    assert rehearsal.copied == {
        "projects": 1, "custom_fields": 3, "folders": 4, "cases": 30, "milestones": 0, "role": "admin",
    }  # fmt: skip
    # an empty workspace has no base to merge with: the two that changed are conflicts, as they would be for real
    assert rehearsal.status.items["case"] == {"adopted": 28, "conflict": 2}
    assert rehearsal.status.items["folder"] == {"adopted": 3}
    assert rehearsal.plan.actions["case"] == {"no_base": 2}
    assert "POST test case" not in rehearsal.endpoints


@pytest.fixture
async def running(tmp_path: Path) -> Any:
    data = generate(30)
    async with rig(tmp_path, data) as opened:
        opened.destination.store.add_project("SHOP", "Shop")
        opened.destination.store.upsert_folder(opened.shop, ["Not ours"], None)
        yield opened


async def test_a_project_that_was_migrated_is_left_out_and_the_others_are_rehearsed(tmp_path: Path) -> None:
    data = generate(6)
    data.projects.append(Project(13, "Another"))
    data.tests.append(Test(9001, 13, "Its only test"))
    async with rig(tmp_path, data) as running:
        assert not (await running.run()).has_failures
        one = running.config()["projects"][0]
        running.settings = {"projects": [one, {"source": "13", "destination": "OTHER", "create": True}]}
        rehearsal = await rehearsed(running)
    assert rehearsal.plan.items["case"] == {"pending": 1}
    assert rehearsal.verification.wrong == 0


async def test_new_folders_and_cases_get_higher_ids_than_copied_ones(running: Rig) -> None:
    running.destination.store.upsert_folder(running.shop, ["Not ours", "Below"], None)
    running.source.data.folders.append(Folder(900, 12, "Not ours"))
    running.source.data.tests[0].folder_id = 900
    rehearsal = await rehearsed(running)
    assert rehearsal.status.items["folder"] == {"adopted": 1, "migrated": 3}
    assert rehearsal.status.items["case"] == {"migrated": 30}
    assert rehearsal.verification.wrong == 0


async def test_a_key_that_may_not_create_projects_fails_the_rehearsal_as_it_would_the_run(running: Rig) -> None:
    running.settings = {
        "destination": {"api_key": USER_KEY},
        "projects": [{"source": "12", "destination": "NEW", "create": True}],
    }
    with pytest.raises(AuthenticationError):
        await rehearsed(running)
    assert methods(running) == {"GET"}


async def test_each_rehearsal_begins_anew_and_never_clears_a_folder_of_yours(running: Rig) -> None:
    first, second = await rehearsed(running), await rehearsed(running)
    assert first.status.items == second.status.items
    for name, title in (("plan", "Plan"), ("run", "Migration report")):
        assert title in _text(second.reports[name])
    folder = rehearsal_folder(running.parsed().workspace)
    assert folder.name == "workspace-rehearsal"
    assert json.loads((folder / "rehearsal.json").read_text(encoding="utf-8"))["phases"].keys() == {
        "plan", "apply", "verify",
    }  # fmt: skip
    running.settings = {"workspace": str(running.folder / "other")}
    (running.folder / "other-rehearsal").mkdir()
    (running.folder / "other-rehearsal" / "thesis.txt").write_text("ten years", encoding="utf-8")
    with pytest.raises(ConfigError, match="not the workspace of a rehearsal"):
        await rehearsed(running)
    assert (running.folder / "other-rehearsal" / "thesis.txt").exists()


async def test_the_command_in_real_time_behind_a_proxy_setting(running: Rig) -> None:
    running.settings = {"destination": {"requests_per_second": 200}, "http": {"proxy": "http://127.0.0.1:1"}}
    ended = await running.migrate("rehearse")
    assert ended.code == 0, ended.err
    assert "0 wrong, 0 edited" in ended.out
    assert "nothing was written to QA Sphere" in ended.out
    assert methods(running) == {"GET"}
    document = json.loads((await running.migrate("rehearse --fast --json")).out)
    assert document["status"]["items"]["case"] == {"migrated": 30}
    assert document["endpoints"]["POST test case"]["measured"] == 30 + document["phases"]["apply"]["clashes"]


async def test_a_rehearsal_that_is_stopped_begins_anew(running: Rig) -> None:
    running.settings = {"destination": {"requests_per_second": 10}}  # its load would take some seconds
    folder = rehearsal_folder(running.parsed().workspace)
    code, said = await _stopped(running, folder)
    assert code == 130, said
    assert "run it again; it starts anew" in said
    assert methods(running) == {"GET"}
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "lock").touch()  # as if it had ended before there was a database
    assert (await rehearsed(running)).status.items["case"] == {"migrated": 30}


def _text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


async def _stopped(running: Rig, folder: Path) -> tuple[int, str]:
    """Start a rehearsal, end it once it has begun to load, and return its exit code and what it said."""
    arguments = [sys.executable, "-m", "migrator", "--config", str(running.write_config()), "rehearse"]
    process = await asyncio.create_subprocess_exec(
        *arguments, cwd=running.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stderr is not None
    said = b""
    while b": load" not in said and (line := await process.stderr.readline()):
        said += line
    assert (folder / "migration.db").exists()
    process.send_signal(signal.SIGINT)
    said += await process.stderr.read()
    return await process.wait(), said.decode()


async def test_the_local_qa_sphere_goes_by_what_a_probe_has_found(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(3), destination_options=StandInOptions(profile="lenient")) as running:
        config = running.parsed()
        assert rehearse_app._switches(config, "strict").html == "few"
        await probe(config, ignore, code="PRB")
        assert rehearse_app._switches(config, "strict").html == "all"
        assert rehearse_app._switches(config, "strict").clash is True
        await rehearsed(running)
        assert load_probe(rehearsal_folder(config.workspace)) == load_probe(config.workspace)


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of human-written cases lies outside the project")
async def test_the_corpus_rehearsed_and_run_alike(tmp_path: Path) -> None:
    async with rig(tmp_path, load_seed_file(CORPUS)) as running:
        running.settings = NO_RENEWALS
        rehearsal = await rehearsed(running)
        status = await running.run()
        assert rehearsal.status.items["case"] == {"migrated": 191}
        assert (status.items, status.notes) == (rehearsal.status.items, rehearsal.status.notes)
        made, planned = measured(rehearsal), {name: both.planned for name, both in rehearsal.endpoints.items()}
        # a case that is under way for long, as on a slow machine, is looked at as somebody else's might be
        assert made.pop("GET test cases") >= planned.pop("GET test cases")
        assert made == planned


async def test_what_a_rehearsal_serves_opens_with_no_published_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds a copy of somebody's data."""
    given: list[set[str]] = []

    def build(*arguments: Any) -> qasphere.QASphereStandIn:
        given.append(set(arguments[2].values()))
        return real(*arguments)

    real = qasphere.build
    async with rig(tmp_path, generate(1)) as running:
        monkeypatch.setattr(qasphere, "build", build)
        for _ in range(2):
            await rehearsed(running)
    first, second = given
    assert not first & second
    assert not (first | second) & set(qasphere.KNOWN_KEYS.values())
