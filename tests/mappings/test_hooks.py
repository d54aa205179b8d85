"""Hooks: they adjust and leave out; whatever they do wrong is one item's trouble, by hook, file and line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mappings.hooks import load_hooks
from mappings.mapper import RulesMapper
from mappings.rules import MappingRules, ProjectRules
from migrator.core.drafts import CaseDraft, FolderDraft
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.model import Folder, TestCase
from migrator.core.ports.mapping import Around, FolderPlan, Mapped, Mapper
from migrator.core.views import CustomFieldView, ProjectView
from tests.support.drafts import case_entity, project_entity, ref

ROOT = Path(__file__).parents[2]


@pytest.fixture
def hooks(tmp_path: Path) -> Path:
    return tmp_path / "hooks.py"


def mapper(path: Path, code: str, *fields: CustomFieldView) -> Mapper:
    path.write_text(code, encoding="utf-8")
    view = ProjectView(id="p", code="SHOP", title="", archived=False, address="", custom_fields=fields)
    rules = MappingRules.model_validate({"hooks": path})
    return RulesMapper(rules, ProjectRules(source="12", destination="SHOP"), [], view, load_hooks(path))


def folders_of(mapping: Mapper, *folders: Folder) -> FolderPlan:
    return mapping.folders(project_entity(), folders, {folder.ref.marker: None for folder in folders})


def folder(number: int, title: str, parent: int | None = None) -> Folder:
    above = ref("folder", "12", str(parent)) if parent else None
    return Folder(ref=ref("folder", "12", str(number)), title=title, parent=above)


def case_by(path: Path, code: str, entity: TestCase | None = None, *fields: CustomFieldView) -> Mapped:
    mapping = mapper(path, code, *fields)
    return mapping.case(entity or case_entity(1), Around(), folders_of(mapping, folder(7, "Cart")))


def draft_of(mapped: Mapped) -> CaseDraft:
    assert isinstance(mapped.draft, CaseDraft), mapped.reason
    return mapped.draft


def paths(plan: FolderPlan) -> list[tuple[str, ...]]:
    return [item.draft.path for item in plan.items if isinstance(item.draft, FolderDraft)]


def example() -> str:
    text = (ROOT / "docs" / "hooks.md").read_text(encoding="utf-8")
    return text.partition("```python\n")[2].partition("```")[0]


def test_the_example_of_the_documentation_works(hooks: Path) -> None:
    titled = case_entity(1).model_copy(update={"title": "SHOP-12 Pay by card WEB-3"})
    draft = draft_of(case_by(hooks, example(), titled))
    assert (draft.title, draft.tags) == ("Pay by card", ("SHOP-12", "WEB-3"))
    assert draft_of(case_by(hooks, example())).title == "Case 1"
    old = {"attributes": {"test_type": "Smoke"}, "updated_at": datetime(2016, 1, 1, tzinfo=UTC)}
    left_out = case_by(hooks, example(), case_entity(1).model_copy(update=old))
    assert (left_out.outcome, left_out.reason) == ("excluded", "left out by the hook case: smoke test of the old shop")
    plan = folders_of(mapper(hooks, example()), folder(7, "1. Cart"), folder(8, "2 Pay", 7))
    assert paths(plan) == [("Cart",), ("Cart", "Pay")]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("return 1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("return 5", "it answered int instead of a draft, a reason or None"),
        ("return draft.model_copy(update={'title': 'x' * 600})", "title: String should have at most 511 characters"),
        ("return draft.model_copy(update={'marker': 'a:b:c'})", "the marker cannot be changed"),
        ("return draft.model_copy(update={'links': ()})", "the link with the text Source: qacomplete@acme:test:12/1"),
        ("return draft.model_copy(update={'folder': 'f'})", "the folder cannot be changed"),
        ("return draft.model_copy(update={'files': ('f',)})", "files.0: Input should be a valid dictionary"),
        ("return draft.model_copy(update={'files': ({'marker': 'f', 'name': 'n'},)})", "the case has no file f"),
        ("return draft.model_copy(update={'precondition': '<a href=\"qmig:file:g\">x</a>'})", "the case has no file g"),
        (
            "return draft.model_copy(update={'priority': 'urgent'})",
            "priority: Input should be 'low', 'medium' or 'high'",
        ),
    ],
)
def test_what_a_hook_does_wrong_is_that_items_rejection(hooks: Path, body: str, reason: str) -> None:
    mapped = case_by(hooks, f"\n\ndef case(case, draft):\n    {body}\n")
    assert mapped.outcome == "rejected"
    line = 4 if body in ("return 1 / 0", "raise SystemExit(3)") else 3
    assert mapped.reason.startswith(f"the hook case (hooks.py, line {line}): {reason}")
    (note,) = [note for note in mapped.notes if note.code == "hook_failed"]
    assert note.message == mapped.reason


def test_a_hook_may_fill_a_required_field(hooks: Path) -> None:
    required = CustomFieldView(system_name="team", name="Team", type="text", required=True)
    code = "def case(case, draft):\n    return draft.model_copy(update={'custom_fields': {'team': 'Blue'}})\n"
    assert draft_of(case_by(hooks, code, None, required)).custom_fields == {"team": "Blue"}
    assert case_by(hooks, "def case(case, draft): return None", None, required).outcome == "rejected"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"nowhere": "x"}, "QA Sphere has no enabled custom field nowhere"),
        ({"team": "Red"}, "'Red' is not an option of the custom field team"),
    ],
)
def test_values_that_qa_sphere_would_refuse_are_refused_while_planning(
    hooks: Path, values: dict[str, str], reason: str
) -> None:
    team = CustomFieldView(system_name="team", name="Team", type="dropdown", options=("Blue",))
    code = f"def case(case, draft):\n    return draft.model_copy(update={{'custom_fields': {values}}})\n"
    mapped = case_by(hooks, code, None, team)
    assert (mapped.outcome, mapped.reason) == ("rejected", reason)


def test_what_a_hook_changes_in_place_counts_only_when_it_is_answered(hooks: Path) -> None:
    team = CustomFieldView(system_name="team", name="Team", type="text")
    code = "def case(case, draft):\n    draft.custom_fields['team'] = 'Blue'\n    return {}\n"
    assert draft_of(case_by(hooks, code.format("None"), None, team)).custom_fields == {}
    assert draft_of(case_by(hooks, code.format("draft"), None, team)).custom_fields == {"team": "Blue"}
    too_long = code.replace("'Blue'", "'x' * 300").format("draft")
    assert "custom_fields.team: String should have at most 255" in case_by(hooks, too_long, None, team).reason


def test_a_folder_that_is_left_out_takes_everything_in_it_along(hooks: Path) -> None:
    code = "def folder(folder, draft):\n    return 'not ours' if folder.title == 'Old' else draft\n"
    mapping = mapper(hooks, code)
    plan = folders_of(mapping, folder(1, "Old"), folder(2, "Below", 1), folder(7, "New"))
    assert {item.marker.rpartition("/")[2]: item.outcome for item in plan.items} == {
        "1": "excluded",
        "2": "excluded",
        "7": "draft",
    }
    assert plan.items[0].reason == "left out by the hook folder: not ours"
    assert mapping.case(case_entity(1, folder="2"), Around(), plan).outcome == "excluded"
    assert mapping.case(case_entity(2), Around(), plan).outcome == "draft"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise ValueError('no')", "ValueError: no"),
        ("return draft.model_copy(update={'path': ('Other', draft.path[-1])})", "only the last part of a path"),
        ("return draft.model_copy(update={'path': ('a/b',)})", "path.0: Value error, must not contain"),
    ],
)
def test_a_folder_whose_hook_fails_keeps_its_cases_from_being_migrated_by_name(
    hooks: Path, body: str, reason: str
) -> None:
    mapping = mapper(hooks, f"def folder(folder, draft):\n    {body}\n")
    plan = folders_of(mapping, folder(7, "Cart"), folder(8, "Pay", 7))
    assert [item.outcome for item in plan.items] == ["rejected", "rejected"]
    assert reason in plan.items[0].reason
    mapped = mapping.case(case_entity(1), Around(), plan)
    assert (mapped.outcome, mapped.reason) == (
        "rejected",
        "its folder qacomplete@acme:folder:12/7 could not be mapped",
    )


def test_two_folders_cannot_get_one_path(hooks: Path) -> None:
    code = "def folder(folder, draft):\n    return draft.model_copy(update={'path': ('Same',)})\n"
    plan = folders_of(mapper(hooks, code), folder(1, "A"), folder(2, "B"))
    assert [item.outcome for item in plan.items] == ["draft", "rejected"]


def test_the_rules_change_with_the_file_and_not_with_its_place(hooks: Path, tmp_path: Path) -> None:
    code = "def case(case, draft): return None\n"
    digest = mapper(hooks, code).digest
    (tmp_path / "other").mkdir()
    assert mapper(tmp_path / "other" / "hooks.py", code).digest == digest
    assert mapper(hooks, code + "# more\n").digest != digest


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("def case(:\n", "line 1"),
        ("\nraise RuntimeError('boom')\n", "line 2"),
        ("import sys\nsys.exit(1)\n", "line 2, raise an error: SystemExit: 1"),
        ("import nowhere_to_be_found\n", "nowhere_to_be_found"),
        ("def cases(case, draft): ...\n", "it defines none of: case, folder, run, result"),
        ("def case(case): ...\n", "cannot be called with an item and a draft"),
        ("async def case(case, draft): ...\n", "no plain function"),
        ("case = 5\n", "cannot be called"),
        (None, "cannot read the hooks"),
    ],
)
def test_a_file_that_cannot_be_used_stops_the_command(hooks: Path, code: str | None, words: str) -> None:
    if code is not None:
        hooks.write_text(code, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load_hooks(hooks)
    assert raised.value.code is ErrorCode.HOOKS_UNUSABLE
    assert words in f"{raised.value} {raised.value.cause}"
