"""Test runs and their results: the list of runs, and run after run the list of its items, a bounded number at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from connectors.qacomplete.convert.cases import stripped
from connectors.qacomplete.convert.runs import frame_of, is_single, result, run_of_tests
from connectors.qacomplete.read.changes import fingerprint, unchanged_since
from connectors.qacomplete.read.children import Unreadable, retried
from connectors.qacomplete.read.context import ReadContext
from connectors.qacomplete.read.lists import Rows
from connectors.qacomplete.read.noted import with_date_notes
from connectors.qacomplete.read.run_items import ItemReader, Items
from connectors.qacomplete.wire.cases import WirePage
from connectors.qacomplete.wire.runs import WireRun, WireRunItem
from migrator.core.model import Result
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.source import Earlier, Listed, ListSize, Record, SourcePage
from migrator.core.side_by_side import side_by_side

Row = dict[str, Any]
_RUNS_AT_ONCE = 25


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page of results starts: at an item of the first run after ``runs``. Both are cursors, empty at first."""

    runs: str
    items: str

    @classmethod
    def of(cls, cursor: str | None) -> "_Place":
        """Read a cursor: ``RUNS@ITEMS``."""
        runs, _, items = (cursor or "").partition("@")
        return cls(runs, items)


class RunReader:
    """Makes records of runs and of their results. ``final``: the statuses that close a run, in lower case."""

    def __init__(self, context: ReadContext, final: Collection[str]) -> None:
        self._api = context.api
        self._lists = context.lists
        self._convert = context.convert
        self._final = final
        self._items = ItemReader(context.api, context.lists)
        self._latest: tuple[tuple[str, str], Rows] | None = None

    async def run(self, project: str, ident: int, row: Row) -> Record:
        """Return a run; the title of a single test's run stands with its item only."""
        title = None
        if is_single(row) and not (WireRun.model_validate(row).test_set_name or "").strip():
            title = await self._first_title(project, ident)
        entity = run_of_tests(self._convert, project, row, title=title, final=self._final)
        return with_date_notes(self._convert, Record(entity, orjson.dumps(row)), row)

    async def _first_title(self, project: str, run: int) -> str | None:
        try:
            page: WirePage = await retried(
                partial(self._api.run_items, project, run, 0, 1), partial(self._lists.probe, "runs", project)
            )
        except Unreadable:
            return None  # the results of this run will say so
        return next((WireRunItem.model_validate(row).test_name for row in page.results if isinstance(row, dict)), None)

    async def results(self, project: str, cursor: str | None, earlier: Earlier | None) -> SourcePage:
        """Return the results of as many runs as fit on a page, or a page of the results of one long run.

        A run that was over when it was read, and is as it was, is not read again (§12).
        """
        place = _Place.of(cursor)
        # few of many runs have changed, so that many are looked at together
        runs = await self._runs_at(project, place, most=_RUNS_AT_ONCE if earlier is None else None)
        prints = {ident: fingerprint(row) for ident, row in runs.rows}
        stands = self._unchanged(project, runs, prints, earlier)
        if place.items and runs.rows:  # it was not when its first page was read
            stands -= {runs.rows[0][0]}
        few = self._fitting(runs, stands)
        read = await side_by_side(
            [
                partial(self._items_of, project, row, place.items if number == 0 else "", stands=ident in stands)
                for number, (ident, row) in enumerate(few)
            ]
        )
        # what follows a run that goes on is read after it
        taken = next((number for number, items in enumerate(read, start=1) if items.cursor), len(read))
        found = list(zip(few[:taken], read[:taken], strict=True))
        listed = [
            self._listed(project, ident, prints[ident], items, stands=ident in stands) for (ident, _), items in found
        ]
        return SourcePage(
            tuple(record for (_, row), items in found for record in self._records(project, row, items)),
            _following(place, runs, read[:taken]),
            None,
            moved=runs.moved or any(items.moved for _, items in found),
            listed=tuple(one for one in listed if one),
            sizes=(*runs.size("runs", _ended(read[:taken])), _size(read[:taken], goes_on=cursor is not None)),
        )

    def _unchanged(
        self, project: str, runs: Rows, prints: Mapping[int, str], earlier: Earlier | None
    ) -> frozenset[int]:
        over = {
            self._convert.ref("run", project, ident).marker: ident
            for ident, row in runs.rows
            if (stripped(WireRun.model_validate(row).status_code) or "").lower() in self._final
        }
        return frozenset(
            over[marker] for marker in unchanged_since(earlier, {one: prints[i] for one, i in over.items()})
        )

    async def _items_of(self, project: str, row: Row, cursor: str, *, stands: bool) -> Items:
        return Items((), None, 0) if stands else await self._items.page(project, row, cursor)

    def _listed(self, project: str, ident: int, found: str, items: Items, *, stands: bool) -> Listed | None:
        """Return that a run was looked at; None while it goes on without trouble."""
        trouble = bool(items.trouble) or items.moved or any(item.trouble for item in items.items)
        if items.cursor and not trouble:
            return None
        return Listed(self._convert.ref("run", project, ident).marker, "" if trouble else found, stands)

    async def _runs_at(self, project: str, place: _Place, *, most: int | None) -> Rows:
        """Return runs from the list; the pages of one long run share an answer."""
        where = (project, place.runs)
        if not place.items or self._latest is None or self._latest[0] != where:
            found = await self._lists.page("runs", project, place.runs or None, most=most)
            self._latest = (where, found)
        return self._latest[1]

    def _fitting(self, runs: Rows, stands: Collection[int]) -> Sequence[tuple[int, Row]]:
        """Return the first runs whose items fill a page; a run that does not count its own may fill one alone."""
        room = self._lists.page_size
        for number, (ident, row) in enumerate(runs.rows, start=1):
            claimed = WireRun.model_validate(row).nbr_tests
            room -= 0 if ident in stands else self._lists.page_size if claimed is None else claimed
            if room <= 0:
                return runs.rows[:number]
        return runs.rows

    def _records(self, project: str, row: Row, items: Items) -> list[Record]:
        frame = frame_of(self._convert, project, row)
        records = []
        for item in items.items:
            entity = result(self._convert, frame, item.row, item.place)
            notes = (_note(entity, "steps", item.trouble),) if item.trouble else ()
            record = Record(entity, orjson.dumps(item.row), notes, owner=frame.ref)
            records.append(with_date_notes(self._convert, record, item.row))
        if items.trouble:
            run = frame.ref.ids[1]
            missing = Result(
                ref=self._convert.ref("result", project, "run", run, "unread"),
                title=f"Unread results of test run {run}",
                run=frame.ref,
                case=None,
                position=items.reached,
            )
            records.append(Record(missing, b"{}", (_note(missing, "items", items.trouble),), owner=frame.ref))
        return records


def _following(place: _Place, runs: Rows, read: Sequence[Items]) -> str | None:
    """Return the cursor after the runs that were read, of which the last one may go on."""
    if not read:
        return None
    ended = _ended(read)
    ahead = runs.cursor_after(ended) if ended else place.runs
    if read[-1].cursor:
        return f"{ahead}@{read[-1].cursor}"
    return None if ahead is None else f"{ahead}@"


def _ended(read: Sequence[Items]) -> int:
    """Return how many of some runs were read to their end; the last one may go on."""
    return len(read) - 1 if read and read[-1].cursor else len(read)


def _size(read: Sequence[Items], *, goes_on: bool) -> ListSize:
    """Return how many results of runs that were read to their end now were given, of those that are counted."""
    ended = [(items.reached, items.counted) for items in read if items.counted is not None]
    given = sum(min(reached, counted) for reached, counted in ended)
    return ListSize("results", "", given, goes_on, sum(counted for _, counted in ended))


def _note(entity: Result, field: str, trouble: str) -> Note:
    message = f"the source would not give everything: {trouble}"
    return Note(code=NoteCode.ITEMS_INCOMPLETE, marker=entity.ref.marker, field=field, message=message)
