"""Workiva's API, one method per kind of call (``workiva-api.md`` §5). Lists are read page by page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from connectors.workiva.next_page import NextPages
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import Rejected, TemporaryError
from migrator.core.redact import beginning
from migrator.http.api import HttpApi
from migrator.http.page_sizes import PageSizes
from migrator.http.transport import Reply, Transport

Row = dict[str, Any]
Path = tuple[str, ...]
"""The ids from the test form down: form, phase, matrix, sample."""
_LEVELS = ("testForms", "testPhases", "matrices", "samples")
_SHOWN = 200
_ROWS = 100
"""Of a page, as a cursor in the vendor's example has it (§4); no list of ours declares a size."""
EXPANDED = {"$expand": "attachments"}
NO_EXPANSION = (400, 413, 501)
"""How a server may refuse that."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: rows with an id, none twice. ``link``: path and query of the next one, None at the end."""

    rows: tuple[Row, ...]
    link: str | None


class WorkivaApi(HttpApi):
    """Raises what ``Transport.call`` raises, and ``TemporaryError`` for what is no answer of this API.

    ``prefix`` stands before every path that is built here, not before links.
    """

    def __init__(self, transport: Transport, prefix: str) -> None:
        super().__init__(transport)
        self._prefix = prefix
        self._next = NextPages(transport.base_url)
        self._sizes = PageSizes(by=10)
        parts = urlsplit(transport.base_url)
        self._origin = f"{parts.scheme}://{parts.netloc}"

    def path(self, ids: Path) -> str:
        """Return the path of an item by its ids."""
        parts = [f"/{level}/{quote(ident, safe='')}" for level, ident in zip(_LEVELS, ids, strict=False)]
        return self._prefix + "".join(parts)

    def children(self, parent: Path) -> str:
        """Return the path of the list below an item; of the test forms for none."""
        return f"{self.path(parent)}/{_LEVELS[len(parent)]}"

    def one(self, ident: str) -> str:
        """Return the part of a path that names one row of a list."""
        return f"/{quote(ident, safe='')}"

    def attachments(self, owner: Path) -> str:
        """Return the path of an item's list of attachments. Test forms have none (§5)."""
        return f"{self.path(owner)}/attachments"

    async def page(
        self, path: str, link: str | None = None, query: Mapping[str, str] | None = None, *, needs_ids: bool = True
    ) -> Page:
        """Return the first page of a list, or the one that an earlier page's ``link`` leads to."""
        first = f"{self.base_url}{path}{'?' + urlencode(query, safe='$') if query else ''}"
        where = first if link is None else self._origin + link
        answer = await self._sizes.ask(path, _ROWS, lambda most: self._rows(where, most))
        if isinstance(answer, dict) and not answer.get("data") and not answer.get("@nextLink"):
            # no list counts its rows; it may be empty once, and what lies below it would lose its place for good
            answer = await self._sizes.ask(path, _ROWS, lambda most: self._rows(where, most))
        if not isinstance(answer, dict) or not isinstance(answer.get("data"), list | None):
            raise self._unreadable(path, "something that is no list", answer)
        rows: dict[str, Row] = {}
        for number, row in enumerate(answer.get("data") or []):
            if not isinstance(row, dict) or (needs_ids and not row_id(row)):
                # a row without an id can be neither migrated nor counted under a name of its own
                raise self._unreadable(path, "a row that has no id", row)
            rows.setdefault(row_id(row) or f"/{number}", row)
        following = answer.get("@nextLink")
        link_text = following if isinstance(following, str) else None
        return Page(tuple(rows.values()), self._next.follow(path, link_text, where, is_first=link is None))

    async def _rows(self, where: str, most: int) -> Any:
        """Ask for a page; for fewer rows than usual by the option of the vendor's other lists, which may be ignored."""
        sized = where if most >= _ROWS else f"{where}{'&' if urlsplit(where).query else '?'}$maxpagesize={most}"
        return (await self._transport.ask("GET", sized, repeatable=True)).document

    async def item(self, ids: Path, query: Mapping[str, str]) -> Row:
        """Return one item."""
        return await self.at(self.path(ids), query)

    async def at(self, path: str, query: Mapping[str, str]) -> Row:
        """Return the object at a path."""
        answer = (await self._transport.ask("GET", self.base_url + path, params=query, repeatable=True)).document
        if not isinstance(answer, dict):
            raise self._unreadable(path, "something that is no item", answer)
        return answer

    async def whole(self, path: str, *, needs_ids: bool = True) -> list[Row]:
        """Return all rows of a list, without those that a shifting offset shows twice (§4)."""
        rows: dict[str, Row] = {}
        link: str | None = None
        while True:
            page = await self.page(path, link, needs_ids=needs_ids)
            for row in page.rows:
                rows.setdefault(row_id(row) or f"/{len(rows)}", row)
            link = page.link
            if link is None:
                return list(rows.values())

    async def begin(self, path: str, body: object = None, *, repeatable: bool) -> Reply:
        """Start an operation; its address is in the headers (§7)."""
        return await self._transport.ask("POST", path, json=body, repeatable=repeatable)

    def _unreadable(self, path: str, what: str, answer: object) -> TemporaryError:
        return TemporaryError(
            f"Workiva answered {path} with {what}",
            code=ErrorCode.ANSWER_UNREADABLE,
            cause=beginning(str(answer), _SHOWN),
        )


def row_id(row: Row) -> str:
    """Return a row's id; empty when it has none (§6: some are nullable)."""
    ident = row.get("id")
    return "" if ident is None else str(ident)


def is_refusal(error: Exception, *statuses: int) -> bool:
    """Return whether the service refused a call with one of these statuses."""
    return isinstance(error, Rejected) and error.status in statuses
