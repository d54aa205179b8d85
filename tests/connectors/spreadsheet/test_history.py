"""Runs, results and files out of tables, through the engine into QA Sphere's stand-in, and proved."""

from pathlib import Path

from connectors.qasphere import sandbox as qasphere
from migrator.app import migrate
from migrator.app import verify as verifying
from migrator.config import Config, parse_config
from migrator.core.events import ignore
from migrator.core.text import visible_text
from migrator.standin.options import StandInOptions
from migrator.standin.serve import serve
from tests.connectors.spreadsheet.test_source import QASPHERE
from tests.support.writes import writes

CASES = "ID,Title,Folder,Files\nC1,Log in,Web,shots/a.txt\nC2,Log out,Web,../secret.txt\n"
RUNS = """\
Run,Case ID,Status,Tester,Date,Comment,Attachments
Nightly,C1,Passed,Ann,2024-05-01 10:00,fine,
Nightly,C2,Failed,Bob,2024-05-01 11:00,broken,shots/a.txt
Weekly,C1,Retest,Cid,2024-05-03,,
"""


def config(folder: Path, path: str, url: str) -> Config:
    destination = {"base_url": url, "api_key": qasphere.ADMIN_KEY, "requests_per_second": 100_000, "settle_seconds": 2}
    given = {
        "workspace": str(folder / "workspace"),
        "source": {"connector": "spreadsheet", "path": path},
        "destination": destination,
        "projects": [{"source": "*", "destination": "WEB", "title": "Web"}],
    }
    return parse_config(given, folder / "config.yaml", {})


async def test_results_and_files_arrive_and_the_second_run_writes_nothing(tmp_path: Path) -> None:
    tables = tmp_path / "tables"
    (tables / "shots").mkdir(parents=True)
    (tables / "shots" / "a.txt").write_text("a picture", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (tables / "cases.csv").write_text(CASES, encoding="utf-8")
    (tables / "runs.csv").write_text(RUNS, encoding="utf-8")
    stand_in = qasphere.build(StandInOptions())
    stand_in.store.add_custom_field("source_id", "Source ID")
    async with serve(stand_in.app) as url:
        settings = config(tmp_path, "tables", url)
        status = await migrate.run(settings, ignore)
        assert status.balanced, status.imbalance
        assert status.items["run"] == {"migrated": 2}
        assert status.items["result"] == {"migrated": 3}
        assert status.items["file"] == {"migrated": 2, "failed": 1}
        (failure,) = status.failures
        assert "../secret.txt is no path below the folder" in failure["cause"]
        project = stand_in.store.projects["WEB"]
        made = [one for run in project.runs.values() for row in run.cases.values() for one in row.results]
        shown = {result.status: visible_text(result.comment) for result in made}
        assert sorted(shown) == ["blocked", "failed", "passed"]
        assert "Ann" in shown["passed"]
        assert "Retest" in shown["blocked"]
        before = writes(stand_in)
        verified = await verifying.verify(settings, ignore, results="all")
        assert verified.wrong == 0
        await migrate.run(settings, ignore)
        assert writes(stand_in) == before
        more = RUNS + "Nightly,C1,Failed,Ann,2024-05-02 10:00,,\n"
        (tables / "runs.csv").write_text(more, encoding="utf-8")
        assert (await migrate.run(settings, ignore)).items["result"] == {"unchanged": 3, "migrated": 1}


async def test_the_export_of_qa_sphere_itself_comes_back(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(QASPHERE, encoding="utf-8")
    stand_in = qasphere.build(StandInOptions())
    stand_in.store.add_custom_field("source_id", "Source ID")
    async with serve(stand_in.app) as url:
        settings = config(tmp_path, "export.csv", url)
        status = await migrate.run(settings, ignore)
        assert status.balanced, status.imbalance
        assert set(status.items["case"]) == {"migrated"}
        assert (await verifying.verify(settings, ignore)).wrong == 0
        before = writes(stand_in)
        await migrate.run(settings, ignore)
        assert writes(stand_in) == before
