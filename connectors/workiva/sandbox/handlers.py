"""Lists and single items (§5)."""

import re
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from aiohttp import web

from connectors.workiva.sandbox.data import Attachment, Form, Matrix, Owner, Phase, Sample, SeedData
from connectors.workiva.sandbox.rows import Rows
from connectors.workiva.sandbox.tokens import Refused, TokenService, document_of, missing, to_json

_READ = "graph:read"


class _WithId(Protocol):
    id: str


T = TypeVar("T", bound=_WithId)
_FORM = {"attachments", "testPhases", "testPhases.matrices"}
_PHASE = {"attachments", "matrices"}
_MATRIX = {"attachments", "samples", "samples.attachments"}
_SAMPLE = {"attachments"}
_CELL = re.compile(r"/(dataValues|resultValues)/([0-9]{1,9})/value")


class Finder:
    """Finds items by the ids of a path; refuses unknown ones, and right ones under a wrong parent (§14)."""

    def __init__(self, data: SeedData) -> None:
        self._data = data

    def form(self, request: web.Request) -> Form:
        """Return the test form; 403 for one that this user may not read."""
        form = _by_id(self._data.forms, request.match_info["form"], "test form")
        if form.id in self._data.denied:
            raise Refused(403, "this user may not read the test form")
        return form

    def phase(self, request: web.Request) -> Phase:
        """Return the phase."""
        return _by_id(self.form(request).phases, request.match_info["phase"], "test phase")

    def matrix(self, request: web.Request) -> Matrix:
        """Return the matrix."""
        return _by_id(self.phase(request).matrices, request.match_info["matrix"], "matrix")

    def sample(self, request: web.Request) -> Sample:
        """Return the sample."""
        return _by_id(self.matrix(request).samples, request.match_info["sample"], "sample")

    def owner(self, request: web.Request) -> Owner:
        """Return what the path of an attachment leads through."""
        if "sample" in request.match_info:
            return self.sample(request)
        return self.matrix(request) if "matrix" in request.match_info else self.phase(request)

    def attachment(self, request: web.Request) -> Attachment:
        """Return the attachment."""
        return _by_id(self.owner(request).attachments, request.match_info["attachment"], "attachment")


class ReadHandlers:
    """Answers reads of one generation."""

    def __init__(self, tokens: TokenService, data: SeedData, prefix: str) -> None:
        self._tokens = tokens
        self._data = data
        self._find = Finder(data)
        self._rows = Rows(tokens.switches)
        self._prefix = prefix

    async def forms(self, request: web.Request) -> web.Response:
        return self._list(request, lambda: self._data.forms, _FORM, self._rows.form)

    async def form(self, request: web.Request) -> web.Response:
        return self._one(request, lambda: self._find.form(request), _FORM, self._rows.form)

    async def phases(self, request: web.Request) -> web.Response:
        return self._list(request, lambda: self._find.form(request).phases, _PHASE, self._rows.phase)

    async def phase(self, request: web.Request) -> web.Response:
        return self._one(request, lambda: self._find.phase(request), _PHASE, self._rows.phase)

    async def matrices(self, request: web.Request) -> web.Response:
        return self._list(request, lambda: self._find.phase(request).matrices, _MATRIX, self._rows.matrix)

    async def matrix(self, request: web.Request) -> web.Response:
        return self._one(request, lambda: self._find.matrix(request), _MATRIX, self._rows.matrix)

    async def samples(self, request: web.Request) -> web.Response:
        return self._list(request, lambda: self._find.matrix(request).samples, _SAMPLE, self._rows.sample)

    async def sample(self, request: web.Request) -> web.Response:
        return self._one(request, lambda: self._find.sample(request), _SAMPLE, self._rows.sample)

    async def change_sample(self, request: web.Request) -> web.Response:
        """Replace values of cells, all or none (§6)."""
        self._tokens.admit(request, self._prefix, "graph:write")
        sample = self._find.sample(request)
        rows = await document_of(request)
        if not isinstance(rows, list):
            raise Refused(400, "the body is not a list of changes", "body")
        changes = [_change_of(row, sample) for row in rows]
        for cells, column, value in changes:
            cells[column] = value
        return to_json(self._rows.sample(sample, set()))

    async def attachments(self, request: web.Request) -> web.Response:
        return self._list(request, lambda: self._find.owner(request).attachments, set(), self._attachment)

    async def attachment(self, request: web.Request) -> web.Response:
        return self._one(request, lambda: self._find.attachment(request), set(), self._attachment)

    def _attachment(self, attachment: Attachment, _expand: set[str]) -> dict[str, Any]:
        return self._rows.attachment(attachment)

    def _list(
        self,
        request: web.Request,
        items: Callable[[], list[Any]],
        known: set[str],
        row: Callable[[Any, set[str]], dict[str, Any]],
    ) -> web.Response:
        self._tokens.admit(request, self._prefix, _READ)
        expand = self._tokens.expansion(request, known)
        page, link = self._tokens.page(request, items())
        return self._tokens.listed([row(item, expand) for item in page], link)

    def _one(
        self,
        request: web.Request,
        item: Callable[[], Any],
        known: set[str],
        row: Callable[[Any, set[str]], dict[str, Any]],
    ) -> web.Response:
        self._tokens.admit(request, self._prefix, _READ)
        expand = self._tokens.expansion(request, known)
        return to_json(row(item(), expand))


def _change_of(row: Any, sample: Sample) -> tuple[dict[str, str], str, str]:
    """Return the cells, the column and the text of a change; only values of cells that are there are replaced."""
    given = row if isinstance(row, dict) else {}
    path, value = given.get("path"), given.get("value")
    place = _CELL.fullmatch(path) if isinstance(path, str) else None
    if given.get("op") != "replace" or place is None or not isinstance(value, str):
        raise Refused(400, "only texts of cells can be replaced", "path")
    cells = sample.data if place[1] == "dataValues" else sample.results
    if int(place[2]) >= len(cells):
        raise Refused(400, "there is no such cell", "path")
    return cells, list(cells)[int(place[2])], value


def _by_id(items: list[T], wanted: str, what: str) -> T:
    return next((item for item in items if item.id == wanted), None) or missing(what)
