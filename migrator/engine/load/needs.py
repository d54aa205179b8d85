"""What operations need that other loaders are still at work on, so that all loaders can run side by side.

Who is held watches a single thing that is under way. Only the end of that wakes him, and he checks
everything that he needs again; so it costs next to nothing how many wait.
"""

from collections.abc import Callable, Hashable, Iterable

import anyio


class Needs:
    """Holds the operations of one loader back."""

    def __init__(self) -> None:
        self._watchers: dict[str, list[Hashable]] = {}
        self._held: set[Hashable] = set()
        self._is_over = False
        self.gave_up = False
        """What is missing will not come in this run, but may another time."""
        self._news = anyio.Event()

    def hold(self, who: Hashable, find: Callable[[], str | None]) -> bool:
        """Return whether an operation has to wait; ``find`` names something that it needs and that is under way."""
        if self._is_over or who in self._held:
            return not self._is_over
        marker = find()
        if marker is None:
            return False
        self._held.add(who)
        self._watchers.setdefault(marker, []).append(who)
        return True

    def ended(self, markers: Iterable[str]) -> None:
        """These are in QA Sphere, or were given up."""
        if woken := [who for marker in markers for who in self._watchers.pop(marker, ())]:
            self._held.difference_update(woken)
            self._tell()

    def over(self, *, gave_up: bool = False) -> None:
        """Nothing is under way any more; ``gave_up``: though something is missing that may come another time."""
        self._is_over = not gave_up
        self.gave_up = gave_up
        self._tell()

    async def next(self) -> bool:
        """Wait until somebody is not held any more; return False when that cannot happen again."""
        if not (self._is_over or self.gave_up):
            await self._news.wait()
        return not (self._is_over or self.gave_up)

    def _tell(self) -> None:
        self._news.set()
        self._news = anyio.Event()
