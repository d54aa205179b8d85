"""Tests that the source has not any more, but has results of: a case that stands for each."""

from mappings.rules import MappingRules, ProjectRules
from migrator.core.drafts import FolderDraft
from migrator.core.model import Result, RichText, Step, TestCase
from migrator.core.ports.mapping import Mapped
from migrator.core.refs import Ref

SENTENCE = "The source has results of this test, but not the test any more. Title and steps are those of a result."
_NOTHING = RichText(value="", markup="plain")


def placeholder_folder(project: Ref, rules: MappingRules, place: ProjectRules) -> tuple[Ref, Mapped] | None:
    """Return the folder for such cases, or None when their results stay in the archive."""
    if rules.runs.missing == "archive":
        return None
    ref = Ref(connector=project.connector, instance=project.instance, kind="missing_tests", ids=project.ids)
    path = (*place.root, rules.runs.missing_folder)
    draft = FolderDraft(marker=ref.marker, path=path)
    return ref, Mapped(ref.marker, "folder", rules.runs.missing_folder, "draft", draft, made=True)


def placeholder(result: Result, case: Ref, folder: Ref) -> TestCase:
    """Return the case that stands for the test of a result."""
    return TestCase(
        ref=case,
        title=result.title,
        folder=folder,
        description=RichText(value=SENTENCE, markup="plain"),
        steps=tuple(Step(action=step.action or _NOTHING, expected=step.expected or _NOTHING) for step in result.steps),
        version=result.case_version,
    )
