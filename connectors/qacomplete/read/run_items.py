"""The items of one run: up to a page of them, with their step results, singly where the list leaves those out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from connectors.qacomplete.api import QACompleteApi
from connectors.qacomplete.convert.cases import row_id
from connectors.qacomplete.read.children import Unreadable, retried
from connectors.qacomplete.read.lists import Lists
from connectors.qacomplete.wire.cases import WirePage
from connectors.qacomplete.wire.runs import WireRun, WireRunItem
from migrator.core.plural import number
from migrator.core.side_by_side import side_by_side
from migrator.http.paging import next_offset

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """An item at its place in the list, from 0. ``trouble``: why it may lack step results."""

    place: int
    row: Row
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Items:
    """Some items of a run.

    Args:
        cursor: None when they are the last ones.
        reached: the place after them.
        moved: the list has shifted since the page before.
        trouble: why the rest of the run is missing.
        counted: how many there are of the run by what the source counts, once the list was read to its end.
    """

    items: tuple[Item, ...]
    cursor: str | None
    reached: int
    moved: bool = False
    trouble: str = ""
    counted: int | None = None


class ItemReader:
    """Reads the items of runs. A cursor is ``OFFSET:ID``, the id of the item before."""

    def __init__(self, api: QACompleteApi, lists: Lists) -> None:
        self._api = api
        self._lists = lists
        self._lists_hold_steps = False

    async def page(self, project: str, run: Row, cursor: str) -> Items:
        """Return a page of a run's items; none without a request when the run counts none."""
        claimed = WireRun.model_validate(run).nbr_tests
        if claimed == 0:
            return Items((), None, 0)
        start, _, last = cursor.partition(":")
        offset = int(start or 0)
        try:
            # one row earlier, to see whether the list still stands where it was left
            before = 1 if offset else 0
            rows, total, ended = await self._rows(project, row_id(run) or 0, offset - before)
            if not offset and ended and len(rows) < (claimed or 0):  # a list may be empty or cut short once
                again = await self._rows(project, row_id(run) or 0, 0)
                rows, total, ended = again if len(again[0]) > len(rows) else (rows, total, ended)
        except Unreadable as error:
            return Items((), None, offset, trouble=f"from place {offset + 1} on: {error}")
        moved = bool(before) and (not rows or str(row_id(rows[0])) != last)
        first = offset - before if moved else offset
        rows = rows if moved else rows[before:]
        items = await self._with_steps(project, row_id(run) or 0, first, rows)
        reached = first + len(rows)
        if not ended and rows:
            return Items(items, f"{reached}:{row_id(rows[-1])}", reached, moved)
        # a list that is cut short may agree with itself
        counted = max(claimed or 0, total or 0)
        trouble = f"the source counts {number(counted, 'result')} and gives {reached}" if reached < counted else ""
        return Items(items, None, reached, moved, trouble, counted)

    async def _rows(self, project: str, run: int, start: int) -> tuple[list[Row], int | None, bool]:
        """Return rows, up to a page, whatever the server's own pages are; what it counts; and whether that is all."""
        rows: list[Row] = []
        offset: int | None = start
        total: int | None = None
        while offset is not None and len(rows) < self._lists.page_size:
            page: WirePage = await retried(
                partial(self._api.run_items, project, run, offset, self._lists.page_size - len(rows)),
                partial(self._lists.probe, "runs", project),
            )
            got = [row if isinstance(row, dict) else {"row": row} for row in page.results]
            # a server that gives the same rows again has no more
            repeated = bool(got) and got[-1] in rows
            offset = None if repeated else next_offset(offset, len(got), page.total)
            rows += [] if repeated else got
            total = page.total
        return rows, total, offset is None

    async def _with_steps(self, project: str, run: int, first: int, rows: Sequence[Row]) -> tuple[Item, ...]:
        bare = [not WireRunItem.model_validate(row).test_run_results for row in rows]
        self._lists_hold_steps = self._lists_hold_steps or not all(bare)
        if self._lists_hold_steps:
            return tuple(Item(place, row) for place, row in enumerate(rows, start=first))
        return tuple(
            await side_by_side(
                [partial(self._single, project, run, place, row) for place, row in enumerate(rows, start=first)]
            )
        )

    async def _single(self, project: str, run: int, place: int, row: Row) -> Item:
        """Return the item as it is read singly (§6.13), or as the list has it if that fails."""
        ident = row_id(row)
        if ident is None:
            return Item(place, row, "the item has no id to read its steps by")
        try:
            whole = await retried(
                partial(self._api.run_item, project, run, ident), partial(self._lists.probe, "runs", project)
            )
        except Unreadable as error:
            return Item(place, row, f"the item could not be read singly: {error}")
        if row_id(whole) != ident:
            return Item(place, row, "the source answered with something else than this item")
        return Item(place, whole)
