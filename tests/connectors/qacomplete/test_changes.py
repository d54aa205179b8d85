"""What is not read again: lists by the date filter where it is seen to work, runs by fingerprint, the rest by counters.

Whatever the server does, what stands and what is read again are together what a reading of everything finds.
"""

import random
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.qacomplete.sandbox import QACompleteStandIn, Test, build, demo_data, generate
from connectors.qacomplete.sandbox.data import SeedData
from connectors.qacomplete.sandbox.filters import DateLiterals
from connectors.qacomplete.sandbox.generate_runs import generate_runs
from connectors.qacomplete.sandbox.items import Note
from connectors.qacomplete.sandbox.runs import RunItem, TestRun
from connectors.qacomplete.sandbox.switches import Switches
from connectors.qacomplete.source import QACompleteSource
from migrator.standin.serve import serve
from migrator.testing.readings import Kept, Reading
from tests.support.properties import examples
from tests.support.qacomplete import open_source

pytestmark = pytest.mark.long

LONG = 260
"""Rows that are more than ten pages of the smallest size."""
NEW = "2026-10-01T12:00:00.0000000"


@dataclass
class Reader:
    """Reads one stream of a stand-in by programs that are started anew each time."""

    stand_in: QACompleteStandIn
    url: str
    reading: Reading

    def open(self) -> AbstractAsyncContextManager[QACompleteSource]:
        return open_source(self.url, page_size=25)

    def asked(self) -> int:
        """How many requests the stand-in has received."""
        return self.stand_in.log.counts.total()

    async def whole(self) -> int:
        """Read everything; return the requests."""
        before = self.asked()
        async with self.open() as source:
            self.reading = await Reading("12", self.reading.stream).whole(source)
        return self.asked() - before

    async def again(self) -> int:
        """Read again; return the requests, and compare with reading everything."""
        before = self.asked()
        async with self.open() as source:
            await self.reading.again(source)
        requests = self.asked() - before
        async with self.open() as source:
            everything = await Reading("12", self.reading.stream).whole(source)
        assert self.reading.entities() == everything.entities()
        return requests


@asynccontextmanager
async def reading(stream: str, data: SeedData, switches: Switches | None = None) -> AsyncIterator[Reader]:
    """Read a stream whole, and give what reads it again."""
    stand_in = build(data=data, switches=switches or Switches(date_literals="both"))
    async with serve(stand_in.app) as url:
        reader = Reader(stand_in, url, Reading("12", stream))
        await reader.whole()
        yield reader


def edit(data: SeedData, count: int = 3) -> None:
    for test in data.tests[5 : 5 + count]:
        test.title, test.date_updated = f"Edited {test.id}", NEW


def add(data: SeedData) -> None:
    data.tests.append(Test(90_001, 12, "New", folder_id=data.folders[0].id, date_updated=NEW))


# --- the date filter --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dates", ["both", "us"])
async def test_of_a_long_list_only_what_has_changed_is_read(dates: DateLiterals) -> None:
    async with reading("tests", generate(LONG), Switches(date_literals=dates)) as reader:
        edit(reader.stand_in.data)
        add(reader.stand_in.data)
        # the first page, the self-test, what has changed, and not the eleven pages of the whole list
        assert await reader.again() <= 7
        titles = [record.entity.title for record in reader.reading.records.values()]
        assert sum(title.startswith("Edited") for title in titles) == 3
        assert "New" in titles


@pytest.mark.parametrize(
    "switches",
    [
        Switches(date_literals="none"),
        # day for month: refused on the 31st, and never trusted
        Switches(date_literals="swapped"),
        Switches(filters="refused"),
        # answers everything, whatever is asked for
        Switches(filters="ignored"),
    ],
    ids=["none", "swapped", "refused", "ignored"],
)
async def test_without_a_filter_that_is_seen_to_work_the_whole_list_is_read(switches: Switches) -> None:
    async with reading("tests", generate(LONG), switches) as reader:
        edit(reader.stand_in.data)
        add(reader.stand_in.data)
        del reader.stand_in.data.tests[20]
        assert await reader.again() >= LONG // 25


