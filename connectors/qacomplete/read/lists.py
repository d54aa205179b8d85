"""Lists of a project, page by page: cursors, rows with ids, and errors that say what to do."""

from dataclasses import dataclass
from typing import Any, Self, get_args

from connectors.qacomplete.api import QACompleteApi, UnexpectedAnswer
from connectors.qacomplete.config import Skippable
from connectors.qacomplete.convert.cases import row_id
from connectors.qacomplete.read.filters import one_of
from connectors.qacomplete.wire.cases import WirePage
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import AuthenticationError, ConfigError, Rejected, TemporaryError
from migrator.core.ports.source import ListSize
from migrator.core.redact import beginning
from migrator.http.paging import next_offset

_HEAVY_PAGE = 100
_HEAVY = ("tests", "test_sets")
# the default page, which no server shortens
_ASKED_AT_ONCE = 25
_AREAS = {"releases": "Releases", "requirements": "Requirements", "defects": "Defects", "test_sets": "Test Sets"}
"""Where QAComplete keeps the right to read a list, if not with the tests."""
_BAD_REQUEST = 400
_WEB_PAGE = "a web page instead of JSON"


@dataclass(frozen=True, slots=True)
class _Window:
    """Where a page starts: one row before ``offset``, to see whether ``last`` still stands there."""

    start: int
    last: int | None

    @classmethod
    def of(cls, cursor: str | None) -> Self:
        """Read a cursor: ``OFFSET:LAST_ID``."""
        if cursor is None:
            return cls(0, None)
        offset, _, last = cursor.partition(":")
        return cls(int(offset) - 1, int(last))


@dataclass(frozen=True, slots=True)
class Rows:
    """The new rows of a page with their ids; the rest as in ``SourcePage``. ``first``: the offset of the first one.

    ``filtered``: the list was asked only for what has changed.
    """

    rows: list[tuple[int, dict[str, Any]]]
    cursor: str | None
    total: int | None
    moved: bool
    first: int = 0
    filtered: bool = False

    def cursor_after(self, count: int) -> str | None:
        """Return where the list goes on when only so many rows, at least one, were taken."""
        return self.cursor if count >= len(self.rows) else f"{self.first + count}:{self.rows[count - 1][0]}"

    def size(self, name: str, taken: int | None = None) -> tuple[ListSize, ...]:
        """Return what the page says of the list ``name``; with ``taken``, when only so many rows are looked at."""
        rows = len(self.rows) if taken is None else taken
        if self.filtered:  # the total is that of the whole list
            rows = 0 if self.first else self.total or 0
        return (ListSize(name.removeprefix("light_"), "", rows, goes_on=self.first > 0),)


