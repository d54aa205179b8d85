"""The demo and the sandbox, as the README tells people to start them."""

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from migrator.standin.options import Profile
from tests.support.rig import ROOT


def start(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-W", "error", "-m", "migrator", *arguments]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
def test_the_demo_migrates_everything_and_balances(tmp_path: Path, profile: Profile) -> None:
    process = start(tmp_path, "demo", "--json", "--profile", profile)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    document = json.loads(out)
    assert document["balanced"] is True
    assert document["items"]["case"] == {"migrated": 65}  # one stands for a test that is gone
    assert document["items"]["milestone"] == {"migrated": 4}
    assert document["items"]["run"] == {"migrated": 13, "folded": 4}
    assert document["items"]["result"] == {"migrated": 13, "folded": 9, "archived": 1}
    assert {"folder_cycle", "image_linked", "step_empty", "title_empty"} <= {note["code"] for note in document["notes"]}
    again = start(tmp_path, "demo")
    out, err = again.communicate(timeout=120)
    assert again.returncode == 0, err
    assert "writes sent by the second run: 0" in out


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