async def test_a_row_without_a_date_keeps_the_filter_from_being_trusted() -> None:
    data = generate(LONG)
    data.tests[40].date_updated = "0001-01-01T00:00:00.0000000"
    async with reading("tests", data) as reader:
        data.tests[40].title = "Changed without a date"
        assert await reader.again() >= LONG // 25


async def test_a_date_of_the_future_does_not_hide_what_changes_until_then() -> None:
    data = generate(LONG)
    data.tests[7].date_updated = "2199-01-01T00:00:00.0000000"
    async with reading("tests", data) as reader:
        data.tests[9].title = "Changed"
        data.tests[9].date_updated = "2190-06-01T00:00:00.0000000"
        assert await reader.again() <= 7
        assert any(record.entity.title == "Changed" for record in reader.reading.records.values())


async def test_a_short_list_is_read_whole_so_that_deletions_show_at_once() -> None:
    async with reading("tests", generate(60)) as reader:
        del reader.stand_in.data.tests[-1]
        await reader.again()
        assert len(reader.reading.records) == 59


async def test_when_much_has_changed_the_whole_list_is_read() -> None:
    async with reading("tests", generate(LONG)) as reader:
        edit(reader.stand_in.data, 200)
        assert await reader.again() >= LONG // 25


async def test_another_program_goes_on_in_the_middle_of_what_has_changed() -> None:
    async with reading("tests", generate(LONG)) as reader:
        edit(reader.stand_in.data, 80)
        async with reader.open() as source:
            first = await source.page("tests", "12", None, reader.reading.kept)
        assert first.next_cursor is not None
        assert first.unlisted == "qacomplete@acme:test:12/"
        async with reader.open() as other:
            second = await other.page("tests", "12", first.next_cursor, reader.reading.kept)
            # without what is known, too: the cursor says what was asked for
            assert (await other.page("tests", "12", first.next_cursor, Kept())).next_cursor == second.next_cursor
        assert second.unlisted == first.unlisted
        numbers = [{one.marker for one in page.listed} for page in (first, second)]
        assert not numbers[0] & numbers[1]


# --- what is asked item by item ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", ["tests", "test_sets", "runs", "results", "notes", "links", "attachments"])
@pytest.mark.parametrize("switches", [Switches(), Switches(steps_in_lists="none", steps_in_run_lists=False)])
async def test_what_is_as_it_was_is_not_asked_again(stream: str, switches: Switches) -> None:
    async with reading(stream, demo_data(), switches) as reader:
        everything = reader.asked()
        requests = await reader.again()
        open_runs = sum(
            run.status not in ("Passed", "Failed") for run in reader.stand_in.data.runs if run.project_id == 12
        )
        assert requests <= everything
        paths = [entry.path for entry in list(reader.stand_in.log.last)[everything : everything + requests]]
        items = [path for path in paths if path.rstrip("/").rpartition("/")[2] in ("notes", "linkeditems", "files")]
        assert items == []
        assert sum("/testruns/" in path for path in paths) <= (open_runs + 20 if stream == "results" else 0)


@pytest.mark.parametrize("steps", [True, False])
async def test_a_run_that_has_changed_is_read_again_and_its_neighbours_are_not(steps: bool) -> None:
    data = generate(30)
    generate_runs(data, 60, 5)
    for run in data.runs:
        run.status = "Passed"
    async with reading("results", data, Switches(steps_in_run_lists=steps)) as reader:
        changed = data.runs[17]
        item = RunItem(9_999_999, data.tests[3].id, data.tests[3].title, 6, status="Failed")
        make = changed.make_items
        assert make is not None
        changed.make_items = lambda start, end: [*make(start, min(end, 5)), *([item] if end > 5 else [])]
        changed.count = 6
        before = len(reader.reading.records)
        requests = await reader.again()
        assert len(reader.reading.records) == before + 1
        pages_of_runs = 4
        assert requests <= pages_of_runs + (1 if steps else 1 + 6)


