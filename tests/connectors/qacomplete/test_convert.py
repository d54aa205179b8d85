"""Rows → entities: nothing a vendor answers makes it fail, and dates, names and steps come out right."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.qacomplete.convert import Converter, has_all_steps
from migrator.core.model import TestCase
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
