"""The skeleton of all loaders, with cases, a QA Sphere in memory, and clocks that nobody can trust."""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.core.drafts import CaseDraft, FileDraft, FromAttachment
from migrator.core.errors import DestinationBusy, MigratorError, TemporaryError
from migrator.core.events import Event, Progressed
from migrator.core.ports.destination import Hooks
from migrator.core.ports.mapping import Mapped
from migrator.core.records import Operation, PlannedItem
from migrator.core.text import file_link
from migrator.core.views import Created, StoredFile
from migrator.engine.load.lookup import LostAnswers
from migrator.engine.load.watchdog import Watchdog
from migrator.engine.load.workers import LIMIT, StreamStopped
from state.workspace import Workspace, open_workspace
from tests.support.drafts import case_draft, ref
from tests.support.memory_cases import FakeQASphere, LoadRig, Outcome
from tests.support.properties import examples


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with open_workspace(tmp_path) as opened:
        yield opened


OUTCOMES: tuple[Outcome, ...] = ("lost", "copied", "never", "late", "clash", "refused")


@given(outcomes=st.dictionaries(st.integers(1, 12), st.sampled_from(OUTCOMES)), keyed=st.booleans())
@settings(max_examples=examples(12), deadline=None)
async def test_whatever_becomes_of_requests_each_case_is_there_once_or_fails_by_name(
    tmp_path_factory: pytest.TempPathFactory, outcomes: dict[int, Outcome], keyed: bool
) -> None:
    fake = FakeQASphere({f"Case {number}": outcome for number, outcome in outcomes.items()}, keyed=keyed)
    with open_workspace(tmp_path_factory.mktemp("loader")) as workspace:
        rig = LoadRig(workspace, fake, range(1, 13))
        await rig.load()
        failed = {f"Case {number}" for number, outcome in outcomes.items() if outcome == "refused"}
        copies = [f"Case {number}" for number, outcome in outcomes.items() if outcome == "copied"]
        wanted = [f"Case {number}" for number in range(1, 13) if f"Case {number}" not in failed]
        assert fake.titles() == sorted(wanted + copies)
        assert {title for title, state in rig.states().items() if state == "failed"} == failed
        assert set(rig.states().values()) <= {"done", "failed"}


async def test_what_is_not_there_is_sent_again_after_two_look_ups_only(workspace: Workspace) -> None:
    fake = FakeQASphere({"Case 1": "never"})
    await LoadRig(workspace, fake, [1]).load()
    assert (fake.creates, fake.look_ups, fake.titles()) == (2, 2, ["Case 1"])


@pytest.mark.parametrize("step", [3600.0, -3600.0])
def test_the_wall_clock_decides_nothing(monkeypatch: pytest.MonkeyPatch, step: float) -> None:
    now = [100.0]
    real = time.time
    lost = LostAnswers(90, lambda: now[0])
    draft = case_draft(1)
    operation = Operation(
        Mapped(draft.marker, "case", draft.title, "draft", draft), 1, "12", draft.folder, 1, "unknown"
    )
    lost.add(operation)
    monkeypatch.setattr(time, "time", lambda: real() + step)
    now[0] += 5
    assert lost.due() == [operation]
    assert not lost.missed(operation)
    assert lost.due() == []
    now[0] += 90
    assert lost.due() == [operation]
    assert lost.missed(operation)


async def test_a_row_of_refusals_with_one_cause_stops_the_load(workspace: Workspace) -> None:
    numbers = range(1, LIMIT + 30)
    rig = LoadRig(workspace, FakeQASphere({f"Case {number}": "refused" for number in numbers if number > 1}), numbers)
    with pytest.raises(StreamStopped):
        await rig.load()
    states = list(rig.states().values())
    assert states.count("done") == 1
    assert states.count("planned") > 0


# --- files ------------------------------------------------------------------------------------------------------------


def file_draft_of(marker: str, owner: CaseDraft) -> FileDraft:
    return FileDraft(marker=marker, owner=owner.marker, name="a file", content=FromAttachment(marker=marker))


