"""Whatever happens to a source between and during rounds: the workspace holds what reading everything would give."""

import random
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.core.base import digest_of
from migrator.core.errors import TemporaryError
from migrator.core.events import ignore
from migrator.core.model import AnyEntity, Folder, Project, Result, TestRun
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.source import Abilities, Earlier, Listed, Record, SourcePage
from migrator.core.ports.traffic import Traffic
from migrator.core.records import Round
from migrator.engine.extract import extract
from migrator.engine.stop import Stop
from state.workspace import Workspace, open_workspace
from tests.support.drafts import ref
from tests.support.history import folder, result, run
from tests.support.properties import examples

_PAGE = 3
_ROUNDS = 7
_RUNS_PREFIX = "qacomplete@acme:run:12/"


@dataclass
class Held:
    """A run of the forest. ``version`` changes with every change that its row shows; ``date`` is when that was."""

    version: int = 1
    date: int = 0
    is_open: bool = False
    is_unreadable: bool = False
    results: dict[int, int] = field(default_factory=dict)

    def row(self) -> list[object]:
        return [self.version, self.is_open, len(self.results)]


@dataclass
class Forest:
    """A source of folders, runs and, beneath each run, results. ``filters``: it can be asked for what has changed.

    ``stop_after``: a stop is requested after so many pages.
    """

    chance: random.Random
    filters: bool
    folders: dict[int, int] = field(default_factory=dict)
    runs: dict[int, Held] = field(default_factory=dict)
    now: int = 0
    stop: Stop = field(default_factory=Stop)
    stop_after: int | None = None
    asked: int = 0
    streams_at_once: int = 1

    @property
    def abilities(self) -> Abilities:
        streams = ("folders", "runs", "results")
        return Abilities(streams=streams, siblings_ordered=False, streams_at_once=self.streams_at_once)

    async def check(self) -> None:
        return

    def waiting_for(self) -> str:
        return ""

    def traffic(self) -> Traffic:
        return Traffic()

    async def project(self, project_id: str) -> Record:
        return _record(Project(ref=ref("project", project_id), title="Shop"))

    async def page(
        self, stream: str, project_id: str, cursor: str | None, earlier: Earlier | None = None
    ) -> SourcePage:
        for _ in range(self.chance.randint(0, 2)):
            await anyio.lowlevel.checkpoint()
        if self.stop_after is not None:
            self.stop_after -= 1
            if self.stop_after < 0:
                self.stop.request()
        if stream == "folders":
            return self._folders(cursor)
        since, _, start = (cursor or "").rpartition("@")
        if cursor is None and earlier and self.filters and (mark := earlier.mark("runs")):
            since = mark
        rows = sorted((n, held) for n, held in self.runs.items() if not since or f"{held.date:06}" >= since)
        first = int(start or 0)
        few = dict(rows[first : first + _PAGE])
        ahead = f"{since}@{first + _PAGE}" if first + _PAGE < len(rows) else None
        markers = {ref("run", "12", str(number)).marker: number for number in few}
        before = earlier.fingerprints(list(markers)) if earlier else {}
        records: list[Record] = []
        listed: list[Listed] = []
        for marker, number in markers.items():
            held = few[number]
            found = digest_of(held.row())
            stands = before.get(marker) == found and not (held.is_open and stream == "results")
            read, whole = ([], True) if stands else self._read(stream, number, held)
            records += read
            listed.append(Listed(marker, found if whole else "", stands))
        return SourcePage(
            tuple(records),
            ahead,
            len(rows) if stream == "runs" and not since else None,
            listed=tuple(listed),
            marks={"runs": max((f"{held.date:06}" for held in few.values()), default="")},
            unlisted=_RUNS_PREFIX if since else "",
        )

    def _folders(self, cursor: str | None) -> SourcePage:
        numbers = sorted(self.folders)
        first = int(cursor or 0)
        records = [_record(_folder(n, self.folders[n])) for n in numbers[first : first + _PAGE]]
        ahead = first + _PAGE
        return SourcePage(tuple(records), str(ahead) if ahead < len(numbers) else None, len(numbers))

    def _read(self, stream: str, number: int, held: Held) -> tuple[list[Record], bool]:
        self.asked += 1
        if stream == "runs":
            return [_record(_run(number, held))], True
        owner = ref("run", "12", str(number))
        found = [Record(one, one.model_dump_json().encode(), owner=owner) for one in _results(number, held)]
        if not held.is_unreadable:
            return found, True
        note = Note(code=NoteCode.ITEMS_INCOMPLETE, marker=owner.marker, message="would not give them")
        return [Record(one.entity, one.raw, (note,), owner=owner) for one in found[:1]], False

    # --- what happens to it -------------------------------------------------------------------------------------------

    def live(self) -> None:
        """Let something happen."""
        self.now += 1
        kind = self.chance.choice(["folder", "fewer", "add", "add", "edit", "edit", "open", "drop", "trouble"])
        numbers = sorted(self.runs)
        if kind == "folder":
            self.folders[self.chance.randrange(8)] = self.now
        elif kind == "fewer" and self.folders:
            self.folders.pop(self.chance.choice(sorted(self.folders)))
        elif kind == "add":
            held = Held(version=self.now, date=self.now, is_open=self.chance.random() < 0.3)
            held.results = {self.chance.randrange(6): self.now for _ in range(self.chance.randrange(4))}
            self.runs[self.chance.randrange(12)] = held
        elif kind == "drop" and numbers and not self.filters:  # with a filter only a reading of everything sees it
            self.runs.pop(self.chance.choice(numbers))
        elif numbers:
            held = self.runs[self.chance.choice(numbers)]
            if kind == "trouble":
                held.is_unreadable = True
            if kind != "open" or held.is_open:
                self._change(held, shown=kind != "open")

    def _change(self, held: Held, *, shown: bool) -> None:
        """Change a run; results of an open one may change without its row. A filter sees what has a new date."""
        held.version = self.now if shown else held.version
        held.date = self.now
        if held.results and self.chance.random() < 0.4:
            held.results.pop(self.chance.choice(sorted(held.results)))
        held.results[self.chance.randrange(6)] = self.now


