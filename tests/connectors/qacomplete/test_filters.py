"""The filter builder: an expression means exactly what it says."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.qacomplete.read.filters import one_of, since
from connectors.qacomplete.sandbox.filters import keyed, parse_filter


def holds(expression: str, **row: object) -> bool:
    return parse_filter(expression)(keyed(row))


@given(st.sets(st.integers(1, 10**9), min_size=1, max_size=30), st.integers(1, 10**9))
def test_ids_are_listed(idents: set[int], other: int) -> None:
    assert all(holds(one_of("Id", idents), id=ident) for ident in idents)
    assert holds(one_of("Id", idents), id=other) is (other in idents)


@given(st.datetimes(min_value=datetime(1901, 1, 1)), st.datetimes(min_value=datetime(1901, 1, 1)))  # noqa: DTZ001
def test_a_moment_is_compared_in_whole_seconds_of_the_servers_time(mark: datetime, updated: datetime) -> None:
    row = {"date_updated": updated.isoformat(timespec="microseconds") + "0"}
    assert holds(since("DateUpdated", mark), **row) is (updated >= mark.replace(microsecond=0))


def test_a_moment_with_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="local times"):
        since("DateUpdated", datetime(2024, 1, 1, tzinfo=UTC))


def test_nothing_is_no_condition() -> None:
    with pytest.raises(ValueError, match="empty list"):
        one_of("Id", [])


def test_expressions_read_as_the_vendor_writes_them() -> None:
    assert one_of("Id", [3, 1]) == "(Id in {3,1})"
    assert since("DateUpdated", datetime(2024, 1, 31, 15), "us") == "(DateUpdated >= '01/31/2024 03:00:00 PM')"  # noqa: DTZ001
