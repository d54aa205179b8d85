"""What is told by headers alone."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from migrator.http import last_answer
from migrator.http.last_answer import LastAnswer
from migrator.http.retries import retry_after

NOW = datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize("ahead", [-3600, 0, 90])
def test_the_difference_of_the_clocks_is_told_in_seconds(ahead: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_answer, "_now", lambda: NOW)
    found = LastAnswer()
    theirs = NOW.replace(microsecond=0) + timedelta(seconds=ahead)
    found.take(200, {"Date": format_datetime(theirs, usegmt=True)})
    assert found.clock_skew == ahead


@pytest.mark.parametrize(
    "date", ["Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -2359", "()", ""]
)
def test_an_impossible_date_is_none(date: str) -> None:
    answer = LastAnswer()
    answer.take(200, {"Date": date})
    assert answer.clock_skew is None
    assert retry_after({"Retry-After": date}) in (None, pytest.approx(2.5e11, rel=0.1))
