"""The archive: every original comes back byte for byte, and the manifest proves that the file is whole."""

import hashlib
import json
from collections import Counter
from pathlib import Path

from connectors.qacomplete.sandbox import demo_data
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
