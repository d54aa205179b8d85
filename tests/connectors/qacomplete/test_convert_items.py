"""Rows → entities beside tests: nothing a vendor answers makes it fail, and both namings are read."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.qacomplete.convert.cases import Converter
from connectors.qacomplete.convert.items import configuration, defect, milestone, requirement, set_of_tests
from connectors.qacomplete.convert.relations import comment, link
from connectors.qacomplete.wire.items import WireDefect, WireLink, WireNote, WireRelease, WireRequirement, WireTestSet
from migrator.core.model import ENTITY, AnyEntity, Milestone

CONVERT = Converter("acme", "America/Denver", "{id}", "https://q.example/api")
ABOUT = CONVERT.ref("requirement", "12", 5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = sorted(
    {
        name
        for wire in (WireDefect, WireLink, WireNote, WireRelease, WireRequirement, WireTestSet)
        for name in wire.model_fields
    }
)
ROWS = st.dictionaries(st.sampled_from(NAMES), JSON)
CONVERTERS: list[Callable[[dict[str, Any]], AnyEntity]] = [
    lambda row: milestone(CONVERT, "12", row),
    lambda row: configuration(CONVERT, "12", row),
    lambda row: requirement(CONVERT, "12", row),
    lambda row: defect(CONVERT, "12", row),
    lambda row: set_of_tests(CONVERT, "12", row, [row, {}, {"test_id": 1}]),
    lambda row: comment(CONVERT, ABOUT, row),
    lambda row: link(CONVERT, ABOUT, row),
]


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


@pytest.mark.parametrize("convert", CONVERTERS)
@given(row=ROWS)
def test_any_row_becomes_an_entity_that_survives_being_stored(
    convert: Callable[[dict[str, Any]], AnyEntity], row: dict[str, Any]
) -> None:
    entity = convert(row | {"id": 5})
    assert entity.title.strip()
    assert ENTITY.validate_json(entity.model_dump_json()) == entity


@pytest.mark.parametrize("convert", CONVERTERS)
@given(row=ROWS)
def test_both_casings_of_names_mean_the_same(
    convert: Callable[[dict[str, Any]], AnyEntity], row: dict[str, Any]
) -> None:
    # without an id, notes and links are named after their row as it came
    row |= {"id": 5, "link_id": 6}
    assert convert({camel(name): value for name, value in row.items()}) == convert(row)


def test_the_documented_spelling_of_a_name_wins() -> None:
    entity = configuration(CONVERT, "12", {"Title": "no", "id": 1, "title": "yes", "TITLE": "no"})
    assert entity.title == "yes"


def test_a_release_is_read_as_its_vendor_means_it() -> None:
    row = {
        "id": "302",
        "title": "Spring &amp; summer",
        "release_type": "Iteration",
        "parent_id": "301",
        "status_code": " In Progress ",
        "is_active": "N",
        "create_user_id": 1,
        "created_user_name": "Berg, Ada ",
        "owner_user_id": 0,
        "est_start_date": "2024-07-01T00:00:00.0000000",
        "est_finish_date": "0001-01-01T00:00:00.0000000",
    }
    entity = milestone(CONVERT, "12", row)
    assert (entity.ref.marker, entity.title, entity.state) == (
        "qacomplete@acme:release:12/302",
        "Spring & summer",
        "In Progress",
    )
    assert (entity.parent, entity.active) == (CONVERT.ref("release", "12", 301), False)
    assert entity.starts_at is not None
    assert entity.starts_at.isoformat() == "2024-07-01T00:00:00-06:00"
    assert (entity.ends_at, entity.owner) == (None, None)
    assert entity.author is not None
    assert (entity.author.name, entity.author.ref) == ("Ada Berg", CONVERT.ref("user", "12", 1))
    assert entity.attributes == {"release_type": "Iteration"}


@pytest.mark.parametrize(
    "sentinel", ["0001-01-01T00:00:00", "1900-01-01T00:00:00.0000000", "00001-01-01T00:00:00", "", 0]
)
@pytest.mark.parametrize("name", ["date_created", "date_updated", "date_closed"])
def test_sentinels_are_no_dates(sentinel: object, name: str) -> None:
    entity = defect(CONVERT, "12", {"id": 1, name: sentinel})
    assert (entity.created_at, entity.updated_at, entity.closed_at) == (None, None, None)


def test_when_it_was_opened_stands_in_for_when_it_was_made() -> None:
    row = {"id": 1, "date_created": "0001-01-01T00:00:00", "date_opened": "2020-01-01T00:00:00"}
    for entity in (defect(CONVERT, "12", row), requirement(CONVERT, "12", row)):
        assert entity.created_at is not None
        assert entity.created_at.isoformat() == "2020-01-01T00:00:00-07:00"


@pytest.mark.parametrize("names", [("status", "active", "priority"), ("status_code", "is_active", "priority_code")])
def test_the_names_of_tests_and_of_sets_are_both_read(names: tuple[str, str, str]) -> None:
    row = {"id": 1, **dict(zip(names, ("Approved", False, "1-High"), strict=True))}
    for entity in (defect(CONVERT, "12", row), set_of_tests(CONVERT, "12", row, [])):
        assert (entity.state, entity.active, entity.priority) == ("Approved", False, "1-High")


def test_texts_and_custom_fields_without_anything_in_them_are_left_out() -> None:
    fields = [
        {"Id": "Custom1", "Name": "Risk", "Value": "high"},
        {"id": "Custom2", "name": "Empty", "value": " "},
        None,
    ]
    row = {"id": 1, "steps_to_repro": "<ol></ol>", "actual_results": " ", "resolution": None, "custom_fields": fields}
    entity = defect(CONVERT, "12", row)
    assert list(entity.texts) == ["steps_to_repro"]
    assert [(field.name, field.value.value) for field in entity.custom_fields] == [("Risk", "high")]


@pytest.mark.parametrize("title", [None, "", "  ", "&#32;"])
def test_an_item_without_a_title_gets_one_from_its_id(title: str | None) -> None:
    assert milestone(CONVERT, "12", {"id": 9, "title": title}).title == "Release 9"
    assert set_of_tests(CONVERT, "12", {"id": 9, "title": title}, []).title == "Test set 9"


@pytest.mark.parametrize(
    ("places", "order"),
    [
        ([(1, 3), (2, 1), (3, 2)], "231"),
        ([(1, "2"), (1, "1")], "11"),
        ([(1, None), (2, None)], "12"),
        ([(1, 1), (2, 1)], "12"),
        ([(1, 1), (0, 2), (None, 3), ("x", 4), (2, 5)], "12"),
    ],
)
def test_a_set_keeps_its_order_and_its_repetitions(places: list[tuple[object, object]], order: str) -> None:
    rows: list[dict[str, Any]] = [{"test_id": test, "seq": seq} for test, seq in places]
    entity = set_of_tests(CONVERT, "12", {"id": 1}, rows)
    assert "".join(item.case.ids[1] for item in entity.items) == order
    assert {item.case.kind for item in entity.items} == {"test"}


def test_inactive_places_of_a_set_stay_and_say_so() -> None:
    rows: list[dict[str, Any]] = [{"test_id": 1, "active": False}, {"test_id": 2, "is_active": "N"}, {"test_id": 3}]
    assert [item.active for item in set_of_tests(CONVERT, "12", {"id": 1}, rows).items] == [False, False, True]


# --- notes and links --------------------------------------------------------------------------------------------------


def test_a_note_belongs_to_what_it_was_asked_for() -> None:
    row = {"id": "801", "fk_id": 0, "entity_code": "Bugs", "description": "<p>Agreed</p>", "user_name": "Vik, Jon "}
    entity = comment(CONVERT, ABOUT, row)
    assert (entity.ref.marker, entity.about, entity.text.value) == (
        "qacomplete@acme:note:12/801",
        ABOUT,
        "<p>Agreed</p>",
    )
    assert entity.author is not None
    assert (entity.author.name, entity.author.ref) == ("Jon Vik", None)


def test_notes_without_an_id_have_names_of_their_own() -> None:
    rows: list[dict[str, Any]] = [{"description": "a"}, {"description": "b"}, {"id": 0, "description": "a"}]
    assert len({comment(CONVERT, ABOUT, row).ref.marker for row in rows}) == 3
    assert comment(CONVERT, ABOUT, rows[0]).ref == comment(CONVERT, ABOUT, dict(rows[0])).ref


def ends(row: dict[str, Any]) -> list[str]:
    entity = link(CONVERT, ABOUT, row)
    return [f"{end.kind} {end.ids[1]}" for end in (entity.first, entity.second) if end]


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        (("Bugs", 7, "FunctionalSpecs", 5), ["defect 7", "requirement 5"]),
        (("FunctionalSpecs", 5, "Bugs", 7), ["defect 7", "requirement 5"]),
        (("Requirements", "5", "defects", "7"), ["defect 7", "requirement 5"]),
        (("Test Sets", 7, "functionalspecs", 5), ["requirement 5", "test set 7"]),
        (("FunctionalSpecs", 10, "FunctionalSpecs", 5), ["requirement 5", "requirement 10"]),
        ((None, None, "Tests", 7), ["requirement 5", "test 7"]),
        (("Tests", 7, None, 0), ["requirement 5", "test 7"]),
        (("FunctionalSpecs", 5, None, None), ["requirement 5"]),
        ((None, None, None, None), ["requirement 5"]),
        (("Project Tasks", 7, "FunctionalSpecs", 5), ["projecttasks 7", "requirement 5"]),
        (("Bugs", 7, "Tests", 8), ["defect 7", "test 8"]),
    ],
)
def test_a_links_ends_stand_in_one_order_however_it_is_stored(row: tuple[object, ...], shown: list[str]) -> None:
    names = ("entity_code", "entity_id", "linked_entity_code", "linked_entity_id")
    found = dict(zip(names, row, strict=True))
    assert [end.replace("_", " ") for end in ends({"link_id": 1, **found})] == shown


def test_a_link_without_an_id_is_named_after_its_ends() -> None:
    one = {"entity_code": "Bugs", "entity_id": 7, "linked_entity_code": "FunctionalSpecs", "linked_entity_id": 5}
    other = {"entity_code": "FunctionalSpecs", "entity_id": 5, "linked_entity_code": "Bugs", "linked_entity_id": 7}
    first, second = link(CONVERT, ABOUT, one), link(CONVERT, CONVERT.ref("defect", "12", 7), other)
    assert first == second
    assert first.ref.marker == "qacomplete@acme:link:12/defect/7/requirement/5"
    assert first.relation == "linked"


def test_a_row_can_be_empty() -> None:
    assert isinstance(milestone(CONVERT, "12", {"id": 1}), Milestone)
    assert comment(CONVERT, ABOUT, {}).text.value == ""


def test_requirements_have_the_address_that_the_config_wants() -> None:
    convert = Converter(
        "acme", "America/Denver", "{id}", "https://q.example/api", "https://web.example/{project}/r/{id}"
    )
    assert requirement(convert, "12", {"id": 501, "title": "x"}).address == "https://web.example/12/r/501"
    assert requirement(CONVERT, "12", {"id": 501}).address == "https://q.example/api/v1/projects/12/requirements/501"
