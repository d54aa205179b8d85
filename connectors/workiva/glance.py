"""A look at test forms that costs little: what they hold is counted, and some of their samples are looked at.

A form costs one call for its phases, with their matrices expanded; samples are read until so many pages are used up,
a matrix of each form in turn, so that a workspace of many forms is not judged by its first one.
"""

from collections import Counter, deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from connectors.workiva.api import EXPANDED, NO_EXPANSION, Page, Path, Row, WorkivaApi, is_refusal, row_id
from connectors.workiva.attached import LONGEST_TRUSTED, is_receipt
from connectors.workiva.convert import Converter
from connectors.workiva.tree import refused
from connectors.workiva.wire import rows_of
from migrator.core.drafts import TITLE_LIMIT
from migrator.core.errors import AuthenticationError, Rejected, TemporaryError
from migrator.core.model import Result, TestCase
from migrator.http.side_by_side import side_by_side

_FORMS = 300
_PAGES = 200
_LOOKED_AT = 25
_KEPT = 30
_PHASES_EXPANDED = {"$expand": "attachments,matrices"}


@dataclass(slots=True)
class SeenForm:
    """What was seen of a test form; ``row`` is its own.

    ``opened``: what lies beneath it was asked for; ``refusal``: it was not shown. ``phases`` and ``matrices`` are
    rows by their ids, the latter with or without columns; ``unread``: so many matrices were not read to their end.
    ``samples``: so many were counted; ``looked_at``: so many of them converted; ``kept``: the first, each with its
    result. ``attachments``: so many were shown in passing, of phases, matrices and samples; ``own``: those of the form
    itself. ``columns`` and ``verdicts``: result columns and the texts of their cells, with how often they were seen;
    ``long_titles``: cases whose title will be cut.
    """

    row: Row
    opened: bool = False
    refusal: AuthenticationError | None = None
    phases: dict[Path, Row] = field(default_factory=dict)
    matrices: dict[Path, Row] = field(default_factory=dict)
    samples: int = 0
    looked_at: int = 0
    unread: int = 0
    kept: list[tuple[TestCase, Result]] = field(default_factory=list)
    attachments: int = 0
    own: int = 0
    columns: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    long_titles: int = 0

    @property
    def id(self) -> str:
        """The id of the form."""
        return row_id(self.row)


class Glance:
    """Looks once at each form, however often it is asked. ``skip``: ids of test forms to leave out."""

    def __init__(self, api: WorkivaApi, converter: Converter, skip: Collection[str]) -> None:
        self._api = api
        self._convert = converter
        self._skip = frozenset(skip)
        self._forms: list[SeenForm] | None = None
        self._pages = _PAGES
        self._with_columns: set[Path] = set()
        self._plain: set[int] = set()

    async def forms(self) -> list[SeenForm]:
        """Return all test forms that are listed; most of them may not be opened yet."""
        if self._forms is None:
            try:
                rows = await self._whole((), EXPANDED)
            except Rejected as error:
                raise refused(error, ()) from error
            self._forms = [SeenForm(row, own=_attached([row])) for row in rows if row_id(row) not in self._skip]
        return self._forms

    async def look(self, wanted: frozenset[str] | None) -> list[SeenForm]:
        """Return the forms with these ids, None for all, opened as far as the limit allows."""
        forms = await self.forms()
        room = _FORMS - sum(form.opened for form in forms)
        chosen = [form for form in forms if wanted is None or form.id in wanted]
        new = [form for form in chosen if not form.opened][:room]
        await side_by_side([partial(self._open, form) for form in new])
        await self._read_samples([form for form in new if form.refusal is None])
        return chosen

    async def _open(self, form: SeenForm) -> None:
        form.opened = True
        try:
            phases = await self._whole((form.id,), _PHASES_EXPANDED)
            form.phases = {(form.id, row_id(row)): row for row in phases}
            await side_by_side([partial(self._matrices, form, ids, row) for ids, row in form.phases.items()])
        except Rejected as error:
            self._refused(form, error)
        form.attachments += _attached(form.phases.values())

    async def _matrices(self, form: SeenForm, phase: Path, row: Row) -> None:
        expanded = row.get("matrices")
        rows = rows_of(expanded)
        # null may stand on what is not expanded; whether a long expansion is whole, no source says
        if isinstance(expanded, list) and len(rows) <= LONGEST_TRUSTED and all(map(row_id, rows)):
            form.matrices |= {(*phase, row_id(one)): one for one in rows}
        else:
            await self._list_matrices(form, phase)

    async def _list_matrices(self, form: SeenForm, phase: Path) -> None:
        rows = await self._whole(phase, EXPANDED)
        form.matrices |= {(*phase, row_id(row)): row for row in rows}
        form.attachments += _attached(rows)
        self._with_columns.add(phase)

    async def _read_samples(self, forms: Sequence[SeenForm]) -> None:
        waiting = [(form, deque(form.matrices)) for form in forms]
        for form, matrices in waiting:
            form.unread = len(matrices)
        while self._pages > 0 and (waiting := [(form, matrices) for form, matrices in waiting if matrices]):
            turn = [(form, matrices.popleft()) for form, matrices in waiting[: self._pages]]
            await side_by_side([partial(self._samples, form, ids) for form, ids in turn])

    async def _samples(self, form: SeenForm, matrix: Path) -> None:
        try:
            if matrix[:-1] not in self._with_columns:
                await self._list_matrices(form, matrix[:-1])
            link: str | None = None
            while self._pages > 0:
                self._pages -= 1
                page = await self._page(matrix, link, EXPANDED)
                self._take(form, matrix, page.rows)
                link = page.link
                if link is None:
                    form.unread -= 1
                    return
        except Rejected as error:
            self._refused(form, error)

    def _take(self, form: SeenForm, matrix: Path, rows: Sequence[Row]) -> None:
        table = form.matrices[matrix]
        for position, row in enumerate(rows[:_LOOKED_AT], start=form.samples):
            ids = (*matrix, row_id(row))
            case = self._convert.sample(ids, table, row)
            result = self._convert.result(ids, table, row, position)
            form.long_titles += len(case.title) > TITLE_LIMIT
            form.columns.update(step.action.value for step in result.steps if step.action)
            form.verdicts.update(step.status for step in result.steps if step.status)
            form.looked_at += 1
            if len(form.kept) < _KEPT:
                form.kept.append((case, result))
        form.samples += len(rows)
        form.attachments += _attached(rows)

    def _refused(self, form: SeenForm, error: Rejected) -> None:
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


def _attached(rows: Iterable[Row]) -> int:
    """Return how many attachments rows show; without ids and in part, as expansions may."""
    return sum(not is_receipt(one) for row in rows for one in rows_of(row.get("attachments")))
