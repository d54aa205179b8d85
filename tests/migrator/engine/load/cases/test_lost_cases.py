"""Cases whose answers were lost: which of those in QA Sphere is ours, and above which number it is looked for."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest

from migrator.core.drafts import CaseDraft
from migrator.core.errors import OutcomeUnknown
from migrator.core.ports.mapping import Mapped
from migrator.core.records import Operation
from migrator.core.views import Created
from state.workspace import Workspace, open_workspace
from tests.support.drafts import case_draft
from tests.support.memory_cases import FakeQASphere, LoadRig


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with open_workspace(tmp_path) as opened:
        yield opened


def lost(number: int, *, floor: int = 0, keyed: bool = False) -> Operation:
    draft = case_draft(number)
    mapped = Mapped(draft.marker, "case", draft.title, "draft", draft)
    return Operation(mapped, number, "12", draft.folder, number, "unknown", seq_floor=floor, keyed=keyed)


@pytest.mark.parametrize("keyed", [True, False])
async def test_of_several_cases_with_one_marker_the_first_is_ours(workspace: Workspace, keyed: bool) -> None:
    fake = FakeQASphere({"Case 2": "copied"}, keyed=keyed)
    await LoadRig(workspace, fake, [1, 2, 3]).load()
    marker = case_draft(2).marker
    ours, copy = [view.id for view in fake.cases_there if marker in view.markers]
    assert workspace.store.ledger.entries([marker])[marker].id == ours != copy
    assert fake.creates == 3


async def test_one_look_up_goes_down_to_the_oldest_of_those_that_are_lost(workspace: Workspace) -> None:
    fake = FakeQASphere({}, keyed=False)
    rig = LoadRig(workspace, fake, [])
    for number in (1, 2, 3):
        fake.put(case_draft(number))
    found = await rig.loader().look_up([lost(3, floor=2), lost(1, floor=0), lost(4, floor=3)])
    assert {ident: one and one.created for ident, one in found.items()} == {1: Created("c1", 1), 3: Created("c3", 3)}


async def test_what_was_made_before_it_was_sent_is_no_answer(workspace: Workspace) -> None:
    fake = FakeQASphere({}, keyed=False)
    fake.put(case_draft(1))
    assert await LoadRig(workspace, fake, []).loader().look_up([lost(1, floor=1)]) == {}


async def test_only_what_was_sent_with_the_field_is_searched_for_by_it(workspace: Workspace) -> None:
    loader = LoadRig(workspace, FakeQASphere({}), []).loader()
    mixed = [lost(1, keyed=True), lost(2), lost(3, keyed=True), lost(4)]
    assert loader.together(mixed) == [mixed[0], mixed[2]]
    assert loader.together(mixed[1:]) == [mixed[1], mixed[3]]
    many = [replace(mixed[0], id=number) for number in range(150)]
    assert len(loader.together(many)) == 100


async def test_with_the_field_and_without_it_each_is_found_once(workspace: Workspace) -> None:
    """A process that died had sent some of them before QA Sphere got the field."""
    fake = FakeQASphere({}, keyed=False)
    rig = LoadRig(workspace, fake, [1, 2, 3])
    journal = workspace.store.journal
    first, second, _ = journal.planned("12", "case", 10)
    journal.sending([first], 1.0, seq_floor=0, keyed=False)
    fake.put(case_draft(1))
    fake.keyed = True
    journal.sending([second], 1.0, seq_floor=1, keyed=True)
    fake.put(case_draft(2))
    rig.context.store.journal.pass_canary("12", "case", first.marker)
    await rig.load()
    assert (fake.titles(), fake.creates) == (["Case 1", "Case 2", "Case 3"], 1)


async def test_a_lost_case_is_looked_for_above_the_number_that_was_known_when_it_was_sent(workspace: Workspace) -> None:
    """While its answer was on its way others have got higher numbers."""
    fake = FakeQASphere({"Case 2": "lost"}, keyed=False)
    original = fake.create_case

    async def create_case(code: str, folder: int, draft: CaseDraft, *more: Any) -> Created:
        try:
            return await original(code, folder, draft, *more)
        except OutcomeUnknown:
            while len(fake.cases_there) < 9:
                await anyio.lowlevel.checkpoint()
            raise

    fake.create_case = create_case  # type: ignore[method-assign, assignment]
    await LoadRig(workspace, fake, range(1, 13)).load()
    assert fake.titles() == sorted(f"Case {number}" for number in range(1, 13))
    assert fake.creates == 12
