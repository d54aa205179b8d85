"""Reading what hangs on single items: to the end, and without one bad item spoiling its page."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from connectors.qacomplete.wire.cases import WirePage
from migrator.core.base import digest_of
from migrator.core.errors import AuthenticationError, Rejected, TemporaryError
from migrator.core.plural import number
from migrator.http.paging import next_offset

T = TypeVar("T")
_TRIES = 2
_PAGE = 200
_MOST_PAGES = 300


class Unreadable(Exception):
    """One item cannot be read although its list can; the text says why."""


@dataclass(frozen=True, slots=True)
class WholeList:
    """All rows of a short list. ``claimed``: how many the server counts when these are not all."""

    rows: tuple[dict[str, Any], ...]
    claimed: int | None = None

    @property
    def trouble(self) -> str:
        """Say what is missing; empty when nothing is."""
        return "" if self.claimed is None else f"the source counts {self.claimed} and gives {len(self.rows)}"


async def retried(call: Callable[[], Awaitable[T]], probe: Callable[[], Awaitable[None]]) -> T:
    """Return what the call answers; raise ``Unreadable`` only when the probe passes and the call does not.

    When nothing else can be read either, the error leaves and the whole page is read again another time: items that
    lost something in a short outage would be loaded without it, for good.
    """
    reason = ""
    for _ in range(_TRIES):
        try:
            return await call()
        except (Rejected, TemporaryError, AuthenticationError) as error:
            reason = str(error)
            await probe()
    raise Unreadable(reason)


async def whole_list(call: Callable[[int, int], Awaitable[WirePage]]) -> WholeList:
    """Read a list by offset and limit to its end, and again when it does not add up.

    Raises what the call raises, and ``TemporaryError`` for a list that does not end.
    """
    whole = await _sweep(call)
    return whole if whole.claimed is None else await _sweep(call)


async def _sweep(call: Callable[[int, int], Awaitable[WirePage]]) -> WholeList:
    found: dict[str, dict[str, Any]] = {}
    offset: int | None = 0
    total: int | None = None
    pages = 0
    while offset is not None:
        pages += 1
        if pages > _MOST_PAGES:
            raise TemporaryError(f"the list does not end: it gave {number(len(found), 'row')} on {_MOST_PAGES} pages")
        page = await call(offset, _PAGE)
        known, total = len(found), page.total
        # what is no row is kept, too: the raw JSON of an item is an object
        found |= {digest_of(row): row if isinstance(row, dict) else {"row": row} for row in page.results}
        # a server that gives the same page again has no more
        offset = next_offset(offset, len(page.results), total) if len(found) > known else None
    return WholeList(tuple(found.values()), None if total is None or total == len(found) else total)
