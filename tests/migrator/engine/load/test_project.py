"""The destination project is created once, whatever becomes of the answer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, cast

import pytest

from migrator.core.drafts import ProjectDraft
from migrator.core.errors import ConfigError, OutcomeUnknown, Rejected, StalePlan, TemporaryError
from migrator.core.events import ignore
from migrator.core.ports.destination import Destination, Hooks
from migrator.core.ports.mapping import Mapped
from migrator.core.records import PlannedItem
from migrator.core.views import Created, ProjectView
from migrator.engine.context import Context
from migrator.engine.job import Job
from migrator.engine.load.project import ProjectLoader
from migrator.engine.stop import Stop
from state.workspace import Workspace, open_workspace
from tests.support.drafts import ref

DRAFT = ProjectDraft(marker=ref("project", "12").marker, code="SHOP", title="Web shop")
THERE = ProjectView(id="p1", code="SHOP", title="Web shop", archived=False, address="https://qas.example/project/SHOP")
Outcome = Literal["stored", "lost", "never", "late", "refused", "down"]


class FakeQASphere:
    """Creates the project as it was told to, then as it should. ``late``: stored once it was looked up."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.view: ProjectView | None = None
        self.creates = 0
        self.look_ups = 0
        self.is_coming = False

    async def project(self, _code: str) -> ProjectView | None:
        self.look_ups += 1
        view = self.view
        if self.is_coming:
            self.view = THERE
        return view

    async def create_project(self, _draft: ProjectDraft, hooks: Hooks) -> Created:
        await hooks.before_send()
        self.creates += 1
        outcome, self.outcome = self.outcome, "stored"
        match outcome:
            case "refused":
                raise Rejected("not wanted", status=403)
            case "down":
                raise TemporaryError("down")
            case "stored" | "lost":
                self.view = THERE
            case "late":
                self.is_coming = True
        if outcome != "stored":
            raise OutcomeUnknown("no answer")
        return Created("p1")

    def waiting_for(self) -> str:
        return ""


class World:
    """A workspace in which a project is planned."""

    def __init__(self, workspace: Workspace) -> None:
        self.store, self.db = workspace.store, workspace.db
        item = PlannedItem(Mapped(DRAFT.marker, "project", DRAFT.title, "draft", DRAFT), "pending")
        self.store.planning.put_items(self.store.rounds.begin("12"), [item])
        self.stop = Stop()

    async def load(self, fake: FakeQASphere) -> ProjectView | None:
        job = Job("12", "SHOP", True, True, "qacomplete@acme:", lambda _people, _view: pytest.fail("no"), 4, 0.05)
        context = Context(self.store, cast(Destination, fake), job, ignore, self.stop)
        return await ProjectLoader(context).project_there()

    def state(self) -> tuple[str, bool]:
        """Return the state of the create, and whether the ledger has the project."""
        (state,) = self.db.execute("SELECT state FROM operation").fetchone()
        return state, bool(self.store.ledger.entries([DRAFT.marker]))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_workspace(tmp_path) as opened:
        yield World(opened)


@pytest.mark.parametrize(("outcome", "creates"), [("stored", 1), ("lost", 1), ("late", 1), ("never", 2)])
async def test_it_is_there_once_and_known(world: World, outcome: Outcome, creates: int) -> None:
    fake = FakeQASphere(outcome)
    assert await world.load(fake) == THERE
    assert (fake.creates, world.state()) == (creates, ("done", True))


@pytest.mark.parametrize(("is_there", "creates"), [(True, 0), (False, 1)])
async def test_one_that_an_earlier_process_left_in_doubt_is_looked_up_first(
    world: World, is_there: bool, creates: int
) -> None:
    world.db.execute("UPDATE operation SET state = 'unknown'")
    fake = FakeQASphere("stored")
    fake.view = THERE if is_there else None
    assert await world.load(fake) == THERE
    assert (fake.creates, world.state()) == (creates, ("done", True))
    assert fake.look_ups >= (2 if is_there else 3)


async def test_a_refusal_names_the_project_and_a_break_leaves_it_planned(world: World) -> None:
    with pytest.raises(TemporaryError):
        await world.load(FakeQASphere("down"))
    assert world.state() == ("planned", False)
    with pytest.raises(ConfigError, match="refused to create project SHOP"):
        await world.load(FakeQASphere("refused"))
    assert world.state() == ("failed", False)


async def test_one_that_somebody_made_since_the_plan_is_not_taken(world: World) -> None:
    fake = FakeQASphere("stored")
    fake.view = THERE
    with pytest.raises(StalePlan):
        await world.load(fake)
    assert (fake.creates, world.state()) == (0, ("planned", False))


async def test_a_stop_ends_it_before_anything_is_sent(world: World) -> None:
    world.stop.request()
    fake = FakeQASphere("stored")
    assert await world.load(fake) is None
    assert (fake.creates, world.state()) == (0, ("planned", False))


async def test_one_that_was_made_before_is_only_read(world: World) -> None:
    world.db.execute("DELETE FROM operation")
    fake = FakeQASphere("stored")
    fake.view = THERE
    assert (await world.load(fake), fake.creates) == (THERE, 0)
