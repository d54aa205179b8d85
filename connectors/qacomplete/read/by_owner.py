"""Walking the lists of items on which something hangs, one list after the other."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from connectors.qacomplete.convert.cases import Converter
from connectors.qacomplete.read.changes import ChangedLists, fingerprint, marks, standing, unlisted
from connectors.qacomplete.read.children import Unreadable, Whole, insistently, whole_list
from connectors.qacomplete.read.lists import Lists, Rows
from connectors.qacomplete.wire.cases import WirePage
from migrator.core.ports.source import Earlier, Listed, Record, SourcePage
from migrator.core.refs import Ref
from migrator.http.side_by_side import side_by_side

Row = dict[str, Any]
Read = Callable[[str, str, int, int, int], Awaitable[WirePage]]
"""Asks for what hangs on an item: project, entity code, id, offset, limit."""


@dataclass(frozen=True, slots=True)
class Side:
    """Items of one entity code (§5), the list that names them, and the kind of their refs."""

    code: str
    list: str
    kind: str


async def walk(
    lists: ChangedLists, sides: Sequence[Side], project: str, cursor: str | None, earlier: Earlier | None
) -> tuple[Side, Rows, str | None]:
    """Return one page of items, the side it is of, and the cursor of the next one: ``CODE@`` and that list's cursor."""
    code, _, inner = (cursor or f"{sides[0].code}@").partition("@")
    # a side may have been skipped since the cursor was made; then all are read again, which changes nothing
    place = next((number for number, side in enumerate(sides) if side.code == code), None)
    if place is None:
        return await walk(lists, sides, project, None, earlier)
    rows = await lists.page(sides[place].list, project, inner or None, earlier)
    if rows.cursor:
        return sides[place], rows, f"{code}@{rows.cursor}"
    return sides[place], rows, f"{sides[place + 1].code}@" if place + 1 < len(sides) else None


@dataclass(frozen=True, slots=True)
class Walked:
    """One page of items on which something may hang; ``following``: the cursor of the next one."""

    convert: Converter
    side: Side
    project: str
    rows: Rows
    following: str | None

    async def asked(
        self,
        rows: Sequence[tuple[int, Row]],
        earlier: Earlier | None,
        ask: Callable[[Ref], Awaitable[list[Record]]],
    ) -> SourcePage:
        """Return what hangs on these of the items, in their order. Those that are as they were are not asked again;
        what has a note that not everything could be read will be."""
        refs = [self.convert.ref(self.side.kind, self.project, ident) for ident, _ in rows]
        prints = {ref.marker: fingerprint(row) for ref, (_, row) in zip(refs, rows, strict=True)}
        stands = standing(earlier, prints)
        asked = [ref for ref in refs if ref.marker not in stands]
        found = await side_by_side([partial(ask, ref) for ref in asked])
        incomplete = {ref.marker for ref, records in zip(asked, found, strict=True) if any(r.notes for r in records)}
        return SourcePage(
            tuple(record for records in found for record in records),
            self.following,
            None,
            moved=self.rows.moved,
            listed=tuple(
                Listed(marker, "" if marker in incomplete else row_print, stands=marker in stands)
                for marker, row_print in prints.items()
            ),
            marks=marks(self.side.list, self.rows),
            unlisted=unlisted(self.convert, self.side.kind, self.project, self.rows),
        )


def once(page: SourcePage) -> SourcePage:
    """Return the page with what several items give there once."""
    return replace(page, records=tuple({record.entity.ref.marker: record for record in page.records}.values()))


async def beneath(lists: Lists, read: Read, side: Side, project: str, code: str, ident: int) -> tuple[Whole, str]:
    """Return what hangs on an item, and why that is not everything. ``code``: the item's, or that of a part of it."""
    try:
        whole = await insistently(
            lambda: whole_list(partial(read, project, code, ident)), partial(lists.probe, side.list, project)
        )
    except Unreadable as error:
        return Whole(()), str(error)
    return whole, whole.trouble
