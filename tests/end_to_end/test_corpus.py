"""Cases that people wrote, in each profile of QA Sphere: all there once, whole, in order; then nothing to do."""

import json
from pathlib import Path

import pytest

from connectors.qacomplete.sandbox import load_seed_file
from migrator.standin.options import Profile, StandInOptions
from tests.support.oracle import differences, path_of
from tests.support.rig import ROOT, rig

CORPUS = ROOT.parent / "shared" / "corpus" / "ubuntu-manual-tests.json"


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of human-written cases lies outside the project")
@pytest.mark.parametrize("profile", ["strict", "lenient", "odd"])
async def test_real_cases_arrive_once_and_whole(tmp_path: Path, profile: Profile) -> None:
    data = load_seed_file(CORPUS)
    async with rig(tmp_path, data, destination_options=StandInOptions(profile=profile)) as running:
        first = await running.migrate("run --json")
        assert first.code == 0, first.err
        project = running.destination.store.projects["SHOP"]
        assert differences(data, 12, project) == []
        sources = {folder.id: folder for folder in data.folders}
        tree = {(sources[f.parent_id].title, f.title) if f.parent_id else (f.title,) for f in data.folders}
        if profile == "odd":
            tree |= {("Shop",)}  # this server refuses the switch against a default folder
        assert {path_of(project, folder) for folder in project.folders} == tree
        status = json.loads(first.out)
        assert status["balanced"] is True
        assert status["items"]["case"] == {"migrated": 191}

        writes = running.writes()
        second = await running.migrate("run --json")
        assert second.code == 0, second.err
        assert running.writes() == writes
        assert json.loads(second.out)["items"]["case"] == {"unchanged": 191}
