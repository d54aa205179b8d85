"""The demo and the sandbox, as the README tells people to start them."""

import asyncio
import json
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors import sandbox_names, source_names
from migrator.app.demo import DemoResult, demo
from migrator.core.events import ignore
from migrator.standin.options import Profile
from tests.support.rig import ROOT
from tests.support.spreadsheet import opened_in_spreadsheet


def start(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-W", "error", "-m", "migrator", *arguments]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


async def shown(folder: Path, profile: Profile = "strict", source: str = "") -> tuple[DemoResult, list[str]]:
    """Give the demo in this process; return what came of it, and the lines for people."""
    told: list[str] = []
    return await demo(folder / "demo", profile, ignore, source, told.append), told


def assert_everything_arrived(document: Mapping[str, Any]) -> None:
    assert document["balanced"] is True
    assert document["items"]["case"] == {"migrated": 71}  # one stands for a test that is gone, six list pages
    assert document["items"]["milestone"] == {"migrated": 4}
    assert document["items"]["run"] == {"migrated": 13, "folded": 4}
    assert document["items"]["result"] == {"migrated": 13, "folded": 9, "archived": 1}
    assert {"folder_cycle", "image_linked", "step_empty", "title_empty"} <= {note["code"] for note in document["notes"]}
    harms = [note["harm"] for note in document["notes"]]
    assert harms == sorted(harms, key=["lost", "changed", "cosmetic"].index)
    assert len(set(harms)) == 3


def test_the_demo_migrates_everything_and_balances(tmp_path: Path) -> None:
    process = start(tmp_path, "demo", "--json")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert_everything_arrived(json.loads(out))
    again = start(tmp_path, "demo")
    out, err = again.communicate(timeout=120)
    assert again.returncode == 0, err
    assert "so 0 writes were sent" in err
    assert len((err + out).splitlines()) <= 10
    for what in ("plan", "what was done", "old and new ids", "the page to sign"):
        (path,) = re.findall(rf"^{what}: (.*)$", out, re.MULTILINE)
        assert Path(path).stat().st_size > 1000


@pytest.mark.quick_clock
@pytest.mark.parametrize("profile", ["lenient", "odd"])
async def test_other_servers_get_the_same(tmp_path: Path, profile: Profile) -> None:
    result, told = await shown(tmp_path, profile)
    assert_everything_arrived(result.status.model_dump())
    assert (result.verification.wrong, result.second_run) == (0, 0)
    assert told[-1].endswith("so 0 writes were sent")


@pytest.mark.quick_clock
async def test_the_crosswalk_of_the_demo_opens_in_a_spreadsheet(tmp_path: Path) -> None:
    result, _ = await shown(tmp_path)
    lines = opened_in_spreadsheet(tmp_path / "demo" / "reports" / "crosswalk.csv")
    expected = {kind: sum(by_fate.values()) for kind, by_fate in result.status.items.items()} | {"acceptance": 1}
    assert Counter(line["kind"] for line in lines) == expected
    assert len({line["source"] for line in lines}) == len(lines)
    assert lines[-1]["sha256"]
    kinds = [line["kind"] for line in lines]
    assert set(kinds[kinds.index("archive") :]) == {"archive", "acceptance"}
    cases = [line for line in lines if line["kind"] == "case"]
    assert len({line["marker"] for line in cases}) == len({line["url"] for line in cases}) == 71
    assert all(line["fate"] == "unchanged" for line in cases)
    # a case that stands for a test that is gone, or for pages, leads nowhere at the source
    nowhere = [line["source"] for line in cases if not line["old_url"] and ":page_case:" not in line["source"]]
    assert nowhere == ["qacomplete@sandbox:test:12/9999"]
    assert {"QA12-001", "QA13-001"} <= {line["marker"] for line in cases}


@pytest.mark.quick_clock
async def test_every_stand_in_of_a_source_has_a_demo(tmp_path: Path) -> None:
    for source in sandbox_names()[1:]:
        result, told = await shown(tmp_path / source, source=source)
        assert result.status.balanced
        assert not result.status.has_failures
        assert result.verification.wrong == 0
        assert told[-1].endswith("so 0 writes were sent")
        assert [label for label, path in result.pages if path.stat().st_size > 1000][-1] == "the page to sign"
    assert {"qacomplete", "workiva"} <= set(sandbox_names()) <= set(source_names())


def test_a_demo_of_nothing_names_what_there_is(tmp_path: Path) -> None:
    process = start(tmp_path, "demo", "--source", "testlodge")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "qacomplete, workiva" in err


def test_the_demo_never_deletes_a_folder_of_yours(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("ten years", encoding="utf-8")
    process = start(tmp_path, "demo", "--workspace", "mine")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "not a demo workspace" in err
    assert (tmp_path / "mine" / "thesis.txt").exists()


async def test_the_sandbox_serves_until_it_is_stopped_and_writes_a_config_that_works(tmp_path: Path) -> None:
    serving = start(tmp_path, "sandbox", "--cases", "30", "--write-config", "sandbox.yaml")
    try:
        while not (tmp_path / "sandbox.yaml").exists():
            assert serving.poll() is None
            await asyncio.sleep(0.05)
        running = start(tmp_path, "--config", "sandbox.yaml", "run", "--json")
        out, err = await asyncio.to_thread(running.communicate)
        assert running.returncode == 0, err
        assert json.loads(out)["items"]["case"] == {"migrated": 30}
    finally:
        serving.send_signal(signal.SIGTERM)
    _, said = await asyncio.to_thread(serving.communicate)
    assert serving.returncode == 0
    assert "QA Sphere stand-in:  http://127.0.0.1:" in said


def test_a_seed_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "seed.json").write_text('{"nothing": 1}', encoding="utf-8")
    process = start(tmp_path, "sandbox", "--seed-file", "seed.json")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "seed.json" in err
    assert "Traceback" not in err
