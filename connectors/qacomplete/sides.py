"""Walking the lists of items on which something hangs, one list after the other."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from connectors.qacomplete.beneath import Unreadable, Whole, insistently, whole_list
from connectors.qacomplete.lists import Lists, Rows
from connectors.qacomplete.wire import WirePage

Read = Callable[[str, str, int, int, int], Awaitable[WirePage]]
"""Asks for what hangs on an item: project, entity code, id, offset, limit."""


@dataclass(frozen=True, slots=True)
class Side:
    """Items of one entity code (§5), the list that names them, and the kind of their refs."""

    code: str
    list: str
    kind: str


async def walk(lists: Lists, sides: Sequence[Side], project: str, cursor: str | None) -> tuple[Side, Rows, str | None]:
    """Return one page of items, the side it is of, and the cursor of the next one: ``CODE@`` and that list's cursor."""
    code, _, inner = (cursor or f"{sides[0].code}@").partition("@")
    # a side may have been skipped since the cursor was made; then all are read again, which changes nothing
    place = next((number for number, side in enumerate(sides) if side.code == code), None)
    if place is None:
        return await walk(lists, sides, project, None)
    rows = await lists.page(sides[place].list, project, inner or None)
    if rows.cursor:
        return sides[place], rows, f"{code}@{rows.cursor}"
    return sides[place], rows, f"{sides[place + 1].code}@" if place + 1 < len(sides) else None


async def beneath(lists: Lists, read: Read, side: Side, project: str, code: str, ident: int) -> tuple[Whole, str]:
    """Return what hangs on an item, and why that is not everything. ``code``: the item's, or that of a part of it."""
    try:
        whole = await insistently(
            lambda: whole_list(partial(read, project, code, ident)), partial(lists.probe, side.list, project)
        )
    except Unreadable as error:
        return Whole(()), str(error)
    return whole, whole.trouble
