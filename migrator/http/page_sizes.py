"""Lists whose pages are heavier than an answer may be: texts with screenshots pasted into them."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from migrator.core.errors import AnswerSpoilt

T = TypeVar("T")


class PageSizes:
    """Remembers how many rows of which list fit into an answer: its other pages are as heavy.

    Args:
        fewest: rows that a reader needs at least.
        by: how much smaller the next try is.
    """

    def __init__(self, *, fewest: int = 1, by: int = 4) -> None:
        self._fewest = fewest
        self._by = by
        self._most: dict[str, int] = {}

    async def ask(self, name: str, limit: int, call: Callable[[int], Awaitable[T]]) -> T:
        """Return what ``call`` answers to ``limit`` rows of the list ``name``, or to fewer where that was too large.

        Raises what ``call`` raises; ``AnswerSpoilt`` when the fewest are too large.
        """
        limit = min(limit, self._most.get(name, limit))
        while True:
            try:
                return await call(limit)
            except AnswerSpoilt as error:
                if error.reason != "too_large" or limit <= self._fewest:
                    raise
            limit = self._most[name] = max(self._fewest, limit // self._by)
