"""Cases: every limit holds, every loss is noted, the same input gives the same draft."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.cases import CaseMapper
from mappings.fields import unknown_fields
from mappings.item_writer import Writers
from mappings.mapper import RulesMapper
from mappings.rules import MappingRules, ProjectRules
from migrator.core.drafts import TEXT_LIMIT, CaseDraft
from migrator.core.model import (
    Attachment,
    Comment,
    CustomField,
    Defect,
    Person,
    Requirement,
    RichText,
    Step,
    TestCase,
    User,
)
from migrator.core.ports.mapping import Around, FolderPlan, Linked, Mapped
from migrator.core.text import symbols_in, visible_text
from migrator.core.views import CustomFieldView, ProjectView
from tests.support.drafts import ref

FOLDER = ref("folder", "12", "7").marker
ADA = User(ref=ref("user", "12", "1"), title="Ada Berg", email="ada@acme.example")
NOTHING = Around()
RULES = {"priority": {"1-High": "high", "3-Low": "low"}}


def case(**fields: object) -> TestCase:
    base = {
        "ref": ref("test", "12", "345"),
        "title": "Pay by card",
        "priority": "1-High",
        "address": "https://q.example/1",
    }
    return TestCase.model_validate(base | fields)


def view(*fields: CustomFieldView) -> ProjectView:
    return ProjectView(id="p", code="SHOP", title="Shop", archived=False, address="", custom_fields=fields)


def mapped(
    entity: TestCase, *, around: Around = NOTHING, destination: ProjectView | None = None, **rules: Any
) -> Mapped:
    values = MappingRules.model_validate({**RULES, **rules})
    writers = Writers(values.people, {ADA.ref.marker: ADA}, destination)
    return CaseMapper(values, writers).map(entity, around, FOLDER)


def draft(entity: TestCase, *, destination: ProjectView | None = None, **rules: Any) -> CaseDraft:
    result = mapped(entity, destination=destination, **rules).draft
    assert isinstance(result, CaseDraft)
    return result


def codes(result: Mapped) -> list[str]:
    return [note.code for note in result.notes]


def field(name: str, value: str) -> CustomField:
    return CustomField(name=name, value=RichText(value=value))


def test_what_has_no_field_stands_readable_in_the_precondition() -> None:
    entity = case(
        description=RichText(value="Use the test shop."),
        author=Person(ref=ADA.ref),
        owner=Person(name="Jon Vik"),
        state="Approved",
        version="4",
        created_at=datetime(2016, 3, 7, 9, 30, tzinfo=UTC),
        attributes={"test_type": "Smoke", "execution_type": "Manual"},
    )
    text = visible_text(draft(entity).precondition)
    assert text.startswith("Use the test shop. Source details Author: Ada Berg Created: 2016-03-07 09:30:00+00:00")
    for fact in ("Owner: Jon Vik", "Status: Approved", "Version: 4", "Execution type: Manual"):
        assert fact in text
    assert draft(entity).tags == ("Smoke",)


def test_the_marker_travels_in_a_link() -> None:
    (link,) = draft(case()).links
    assert (link.text, link.url) == ("Source: qacomplete@acme:test:12/345", "https://q.example/1")


def test_a_long_title_is_cut_and_stands_whole_in_the_precondition() -> None:
    title = "word " * 200
    result = mapped(case(title=title))
    assert isinstance(result.draft, CaseDraft)
    assert len(result.draft.title) <= 511
    assert visible_text(result.draft.precondition).startswith(title.strip())
    assert "title_cut" in codes(result)


@pytest.mark.parametrize(
    ("title", "expected", "code"),
    [("  ", "(untitled) #345", "title_empty"), ("a\nb\x07 c", "a b c", "title_cleaned")],
)
def test_hostile_titles(title: str, expected: str, code: str) -> None:
    result = mapped(case(title=title))
    assert isinstance(result.draft, CaseDraft)
    assert (result.draft.title, codes(result)) == (expected, [code])


@pytest.mark.parametrize(
    ("value", "priority", "noted"),
    [("1-high ", "high", []), ("P1", "medium", ["priority_unmapped"]), (None, "medium", ["priority_missing"])],
)
def test_priorities(value: str | None, priority: str, noted: list[str]) -> None:
    result = mapped(case(priority=value))
    assert isinstance(result.draft, CaseDraft)
    assert (result.draft.priority, codes(result)) == (priority, noted)


def test_steps_keep_their_order_and_say_when_they_are_critical_or_empty() -> None:
    def step(action: str, expected: str, *, critical: bool = False) -> Step:
        return Step(action=RichText(value=action), expected=RichText(value=expected), critical=critical)

    result = mapped(case(steps=(step("a", "b"), step("", " "), step("", "only"), step("c", "", critical=True))))
    assert isinstance(result.draft, CaseDraft)
    shown = [(visible_text(s.description), visible_text(s.expected)) for s in result.draft.steps]
    assert shown == [("a", "b"), ("", "only"), ("c Critical step: the test stops when it fails.", "")]
    assert codes(result) == ["step_empty", "step_critical"]


@pytest.mark.parametrize(
    ("rule", "tags", "is_draft", "outcome"),
    [("tag", ("inactive",), False, "draft"), ("draft", (), True, "draft"), ("skip", None, None, "excluded")],
)
def test_inactive_cases(rule: str, tags: tuple[str, ...] | None, is_draft: bool | None, outcome: str) -> None:
    result = mapped(case(active=False), inactive=rule)
    assert result.outcome == outcome
    if isinstance(result.draft, CaseDraft):
        assert (result.draft.tags, result.draft.is_draft) == (tags, is_draft)


def test_custom_fields_go_where_the_rules_say() -> None:
    fields = tuple(field(name, f"value of {name}") for name in ("Team", "Area", "Note", "Junk", "Owner Group"))
    rules = {"team": "team_name", "AREA": "tag", "Note": "text", "Junk": "drop"}
    target = view(
        CustomFieldView(system_name="team_name", name="Team", type="text"),
        CustomFieldView(system_name="owner_group", name="Group", type="text"),
    )
    result = mapped(case(custom_fields=fields), destination=target, custom_fields=rules)
    assert isinstance(result.draft, CaseDraft)
    assert result.draft.custom_fields == {"team_name": "value of Team", "owner_group": "value of Owner Group"}
    assert result.draft.tags == ("Area: value of Area",)
    assert "Note: value of Note" in visible_text(result.draft.precondition)
    assert codes(result) == ["field_dropped"]


@pytest.mark.parametrize(
    ("target", "value", "code"),
    [
        (None, "x", "field_to_text"),
        (
            CustomFieldView(system_name="team", name="Team", type="dropdown", options=("A",)),
            "B",
            "field_option_unknown",
        ),
        (CustomFieldView(system_name="team", name="Team", type="text"), "x" * 300, "field_cut"),
        (CustomFieldView(system_name="team", name="Team", type="checkbox"), "perhaps", "field_option_unknown"),
    ],
)
def test_a_custom_field_value_that_does_not_fit_stays_readable(
    target: CustomFieldView | None, value: str, code: str
) -> None:
    result = mapped(case(custom_fields=(field("Team", value),)), destination=view(target) if target else None)
    assert isinstance(result.draft, CaseDraft)
    assert f"Team: {value}" in visible_text(result.draft.precondition)
    assert codes(result) == [code]


def test_a_rule_places_built_in_fields_as_well() -> None:
    target = view(CustomFieldView(system_name="how", name="How", type="dropdown", options=("Manual",)))
    entity = case(attributes={"execution_type": "Manual", "test_type": "Smoke"})
    result = draft(entity, destination=target, custom_fields={"Execution Type": "how"})
    assert (result.custom_fields, result.precondition, result.tags) == ({"how": "Manual"}, "", ("Smoke",))


@pytest.mark.parametrize(("value", "stored"), [("Yes", "true"), ("0", "false"), ("TRUE", "true")])
def test_check_boxes_are_true_or_false(value: str, stored: str) -> None:
    target = view(CustomFieldView(system_name="auto", name="Auto", type="checkbox"))
    assert draft(case(custom_fields=(field("Auto", value),)), destination=target).custom_fields == {"auto": stored}


def test_a_second_value_for_one_field_of_qa_sphere_stays_readable() -> None:
    target = view(CustomFieldView(system_name="team", name="Team", type="text"))
    result = mapped(case(custom_fields=(field("Team", "Red"), field("TEAM", "Blue"))), destination=target)
    assert isinstance(result.draft, CaseDraft)
    assert result.draft.custom_fields == {"team": "Red"}
    assert "TEAM: Blue" in visible_text(result.draft.precondition)
    assert codes(result) == ["field_twice"]


def test_links_and_pictures_of_a_field_are_kept_where_they_can_be() -> None:
    target = view(CustomFieldView(system_name="team", name="Team", type="text"))
    value = '<a href="https://wiki.example/">wiki</a> <img src="a.png">'
    result = mapped(case(custom_fields=(field("Team", value),)), destination=target)
    assert isinstance(result.draft, CaseDraft)
    assert result.draft.custom_fields == {"team": "wiki [image: a.png]"}
    assert 'href="https://wiki.example/"' in result.draft.precondition
    assert len(result.files) == 1
    assert set(codes(result)) == {"image_linked", "field_flattened"}


def test_what_is_known_to_survive_is_part_of_the_rules() -> None:
    project = ProjectRules(source="12", destination="SHOP")
    shown = RichText(value='<table><tr><td>a</td></tr></table><img src="a.png">')
    digests = set()
    for keeps in (False, True):
        seen = view().model_copy(update={"keeps_images": keeps, "keeps_tables": keeps})
        mapper = RulesMapper(MappingRules(), project, [], seen)
        result = mapper.case(case(description=shown), NOTHING, FolderPlan((), {"": FOLDER}))
        assert isinstance(result.draft, CaseDraft)
        assert ("<table>" in result.draft.precondition, "<img " in result.draft.precondition) == (keeps, keeps)
        digests.add(mapper.digest)
    assert len(digests) == 2


def test_a_field_of_a_type_that_is_not_filled_is_named() -> None:
    target = view(CustomFieldView(system_name="long", name="Long", type="richtext"))
    result = mapped(case(custom_fields=(field("Team", "x"),)), destination=target, custom_fields={"Team": "long"})
    assert codes(result) == ["field_missing_at_destination"]


def test_one_rule_can_stand_for_all_fields_without_one() -> None:
    fields = (field("Team", "x"), field("Amount", "12"), field("Secret", "y"))
    target = view(CustomFieldView(system_name="team", name="Team", type="text"))
    result = mapped(case(custom_fields=fields), destination=target, custom_fields={"*": "text", "secret": "drop"})
    assert isinstance(result.draft, CaseDraft)
    assert result.draft.custom_fields == {"team": "x"}
    assert "Amount: 12" in " ".join(visible_text(result.draft.precondition).split())
    assert codes(result) == ["field_dropped"]


def test_a_field_that_qa_sphere_does_not_have_is_named() -> None:
    result = mapped(case(custom_fields=(field("Team", "x"),)), destination=view(), custom_fields={"Team": "nowhere"})
    assert codes(result) == ["field_missing_at_destination"]


def test_a_required_field_without_a_value_rejects_the_case_while_planning() -> None:
    target = view(CustomFieldView(system_name="team", name="Team", type="text", required=True))
    result = mapped(case(), destination=target)
    assert (result.outcome, result.draft) == ("rejected", None)
    assert "team" in result.reason


@pytest.mark.parametrize(
    ("rule", "shown", "noted"),
    [("email", "Author: ada@acme.example", []), ("name", "Author: Ada Berg", []), ("none", "", [])],
)
def test_people(rule: str, shown: str, noted: list[str]) -> None:
    result = mapped(case(author=Person(ref=ADA.ref)), people=rule)
    assert isinstance(result.draft, CaseDraft)
    assert shown in visible_text(result.draft.precondition)
    assert codes(result) == noted


def test_unknown_people_are_named_by_their_id() -> None:
    result = mapped(case(author=Person(ref=ref("user", "12", "9"))))
    assert codes(result) == ["person_unknown"]


def test_fields_of_every_case_become_tags_or_go_where_a_rule_says() -> None:
    entity = case(
        state="Ready", version="3", priority="High", owner=Person(name="Ann"), attributes={"execution_type": "Manual"}
    )
    tags = ["execution_type", "Version", "status", "owner", "priority", "author"]
    assert draft(entity, tags=tags).tags == ("Manual", "3", "Ready", "Ann", "High")
    own = entity.model_copy(update={"custom_fields": (field("Version", "its own"),)})
    assert draft(own, tags=["version"]).tags == ("its own",)
    assert draft(entity, custom_fields={"Status": "tag"}).tags == ("Status: Ready",)


def test_a_rule_for_a_field_that_no_case_has_is_told() -> None:
    rules = MappingRules(
        tags=("test_type", "Execution Type", "owner", "nonsense"), custom_fields={"Area": "tag", "*": "tag"}
    )
    read: list[int] = []

    def cases() -> Iterator[TestCase]:
        for number in range(3):
            read.append(number)
            yield case(attributes={"execution_type": "Manual"}, custom_fields=(field("Area", "Web"),))

    assert unknown_fields(rules, cases()) == ["nonsense"]
    assert unknown_fields(rules, []) == []
    read.clear()
    assert unknown_fields(rules.model_copy(update={"tags": ("Area",)}), cases()) == []
    assert read == [0]


def test_an_address_over_255_characters_links_the_host() -> None:
    result = mapped(case(address="https://q.example/" + "x" * 300))
    assert isinstance(result.draft, CaseDraft)
    assert result.draft.links[0].url == "https://q.example/"
    assert codes(result) == ["address_too_long"]


def test_tags_are_cut_and_never_twice() -> None:
    entity = case(attributes={"test_type": "t" * 300}, custom_fields=(field("A", "Smoke"), field("B", "Smoke")))
    result = mapped(entity, tags=["Test Type", "A", "B", "missing"])
    assert isinstance(result.draft, CaseDraft)
    assert [len(tag) for tag in result.draft.tags] == [255, 5]


ENTITIES = st.builds(
    TestCase,
    ref=st.just(ref("test", "12", "345")),
    title=st.text(max_size=700),
    description=st.none() | st.builds(RichText, value=st.text(max_size=60)),
    priority=st.none() | st.text(max_size=10),
    state=st.none() | st.text(max_size=10),
    active=st.booleans(),
    attributes=st.dictionaries(st.sampled_from(["test_type", "execution_type"]), st.text(max_size=300)),
    custom_fields=st.lists(
        st.builds(CustomField, name=st.text(max_size=10), value=st.builds(RichText, value=st.text(max_size=300))),
        max_size=3,
    ).map(tuple),
    steps=st.lists(
        st.builds(Step, action=st.builds(RichText, value=st.text(max_size=20)), expected=st.just(RichText(value=""))),
        max_size=3,
    ).map(tuple),
    address=st.none() | st.text(max_size=300),
)


def _text(limit: int) -> "st.SearchStrategy[str]":
    return st.text(max_size=limit)


REQUIREMENTS = st.builds(
    Requirement, ref=st.just(ref("requirement", "12", "5")), title=_text(300), address=st.none() | _text(300)
)
DEFECTS = st.builds(Defect, ref=st.just(ref("defect", "12", "6")), title=_text(20), state=st.none() | _text(9))
AROUND = st.builds(
    Around,
    attachments=st.lists(
        st.builds(
            Attachment,
            ref=st.integers(1, 99).map(lambda number: ref("file", "12", str(number))),
            title=_text(300) | st.sampled_from(["../x", "a.png", "A.PNG", "https://[x", "\\\\s\\x"]),
            about=st.just(ref("test", "12", "345")),
            step=st.none() | st.integers(0, 4),
        ),
        max_size=4,
        unique_by=lambda attachment: attachment.ref.marker,
    ).map(tuple),
    comments=st.lists(
        st.builds(
            Comment,
            ref=st.integers(1, 9).map(lambda number: ref("note", "12", str(number))),
            title=st.just(""),
            about=st.just(ref("test", "12", "345")),
            text=st.builds(RichText, value=_text(30) | st.just('<img src="a.png"><img src="b.png">' * 20)),
            author=st.none() | st.builds(Person, name=st.none() | _text(9)),
            created_at=st.none() | st.datetimes(timezones=st.just(UTC), min_value=datetime(1971, 1, 1)),  # noqa: DTZ001
        ),
        max_size=3,
    ).map(tuple),
    linked=st.lists(
        st.builds(Linked, st.none(), _text(9), st.none() | REQUIREMENTS | DEFECTS, st.just("m")), max_size=4
    ).map(tuple),
    cases=st.just({}),
)


@given(ENTITIES, AROUND, st.booleans())
@settings(deadline=None)
def test_any_case_gives_a_valid_draft_or_a_reason_and_always_the_same(
    entity: TestCase, around: Around, urls: bool
) -> None:
    rules: dict[str, Any] = {"requirements": {"urls": urls}}
    first, second = mapped(entity, around=around, **rules), mapped(entity, around=around, **rules)
    assert first == second
    assert first.draft is not None or first.reason
    if isinstance(first.draft, CaseDraft):
        assert CaseDraft.model_validate(first.draft.model_dump()) == first.draft
        assert len(first.draft.steps) + codes(first).count("step_empty") == len(entity.steps)
        html = [first.draft.precondition, *(step.description for step in first.draft.steps)]
        assert max(map(len, html)) <= TEXT_LIMIT
        assert {marker for text in html for _, marker in symbols_in(text)} <= {
            file.marker for file in first.draft.files
        }
        assert [(file.marker, file.name) for file in first.files] == [(f.marker, f.name) for f in first.draft.files]
        assert len({file.name.casefold() for file in first.draft.files}) == len(first.draft.files)
        assert {note.marker for note in first.notes} <= {entity.ref.marker}
