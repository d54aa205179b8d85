"""QAComplete as a source: the port of the engine on top of the endpoints."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import anyio
import orjson

from connectors.qacomplete.api import QACompleteApi
from connectors.qacomplete.convert import Converter, has_all_steps, row_id
from connectors.qacomplete.wire import WirePage
from migrator.core.errors import AuthenticationError, ConfigError, Rejected, TemporaryError
from migrator.core.notes import Note, NoteCode
from migrator.core.ports import Abilities, Record, SourcePage
from migrator.http.paging import next_offset

ABILITIES = Abilities(streams=("users", "folders", "tests"), siblings_ordered=False)
_HEAVY_PAGE = 100
_VISIBLE_SHOWN = 200


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
        try:
            await self._api.projects(0, 1)
        except AuthenticationError as error:
            raise AuthenticationError(
                "QAComplete refused user name or password",
                cause=f"{error.cause}; single-sign-on accounts cannot use the REST API",
                next_step="set source.username and source.password to a native QAComplete account",
            ) from error
        except Rejected as error:
            raise ConfigError(
                f"there is no QAComplete REST API at {self._api.base_url}",
                cause=error.cause,
                next_step="check source.base_url; it ends in /rest-api/service/api",
            ) from error

    async def project(self, project_id: str) -> Record:
        """Return the project. An unknown one is refused like a hidden one, with 403 or 401 (§4)."""
        try:
            row = await self._api.project(project_id)
        except (Rejected, AuthenticationError) as error:
            visible = await self._visible_projects()
            raise ConfigError(
                f"QAComplete has no project {project_id}, or this user may not open it",
                cause=f"visible are: {visible}",
                next_step="correct projects[].source in the config",
            ) from error
        return Record(self._convert.project(project_id, row), orjson.dumps(row))

    async def _visible_projects(self) -> str:
        page = await self._api.projects(0, _VISIBLE_SHOWN)
        return ", ".join(f"{row.get('id')} ({row.get('proj_name')})" for row in page.results) or "none"

    async def page(self, stream: str, project_id: str, cursor: str | None) -> SourcePage:
        """Return one page of ``users``, ``folders`` or ``tests``.

        Each page after the first begins with the last row of the one before, which shows whether the list has moved.
        """
        window = _Window.of(cursor)
        page = await self._rows(stream, project_id, window.start)
        rows = _with_ids(page, stream)
        moved = window.last is not None and (not rows or row_id(rows[0]) != window.last)
        if window.last is not None and not moved:
            rows = rows[1:]
        if stream == "tests":
            records = await _side_by_side([partial(self._test, project_id, row) for row in rows])
        else:
            convert = self._convert.user if stream == "users" else self._convert.folder
            records = [Record(convert(project_id, row), orjson.dumps(row)) for row in rows]
        following = next_offset(window.start, len(page.results), page.total)
        last = row_id(page.results[-1]) if page.results else None
        return SourcePage(tuple(records), None if following is None else f"{following}:{last}", page.total, moved=moved)

    async def _rows(self, stream: str, project_id: str, offset: int) -> WirePage:
        if stream == "users":
            return await self._api.users(project_id, offset, self._page_size)
        if stream == "folders":
            return await self._api.folders(project_id, offset, self._page_size)
        return await self._api.tests(project_id, offset, min(self._page_size, _HEAVY_PAGE))

    async def _test(self, project_id: str, row: dict[str, Any]) -> Record:
        """Return the test; one whose list row lacks steps is read singly, and stays as it is if that fails."""
        if has_all_steps(row):
            return Record(self._convert.test(project_id, row), orjson.dumps(row))
        try:
            whole = await self._api.test(project_id, row_id(row) or 0)
        except (Rejected, TemporaryError) as error:
            return self._incomplete(project_id, row, f"the test could not be read singly: {error}")
        if not has_all_steps(whole):
            return self._incomplete(project_id, whole, "the source counts another number of steps than it gives")
        return Record(self._convert.test(project_id, whole), orjson.dumps(whole))

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


def _with_ids(page: WirePage, what: str) -> list[dict[str, Any]]:
    """Return the rows; one without an id cannot be migrated nor named, so the page is not taken."""
    for row in page.results:
        if row_id(row) is None:
            raise TemporaryError(f"QAComplete answered a {what} with a row that has no id", cause=str(row)[:200])
    return page.results


async def _side_by_side(calls: list[Callable[[], Awaitable[Record]]]) -> list[Record]:
    """Await all calls at once and keep their order; the governor bounds how many are really under way."""
    results: dict[int, Record] = {}

    async def one(number: int) -> None:
        results[number] = await calls[number]()

    async with anyio.create_task_group() as group:
        for number in range(len(calls)):
            group.start_soon(one, number)
    return [results[number] for number in range(len(calls))]