async def test_a_file_that_arrives_sends_its_case_and_asks_nothing_of_the_database_for_the_others(
    workspace: Workspace,
) -> None:
    numbers, fake = range(1, 41), FakeQASphere({})
    rig = LoadRig(workspace, fake, [])
    files = {number: ref("attachment", "12", str(number)).marker for number in numbers}
    drafts = [
        case_draft(number).model_copy(update={"precondition": file_link(marker, "a file")})
        for number, marker in files.items()
    ]
    items = [
        PlannedItem(Mapped(draft.marker, "case", draft.title, "draft", draft), "pending", need=draft.folder)
        for draft in drafts
    ]
    items += [
        PlannedItem(Mapped(marker, "file", "a file", "draft", file_draft_of(marker, drafts[0])), "pending")
        for marker in files.values()
    ]
    workspace.store.planning.put_items(rig.round, items)
    loader, journal = rig.loader(), workspace.store.journal
    asked: list[str] = []
    workspace.db.conn.set_trace_callback(asked.append)
    most = 0
    async with anyio.create_task_group() as group:
        group.start_soon(loader.load)
        await anyio.sleep(0.05)
        assert fake.creates == 0
        for count, number in enumerate(numbers, start=1):
            operation = workspace.store.history.operation(files[number], "create")
            assert operation
            journal.done(operation, Created(str(number)), "migrated")
            workspace.store.files.put_stored(
                "12", files[number], StoredFile(id=str(number), name="a file", media_type="text/plain", size=1)
            )
            before = len(asked)
            loader.needs.ended([files[number]])
            while len(fake.titles()) < count:
                await anyio.lowlevel.checkpoint()
            if 2 < count < 40:
                most = max(most, len(asked) - before)
        loader.needs.over()
    assert fake.titles() == sorted(f"Case {number}" for number in numbers)
    assert most < 30


# --- power cuts -------------------------------------------------------------------------------------------------------


