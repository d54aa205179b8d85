"""What a side has been asked since it was opened, and how quickly it answered."""

from typing import Self

from migrator.core.base import Frozen


class Traffic(Frozen):
    """How quickly a service answered.

    Args:
        requests: how many were sent.
        seconds: what an answer took on average.
        at_once: how many may be under way side by side.
    """

    requests: int = 0
    seconds: float = 0.0
    at_once: int = 1

    def beside(self, other: Self) -> "Traffic":
        """Return the traffic of two ways into the same service."""
        requests = self.requests + other.requests
        seconds = self.requests * self.seconds + other.requests * other.seconds
        return Traffic(requests=requests, seconds=seconds / max(1, requests), at_once=max(self.at_once, other.at_once))
