"""The three-way merge: nobody's work is overwritten, lists are merged by their elements, and it comes to rest."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from migrator.core.drafts import CaseDraft, LinkDraft, RequirementDraft, StepDraft
from migrator.core.text import visible_text
from migrator.core.views import CasePatch, CaseView, StepView
from migrator.engine.plan.cases.compare import CUSTOM, base_of, fingerprint, rebased
from migrator.engine.plan.cases.merge import Merge, changed_fields, merge, merged_draft, merged_lists, patch_of
from migrator.engine.verify.cases import _is_merged
from tests.support.drafts import case_draft, case_view

BEFORE = case_draft(1).model_copy(update={"tags": ("smoke", "old"), "custom_fields": {"team": "Blue"}})
VIEW = case_view(BEFORE)
BASE = base_of(VIEW)


def changed(**values: Any) -> CaseDraft:
    return BEFORE.model_copy(update=values)


def patched(view: CaseView, patch: CasePatch) -> CaseView:
    """What a server makes of a patch."""
    values: dict[str, Any] = patch.model_dump(exclude_none=True)
    if patch.steps is not None:
        values["steps"] = tuple(StepView(description=step.description, expected=step.expected) for step in patch.steps)
    if patch.links is not None:
        values["links"] = tuple((link.text, link.url) for link in patch.links)
    if patch.requirements is not None:
        values["requirements"] = tuple((found.text, found.url) for found in patch.requirements)
    if patch.custom_fields is not None:
        values["custom_fields"] = view.custom_fields | patch.custom_fields
    return view.model_copy(update=values | {"version": (view.version or 0) + 1})


def test_only_what_changed_is_sent() -> None:
    now = changed(title="New", custom_fields={"team": "Red"})
    decision = merge(BEFORE, now, BASE, VIEW)
    assert decision.send == ("title", CUSTOM + "team")
    patch = patch_of(decision, BEFORE, now, VIEW)
    assert patch.model_dump(exclude_none=True) == {"title": "New", "custom_fields": {"team": "Red"}}


def test_formatting_alone_is_a_change_at_the_source() -> None:
    now = changed(precondition="<p>Signed <strong>in</strong></p>")
    assert merge(BEFORE, now, BASE, VIEW).send == ("precondition",)


def test_formatting_that_a_colleague_added_is_their_work() -> None:
    view = VIEW.model_copy(update={"precondition": "<p>Signed <b>in</b></p>"})
    decision = merge(BEFORE, changed(precondition="<p>Signed out</p>"), BASE, view)
    assert [difference.field for difference in decision.conflicts] == ["precondition"]


def test_what_the_server_escapes_otherwise_is_nobodys_work() -> None:
    view = VIEW.model_copy(update={"precondition": "<p>Signed&nbsp;in</p>".replace("&nbsp;", " ")})
    assert merge(BEFORE, changed(precondition="<p>Out</p>"), BASE, view).send == ("precondition",)


def dated(day: int, version: int, words: str = "Signed in") -> str:
    facts = f"<li><strong>Updated:</strong> 2024-03-0{day}</li><li><strong>Version:</strong> {version}</li>"
    return f"<p>{words}</p><ul><li><strong>Status:</strong> New</li>{facts}</ul>"


def as_served(text: str) -> str:
    return text.replace("<li>", "<li>\n<p>").replace("</li>", "</p></li>\n").replace(":</strong> ", ":</strong>&#32;")


def test_a_colleagues_note_is_kept_and_the_lines_that_are_derived_are_renewed() -> None:
    before, now = changed(precondition=dated(1, 1)), changed(precondition=dated(2, 2), title="New")
    written = case_view(before).model_copy(update={"precondition": as_served(dated(1, 1))})
    theirs = written.model_copy(update={"precondition": "<p>Ask Ada first</p>" + written.precondition, "version": 2})
    base = base_of(written)
    for day in range(2, 5):
        decision = merge(before, now, base, theirs)
        assert (decision.send, decision.conflicts) == (("title",) if day == 2 else (), ())
        patch = patch_of(decision, before, now, theirs)
        assert visible_text(patch.precondition or "") == visible_text("<p>Ask Ada first</p>" + dated(day, day))
        theirs = patched(theirs, patch)
        base = rebased(base, theirs, decision.send)
        assert set(base.edited) == {"precondition"}  # still known as theirs
        assert merge(now, now, base, theirs) == Merge()
        before, now = now, now.model_copy(update={"precondition": dated(day + 1, day + 1)})
    other = now.model_copy(update={"precondition": dated(5, 5, "Signed out")})
    assert [difference.field for difference in merge(before, other, base, theirs).conflicts] == ["precondition"]


def test_derived_lines_that_a_colleague_changed_or_deleted_are_not_their_work() -> None:
    before, now = changed(precondition=dated(1, 1)), changed(precondition=dated(2, 2, "Signed out"))
    view = case_view(before)
    for spoilt in (dated(9, 9), dated(1, 1).replace("<li><strong>Version:</strong> 1</li>", "")):
        decision = merge(before, now, base_of(view), view.model_copy(update={"precondition": spoilt}))
        assert decision == Merge(send=("precondition",))
    # a note beside a deleted line: the other one must not become a false word
    one_left = "<p>All new</p>" + dated(1, 1).replace("<li><strong>Updated:</strong> 2024-03-01</li>", "")
    decision = merge(
        before, changed(precondition=dated(2, 2)), base_of(view), view.model_copy(update={"precondition": one_left})
    )
    assert decision == Merge(renewed=one_left.replace("</strong> 1", "</strong> 2"))
    # nothing is left that could be renewed
    noted = view.model_copy(update={"precondition": "<p>All new</p>"})
    assert merge(before, changed(precondition=dated(2, 2)), base_of(view), noted) == Merge()


def test_a_base_of_a_version_before_knows_only_the_whole_text() -> None:
    before, now = changed(precondition=dated(1, 1)), changed(precondition=dated(2, 2))
    view = case_view(before)
    old = replace(base_of(view), prose="")
    assert merge(before, now, old, view).send == ("precondition",)
    theirs = view.model_copy(update={"precondition": "<p>Note</p>" + view.precondition})
    assert visible_text(merge(before, now, old, theirs).renewed) == visible_text("<p>Note</p>" + dated(2, 2))


def test_steps_are_one_field() -> None:
    now = changed(steps=(*BEFORE.steps, StepDraft(description="More")))
    view = VIEW.model_copy(update={"steps": ()})
    assert merge(BEFORE, now, BASE, VIEW).send == ("steps",)
    assert [difference.field for difference in merge(BEFORE, now, BASE, view).conflicts] == ["steps"]


def test_a_patch_of_a_list_is_the_union() -> None:
    wiki = LinkDraft(text="Wiki", url="https://wiki.example/")
    now = changed(tags=("smoke", "new"), links=(*BEFORE.links, wiki))
    theirs = ("Theirs", "https://theirs.example/")
    view = VIEW.model_copy(update={"tags": ("old", "smoke", "theirs"), "links": (*VIEW.links, theirs)})
    patch = patch_of(merge(BEFORE, now, BASE, view), BEFORE, now, view)
    assert patch.tags == ("smoke", "theirs", "new")
    assert patch.links is not None
    assert [(link.text, link.url) for link in patch.links] == [*VIEW.links, theirs, ("Wiki", "https://wiki.example/")]


def test_an_element_that_a_colleague_removed_stays_removed() -> None:
    view = VIEW.model_copy(update={"tags": ("old",)})
    patch = patch_of(Merge(send=("tags",)), BEFORE, changed(tags=("smoke", "old", "new")), view)
    assert patch.tags == ("old", "new")


def test_a_custom_field_that_left_the_source_is_emptied() -> None:
    now = changed(custom_fields={})
    patch = patch_of(merge(BEFORE, now, BASE, VIEW), BEFORE, now, VIEW)
    assert patch.custom_fields == {"team": ""}


def test_what_a_colleague_changed_beside_our_update_stays_known_as_theirs() -> None:
    view = VIEW.model_copy(update={"title": "Theirs", "version": 2})
    first = changed(priority="high")
    after = patched(view, patch_of(merge(BEFORE, first, BASE, view), BEFORE, first, view))
    base = rebased(BASE, after, ("priority",))
    assert set(base.edited) == {"title"}
    second = changed(priority="high", title="Ours")
    assert [difference.field for difference in merge(first, second, base, after).conflicts] == ["title"]


TEXTS = st.sampled_from(["<p>a</p>", "<p>b</p>", "<p><b>a</b></p>", "", "<p>c &amp; d</p>"])
TAGS = st.lists(st.sampled_from(["smoke", "old", "x", "y"]), unique=True).map(tuple)
LINKS = st.lists(
    st.sampled_from([LinkDraft(text=name, url=f"https://{name}.example/") for name in "abc"]),
    unique_by=lambda link: link.text,
).map(lambda links: (*BEFORE.links, *links))
EDITS = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["A", "B", "C"]),
        "priority": st.sampled_from(["low", "high"]),
        "precondition": TEXTS,
        "steps": st.lists(TEXTS.filter(bool).map(lambda t: StepDraft(description=t)), max_size=3).map(tuple),
        "tags": TAGS,
        "links": LINKS,
        "requirements": st.lists(st.sampled_from([RequirementDraft(text=name) for name in "rst"]), unique=True).map(
            tuple
        ),
        "custom_fields": st.sampled_from([{}, {"team": "Red"}, {"team": "Blue", "other": "1"}]),
    },
)


@given(source=EDITS, theirs=EDITS)
def test_any_edits_on_both_sides_lose_nothing_and_come_to_rest(source: dict[str, Any], theirs: dict[str, Any]) -> None:
    now = changed(**source)
    view = case_view(changed(**theirs), version=2)
    decision = merge(BEFORE, now, BASE, view)
    after = patched(view, patch_of(decision, BEFORE, now, view)) if decision.send or decision.renewed else view

    touched = {*decision.send, *decision.agreed, *(difference.field for difference in decision.conflicts)}
    assert touched == set(changed_fields(BEFORE, now))
    for difference in decision.conflicts:  # both changed it: theirs stands
        name = difference.field.partition(".")[0]
        assert name in source
        assert name in theirs
    for name in ("title", "priority", "precondition", "steps"):
        if name not in decision.send:
            assert getattr(after, name) == getattr(view, name)
    assert set(view.tags) - set(after.tags) <= set(BEFORE.tags) - set(now.tags)
    assert set(view.links) <= set(after.links) | {(link.text, link.url) for link in BEFORE.links}
    assert set(now.tags) - set(BEFORE.tags) <= set(after.tags)
    assert set(view.requirements) <= set(after.requirements)
    assert {found.text for found in now.requirements} <= {text for text, _ in after.requirements}

    if not decision.conflicts:
        base = rebased(BASE, after, (*decision.send, *decision.agreed))
        again = merge(merged_draft(BEFORE, now, decision.stuck), now, base, after)
        assert (again.send, again.conflicts) == ((), ())
        # in doubt: the patch may have arrived although its answer was lost
        repeated = merge(BEFORE, now, BASE, after)
        assert (repeated.send, repeated.conflicts) == ((), ())


def test_an_element_that_a_colleague_removed_stays_away_and_is_no_difference() -> None:
    """The source changes another element of the list later, or the same change was made on both sides."""
    theirs = VIEW.model_copy(update={"tags": ("smoke",)})
    now = changed(tags=("smoke", "old", "inactive"))
    decision = merge(BEFORE, now, BASE, theirs)
    after = patched(theirs, patch_of(decision, BEFORE, now, theirs))
    assert after.tags == ("smoke", "inactive")
    for seen, done in ((theirs, decision), (after, merge(BEFORE, now, BASE, after))):
        lists = merged_lists(done, BEFORE, now, seen, after)
        base = rebased(BASE, after, (*done.send, *done.agreed), accepted=lists)
        assert lists == ["tags"]
        assert _is_merged("tags", now, base, after, fingerprint(after))
        # another change at the source leaves it known
        again = rebased(base, after.model_copy(update={"title": "New"}), ["title"])
        assert _is_merged("tags", now, again, after, fingerprint(after))
    lost = after.model_copy(update={"tags": ("smoke",)})
    assert merged_lists(decision, BEFORE, now, theirs, lost) == []
