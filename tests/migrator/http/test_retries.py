"""When a request is repeated, as a table: what follows from an attempt."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.http.retries import Answered, HttpOutcome, Lost, NotConnected, RetryLimits, decide, retry_after

LIMITS = RetryLimits()


def verdict(outcome: HttpOutcome, *, repeatable: bool, attempt: int = 1, elapsed: float = 0.0) -> str:
    return decide(
        outcome, repeatable=repeatable, attempt=attempt, elapsed=elapsed, limits=LIMITS, random=lambda: 0.5
    ).then


@pytest.mark.parametrize(
    ("outcome", "create", "read"),
    [
        (Answered(200, {}), "ok", "ok"),
        (Answered(201, {}), "ok", "ok"),
        (Answered(200, {}, readable=False), "unknown", "retry"),
        (Answered(302, {}), "reject", "reject"),
        (Answered(400, {}), "reject", "reject"),
        (Answered(401, {}), "auth", "auth"),
        (Answered(403, {}), "reject", "reject"),
        (Answered(404, {}), "reject", "reject"),
        (Answered(408, {}), "unknown", "retry"),
        (Answered(409, {}), "reject", "reject"),
        (Answered(413, {}), "reject", "reject"),
        (Answered(429, {}), "retry", "retry"),
        (Answered(500, {}), "unknown", "retry"),
        (Answered(502, {}), "unknown", "retry"),
        (Answered(503, {}), "unknown", "retry"),
        (Answered(504, {}), "unknown", "retry"),
        (NotConnected(), "retry", "retry"),
        (Lost(), "unknown", "retry"),
    ],
)
def test_a_create_is_repeated_only_when_it_certainly_had_no_effect(
    outcome: HttpOutcome, create: str, read: str
) -> None:
    assert verdict(outcome, repeatable=False) == create
    assert verdict(outcome, repeatable=True) == read


def test_attempts_and_total_time_are_bounded() -> None:
    assert verdict(Lost(), repeatable=True, attempt=LIMITS.attempts) == "temporary"
    assert verdict(Lost(), repeatable=True, elapsed=LIMITS.total) == "temporary"
    assert verdict(NotConnected(), repeatable=False, attempt=LIMITS.attempts) == "retry"
    assert verdict(NotConnected(), repeatable=False, attempt=LIMITS.connect_attempts) == "temporary"
    assert verdict(NotConnected(), repeatable=False, elapsed=LIMITS.total) == "temporary"


def test_a_throttled_call_waits_longer_but_not_for_ever() -> None:
    busy = Answered(429, {})
    assert verdict(busy, repeatable=False, elapsed=LIMITS.total + 1) == "retry"
    assert verdict(busy, repeatable=False, elapsed=LIMITS.throttled_total) == "temporary"
    assert verdict(Answered(429, {"Retry-After": "86400"}), repeatable=True) == "temporary"


@given(attempt=st.integers(1, 5), chance=st.floats(0, 1))
def test_delays_grow_have_jitter_and_a_ceiling(attempt: int, chance: float) -> None:
    answer = decide(Lost(), repeatable=True, attempt=attempt, elapsed=0, limits=LIMITS, random=lambda: chance)
    longest = min(LIMITS.longest_delay, LIMITS.first_delay * 2 ** (attempt - 1))
    assert longest / 2 <= answer.delay <= longest


def test_the_server_may_name_the_delay() -> None:
    busy = Answered(503, {"retry-after": "7"})
    answer = decide(busy, repeatable=True, attempt=1, elapsed=0, limits=LIMITS, random=lambda: 0.5)
    assert answer.delay == 7.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3", 3.0),
        ("0.05", 0.05),
        ("-1", 0.0),
        ("Sat, 21 Nov 2026 10:00:30 GMT", 30.0),
        ("Sat, 21 Nov 2026 09:59:00 GMT", 0.0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_as_seconds_or_as_a_date(value: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": value}, datetime(2026, 11, 21, 10, tzinfo=UTC)) == seconds
