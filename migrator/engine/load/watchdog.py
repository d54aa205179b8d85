"""A load that does not move any more ends, and says what it waited for, instead of holding the workspace for ever."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from migrator.core.errors import MigratorError, TemporaryError
from migrator.core.events import Event, Listener, PhaseEnded, Progressed

PATIENCE = 30 * 60.0
"""Seconds; longer than the largest file takes on a slow line."""
T = TypeVar("T")


class Watchdog:
    """Sees every event on its way to the listener."""

    def __init__(self, listener: Listener, waiting_for: Callable[[], str], patience: float = PATIENCE) -> None:
        """Begin to count.

        Args:
            listener: Gets every event.
            waiting_for: Says what QA Sphere holds up; as long as it does, nothing stands still.
            patience: Seconds without a sign of life.
        """
        self._listener = listener
        self._waiting_for = waiting_for
        self._patience = patience
        self._last: dict[str, Progressed] = {}
        self._alive = True

    def listen(self, event: Event) -> None:
        """Take an event; one that repeats how far a phase is, is no sign of life."""
        if isinstance(event, Progressed):
            before = self._last.get(event.phase)
            self._alive = self._alive or before is None or before.done != event.done
            self._last[event.phase] = event
        else:
            self._alive = True
            if isinstance(event, PhaseEnded):
                self._last.pop(event.phase, None)
        self._listener(event)

    async def guard(self, work: Callable[[], Awaitable[T]]) -> T:
        """Return what the work returns; raise what it raises, or ``TemporaryError`` when it stands still."""
        results: list[T] = []
        failures: list[MigratorError] = []
        async with anyio.create_task_group() as group:
            group.start_soon(self._watch, group.cancel_scope)
            try:
                results.append(await work())
            except MigratorError as error:
                failures.append(error)
            group.cancel_scope.cancel()
        if failures:
            raise failures[0]
        if not results:
            raise self._stuck()
        return results[0]

    async def _watch(self, scope: anyio.CancelScope) -> None:
        while self._alive or self._waiting_for():
            self._alive = False
            await anyio.sleep(self._patience)
        scope.cancel()

    def _stuck(self) -> TemporaryError:
        phases = [
            f"{seen.phase} {seen.done} of {seen.total} waits for {seen.waiting_for or 'answers'}"
            for seen in self._last.values()
        ]
        return TemporaryError(
            f"nothing has moved for {self._patience / 60:.0f} minutes, and nothing is awaited",
            cause="; ".join(phases),
            next_step="run the same command again, it continues where it stopped; when that happens twice, report it",
        )
