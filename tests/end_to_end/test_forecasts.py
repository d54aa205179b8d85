"""What writing will take stands beside what it took, whichever command wrote."""

import re
from pathlib import Path

import pytest

from connectors.qacomplete.sandbox import File, SeedData, generate
from migrator.app.forecasts import requests_per_file
from migrator.report.values import Cost
from state.workspace import open_workspace
from tests.support.rig import Rig, rig

SAID = re.compile(
    r"applying took .* \(forecast: .*\), (\d+) requests to QA Sphere \((\d+)\), (\d+) to the source \((\d+)\)"
)


def with_files(cases: int) -> SeedData:
    data = generate(cases)
    for number, test in enumerate(data.tests):
        data.files.append(File(number + 1, 12, "Tests", test.id, f"shot-{number}.bin", size=2000, seed=number))
    return data


@pytest.mark.parametrize("command", ["run", "sync", "run --limit 8"])
async def test_run_and_sync_say_forecast_and_measured_and_the_next_one_learns(tmp_path: Path, command: str) -> None:
    async with rig(tmp_path, with_files(20)) as running:
        # on a busy machine neither does an answer come too late, nor is the card renewed more often than was forecast
        running.settings = {"http": {"timeout": 30}, "destination": {"settle_seconds": 30}}
        ended = await running.migrate(command)
        assert ended.code == 0, ended.err
        assert "forecast: " in ended.err
        assert "bottleneck: " in ended.err
        said = SAID.search(ended.err)
        assert said, ended.err
        asked, forecast, source, files = map(int, said.groups())
        cost = kept(running)
        # two creates that meet in one folder are sent again, and a slow source makes more and smaller uploads
        log = running.destination.log
        uploads = log.counts["POST /api/public/v0/file/batch"] - cost.endpoints["POST files"]
        assert abs(asked - log.statuses[409] - uploads - forecast) <= 0.25 * forecast
        assert cost.measured
        assert (cost.requests, cost.measured.requests, cost.measured.source_requests) == (forecast, asked, source)
        assert cost.files == files == (8 if "limit" in command else 20)
        with open_workspace(tmp_path / "workspace", write=False) as workspace:
            assert requests_per_file(workspace) == source / files
        if command != "sync":
            page = (tmp_path / "workspace" / "reports" / "run.html").read_text(encoding="utf-8")
            assert "Forecast and reality" in page


async def test_what_writes_nothing_forecasts_nothing(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(3)) as running:
        await running.run()
        before = kept(running)
        ended = await running.migrate("run")
        assert "forecast" not in ended.err
        assert kept(running) == before


def kept(running: Rig) -> Cost:
    with open_workspace(running.folder / "workspace", write=False) as workspace:
        document = workspace.timings.cost()
    assert document
    return Cost.model_validate(document)
