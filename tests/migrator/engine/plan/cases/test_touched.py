"""A difference in nothing but the date of change counts as none; every other one counts."""

from datetime import datetime, timedelta, timezone

from hypothesis import assume, given
from hypothesis import strategies as st

from connectors.qasphere.sandbox.sanitise import sanitise
from mappings.cases import CaseMapper
from mappings.item_writer import Writers
from mappings.rules import MappingRules
from migrator.core.drafts import CaseDraft
from migrator.core.model import Comment, RichText, TestCase
from migrator.core.ports.mapping import Around, Mapped
from migrator.core.records import Stamp, Surrounded
from migrator.core.views import CaseView, StepView
from migrator.engine.plan.cases.compare import case_differences
from migrator.engine.plan.cases.touched import before_touch
from tests.support.drafts import case_entity, case_view, ref

FOLDER = ref("folder", "12", "7").marker
MAPPER = CaseMapper(MappingRules(), Writers())
WRAPPED = (("<li>", "<li>\n<p>"), ("</li>", "</p></li>\n"), (":</strong> ", ":</strong>&#32;"))

# few different moments, so that some of them stand in several places
moments = st.builds(
    lambda hours, zone: datetime(2024, 3, 31, 23, tzinfo=timezone(timedelta(minutes=zone))) + timedelta(hours=hours),
    st.integers(0, 5),
    st.sampled_from([-420, 0, 330]),
)
words = st.one_of(
    st.text("ab <&:0-9Üpdated", max_size=12),
    moments.map(lambda moment: f"Updated: {moment.isoformat(sep=' ')}"),
    moments.map(lambda moment: f"<ul><li><strong>Updated:</strong> {moment.isoformat(sep=' ')}</li></ul>"),
)


@st.composite
def cases(draw: st.DrawFn) -> Surrounded[TestCase]:
    entity = case_entity(1).model_copy(
        update={
            "description": RichText(value=draw(words)),
            "state": draw(words),
            "created_at": draw(st.none() | moments),
            "updated_at": draw(moments),
        }
    )
    notes = [
        Comment(
            ref=ref("note", "12", str(number)), title="", about=entity.ref, text=RichText(value=text), created_at=moment
        )
        for number, (text, moment) in enumerate(draw(st.lists(st.tuples(words, st.none() | moments), max_size=2)))
    ]
    return Surrounded(entity, Around(comments=tuple(notes)), Stamp("e", "r"))


def mapped(case: TestCase, around: Around) -> Mapped:
    return MAPPER.map(case, around, FOLDER)


def draft_of(case: TestCase, around: Around) -> CaseDraft:
    draft = mapped(case, around).draft
    assert isinstance(draft, CaseDraft)
    return draft


def stored(draft: CaseDraft) -> CaseView:
    """The case as a server gives it back that cleans texts and puts them in other elements."""
    precondition = sanitise(draft.precondition, "few")
    for before, after in WRAPPED:
        precondition = precondition.replace(before, after)
    steps = tuple(
        StepView(description=sanitise(step.description, "few"), expected=sanitise(step.expected, "few"))
        for step in draft.steps
    )
    return case_view(draft).model_copy(update={"precondition": precondition, "steps": steps})


def found(case: Surrounded[TestCase], view: CaseView) -> TestCase | None:
    draft = draft_of(case.entity, case.around)
    return before_touch(case, draft, view, view.folder_id, mapped, lambda draft, _view: draft)


@given(cases(), moments)
def test_the_date_that_is_there_is_found_whatever_else_looks_like_it(
    case: Surrounded[TestCase], date: datetime
) -> None:
    earlier = case.entity.model_copy(update={"updated_at": date})
    view = stored(draft_of(earlier, case.around))
    answer = found(case, view)
    now = case.entity.updated_at
    assert now is not None
    if date > now or date.isoformat() == now.isoformat():
        assert answer is None
    else:
        assert answer == earlier
        assert not case_differences(draft_of(answer, case.around), view.folder_id, view)


@given(cases(), moments, st.sampled_from(["title", "state", "description", "priority", "steps", "folder", "tags"]))
def test_whatever_else_differs_stays_a_difference(case: Surrounded[TestCase], date: datetime, field: str) -> None:
    view = stored(draft_of(case.entity.model_copy(update={"updated_at": date}), case.around))
    changes: dict[str, dict[str, object]] = {
        "title": {"title": view.title + "!"},
        "state": {"precondition": view.precondition.replace("Source details", "Details of the source")},
        "description": {"precondition": "<p>Also this.</p>" + view.precondition},
        "priority": {"priority": "high"},
        "steps": {"steps": view.steps[1:]},
        "folder": {"folder_id": 99},
        "tags": {"tags": ("mine",)},
    }
    edited = view.model_copy(update=changes[field])
    assert edited != view
    draft = draft_of(case.entity, case.around)
    assert before_touch(case, draft, edited, view.folder_id, mapped, lambda draft, _view: draft) is None


@given(cases(), moments, moments)
def test_a_date_that_people_have_put_elsewhere_is_theirs(
    case: Surrounded[TestCase], created: datetime, shown: datetime
) -> None:
    """The line of another fact cannot pass for that of the change."""
    assume(created.isoformat() != shown.isoformat())
    entity = case.entity.model_copy(update={"created_at": created})
    view = stored(draft_of(entity.model_copy(update={"created_at": shown}), case.around))
    assert found(Surrounded(entity, case.around, case.stamp), view) is None
