"""Two loads of one project: who may write, whatever the moments at which they begin."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import cast

import anyio
import pytest

from migrator.core.drafts import FolderDraft
from migrator.core.errors import DestinationBusy, OutcomeUnknown, TemporaryError
from migrator.core.events import ignore
from migrator.core.ports.destination import Destination, Hooks
from migrator.core.ports.mapping import Mapped
from migrator.core.records import Holding, LedgerEntry, PlannedItem
from migrator.core.views import FolderView
from migrator.engine.context import Context
from migrator.engine.job import Job
from migrator.engine.load.card import Card
from migrator.engine.stop import Stop
from state.workspace import Workspace, open_workspace
from tests.support.drafts import planned_case, ref

THEIRS = "<p>of a colleague</p>"
SETTLE = 60.0
pytestmark = pytest.mark.quick_clock


class FakeFolders:
    """One folder with a comment; a request and its answer take a moment each."""

    def __init__(self, comment: str = "", latency: float = 0.0) -> None:
        self.comment = comment
        self.latency = latency
        self.shows = True
        self.empties = True
        self.writes = 0
        self.at_work = 0
        self.most_at_work = 0
        self.stood_there = ""

    async def folders(self, _code: str) -> Sequence[FolderView]:
        await anyio.sleep(self.latency)
        return [FolderView(id=70, parent_id=None, title="A", comment=self.comment if self.shows else None)]

    async def folder(self, code: str, _folder: int) -> FolderView | None:
        (found,) = await self.folders(code)
        await anyio.sleep(self.latency)
        return found

    async def comment_on_folder(self, _code: str, path: Sequence[str], comment: str, hooks: Hooks) -> None:
        assert path == ("A",)
        await hooks.before_send()
        await anyio.sleep(self.latency)
        self.writes += 1
        if comment or self.empties:
            self.comment = comment
        await anyio.sleep(self.latency)

    async def work(self, seconds: float = 5.0) -> bool:
        """Write into the project for a while, as if alone."""
        self.stood_there = self.comment
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        await anyio.sleep(seconds)
        self.at_work -= 1
        return True


def planned(workspace: Workspace) -> Workspace:
    folder = ref("folder", "12", "7").marker
    draft = FolderDraft(marker=folder, path=("A",))
    holding = Holding(LedgerEntry(folder, "folder", "70", None, draft.digest), draft, None)
    items = [PlannedItem(Mapped(folder, "folder", "A"), "migrated", holding=holding), planned_case(1)]
    workspace.store.planning.put_items(workspace.store.rounds.begin("12"), items)
    return workspace


def card(workspace: Workspace, fake: FakeFolders, stop: Stop | None = None, settle: float = SETTLE) -> Card:
    job = Job("12", "SHOP", True, False, "a@b:", lambda _people, _view: pytest.fail("no mapping"), 4, settle)
    return Card(Context(workspace.store, cast(Destination, fake), job, ignore, stop or Stop()))


@pytest.fixture
def open_one(tmp_path: Path) -> Iterator[Callable[[], Workspace]]:
    with ExitStack() as stack:
        yield lambda: planned(stack.enter_context(open_workspace(Path(tmp_path, str(len(list(tmp_path.iterdir())))))))


@pytest.mark.parametrize("offset", [0, 0.05, 0.5, 2, 15])
async def test_of_two_at_most_one_writes_whenever_they_begin(open_one: Callable[[], Workspace], offset: float) -> None:
    fake = FakeFolders(THEIRS, latency=0.2)
    ended: list[bool] = []

    async def operate(workspace: Workspace, delay: float) -> None:
        await anyio.sleep(delay)
        try:
            ended.append(await card(workspace, fake).held(lambda: fake.work(SETTLE / 2)))
        except DestinationBusy:
            ended.append(False)

    async with anyio.create_task_group() as group:
        group.start_soon(operate, open_one(), 0)
        group.start_soon(operate, open_one(), offset)
    assert (fake.most_at_work, fake.comment) == (1, THEIRS)
    assert any(ended)


async def test_somebody_at_work_stops_the_next_one_with_words_about_him(open_one: Callable[[], Workspace]) -> None:
    fake = FakeFolders(THEIRS)
    first, second = open_one(), open_one()
    async with anyio.create_task_group() as group:
        group.start_soon(lambda: card(first, fake).held(lambda: fake.work(SETTLE)))
        await anyio.sleep(SETTLE / 6)
        with pytest.raises(DestinationBusy) as raised:
            await card(second, fake).held(fake.work)
    assert "A migration writes into this project since" in (raised.value.cause or "")
    assert (fake.most_at_work, fake.comment) == (1, THEIRS)


@pytest.mark.parametrize("is_own", [True, False])
async def test_the_card_of_a_load_that_was_killed_holds_nobody_up_for_ever(
    open_one: Callable[[], Workspace], is_own: bool
) -> None:
    fake = FakeFolders()
    killed = open_one()
    await card(killed, fake).held(fake.work)
    fake.comment = fake.stood_there
    assert await card(killed if is_own else open_one(), fake).held(fake.work)
    assert fake.comment == ""


async def test_who_was_held_while_another_took_his_place_stops(open_one: Callable[[], Workspace]) -> None:
    fake = FakeFolders()
    await card(open_one(), fake).held(fake.work)
    of_other = fake.stood_there
    stop = Stop()

    async def work() -> bool:
        fake.comment = of_other
        await stop.wait()
        return False

    with pytest.raises(DestinationBusy):
        await card(open_one(), fake, stop).held(work)
    assert fake.comment == of_other


async def test_where_comments_are_not_shown_there_is_no_card(open_one: Callable[[], Workspace]) -> None:
    fake = FakeFolders()
    fake.shows = False
    assert await card(open_one(), fake).held(fake.work)
    assert fake.writes == 0


async def test_where_a_comment_cannot_be_emptied_words_stay_that_are_no_card(open_one: Callable[[], Workspace]) -> None:
    fake = FakeFolders()
    fake.empties = False
    assert await card(open_one(), fake).held(fake.work)
    assert fake.comment == "<p>A migration has ended.</p>"
    assert await card(open_one(), fake, settle=60).held(fake.work)


async def test_what_ends_a_load_takes_the_card_away_and_is_raised(open_one: Callable[[], Workspace]) -> None:
    fake = FakeFolders()

    async def work() -> bool:
        raise TemporaryError("no network")

    with pytest.raises(TemporaryError):
        await card(open_one(), fake).held(work)
    assert (fake.writes, fake.comment) == (2, "")


async def test_a_card_that_was_left_at_the_very_end_is_taken_away_though_nothing_is_to_be_created(
    open_one: Callable[[], Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeFolders()
    workspace = open_one()

    async def killed(*_args: object) -> None:
        raise TemporaryError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(Card, "_take_away", killed)
        with pytest.raises(TemporaryError):
            await card(workspace, fake).held(fake.work)
    assert fake.comment != ""
    workspace.db.execute("DELETE FROM operation")
    assert await card(workspace, fake).held(fake.work)
    assert fake.comment == ""
    writes = fake.writes
    assert await card(workspace, fake).held(fake.work)
    assert fake.writes == writes


class LateFolders(FakeFolders):
    """Does not answer the first renewal, and carries it out after the card was taken away."""

    late = ""
    is_late = True

    async def comment_on_folder(self, code: str, path: Sequence[str], comment: str, hooks: Hooks) -> None:
        if self.is_late and self.stood_there:
            self.late, self.is_late = comment, False
            raise OutcomeUnknown("no answer")
        await super().comment_on_folder(code, path, comment, hooks)
        if "(card" not in comment and self.late:
            self.comment, self.late = self.late, ""


@pytest.mark.parametrize("theirs", ["", THEIRS])
async def test_a_renewal_that_comes_late_leaves_no_card_for_good(
    open_one: Callable[[], Workspace], theirs: str
) -> None:
    fake, workspace = LateFolders(theirs), open_one()
    assert await card(workspace, fake).held(lambda: fake.work(SETTLE / 2))
    assert fake.late == ""
    workspace.db.execute("DELETE FROM operation")
    assert await card(workspace, fake).held(fake.work)
    assert fake.comment == theirs


async def test_a_load_that_ends_while_its_card_is_renewed_leaves_nothing_to_look_for(
    open_one: Callable[[], Workspace],
) -> None:
    fake, workspace = FakeFolders(latency=0.2), open_one()
    # look, renewal on its way, and answer on its way: the load ends in the midst of each
    for seconds in (0.2, 0.5, 0.7):
        assert await card(workspace, fake).held(partial(fake.work, SETTLE / 3 + seconds))
        assert not workspace.store.epoch.leaves_card
        assert fake.comment == ""


async def test_a_renewal_without_an_answer_does_not_hold_up_the_end(open_one: Callable[[], Workspace]) -> None:
    fake, workspace = FakeFolders(), open_one()

    async def work() -> bool:
        fake.latency = SETTLE
        return await fake.work(SETTLE / 3 * 7)

    with anyio.fail_after(SETTLE * 4):
        assert await card(workspace, fake).held(work)
    assert workspace.store.epoch.leaves_card


async def test_nothing_to_create_takes_no_card(tmp_path: Path) -> None:
    fake = FakeFolders()
    with open_workspace(tmp_path) as workspace:
        assert await card(workspace, fake).held(fake.work)
    assert fake.writes == 0
