"""Walking the lists of items on which something hangs, one list after the other."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from connectors.qacomplete.convert.cases import Converter
from connectors.qacomplete.read.changes import ChangedLists, fingerprint, marks, unchanged_since, unlisted
from connectors.qacomplete.read.children import Unreadable, WholeList, retried, whole_list
from connectors.qacomplete.read.lists import Lists, Rows
from connectors.qacomplete.read.noted import is_incomplete
from connectors.qacomplete.wire.cases import WirePage
from migrator.core.ports.source import Earlier, Listed, Record, SourcePage
from migrator.core.refs import Ref
from migrator.core.side_by_side import side_by_side

Row = dict[str, Any]
Read = Callable[[str, str, int, int, int], Awaitable[WirePage]]
"""Asks for what hangs on an item: project, entity code, id, offset, limit."""


@dataclass(frozen=True, slots=True)
class OwnerList:
    """Items on which notes, links or files hang: their entity code (§5), their list, and the kind of their refs."""

    code: str
    list: str
    kind: str


async def owner_page(
    lists: ChangedLists, owner_lists: Sequence[OwnerList], project: str, cursor: str | None, earlier: Earlier | None
) -> tuple[OwnerList, Rows, str | None]:
    """Return one page of items, the list it is of, and the next page's cursor: ``CODE@`` and that list's own."""
    code, _, inner = (cursor or f"{owner_lists[0].code}@").partition("@")
    # a list may have been skipped since the cursor was made; then all are read again, which changes nothing
    place = next((number for number, owner_list in enumerate(owner_lists) if owner_list.code == code), None)
    if place is None:
        return await owner_page(lists, owner_lists, project, None, earlier)
    rows = await lists.page(owner_lists[place].list, project, inner or None, earlier)
    if rows.cursor:
        return owner_lists[place], rows, f"{code}@{rows.cursor}"
    return owner_lists[place], rows, f"{owner_lists[place + 1].code}@" if place + 1 < len(owner_lists) else None


@dataclass(frozen=True, slots=True)
class OwnerPage:
    """One page of items on which something may hang; ``following``: the cursor of the next one."""

    convert: Converter
    owner_list: OwnerList
    project: str
    rows: Rows
    following: str | None

    async def children(
        self,
        rows: Sequence[tuple[int, Row]],
        earlier: Earlier | None,
        ask: Callable[[Ref], Awaitable[list[Record]]],
    ) -> SourcePage:
        """Return what hangs on these of the items, in their order. Those that are as they were are not asked again;
        what has a note that not everything could be read will be."""
        refs = [self.convert.ref(self.owner_list.kind, self.project, ident) for ident, _ in rows]
        prints = {ref.marker: fingerprint(row) for ref, (_, row) in zip(refs, rows, strict=True)}
        stands = unchanged_since(earlier, prints)
        asked = [ref for ref in refs if ref.marker not in stands]
        found = await side_by_side([partial(ask, ref) for ref in asked])
        incomplete = {ref.marker for ref, records in zip(asked, found, strict=True) if any(map(is_incomplete, records))}
        return SourcePage(
            tuple(record for records in found for record in records),
            self.following,
            None,
            moved=self.rows.moved,
            listed=tuple(
                Listed(marker, "" if marker in incomplete else row_print, stands=marker in stands)
                for marker, row_print in prints.items()
            ),
            marks=marks(self.owner_list.list, self.rows),
            unlisted=unlisted(self.convert, self.owner_list.kind, self.project, self.rows),
            sizes=self.rows.size(self.owner_list.list),
        )


def without_doubles(page: SourcePage) -> SourcePage:
    """Return the page with what several items give there once."""
    return replace(page, records=tuple({record.entity.ref.marker: record for record in page.records}.values()))


async def owned_rows(
    lists: Lists, read: Read, owner_list: OwnerList, project: str, code: str, ident: int, counted: int | None
) -> tuple[WholeList, str]:
    """Return what hangs on an item, and why that is not everything. ``code``: the item's, or that of a part of it;
    ``counted``: how many its row counts, None when it does not."""

    async def whole() -> WholeList:
        found = await whole_list(partial(read, project, code, ident))
        # a list may be cut short once
        return found if len(found.rows) >= (counted or 0) else await whole_list(partial(read, project, code, ident))

    try:
        found = await retried(whole, partial(lists.probe, owner_list.list, project))
    except Unreadable as error:
        return WholeList(()), str(error)
    short = counted is not None and len(found.rows) < counted
    return found, found.trouble or (f"the item counts {counted} and its list gives {len(found.rows)}" if short else "")
