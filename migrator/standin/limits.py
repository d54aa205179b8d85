"""Three shapes of a rate limit, as servers have them. Pure: the clock is passed in, in seconds."""

from collections import deque
from typing import Protocol

from migrator.standin.options import RateShape


class Limit(Protocol):
    """Decides about one request after the other."""

    def allows(self, now: float) -> bool:
        """Return whether a request at ``now`` is within the limit; one that is counts."""
        ...


class TokenBucket:
    """Refills at ``rate`` and holds at most one second's worth."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._tokens = rate
        self._at: float | None = None

    def allows(self, now: float) -> bool:
        """Take a token if there is one."""
        if self._at is not None:
            self._tokens = min(self._rate, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class FixedWindow:
    """Allows ``rate`` requests in each whole second of the clock."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._window = -1
        self._count = 0

    def allows(self, now: float) -> bool:
        """Count the request in its second."""
        if int(now) != self._window:
            self._window = int(now)
            self._count = 0
        if self._count >= self._rate:
            return False
        self._count += 1
        return True


class SlidingLog:
    """Allows ``rate`` requests within any second."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._seen: deque[float] = deque()

    def allows(self, now: float) -> bool:
        """Count the request if the last second has room."""
        while self._seen and now - self._seen[0] >= 1.0:
            self._seen.popleft()
        if len(self._seen) >= self._rate:
            return False
        self._seen.append(now)
        return True


def limit_of(rate: float, shape: RateShape) -> Limit:
    """Return a new limit of the shape."""
    if shape == "window":
        return FixedWindow(rate)
    return SlidingLog(rate) if shape == "log" else TokenBucket(rate)