def _record(entity: AnyEntity) -> Record:
    return Record(entity, entity.model_dump_json().encode())


def _folder(number: int, version: int) -> Folder:
    return folder(number).model_copy(update={"title": f"Folder {number}.{version}"})


def _run(number: int, held: Held) -> TestRun:
    return run(number, title=f"Run {number}.{held.version}", closed=not held.is_open)


def _results(number: int, held: Held) -> list[Result]:
    return [result(one, number, one, f"v{version}") for one, version in sorted(held.results.items())]


def _held(workspace: Workspace, current: Round) -> dict[str, AnyEntity]:
    kinds: Sequence[type[AnyEntity]] = (Folder, TestRun, Result)
    archive = workspace.store.archive
    return {one.ref.marker: one for kind in kinds for one in archive.entities(current, kind)}


def _wanted(forest: Forest) -> dict[str, AnyEntity]:
    entities: Iterable[AnyEntity] = [
        *(_folder(number, version) for number, version in forest.folders.items()),
        *(_run(number, held) for number, held in forest.runs.items()),
        *(one for number, held in forest.runs.items() for one in _results(number, held)),
    ]
    return {one.ref.marker: one for one in entities}


@settings(max_examples=examples(10), deadline=None)
@given(seed=st.integers(0, 10**9), filters=st.booleans())
def test_rounds_that_build_on_each_other_hold_what_reading_everything_gives(seed: int, filters: bool) -> None:
    with tempfile.TemporaryDirectory() as place:
        anyio.run(_rounds, Path(place), random.Random(seed), filters)


async def _rounds(place: Path, chance: random.Random, filters: bool) -> None:
    forest = Forest(chance, filters)
    for _ in range(12):
        forest.live()
    for number in range(_ROUNDS):
        for _ in range(chance.randrange(5)):
            forest.live()
        with open_workspace(place) as workspace:
            reading = workspace.store.archive.reading("12")
            builds = reading is not None and chance.random() < 0.85
            current = workspace.store.rounds.begin("12", reading.round if reading and builds else None)
            assert current.reads_everything is not builds
        current = await _read(place, forest, chance)
        with open_workspace(place) as workspace:
            held = _held(workspace, current)
            in_trouble = {number for number, one in forest.runs.items() if one.is_unreadable}
            assert _sure(held, in_trouble) == _sure(_wanted(forest), in_trouble)
            rows = workspace.db.execute("SELECT marker FROM run_item WHERE round_id = ?", [current.reading])
            assert {marker for (marker,) in rows} == {m for m, one in held.items() if isinstance(one, Result)}
            workspace.store.archive.trust(current, "as ever")
            workspace.store.rounds.enter(current, "done")
        for one in forest.runs.values():
            one.is_unreadable = False
    # what could not be read is read as soon as it can be
    with open_workspace(place) as workspace:
        reading = workspace.store.archive.reading("12")
        assert reading
        workspace.store.rounds.begin("12", reading.round)
    current = await _read(place, forest, chance)
    with open_workspace(place) as workspace:
        assert _held(workspace, current) == _wanted(forest)


