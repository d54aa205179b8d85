"""Plan: the pages that tell of items which QA Sphere has no place for, a case for each kind and year."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import get_args

from migrator.core.base import digest_of
from migrator.core.model import Configuration, Defect, Milestone, Requirement, TestCase, TestSet
from migrator.core.ports.mapping import Around, FolderPlan, Mapped, Mapper, Paged, PageItem
from migrator.core.records import CaseRow, Extracted, Round, Stamp, Surrounded
from migrator.core.refs import Ref
from migrator.engine.plan.chunks import chunks
from state.store import Store

_KINDS: tuple[type[Paged], ...] = (Requirement, Defect, TestSet, Milestone, Configuration)


class PagePlanner:
    """Maps the volumes of one round."""

    def __init__(self, store: Store, current: Round, mapper: Mapper, project: Ref) -> None:
        self._store = store
        self._round = current
        self._mapper = mapper
        self._folder = mapper.pages_folder(project)
        self._volumes = self._all_volumes() if self._folder else {}

    def with_folder(self, plan: FolderPlan) -> FolderPlan:
        """Return the folders with one for the cases that list pages, if there are any."""
        if not self._volumes or self._folder is None:
            return plan
        _, folder = self._folder
        return replace(plan, items=(*plan.items, folder), place={**plan.place, folder.marker: folder.marker})

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
        case = TestCase(ref=self._mapper.volume(items[0].entity), title=mapped.title, folder=folder)
        return Surrounded(case, Around(), row.stamp), mapped

    def _all_volumes(self) -> dict[str, list[CaseRow]]:
        """Return the items of each volume, without what they say."""
        found: dict[str, list[CaseRow]] = {}
        for kind in _KINDS:
            for item in self._store.archive.extracted(self._round, kind):
                volume = self._mapper.volume(item.entity).marker
                found.setdefault(volume, []).append(CaseRow(item.entity.ref.marker, "", item.stamp))
        return found

    def _stamp(self, rows: Sequence[CaseRow]) -> Stamp:
        """Return a stamp of the items with what hangs on them, and of the tests whose titles test sets show."""
        entities: list[object] = []
        raws: list[object] = []
        for chunk in chunks(rows):
            inputs = self._store.unchanged_cases.inputs(self._round, chunk, {})
            entities += [[row.marker, inputs[row.marker].stamp.entity, inputs[row.marker].around] for row in chunk]
            raws += [[row.marker, inputs[row.marker].stamp.raw] for row in chunk]
        tests = self._tests if any(":test_set:" in row.marker for row in rows[:1]) else ""
        return Stamp(digest_of([entities, tests]), digest_of([raws, tests]))

    @property
    def _tests(self) -> str:
        return digest_of([[row.marker, row.stamp.entity] for row in self._store.unchanged_cases.cases(self._round)])

    def _items(self, rows: Sequence[CaseRow]) -> Iterator[PageItem]:
        for chunk in chunks(rows):
            entities = self._store.archive.get([row.marker for row in chunk])
            extracted = [Extracted(entities[row.marker], row.stamp) for row in chunk]
            for found in self._store.archive.surrounded(self._round, extracted):
                if isinstance(found.entity, get_args(Paged)):
                    yield PageItem(found.entity, found.around)

    def _titles(self, items: Sequence[PageItem]) -> dict[str, str]:
        sets = [item.entity for item in items if isinstance(item.entity, TestSet)]
        markers = sorted({place.case.marker for one in sets for place in one.items})
        return {
            marker: entity.title
            for chunk in chunks(markers)
            for marker, entity in self._store.archive.get(chunk).items()
        }
