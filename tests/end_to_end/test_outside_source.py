"""The example of a source of its own: installed into an environment of its own, and used by every command."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml

from connectors.qasphere import sandbox as qasphere
from migrator.standin.options import StandInOptions
from migrator.standin.serve import serve
from tests.support.outside import Outside, installed
from tests.support.writes import writes

pytestmark = pytest.mark.long

LINES = [
    {"kind": "folder", "id": "1", "title": "Shop"},
    {"kind": "case", "id": "7", "title": "Pay", "folder": "1", "priority": "urgent", "steps": [["Press", "Paid"]]},
    {"kind": "case", "id": "8", "title": "Send", "folder": "1"},
    {"kind": "run", "id": "3", "title": "Nightly", "ended": "2024-05-01T10:00:00Z"},
    {"kind": "result", "id": "9", "run": "3", "case": "7", "title": "Pay", "status": "broken", "tester": "Ann"},
]


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    with TemporaryDirectory() as folder:
        yield installed("jsonl-source", Path(folder))


async def test_every_command_takes_it(outside: Outside, tmp_path: Path) -> None:
    (tmp_path / "tests.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in LINES), encoding="utf-8")
    stand_in = qasphere.build(StandInOptions())
    stand_in.store.add_custom_field("source_id", "Source ID")
    keys = {"QASPHERE_API_KEY": qasphere.ADMIN_KEY}
    async with serve(stand_in.app) as url:

        async def told(*arguments: str) -> str:
            return await outside.migrator(tmp_path, *arguments, variables=keys)

        assert "jsonl" in await told("init", "--help")
        await told("init", "--connector", "jsonl", "--source", "path=tests.jsonl", "--destination-url", url)
        config = yaml.safe_load((tmp_path / "config.yaml").read_text())
        assert [project["source"] for project in config["projects"]] == ["*"]
        assert '"jsonl"' in (tmp_path / "migrator.schema.json").read_text()
        assert "2 cases, 1 runs, 1 results" in await told("check")
        assert writes(stand_in) == 0
        planned = json.loads(await told("-q", "plan", "--json"))
        assert planned["items"]["result"] == {"pending": 1}
        assert "case" in await told("rehearse")
        assert writes(stand_in) == 0
        await told("run")
        (project,) = stand_in.store.projects.values()
        assert {case.title: case.priority for case in project.cases} == {"Pay": "high", "Send": "medium"}
        assert len(project.runs) == 1
        before = writes(stand_in)
        await told("run")
        assert writes(stand_in) == before
        verified = json.loads(await told("-q", "verify", "--results", "all", "--json"))
        assert (verified["checked"]["case"], verified["checked"]["result"], verified["missing"]) == (2, 1, [])


async def test_it_has_a_demo(outside: Outside, tmp_path: Path) -> None:
    told = await outside.migrator(tmp_path, "demo", "--source", "jsonl")
    assert "so 0 writes were sent" in told


async def test_it_is_held_to_the_contract_of_all_sources(outside: Outside) -> None:
    """As whoever writes one does it: pytest, in the folder of the distribution."""
    told = await outside.pytest("jsonl-source")
    assert re.search(r"\b[3-9]\d passed", told), told
