"""Notes and links: read item by item, walking the lists of the items that can have them."""

from collections.abc import Collection
from functools import partial
from typing import Any

import orjson

from connectors.qacomplete.api import QACompleteApi
from connectors.qacomplete.beneath import Whole
from connectors.qacomplete.convert import Converter
from connectors.qacomplete.convert_relations import RELATION, comment, link, shown
from connectors.qacomplete.lists import Lists
from connectors.qacomplete.sides import Read, Side, beneath, walk
from connectors.qacomplete.wire_items import WireItem
from migrator.core.model import Comment, Link, RichText
from migrator.core.notes import Note, NoteCode
from migrator.core.ports_source import Record, SourcePage
from migrator.core.refs import Ref
from migrator.http.side_by_side import side_by_side

Row = dict[str, Any]


# every link has two ends and shows on both, so these four give all but the links between two tests (§12)
_LINK_SIDES = (
    Side("FunctionalSpecs", "requirements", "requirement"),
    Side("Bugs", "defects", "defect"),
    Side("Releases", "releases", "release"),
    Side("TestSets", "test_sets", "test_set"),
)
_NOTE_SIDES = (*_LINK_SIDES, Side("Tests", "light_tests", "test"))
_RANK = {side.kind: rank for rank, side in enumerate(_LINK_SIDES)}


class AttachedReader:
    """Reads pages of notes and links. A cursor is ``CODE@`` and the cursor of that code's list.

    ``skip``: lists whose items are not asked.
    """

    def __init__(self, api: QACompleteApi, lists: Lists, converter: Converter, skip: Collection[str]) -> None:
        self._api = api
        self._lists = lists
        self._convert = converter
        self._link_sides = [side for side in _LINK_SIDES if side.list not in skip]
        self._note_sides = [side for side in _NOTE_SIDES if side.list not in skip]

    @property
    def asks_for_links(self) -> bool:
        """Whether any list is left whose items are asked for links."""
        return bool(self._link_sides)

    async def notes(self, project: str, cursor: str | None) -> SourcePage:
        """Return the notes of one page of items. Only items that count none are passed over (§6.7: defects may not)."""
        side, rows, following = await walk(self._lists, self._note_sides, project, cursor)
        about = [
            self._convert.ref(side.kind, project, ident)
            for ident, row in rows.rows
            if WireItem.model_validate(row).nbr_notes != 0
        ]
        found = await side_by_side([partial(self._notes_of, side, item) for item in about])
        records = {record.entity.ref.marker: record for some in found for record in some}
        return SourcePage(tuple(records.values()), following, None, moved=rows.moved)

    async def _notes_of(self, side: Side, about: Ref) -> list[Record]:
        whole, trouble = await self._beneath(self._api.notes, side, about)
        records = [Record(comment(self._convert, about, row), orjson.dumps(row)) for row in whole.rows]
        if not trouble:
            return records
        ref = self._convert.ref("note", *about.ids[:1], about.kind, about.ids[1], "unread")
        missing = Comment(ref=ref, title=f"Unread notes on {shown(about)}", about=about, text=RichText(value=""))
        return [*records, Record(missing, b"{}", (_note(missing.ref, "notes", trouble),))]

    async def links(self, project: str, cursor: str | None) -> SourcePage:
        """Return the links of one page of items, without those that an earlier item has given or will give."""
        side, rows, following = await walk(self._lists, self._link_sides, project, cursor)
        asked = [self._convert.ref(side.kind, project, ident) for ident, _ in rows.rows]
        found = await side_by_side([partial(self._links_of, side, item) for item in asked])
        pairs = [(item, record) for item, records in zip(asked, found, strict=True) for record in records]
        earlier = await self._listed(project, {end for item, record in pairs if (end := _earlier(item, record.entity))})
        kept = {
            record.entity.ref.marker: record for item, record in pairs if _earlier(item, record.entity) not in earlier
        }
        return SourcePage(tuple(kept.values()), following, None, moved=rows.moved)

    async def _links_of(self, side: Side, asked: Ref) -> list[Record]:
        whole, trouble = await self._beneath(self._api.links, side, asked)
        records = [Record(link(self._convert, asked, row), orjson.dumps(row)) for row in whole.rows]
        if not trouble:
            return records
        ref = self._convert.ref("link", *asked.ids[:1], asked.kind, asked.ids[1], "unread")
        missing = Link(ref=ref, title=f"Unread links of {shown(asked)}", first=asked, second=None, relation=RELATION)
        return [*records, Record(missing, b"{}", (_note(missing.ref, "links", trouble),))]

    async def _listed(self, project: str, refs: set[Ref]) -> set[Ref]:
        """Return which of these items their lists really hold: a link to an item that is gone shows on one end only."""
        there: set[Ref] = set()
        for side in self._link_sides:
            wanted = {int(ref.ids[1]) for ref in refs if ref.kind == side.kind}
            idents = await self._lists.existing(side.list, project, wanted) if wanted else set()
            there |= {self._convert.ref(side.kind, project, ident) for ident in idents}
        return there

    async def _beneath(self, read: Read, side: Side, item: Ref) -> tuple[Whole, str]:
        project, ident = item.ids
        return await beneath(self._lists, read, side, project, side.code, int(ident))


def _earlier(asked: Ref, entity: object) -> Ref | None:
    """Return the other end of a link if that is read before ``asked``, whose page then gives the link."""
    if not isinstance(entity, Link) or entity.second is None or asked not in (entity.first, entity.second):
        return None
    other = entity.second if asked == entity.first else entity.first
    return other if other.kind in _RANK and _place(other) < _place(asked) else None


def _place(ref: Ref) -> tuple[int, int]:
    return _RANK[ref.kind], int(ref.ids[1])


def _note(ref: Ref, field: str, trouble: str) -> Note:
    message = f"the source would not give them all: {trouble}"
    return Note(code=NoteCode.ITEMS_INCOMPLETE, marker=ref.marker, field=field, message=message)
