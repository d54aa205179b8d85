"""Several tasks side by side until there is nothing to do, somebody asks to stop, or one fails for good."""

from collections.abc import Awaitable, Callable

import anyio

from migrator.core.errors import MigratorError
from migrator.engine.stop import Stop


class NotStarted(Exception):
    """A stop was requested before this write left."""


class Workers:
    """Runs ``work`` in ``count`` tasks. An outer stop, or an error in one of them, lets the others come to an end."""

    def __init__(self, count: int, outer: Stop) -> None:
        self._count = count
        self._outer = outer
        self.stop = Stop()
        self._fatal: MigratorError | None = None

    async def run(self, work: Callable[[], Awaitable[None]], *, count: int | None = None) -> None:
        """Return when all have ended; raise the first error that stopped one."""
        async with anyio.create_task_group() as helpers:
            helpers.start_soon(self._watch)
            async with anyio.create_task_group() as group:
                for _ in range(self._count if count is None else count):
                    group.start_soon(self._guarded, work)
            helpers.cancel_scope.cancel()
        if self._fatal:
            raise self._fatal

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
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
