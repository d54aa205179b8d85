"""When a lost create is looked up, and which look-up decides that it is not there.

A server may commit a minute after the client gave up (design §6.3). So a create that is not found goes back to
*planned* only after a second look-up, at least ``settle_seconds`` after its request was last alive.

Only the clock of this process counts, which nobody can set: what an earlier process left in doubt begins to wait anew,
because nobody knows what the wall clock has done since.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import anyio

from migrator.core.drafts import AnyDraft
from migrator.core.records import Operation
from migrator.core.views import Created

_FIRST_AFTER = 2.0


@dataclass(frozen=True, slots=True)
class Found:
    """A create that took effect: the operation, what was created, and the draft as it was written."""

    operation: Operation
    created: Created
    written: AnyDraft | None = None


@dataclass(slots=True)
class _Lost:
    operation: Operation
    since: float
    is_second: bool = False


class LostAnswers:
    """The creates whose answers were lost, and when each is looked up. ``clock``: seconds that nobody can set."""

    def __init__(self, settle_seconds: float, clock: Callable[[], float] = anyio.current_time) -> None:
        self._clock = clock
        self._settle = settle_seconds
        # a moment, so that several share one request
        self._moment = min(_FIRST_AFTER, settle_seconds / 10)
        self.pause = min(0.2, settle_seconds / 10)
        self._lost: dict[int, _Lost] = {}

    def __len__(self) -> int:
        return len(self._lost)

    def add(self, operation: Operation) -> None:
        """Begin to wait; a moment ago its request was still alive."""
        self._lost[operation.id] = _Lost(operation, self._clock())

    def due(self) -> Sequence[Operation]:
        """Return those that are to be looked up now."""
        now = self._clock()
        return [lost.operation for lost in self._lost.values() if self._next(lost) <= now]

    def seconds_left(self) -> float:
        """Return how long until the last of them has its next look-up."""
        return max(0.0, max((self._next(lost) for lost in self._lost.values()), default=0.0) - self._clock())

    def found(self, operation: Operation) -> None:
        """It took effect."""
        del self._lost[operation.id]

    def missed(self, operation: Operation) -> bool:
        """It was due, and was not found; return whether that decides that it is not there."""
        lost = self._lost[operation.id]
        if lost.is_second:
            del self._lost[operation.id]
            return True
        lost.is_second = True
        return False

    def _next(self, lost: _Lost) -> float:
        return lost.since + (self._settle if lost.is_second else self._moment)
