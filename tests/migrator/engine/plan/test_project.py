"""What a plan says of the project in QA Sphere."""

import pytest

from migrator.core.drafts import ProjectDraft
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.ports.mapping import Mapped
from migrator.core.records import LedgerEntry
from migrator.core.views import ProjectView
from migrator.engine.plan.project import project_item

DRAFT = ProjectDraft(marker="p", code="SHOP", title="Shop")
MAPPED = Mapped("p", "project", "Shop", "draft", DRAFT)
ENTRY = LedgerEntry("p", "project", "P1", None, DRAFT.digest)
VIEW = ProjectView(id="P1", code="SHOP", title="Shop", archived=False, address="https://q.example/project/SHOP")


def test_it_is_made_adopted_or_left_alone() -> None:
    made = project_item(MAPPED, None, None)
    assert (made.fate, made.draft, made.reason) == ("pending", DRAFT, "there is no project SHOP yet")
    adopted = project_item(MAPPED, None, VIEW)
    assert (adopted.fate, adopted.draft) == ("adopted", None)
    assert adopted.holding is not None
    assert adopted.holding.entry == ENTRY
    again = project_item(MAPPED, ENTRY, VIEW)
    assert (again.fate, again.holding) == ("unchanged", None)


def test_one_that_was_migrated_into_and_vanished_is_not_made_again() -> None:
    with pytest.raises(ConfigError) as caught:
        project_item(MAPPED, ENTRY, None)
    assert caught.value.code == ErrorCode.PROJECT_VANISHED
