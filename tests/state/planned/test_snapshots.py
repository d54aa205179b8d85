"""Snapshots build on the one before: only what is not as it was is written."""

from migrator.core.views import CaseView
from state.workspace import Workspace

UNSEEN = ("links", "files", "requirements")


def view(ident: int, *markers: str, title: str = "Case") -> CaseView:
    return CaseView(
        id=str(ident), seq=ident, title=title, folder_id=1, priority="low", precondition="", steps=(), tags=(),
        links=(), custom_fields={}, is_draft=False, markers=markers, unseen=frozenset(UNSEEN),
    )  # fmt: skip


def snapshot(workspace: Workspace, *pages: list[CaseView]) -> int:
    snapshots = workspace.store.snapshots
    snapshots.begin("12", "plan")
    for page in pages:
        snapshots.put("12", "plan", page)
    return snapshots.end("12", "plan")


def rows(workspace: Workspace) -> dict[tuple[str, str], int]:
    """Where each row is stored: another place when it was written again."""
    found = workspace.db.execute("SELECT id, marker, rowid FROM seen WHERE look = 'plan'")
    return {(ident, marker): rowid for ident, marker, rowid in found}


def test_a_snapshot_replaces_what_changed_forgets_what_left_and_leaves_the_rest_alone(workspace: Workspace) -> None:
    assert snapshot(workspace, [view(1, "a", "b"), view(2, "c")], [view(3), view(4, "d")]) == 4
    before = rows(workspace)
    assert before.keys() == {("1", "a"), ("1", "b"), ("2", "c"), ("3", ""), ("4", "d")}
    assert snapshot(workspace, [view(1, "a", "b"), view(3)], [view(4, title="Edited"), view(5)]) == 4
    after = rows(workspace)
    assert after.keys() == {("1", "a"), ("1", "b"), ("3", ""), ("4", ""), ("5", "")}
    same = [("1", "a"), ("1", "b"), ("3", "")]
    assert [after[key] for key in same] == [before[key] for key in same]
    assert workspace.store.snapshots.view("12", "plan", "4") == view(4, title="Edited")
    assert workspace.store.snapshots.by_marker("12", "plan", ["d"]) == {}


def test_a_case_that_two_pages_show_counts_once_as_the_later_one_shows_it(workspace: Workspace) -> None:
    snapshot(workspace, [view(1), view(2)])
    assert snapshot(workspace, [view(1), view(2, title="As before")], [view(2, title="Edited")]) == 2
    assert workspace.store.snapshots.by_id("12", "plan", ["2"])["2"].title == "Edited"


def test_an_empty_project_leaves_nothing_and_another_purpose_everything(workspace: Workspace) -> None:
    snapshot(workspace, [view(1)])
    workspace.store.snapshots.begin("12", "verify")
    workspace.store.snapshots.put("12", "verify", [view(1)])
    assert snapshot(workspace) == 0
    assert rows(workspace) == {}
    assert workspace.store.snapshots.view("12", "verify", "1") == view(1)
    assert workspace.store.snapshots.end("12", "verify") == 1
