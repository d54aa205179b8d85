"""The requests that a plan forecasts, endpoint by endpoint, beside those that applying it makes."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from connectors.qacomplete.sandbox import Link, demo_company
from connectors.workiva.sandbox import demo_data as workiva_demo
from migrator.app import migrate
from migrator.app.rehearse.forecast import named
from migrator.core.events import ignore
from tests.support.rig import Rig, rig
from tests.support.workiva import WorkivaRig, stand_in, workiva_rig


@asynccontextmanager
async def qacomplete(folder: Path) -> AsyncIterator[Rig]:
    """The demo's first project with pages and files, and one link between tests that do not meet: the first one waits
    for its files, the last one does not."""
    data = demo_company()
    tests = data.tests_of(data.projects[0].id)
    data.links = [link for link in data.links if (link.code, link.linked_code) != ("Tests", "Tests")]
    data.links.append(Link(9900, data.projects[0].id, "Tests", tests[0].id, "Tests", tests[-1].id))
    async with rig(folder, data) as running:
        soap = running.source_url.replace("/rest-api/service/api", "/psWS.asmx")
        running.settings = {
            "http": {"timeout": 60},
            "destination": {"settle_seconds": 90},
            "mapping": {"pages": {"make": True}},
            "source": {"test_links": True, "soap_url": soap},
        }
        yield running


@asynccontextmanager
async def workiva(folder: Path) -> AsyncIterator[WorkivaRig]:
    """The demo with exports, records of the graph, and files."""
    async with workiva_rig(folder, stand_in(workiva_demo())) as running:
        running.settings = {"export_forms": True, "graph": True}
        running.project = {"create": True}
        running.settle_seconds, running.timeout = 90, 60
        yield running


@pytest.mark.parametrize("demo", [qacomplete, workiva])
async def test_each_endpoint_is_asked_as_often_as_was_forecast(
    tmp_path: Path, demo: Callable[[Path], AbstractAsyncContextManager[Rig | WorkivaRig]]
) -> None:
    async with demo(tmp_path) as running:
        plan = await running.plan()
        log = running.destination.log
        asked, clashes, fetched = named(log.counts), log.statuses[409], running.source.log.counts.total()
        status = await migrate.apply(running.parsed(), ignore, plan_id=plan.plan_id)
        assert (status.balanced, status.has_failures) == (True, False)
        made = named(log.counts) - asked
        made["POST test case"] -= log.statuses[409] - clashes
        forecast = Counter(plan.cost.endpoints)
        # which run has the first result, which goes alone, depends on whose cases are there first
        assert abs(made.pop("POST results") - forecast.pop("POST results")) <= 1
        assert made == forecast
        assert forecast["PATCH test case"] > 0
        # one log-in more, and of each demo one file that there is no way to, which nobody can know before
        files = running.source.log.counts.total() - fetched
        each = sum(plan.cost.source_requests.values()) / plan.cost.files
        assert abs(files - sum(plan.cost.source_requests.values())) <= each + 1
