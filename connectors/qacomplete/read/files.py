"""The lists of attachments: of items by their counters, and of the steps of tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from connectors.qacomplete.convert.cases import has_all_steps, steps_in_order
from connectors.qacomplete.convert.files import attachments, unread
from connectors.qacomplete.read.by_owner import OwnerList, OwnerPage, owned_rows, owner_page, without_doubles
from connectors.qacomplete.read.cases import CaseReader
from connectors.qacomplete.read.context import ReadContext
from connectors.qacomplete.read.noted import with_date_notes
from connectors.qacomplete.wire.cases import WireStep, WireTest
from connectors.qacomplete.wire.items import WireItem
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.source import Earlier, Record, SourcePage
from migrator.core.refs import Ref
from migrator.core.side_by_side import side_by_side

Row = dict[str, Any]
_TESTS = OwnerList("Tests", "tests", "test")
_OWNERS = (
    _TESTS,
    OwnerList("TestSets", "test_sets", "test_set"),
    OwnerList("FunctionalSpecs", "requirements", "requirement"),
    OwnerList("Bugs", "defects", "defect"),
    OwnerList("Releases", "releases", "release"),
)
_STEPS = "TestSteps"


@dataclass(frozen=True, slots=True)
class _FileOwner:
    """What files hang on: an item, or its step of this number from 1; with the code and id to ask for, and how many it
    counts, None when it does not."""

    about: Ref
    step: int | None
    code: str
    item: int
    counted: int | None


class AttachmentReader:
    """Reads pages of attachments; runs have none in REST (§5)."""

    def __init__(self, context: ReadContext, cases: CaseReader) -> None:
        self._api = context.api
        self._lists = context.lists
        self._changed = context.changed
        self._convert = context.convert
        self._cases = cases
        self._owner_lists = [owner_list for owner_list in _OWNERS if owner_list.list not in context.skip]

    async def page(self, project: str, cursor: str | None, earlier: Earlier | None) -> SourcePage:
        """Return the files of one page of items. Only what counts none is passed over (§6.7: defects may not)."""
        owner_list, rows, following = await owner_page(self._changed, self._owner_lists, project, cursor, earlier)
        owners = OwnerPage(self._convert, owner_list, project, rows, following)
        wanted = [(ident, row) for ident, row in rows.rows if _may_have_some(owner_list, row)]
        holding = {self._convert.ref(owner_list.kind, project, ident): row for ident, row in wanted}
        return without_doubles(
            await owners.children(wanted, earlier, lambda about: self._files_on(owner_list, about, holding[about]))
        )

    async def _files_on(self, owner_list: OwnerList, about: Ref, row: Row) -> list[Record]:
        """Return the files of an item and of its steps."""
        project, ident = about.ids
        own = [] if _count(row) == 0 else [_FileOwner(about, None, owner_list.code, int(ident), _count(row))]
        steps: list[_FileOwner] = []
        if owner_list is _TESTS:
            # what keeps a test's steps from being read is noted where tests are read
            whole, _ = await self._cases.whole_row(project, int(ident), row)
            steps = _steps_with_files(about, whole)
        found = await side_by_side([partial(self._files_of, owner_list, owner) for owner in (*own, *steps)])
        return [record for records in found for record in records]

    async def _files_of(self, owner_list: OwnerList, owner: _FileOwner) -> list[Record]:
        about = owner.about
        whole, trouble = await owned_rows(
            self._lists, self._api.files, owner_list, about.ids[0], owner.code, owner.item, owner.counted
        )
        listed = attachments(self._convert, about, owner.step, owner.code, owner.item, whole.rows)
        records = [
            with_date_notes(self._convert, Record(entity, orjson.dumps(row), owner=about), row)
            for entity, row in listed
        ]
        if not trouble:
            return records
        missing = unread(self._convert, about, owner.code, owner.item)
        message = f"the source would not give them all: {trouble}"
        note = Note(code=NoteCode.ITEMS_INCOMPLETE, marker=missing.ref.marker, field="files", message=message)
        return [*records, Record(missing, b"{}", (note,), owner=about)]


def _count(row: Row) -> int | None:
    return WireItem.model_validate(row).nbr_files


def _may_have_some(owner_list: OwnerList, row: Row) -> bool:
    """Whether files may hang on an item, or on a step of it that the list shows, or does not show."""
    if _count(row) != 0:
        return True
    return owner_list is _TESTS and (not has_all_steps(row) or any(step.nbr_files != 0 for step in _steps(row)))


def _steps(row: Row) -> Sequence[WireStep]:
    return steps_in_order(WireTest.model_validate(row))


def _steps_with_files(about: Ref, row: Row) -> list[_FileOwner]:
    steps = enumerate(_steps(row), start=1)
    return [
        _FileOwner(about, number, _STEPS, step.id, step.nbr_files)
        for number, step in steps
        if step.id and step.nbr_files != 0
    ]
