"""What was there before and is only used is told from what this workspace made."""

import pytest

from migrator.core.drafts import MilestoneDraft
from migrator.core.model import ItemKind
from migrator.core.ports.mapping import Mapped
from migrator.core.records import Fate, PlannedItem
from migrator.core.views import Created
from state.workspace import Workspace
from tests.state.test_reporting import planned

SPRING, AGAIN = "qacomplete@acme:release:12/1", "qacomplete@acme:release:12/2"


def brought(workspace: Workspace, marker: str, ident: str, *, sent: bool) -> None:
    """Bring a milestone to its end: created, or found by its title by the load."""
    draft = MilestoneDraft(marker=marker, title="Spring")
    planned(workspace, PlannedItem(Mapped(marker, "milestone", "Spring", "draft", draft), "pending", action="create"))
    (operation,) = workspace.journal.next_operations("12", "milestone", "", 0, 1)
    if sent:
        workspace.journal.sending([operation], 1.0)
    fate: Fate = "migrated" if sent else "adopted"
    workspace.journal.done(operation, Created(ident), fate)


def ids(workspace: Workspace, kind: ItemKind) -> tuple[list[str], list[str]]:
    made, used = workspace.outcomes.made(kind), workspace.used.items(kind)
    return [item.new_id for item in made], [item.new_id for item in used]


@pytest.mark.parametrize("sent", [True, False])
def test_a_milestone_that_the_load_found_by_its_title_was_not_made(workspace: Workspace, sent: bool) -> None:
    brought(workspace, SPRING, "71", sent=sent)
    assert ids(workspace, "milestone") == ((["71"], []) if sent else ([], ["71"]))


def test_one_that_was_made_for_another_of_its_title_is_made_once_and_not_used(workspace: Workspace) -> None:
    brought(workspace, SPRING, "71", sent=True)
    brought(workspace, AGAIN, "71", sent=False)
    assert ids(workspace, "milestone") == (["71"], [])
