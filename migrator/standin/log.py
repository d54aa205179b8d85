"""What a stand-in was asked: counts for ever, the last requests in detail."""

from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Any

_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """One request.

    Args:
        template: method and route; ``status`` 0: cut off without an answer.
        at: epoch seconds.
    """

    template: str
    path: str
    query: str
    status: int
    fault: str
    at: float


class RequestLog:
    """Counts by method and route, by status, by fault, and how many requests used a query parameter."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.parameters: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.last: deque[Entry] = deque(maxlen=_KEPT)
        self.running = 0
        self.peak = 0

    def add(self, entry: Entry) -> None:
        """Record a request that has ended."""
        self.counts[entry.template] += 1
        self.statuses[entry.status] += 1
        self.parameters.update({part.partition("=")[0] for part in entry.query.split("&") if part})
        if entry.fault:
            self.faults[entry.fault] += 1
        self.last.append(entry)

    def document(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return {
            "counts": dict(self.counts),
            "statuses": {str(status): count for status, count in self.statuses.items()},
            "parameters": dict(self.parameters),
            "faults": dict(self.faults),
            "peak": self.peak,
            "last": [asdict(entry) for entry in self.last],
        }
