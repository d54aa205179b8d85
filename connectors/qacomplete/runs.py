"""Test runs and their results: the list of runs, and run after run the list of its items, a bounded number at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from connectors.qacomplete.api import QACompleteApi
from connectors.qacomplete.beneath import Unreadable, insistently
from connectors.qacomplete.convert import Converter
from connectors.qacomplete.convert_runs import frame_of, is_single, result, run_of_tests
from connectors.qacomplete.lists import Lists, Rows
from connectors.qacomplete.run_items import ItemReader, Items
from connectors.qacomplete.wire import WirePage
from connectors.qacomplete.wire_runs import WireRun, WireRunItem
from migrator.core.model import Result
from migrator.core.notes import Note, NoteCode
from migrator.core.ports_source import Record, SourcePage
from migrator.http.side_by_side import side_by_side

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

    def __init__(self, api: QACompleteApi, lists: Lists, converter: Converter, final: Collection[str]) -> None:
        self._api = api
        self._lists = lists
        self._convert = converter
        self._final = final
        self._items = ItemReader(api, lists)
        self._latest: tuple[tuple[str, str], Rows] | None = None

    async def run(self, project: str, ident: int, row: Row) -> Record:
        """Return a run; the title of a single test's run stands with its item only."""
        title = None
        if is_single(row) and not (WireRun.model_validate(row).test_set_name or "").strip():
            title = await self._first_title(project, ident)
        return Record(run_of_tests(self._convert, project, row, title=title, final=self._final), orjson.dumps(row))

    async def _first_title(self, project: str, run: int) -> str | None:
        try:
            page: WirePage = await insistently(
                partial(self._api.run_items, project, run, 0, 1), partial(self._lists.probe, "runs", project)
            )
        except Unreadable:
            return None  # the results of this run will say so
        return next((WireRunItem.model_validate(row).test_name for row in page.results if isinstance(row, dict)), None)

    async def results(self, project: str, cursor: str | None) -> SourcePage:
        """Return the results of as many runs as fit on a page, or a page of the results of one long run."""
        place = _Place.of(cursor)
        runs = await self._runs_at(project, place)
        few = self._fitting(runs)
        read = await side_by_side(
            [
                partial(self._items.page, project, row, place.items if number == 0 else "")
                for number, (_, row) in enumerate(few)
            ]
        )
        # what follows a run that goes on is read after it
        taken = next((number for number, items in enumerate(read, start=1) if items.cursor), len(read))
        records = [
            record
            for (_, row), items in zip(few[:taken], read[:taken], strict=True)
            for record in self._records(project, row, items)
        ]
        moved = runs.moved or any(items.moved for items in read[:taken])
        return SourcePage(tuple(records), _following(place, runs, read[:taken]), None, moved=moved)

    async def _runs_at(self, project: str, place: _Place) -> Rows:
        """Return runs from the list; the pages of one long run share an answer."""
        where = (project, place.runs)
        if not place.items or self._latest is None or self._latest[0] != where:
            found = await self._lists.page("runs", project, place.runs or None, most=_RUNS_AT_ONCE)
            self._latest = (where, found)
        return self._latest[1]

    def _fitting(self, runs: Rows) -> Sequence[tuple[int, Row]]:
        """Return the first runs whose items fill a page; a run that does not count its own may fill one alone."""
        room = self._lists.page_size
        for number, (_, row) in enumerate(runs.rows, start=1):
            claimed = WireRun.model_validate(row).nbr_tests
            room -= self._lists.page_size if claimed is None else claimed
            if room <= 0:
                return runs.rows[:number]
        return runs.rows

    def _records(self, project: str, row: Row, items: Items) -> list[Record]:
        frame = frame_of(self._convert, project, row)
        records = []
        for item in items.items:
            entity = result(self._convert, frame, item.row, item.place)
            notes = (_note(entity, "steps", item.trouble),) if item.trouble else ()
            records.append(Record(entity, orjson.dumps(item.row), notes))
        if items.trouble:
            run = frame.ref.ids[1]
            missing = Result(
                ref=self._convert.ref("result", project, "run", run, "unread"),
                title=f"Unread results of test run {run}",
                run=frame.ref,
                case=None,
                position=items.reached,
            )
            records.append(Record(missing, b"{}", (_note(missing, "items", items.trouble),)))
        return records


def _following(place: _Place, runs: Rows, read: Sequence[Items]) -> str | None:
    """Return the cursor after the runs that were read, of which the last one may go on."""
    if not read:
        return None
    ended = len(read) - 1 if read[-1].cursor else len(read)
    ahead = runs.cursor_after(ended) if ended else place.runs
    if read[-1].cursor:
        return f"{ahead}@{read[-1].cursor}"
    return None if ahead is None else f"{ahead}@"


def _note(entity: Result, field: str, trouble: str) -> Note:
    message = f"the source would not give everything: {trouble}"
    return Note(code=NoteCode.ITEMS_INCOMPLETE, marker=entity.ref.marker, field=field, message=message)
