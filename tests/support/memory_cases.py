"""Cases and a QA Sphere in memory, for what sends them: milliseconds instead of a server."""

import time
from collections.abc import Mapping, Sequence
from typing import Literal, cast

import anyio
import pytest

from migrator.core.drafts import CaseDraft, FolderDraft
from migrator.core.errors import OutcomeUnknown, Rejected
from migrator.core.events import Event
from migrator.core.ports.destination import Destination, Hooks
from migrator.core.ports.mapping import Mapped
from migrator.core.records import Holding, LedgerEntry, PlannedItem
from migrator.core.views import CaseView, Created, RunView, StoredFile
from migrator.engine.context import Context
from migrator.engine.job import Job
from migrator.engine.load.cases.create import CaseLoader
from migrator.engine.load.cases.others import OtherWriters
from migrator.engine.references import Addresses
from migrator.engine.stop import Stop
from state.workspace import Workspace
from tests.support.drafts import case_view, planned_case, ref

Outcome = Literal["stored", "lost", "copied", "never", "late", "clash", "refused"]
"""``lost``: stored without an answer; ``copied``: so, and a colleague has made a copy since; ``never``: neither;
``late``: stored once it was looked up; ``clash``: refused once because of another create in the folder."""


class FakeQASphere:
    """Creates cases as it was told to.

    Args:
        outcomes: By title; each comes once, then all is well.
        keyed: Cases carry their marker in a custom field, by which they can be searched for.
    """

    def __init__(self, outcomes: Mapping[str, Outcome], *, keyed: bool = True) -> None:
        self.outcomes = dict(outcomes)
        self.keyed = keyed
        self.cases_there: list[CaseView] = []
        self.late: list[CaseDraft] = []
        self.creates = 0
        self.look_ups = 0
        self.history = self

    def put(self, draft: CaseDraft) -> Created:
        seq = len(self.cases_there) + 1
        in_field = draft.marker if self.keyed else ""
        view = case_view(draft, id=f"c{seq}", seq=seq, markers=(draft.marker,), marker_in_field=in_field)
        self.cases_there.append(view)
        return Created(view.id, seq)

    async def create_case(
        self, _code: str, _folder: int, draft: CaseDraft, _files: Sequence[StoredFile], hooks: Hooks
    ) -> Created:
        await hooks.before_send()
        self.creates += 1
        await anyio.lowlevel.checkpoint()
        outcome = self.outcomes.pop(draft.title, "stored")
        match outcome:
            case "clash":
                raise Rejected("clash", status=409)
            case "refused":
                self.outcomes[draft.title] = "refused"
                raise Rejected("not wanted", cause="this case", status=400)
            case "lost" | "copied":
                self.put(draft)
                if outcome == "copied":
                    self.put(draft)
            case "late":
                self.late.append(draft)
        if outcome != "stored":
            raise OutcomeUnknown("no answer")
        return self.put(draft)

    async def find_cases(
        self, _code: str, markers: Sequence[str], *, floor: int, keyed: bool
    ) -> Mapping[str, Sequence[CaseView]]:
        self.look_ups += 1
        newest_first = list(reversed(self.cases_there))
        while self.late:
            self.put(self.late.pop())
        found = newest_first if keyed else [view for view in newest_first if view.seq > floor]
        return {marker: views for marker in markers if (views := _bearing(found, marker, keyed=keyed))}

    async def cases_above(self, _code: str, floor: int) -> Sequence[Created]:
        return [Created(view.id, view.seq) for view in reversed(self.cases_there) if view.seq > floor]

    async def case(self, _code: str, case_id: str) -> CaseView:
        return next(view for view in self.cases_there if view.id == case_id)

    async def carries_marker(self, _code: str) -> bool:
        return self.keyed

    async def runs(self, _code: str) -> Sequence[RunView]:
        return ()

    def waiting_for(self) -> str:
        return ""

    def titles(self) -> list[str]:
        return sorted(view.title for view in self.cases_there)


class LoadRig:
    """One project with planned cases, and what loads them."""

    def __init__(self, workspace: Workspace, fake: FakeQASphere, numbers: Sequence[int]) -> None:
        self.workspace = workspace
        self.fake = fake
        self.events: list[Event] = []
        job = Job(
            "12", "SHOP", True, False, "qacomplete@acme:", lambda _people, _view: pytest.fail("no mapping"), 4, 0.05
        )
        self.context = Context(workspace.store, cast(Destination, fake), job, self.events.append, Stop())
        self.others = OtherWriters(self.context, is_suspect=False)
        folder = ref("folder", "12", "7").marker
        draft = FolderDraft(marker=folder, path=("A",))
        holding = Holding(LedgerEntry(folder, "folder", "70", None, draft.digest), draft, None)
        self.round = workspace.store.rounds.begin("12")
        items = [PlannedItem(Mapped(folder, "folder", "A"), "migrated", holding=holding), *map(planned_case, numbers)]
        workspace.store.planning.put_items(self.round, items)

    def loader(self) -> CaseLoader:
        addresses = Addresses(self.workspace.store, "12", "https://qas.example/project/SHOP")
        self.workspace.store.journal.recover("12", time.time())
        return CaseLoader(self.context, addresses, self.others)

    async def load(self) -> None:
        await self.loader().load()

    def states(self) -> dict[str, str]:
        return dict(self.workspace.db.execute("SELECT title, state FROM operation").fetchall())


def _bearing(views: Sequence[CaseView], marker: str, *, keyed: bool) -> list[CaseView]:
    return [view for view in views if marker in ((view.marker_in_field,) if keyed else view.markers)]
