"""Plan: the pages that tell of items which QA Sphere has no place for, a case for each kind and year."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import get_args

from migrator.core.base import digest_of
from migrator.core.model import Configuration, Defect, Milestone, Requirement, TestCase, TestSet
from migrator.core.ports.mapping import Around, FolderPlan, Mapped, Mapper, Paged, PageItem
from migrator.core.records import Extracted, Round, Stamp, Surrounded
from migrator.core.refs import Ref
from migrator.engine.plan.chunks import chunks
from state.store import Store

_KINDS: tuple[type[Paged], ...] = (Requirement, Defect, TestSet, Milestone, Configuration)
_NOTHING = Stamp("", "")


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

    def cases(self) -> Iterator[tuple[Surrounded[TestCase], Mapped]]:
        """Yield what each volume becomes, and what stands for it where cases are planned."""
        if self._folder is None:
            return
        folder, _ = self._folder
        for markers in self._volumes.values():
            items = list(self._items(markers))
            mapped = self._mapper.pages(folder, items, self._titles(items))
            digest = mapped.draft.digest if mapped.draft else digest_of(mapped.reason)
            case = TestCase(ref=folder, title=mapped.title)
            yield Surrounded(case, Around(), Stamp(digest, digest)), mapped

    def _all_volumes(self) -> dict[str, list[str]]:
        """Return the markers of the items of each volume."""
        found: dict[str, list[str]] = {}
        for kind in _KINDS:
            for item in self._store.archive.entities(self._round, kind):
                found.setdefault(self._mapper.volume(item), []).append(item.ref.marker)
        return found

    def _items(self, markers: Sequence[str]) -> Iterator[PageItem]:
        for chunk in chunks(markers):
            entities = self._store.archive.get(chunk)
            rows = [Extracted(entities[marker], _NOTHING) for marker in chunk]
            for found in self._store.archive.surrounded(self._round, rows):
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
