"""The archive: every original comes back byte for byte, and the manifest proves that the file is whole."""

import csv
import hashlib
import json
import subprocess
from collections import Counter
from pathlib import Path

from connectors.qacomplete.sandbox import demo_company, demo_data
from tests.support.rig import rig


async def test_every_extracted_original_is_in_the_archive(tmp_path: Path) -> None:
    async with rig(tmp_path, demo_data()) as running:
        status = await running.run()
        target = tmp_path / "originals.ndjson"
        requests = running.requests()
        ended = await running.migrate(f"report --archive {target} --json")
        assert ended.code == 0, ended.err
        assert running.requests() == requests
    manifest = json.loads(ended.out)
    body = target.read_bytes()
    assert json.loads((tmp_path / "originals.ndjson.manifest.json").read_text(encoding="utf-8")) == manifest
    assert manifest["sha256"] == hashlib.sha256(body).hexdigest()
    lines = [json.loads(line) for line in body.splitlines()]
    assert manifest["lines"] == len(lines)
    assert manifest["source"] == "qacomplete@acme"

    tests = {line["marker"]: line for line in lines if line["kind"] == "case"}
    data = running.source.data
    assert set(tests) == {f"qacomplete@acme:test:12/{test.id}" for test in data.tests_of(12)}
    for test in data.tests_of(12):
        line = tests[f"qacomplete@acme:test:12/{test.id}"]
        assert line["fate"] == "migrated"
        assert line["raw"]["title"] == test.title
    counts = Counter(note["code"] for line in lines for note in line["notes"])
    for note in status.notes:
        if note["kind"] == "case":
            assert counts[note["code"]] == note["count"], note


async def test_a_file_that_cannot_be_written_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    async with rig(tmp_path, demo_data()) as running:
        await running.run()
        ended = await running.migrate(f"report --archive {tmp_path / 'no-such-folder' / 'originals.ndjson'}")
    assert ended.code == 2
    assert "cannot write" in ended.err
    assert not (tmp_path / "no-such-folder").exists()


async def test_every_file_is_proved_on_both_sides_and_by_a_tool_of_others(tmp_path: Path) -> None:
    async with rig(tmp_path, demo_company()) as running:
        running.settings = {"keep_files": True}
        await running.run()
        target = tmp_path / "out" / "originals.ndjson"
        target.parent.mkdir()
        assert (await running.migrate(f"report --archive {target}")).code == 0
        entries = json.loads(target.with_name("originals.ndjson.manifest.json").read_text(encoding="utf-8"))["files"]
        assert not [entry for entry in entries if entry["new_sha256"]]
        assert (await running.migrate("verify --files all")).code == 0
        assert (await running.migrate(f"report --archive {target}")).code == 0
        stored = running.destination.store.files
    entries = json.loads(target.with_name("originals.ndjson.manifest.json").read_text(encoding="utf-8"))["files"]
    there = [entry for entry in entries if entry["fate"] == "migrated"]
    assert len(there) > 10
    for entry in there:
        content = stored[entry["new_id"]].content
        assert entry["sha256"] == entry["new_sha256"] == hashlib.sha256(content).hexdigest()
        assert (entry["size"], entry["new_name"]) == (str(len(content)), entry["name"])
        assert entry["new_url"].endswith(entry["new_id"])
        assert entry["hangs_on"]
        assert entry["checked_at"]
    attached = {entry["marker"]: entry["hangs_on"] for entry in entries}
    assert attached["qacomplete@acme:file:12/1"].startswith("qacomplete@acme:test:12/")
    with (tmp_path / "workspace" / "reports" / "crosswalk.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = {line["source"]: line for line in csv.DictReader(file)}
    assert all(lines[entry["marker"]]["new_sha256"] == entry["new_sha256"] for entry in entries)
    assert _checked(target).returncode == 0
    (kept,) = [path for path in (tmp_path / "workspace" / "files").rglob("*") if path.name == there[0]["sha256"]]
    kept.write_bytes(kept.read_bytes() + b"!")
    ended = _checked(target)
    assert (ended.returncode, ended.stdout.count("FAILED")) == (1, 1)


def _checked(target: Path) -> "subprocess.CompletedProcess[str]":
    """Let the sums be checked by the tool that every auditor has."""
    sums = f"{target.name}.sha256"
    assert len((target.parent / sums).read_text(encoding="utf-8").splitlines()) > 10
    return subprocess.run(["sha256sum", "-c", sums], cwd=target.parent, capture_output=True, text=True, check=False)