async def test_a_run_that_is_open_is_always_read_again() -> None:
    data = generate(30)
    generate_runs(data, 4, 5)
    for run, status in zip(data.runs, ("Passed", "In Progress", "Failed", "Awaiting Run"), strict=True):
        run.status = status
    async with reading("results", data) as reader:
        assert await reader.again() == 1 + 2


async def test_a_note_shows_by_the_counter_of_its_item() -> None:
    data = demo_data()
    async with reading("notes", data) as reader:
        before = len(reader.reading.records)
        test = data.tests_of(12)[0]
        data.notes.append(Note(77_001, 12, "tests", test.id, "A word more"))
        await reader.again()
        assert len(reader.reading.records) == before + 1


@pytest.mark.parametrize("stream", ["notes", "attachments", "links"])
async def test_a_long_list_is_not_walked_for_what_hangs_on_a_few_items(stream: str) -> None:
    data = generate(3 * LONG, items=5)
    async with reading(stream, data) as reader:
        test = data.tests[3]
        test.date_updated = NEW
        data.notes.append(Note(77_001, 12, "tests", test.id, "A word more"))
        everything = await Reader(reader.stand_in, reader.url, Reading("12", stream)).whole()
        assert await reader.again() < everything / 2


async def test_what_could_not_be_read_is_asked_for_again() -> None:
    data = generate(30)
    items = [RunItem(number, test.id, test.title, number) for number, test in enumerate(data.tests[:5], start=1)]
    data.runs = [TestRun(7, 12, set_id=1, set_name="Set", status="Passed", started=NEW, items=items)]
    items[2].unreadable = True
    async with reading("results", data, Switches(steps_in_run_lists=False)) as reader:
        assert [len(record.notes) for record in reader.reading.records.values()] == [0, 0, 1, 0, 0]
        items[2].unreadable = False
        assert await reader.again() > 1
        assert [len(record.notes) for record in reader.reading.records.values()] == [0, 0, 0, 0, 0]
        assert await reader.again() == 1


# --- clocks -----------------------------------------------------------------------------------------------------------

DENVER = ZoneInfo("America/Denver")
NIGHTS = (datetime(2026, 3, 8, 8, tzinfo=UTC), datetime(2026, 11, 1, 7, tzinfo=UTC))
"""One hour before Denver leaves out an hour, and before it has one twice."""


@settings(max_examples=examples(3), deadline=None)
@given(seed=st.integers(0, 10**9))
def test_no_clock_hides_a_change_from_the_date_filter(seed: int) -> None:
    anyio.run(_live_through_a_night, random.Random(seed))


async def _live_through_a_night(chance: random.Random) -> None:
    data = generate(LONG)
    for test in data.tests:
        test.make_steps = None  # they are most of a row, and no part of the question
    moment = chance.choice(NIGHTS) - timedelta(hours=chance.randrange(6))
    async with reading("tests", data) as reader:
        filtered = 0
        for number in range(6):
            moment += timedelta(minutes=chance.choice([5, 15, 40, 60, 90, 600]))
            for _ in range(chance.randrange(4)):
                test = chance.choice(data.tests)
                test.title = f"{number} {chance.random()}"
                # several servers write into one database, and their clocks differ
                skewed = (moment + timedelta(minutes=chance.randint(-90, 90))).astimezone(DENVER)
                test.date_updated = f"{skewed:%Y-%m-%dT%H:%M:%S}.0000000"
            filtered += await reader.again() < LONG // 25
        assert filtered


async def test_a_date_that_is_none_makes_the_whole_list_be_read() -> None:
    data = generate(LONG)
    data.tests[7].date_updated = "9026-13-45T00:00:00.0000000"
    async with reading("tests", data) as reader:
        edit(data)
        assert await reader.again() >= LONG // 25
