"""Cases that the source says it changed, and nothing of which changed: a receipt was hung on them, or somebody saved.

A workspace that knows a case keeps the date of change that it had (``Archive``). A new one has none; it learns the
earlier date from the case in QA Sphere, which shows it among its facts.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from migrator.core.drafts import CaseDraft
from migrator.core.model import TestCase
from migrator.core.ports.mapping import Around, Mapped
from migrator.core.records import Extracted, Surrounded
from migrator.core.text import visible_text
from migrator.core.views import CaseView
from migrator.engine.plan.cases.compare import case_differences
from migrator.engine.plan.fates import Need
from state.store import Store

Map = Callable[[TestCase, Around], Mapped]
AsSeen = Callable[[CaseDraft, CaseView], CaseDraft]
_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:[+-]\d\d:\d\d(?::\d\d)?)?(?![\d:])")
"""A date as the texts of drafts show it."""


class TouchedCases:
    """Finds them in one project. ``as_seen``: a draft without what a case in QA Sphere does not show."""

    def __init__(self, store: Store, project: str, as_seen: AsSeen) -> None:
        self._store = store
        self._project = project
        self._as_seen = as_seen

    def dated(
        self,
        chunk: Sequence[Extracted[TestCase]],
        cases: Sequence[Surrounded[TestCase]],
        mapped: Sequence[Mapped],
        rules: Map,
        needs: Callable[[Sequence[str]], Mapping[str, Need]],
    ) -> Sequence[Extracted[TestCase]]:
        """Return the chunk with the dates of change that QA Sphere shows, in the archive as well; empty when none is
        another one.

        Args:
            cases, mapped: the same cases with their surroundings, and mapped.
            needs: their folders.
        """
        views = self._views([item.marker for item in mapped])
        drafts = {
            item.marker: item.draft for item in mapped if item.marker in views and isinstance(item.draft, CaseDraft)
        }
        folders = needs([draft.folder for draft in drafts.values()])
        found: dict[str, TestCase] = {}
        for case in cases:
            marker = case.entity.ref.marker
            if marker not in drafts:
                continue
            draft, view = drafts[marker], views[marker]
            folder_id = int(folders[draft.folder].id or 0)
            if earlier := before_touch(case, draft, view, folder_id, rules, self._as_seen):
                found[marker] = earlier
        if not found:
            return ()
        backdate = self._store.archive.backdate
        return [
            backdate(item, found[marker]) if (marker := item.entity.ref.marker) in found else item for item in chunk
        ]

    def _views(self, markers: Sequence[str]) -> Mapping[str, CaseView]:
        """Return the cases in QA Sphere of which nobody knows what they were made to hold, by marker."""
        entries = self._store.ledger.entries(markers)
        ids = {marker: entry.id for marker, entry in entries.items() if not entry.is_based}
        strange = [marker for marker in markers if marker not in entries]
        carriers = self._store.snapshots.by_marker(self._project, "plan", strange)
        ids |= {marker: found[0].id for marker, found in carriers.items()}
        views = {marker: self._store.snapshots.view(self._project, "plan", ident) for marker, ident in ids.items()}
        return {marker: view for marker, view in views.items() if view}


def before_touch(
    case: Surrounded[TestCase], draft: CaseDraft, view: CaseView, folder_id: int, rules: Map, as_seen: AsSeen
) -> TestCase | None:
    """Return the case with the date of change that QA Sphere shows, if with that date it would be equal to ``view``.

    ``draft`` is that of the case as the source has it. None when there is no such date: then the case is equal anyway,
    or differs in more, or shows a date that is later than the source's. Pure.
    """
    now = case.entity.updated_at
    date = _one_other_date(visible_text(draft.precondition), visible_text(view.precondition))
    if now is None or date is None or (date.tzinfo is None) != (now.tzinfo is None) or date > now:
        return None
    earlier = case.entity.model_copy(update={"updated_at": date})
    # the rules themselves decide what is equal: wherever they put the date, it stands there
    again = rules(earlier, case.around).draft
    if not isinstance(again, CaseDraft) or case_differences(as_seen(again, view), folder_id, view):
        return None
    return earlier


def _one_other_date(expected: str, found: str) -> datetime | None:
    """Return the only date that ``found`` has in place of the only one that it has not."""
    wanted, there = Counter(_DATE.findall(expected)), Counter(_DATE.findall(found))
    missing, added = wanted - there, there - wanted
    if len(missing) != 1 or len(added) != 1:
        return None
    try:
        return datetime.fromisoformat(next(iter(added)))
    except ValueError:
        return None
