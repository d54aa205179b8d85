"""A round of sync reads only what may have changed, everything once a day, and nothing is missed on the way."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from connectors.qacomplete.sandbox import Test, generate
from connectors.qacomplete.sandbox.generate_runs import generate_runs
from connectors.qacomplete.sandbox.items import Requirement
from connectors.qacomplete.sandbox.runs import RunItem, TestRun
from migrator.core.errors import CeilingReached
from migrator.standin.options import Profile, StandInOptions
from state.workspace import open_workspace
from tests.support.rig import Rig, ended, rig, started

pytestmark = pytest.mark.long

PAGE, LONG = 25, 6
CASES = LONG * PAGE + 10
"""Long enough for the date filter, if so many pages are long."""
RUNS, ITEMS = 30, 4
OPEN = 3
LATER = "2026-10-01T12:00:00.0000000"
CHANGES, EVERYTHING = {"12": "changes"}, {"12": "everything"}


@pytest.fixture(autouse=True)
def lists_are_long_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.qacomplete.read.changes._LONG", LONG)


@asynccontextmanager
async def living(folder: Path, profile: Profile = "strict", *, requirements: int = 0) -> AsyncIterator[Rig]:
    """Serve a project with a long list of tests and some runs, of which a few are open; migrated."""
    data = generate(CASES)
    data.requirements += [Requirement(20_000 + number, 12, f"Do thing {number}") for number in range(requirements)]
    generate_runs(data, RUNS, ITEMS, steps=1)
    for number, run in enumerate(data.runs):
        run.status = "In Progress" if number < OPEN else "Passed"
    async with rig(folder, data, source_options=StandInOptions(profile=profile)) as running:
        running.settings = {"source": {"page_size": PAGE}}
        report = await running.sync()
        assert (report.failures, report.read) == ([], EVERYTHING)
        yield running


@pytest.fixture
async def migrated(tmp_path: Path) -> AsyncIterator[Rig]:
    async with living(tmp_path) as running:
        yield running


def asked(running: Rig) -> Counter[str]:
    """How often the source was asked for each list, and for the items of runs."""
    return Counter({template.partition(" ")[2]: n for template, n in running.source.log.counts.items()})


def of_items(calls: Counter[str]) -> int:
    return sum(count for path, count in calls.items() if path.endswith("items"))


def of_tests(calls: Counter[str]) -> int:
    return sum(count for path, count in calls.items() if path.endswith("tests"))


def edit(running: Rig, count: int) -> list[Test]:
    tests = running.source.data.tests[7 : 7 + count]
    for test in tests:
        test.title, test.date_updated = f"Edited {test.id}", LATER
    return tests


def add(running: Rig, ident: int = 90_001) -> Test:
    data = running.source.data
    data.tests.append(Test(ident, 12, f"New {ident}", folder_id=data.folders[0].id, date_updated=LATER))
    return data.tests[-1]


def one_more(run: TestRun, ident: int, test: Test) -> None:
    """Run one more test in a run of the generator."""
    make, count = run.make_items, run.length()
    assert make is not None
    item = RunItem(ident, test.id, test.title, count + 1, status="Failed")
    run.make_items = lambda start, end: [*make(start, min(end, count)), *([item] if start <= count < end else [])]
    run.count = count + 1


def results(running: Rig) -> int:
    return sum(len(case.results) for run in running.shop.runs.values() for case in run.cases.values())


async def test_what_has_changed_is_read_and_written_and_nothing_else(migrated: Rig) -> None:
    before, writes = asked(migrated), migrated.writes()
    report = await migrated.sync()
    assert (report.read, report.written, migrated.writes()) == (CHANGES, {}, writes)
    calls = asked(migrated) - before
    assert of_items(calls) == OPEN
    # per list of tests that is walked (tests, notes, files): its first page, a self-test, and a day of changes
    assert of_tests(calls) < 3 * LONG
    edit(migrated, 3)
    add(migrated)
    there = results(migrated)
    one_more(migrated.source.data.runs[10], 9_000_001, migrated.source.data.tests[3])
    before = asked(migrated)
    report = await migrated.sync()
    assert report.read == CHANGES
    assert report.written["case"] == {"migrated": 1, "updated": 3}
    assert report.written["result"] == {"migrated": 1}
    assert (report.failures, report.conflicts, report.deletions, report.balanced) == ([], [], [], True)
    assert of_items(asked(migrated) - before) == OPEN + 1
    assert results(migrated) == there + 1
    assert (await migrated.sync()).written == {}
    verified = await migrated.verify()
    assert (verified.missing, verified.different, verified.doubled) == ([], [], [])


async def test_a_deletion_from_a_long_list_shows_by_the_number_of_its_rows(migrated: Rig) -> None:
    gone = migrated.source.data.tests.pop(40)
    add(migrated)
    for read in (CHANGES, EVERYTHING, CHANGES):
        report = await migrated.sync(full=read == EVERYTHING)
        assert (report.read, [entry["title"] for entry in report.deletions]) == (read, [gone.title])
        assert report.balanced
    migrated.source.data.tests.append(gone)
    assert (await migrated.sync()).deletions == []


async def test_what_neither_dates_nor_numbers_show_is_seen_when_everything_is_read(migrated: Rig) -> None:
    gone = migrated.source.data.tests.pop(40)
    add(migrated).date_updated = "2016-06-01T00:00:00.0000000"
    report = await migrated.sync()
    assert (report.read, report.deletions, report.written) == (CHANGES, [], {})
    report = await migrated.sync(full=True)
    assert [entry["title"] for entry in report.deletions] == [gone.title]
    assert report.written == {"case": {"migrated": 1}}
    # and it is remembered by rounds that read changes
    report = await migrated.sync()
    assert (report.read, [entry["title"] for entry in report.deletions]) == (CHANGES, [gone.title])


async def test_a_long_list_of_requirements_loses_none(tmp_path: Path) -> None:
    """They are made of their rows alone, so that no fingerprint says which of them stand."""
    async with living(tmp_path, requirements=CASES) as running:
        for number in range(3):
            changed = running.source.data.requirements[9 + number]
            changed.title, changed.date_updated = f"Changed {number}", LATER
            before = asked(running)
            assert (await running.sync()).read == CHANGES
            with open_workspace(running.folder / "workspace") as workspace:
                rows = workspace.db.execute(
                    "SELECT title FROM item WHERE kind = 'requirement' AND round_id = (SELECT max(id) FROM round)"
                ).fetchall()
            assert len(rows) == CASES
            assert (changed.title,) in rows
        # by then the newest date tells the few that have changed from the many that have not
        lists = asked(running) - before
        assert sum(count for path, count in lists.items() if path.endswith("requirements")) < 3 * (LONG + 1)


async def test_everything_is_read_once_a_day_and_after_a_change_of_settings(migrated: Rig) -> None:
    gone = migrated.source.data.tests.pop(40)
    assert (await migrated.sync()).read == CHANGES
    _yesterday(migrated)
    report = await migrated.sync(dry_run=True)
    assert (report.read, len(report.deletions)) == (EVERYTHING, 1)
    assert report.deletions[0]["title"] == gone.title
    assert (await migrated.sync()).read == CHANGES
    assert (await migrated.sync(final=True)).read == EVERYTHING
    assert (await migrated.sync()).read == CHANGES
    # other runs count as over now, so what was read of them does not stand
    migrated.settings["source"] = {"page_size": PAGE, "final_statuses": ["Passed"]}
    assert (await migrated.sync()).read == EVERYTHING
    assert (await migrated.sync()).read == CHANGES
    assert (await migrated.run()).balanced
    with open_workspace(migrated.folder / "workspace") as workspace:
        assert workspace.books.readings() == EVERYTHING


async def test_a_clock_that_was_set_back_makes_a_round_read_everything(migrated: Rig) -> None:
    with open_workspace(migrated.folder / "workspace") as workspace:
        workspace.db.execute("UPDATE reading SET began = began + 7200")
    assert (await migrated.sync()).read == EVERYTHING


async def test_after_too_many_deletions_everything_is_read_again(migrated: Rig) -> None:
    tests = migrated.source.data.tests
    hidden = tests[60:120]
    del tests[60:120]
    report = await migrated.sync(full=True)
    assert [error["exit_code"] for error in report.refused] == [CeilingReached.exit_code]
    report = await migrated.sync()
    assert len(report.refused) == 1
    # the source shows everything again
    tests.extend(hidden)
    report = await migrated.sync()
    assert (report.refused, report.read, report.deletions, report.written) == ([], EVERYTHING, [], {})
    assert (await migrated.sync()).read == CHANGES


@pytest.mark.parametrize("profile", ["lenient", "odd"])
async def test_other_servers_are_read_no_less_surely(tmp_path: Path, profile: Profile) -> None:
    async with living(tmp_path, profile) as running:
        edit(running, 3)
        add(running)
        one_more(running.source.data.runs[10], 9_000_001, running.source.data.tests[3])
        report = await running.sync()
        assert report.read == CHANGES
        assert report.written["case"] == {"migrated": 1, "updated": 3}
        assert report.written["result"] == {"migrated": 1}
        assert (await running.sync()).written == {}
        assert (await running.sync(full=True)).written == {}


async def test_kills_while_it_reads_and_loads_come_to_the_same(migrated: Rig) -> None:
    chance = random.Random(4)
    for number in range(6):
        edit(migrated, 2 + number)
        for test in migrated.source.data.tests[7 : 9 + number]:
            test.title = f"Edited {number} {test.id}"
        add(migrated, 91_000 + number)
        one_more(migrated.source.data.runs[5 + number], 9_100_000 + number, migrated.source.data.tests[number])
        await _killed(migrated, after=chance.randrange(2, 60))
    # the first ends what was begun before the last edits, perhaps
    await migrated.sync()
    report = await migrated.sync()
    assert (report.failures, report.conflicts, report.balanced) == ([], [], True)
    assert migrated.lost_and_doubled() == ([], [])
    titles = {case.title for case in migrated.shop.cases}
    assert {test.title for test in migrated.source.data.tests} <= titles
    writes = migrated.writes()
    report = await migrated.sync(full=True)
    assert (report.read, report.written, migrated.writes()) == (EVERYTHING, {}, writes)


async def _killed(running: Rig, *, after: int) -> None:
    """Start a sync and end it with SIGKILL once both sides have received so many requests."""

    def received() -> int:
        return running.source.log.counts.total() + running.requests()

    begun = received()
    process = started(running.write_config(), "sync --json")
    waiting = asyncio.create_task(asyncio.to_thread(ended, process))
    while received() - begun < after and not waiting.done():  # noqa: ASYNC110 - the stand-ins count, they do not announce
        await asyncio.sleep(0.003)
    process.send_signal(signal.SIGKILL)
    await waiting


def _yesterday(running: Rig) -> None:
    with open_workspace(running.folder / "workspace") as workspace:
        workspace.db.execute("UPDATE reading SET began = began - 24 * 3600")
