"""What the rules are given of a case, told by digests: it changes with all of it, and agrees with the stamp."""

from migrator.core.model import AnyEntity, User
from migrator.core.ports.mapping import Mapped
from migrator.core.records import CaseInputs, KeptPlan, PlannedItem, Round
from state.workspace import Workspace
from tests.state.extracted.test_around import LINK, NEED, around_cases, extracted, file, note
from tests.support.drafts import case_entity, ref

CASE = case_entity(1)
MARKER = CASE.ref.marker
KEPT = KeptPlan("d", ("https://a.example/1",), (("f", "1.png", False),), ("note",))


def inputs_of(workspace: Workspace, *entities: AnyEntity) -> CaseInputs:
    current = extracted(workspace, *entities)
    rows = list(workspace.store.unchanged_cases.cases(current))
    found = workspace.store.unchanged_cases.inputs(current, rows, {})
    for case in around_cases(workspace, current):
        assert found[case.entity.ref.marker].stamp == case.stamp
    assert [item.entity.ref.marker for item in workspace.store.unchanged_cases.read([row.marker for row in rows])] == [
        row.marker for row in rows
    ]
    return found[MARKER]


def test_they_agree_with_the_stamp_of_the_case_and_change_with_everything_around_it(workspace: Workspace) -> None:
    seen = [
        inputs_of(workspace, NEED, CASE),
        inputs_of(workspace, NEED, CASE, note(1)),
        inputs_of(workspace, NEED, CASE, note(1, "Takes longer")),
        inputs_of(workspace, NEED, CASE, note(1), note(2)),
        inputs_of(workspace, NEED, CASE, note(2), note(1)),
        inputs_of(workspace, NEED, CASE, LINK),
        inputs_of(workspace, CASE, LINK),
        inputs_of(workspace, NEED, CASE, LINK, file(8, "requirement")),
        inputs_of(workspace, NEED, CASE, LINK, file(8, "requirement"), file(9, "requirement")),
        inputs_of(workspace, NEED, CASE, LINK, file(9, "requirement"), file(8, "requirement")),
        inputs_of(workspace, NEED.model_copy(update={"title": "Guests may order"}), CASE, LINK),
    ]
    arounds = [one.around for one in seen]
    assert len(set(arounds)) == len(arounds)
    # the same as before is the same again
    assert inputs_of(workspace, NEED, CASE, note(1), note(2)) == seen[3]


def test_people_are_told_apart(workspace: Workspace) -> None:
    ada = User(ref=ref("user", "12", "1"), title="Ada")
    found = [
        workspace.store.unchanged_cases.people(extracted(workspace, CASE, *people))
        for people in ([], [ada], [ada.model_copy(update={"title": "Adelheid"})])
    ]
    assert len(set(found)) == 3


def test_plan_is_kept_until_the_item_is_planned_anew(workspace: Workspace) -> None:
    unchanged, planning = workspace.store.unchanged_cases, workspace.store.planning
    current = extracted(workspace, CASE)
    item = PlannedItem(Mapped(MARKER, "case", "Case"), "conflict", reason="both", action="no_base", kept_plan=KEPT)
    planning.put_items(current, [item])
    later = extracted(workspace, CASE)
    unchanged.keep(later, [MARKER])
    assert unchanged.kept([MARKER, "other"]) == {MARKER: KEPT}
    assert _row(workspace, later) == ("unchanged", "", "", later.id)
    planning.put_items(later, [PlannedItem(Mapped(MARKER, "case", "Case"), "unchanged")])
    assert unchanged.kept([MARKER]) == {}


def _row(workspace: Workspace, current: Round) -> tuple[object, ...]:
    row: tuple[object, ...] = workspace.db.execute(
        "SELECT fate, reason, action, round_id FROM item WHERE round_id = ?", [current.id]
    ).fetchone()
    return row