class PowerCuts:
    """What a power cut would leave of a database: what lay there when the last flush began that has ended."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._folder = folder
        self._begun = 0
        self._last = 0
        self.flushes = 0
        monkeypatch.setattr(os, "fsync", self._fsync)

    def _fsync(self, _file: int) -> None:
        self._begun += 1
        kept = self._folder.with_name(f"flush-{self._begun}")
        shutil.copytree(self._folder, kept)
        time.sleep(0.003)
        self._last, self.flushes = self._begun, self.flushes + 1

    def states(self) -> dict[str, str]:
        kept = self._folder.with_name(f"flush-{self._last}")
        with closing(sqlite3.connect(kept / "migration.db")) as db:
            return dict(db.execute("SELECT title, state FROM operation").fetchall())


async def test_a_power_cut_finds_the_intent_of_everything_that_has_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeQASphere({})
    original = fake.create_case
    with open_workspace(tmp_path / "workspace") as workspace:
        rig = LoadRig(workspace, fake, range(1, 31))
        cuts = PowerCuts(monkeypatch, tmp_path / "workspace")

        async def create_case(
            code: str, folder: int, draft: CaseDraft, files: Sequence[StoredFile], hooks: Hooks
        ) -> Created:
            async def leave() -> None:
                await hooks.before_send()
                assert cuts.states()[draft.title] == "sending"

            return await original(code, folder, draft, files, Hooks(leave, hooks.sent))

        fake.create_case = create_case  # type: ignore[method-assign, assignment]
        await rig.load()
    assert len(fake.titles()) == 30
    assert cuts.flushes < 30  # several intents share one


# --- others -----------------------------------------------------------------------------------------------------------


async def test_what_is_newer_than_the_workspace_is_adopted_not_made_again(workspace: Workspace) -> None:
    fake = FakeQASphere({})
    rig = LoadRig(workspace, fake, range(1, 5))
    for number in (1, 2, 3):
        fake.put(case_draft(number))
    await rig.others.refuse_if_at_work()
    await rig.load()
    assert fake.titles() == [f"Case {number}" for number in range(1, 5)]
    assert fake.creates == 1
    assert workspace.store.ledger.count("12", "case") == 4


async def test_who_comes_while_somebody_writes_stops_before_the_first_request(workspace: Workspace) -> None:
    fake = FakeQASphere({})
    rig = LoadRig(workspace, fake, range(1, 9))
    fake.put(case_draft(1))

    async def write() -> None:
        for number in range(2, 9):
            await anyio.sleep(0.01)
            fake.put(case_draft(number))

    async with anyio.create_task_group() as group:
        group.start_soon(write)
        with pytest.raises(DestinationBusy) as raised:
            await rig.others.refuse_if_at_work()
    assert raised.value.exit_code == 10
    assert fake.creates == 0


async def test_what_comes_between_the_question_and_the_first_case_stops_the_load(workspace: Workspace) -> None:
    fake = FakeQASphere({})
    rig = LoadRig(workspace, fake, range(1, 9))
    await rig.others.refuse_if_at_work()
    fake.put(case_draft(1))
    with pytest.raises(DestinationBusy):
        await rig.load()
    assert fake.creates == 0


async def test_of_two_who_begin_at_once_the_later_one_stops_after_one_case(workspace: Workspace) -> None:
    fake = FakeQASphere({})
    rig = LoadRig(workspace, fake, range(1, 31))
    original = fake.create_case

    async def create_case(*request: object) -> Created:
        if not fake.cases_there:
            fake.put(case_draft(1))  # the other one was faster
        return await original(*request)  # type: ignore[arg-type]

    fake.create_case = create_case  # type: ignore[method-assign, assignment]
    with pytest.raises(DestinationBusy) as raised:
        await rig.load()
    assert len(fake.cases_there) == 2
    # the first one counts from now on, and the other is named
    marker = case_draft(1).marker
    assert workspace.store.ledger.entries([marker])[marker].id == "c1"
    assert "there for good: 2" in raised.value.cause


async def test_a_colleagues_copy_of_a_case_stops_nobody(workspace: Workspace) -> None:
    fake = FakeQASphere({})
    rig = LoadRig(workspace, fake, range(1, 120))
    original = fake.create_case

    async def create_case(*request: object) -> Created:
        created = await original(*request)  # type: ignore[arg-type]
        if created.seq == 10:
            fake.put(case_draft(int(fake.cases_there[0].title.split()[1])))
        return created

    fake.create_case = create_case  # type: ignore[method-assign, assignment]
    await rig.load()
    assert len(fake.cases_there) == 120


# --- it always ends ---------------------------------------------------------------------------------------------------


async def test_work_that_stands_still_ends_and_says_what_it_waited_for() -> None:
    events: list[Event] = []
    watchdog = Watchdog(events.append, lambda: "", patience=0.02)

    async def stuck() -> None:
        while True:
            watchdog.listen(Progressed("load", "12", 3, 60, "files"))
            await anyio.sleep(0.005)

    with pytest.raises(TemporaryError) as raised:
        await watchdog.guard(stuck)
    assert raised.value.exit_code == 5
    assert "load 3 of 60 waits for files" in raised.value.cause
    assert events


async def test_work_that_moves_or_waits_for_qa_sphere_is_left_alone() -> None:
    waits = [""]
    watchdog = Watchdog(lambda _event: None, lambda: waits[0], patience=0.02)

    async def slow() -> str:
        for done in range(10):
            watchdog.listen(Progressed("load", "12", done, 10))
            await anyio.sleep(0.01)
        waits[0] = "QA Sphere wants a pause"
        await anyio.sleep(0.1)
        return "done"

    assert await watchdog.guard(slow) == "done"

    async def failing() -> None:
        raise MigratorError("no")

    with pytest.raises(MigratorError, match="no"):
        await watchdog.guard(failing)