async def _read(place: Path, forest: Forest, chance: random.Random) -> Round:
    """Read in as many processes as it takes: each but the last is stopped somewhere."""
    while True:
        forest.stop, forest.stop_after = Stop(), chance.choice([None, None, 0, 1, 3])
        forest.streams_at_once = chance.choice([1, 3])
        with open_workspace(place) as workspace:
            current = workspace.store.rounds.unfinished("12")
            assert current
            if await extract(forest, workspace.store.archive, current, listener=ignore, stop=forest.stop):
                return workspace.store.rounds.enter(current, "plan")


def _sure(entities: dict[str, AnyEntity], in_trouble: set[int]) -> dict[str, AnyEntity]:
    """Leave out the results of runs that could not be read whole."""
    unsure = {f"{_RUNS_PREFIX}{number}" for number in in_trouble}
    return {m: one for m, one in entities.items() if not (isinstance(one, Result) and one.run.marker in unsure)}


async def test_a_round_writes_nothing_of_what_stands(tmp_path: Path) -> None:
    forest = Forest(random.Random(1), filters=False)
    for number in range(9):
        forest.runs[number] = Held(results={1: 1, 2: 1})
    with open_workspace(tmp_path) as workspace:
        archive, rounds = workspace.store.archive, workspace.store.rounds
        first = rounds.begin("12")
        assert await extract(forest, archive, first, listener=ignore, stop=Stop())
        archive.trust(first, "as ever")
        rounds.enter(first, "done")
        asked = forest.asked
        forest.runs[4].version += 1
        second = rounds.begin("12", first.id)
        assert await extract(forest, archive, second, listener=ignore, stop=Stop())
        assert forest.asked - asked == 2
        read = workspace.db.execute("SELECT count(*) FROM entity WHERE seen = ?", [second.id]).fetchone()[0]
        assert read == 1 + 1 + 2  # the project, the run, its results
        assert archive.count(second) == archive.count(first) == 1 + 9 + 18


async def test_a_reading_that_was_left_or_is_not_trusted_is_not_built_on(tmp_path: Path) -> None:
    forest = Forest(random.Random(1), filters=False, runs={1: Held(results={1: 1})})
    with open_workspace(tmp_path) as workspace:
        archive, rounds = workspace.store.archive, workspace.store.rounds
        assert archive.reading("12") is None
        first = rounds.begin("12")
        assert await extract(forest, archive, first, listener=ignore, stop=Stop())
        assert archive.reading("12") is None
        archive.trust(first, "so")
        found = archive.reading("12")
        assert found
        assert (found.round, found.manner) == (first.id, "so")
        # a round that builds on it does not end that; one that reads everything does, from its beginning on
        second = rounds.begin("12", first.id)
        assert archive.reading("12") == found
        archive.trust(second, "other")
        assert archive.reading("12") == found
        third = rounds.begin("12")
        assert archive.reading("12") is None
        archive.trust(third, "so")
        archive.distrust("12")
        assert archive.reading("12") is None


class Stuck(Forest):
    """A source behind something that drops the query: the first page is every page."""

    async def page(
        self, stream: str, project_id: str, cursor: str | None, earlier: Earlier | None = None
    ) -> SourcePage:
        self.asked += 1
        assert self.asked < 50, "it is asked for ever"
        page = await super().page(stream, project_id, None, earlier)
        return SourcePage(page.records, str(self.asked), None, moved=True)


async def test_a_source_that_gives_one_page_for_ever_is_left(tmp_path: Path) -> None:
    stuck = Stuck(random.Random(1), filters=False, folders={1: 1, 2: 1})
    with open_workspace(tmp_path) as workspace:
        current = workspace.store.rounds.begin("12", None)
        with pytest.raises(TemporaryError, match="the same page of the folders again and again"):
            await extract(stuck, workspace.store.archive, current, listener=ignore, stop=Stop())


class Circling(Forest):
    """A source whose cursors lead back: to themselves, or two pages round; without any items."""

    circle: Sequence[str] = ()

    async def page(
        self, stream: str, project_id: str, cursor: str | None, earlier: Earlier | None = None
    ) -> SourcePage:
        self.asked += 1
        assert self.asked < 50, "it is asked for ever"
        return SourcePage((), self.circle[self.asked % len(self.circle)], None)


@pytest.mark.parametrize("circle", [("a",), ("a", "b")])
async def test_a_source_whose_cursors_lead_back_is_named(tmp_path: Path, circle: Sequence[str]) -> None:
    source = Circling(random.Random(1), filters=False, folders={1: 1})
    source.circle = circle
    with open_workspace(tmp_path) as workspace:
        current = workspace.store.rounds.begin("12", None)
        with pytest.raises(TemporaryError, match="the same cursor of the stream folders again") as caught:
            await extract(source, workspace.store.archive, current, listener=ignore, stop=Stop())
    connector = (await source.project("12")).entity.ref.connector
    assert f"the connector {connector} names" in str(caught.value)
