"""Tasks side by side: how they end together, and when failures stop them."""

import re
from collections.abc import Awaitable, Callable, Sequence

import anyio

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import MigratorError
from migrator.engine.stop import Stop

LIMIT = 20
"""Failures in a row with one cause that stop a stream."""
Work = Callable[[], Awaitable[None]]


class NotStarted(Exception):
    """A stop was requested before this write left."""


class StreamStopped(MigratorError):
    """Too many failures in a row with the same cause; the rest was not tried."""

    exit_code = 3
    default_code = ErrorCode.STREAM_STOPPED


class Workers:
    """Runs ``work`` in ``count`` tasks until there is nothing to do, somebody asks to stop, or one fails for good.

    A stop from outside, or an error in one of them, lets the others come to an end.
    """

    def __init__(self, count: int, outer: Stop) -> None:
        self._count = count
        self._outer = outer
        self.stop = Stop()
        self._fatal: MigratorError | None = None

    async def run(self, work: Work, *, count: int | None = None, beside: Sequence[Work] = ()) -> None:
        """Return when all have ended; raise the first error that stopped one.

        Args:
            work: What every task does.
            count: How many tasks, when not as many as usual.
            beside: What runs only for as long as they do.
        """
        if self._outer.requested():
            self.stop.request()  # at once, or a first write might leave before the helper below has its turn
        async with anyio.create_task_group() as helpers:
            helpers.start_soon(self._watch)
            for helper in beside:
                helpers.start_soon(self._guarded, helper)
            async with anyio.create_task_group() as group:
                for _ in range(self._count if count is None else count):
                    group.start_soon(self._guarded, work)
            helpers.cancel_scope.cancel()
        if self._fatal:
            raise self._fatal

    async def _guarded(self, work: Work) -> None:
        try:
            await work()
        except NotStarted:
            return
        except MigratorError as error:
            self._fatal = self._fatal or error
            self.stop.request()

    async def _watch(self) -> None:
        await self._outer.wait()
        self.stop.request()


class Breaker:
    """The circuit breaker: a long row of failures with one cause is not about the items any more.

    Causes are the same when they differ at most in numbers and quoted names. ``command`` is what goes on once the
    cause is mended.
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
