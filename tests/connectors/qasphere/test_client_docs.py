"""``docs/client.md``: its examples run, and its table is what the client knows."""

import asyncio
import re
import shlex
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from connectors.qasphere.sandbox import ADMIN_KEY
from migrator.cli.main import app
from tests.support.qasphere import scene
from tests.support.qasphere_schemas import CONTRACT, REASONS, counted
from tests.support.rig import ROOT

PAGE = ROOT / "docs" / "client.md"
TEXT = PAGE.read_text(encoding="utf-8")
PROGRAMS = [block for block in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL) if "QASphere(" in block]
LINES = [line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]


def table(contract: dict[str, Any]) -> str:
    rows = counted(contract)
    lines = [
        "| Schema or address | Class | Documented | Known |",
        "| --- | --- | --- | --- |",
        *(f"| `{row.what}` | `{row.model}` | {row.documented} | {row.known} |" for row in rows),
        f"| all | | {sum(row.documented for row in rows)} | {sum(row.known for row in rows)} |",
        "",
        "Without a class of their own:",
        "",
        *(f"- `{schema}`: {reason}" for schema, reason in REASONS.items()),
    ]
    return "\n".join(lines) + "\n"


@pytest.mark.skipif(not CONTRACT.exists(), reason="the OpenAPI document lies outside the project")
def test_the_table_is_up_to_date() -> None:
    """``python -m tests.connectors.qasphere.test_client_docs`` writes it anew."""
    assert TEXT.endswith(table(yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
async def test_the_programs_run(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with scene(tmp_path) as made:
        monkeypatch.setenv("QASPHERE_URL", made.api.client.base_url)
        monkeypatch.setenv("QASPHERE_API_KEY", ADMIN_KEY)
        before = sum(made.stand_in.log.counts.values())
        names: dict[str, Any] = {}
        exec(compile(program, PAGE.name, "exec"), names)
        await names["main"]()
        assert sum(made.stand_in.log.counts.values()) > before


async def test_the_command_lines_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(LINES) > 4
    async with scene(tmp_path) as made:
        environment = {"QASPHERE_URL": made.api.client.base_url, "QASPHERE_API_KEY": ADMIN_KEY}
        for line in LINES:
            words = ["--config", str(tmp_path / "none.yaml"), *shlex.split(line)[1:]]
            ended = await asyncio.to_thread(partial(CliRunner().invoke, app, words, env=environment))
            assert ended.exit_code == 0, ended.output


if __name__ == "__main__":
    before, _, _ = TEXT.partition("| Schema or address")
    PAGE.write_text(before + table(yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))), encoding="utf-8")
