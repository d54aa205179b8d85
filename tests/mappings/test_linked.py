"""What is linked with a case: requirements by text, defects and others as lists, and nothing that acts on others."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mappings.cases import CaseMapper
from mappings.item_writer import Writers
from mappings.rules import MappingRules
from migrator.core.drafts import LINK_LIMIT, CaseDraft
from migrator.core.model import (
    AnyEntity,
    Attachment,
    Comment,
    Defect,
    Person,
    Requirement,
    RichText,
    TestCase,
    TestSet,
    User,
)
from migrator.core.ports.mapping import Around, Linked, Mapped
from migrator.core.text import symbol, visible_text
from tests.support.drafts import case_entity, ref

CASE = case_entity(1)
ADA = User(ref=ref("user", "12", "1"), title="Ada Berg", email="ada@acme.example")


def requirement(number: int, title: str, **more: Any) -> Requirement:
    return Requirement(ref=ref("requirement", "12", str(number)), title=title, **more)


def link(number: int, entity: AnyEntity | None, *, relation: str = "linked", kind: str = "defect") -> Linked:
    far = entity.ref if entity else ref(kind, "12", "99")
    return Linked(far, relation, entity, ref("link", "12", str(number)).marker)


def mapped(around: Around, **rules: Any) -> tuple[Mapped, CaseDraft]:
    values = MappingRules.model_validate({"fallback": {}, **rules})
    pages = ref("pages", "12") if values.pages.make else None
    result = CaseMapper(values, Writers(values.people, {ADA.ref.marker: ADA})).map(CASE, around, "f:1:2", pages)
    assert isinstance(result.draft, CaseDraft)
    return result, result.draft


def codes(result: Mapped) -> set[str]:
    return {note.code for note in result.notes}


def test_requirements_of_one_title_stay_two() -> None:
    linked = (link(1, requirement(5, "Pay")), link(2, requirement(6, "Pay")), link(3, requirement(5, "Pay")))
    result, draft = mapped(Around(linked=linked))
    assert [found.text for found in draft.requirements] == ["Pay [#5]", "Pay [#6]"]
    assert {each.marker for each in linked} | {requirement(5, "").ref.marker} <= set(result.folded)


def test_ids_that_are_as_long_as_a_text_may_be_are_shortened_and_stay_apart() -> None:
    items = [Requirement(ref=ref("control", "r", "X" * 300 + end), title="Approve") for end in "ab"]
    result, draft = mapped(Around(linked=tuple(link(number, item) for number, item in enumerate(items))))
    texts = [found.text for found in draft.requirements]
    assert len(set(texts)) == 2
    assert all(text.startswith("Approve [#XXX") and len(text) <= LINK_LIMIT for text in texts)
    assert [note.original for note in result.notes if note.code == "requirement_cut"] == [
        "X" * 300 + end for end in "ab"
    ]


@pytest.mark.parametrize(("urls", "expected"), [(False, ""), (True, "https://q.example/r/5")])
def test_addresses_of_requirements_are_given_only_when_asked_for(urls: bool, expected: str) -> None:
    around = Around(linked=(link(1, requirement(5, "Pay", address="https://q.example/r/5")),))
    assert mapped(around, requirements={"urls": urls})[1].requirements[0].url == expected


@pytest.mark.parametrize("address", ["https://q.example/" + "x" * 300, "ftp://q.example/5", None])
def test_addresses_that_do_not_fit_are_left_out(address: str | None) -> None:
    around = Around(linked=(link(1, requirement(5, "Pay", address=address)),))
    result, draft = mapped(around, requirements={"urls": True})
    assert draft.requirements[0].url == ""
    assert ("address_too_long" in codes(result)) == (len(address or "") > 255)


@pytest.mark.parametrize("address", ["mailto:a@b.c", "//h/x", "javascript:go()", "foo", "http://[::1", "http://a<b"])
def test_what_is_no_web_address_stays_as_words(address: str) -> None:
    around = Around(linked=(link(1, requirement(5, "Pay", address=address)),))
    result, draft = mapped(around, requirements={"urls": True}, pages={"make": False})
    assert (draft.requirements[0].text, draft.requirements[0].url) == ("Pay [#5]", "")
    assert f"Requirements #5 Pay ({address})" in visible_text(draft.precondition)
    assert [note.original for note in result.notes if note.code == "link_unusable"] == [address]
    unasked, draft = mapped(around, pages={"make": False})
    assert ("link_unusable" in codes(unasked), draft.precondition) == (False, "")


def test_a_long_requirement_is_cut_before_its_id() -> None:
    result, draft = mapped(Around(linked=(link(1, requirement(5, "word " * 100)),)))
    assert len(draft.requirements[0].text) <= 255
    assert draft.requirements[0].text.endswith("… [#5]")
    assert "requirement_cut" in codes(result)


def test_defects_and_others_are_lists_in_the_precondition_and_no_links() -> None:
    linked = (
        link(1, Defect(ref=ref("defect", "12", "601"), title="<b>Total</b> is wrong", state="Closed")),
        link(2, TestSet(ref=ref("test_set", "12", "701"), title="Smoke"), relation="covered by"),
        link(3, case_entity(2)),
        link(4, None),
        Linked(None, "linked", None, "m"),
    )
    result, draft = mapped(Around(linked=linked))
    text = visible_text(draft.precondition)
    assert "Defects #601 <b>Total</b> is wrong (Closed), see “Defects undated”" in text
    assert (
        "Related Test set #701 Smoke (covered by), see “Test sets undated” Test #2 Case 2"
        " Defect #99 (the source does not list it) an item that the source does not name" in text
    )
    assert f'<a href="{symbol("case", case_entity(2).ref.marker)}">Test #2 Case 2</a>' in draft.precondition
    assert len(draft.links) == 1
    assert ref("defect", "12", "601").marker in result.folded
    assert ref("test_set", "12", "701").marker not in result.folded


def comment(number: int, text: str, when: datetime | None, author: Person | None = None) -> Comment:
    return Comment(
        ref=ref("note", "12", str(number)),
        title="",
        about=CASE.ref,
        text=RichText(value=text),
        author=author,
        created_at=when,
    )


def test_notes_stand_with_date_and_author_the_oldest_first() -> None:
    comments = (
        comment(3, "<p>third</p>", None),
        comment(2, "second", datetime(2021, 1, 1, tzinfo=UTC), Person(name="Jon Vik")),
        comment(1, "first", datetime(2020, 1, 1, tzinfo=UTC), Person(ref=ADA.ref)),
        comment(4, " ", datetime(2019, 1, 1, tzinfo=UTC)),
    )
    result, draft = mapped(Around(comments=comments), people="email")
    assert visible_text(draft.precondition) == (
        "Notes 2020-01-01 00:00:00+00:00, ada@acme.example: first 2021-01-01 00:00:00+00:00, Jon Vik: second"
        " Undated: third"
    )
    assert [marker.rpartition("/")[2] for marker in result.folded] == ["1", "2", "3"]
    assert "person_unknown" in codes(result)


def test_files_of_linked_items_are_named() -> None:
    spec = Attachment(ref=ref("file", "12", "9"), title="spec.pdf", about=ref("requirement", "12", "5"))
    need = requirement(5, "Pay")
    linked = Linked(need.ref, "linked", need, "m", (spec,))
    _, draft = mapped(Around(linked=(linked,)))
    told = "Requirements #5 Pay, see “Requirements undated” Files of linked items Requirement #5 Pay: spec.pdf"
    assert visible_text(draft.precondition) == told
    assert draft.files == ()


def test_a_case_with_nothing_around_it_is_as_it_was() -> None:
    entity = TestCase(ref=CASE.ref, title="Plain")
    result = CaseMapper(MappingRules(), Writers()).map(entity, Around(), "f:1:2")
    assert isinstance(result.draft, CaseDraft)
    assert (result.draft.precondition, result.draft.requirements, result.folded, result.files) == ("", (), (), ())


def test_what_people_wrote_in_a_linked_item_is_not_in_the_case_without_pages() -> None:
    bare, whole = requirement(1, "Bare"), requirement(2, "Whole", description=RichText(value="All of it"))
    around = Around(linked=(link(1, bare), link(2, whole)))
    assert whole.ref.marker in mapped(around)[0].folded
    folded = mapped(around, pages={"make": False})[0].folded
    assert (bare.ref.marker in folded, whole.ref.marker in folded) == (True, False)
