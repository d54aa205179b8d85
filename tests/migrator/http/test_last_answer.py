"""What is told by headers alone."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from migrator.http import last_answer
from migrator.http.last_answer import LastAnswer

NOW = datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize("ahead", [-3600, 0, 90])
def test_the_difference_of_the_clocks_is_told_in_seconds(ahead: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_answer, "_now", lambda: NOW)
    found = LastAnswer()
    theirs = NOW.replace(microsecond=0) + timedelta(seconds=ahead)
    found.take(200, {"Date": format_datetime(theirs, usegmt=True)})
    assert found.clock_skew == ahead


@pytest.mark.parametrize("date", ["", "yesterday", "Sun, 01 Mar 2026 12:00:00 -0000", "Sun, 01 Mar 99999 12:00:00 GMT"])
def test_a_date_that_cannot_be_read_says_nothing(date: str) -> None:
    found = LastAnswer()
    found.take(200, {"Date": date})
    assert found.clock_skew is None
    found.take(200, {})
    assert found.clock_skew is None


def test_the_pause_of_the_last_429_is_kept() -> None:
    found = LastAnswer()
    assert (found.status, found.retry_after) == (0, None)
    found.take(429, {"Retry-After": "2"})
    found.take(200, {})
    assert (found.status, found.retry_after) == (200, "2")
    found.take(429, {})
    assert found.retry_after == ""
