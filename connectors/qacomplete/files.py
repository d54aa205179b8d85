"""The lists of attachments: of items by their counters, and of the steps of tests."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from connectors.qacomplete.api import QACompleteApi
from connectors.qacomplete.cases import CaseReader
from connectors.qacomplete.convert import Converter, steps_in_order
from connectors.qacomplete.convert_files import attachments, unread
from connectors.qacomplete.lists import Lists
from connectors.qacomplete.sides import Side, beneath, walk
from connectors.qacomplete.wire import WireTest
from connectors.qacomplete.wire_items import WireItem
from migrator.core.notes import Note, NoteCode
from migrator.core.ports_source import Record, SourcePage
from migrator.core.refs import Ref
from migrator.http.side_by_side import side_by_side

Row = dict[str, Any]
_TESTS = Side("Tests", "tests", "test")
_SIDES = (
    _TESTS,
    Side("TestSets", "test_sets", "test_set"),
    Side("FunctionalSpecs", "requirements", "requirement"),
    Side("Bugs", "defects", "defect"),
    Side("Releases", "releases", "release"),
)
_STEPS = "TestSteps"


@dataclass(frozen=True, slots=True)
class _Holder:
    """What files hang on: an item, or its step of this number from 1; with the code and id to ask for."""

    about: Ref
    step: int | None
    code: str
    item: int


class AttachmentReader:
    """Reads pages of attachments; runs have none in REST (§5). ``skip``: lists whose items are not asked."""

    def __init__(
        self, api: QACompleteApi, lists: Lists, converter: Converter, cases: CaseReader, skip: Collection[str]
    ) -> None:
        self._api = api
        self._lists = lists
        self._convert = converter
        self._cases = cases
        self._sides = [side for side in _SIDES if side.list not in skip]

    async def page(self, project: str, cursor: str | None) -> SourcePage:
        """Return the files of one page of items. Only what counts none is passed over (§6.7: defects may not)."""
        side, rows, following = await walk(self._lists, self._sides, project, cursor)
        holders = await side_by_side([partial(self._holders, side, project, ident, row) for ident, row in rows.rows])
        found = await side_by_side([partial(self._files_of, side, holder) for some in holders for holder in some])
        records = {record.entity.ref.marker: record for some in found for record in some}
        return SourcePage(tuple(records.values()), following, None, moved=rows.moved)

    async def _holders(self, side: Side, project: str, ident: int, row: Row) -> Sequence[_Holder]:
        about = self._convert.ref(side.kind, project, ident)
        counted = WireItem.model_validate(row).nbr_files
        own = [] if counted == 0 else [_Holder(about, None, side.code, ident)]
        if side is not _TESTS:
            return own
        # what keeps a test's steps from being read is noted where tests are read
        whole, _ = await self._cases.whole_row(project, ident, row)
        steps = enumerate(steps_in_order(WireTest.model_validate(whole)), start=1)
        return [*own, *[_Holder(about, n, _STEPS, step.id) for n, step in steps if step.id and step.nbr_files != 0]]

    async def _files_of(self, side: Side, holder: _Holder) -> list[Record]:
        about = holder.about
        whole, trouble = await beneath(self._lists, self._api.files, side, about.ids[0], holder.code, holder.item)
        listed = attachments(self._convert, about, holder.step, holder.code, holder.item, whole.rows)
        records = [Record(entity, orjson.dumps(row)) for entity, row in listed]
        if not trouble:
            return records
        missing = unread(self._convert, about, holder.code, holder.item)
        message = f"the source would not give them all: {trouble}"
        note = Note(code=NoteCode.ITEMS_INCOMPLETE, marker=missing.ref.marker, field="files", message=message)
        return [*records, Record(missing, b"{}", (note,))]
