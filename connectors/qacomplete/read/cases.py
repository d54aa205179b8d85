"""Tests with their steps, and test sets with their items: list rows, completed singly where they fall short."""

from collections.abc import Callable
from functools import partial
from typing import Any

import orjson

from connectors.qacomplete.convert.cases import has_all_steps, row_id
from connectors.qacomplete.convert.items import set_of_tests
from connectors.qacomplete.read.children import Unreadable, WholeList, retried, whole_list
from connectors.qacomplete.read.context import ReadContext
from connectors.qacomplete.read.noted import with_date_notes
from connectors.qacomplete.wire.items import WireTestSet
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.source import Record

Row = dict[str, Any]
_STAYS = "what an earlier round has read stays"


class CaseReader:
    """Makes records of the rows of ``tests`` and ``test_sets``. ``original``: the JSON of an item as an earlier
    round has read it, by its marker; what is not given now stays as it was there."""

    original: Callable[[str], bytes | None]

    def __init__(self, context: ReadContext) -> None:
        self._api = context.api
        self._lists = context.lists
        self._convert = context.convert
        self.original = _nothing_known

    async def test(self, project: str, ident: int, row: Row) -> Record:
        """Return the test; one whose list row lacks steps is read singly, and stays as it is if that fails."""
        whole, trouble = await self.whole_row(project, ident, row)
        steps = whole.get("test_steps") or []
        if trouble and len(earlier := self._earlier("test", project, ident).get("test_steps") or []) > len(steps):
            whole, trouble = whole | {"test_steps": earlier}, f"{trouble}; {_STAYS}"
        entity = self._convert.test(project, whole)
        note = Note(
            code=NoteCode.STEPS_INCOMPLETE,
            marker=entity.ref.marker,
            field="steps",
            original=f"{len(entity.steps)} of {whole.get('nbr_steps')}",
            message=trouble,
        )
        return with_date_notes(self._convert, Record(entity, orjson.dumps(whole), (note,) if trouble else ()), whole)

    async def whole_row(self, project: str, ident: int, row: Row) -> tuple[Row, str]:
        """Return the row of a test with its steps, and why it may lack some."""
        if has_all_steps(row):
            return row, ""
        try:
            whole = await retried(partial(self._api.test, project, ident), partial(self._lists.probe, "tests", project))
        except Unreadable as error:
            return row, f"the test could not be read singly: {error}"
        if row_id(whole) != ident:
            return row, "the source answered with something else than this test"
        if not has_all_steps(whole, unclaimed=True):
            return whole, "the source counts another number of steps than it gives"
        return whole, ""

    async def test_set(self, project: str, ident: int, row: Row) -> Record:
        """Return the test set with its items; one read per set that does not say it is empty (§12)."""
        if WireTestSet.model_validate(row).nbr_tests == 0:
            return self._set(project, row, WholeList(()), "")
        try:
            whole = await retried(
                lambda: whole_list(partial(self._api.test_set_items, project, ident)),
                partial(self._lists.probe, "test_sets", project),
            )
        except Unreadable as error:
            return self._set(project, row, WholeList(()), f"its tests could not be read: {error}")
        return self._set(project, row, whole, whole.trouble)

    def _set(self, project: str, row: Row, whole: WholeList, trouble: str) -> Record:
        rows = whole.rows
        if trouble:
            given = {row_id(one) for one in rows}
            items = self._earlier("test_set", project, row_id(row) or 0).get("items") or []
            rows = (*rows, *(one for one in items if row_id(one) not in given))
        if len(rows) > len(whole.rows):
            trouble = f"{trouble}; {_STAYS}"
        entity = set_of_tests(self._convert, project, row, rows)
        if not trouble and len(entity.items) < len(rows):
            trouble = "some of its items name no test"
        note = Note(
            code=NoteCode.ITEMS_INCOMPLETE,
            marker=entity.ref.marker,
            field="items",
            original=str(len(entity.items)),
            message=trouble,
        )
        raw = orjson.dumps({"test_set": row, "items": rows})
        return with_date_notes(self._convert, Record(entity, raw, (note,) if trouble else ()), row)

    def _earlier(self, kind: str, project: str, ident: int) -> Row:
        raw = self.original(self._convert.ref(kind, project, ident).marker)
        found = orjson.loads(raw) if raw else None
        return found if isinstance(found, dict) else {}


def _nothing_known(_marker: str) -> bytes | None:
    return None
