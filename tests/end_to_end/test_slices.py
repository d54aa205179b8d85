"""Slices: a few cases first, and the rest later; nothing is written that was not asked for, and nothing twice."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer

from connectors.qacomplete.sandbox import demo_company, generate
from migrator.app.migrate import run
from migrator.app.plan import plan
from migrator.app.reports.documents import Plan
from migrator.app.verify import verify
from migrator.cli.slices import slice_of
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.events import ignore
from migrator.core.model import Person, TestCase
from migrator.core.refs import Ref
from migrator.engine.slice import EVERYTHING, Slice
from tests.support.drafts import ref
from tests.support.rig import Rig, rig


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path, demo_company()) as opened:
        opened.settings = {"source": {"soap_url": f"{opened.source_url.partition('/rest-api')[0]}/psws/psws.asmx"}}
        yield opened


async def migrated(running: Rig, part: Slice = EVERYTHING) -> dict[str, dict[str, int]]:
    status = await run(running.parsed(), ignore, part=part)
    assert status.balanced, status.imbalance
    assert not status.has_failures, status.failures[:3]
    return status.items


def pending(items: dict[str, dict[str, int]]) -> int:
    return sum(fates.get("pending", 0) for fates in items.values())


async def test_ten_then_the_rest_then_nothing(running: Rig) -> None:
    first = await migrated(running, Slice(limit=10))
    assert len(running.shop.cases) == 10
    assert first["case"]["pending"] > 10
    # no folder without a case in it or below it, and no file that no case names
    used = {case.folder_id for case in running.shop.cases}
    parents = {folder.parent_id for folder in running.shop.folders.values()}
    assert set(running.shop.folders) <= used | parents
    assert first["file"].get("migrated", 0) <= sum(len(case.files) for case in running.shop.cases)
    assert (await verify(running.parsed(), ignore)).wrong == 0
    second = await migrated(running)
    assert pending(second) == 0
    assert running.lost_and_doubled() == ([], [])
    proof = await verify(running.parsed(), ignore, files="all", results="all")
    assert proof.wrong == 0, proof
    before = running.writes()
    assert pending(await migrated(running)) == 0
    assert running.writes() == before


async def test_runs_come_once_all_their_cases_are_there(running: Rig) -> None:
    first = await migrated(running, Slice(limit=3))
    there = {case.id for case in running.shop.cases}
    assert all(set(found.cases) <= there for found in running.shop.runs.values())
    assert first["result"]["pending"] > 0
    await migrated(running)
    assert pending(await migrated(running)) == 0


async def test_a_plan_of_a_slice_counts_that_slice_alone(running: Rig) -> None:
    whole = await plan(running.parsed(), ignore)
    part = await plan(running.parsed(), ignore, part=Slice(limit=5))
    assert part.actions["case"]["create"] == 5
    assert part.items["case"]["pending"] == whole.items["case"]["pending"]
    assert part.cost.requests < whole.cost.requests
    assert part.cost.bytes_max < whole.cost.bytes_max
    status = await running.apply()
    assert status.balanced
    assert len(running.shop.cases) == 5


async def test_the_options_of_the_command(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(40, folders=4)) as running:
        named = [test.id for test in running.source.data.tests[:3]]
        ended = await running.migrate(f"run --only {named[0]},{named[1]} --only qacomplete@acme:test:12/{named[2]}")
        assert ended.code == 0, ended.err
        assert {case.title for case in running.shop.cases} == {test.title for test in running.source.data.tests[:3]}
        ended = await running.migrate(f"verify --only {named[0]}")
        assert ended.code == 0
        assert "checked 1 case:" in ended.out
        refused = await running.migrate("run --project NOPE")
        assert refused.code == 2
        assert "SHOP" in refused.err
        ended = await running.migrate("run --project shop")
        assert ended.code == 0
        assert running.lost_and_doubled() == ([], [])


async def test_a_slice_of_what_is_not_there_says_why(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(12, folders=3)) as running:
        top, *_, folder = running.source.data.folders
        top.title, folder.title = "  Shop ", "Returns"
        path = "Shop/Returns"
        count = sum(test.folder_id == folder.id for test in running.source.data.tests)
        project = running.config()["projects"][0]
        running.settings = {"projects": [project | {"exclude": [f"{top.title}/{folder.title}"]}]}
        first = next(test.id for test in running.source.data.tests if test.folder_id != folder.id)
        await running.migrate(f"run --only {first}")
        ended = await running.migrate(f"verify --json --folder {path}")
        answer = json.loads(ended.out)
        assert ended.code == 0, ended.err
        assert answer["checked"] == {"case": 0}
        assert sum(answer["left_out"].values()) == count
        assert all(why.startswith("excluded: ") for why in answer["left_out"])
        ended = await running.migrate(f"verify --folder {path}")
        assert f"{count} case" in ended.out
        # what a slice asks for and a later run is to bring is not there yet
        ended = await running.migrate("verify --limit 3")
        assert ended.code == 3
        assert "not there yet case: 2 pending" in ended.out


async def test_a_slice_that_names_nothing_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(6, folders=2)) as running:
        some = str(running.source.data.tests[0].id)
        folder = running.source.data.folders[0].title
        misspelt = folder.swapcase()
        slices = (Slice(ids=(some, "999999")), Slice(ids=("ABC",)), Slice(folder=misspelt))
        for part in slices:
            for command in (plan, run, verify):
                with pytest.raises(ConfigError) as refused:
                    await command(running.parsed(), ignore, part=part)
                assert refused.value.code is ErrorCode.SLICE_UNMATCHED
                assert (folder if part.folder else "nearest") in refused.value.cause
                assert f"the id “{some}”" not in refused.value.cause
        project = running.config()["projects"][0]
        for only in ({"ids": [some, "999999"]}, {"tags": ["nope"]}, {"owners": ["Nobody"]}):
            running.settings = {"projects": [project | {"only": only}]}
            with pytest.raises(ConfigError, match="not at the source"):
                await running.run()
        assert running.writes() == 0


async def test_what_has_left_the_source_is_no_mistake_and_what_takes_nothing_makes_nothing(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(6)) as running:
        since = Slice(changed_since=datetime(2100, 1, 1, tzinfo=UTC))
        items = await migrated(running, since)
        assert items["case"] == {"pending": 6}
        assert running.writes() == 0
        await plan(running.parsed(), ignore, part=since)
        assert (await running.apply()).balanced
        assert running.writes() == 0
        await verify(running.parsed(), ignore)
        await migrated(running)
        gone = running.source.data.tests.pop()
        assert (await migrated(running, Slice(ids=(str(gone.id),))))["case"]["unchanged"] == 5
        assert running.lost_and_doubled()[1] == []


async def test_a_tag_that_the_last_case_has_lost_stops_no_sync(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(6)) as running:
        project = running.config()["projects"][0]
        running.source.data.tests[0].custom_fields = []
        running.settings = {
            "mapping": {"tag_all": "moved"},
            "projects": [project | {"only": {"tags": ["moved"]}}],
        }
        assert (await running.sync()).items["case"]["migrated"] == 6
        running.settings["projects"] = [project | {"only": {"tags": ["moved", "long gone"], "owners": ["Who left"]}}]
        ended = await running.migrate("sync")
        assert ended.code == 0, ended.err
        assert "no case has the tag “long gone”" in ended.err
        assert "no case has the owner “Who left”" in ended.err
        running.settings["projects"] = [project | {"only": {"ids": ["never there"]}}]
        assert (await running.migrate("sync")).code == 2


async def test_a_plan_of_one_project_has_its_notes_alone(running: Rig) -> None:
    first = running.config()["projects"][0]
    both = [first, first | {"source": str(running.source.data.projects[1].id), "destination": "WEB"}]
    running.settings |= {"projects": both}
    of_both = await running.plan()
    counts = []
    for project in both:
        running.settings |= {"projects": [project]}
        counts.append(counted(await running.plan()))
    assert counts[0]
    assert counts[0] + counts[1] == counted(of_both)
    assert counts[0] != counted(of_both)


def counted(plan: Plan) -> "Counter[tuple[str, ...]]":
    found = Counter({("note", note["code"], note["kind"]): note["count"] for note in plan.notes})
    return found + Counter({("value", one["field"], one["value"]): one["count"] for one in plan.unmapped})


async def test_a_slice_leaves_no_acceptance_report_and_verify_says_why(running: Rig) -> None:
    ended = await running.migrate("verify")
    assert "no acceptance report: not every project was migrated from this workspace" in ended.err
    await running.plan()
    ended = await running.migrate("verify")
    assert "no acceptance report: the plan for project 12 waits; next: migrator apply" in ended.err
    await running.apply()
    ended = await running.migrate("verify --limit 3")
    assert "no acceptance report: only a slice was compared; `migrator verify` compares everything" in ended.err
    ended = await running.migrate("verify")
    assert "no acceptance report" not in ended.err


@pytest.mark.parametrize("options", [{"only": [""]}, {"only": [","]}, {"folder": ""}, {"folder": "/"}])
def test_an_option_without_a_value_is_a_usage_error(options: dict[str, Any]) -> None:
    given: dict[str, Any] = {"only": None, "folder": None, "limit": None} | options
    with pytest.raises(typer.BadParameter, match="without a value"):
        slice_of(**given)


async def test_a_plan_of_one_project_counts_and_waits_alone(running: Rig) -> None:
    first = running.config()["projects"][0]
    other = str(running.source.data.projects[1].id)
    both = [first, first | {"source": other, "destination": "WEB"}]
    running.settings |= {"projects": both}
    await running.plan()
    running.settings |= {"projects": [first]}
    found = await plan(running.parsed(), ignore, part=Slice(limit=5))
    assert (found.actions["case"]["create"], found.actions["project"]["create"]) == (5, 1)
    assert found.items["project"] == {"pending": 1}
    running.settings |= {"projects": both}
    status = await running.apply()
    assert (status.waiting, status.unfinished) == ([], [{"project": other, "phase": "planned"}])
    assert list(running.destination.store.projects) == ["SHOP"]
    assert (await running.run()).unfinished == []


async def test_an_edit_outside_of_the_slice_waits(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(6)) as running:
        await migrated(running)
        inside, outside = running.source.data.tests[:2]
        inside.title, outside.title = "Inside", "Outside"
        items = await migrated(running, Slice(ids=(str(inside.id),)))
        assert items["case"] == {"updated": 1, "pending": 1, "unchanged": 4}
        titles = {case.title for case in running.shop.cases}
        assert "Inside" in titles
        assert "Outside" not in titles
        assert (await migrated(running))["case"] == {"updated": 1, "unchanged": 5}


async def _at_rest(running: Rig) -> int:
    """Return the writes once the server has done what the killed program had sent."""
    before = -1
    while before < (before := running.writes()):  # noqa: ASYNC110 - the stand-in counts, it does not announce
        await asyncio.sleep(1)
    return before


async def test_an_interrupted_load_is_not_continued_as_a_slice(tmp_path: Path) -> None:
    async with rig(tmp_path, generate(40)) as running:
        await running.migrate("run", kill_at=10)
        before = await _at_rest(running)
        with pytest.raises(ConfigError, match="not finished"):
            await migrated(running, Slice(limit=1))
        assert running.writes() == before
        await migrated(running)
        assert running.lost_and_doubled() == ([], [])


def test_what_a_slice_takes() -> None:
    folders = {ref("folder", "12", "1").marker: ("Shop",), ref("folder", "12", "2").marker: ("Shop", "Cart/Pay")}
    when = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def case(folder: str | None, owner: str | None = None, changed: datetime | None = None) -> TestCase:
        place: Ref | None = ref("folder", "12", folder) if folder else None
        return TestCase(
            ref=ref("test", "12", "7"), title="t", folder=place, owner=Person(name=owner), updated_at=changed
        )

    def takes(part: Slice, found: TestCase, *tags: str) -> bool:
        return part.takes(found, tags, lambda marker: folders.get(marker, ()))

    assert takes(EVERYTHING, case(None))
    assert takes(Slice(ids=("7",)), case(None))
    assert takes(Slice(ids=("12/7",)), case(None))
    assert takes(Slice(ids=(ref("test", "12", "7").marker,)), case(None))
    assert not takes(Slice(ids=("12",)), case(None))
    assert takes(Slice(folder="Shop"), case("2"))
    assert takes(Slice(folder="Shop/Cart/Pay"), case("2"))
    assert not takes(Slice(folder="Sho"), case("1"))
    assert not takes(Slice(folder="Shop"), case(None))
    assert takes(Slice(tags=("Smoke",)), case(None), "smoke", "x")
    assert not takes(Slice(tags=("Smoke",)), case(None))
    assert takes(Slice(owners=("ada berg",)), case(None, "Ada Berg"))
    assert not takes(Slice(owners=("ada berg",)), case(None))
    since = Slice(changed_since=when.replace(tzinfo=None))
    assert takes(since, case(None, changed=when))
    assert not takes(since, case(None, changed=when.replace(hour=11)))
    assert not takes(since, case(None))
    assert not takes(Slice(ids=("7",), folder="Shop"), case(None))
