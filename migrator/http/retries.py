"""What to do after an attempt: a pure function of the outcome, decided in one place for every service."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

Then = Literal["ok", "retry", "reject", "unknown", "temporary", "auth"]

NO_DATE = (ValueError, TypeError, IndexError, OverflowError)
"""What the library raises for a header that is no date, or one of an impossible year."""
_LOST_STATUSES = {408, 500, 502, 503, 504}


@dataclass(frozen=True, slots=True)
class Answered:
    """The server answered. ``readable``: a success whose body could be parsed; errors need no readable body."""

    status: int
    headers: Mapping[str, str]
    readable: bool = True


@dataclass(frozen=True, slots=True)
class NotConnected:
    """No connection was made: not a byte of the request left this machine."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The request may have arrived, the answer did not: time-out, reset, cut body."""


HttpOutcome = Answered | NotConnected | Lost


@dataclass(frozen=True, slots=True)
class RetryLimits:
    """How long to try.

    ``connect_attempts`` counts for connections that were never made: a network that is down for a minute must not end
    an evening's work, but a service that never answered yet is more likely a mistyped host.

    Args:
        total: seconds for one call.
        throttled_total: seconds when 429s hold it up.
    """

    attempts: int = 6
    connect_attempts: int = 20
    total: float = 120.0
    throttled_total: float = 900.0
    first_delay: float = 0.5
    longest_delay: float = 30.0


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now. ``delay``: seconds to wait before the next attempt."""

    then: Then
    delay: float = 0.0


def decide(
    outcome: HttpOutcome,
    *,
    repeatable: bool,
    attempt: int,
    elapsed: float,
    limits: RetryLimits,
    random: Callable[[], float],
) -> Decision:
    """Return what follows from an attempt. ``attempt`` counts from 1 and leaves 429s out; ``elapsed`` in seconds.

    A call that is not ``repeatable`` is sent again only when it certainly had no effect: refused with 429 before any
    work, or never connected. After a lost answer its outcome is unknown.
    """
    if isinstance(outcome, Answered) and (decided := _decided(outcome, elapsed, limits)):
        return decided
    if not repeatable and not isinstance(outcome, NotConnected):
        return Decision("unknown")
    most = limits.connect_attempts if isinstance(outcome, NotConnected) else limits.attempts
    if attempt >= most or elapsed >= limits.total:
        return Decision("temporary")
    return Decision("retry", _delay(outcome, attempt, limits, random))


def _decided(outcome: Answered, elapsed: float, limits: RetryLimits) -> Decision | None:
    """Return the verdict on an answer that does not depend on repeatability; None for one that does."""
    if outcome.status == 429:
        # the governor pauses everybody, this call included; it needs no delay of its own
        wished = retry_after(outcome.headers) or 0.0
        return Decision("temporary") if elapsed + wished >= limits.throttled_total else Decision("retry")
    if outcome.status == 401:
        return Decision("auth")
    if 200 <= outcome.status < 300:
        return Decision("ok") if outcome.readable else None
    return None if outcome.status in _LOST_STATUSES else Decision("reject")


def _delay(outcome: HttpOutcome, attempt: int, limits: RetryLimits, random: Callable[[], float]) -> float:
    wished = retry_after(outcome.headers) if isinstance(outcome, Answered) else None
    if wished is not None:
        return min(wished, limits.longest_delay)
    longest = min(limits.longest_delay, limits.first_delay * 2.0 ** (attempt - 1))
    return longest * (0.5 + random() / 2)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return the seconds that ``Retry-After`` asks for, given as a number or as a date; None without a usable one."""
    value = next((text for name, text in headers.items() if name.lower() == "retry-after"), "").strip()
    if not value:
        return None
    with suppress(ValueError):
        return max(0.0, float(value))
    try:
        until = parsedate_to_datetime(value)
        zoned = until if until.tzinfo else until.replace(tzinfo=UTC)
        return max(0.0, (zoned - (now or datetime.now(UTC))).total_seconds())
    except NO_DATE:
        return None
