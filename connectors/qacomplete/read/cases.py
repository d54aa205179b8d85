"""Tests with their steps, and test sets with their items: list rows, completed singly where they fall short."""

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


class CaseReader:
    """Makes records of the rows of ``tests`` and ``test_sets``."""

    def __init__(self, context: ReadContext) -> None:
        self._api = context.api
        self._lists = context.lists
        self._convert = context.convert

    async def test(self, project: str, ident: int, row: Row) -> Record:
        """Return the test; one whose list row lacks steps is read singly, and stays as it is if that fails."""
        whole, trouble = await self.whole_row(project, ident, row)
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
        entity = set_of_tests(self._convert, project, row, whole.rows)
        if not trouble and len(entity.items) < len(whole.rows):
            trouble = "some of its items name no test"
        note = Note(
            code=NoteCode.ITEMS_INCOMPLETE,
            marker=entity.ref.marker,
            field="items",
            original=str(len(entity.items)),
            message=trouble,
        )
        raw = orjson.dumps({"test_set": row, "items": whole.rows})
        return with_date_notes(self._convert, Record(entity, raw, (note,) if trouble else ()), row)
