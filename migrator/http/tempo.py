"""How often calls leave and how long answers take: which of the two holds up whoever calls."""

from collections import deque
from math import inf

_SHARE = 0.9
"""Of what is allowed: who sends as much is held up by the limit, who sends less by the answers."""
_WINDOW, _GAPS, _ANSWERS = 5.0, 10, 3
"""What is looked at: so many seconds, distances or answers, whichever is the longest."""
_IDLE = 1.0
_MOST = 512
_WEIGHT = 0.2


class Tempo:
    """Of one account. All times in seconds on one clock. ``gap``: the distance at which calls may leave, 0 without a
    limit."""

    def __init__(self) -> None:
        self._left: deque[float] = deque(maxlen=_MOST)
        self._under_way = 0
        self._answer = 0.0
        self._answered_at: float | None = None

    def departed(self, now: float, gap: float) -> None:
        """Take note of a call that leaves."""
        if not self._under_way and self._idle(now) > max(_IDLE, gap):
            self._left.clear()
        self._left.append(now)
        self._under_way += 1
        window = max(_WINDOW, _GAPS * gap, _ANSWERS * self._answer)
        while self._left[0] < now - window:
            self._left.popleft()

    def ended(self, now: float, seconds: float) -> None:
        """Take note of a call that has ended after so many seconds."""
        self._under_way -= 1
        self._answer = seconds if self._answered_at is None else self._answer + (seconds - self._answer) * _WEIGHT
        self._answered_at = now

    def is_asked(self, now: float, gap: float) -> bool:
        """Whether somebody waits for an answer or for a turn: after an answer until as much time has passed as that
        took."""
        return bool(self._under_way) or self._idle(now) < max(self._answer, gap)

    def is_at_limit(self, now: float, gap: float) -> bool:
        """Whether about as many calls leave as are allowed."""
        if not gap or len(self._left) < 2:
            return False
        elapsed = max(self._left[-1], now - gap) - self._left[0]
        return (len(self._left) - 1) * gap >= elapsed * _SHARE

    def _idle(self, now: float) -> float:
        return inf if self._answered_at is None else now - self._answered_at
