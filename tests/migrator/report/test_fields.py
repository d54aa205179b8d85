"""What differs between a case in QA Sphere and its draft, as people read it."""

from migrator.core.drafts import CaseDraft, StepDraft
from migrator.core.views import CaseView
from migrator.report.fields import FORMATTING, changes
from migrator.report.values import Change
from tests.support.drafts import case_draft, case_view


def changed(draft: CaseDraft, **values: object) -> CaseDraft:
    return draft.model_copy(update=values)


def test_equal_words_are_no_difference_whatever_the_server_did_to_the_markup() -> None:
    draft = case_draft(1)
    assert changes(draft, case_view(draft, precondition="<div>Signed&nbsp;in</div>"), draft) == ()


def test_both_sides_and_what_was_migrated_are_shown() -> None:
    draft = case_draft(1, title="Sign in")
    wanted = changed(draft, title="Sign in twice", tags=("smoke", "daily"))
    found = changes(draft, case_view(draft, title="Log in"), wanted)
    assert found == (
        Change("title", "Log in", "Sign in twice", "Sign in"),
        Change("tags", "smoke", "daily\nsmoke"),
    )


def test_what_people_changed_in_qa_sphere_alone_stays() -> None:
    draft = case_draft(1, title="Sign in")
    view = case_view(draft, precondition="<p>Signed in as Zoë</p>", tags=("smoke", "theirs"))
    wanted = changed(draft, title="Sign in twice", tags=("ours", "smoke"))
    assert changes(draft, view, wanted) == (
        Change("title", "Sign in", "Sign in twice"),
        Change("precondition", "Signed in as Zoë", "Signed in", "", theirs=True),
        Change("tags", "smoke\ntheirs", "ours\nsmoke\ntheirs", "smoke"),
    )
    assert changes(draft, view, draft) == (Change("precondition", "Signed in as Zoë", "Signed in", "", theirs=True),)


def test_without_knowing_what_was_migrated_nobody_is_blamed() -> None:
    draft = case_draft(1)
    assert changes(None, case_view(draft, title="Another"), draft) == (Change("title", "Another", "Case 1"),)


def test_what_was_not_seen_is_what_was_sent() -> None:
    draft = case_draft(1)
    wanted = changed(draft, steps=(StepDraft(description="<p>Open</p>", expected="<p>It opens</p>"),))
    view = case_view(draft, steps=()).model_copy(update={"unseen": frozenset({"steps"})})
    assert changes(draft, view, wanted) == (Change("steps", "1. Open & wait\n   ⇒ It opens", "1. Open\n   ⇒ It opens"),)
    assert changes(draft, None, wanted) == changes(draft, view, wanted)


def test_custom_fields_come_and_go_and_those_of_others_are_left_out() -> None:
    draft = changed(case_draft(1), custom_fields={"component": "Shop", "old": "x"})
    view = case_view(draft, custom_fields={"component": "Shop", "old": "x", "theirs": "y"})
    wanted = changed(draft, custom_fields={"component": "Till"})
    assert changes(draft, view, wanted) == (
        Change("custom field component", "Shop", "Till"),
        Change("custom field old", "x", ""),
    )


def test_formatting_alone_is_named() -> None:
    draft = case_draft(1)
    wanted = changed(draft, precondition="<p>Signed <b>in</b></p>")
    assert changes(draft, case_view(draft), wanted) == (Change("precondition", FORMATTING, FORMATTING),)


def test_of_a_long_text_the_part_that_differs_is_shown() -> None:
    draft = changed(case_draft(1), precondition=f"<p>{'same ' * 4000} old {'end ' * 4000}</p>")
    wanted = changed(draft, precondition=f"<p>{'same ' * 4000} new {'end ' * 4000}</p>")
    (change,) = changes(draft, None, wanted)
    assert len(change.left) < 4100
    assert change.left.startswith("…")
    assert " old " in change.left
    assert " new " in change.right
    assert "more characters)" in change.right


def test_without_anything_to_compare_with_nothing_is_shown() -> None:
    view: CaseView | None = None
    assert changes(None, view, case_draft(1)) == ()
    assert changes(case_draft(1), case_view(case_draft(1)), None) == ()
