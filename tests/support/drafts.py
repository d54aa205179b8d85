"""Small drafts, entities and operations for tests."""

from collections.abc import Sequence

from migrator.core.drafts import CaseDraft, LinkDraft, StepDraft
from migrator.core.model import Project, RichText, Step, TestCase
from migrator.core.ports.mapping import Mapped
from migrator.core.ports.source import Record, SourcePage
from migrator.core.records import PlannedItem
from migrator.core.refs import MARKER_LABEL, Ref
from migrator.core.views import CaseView, StepView


def ref(kind: str, *ids: str) -> Ref:
    return Ref(connector="qacomplete", instance="acme", kind=kind, ids=ids)


def project_entity(ident: str = "12") -> Project:
    return Project(ref=ref("project", ident), title="Web shop")


def case_entity(number: int, *, folder: str = "7") -> TestCase:
    return TestCase(
        ref=ref("test", "12", str(number)),
        title=f"Case {number}",
        folder=ref("folder", "12", folder),
        steps=(Step(action=RichText(value="Open the page"), expected=RichText(value="It opens")),),
    )


def record(entity: Project | TestCase) -> Record:
    return Record(entity, b'{"id": 1}')


def page(records: Sequence[Record], next_cursor: str | None = None, total: int | None = None) -> SourcePage:
    return SourcePage(tuple(records), next_cursor, total)


def case_draft(number: int, *, folder: str = "7", title: str | None = None) -> CaseDraft:
    marker = ref("test", "12", str(number)).marker
    return CaseDraft(
        marker=marker,
        folder=ref("folder", "12", folder).marker,
        title=title or f"Case {number}",
        priority="medium",
        precondition="<p>Signed in</p>",
        steps=(StepDraft(description="<p>Open &amp; wait</p>", expected="<p>It opens</p>"),),
        tags=("smoke",),
        links=(LinkDraft(text=MARKER_LABEL + marker, url=f"https://qa.example/tests/{number}"),),
    )


def case_view(draft: CaseDraft, *, folder_id: int = 70, **changes: object) -> CaseView:
    """A case as QA Sphere gives it back after the draft was sent."""
    view = CaseView(
        id="c1",
        seq=5,
        title=draft.title,
        folder_id=folder_id,
        priority=draft.priority,
        precondition=draft.precondition.replace(" ", "&#32;"),
        steps=tuple(StepView(description=step.description, expected=step.expected) for step in draft.steps),
        tags=draft.tags,
        links=tuple((link.text, link.url) for link in draft.links),
        requirements=tuple((found.text, found.url) for found in draft.requirements),
        custom_fields=dict(draft.custom_fields),
        is_draft=draft.is_draft,
        markers=(draft.marker,),
        version=1,
    )
    return view.model_copy(update=changes)


def planned_case(number: int, *, folder: str = "7", title: str | None = None) -> PlannedItem:
    draft = case_draft(number, folder=folder, title=title)
    return PlannedItem(Mapped(draft.marker, "case", draft.title, "draft", draft), "pending", need=draft.folder)
