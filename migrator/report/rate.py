"""How fast something goes, over the last seconds."""

from collections import deque

_WINDOW = 15.0


class Rate:
    """Items per second over the last seconds, and how long the rest will take."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def update(self, done: int, now: float) -> None:
        """Take a new count."""
        self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[0][0] > _WINDOW:
            self._seen.popleft()

    def per_second(self) -> float:
        """Return items per second; 0 while nothing is known."""
        if len(self._seen) < 2:
            return 0.0
        (first, before), (last, after) = self._seen[0], self._seen[-1]
        return (after - before) / (last - first) if last > first and after > before else 0.0

    def words(self, done: int, total: int | None) -> str:
        """Return e.g. ``19.8/s, 12 min left``; empty while nothing is known."""
        rate = self.per_second()
        if not rate:
            return ""
        left = "" if total is None else f", {_duration((total - done) / rate)} left"
        return f"{rate:.1f}/s{left}"


def duration(seconds: float) -> str:
    """Return e.g. ``0.4 s``, ``119 s``, ``2 min 05 s`` or ``2 h 05 min``."""
    if seconds < 0.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    if whole < 7200:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
