"""Companies to be judged, and their migration."""

from collections.abc import Callable, Mapping
from pathlib import Path

from connectors.qacomplete.sandbox import SeedData, TestRun, add_history, add_sample, demo_company, generate
from connectors.qacomplete.sandbox.generate_files import generate_files
from connectors.qacomplete.sandbox.generate_runs import generate_runs
from tests.facts.evidence import gathered
from tests.facts.ledger import Judged, judged
from tests.facts.qacomplete import Facts
from tests.support.rig import rig


def generated(cases: int = 60, items: int = 20) -> SeedData:
    """Return a company with some of everything."""
    data = generate(cases, items=items)
    add_sample(data)
    add_history(data)
    data.runs.append(TestRun(990, 12, 701, "Never begun", "Passed", "2023-05-01T08:00:00.0", "2023-05-02T09:00:00.0"))
    generate_runs(data, 20, 10)
    generate_files(data, 30, largest=2000)
    return data


COMPANIES: Mapping[str, Callable[[], SeedData]] = {"demo": demo_company, "generated": generated}


async def migrated(folder: Path, data: SeedData, *, test_links: bool = False) -> list[Judged]:
    """Migrate the first project of a company, and judge each of its facts."""
    async with rig(folder, data) as running:
        project = data.projects[0].id
        running.settings["mapping"] = {"pages": {"make": True}}
        running.settings["projects"] = [{"source": str(project), "destination": "SHOP"}]
        running.settings["source"] = {"test_links": test_links}
        ended = await running.run()
        assert ended.balanced, ended.imbalance
        return list(judged(Facts(data, project).all(), gathered(running)))
