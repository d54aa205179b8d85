"""Asking the engine to stop: nothing new is started, what is in flight may end."""

import anyio
import anyio.lowlevel


class Stopped(Exception):
    """A stop was requested in the middle of something that is done again from its start."""


class Stop:
    """A flag that tasks ask before they start something, and can wait for."""

    def __init__(self) -> None:
        self._event = anyio.Event()

    def requested(self) -> bool:
        """Whether to start nothing new."""
        return self._event.is_set()

    def request(self) -> None:
        """Start nothing new from now on."""
        self._event.set()

    async def turn(self) -> None:
        """Let others have their turn in the middle of long work, signals among them; ``Stopped`` after a request."""
        await anyio.lowlevel.checkpoint()
        if self.requested():
            raise Stopped

    async def wait(self) -> None:
        """Return once a stop is requested."""
        await self._event.wait()

    async def sleep(self, seconds: float) -> None:
        """Sleep, but not longer than until a stop is requested."""
        with anyio.move_on_after(seconds):
            await self._event.wait()
