"""The filter builder: whatever a value holds, the expression means exactly that value."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.qacomplete.read.filters import all_of, any_of, contains, equal, negated, one_of, since
from connectors.qacomplete.sandbox.filters import keyed, parse_filter

# letters that mean something in the language, beside all others
TEXTS = st.text(alphabet="'\"(){}=<>!~,% aA1") | st.text()


def holds(expression: str, **row: object) -> bool:
    return parse_filter(expression)(keyed(row))


@given(TEXTS)
def test_a_text_is_found_by_itself(text: str) -> None:
    assert holds(equal("Title", text), title=text)
    assert holds(contains("Title", text), title=f"before {text} after")


@given(TEXTS, TEXTS)
def test_a_text_says_nothing_about_another_field(text: str, other: str) -> None:
    # were a quote to end the text early, the rest could match anything
    assert not holds(equal("Title", f"x{text}"), title=f"y{other}")
    assert not holds(equal("Title", f"x{text}' OR 'a' = 'a"), title=f"y{other}")


@given(st.lists(TEXTS.map(lambda text: f"x{text}"), min_size=1, max_size=4), st.integers(0, 3))
def test_conditions_keep_their_meaning_when_joined(texts: list[str], place: int) -> None:
    row = {"title": texts[place % len(texts)]}
    conditions = [equal("Title", text) for text in texts]
    one = [holds(condition, **row) for condition in conditions]
    assert holds(any_of(*conditions), **row) is any(one)
    assert holds(all_of(*conditions), **row) is all(one)
    assert [holds(negated(condition), **row) for condition in conditions] == [not each for each in one]
    # AND and OR side by side: parentheses decide, not a precedence that nobody has documented
    mixed = any_of(all_of(*conditions), all_of(equal("Active", value=True), any_of(*conditions)))
    assert holds(mixed, active=False, **row) is all(one)
    assert holds(mixed, active=True, **row) is any(one)


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


@pytest.mark.parametrize("name", ["", "Ti tle", "Title=1 OR Id", "1st", "Tïtle", "Title'"])
def test_only_names_are_names(name: str) -> None:
    with pytest.raises(ValueError, match="no field name"):
        equal(name, "x")


def test_nothing_is_no_condition() -> None:
    with pytest.raises(ValueError, match="empty list"):
        one_of("Id", [])
    for join in (all_of, any_of):
        with pytest.raises(ValueError, match="nothing to join"):
            join()


def test_expressions_read_as_the_vendor_writes_them() -> None:
    assert equal("Active", value=True) == "(Active = true)"
    assert one_of("Id", [3, 1]) == "(Id in {3,1})"
    assert all_of(contains("Status", "Awaiting"), equal("FolderId", 7)) == "((Status ~ 'Awaiting') AND (FolderId = 7))"
    assert equal("Title", "it's") == "(Title = 'it''s')"
