"""The circuit breaker: a long row of failures with one cause is not about the items any more."""

import re

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import MigratorError

LIMIT = 20


class StreamStopped(MigratorError):
    """Too many failures in a row with the same cause; the rest was not tried."""

    exit_code = 3
    default_code = ErrorCode.STREAM_STOPPED


class Breaker:
    """Counts failures in a row whose causes differ at most in numbers and quoted names.

    ``command`` is what goes on once the cause is mended.
    """

    def __init__(self, command: str = "migrator retry") -> None:
        self._command = command
        self._cause = ""
        self._row = 0

    def succeeded(self) -> None:
        """A success ends the row."""
        self._row = 0

    def failed(self, cause: str) -> StreamStopped | None:
        """Count a failure; return the error that stops the stream when the row is full."""
        same = re.sub(r"\d+|'[^']*'|\"[^\"]*\"", "#", cause)
        self._row = self._row + 1 if same == self._cause else 1
        self._cause = same
        if self._row < LIMIT:
            return None
        return StreamStopped(
            f"stopped after {LIMIT} failures in a row",
            cause=cause,
            next_step=f"mend the cause, then run `{self._command}`; the rest was not tried",
        )
