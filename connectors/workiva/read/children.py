"""Pages of children: the lists below several parents at a time, with what hangs on their rows."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Self
from urllib.parse import unquote

from connectors.workiva.api import EXPANDED, NO_EXPANSION, Page, Path, Row, WorkivaApi, is_refusal, row_id
from connectors.workiva.read.attachments import AttachmentReader, fingerprint
from connectors.workiva.read.tree import Moved, Tree, refused
from migrator.core.base import digest_of
from migrator.core.errors import Rejected, TemporaryError
from migrator.core.side_by_side import side_by_side

_SAMPLE = 4
_NONE = "none"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a stream goes on: at the children of ``parent``, at the page ``link`` of theirs (None: the first).

    ``position``: how many children of the branch two levels up were read before.
    """

    parent: Path
    link: str | None = None
    position: int = 0

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a cursor."""
        parent, link, position = json.loads(text)
        return cls(tuple(parent), link, position)

    def __str__(self) -> str:
        return json.dumps([self.parent, self.link, self.position])


@dataclass(frozen=True, slots=True)
class Child:
    """A row with its ids, its parent's row and its attachments.

    Args:
        position: see ``Cursor``.
        whole: these are all attachments.
        fingerprint: of the attachments that it shows.
        stands: they are those of the earlier reading, so nobody was asked for them.
    """

    ids: Path
    row: Row
    parent: Row
    attachments: Sequence[Row]
    position: int
    fingerprint: str
    stands: bool = False
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows the list below ``parent`` gave; ``goes_on`` as in ``ListSize``."""

    parent: Path
    rows: int
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Children:
    """A page of them. ``cursor``: where to go on, None at the end. ``moved`` as in ``SourcePage``; ``sizes``: of the
    lists that it is from, and of those above that led there."""

    rows: tuple[Child, ...]
    cursor: Cursor | None
    moved: bool
    sizes: tuple[Size, ...] = ()


@dataclass(frozen=True, slots=True)
class _List:
    """One page of one parent's list. ``expanded``: its rows show their attachments. ``size``: None when it was refused,
    because its parent is gone."""

    parent: Path
    row: Row
    page: Page
    expanded: bool
    size: Size | None


Unchanged = Callable[[Mapping[Path, str]], Collection[Path]]
"""Tells of samples, given with fingerprints of the attachments that they show, which show what they did before."""


class ChildReader:
    """Reads forms, phases, matrices and samples. ``parents``: how many lists at the same time."""

    def __init__(self, api: WorkivaApi, tree: Tree, attachments: AttachmentReader, parents: int) -> None:
        self._api = api
        self._tree = tree
        self._attachments = attachments
        self._parents = parents
        self._refuses_expansion: set[int] = set()

    async def page(
        self,
        depth: int,
        cursor: Cursor | None,
        wanted: frozenset[str] | None,
        unchanged: Unchanged = lambda _prints: (),
    ) -> Children:
        """Return children of parents ``depth`` levels deep; 0: the test forms. ``wanted``: the ids of those to take,
        None for all."""
        if cursor is None or self._tree.wanted != wanted:
            self._tree.forget(wanted)
        try:
            page = await self._page(depth, cursor, unchanged)
            above = [Size(parent, rows) for parent, rows in self._tree.sizes.items()]
            self._tree.sizes.clear()
            return replace(page, sizes=(*page.sizes, *above))
        except Moved:
            return Children((), None, moved=True)
        finally:
            self._tree.has_moved = False

    async def _page(self, depth: int, cursor: Cursor | None, unchanged: Unchanged) -> Children:
        if depth == 0:
            lists = [await self._list((), {}, cursor.link if cursor else None)]
            start = cursor or Cursor(())
        else:
            first = cursor.parent if cursor else await self._tree.first(depth)
            if first is None:
                return Children((), None, self._tree.has_moved)
            start = cursor or Cursor(first)
            group = await self._tree.from_here(first, self._parents if start.link is None else 1)
            lists = await side_by_side([partial(self._list, ids, row, start.link) for ids, row in group])
        lists = _up_to_the_first_long_one(lists)
        rows = await self._children(lists, start.position, unchanged)
        following = await self._next(lists[-1], start.position + len(rows))
        return Children(tuple(rows), following, self._tree.has_moved, tuple(one.size for one in lists if one.size))

    async def _next(self, last: _List, position: int) -> Cursor | None:
        if last.page.link is not None:
            return Cursor(last.parent, last.page.link, position)
        following = await self._tree.after(last.parent)
        if following is None:
            return None
        return Cursor(following, None, position if following[:-1] == last.parent[:-1] else 0)

    async def _children(self, lists: Sequence[_List], position: int, unchanged: Unchanged) -> list[Child]:
        found: list[Child] = []
        for one in lists:
            rows = [((*one.parent, row_id(row)), row) for row in one.page.rows]
            rows = [(ids, row) for ids, row in rows if len(ids) > 1 or self._tree.takes(ids[0])]
            shown = {ids: fingerprint(row) for ids, row in rows if one.expanded and row.get("attachments")}
            stand = frozenset(unchanged({ids: text for ids, text in shown.items() if len(ids) == _SAMPLE}))
            attachments = await self._attachments.of(rows, expanded=one.expanded, unchanged=stand)
            found += [
                Child(
                    ids,
                    row,
                    one.row,
                    files.rows,
                    position + len(found) + number,
                    shown.get(ids) or (digest_of(files.rows) if files.rows else _NONE),
                    ids in stand,
                    files.whole,
                )
                for number, ((ids, row), files) in enumerate(zip(rows, attachments, strict=True))
            ]
        return found

    async def _list(self, parent: Path, row: Row, link: str | None) -> _List:
        size: Size | None = None
        try:
            page, expanded = await self._expanded(self._api.children(parent), len(parent), link)
            size = Size(parent, self._tree.size_of(parent, page.rows), goes_on=link is not None)
            # only the last page has no link (§4), so that a further one without rows is a list that was cut short
            self._tree.has_moved = self._tree.has_moved or (link is not None and not page.rows)
        except Rejected as error:
            if not parent or not is_refusal(error, 404, 410):
                raise refused(error, parent) from error
            self._tree.has_moved = True  # it was removed since its own list was read
            page, expanded = Page((), None), True
        return _List(parent, row, page, expanded, size)

    async def _expanded(self, path: str, level: int, link: str | None) -> tuple[Page, bool]:
        """Return a page with attachments shown, or without where the server will not or cannot (§4: 29 s)."""
        if link is not None:
            page = await self._api.page(path, link)
            # whether a link keeps the expansion is for the server to show: null may stand on rows that are not expanded
            return page, "expand" in unquote(link) or any(row.get("attachments") is not None for row in page.rows)
        if level in self._refuses_expansion:
            return await self._api.page(path), False
        try:
            return await self._api.page(path, None, EXPANDED), True
        except Rejected as error:
            if error.status not in NO_EXPANSION:
                raise
            self._refuses_expansion.add(level)
        except TemporaryError:
            pass  # with attachments a page may be too slow (§4: 29 s); the plain one shows whether the server is down
        return await self._api.page(path), False


def _up_to_the_first_long_one(lists: list[_List]) -> list[_List]:
    """Keep what comes before the rest of a list that has more pages: rows stay in the order of the matrices."""
    for number, one in enumerate(lists, start=1):
        if one.page.link is not None:
            return lists[:number]
    return lists
