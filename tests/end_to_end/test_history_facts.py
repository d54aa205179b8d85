"""Every fact of every generated result is in its comment, or in a note; computed from the source stand-in's data."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.qacomplete.sandbox import generate
from connectors.qacomplete.sandbox.generate_runs import generate_runs
from connectors.qacomplete.sandbox.runs import RunItem
from migrator.core.refs import stated_marker
from state.workspace import open_workspace
from tests.support.oracle import words
from tests.support.rig import rig

ZONE = ZoneInfo("America/Denver")
PEOPLE = {1: "Ada Berg", 2: "Jon Vik"}


def facts(item: RunItem) -> list[str]:
    """What somebody who runs the test today may want to know of it."""
    found = [f"Original status: {item.status}", PEOPLE[item.tester_id], f"Test version: {item.version}"]
    if item.date:
        found.append(str(datetime.fromisoformat(item.date[:19]).replace(tzinfo=ZONE)))
        minutes, seconds = (int(part) for part in (item.run_time or "").split(":")[1:])
        found.append(f"Duration: 0:{minutes:02}:{seconds:02}")
    for outcome in item.outcomes:
        found += [
            outcome.step or "",
            *(" ".join(words(text)) for text in (outcome.expected_result, outcome.actual_result)),
        ]
    return [fact for fact in found if fact]


async def test_every_fact_of_every_generated_result_is_kept(tmp_path: Path) -> None:
    data = generate(30)
    generate_runs(data, 8, 30)
    async with rig(tmp_path, data) as running:
        status = await running.run()
        assert status.balanced
        comments = {
            stated_marker(result.comment): " ".join(words(result.comment))
            for run in running.shop.runs.values()
            for case in run.cases.values()
            for result in case.results
        }
    with open_workspace(tmp_path / "workspace") as workspace:
        rows = workspace.db.execute("SELECT marker, original FROM note").fetchall()
    items = [item for run in data.runs if run.make_items for item in run.make_items(0, run.length())]
    lost = []
    for item in items:
        marker = f"qacomplete@acme:result:12/{item.id}"
        if item.status == "Awaiting Run":
            assert marker not in comments
            continue
        kept = comments[marker] + " ".join(original for noted, original in rows if noted == marker)
        lost += [(item.id, fact) for fact in facts(item) if fact not in kept]
    assert lost == []
    assert len(comments) > 150
