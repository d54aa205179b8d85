"""What the last answer of a service told beside its body: its status, its clock, and the pause it asked for."""

from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from migrator.http.retries import NO_DATE

_HALF_A_SECOND = 0.5
# a clock may stand at its epoch; what is further off is no clock, and no date could be reckoned with it
_A_LIFETIME = 100 * 366 * 86_400.0


class LastAnswer:
    """``clock_skew``: seconds that the service's clock is ahead of ours, by the ``Date`` of the last answer that had
    one. ``retry_after``: of the last 429, None before there is one; empty when it named no pause."""

    def __init__(self) -> None:
        self._status: ContextVar[int] = ContextVar("status", default=0)
        self.clock_skew: float | None = None
        self.retry_after: str | None = None

    @property
    def status(self) -> int:
        """The status of the last answer to this task, whatever others are doing; 0 before there is one."""
        return self._status.get()

    def take(self, status: int, headers: Mapping[str, str]) -> None:
        """Take note of an answer that has just begun to arrive."""
        self._status.set(status)
        if status == 429:
            self.retry_after = headers.get("Retry-After", "")
        try:
            theirs = parsedate_to_datetime(headers.get("Date", ""))
            if theirs.tzinfo is not None:
                # the header counts whole seconds: on average half of one has passed
                ahead = (theirs - _now()).total_seconds() + _HALF_A_SECOND
                self.clock_skew = ahead if abs(ahead) < _A_LIFETIME else None
        except NO_DATE:
            return


def _now() -> datetime:
    return datetime.now(UTC)
