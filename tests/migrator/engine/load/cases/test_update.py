"""Updates of cases: each is merged with what the case holds, sent as often as it takes, and read back."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, cast

import pytest

from migrator.core.drafts import CaseDraft
from migrator.core.errors import BooksDoNotBalance, OutcomeUnknown, Rejected
from migrator.core.events import ItemFailed
from migrator.core.ports.destination import Destination, Hooks
from migrator.core.ports.mapping import Mapped
from migrator.core.records import Fate, Holding, LedgerEntry, PlannedItem
from migrator.core.views import CasePatch, CaseView
from migrator.engine.job import ConflictPolicy
from migrator.engine.load.cases.update import CaseUpdater
from migrator.engine.load.workers import LIMIT, StreamStopped
from migrator.engine.plan.cases.compare import base_of, fingerprint
from migrator.engine.references import Addresses
from state.workspace import Workspace, open_workspace
from tests.support.drafts import case_draft, case_view
from tests.support.memory_cases import FakeQASphere, LoadRig

Outcome = Literal["stored", "lost", "never", "refused"]
"""``lost``: stored without an answer; ``never``: neither."""


class FakeCases(FakeQASphere):
    """Changes cases as it was told to, one outcome after the other; then all is well."""

    def __init__(self, outcomes: Sequence[Outcome] = ()) -> None:
        super().__init__({})
        self.updates = list(outcomes)
        self.patches: list[dict[str, object]] = []

    async def case(self, _code: str, case_id: str) -> CaseView:
        for view in self.cases_there:
            if view.id == case_id:
                return view
        raise Rejected("not there", status=404)

    async def update_case(self, code: str, case_id: str, patch: CasePatch, hooks: Hooks) -> None:
        await hooks.before_send()
        view = await self.case(code, case_id)
        values = patch.model_dump(exclude_none=True)
        self.patches.append(values)
        outcome = self.updates.pop(0) if self.updates else "stored"
        if outcome == "refused":
            raise Rejected("not wanted", cause="this value", status=400)
        if outcome != "never":
            self.edit(view.id, **values)
        if outcome != "stored":
            raise OutcomeUnknown("no answer")

    def edit(self, case_id: str, **values: object) -> None:
        """Change a case as a colleague, or a patch, does."""
        self.cases_there = [
            view.model_copy(update={**values, "version": (view.version or 0) + 1}) if view.id == case_id else view
            for view in self.cases_there
        ]


class UpdateRig(LoadRig):
    """One project with cases that were migrated as ``case_draft`` says, and updates of them."""

    def __init__(self, workspace: Workspace, fake: FakeCases, *, policy: ConflictPolicy = "report") -> None:
        super().__init__(workspace, fake, [])
        job = replace(self.context.job, conflicts=policy, workers=1)  # outcomes come in order
        self.context = replace(self.context, destination=cast(Destination, fake), job=job)
        self.fake: FakeCases = fake

    def plan(
        self, number: int, *, fate: Fate = "unchanged", has_base: bool = True, **changes: object
    ) -> tuple[str, CaseDraft]:
        """Let a case be there, and plan an update of it; return its id and the draft of the update."""
        before = case_draft(number)
        ident = f"c{number}"
        view = case_view(before, id=ident, seq=number)
        self.fake.cases_there.append(view)
        entry = LedgerEntry(before.marker, "case", ident, number, before.digest, is_based=has_base)
        holding = Holding(entry, before, base_of(view) if has_base else None)
        mapped = Mapped(before.marker, "case", before.title, "draft", before)
        planning = self.workspace.store.planning
        planning.put_items(self.round, [PlannedItem(mapped, fate, holding=holding)])
        now = before.model_copy(update=changes)
        planning.put_update(self.round, holding, now, "changed at the source")
        return ident, now

    async def load(self) -> None:
        self.workspace.store.journal.recover("12", 1.0)
        await CaseUpdater(self.context, Addresses(self.workspace.store, "12", "https://qas.example")).load()

    def fates(self) -> dict[str, str]:
        return dict(self.workspace.db.execute("SELECT title, fate FROM item WHERE kind = 'case'").fetchall())

    def notes(self) -> list[tuple[str, str, str]]:
        return list(self.workspace.db.execute("SELECT code, field, original FROM note").fetchall())

    def holding(self, draft: CaseDraft) -> Holding:
        return self.workspace.store.ledger.holdings([draft.marker])[draft.marker]


NewRig = Callable[..., UpdateRig]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[NewRig]:
    with open_workspace(tmp_path) as workspace:
        yield lambda *outcomes, **more: UpdateRig(workspace, FakeCases(outcomes), **more)


async def test_what_changed_is_sent_alone_and_read_back(rig: NewRig) -> None:
    updates = rig()
    _, now = updates.plan(1, priority="high")
    await updates.load()
    assert updates.fake.patches == [{"priority": "high"}]
    assert updates.fates() == {"Case 1": "updated"}
    holding = updates.holding(now)
    assert holding.draft == now
    assert holding.base
    assert holding.base.fields == fingerprint(updates.fake.cases_there[0])


async def test_what_colleagues_have_added_or_changed_elsewhere_stays(rig: NewRig) -> None:
    updates = rig()
    ident, now = updates.plan(1, tags=("smoke", "web"))
    updates.fake.edit(ident, tags=("smoke", "theirs"), title="Their title")
    await updates.load()
    assert updates.fake.patches == [{"tags": ("smoke", "theirs", "web")}]
    base = updates.holding(now).base
    assert base
    assert sorted(base.edited) == ["tags", "title"]


async def test_a_lost_update_that_took_effect_is_not_sent_again(rig: NewRig) -> None:
    updates = rig("lost")
    updates.plan(1, priority="high")
    await updates.load()
    assert len(updates.fake.patches) == 1
    assert updates.fates() == {"Case 1": "updated"}


async def test_a_lost_update_without_effect_is_sent_until_it_has_one(rig: NewRig) -> None:
    updates = rig("never", "never", "never")
    updates.plan(1, priority="high")
    await updates.load()
    assert len(updates.fake.patches) == 4
    assert updates.fake.cases_there[0].priority == "high"
    assert updates.fates() == {"Case 1": "updated"}


async def test_an_update_that_is_lost_each_time_stays_in_doubt_until_the_next_load(rig: NewRig) -> None:
    updates = rig(*["never"] * 4)
    updates.plan(1, priority="high")
    updates.plan(2, title="Case 2, new")
    await updates.load()
    assert updates.fates() == {"Case 1": "unknown", "Case 2": "updated"}
    assert [event.state for event in updates.events if isinstance(event, ItemFailed)] == ["unknown"]
    await updates.load()
    assert updates.fates()["Case 1"] == "updated"


async def test_an_update_that_a_dead_process_has_sent_counts_as_one(rig: NewRig) -> None:
    updates = rig()
    ident, _ = updates.plan(1, priority="high")
    journal = updates.workspace.store.journal
    journal.sending(journal.planned("12", "case", 1, verb="update"), 1.0)
    updates.fake.edit(ident, priority="high")
    await updates.load()
    assert updates.fake.patches == []
    assert updates.fates() == {"Case 1": "updated"}


@pytest.mark.parametrize(("fate", "expected"), [("unchanged", "unchanged"), ("migrated", "migrated")])
async def test_what_is_there_already_is_not_sent(rig: NewRig, fate: Fate, expected: str) -> None:
    updates = rig()
    ident, now = updates.plan(1, fate=fate, priority="high")
    updates.fake.edit(ident, priority="high")
    await updates.load()
    assert updates.fake.patches == []
    assert updates.fates() == {"Case 1": expected}
    assert updates.holding(now).draft == now


async def test_a_case_that_was_made_in_this_round_stays_migrated_when_it_is_finished(rig: NewRig) -> None:
    updates = rig()
    updates.plan(1, fate="migrated", priority="high")
    await updates.load()
    assert len(updates.fake.patches) == 1
    assert updates.fates() == {"Case 1": "migrated"}


CONFLICTS: dict[ConflictPolicy, tuple[str, str, list[tuple[str, str, str]]]] = {
    "report": ("conflict", "low", []),
    "source": ("updated", "high", [("conflict_overwritten", "priority", "low")]),
    "destination": ("unchanged", "low", [("conflict_kept", "priority", "high")]),
}


@pytest.mark.parametrize("policy", CONFLICTS)
async def test_a_field_that_both_sides_changed_is_decided_by_the_policy(rig: NewRig, policy: ConflictPolicy) -> None:
    updates = rig(policy=policy)
    ident, _ = updates.plan(1, priority="high")
    updates.fake.edit(ident, priority="low")
    await updates.load()
    assert (updates.fates()["Case 1"], updates.fake.cases_there[0].priority, updates.notes()) == CONFLICTS[policy]


async def test_what_was_kept_once_is_known_to_the_next_merge(rig: NewRig) -> None:
    updates = rig(policy="destination")
    ident, now = updates.plan(1, priority="high")
    updates.fake.edit(ident, priority="low")
    await updates.load()
    base = updates.holding(now).base
    assert base
    assert base.edited["priority"] == base.fields["priority"] == fingerprint(updates.fake.cases_there[0])["priority"]


async def test_a_refused_update_fails_by_name_and_nothing_is_foretold_of_it(rig: NewRig) -> None:
    updates = rig("refused", policy="source")
    ident, now = updates.plan(1, priority="high")
    updates.fake.edit(ident, priority="low")
    await updates.load()
    assert updates.fates() == {"Case 1": "failed"}
    assert updates.notes() == []
    assert updates.holding(now).draft == case_draft(1)


async def test_a_case_that_was_deleted_there_is_gone_and_the_others_go_on(rig: NewRig) -> None:
    updates = rig()
    updates.plan(1, priority="high")
    updates.fake.cases_there.clear()
    updates.plan(2, priority="high")
    await updates.load()
    assert updates.fates() == {"Case 1": "gone", "Case 2": "updated"}


async def test_a_row_of_refusals_stops_the_updates_and_a_success_ends_the_row(rig: NewRig) -> None:
    row: list[Outcome] = ["refused"] * (LIMIT - 1)
    updates = rig(*row, "stored", *row, "refused")
    for number in range(1, 3 * LIMIT):
        updates.plan(number, priority="high")
    with pytest.raises(StreamStopped):
        await updates.load()
    assert len(updates.fake.patches) == 2 * LIMIT


async def test_a_case_without_a_base_is_not_written(rig: NewRig) -> None:
    updates = rig()
    updates.plan(1, has_base=False, priority="high")
    with pytest.raises(BooksDoNotBalance, match="no base"):
        await updates.load()
    assert updates.fake.patches == []
