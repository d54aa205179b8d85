"""Plan: the pages that tell of items which QA Sphere has no place for, a case for each kind and year.

An item that the source shows no more stays on its page: pages are evidence."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

from migrator.core.base import digest_of
from migrator.core.model import Configuration, Defect, Entity, Milestone, Requirement, TestCase, TestSet
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.mapping import Around, FolderPlan, Mapped, Mapper, Paged, PageItem
from migrator.core.records import CaseRow, Extracted, MissingItem, PlannedItem, Round, Stamp, Surrounded
from migrator.core.refs import Ref
from state.rows import chunked
from state.store import Store

_KINDS: tuple[type[Paged], ...] = (Requirement, Defect, TestSet, Milestone, Configuration)
_FORM = 2
"""Counts the ways in which pages have been divided: another one makes each volume look changed, once."""


class PagePlanner:
    """Maps the volumes of one round."""

    def __init__(self, store: Store, current: Round, mapper: Mapper, project: Ref) -> None:
        self._store = store
        self._round = current
        self._mapper = mapper
        self._folder = mapper.pages_folder(project)
        self._missing: dict[str, MissingItem] = {}
        if self._folder:
            store.missing.refresh(current, _KINDS)
            self._missing = {item.extracted.entity.ref.marker: item for item in store.missing.each(current)}
        self._volumes = self._all_volumes(self._folder[0]) if self._folder else {}

    @property
    def count(self) -> int:
        """How many items stand on pages, without those that are milestones as well."""
        kinds = (kind for kind in _KINDS if kind is not Milestone)
        return sum(1 for kind in kinds for _ in self._store.archive.markers(self._round, kind)) + sum(
            not isinstance(item.extracted.entity, Milestone) for item in self._missing.values()
        )

    def leaving(self) -> list[Entity]:
        """Return the items whose list says for the first time that they were deleted; milestones count elsewhere."""
        if self._folder is None:
            return []
        return [item for item in self._store.missing.leaving(self._round) if not isinstance(item, Milestone)]

    def keep_missing(self, *, concluding: bool) -> None:
        """Give what is not at the source any more, and what hung on it, a fate; before the volumes are planned.

        Args:
            concluding: what a list does not hold that was read whole was deleted.
        """
        if self._folder is None:
            return
        if concluding:
            self._store.missing.conclude(self._round)
            self._missing = {item.extracted.entity.ref.marker: item for item in self._store.missing.each(self._round)}
        items = [_left(item) for item in self._missing.values() if not isinstance(item.extracted.entity, Milestone)]
        items += [
            PlannedItem(Mapped(item.ref.marker, item.item_kind, item.title), "archived")
            for item in self._store.missing.hanging(self._round)
        ]
        self._store.planning.put_items(self._round, items)

    def with_folder(self, plan: FolderPlan) -> FolderPlan:
        """Return the folders with one for the cases that list pages, if there are any."""
        if not self._volumes or self._folder is None:
            return plan
        ref, folder = self._folder
        place = {**plan.place, folder.marker: folder.marker}
        return replace(plan, items=(*plan.items, folder), place=place, pages=ref)

    def rows(self) -> list[CaseRow]:
        """Return the volumes as cases, each with a stamp of everything that its pages say."""
        if self._folder is None:
            return []
        folder, _ = self._folder
        return [CaseRow(marker, folder.marker, self._stamp(rows)) for marker, rows in self._volumes.items()]

    def case(self, row: CaseRow) -> tuple[Surrounded[TestCase], Mapped]:
        """Return what stands for a volume where cases are planned, and what it becomes."""
        if self._folder is None:
            raise ValueError("no pages are made")
        folder, _ = self._folder
        items = list(self._items(self._volumes[row.marker]))
        mapped = self._mapper.pages(folder, items, self._titles(items))
        case = TestCase(ref=self._mapper.volume(folder, items[0].entity), title=mapped.title, folder=folder)
        return Surrounded(case, Around(), row.stamp), mapped

    def _all_volumes(self, folder: Ref) -> dict[str, list[CaseRow]]:
        """Return the items of each volume, without what they say."""
        found: dict[str, list[CaseRow]] = {}
        for kind in _KINDS:
            for item in self._store.archive.extracted(self._round, kind):
                volume = self._mapper.volume(folder, item.entity).marker
                found.setdefault(volume, []).append(CaseRow(item.entity.ref.marker, "", item.stamp))
        for missing in self._missing.values():
            entity = missing.extracted.entity
            if isinstance(entity, get_args(Paged)):
                volume = self._mapper.volume(folder, entity).marker
                found.setdefault(volume, []).append(CaseRow(entity.ref.marker, "", missing.extracted.stamp))
        return found

    def _stamp(self, rows: Sequence[CaseRow]) -> Stamp:
        """Return a stamp of the items with what hangs on them, and of the tests whose titles test sets show."""
        entities: list[object] = []
        raws: list[object] = []
        gone = [self._missing[row.marker] for row in rows if row.marker in self._missing]
        for chunk in chunked([row for row in rows if row.marker not in self._missing]):
            inputs = self._store.unchanged_cases.inputs(self._round, chunk, {})
            entities += [[row.marker, inputs[row.marker].stamp.entity, inputs[row.marker].around] for row in chunk]
            raws += [[row.marker, inputs[row.marker].stamp.raw] for row in chunk]
        tests = self._tests if any(":test_set:" in row.marker for row in rows[:1]) else ""
        last = [_FORM, tests, [[item.extracted.entity.ref.marker, item.deleted_at] for item in gone]]
        return Stamp(digest_of([entities, last]), digest_of([raws, last]))

    @property
    def _tests(self) -> str:
        return digest_of([[row.marker, row.stamp.entity] for row in self._store.unchanged_cases.cases(self._round)])

    def _items(self, rows: Sequence[CaseRow]) -> Iterator[PageItem]:
        gone = [self._missing[row.marker] for row in rows if row.marker in self._missing]
        for chunk in chunked([row for row in rows if row.marker not in self._missing]):
            entities = self._store.archive.get([row.marker for row in chunk])
            extracted = [Extracted(entities[row.marker], row.stamp) for row in chunk]
            for found in self._store.archive.surrounded(self._round, extracted):
                if isinstance(found.entity, get_args(Paged)):
                    yield PageItem(found.entity, found.around)
        for few in chunked(gone):
            around = self._store.missing.surrounded(self._round, [item.extracted for item in few])
            for item, left in zip(few, around, strict=True):
                if isinstance(left.entity, get_args(Paged)):
                    yield PageItem(left.entity, left.around, _day(item))

    def _titles(self, items: Sequence[PageItem]) -> dict[str, str]:
        sets = [item.entity for item in items if isinstance(item.entity, TestSet)]
        markers = sorted({place.case.marker for one in sets for place in one.items})
        return {
            marker: entity.title
            for chunk in chunked(markers)
            for marker, entity in self._store.archive.get(chunk).items()
        }


def _day(item: MissingItem) -> datetime | None:
    return datetime.fromtimestamp(item.deleted_at, UTC) if item.deleted_at else None


def _left(item: MissingItem) -> PlannedItem:
    """Return the fate of an item that left; once it stands on its page it is folded."""
    entity, day = item.extracted.entity, _day(item)
    mapped = Mapped(entity.ref.marker, entity.item_kind, entity.title)
    if day is None:  # its list was not read whole since
        return PlannedItem(mapped, "archived")
    note = Note(
        code=NoteCode.DELETED_AT_SOURCE,
        marker=entity.ref.marker,
        original=entity.title,
        message=f"the source does not list it any more, as was noticed on {day:%Y-%m-%d}; it stays on its page",
    )
    return PlannedItem(replace(mapped, notes=(note,)), "archived")
