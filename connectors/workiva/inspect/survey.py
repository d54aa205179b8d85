"""A look at test forms that costs little: what they hold is counted, and some of their samples are examined.

A form costs one call for its phases, with their matrices expanded; samples are read until so many pages are used up,
a matrix of each form in turn, so that a workspace of many forms is not judged by its first one.
"""

from collections import deque
from collections.abc import Collection, Sequence
from functools import partial

from connectors.workiva.api import EXPANDED, NO_EXPANSION, Page, Path, Row, WorkivaApi, is_refusal, row_id
from connectors.workiva.convert.entities import Converter
from connectors.workiva.inspect.surveyed_form import SurveyedForm, attachment_count
from connectors.workiva.read.tree import refused
from connectors.workiva.wire import rows_of
from migrator.core.errors import AuthenticationError, Rejected, TemporaryError
from migrator.core.side_by_side import side_by_side

_FORMS = 300
_PAGES = 100
_LONGEST_TRUSTED = 24
_PHASES_EXPANDED = {"$expand": "attachments,matrices"}


class FormSurvey:
    """Looks once at each form, however often it is asked. ``skip``: ids of test forms to leave out."""

    def __init__(self, api: WorkivaApi, converter: Converter, skip: Collection[str]) -> None:
        self._api = api
        self._convert = converter
        self._skip = frozenset(skip)
        self._forms: list[SurveyedForm] | None = None
        self._pages = _PAGES
        self._with_columns: set[Path] = set()
        self._plain: set[int] = set()

    async def forms(self) -> list[SurveyedForm]:
        """Return all test forms that are listed; most of them may not be opened yet."""
        if self._forms is None:
            try:
                rows = await self._whole((), EXPANDED)
            except Rejected as error:
                raise refused(error, ()) from error
            self._forms = [
                SurveyedForm(row, own=attachment_count([row])) for row in rows if row_id(row) not in self._skip
            ]
        return self._forms

    async def open_forms(self, wanted: frozenset[str] | None) -> list[SurveyedForm]:
        """Return the forms with these ids, None for all, opened as far as the limit allows."""
        forms = await self.forms()
        room = _FORMS - sum(form.opened for form in forms)
        chosen = [form for form in forms if wanted is None or form.id in wanted]
        new = [form for form in chosen if not form.opened][:room]
        await side_by_side([partial(self._open, form) for form in new])
        await self._read_samples([form for form in new if form.refusal is None])
        return chosen

    async def _open(self, form: SurveyedForm) -> None:
        form.matrices.clear()  # of an earlier try, which an error ended
        form.attachments = 0
        try:
            phases = await self._whole((form.id,), _PHASES_EXPANDED)
            form.phases = {(form.id, row_id(row)): row for row in phases}
            await side_by_side([partial(self._matrices, form, ids, row) for ids, row in form.phases.items()])
        except Rejected as error:
            self._refused(form, error)
        form.attachments += attachment_count(form.phases.values())
        form.unread = len(form.matrices)
        form.opened = True

    async def _matrices(self, form: SurveyedForm, phase: Path, row: Row) -> None:
        expanded = row.get("matrices")
        rows = rows_of(expanded)
        # null may stand on what is not expanded; whether a long expansion is whole, no source says
        if isinstance(expanded, list) and len(rows) <= _LONGEST_TRUSTED and all(map(row_id, rows)):
            form.matrices |= {(*phase, row_id(one)): one for one in rows}
        else:
            await self._list_matrices(form, phase)

    async def _list_matrices(self, form: SurveyedForm, phase: Path) -> None:
        rows = await self._whole(phase, EXPANDED)
        form.matrices |= {(*phase, row_id(row)): row for row in rows}
        form.attachments += attachment_count(rows)
        self._with_columns.add(phase)

    async def _read_samples(self, forms: Sequence[SurveyedForm]) -> None:
        waiting = [(form, deque(form.matrices)) for form in forms]
        while self._pages > 0 and (waiting := [(form, matrices) for form, matrices in waiting if matrices]):
            turn = [(form, matrices.popleft()) for form, matrices in waiting[: self._pages]]
            await side_by_side([partial(self._samples, form, ids) for form, ids in turn])

    async def _samples(self, form: SurveyedForm, matrix: Path) -> None:
        try:
            if matrix[:-1] not in self._with_columns:
                await self._list_matrices(form, matrix[:-1])
            link: str | None = None
            while self._pages > 0:
                self._pages -= 1
                page = await self._page(matrix, link, EXPANDED)
                form.take(matrix, page.rows, self._convert)
                link = page.link
                if link is None:
                    form.unread -= 1
                    return
        except Rejected as error:
            self._refused(form, error)

    def _refused(self, form: SurveyedForm, error: Rejected) -> None:
        if is_refusal(error, 404, 410):
            return  # it was removed since its own list was read; ``unread`` stays, so that nobody relies on the counts
        meant = refused(error, (form.id,))
        if not isinstance(meant, AuthenticationError):
            raise meant from error
        form.refusal = meant

    async def _whole(self, parent: Path, query: dict[str, str]) -> list[Row]:
        rows: dict[str, Row] = {}
        link: str | None = None
        while True:
            page = await self._page(parent, link, query)
            for row in page.rows:
                rows.setdefault(row_id(row), row)
            link = page.link
            if link is None:
                return list(rows.values())

    async def _page(self, parent: Path, link: str | None, query: dict[str, str]) -> Page:
        """Return a page with its expansions, or without where the server will not or cannot (§4: 29 s)."""
        path, level = self._api.children(parent), len(parent)
        if link is not None or level in self._plain:
            return await self._api.page(path, link)
        try:
            return await self._api.page(path, None, query)
        except Rejected as error:
            if error.status not in NO_EXPANSION:
                raise
        except TemporaryError:
            pass  # the plain page shows whether the server is down
        self._plain.add(level)
        return await self._api.page(path)
