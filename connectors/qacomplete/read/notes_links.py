"""Notes and links: read item by item, walking the lists of the items that can have them."""

from dataclasses import replace
from functools import partial
from typing import Any

import orjson

from connectors.qacomplete.convert.relations import RELATION, comment, link, shown
from connectors.qacomplete.read.by_owner import OwnerList, OwnerPage, Read, owned_rows, owner_page, without_doubles
from connectors.qacomplete.read.children import WholeList
from connectors.qacomplete.read.context import ReadContext
from connectors.qacomplete.read.noted import with_date_notes
from connectors.qacomplete.wire.items import WireItem
from migrator.core.model import Comment, Link, RichText
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.source import Earlier, Record, SourcePage
from migrator.core.refs import UNREAD, Ref

Row = dict[str, Any]


# every link has two ends and shows on both, so these four give all but the links between two tests (§12), which take a
# request for each test
_LINK_OWNERS = (
    OwnerList("FunctionalSpecs", "requirements", "requirement"),
    OwnerList("Bugs", "defects", "defect"),
    OwnerList("Releases", "releases", "release"),
    OwnerList("TestSets", "test_sets", "test_set"),
)
_NOTE_OWNERS = (*_LINK_OWNERS, OwnerList("Tests", "light_tests", "test"))
_RANK = {owner_list.kind: rank for rank, owner_list in enumerate(_NOTE_OWNERS)}


class NoteLinkReader:
    """Reads pages of notes and links. A cursor is ``CODE@`` and the cursor of that code's list."""

    def __init__(self, context: ReadContext) -> None:
        self._api = context.api
        self._lists = context.lists
        self._changed = context.changed
        self._convert = context.convert
        owners = _NOTE_OWNERS if context.test_links else _LINK_OWNERS
        self._link_owners = [owner_list for owner_list in owners if owner_list.list not in context.skip]
        self._note_owners = [owner_list for owner_list in _NOTE_OWNERS if owner_list.list not in context.skip]

    @property
    def asks_for_links(self) -> bool:
        """Whether any list is left whose items are asked for links."""
        return bool(self._link_owners)

    async def notes(self, project: str, cursor: str | None, earlier: Earlier | None) -> SourcePage:
        """Return the notes of one page of items. Only items that count none are passed over (§6.7: defects may not)."""
        owner_list, rows, following = await owner_page(self._changed, self._note_owners, project, cursor, earlier)
        owners = OwnerPage(self._convert, owner_list, project, rows, following)
        counted = [(ident, row) for ident, row in rows.rows if WireItem.model_validate(row).nbr_notes != 0]
        numbers = {
            self._convert.ref(owner_list.kind, project, ident): WireItem.model_validate(row).nbr_notes
            for ident, row in counted
        }
        return without_doubles(
            await owners.children(counted, earlier, lambda about: self._notes_of(owner_list, about, numbers[about]))
        )

    async def _notes_of(self, owner_list: OwnerList, about: Ref, counted: int | None) -> list[Record]:
        whole, trouble = await self._owned_rows(self._api.notes, owner_list, about, counted)
        records = [
            with_date_notes(
                self._convert, Record(comment(self._convert, about, row), orjson.dumps(row), owner=about), row
            )
            for row in whole.rows
        ]
        if not trouble:
            return records
        ref = self._convert.ref("note", *about.ids[:1], about.kind, about.ids[1], UNREAD)
        missing = Comment(ref=ref, title=f"Unread notes on {shown(about)}", about=about, text=RichText(value=""))
        return [*records, Record(missing, b"{}", (_note(missing.ref, "notes", trouble),), owner=about)]

    async def links(self, project: str, cursor: str | None, earlier: Earlier | None) -> SourcePage:
        """Return the links of one page of items, without those that an item before has given or will give.

        No counter tells of links (§12): a new one shows when an item that it joins has changed, or everything is read.
        """
        owner_list, rows, following = await owner_page(self._changed, self._link_owners, project, cursor, earlier)
        owners = OwnerPage(self._convert, owner_list, project, rows, following)
        page = await owners.children(rows.rows, earlier, partial(self._links_of, owner_list))
        before = [_before(record.owner, record.entity) for record in page.records]
        there = await self._listed(project, {end for end in before if end})
        kept = [record for record, end in zip(page.records, before, strict=True) if end not in there]
        return without_doubles(replace(page, records=tuple(kept)))

    async def _links_of(self, owner_list: OwnerList, asked: Ref) -> list[Record]:
        whole, trouble = await self._owned_rows(self._api.links, owner_list, asked, None)
        records = [Record(link(self._convert, asked, row), orjson.dumps(row), owner=asked) for row in whole.rows]
        if not trouble:
            return records
        ref = self._convert.ref("link", *asked.ids[:1], asked.kind, asked.ids[1], UNREAD)
        missing = Link(ref=ref, title=f"Unread links of {shown(asked)}", first=asked, second=None, relation=RELATION)
        return [*records, Record(missing, b"{}", (_note(missing.ref, "links", trouble),), owner=asked)]

    async def _listed(self, project: str, refs: set[Ref]) -> set[Ref]:
        """Return which of these items their lists really hold: a link to an item that is gone shows on one end only."""
        there: set[Ref] = set()
        for owner_list in self._link_owners:
            wanted = {int(ref.ids[1]) for ref in refs if ref.kind == owner_list.kind}
            idents = await self._lists.existing(owner_list.list, project, wanted) if wanted else set()
            there |= {self._convert.ref(owner_list.kind, project, ident) for ident in idents}
        return there

    async def _owned_rows(
        self, read: Read, owner_list: OwnerList, item: Ref, counted: int | None
    ) -> tuple[WholeList, str]:
        project, ident = item.ids
        return await owned_rows(self._lists, read, owner_list, project, owner_list.code, int(ident), counted)


def unread_links(project: Ref) -> tuple[Note, ...]:
    """Return the note on links between two tests, which nobody has asked for."""
    message = "links between two tests are not read; with source.test_links: true they are, at a request for each test"
    return (Note(code=NoteCode.LINKS_NOT_READ, marker=project.marker, field="links", message=message),)


def _before(asked: Ref | None, entity: object) -> Ref | None:
    """Return the other end of a link if that is read before ``asked``, whose page then gives the link."""
    if asked is None or not isinstance(entity, Link) or entity.second is None:
        return None
    if asked not in (entity.first, entity.second):
        return None
    other = entity.second if asked == entity.first else entity.first
    return other if other.kind in _RANK and _place(other) < _place(asked) else None


def _place(ref: Ref) -> tuple[int, int]:
    return _RANK[ref.kind], int(ref.ids[1])


def _note(ref: Ref, field: str, trouble: str) -> Note:
    message = f"the source would not give them all: {trouble}"
    return Note(code=NoteCode.ITEMS_INCOMPLETE, marker=ref.marker, field=field, message=message)
