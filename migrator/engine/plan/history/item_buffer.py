"""Planned items on their way into the workspace, stored in chunks across the units that they belong to."""

from collections.abc import Sequence

from migrator.core.notes import Note
from migrator.core.records import Fate, PlannedItem, Round
from state.store import Store

_CHUNK = 200
_AT_REST: frozenset[Fate] = frozenset(("unchanged", "folded", "archived", "excluded", "gone"))


class ItemBuffer:
    """Collects what is planned. ``at_rest``: nothing of it is to be done, nor waits for anything, so that it would be
    planned the same way again; whoever wants to know sets it first."""

    def __init__(self, store: Store, current: Round) -> None:
        self._store = store
        self._round = current
        self._items: list[PlannedItem] = []
        self._closes: list[tuple[str, str]] = []
        self._notes: list[Note] = []
        self.at_rest = True

    def put(self, items: Sequence[PlannedItem]) -> None:
        """Add items; store all when they are many."""
        self.at_rest = self.at_rest and all(item.fate in _AT_REST and item.kind != "file" for item in items)
        self._items += items
        if len(self._items) >= _CHUNK:
            self.flush()

    def close(self, marker: str, title: str) -> None:
        """Plan to close a run."""
        self._closes.append((marker, title))

    def note(self, notes: Sequence[Note]) -> None:
        """Add notes to runs that were put before."""
        self._notes += notes

    def flush(self) -> None:
        """Store what is left."""
        with self._store.journal.atomic():
            self._store.planning.put_items(self._round, self._items)
            for marker, title in self._closes:
                self._store.history.plan_close(self._round, marker, title)
            self._store.unlike.put_notes(self._round, self._notes)
        self._items, self._closes, self._notes = [], [], []
