"""What cases wait for: files that are being loaded beside them."""

import anyio


class Arrivals:
    """Tells whoever waits that something has arrived, and when nothing will any more."""

    def __init__(self) -> None:
        self.finished = False
        self.failed = False
        self._news = anyio.Event()

    def announce(self) -> None:
        """Something has arrived, or was given up."""
        self._news.set()
        self._news = anyio.Event()

    def finish(self, *, failed: bool) -> None:
        """Nothing more will arrive; ``failed``: though something is missing that may come another time."""
        self.finished, self.failed = not failed, failed
        self._news.set()

    async def next(self) -> bool:
        """Wait for news; return False when there will be none any more."""
        if not (self.finished or self.failed):
            await self._news.wait()
        return not (self.finished or self.failed)
