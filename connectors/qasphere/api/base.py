"""What all resources share: sending, and reading answers of the expected shape."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_type_hints
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from connectors.qasphere.refusals import unless_suspended
from connectors.qasphere.wire.base import Body, Page, Query
from connectors.qasphere.wire.queries import PageQuery
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import MigratorError, OutcomeUnknown, TemporaryError
from migrator.core.ports.destination import Hooks
from migrator.core.redact import beginning
from migrator.http.api import HttpApi
from migrator.http.download import Downloaded, Pages
from migrator.http.multipart import Multipart
from migrator.http.page_sizes import PageSizes
from migrator.http.paging import next_offset
from migrator.http.transport import Transport

PREFIX = "/api/public/v0"

M = TypeVar("M", bound=BaseModel)
Q = TypeVar("Q", bound=Query)
P = TypeVar("P", bound=PageQuery)
ROWS_PER_PAGE = 200
Params = list[tuple[str, str]]


class Caller(HttpApi):
    """Sends. Raises what ``Transport.call`` raises, ``AuthenticationError`` when the tenant is suspended, and
    ``MigratorError`` for a write by a command that only reads."""

    def __init__(self, transport: Transport, *, read_only: bool = False) -> None:
        super().__init__(transport)
        self._read_only = read_only
        self._sizes = PageSizes()

    async def get(self, path: str, query: Query | None = None) -> Any:
        """Read."""
        return await self._get(path, query.params() if query else None)

    async def get_page(self, model: type[M], path: str, query: Query, limit: int | None) -> Page[M]:
        """Read a page of at most ``limit`` rows, fewer where so many are too large; without a limit as the server
        cuts it."""

        async def rows(most: int) -> Any:
            return await self._get(path, query.model_copy(update={"limit": most}).params())

        answer = await (self._get(path, query.params()) if not limit else self._sizes.ask(path, limit, rows))
        return parsed(Page[model], answer, path)  # type: ignore[valid-type] # a model made for these rows

    async def ask(self, path: str, body: Body) -> Any:
        """POST a question: a read whose parameters stand in the body."""
        call = self._transport.call("POST", PREFIX + path, json=body.document(), repeatable=True)
        return await unless_suspended(call)

    async def write(
        self, method: str, path: str, body: dict[str, Any] | None, hooks: Hooks | None, *, repeatable: bool
    ) -> Any:
        """Write; ``repeatable``: as often as it takes."""
        self._check_writing(f"{method} {path}")
        call = self._transport.call(method, PREFIX + path, json=body, repeatable=repeatable, hooks=hooks)
        return await unless_suspended(call)

    async def create(self, model: type[M], path: str, body: dict[str, Any], hooks: Hooks | None) -> M:
        """POST something that must not be sent twice. It counts only with what ``model`` requires in the answer."""
        return created(model, await self.write("POST", path, body, hooks, repeatable=False), path)

    async def upload(self, model: type[M], path: str, form: Multipart, hooks: Hooks | None) -> M:
        """POST files, again if need be: what a lost answer leaves behind is a file that nobody refers to."""
        self._check_writing(f"POST {path}")
        call = self._transport.upload(PREFIX + path, form, repeatable=True, hooks=hooks)
        return created(model, await unless_suspended(call), path)

    async def download(self, path: str, target: Path, max_bytes: int, pages: Pages) -> Downloaded:
        """GET a file, outside the prefix of all other endpoints."""
        return await unless_suspended(self._transport.download(path, target, max_bytes=max_bytes, pages=pages))

    async def _get(self, path: str, params: Params | None) -> Any:
        return await unless_suspended(self._transport.call("GET", PREFIX + path, params=params, repeatable=True))

    def _check_writing(self, what: str) -> None:
        if self._read_only:
            raise MigratorError(
                f"{what} was about to be sent by a command that must not write",
                next_step="nothing was sent; report this",
            )


class Resource:
    """A group of endpoints, and of the groups below it that its class declares."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        for name, kind in groups(type(self)).items():
            setattr(self, name, kind(caller))


def groups(owner: type) -> Mapping[str, type[Resource]]:
    """Return the groups of endpoints that a class declares, by name."""
    kinds = get_type_hints(owner).items()
    return {name: kind for name, kind in kinds if isinstance(kind, type) and issubclass(kind, Resource)}


def actions(owner: type, prefix: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield every method of all groups below a class with its name, such as ``runs.logs.create``."""
    for group, kind in groups(owner).items():
        for name, method in inspect.getmembers(kind, inspect.isfunction):
            if not name.startswith("_"):
                yield f"{prefix}{group}.{name}", method
        yield from actions(kind, f"{prefix}{group}.")


def ordered(query: Q, field: str) -> Q:
    """Return a query with an order in which rows are only ever appended, unless it has one of its own (A-12)."""
    has_own = getattr(query, "sort_field", None) is not None
    return query if has_own else query.model_copy(update={"sort_field": field, "sort_order": "asc"})


async def every_row(page: Callable[[P], Awaitable[Page[M]]], query: P, field: str) -> AsyncIterator[M]:
    """Yield the rows of all pages from the query's offset on, by ``field`` unless the query says otherwise. ``page``
    asks for one."""
    wanted, offset = ordered(query, field), query.offset or 0
    while True:
        place = {"offset": offset, "limit": query.limit or ROWS_PER_PAGE, "page": None}
        found = await page(wanted.model_copy(update=place))
        for row in found.data:
            yield row
        following = next_offset(offset, len(found.data), found.total)
        if following is None:
            return
        offset = following


def rows(answer: Any, key: str) -> Sequence[Any]:
    """Return a list in an answer; one that is null is empty (§1.9). ``TemporaryError`` for another shape, and for an
    answer without it, such as an empty one: read as empty, it would say that nothing is there."""
    if not isinstance(answer, dict) or key not in answer or not isinstance(answer[key], list | None):
        raise _of_another_shape(key, f"no object with a list “{key}”")
    return answer[key] or []


def parsed(model: type[M], value: Any, what: str) -> M:
    """Return the answer; ``TemporaryError`` for another shape."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise _of_another_shape(what, first_of(error)) from error


def parsed_all(model: type[M], values: Sequence[Any], what: str) -> list[M]:
    """Return the answers of a list; ``TemporaryError`` for another shape."""
    return [parsed(model, value, what) for value in values]


def created(model: type[M], answer: Any, what: str) -> M:
    """Return what a create answered; ``OutcomeUnknown`` when it does not identify what was made."""
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        raise OutcomeUnknown(
            f"QA Sphere's answer to POST {what} holds no id of what it made",
            cause=f"{first_of(error)}: {beginning(str(answer), 200)}",
        ) from error


def _of_another_shape(what: str, cause: str) -> TemporaryError:
    message = f"QA Sphere answered a {what} of a shape that this version does not know"
    return TemporaryError(message, code=ErrorCode.ANSWER_UNREADABLE, cause=cause)


def segment(value: str | int) -> str:
    """Return an id as a part of a path; legacy ids may hold anything."""
    return quote(str(value), safe="")


def first_of(error: ValidationError) -> str:
    """Return in words what the first fault is, without the value."""
    fault = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
