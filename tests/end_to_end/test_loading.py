"""Loading when things are not smooth: signals, clashes, bad items, wrong servers, lost workspaces."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.qacomplete.sandbox import Folder, Switches, build, generate
from connectors.qasphere.sandbox import build as build_destination
from connectors.qasphere.sandbox import handlers, readers, validate
from connectors.qasphere.sandbox.store import CustomField, Project
from migrator.standin.options import FaultPlan, StandInOptions
from migrator.standin.serve import serve
from tests.support.oracle import differences, path_of
from tests.support.rig import ROOT, Rig, rig
from tests.support.services import shell_of


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path, generate(60)) as opened:
        yield opened


def start_heeding(sent: signal.Signals, running: Rig) -> "subprocess.Popen[str]":
    """Start a run that does not ignore this signal, as tests that run in the background may do."""
    arguments = [sys.executable, "-m", "migrator", "--config", str(running.write_config()), "run"]
    before = signal.signal(sent, signal.SIG_DFL)
    try:
        return subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    finally:
        signal.signal(sent, before)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_signal_drains_and_the_next_run_continues(tmp_path: Path, sent: signal.Signals) -> None:
    async with rig(tmp_path, generate(200), destination_options=StandInOptions(latency=0.1)) as running:
        process = start_heeding(sent, running)
        while running.stored() < 20:  # noqa: ASYNC110 - the stand-in counts, it does not announce
            await asyncio.sleep(0.01)
        process.send_signal(sent)
        before = running.stored()
        out, err = await asyncio.to_thread(process.communicate)
        assert running.stored() <= before + 20  # what was under way, and nothing new
        assert process.returncode == 130, err
        assert "continues where it stopped" in err
        assert "Traceback" not in out + err
        status = json.loads((await running.migrate("status --json")).out)
        # everything that was under way was answered and recorded
        assert status["operations"]["done"] >= running.stored()
        assert "sending" not in status["operations"]
        shell_of(running.destination.app).options = StandInOptions()  # the rest may come quickly
        ended = await running.migrate()
        assert ended.code == 0, ended.err
        assert differences(running.source.data, 12, running.destination.store.projects["SHOP"]) == []


async def test_creates_that_clash_in_one_folder_go_one_by_one(tmp_path: Path) -> None:
    data = generate(60, folders=1)
    async with rig(tmp_path, data, destination_options=StandInOptions(profile="strict")) as running:
        ended = await running.migrate()
        assert ended.code == 0, ended.err
        assert running.destination.log.statuses[409] > 0
        assert differences(data, 12, running.destination.store.projects["SHOP"]) == []


async def test_one_bad_case_fails_by_name_and_retry_brings_it(running: Rig) -> None:
    store = running.destination.store
    store.add_project("SHOP", "Shop")
    store.add_custom_field("severity", "Severity", "dropdown", options=("Low", "High"))
    bad = running.source.data.tests[7]
    bad.custom_fields.append(("Custom9", "Severity", "High"))
    # the field loses its option between plan and load: only this case is refused
    running.settings = {"mapping": {"custom_fields": {"Severity": "severity"}}}
    original = store.fields_of

    def without_option(project: Project) -> list[CustomField]:
        fields = original(project)
        return [f for f in fields if f.system_name != "severity"] if project.last_seq else fields

    store.fields_of = without_option  # type: ignore[method-assign]
    # the list that the migrator reads is not built by fields_of, so the plan still trusts the field
    ended = await running.migrate("run --json")
    assert ended.code == 3, ended.err
    document = json.loads(ended.out)
    assert document["items"]["case"] == {"failed": 1, "migrated": 59}
    assert document["failures"][0]["marker"] == f"qacomplete@acme:test:12/{bad.id}"
    assert "severity" in document["failures"][0]["cause"]
    again = await running.migrate("run --json")
    assert json.loads(again.out)["items"]["case"] == {"failed": 1, "unchanged": 59}
    store.fields_of = original  # type: ignore[method-assign]
    assert (await running.migrate("plan")).code == 0  # which has nothing to write, so that nothing waits for `apply`
    retried = await running.migrate("retry --json")
    assert retried.code == 0, retried.err
    assert json.loads(retried.out)["items"]["case"] == {"migrated": 1, "unchanged": 59}
    assert differences(running.source.data, 12, store.projects["SHOP"]) == []


async def test_a_row_of_failures_with_one_cause_stops_the_stream(running: Rig) -> None:
    store = running.destination.store
    project = store.add_project("SHOP", "Shop")
    first = await running.migrate()
    assert first.code == 0
    for number in range(40):
        test = running.source.data.tests[number]
        running.source.data.tests.append(
            type(test)(90_000 + number, 12, f"New {number}", folder_id=test.folder_id, steps=[])
        )
    store.add_custom_field("team", "Team", required=True, projects=(project.id,))
    original = store.fields_of
    # required, but hidden from the list that the plan is made from
    store.custom_fields.pop("team")
    store.fields_of = lambda project: [*original(project), _required()]  # type: ignore[method-assign]
    ended = await running.migrate()
    assert ended.code == 3, ended.err
    assert "20 failures in a row" in ended.err
    assert "custom field team is required" in ended.err


def _required() -> CustomField:
    return CustomField("f", "team", "Team", required=True)


async def test_a_bad_folder_fails_alone_and_blocks_only_what_lies_in_it(
    running: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = handlers._path

    def refusing(value: list[str]) -> list[str]:
        if "Forbidden" in value[-1]:
            raise readers.bad("this name is not wanted")
        return original(value)

    monkeypatch.setattr(handlers, "_path", refusing)
    data = running.source.data
    data.folders.append(Folder(500, 12, "Forbidden"))
    data.tests[3].folder_id = 500
    ended = await running.migrate("run --json")
    assert ended.code == 3, ended.err
    document = json.loads(ended.out)
    assert document["items"]["folder"]["failed"] == 1
    assert document["items"]["case"] == {"blocked": 1, "migrated": 59}
    monkeypatch.setattr(handlers, "_path", original)
    retried = await running.migrate("retry --json")
    assert retried.code == 0, retried.err
    assert differences(data, 12, running.destination.store.projects["SHOP"]) == []


async def test_a_server_that_stores_something_else_costs_one_case(
    running: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validate, "sanitise", lambda _html, _allowed: "<p>something else</p>")
    ended = await running.migrate()
    assert ended.code == 6, ended.err
    assert running.stored() == 1
    assert "the first case was stored differently" in ended.err
    assert "something else" in ended.err


async def test_a_lost_workspace_is_rebuilt_from_the_markers(running: Rig) -> None:
    assert (await running.migrate()).code == 0
    writes = running.writes()
    running.settings = {"workspace": str(running.folder / "new-workspace")}
    ended = await running.migrate("run --json")
    assert ended.code == 0, ended.err
    assert running.writes() == writes
    assert json.loads(ended.out)["items"]["case"] == {"adopted": 60}


async def test_a_case_that_somebody_changed_is_a_conflict_without_a_base(running: Rig) -> None:
    assert (await running.migrate()).code == 0
    running.destination.store.projects["SHOP"].cases[5].title = "Edited by a colleague"
    running.settings = {"workspace": str(running.folder / "new-workspace")}
    ended = await running.migrate("run --json")
    assert json.loads(ended.out)["items"]["case"] == {"adopted": 59, "conflict": 1}
    assert running.stored() == 60


@pytest.mark.quick_clock
async def test_without_the_marker_field_lost_answers_are_found_newest_first(tmp_path: Path) -> None:
    faults = FaultPlan(share=0.3, seed=4, kinds=("drop_after", "drop_before"))
    data = generate(60)
    options = StandInOptions(faults=faults)
    async with rig(tmp_path, data, destination_options=options, marker_field=False) as running:
        assert not (await running.run()).has_failures
        assert running.look_ups() == 0
        assert differences(data, 12, running.destination.store.projects["SHOP"]) == []


async def test_a_marker_field_made_between_two_runs_doubles_nothing(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(60), marker_field=False) as running:
        ended = await running.migrate(environment={"MIGRATOR_CRASH_AT": "answered:20"})
        assert ended.code == -signal.SIGKILL
        running.destination.store.add_custom_field("source_id", "Source ID")
        ended = await running.migrate()
        assert ended.code == 0, ended.err
        assert running.lost_and_doubled() == ([], [])


async def test_an_unexpected_error_is_a_sentence_and_its_traceback_is_in_the_log(running: Rig) -> None:
    broken = running.folder / "sitecustomize.py"
    broken.write_text(
        "import migrator.engine.plan.planner as plan\n"
        "def broken(*_):\n    raise RuntimeError('a defect')\n"
        "plan.folder_paths = broken\n",
        encoding="utf-8",
    )
    ended = await running.migrate(python_path=running.folder)
    assert ended.code == 1, ended.err
    assert "unexpected RuntimeError" in ended.err
    assert "Traceback" not in ended.err
    assert "a defect" in (running.folder / "workspace" / "migrator.log").read_text(encoding="utf-8")


async def test_folders_are_included_excluded_and_put_below_a_root(running: Rig) -> None:
    data = running.source.data
    data.folders[:] = [Folder(1, 12, "A"), Folder(2, 12, "B", 1), Folder(3, 12, "C", 1), Folder(4, 12, "D")]
    for number, test in enumerate(data.tests):
        test.folder_id = number % 4 + 1
    running.settings = {
        "projects": [
            {"source": "12", "destination": "SHOP", "include": ["A"], "exclude": ["A/C"], "root": ["From QAComplete"]}
        ]
    }
    ended = await running.migrate("run --json")
    assert ended.code == 0, ended.err
    project = running.destination.store.projects["SHOP"]
    paths = {path_of(project, folder) for folder in project.folders}
    assert paths == {("From QAComplete",), ("From QAComplete", "A"), ("From QAComplete", "A", "B")}
    assert json.loads(ended.out)["items"]["case"] == {"excluded": 30, "migrated": 30}


async def test_rows_that_move_while_they_are_read_are_read_again(tmp_path: Path) -> None:
    data = generate(250)
    source, destination = build(data=data, switches=Switches(mutate_between_pages=True)), build_destination()
    async with serve(source.app) as source_url, serve(destination.app) as destination_url:
        running = Rig(tmp_path, source, destination, f"{source_url}/rest-api/service/api", destination_url)
        ended = await running.migrate()
        assert ended.code == 0, ended.err
        lost, doubled = running.lost_and_doubled()
        assert (lost, doubled) == ([], [])
