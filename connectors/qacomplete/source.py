"""QAComplete as a source: the port of the engine on top of the endpoints."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import anyio
import orjson

from connectors.qacomplete.api import QACompleteApi, UnexpectedAnswer
from connectors.qacomplete.convert import Converter, has_all_steps, row_id, unescaped
from connectors.qacomplete.wire import WirePage, WireProject
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import AuthenticationError, ConfigError, MigratorError, Rejected, TemporaryError
from migrator.core.notes import Note, NoteCode
from migrator.core.ports import Abilities, Record, SourcePage
from migrator.http.paging import next_offset

ABILITIES = Abilities(streams=("users", "folders", "tests"), siblings_ordered=False)
_HEAVY_PAGE = 100
_VISIBLE_SHOWN = 200
_TRIES = 2
_WEB_PAGE = "a web page instead of JSON"


class _UnreadableTest(Exception):
    """One test cannot be read although its list can; the text says why."""


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


class QACompleteSource:
    """Implements ``Source``."""

    def __init__(self, api: QACompleteApi, converter: Converter, *, page_size: int) -> None:
        self._api = api
        self._convert = converter
        self._page_size = page_size

    @property
    def abilities(self) -> Abilities:
        """Users, folders, tests; tests of a folder have no order (§6.8 knows no position)."""
        return ABILITIES

    def waiting_for(self) -> str:
        """Say what holds the calls up."""
        return self._api.waiting_for()

    async def check(self) -> None:
        """Ask for one project (§10.1): 401 is about the credentials, anything but a list about the base URL."""
        await self._projects(1)

    async def _projects(self, limit: int) -> WirePage:
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

    async def project(self, project_id: str) -> Record:
        """Return the project. An unknown one is refused like a hidden one, with 403 or 401 (§4)."""
        try:
            row = await self._api.project(project_id)
        except (Rejected, AuthenticationError) as error:
            raise await self._unknown(project_id) from error
        # the id stands in every marker, so "012" or "12?" must not pass for 12
        if str(row_id(row)) != project_id:
            raise await self._unknown(project_id)
        return Record(self._convert.project(project_id, row), orjson.dumps(row))

    async def _unknown(self, project_id: str) -> ConfigError:
        page = await self._projects(_VISIBLE_SHOWN)
        rows = [WireProject.model_validate(row) for row in page.results if isinstance(row, dict)]
        visible = ", ".join(f"{row.id} ({unescaped(row.proj_name)})" for row in rows) or "none"
        more = (page.total or 0) - len(page.results)
        return ConfigError(
            f"QAComplete has no project {project_id}, or this user may not open it",
            code=ErrorCode.SOURCE_PROJECT,
            cause=f"visible are: {visible}" + (f" and {more} more" if more > 0 else ""),
            next_step="correct projects[].source in the config",
        )

    async def page(self, stream: str, project_id: str, cursor: str | None) -> SourcePage:
        """Return one page of ``users``, ``folders`` or ``tests``.

        Each page after the first begins with the last row of the one before, which shows whether the list has moved.
        """
        window = _Window.of(cursor)
        page = await self._rows(stream, project_id, window.start)
        rows = _with_ids(page, stream, window.start)
        moved = window.last is not None and (not rows or rows[0][0] != window.last)
        if window.last is not None and not moved:
            rows = rows[1:]
        if stream == "tests":
            records = await _side_by_side([partial(self._test, project_id, ident, row) for ident, row in rows])
        else:
            convert = self._convert.user if stream == "users" else self._convert.folder
            records = [Record(convert(project_id, row), orjson.dumps(row)) for _, row in rows]
        # a page that only repeats the last row ends the list, even when the server counts rows that it does not show
        following = next_offset(window.start, len(page.results), page.total) if rows else None
        cursor = None if following is None else f"{following}:{rows[-1][0]}"
        return SourcePage(tuple(records), cursor, page.total, moved=moved)

    async def _rows(self, stream: str, project_id: str, offset: int, limit: int | None = None) -> WirePage:
        try:
            if stream == "users":
                return await self._api.users(project_id, offset, limit or self._page_size)
            if stream == "folders":
                return await self._api.folders(project_id, offset, limit or self._page_size)
            return await self._api.tests(project_id, offset, limit or min(self._page_size, _HEAVY_PAGE))
        except (Rejected, AuthenticationError) as error:
            await self._projects(1)  # says so if the credentials or the base URL are no good any more
            raise AuthenticationError(
                f"QAComplete does not let this user read the {stream} of project {project_id}",
                code=ErrorCode.PERMISSION,
                cause=error.cause,
                next_step="give the user the Read right on Test Library; if the project is gone, remove it here",
            ) from error

    async def _test(self, project_id: str, ident: int, row: dict[str, Any]) -> Record:
        """Return the test; one whose list row lacks steps is read singly, and stays as it is if that fails."""
        if has_all_steps(row):
            return Record(self._convert.test(project_id, row), orjson.dumps(row))
        try:
            whole = await self._whole(project_id, ident)
        except _UnreadableTest as error:
            return self._incomplete(project_id, row, f"the test could not be read singly: {error}")
        if row_id(whole) != ident:
            return self._incomplete(project_id, row, "the source answered with something else than this test")
        if not has_all_steps(whole, unclaimed=True):
            return self._incomplete(project_id, whole, "the source counts another number of steps than it gives")
        return Record(self._convert.test(project_id, whole), orjson.dumps(whole))

    async def _whole(self, project_id: str, ident: int) -> dict[str, Any]:
        """Read a test singly; raise ``_UnreadableTest`` only when the list can be read and this test cannot.

        When nothing else can be read either, the error leaves and the whole page is read again another time: tests
        that lost their steps in a short outage would be loaded without them, for good.
        """
        reason = ""
        for _ in range(_TRIES):
            try:
                return await self._api.test(project_id, ident)
            except (Rejected, TemporaryError, AuthenticationError) as error:
                reason = str(error)
                await self._rows("tests", project_id, 0, 1)
        raise _UnreadableTest(reason)

    def _incomplete(self, project_id: str, row: dict[str, Any], message: str) -> Record:
        entity = self._convert.test(project_id, row)
        note = Note(
            code=NoteCode.STEPS_INCOMPLETE,
            marker=entity.ref.marker,
            field="steps",
            original=f"{len(entity.steps)} of {row.get('nbr_steps')}",
            message=message,
        )
        return Record(entity, orjson.dumps(row), (note,))


def _is_another_service(error: TemporaryError) -> bool:
    # the transport tells a web page from other unreadable answers in words only
    return isinstance(error, UnexpectedAnswer) or _WEB_PAGE in error.cause


def _with_ids(page: WirePage, stream: str, offset: int) -> list[tuple[int, dict[str, Any]]]:
    """Return the rows with their ids.

    A row without one can be neither migrated nor counted under a name of its own, so the page is not taken.
    """
    found = []
    for number, row in enumerate(page.results, start=offset + 1):
        if (ident := row_id(row)) is None:
            raise TemporaryError(
                f"QAComplete answered with a row that has no id: row {number} of the {stream}",
                code=ErrorCode.ANSWER_UNREADABLE,
                cause=str(row)[:200],
            )
        found.append((ident, row))
    return found


async def _side_by_side(calls: list[Callable[[], Awaitable[Record]]]) -> list[Record]:
    """Await all calls at once and keep their order; the governor bounds how many are really under way.

    The first error stops the others and is raised as it is, not in a group.
    """
    results: dict[int, Record] = {}
    failures: list[MigratorError] = []

    async def one(number: int) -> None:
        try:
            results[number] = await calls[number]()
        except MigratorError as error:
            failures.append(error)
            group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for number in range(len(calls)):
            group.start_soon(one, number)
    if failures:
        raise failures[0]
    return [results[number] for number in range(len(calls))]