class Lists:
    """Reads the lists of a project by name."""

    def __init__(self, api: QACompleteApi, page_size: int) -> None:
        self._api = api
        self.page_size = page_size

    async def projects(self, limit: int) -> WirePage:
        """Return the first projects; errors tell credentials (401) from the base URL (anything but a list)."""
        try:
            return await self._api.projects(0, limit)
        except AuthenticationError as error:
            raise AuthenticationError(
                "QAComplete refused user name or password",
                cause=f"{error.cause}; single-sign-on accounts cannot use the REST API",
                next_step="set source.username and source.password to a native QAComplete account",
            ) from error
        except (Rejected, TemporaryError) as error:
            if isinstance(error, TemporaryError) and not _is_another_service(error):
                raise
            raise ConfigError(
                f"there is no QAComplete REST API at {self._api.base_url}",
                code=ErrorCode.WRONG_SERVICE,
                cause=error.cause,
                next_step="check source.base_url; it ends in /rest-api/service/api",
            ) from error

    async def page(
        self, name: str, project: str, cursor: str | None, *, most: int | None = None, where: str | None = None
    ) -> Rows:
        """Return one page of a list, of at most ``most`` rows (at least 2) for which ``where`` holds.

        Each page after the first begins with the last row of the one before, which shows whether the list has moved.
        """
        window = _Window.of(cursor)
        size = min(self.page_size, _HEAVY_PAGE) if name in _HEAVY else self.page_size
        size = size if most is None else min(size, most)
        page = await self._read(name, project, window.start, size, where)
        if cursor is None and where is None and not page.results:
            # it may be so once; every stream reads the lists that it needs, and they have to agree
            page = await self._read(name, project, window.start, size, where)
        rows = _with_ids(page, name, window.start)
        moved = window.last is not None and (not rows or rows[0][0] != window.last)
        repeats = window.last is not None and not moved
        if repeats:
            rows = rows[1:]
        # a page that only repeats the last row ends the list, even when the server counts rows that it does not show
        following = next_offset(window.start, len(page.results), page.total) if rows else None
        ahead = None if following is None else f"{following}:{rows[-1][0]}"
        # more were counted: whatever hangs on the rest would be missing without a word
        short = ahead is None and page.total is not None and window.start + len(page.results) < page.total
        return Rows(rows, ahead, page.total, moved or short, window.start + int(repeats))

    async def probe(self, name: str, project: str) -> None:
        """Prove that the list can be read; raise what ``page`` raises."""
        await self._read(name, project, 0, 1)

    async def total(self, name: str, project: str, where: str | None = None) -> int | None:
        """Return how many rows the list claims to have; raise what ``page`` raises, and ``Rejected`` when the server
        does not understand ``where``."""
        if where is None:
            return (await self._read(name, project, 0, 1)).total
        return (await self._api.rows(name, project, 0, 1, where)).total

    async def existing(self, name: str, project: str, idents: set[int]) -> set[int]:
        """Return which of these ids the list holds. A server that does not understand may name fewer."""
        found: set[int] = set()
        wanted = sorted(idents)
        for start in range(0, len(wanted), _ASKED_AT_ONCE):
            few = wanted[start : start + _ASKED_AT_ONCE]
            try:
                page = await self._api.rows(name, project, 0, len(few), one_of("Id", few))
            except Rejected:
                continue
            found |= {ident for row in page.results if (ident := row_id(row)) in idents and ident is not None}
        return found

    async def _read(self, name: str, project: str, offset: int, limit: int, where: str | None = None) -> WirePage:
        try:
            return await self._api.rows(name, project, offset, limit, where)
        except (Rejected, AuthenticationError) as error:
            await self.projects(1)  # says so if the credentials or the base URL are no good any more
            if isinstance(error, Rejected) and error.status == _BAD_REQUEST:
                raise AuthenticationError(  # the exit code stays; only the words are others
                    f"QAComplete refuses to list the {_spoken(name)} of project {project}",
                    code=ErrorCode.REFUSED,
                    cause=error.cause,
                    next_step="read its words: it takes the request itself for wrong, which rights do not change",
                ) from error
            area = _AREAS.get(name, "Test Library")
            way_out = f"; or add {name} to source.skip" if name in get_args(Skippable) else ""
            raise AuthenticationError(
                f"QAComplete does not let this user read the {_spoken(name)} of project {project}",
                code=ErrorCode.PERMISSION,
                cause=error.cause,
                next_step=f"give the user the Read right on {area}; if the project is gone, remove it here{way_out}",
            ) from error


def _is_another_service(error: TemporaryError) -> bool:
    # the transport tells a web page from other unreadable answers in words only
    return isinstance(error, UnexpectedAnswer) or _WEB_PAGE in error.cause


def _with_ids(page: WirePage, name: str, offset: int) -> list[tuple[int, dict[str, Any]]]:
    """Return the rows with their ids.

    A row without one can be neither migrated nor counted under a name of its own, so the page is not taken.
    """
    found = []
    for number, row in enumerate(page.results, start=offset + 1):
        if (ident := row_id(row)) is None:
            raise TemporaryError(
                f"QAComplete answered with a row that has no id: row {number} of the {_spoken(name)}",
                code=ErrorCode.ANSWER_UNREADABLE,
                cause=beginning(str(row), 200),
            )
        found.append((ident, row))
    return found


def _spoken(name: str) -> str:
    return "test runs" if name == "runs" else name.removeprefix("light_").replace("_", " ")
