"""What all endpoint methods share: sending, and reading answers of the expected shape."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from connectors.qasphere.refusals import unless_suspended
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import MigratorError, OutcomeUnknown, TemporaryError
from migrator.core.ports.destination import Hooks
from migrator.core.redact import beginning
from migrator.http.api import HttpApi
from migrator.http.page_sizes import PageSizes
from migrator.http.transport import Transport

PREFIX = "/api/public/v0"

M = TypeVar("M", bound=BaseModel)
Query = list[tuple[str, str]]


class ApiBase(HttpApi):
    """Sends. Raises what ``Transport.call`` raises, ``AuthenticationError`` when the tenant is suspended, and
    ``MigratorError`` for a write by a command that only reads."""

    def __init__(self, transport: Transport, *, read_only: bool = False) -> None:
        super().__init__(transport)
        self._read_only = read_only
        self._sizes = PageSizes()

    async def _get(self, path: str, query: Query | None = None) -> Any:
        return await unless_suspended(self._transport.call("GET", PREFIX + path, params=query, repeatable=True))

    async def _get_page(self, path: str, limit: int, query: Callable[[int], Query]) -> Any:
        """Return a page of at most ``limit`` rows, fewer where so many are too large. ``query``: of a limit."""
        return await self._sizes.ask(path, limit, lambda most: self._get(path, query(most)))

    async def _ask(self, path: str, body: dict[str, Any]) -> Any:
        """POST a question: a read whose parameters stand in the body."""
        return await unless_suspended(self._transport.call("POST", PREFIX + path, json=body, repeatable=True))

    async def _write(
        self, method: str, path: str, body: dict[str, Any] | None, hooks: Hooks, *, repeatable: bool
    ) -> Any:
        self._check_writing(f"{method} {path}")
        call = self._transport.call(method, PREFIX + path, json=body, repeatable=repeatable, hooks=hooks)
        return await unless_suspended(call)

    async def _create(self, model: type[M], path: str, body: dict[str, Any], hooks: Hooks) -> M:
        """POST something that must not be sent twice. It counts only with what ``model`` requires in the answer."""
        return created(model, await self._write("POST", path, body, hooks, repeatable=False), path)

    def _check_writing(self, what: str) -> None:
        if self._read_only:
            raise MigratorError(
                f"{what} was about to be sent by a command that must not write",
                next_step="nothing was sent; report this",
            )


def page_query(offset: int, limit: int, sort_field: str, *, descending: bool = False) -> Query:
    """Return the parameters of a page; without a sort field the order is the server's own (A-12)."""
    order = "desc" if descending else "asc"
    return [("offset", str(offset)), ("limit", str(limit)), ("sortField", sort_field), ("sortOrder", order)]


def rows(answer: Any, key: str) -> list[Any]:
    """Return a list in an answer; one that is null or missing is empty (§1.9)."""
    found = answer.get(key) if isinstance(answer, dict) else None
    return found if isinstance(found, list) else []


def parsed(model: type[M], value: Any, what: str) -> M:
    """Return the wire model; ``TemporaryError`` for another shape."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise TemporaryError(
            f"QA Sphere answered a {what} of a shape that this version does not know",
            code=ErrorCode.ANSWER_UNREADABLE,
            cause=_first(error),
        ) from error


def parsed_all(model: type[M], values: Sequence[Any], what: str) -> list[M]:
    """Return the wire models of a list; ``TemporaryError`` for another shape."""
    return [parsed(model, value, what) for value in values]


def created(model: type[M], answer: Any, what: str) -> M:
    """Return what a create answered; ``OutcomeUnknown`` when it does not identify what was made."""
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        raise OutcomeUnknown(
            f"QA Sphere's answer to POST {what} holds no id of what it made",
            cause=f"{_first(error)}: {beginning(str(answer), 200)}",
        ) from error


def segment(value: str | int) -> str:
    """Return an id as a part of a path; legacy ids may hold anything."""
    return quote(str(value), safe="")


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
