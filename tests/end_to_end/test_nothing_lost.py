"""Ground truth: every text of the source is in QA Sphere, in a note, or in the archive. None is lost."""

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import pytest

from migrator.standin.options import StandInOptions
from tests.support.rig import Rig, rig
from tests.support.tokens import tokenised


def in_qa_sphere(running: Rig) -> str:
    project = running.shop
    held = [project.title, *(folder.title for folder in project.folders.values())]
    return json.dumps([held, *(asdict(case) for case in project.cases)], ensure_ascii=False)


def in_notes(running: Rig) -> str:
    with closing(sqlite3.connect(running.folder / "workspace" / "migration.db")) as db:
        return "\n".join(str(row) for row in db.execute("SELECT field, original, message FROM note"))


async def in_archive(running: Rig) -> str:
    target = running.folder / "originals.ndjson"
    ended = await running.migrate(f"report --archive {target}")
    assert ended.code == 0, ended.err
    return target.read_text(encoding="utf-8")


@pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
async def test_every_token_of_the_source_is_found(
    tmp_path: Path, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data, tokens = tokenised()
    options = StandInOptions.model_validate({"profile": profile})
    async with rig(tmp_path, data, source_options=options, destination_options=options) as running:
        running.settings["projects"] = [{"source": "12", "destination": "SHOP"}]
        ended = await running.run()
        assert ended.balanced, ended.imbalance
        assert (ended.has_failures, ended.items["case"]) == (False, {"migrated": 2})
        held, noted, kept = in_qa_sphere(running), in_notes(running), await in_archive(running)
    every = tokens.at_home | tokens.others
    found = {token for token in every if token in held}
    only_noted = {token for token in every if token in noted} - found
    only_kept = {token for token in every if token in kept} - found - only_noted
    homeless = sorted(every[token] for token in tokens.at_home.keys() - found - only_noted)
    counts = f"{len(found)} in QA Sphere, {len(only_noted)} in notes, {len(only_kept)} in the archive only"
    with capsys.disabled():
        print(f"\n{profile}: {counts}")  # noqa: T201 - the figures are for people
    assert homeless == []
    assert sorted(every[token] for token in every.keys() - found - only_noted - only_kept) == []
    assert len(tokens.at_home) > 40
