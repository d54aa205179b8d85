"""The lists of attachments: of items by their counters, and of the steps of tests."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from connectors.qacomplete.api import QACompleteApi
from connectors.qacomplete.convert.cases import Converter, has_all_steps, steps_in_order
from connectors.qacomplete.convert.files import attachments, unread
from connectors.qacomplete.read.by_owner import Side, Walked, beneath, once, walk
from connectors.qacomplete.read.cases import CaseReader
from connectors.qacomplete.read.changes import ChangedLists
from connectors.qacomplete.read.lists import Lists
from connectors.qacomplete.wire.cases import WireStep, WireTest
from connectors.qacomplete.wire.items import WireItem
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.source import Earlier, Record, SourcePage
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
        self,
        api: QACompleteApi,
        lists: Lists,
        changed: ChangedLists,
        converter: Converter,
        cases: CaseReader,
        skip: Collection[str],
    ) -> None:
        self._api = api
        self._lists = lists
        self._changed = changed
        self._convert = converter
        self._cases = cases
        self._sides = [side for side in _SIDES if side.list not in skip]

    async def page(self, project: str, cursor: str | None, earlier: Earlier | None) -> SourcePage:
        """Return the files of one page of items. Only what counts none is passed over (§6.7: defects may not)."""
        side, rows, following = await walk(self._changed, self._sides, project, cursor, earlier)
        walked = Walked(self._convert, side, project, rows, following)
        wanted = [(ident, row) for ident, row in rows.rows if _may_have_some(side, row)]
        holding = {self._convert.ref(side.kind, project, ident): row for ident, row in wanted}
        return once(await walked.asked(wanted, earlier, lambda about: self._files_on(side, about, holding[about])))

    async def _files_on(self, side: Side, about: Ref, row: Row) -> list[Record]:
        """Return the files of an item and of its steps."""
        project, ident = about.ids
        own = [] if _counts_none(row) else [_Holder(about, None, side.code, int(ident))]
        steps: list[_Holder] = []
        if side is _TESTS:
            # what keeps a test's steps from being read is noted where tests are read
            whole, _ = await self._cases.whole_row(project, int(ident), row)
            steps = _steps_with_files(about, whole)
        found = await side_by_side([partial(self._files_of, side, holder) for holder in (*own, *steps)])
        return [record for records in found for record in records]

    async def _files_of(self, side: Side, holder: _Holder) -> list[Record]:
        about = holder.about
        whole, trouble = await beneath(self._lists, self._api.files, side, about.ids[0], holder.code, holder.item)
        listed = attachments(self._convert, about, holder.step, holder.code, holder.item, whole.rows)
        records = [Record(entity, orjson.dumps(row), owner=about) for entity, row in listed]
        if not trouble:
            return records
        missing = unread(self._convert, about, holder.code, holder.item)
        message = f"the source would not give them all: {trouble}"
        note = Note(code=NoteCode.ITEMS_INCOMPLETE, marker=missing.ref.marker, field="files", message=message)
        return [*records, Record(missing, b"{}", (note,), owner=about)]


def _counts_none(row: Row) -> bool:
    return WireItem.model_validate(row).nbr_files == 0


def _may_have_some(side: Side, row: Row) -> bool:
    """Whether files may hang on an item, or on a step of it that the list shows, or does not show."""
    if not _counts_none(row):
        return True
    return side is _TESTS and (not has_all_steps(row) or any(step.nbr_files != 0 for step in _steps(row)))


def _steps(row: Row) -> Sequence[WireStep]:
    return steps_in_order(WireTest.model_validate(row))


def _steps_with_files(about: Ref, row: Row) -> list[_Holder]:
    steps = enumerate(_steps(row), start=1)
    return [_Holder(about, number, _STEPS, step.id) for number, step in steps if step.id and step.nbr_files != 0]
