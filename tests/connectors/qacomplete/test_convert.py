"""Rows → entities: nothing a vendor answers makes it fail, and dates, names and steps come out right."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.qacomplete.convert.cases import Converter, has_all_steps, row_id, unescaped
from migrator.core.model import ENTITY, TestCase
from migrator.core.refs import MARKER_LIMIT, Ref

CONVERT = Converter("acme", "America/Denver", "{base_url}/t/{project}/{id}", "https://q.example/api")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["title", "status", "active", "test_steps", "custom_fields", "folder_id", "date_created", "owner_name", "version"]
)


@given(st.dictionaries(NAMES, JSON))
def test_any_row_with_an_id_becomes_a_case(row: dict[str, Any]) -> None:
    assert isinstance(CONVERT.test("12", {"id": 5, **row}), TestCase)
    assert has_all_steps(row) in (True, False)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2024-06-03T16:45:12.1234567", "2024-06-03T16:45:12.123456-06:00"),
        ("2024-01-03T16:45:12", "2024-01-03T16:45:12-07:00"),
        ("0001-01-01T00:00:00.0000000", None),
        ("1900-01-01T00:00:00.0000000", None),
        ("20243-01-01T00:00:00.0000000", None),
        ("2024-06-31T00:00:00.0000000", None),
        ("", None),
        (None, None),
    ],
)
def test_dates_have_the_servers_zone_and_sentinels_are_none(text: str | None, shown: str | None) -> None:
    date = CONVERT.date(text)
    assert (date.isoformat() if date else None) == shown
    assert date is None or date.utcoffset() in (timedelta(hours=-6), timedelta(hours=-7))


def test_a_test_is_read_as_its_vendor_means_it() -> None:
    row = {
        "id": "345",
        "title": "Fish &amp; chips",
        "active": "N",
        "folder_id": 0,
        "owner_user_id": 0,
        "owner_name": "Vik, Jon ",
        "create_user_id": 3,
        "test_steps": [
            {"seq": 2, "step": "second"},
            {"seq": "1", "step": "first", "expected_result": "ok", "is_stopped_on_fail": True},
        ],
        "custom_fields": [
            {"Id": "Custom1", "Name": "Team", "Value": "A"},
            {"id": "Custom2", "name": "Empty", "value": " "},
        ],
    }
    entity = CONVERT.test("12", row)
    assert entity.title == "Fish & chips"
    assert entity.folder is None
    assert not entity.active
    assert [(s.action.value, s.expected.value, s.critical) for s in entity.steps] == [
        ("first", "ok", True),
        ("second", "", False),
    ]
    assert entity.owner is not None
    assert (entity.owner.name, entity.owner.ref) == ("Jon Vik", None)
    assert entity.author is not None
    assert entity.author.ref == CONVERT.ref("user", "12", 3)
    assert [(f.name, f.value.value) for f in entity.custom_fields] == [("Team", "A")]
    assert entity.address == "https://q.example/api/t/12/345"


@given(
    st.lists(st.text(min_size=1, max_size=200), min_size=1, max_size=6).map(tuple),
    st.text(alphabet="aZ0.:_-", min_size=1, max_size=64),
)
def test_markers_are_bounded_unique_in_shape_and_computed_again(ids: tuple[str, ...], instance: str) -> None:
    first = Ref(connector="qacomplete", instance=instance, kind="test", ids=ids)
    again = Ref(connector="qacomplete", instance=instance, kind="test", ids=ids)
    other = Ref(connector="qacomplete", instance=instance, kind="test", ids=(*ids[:-1], ids[-1] + "x"))
    assert len(first.marker) <= MARKER_LIMIT
    assert first.marker == again.marker
    assert first.marker != other.marker
    assert first.marker.count("@") == 1


def test_an_hour_that_comes_twice_is_its_first_and_stays_equal_when_stored() -> None:
    case = CONVERT.test("12", {"id": 1, "date_created": "2024-11-03T01:30:00.0000000"})
    assert case.created_at is not None
    assert case.created_at.isoformat() == "2024-11-03T01:30:00-06:00"
    assert ENTITY.validate_json(case.model_dump_json()) == case


@given(
    st.datetimes(datetime(1901, 1, 1), datetime(9998, 12, 31)),  # noqa: DTZ001 - the vendor's dates have no zone
    st.sampled_from(["America/Denver", "Asia/Kolkata", "Europe/Dublin"]),
)
def test_dates_come_back_as_the_same_local_time(naive: datetime, zone: str) -> None:
    convert = Converter("acme", zone, "{id}", "")
    text = naive.isoformat(timespec="microseconds") + "0"
    case = convert.test("12", {"id": 1, "date_created": text, "date_updated": naive.isoformat(timespec="seconds")})
    assert case.created_at is not None
    assert case.created_at.replace(tzinfo=None) == naive
    assert case.updated_at is not None
    assert case.updated_at.replace(tzinfo=None) == naive.replace(microsecond=0)
    again = ENTITY.validate_json(case.model_dump_json())
    assert again == case
    assert again.model_dump_json() == case.model_dump_json()


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Fish &amp; chips", "Fish & chips"),
        ("a &amp;lt; b", "a &lt; b"),
        ("3 &lt; 4 &#38; 5 &#x3E; 4", "3 < 4 & 5 > 4"),
        ("Search&notify", "Search&notify"),
        ("id=1&copy=2&lt", "id=1&copy=2&lt"),
        ("R&D; AT&T", "R&D; AT&T"),
        ("bell\x07\x0b", "bell\x07\x0b"),
        (None, ""),
    ],
)
def test_titles_are_unescaped_once_and_only_where_an_entity_stands(title: str | None, shown: str) -> None:
    assert unescaped(title) == shown
    assert CONVERT.test("12", {"id": 1, "title": title}).title == shown
    assert CONVERT.folder("12", {"id": 1, "folder_name": title}).title == shown


@pytest.mark.parametrize(
    ("seqs", "order"),
    [([1, 0], "ba"), ([3, 1, 2], "bca"), ([None, None], "ab"), ([1, 1], "ab"), (["2", "1"], "ba"), (["x", "y"], "ab")],
)
def test_steps_stand_in_the_order_of_seq(seqs: list[object], order: str) -> None:
    steps = [{"seq": seq, "step": "abc"[number]} for number, seq in enumerate(seqs)]
    case = CONVERT.test("12", {"id": 1, "test_steps": steps})
    assert "".join(step.action.value for step in case.steps) == order
    assert {(step.action.markup, step.expected.markup) for step in case.steps} == {("detect", "detect")}


@pytest.mark.parametrize(
    ("row", "complete", "if_unclaimed"),
    [
        ({"nbr_steps": 0}, True, True),
        ({"nbr_steps": "1", "test_steps": [{"seq": 1}]}, True, True),
        ({"nbr_steps": 2, "test_steps": [{"seq": 1}]}, False, False),
        ({"nbr_steps": 1, "test_steps": [None]}, False, False),
        ({"nbr_steps": 2}, False, False),
        ({"test_steps": [{"seq": 1}]}, False, True),
        ({}, False, True),
    ],
)
def test_steps_are_trusted_when_they_are_as_many_as_claimed(
    row: dict[str, Any], complete: bool, if_unclaimed: bool
) -> None:
    assert has_all_steps(row) is complete
    assert has_all_steps(row, unclaimed=True) is if_unclaimed


def test_a_custom_field_with_a_value_is_never_lost() -> None:
    fields = [
        {"id": "Custom3", "name": " ", "value": "x"},
        {"value": "y"},
        {"id": "Custom4", "name": "Count", "value": 0},
    ]
    case = CONVERT.test("12", {"id": 1, "custom_fields": fields})
    assert [(field.name, field.value.value) for field in case.custom_fields] == [
        ("Custom3", "x"),
        ("(unnamed)", "y"),
        ("Count", "0"),
    ]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Vik, Jon ", "Jon Vik"),
        ("Vik, Jon Andreas ", "Jon Andreas Vik"),
        ("Vik, ", "Vik"),
        (", Jon", "Jon"),
        ("Jon Vik ", "Jon Vik"),
        ("  ", None),
        (None, None),
    ],
)
def test_names_are_turned_round(written: str | None, name: str | None) -> None:
    case = CONVERT.test("12", {"id": 1, "assignee_user_id": 2, "assigned_to_name": written})
    assert case.assignee is not None
    assert (case.assignee.ref, case.assignee.name) == (CONVERT.ref("user", "12", 2), name)


def test_users_and_folders_are_read() -> None:
    user = CONVERT.user("12", {"id": "3", "first_name": " Zoë ", "last_name": "Berg", "email": " zoe@acme.example "})
    assert (user.ref.marker, user.title, user.email) == ("qacomplete@acme:user:12/3", "Zoë Berg", "zoe@acme.example")
    assert CONVERT.user("12", {"id": 4, "email": " "}).title == "User 4"
    folder = CONVERT.folder("12", {"id": 7, "parent_id": 5, "folder_name": "Pay", "is_active": False})
    assert folder.parent == CONVERT.ref("folder", "12", 5)
    assert not folder.active
    top = CONVERT.folder("12", {"id": 7, "parent_id": 0, "folder_name": "Pay"})
    assert top.parent is None
    assert top.active


@given(
    st.none()
    | st.booleans()
    | st.text()
    | st.lists(st.integers())
    | st.floats()
    | st.dictionaries(st.text(), st.none())
)
def test_what_is_no_id_is_none(row: object) -> None:
    assert row_id(row) is None
