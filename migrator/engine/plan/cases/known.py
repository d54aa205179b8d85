"""What the workspace and the last snapshot know of a few cases, asked together."""

from collections.abc import Mapping, Sequence

from migrator.core.drafts import CaseDraft
from migrator.core.ports.destination import DestinationReader
from migrator.core.records import SeenCase
from migrator.core.views import CaseView
from migrator.engine.context import Context
from migrator.engine.plan.cases.fate import Known, MappedCase
from migrator.engine.plan.cases.placeholders import Placeholders
from migrator.engine.references import Addresses


class KnownCases:
    """Asks for all of them at once, and for drafts and views only where they are needed."""

    def __init__(
        self,
        context: Context[DestinationReader],
        addresses: Addresses,
        placeholders: Placeholders,
        cases: Sequence[MappedCase],
    ) -> None:
        self._addresses = addresses
        self._placeholders = placeholders
        store, project = context.store, context.project
        self._snapshots = store.snapshots
        self._project = project
        stamps = {case.mapped.marker: case.stamp for case in cases}
        markers = list(stamps)
        self._entries = store.ledger.entries(markers)
        self._creates = store.journal.operation_states(markers, "create")
        self._updates = store.journal.operation_states(markers, "update")
        self._carriers = store.snapshots.by_marker(project, "plan", markers)
        self._there = store.snapshots.by_id(project, "plan", [entry.id for entry in self._entries.values()])
        digests = {case.mapped.marker: case.mapped.draft.digest for case in cases if case.mapped.draft}
        changed = [
            marker
            for marker, entry in self._entries.items()
            if not entry.is_based or entry.digest != digests.get(marker) or entry.stamp != stamps[marker]
        ]
        self._holdings = store.ledger.holdings(changed)
        self._unlike = {
            marker
            for marker in changed
            if not self._entries[marker].is_based or self._entries[marker].digest != digests.get(marker)
        }
        titles = [_title(case.mapped.draft) for case in cases if isinstance(case.mapped.draft, CaseDraft)]
        twins = store.snapshots.unmarked(project, "plan", titles)
        ours = store.ledger.by_ids(project, "case", [case.id for case in twins])
        self._twins = self._by_place([case for case in twins if case.id not in ours])

    def of(self, case: MappedCase) -> Known:
        """Return what is known of one of them."""
        item = case.mapped
        entry = self._entries.get(item.marker)
        carriers = self._carriers.get(item.marker, ())
        view, draft = self._view(item.marker, carriers), item.draft
        is_based = entry is not None and entry.is_based
        return Known(
            entry=entry,
            create=self._creates.get(item.marker),
            update=self._updates.get(item.marker),
            carriers=carriers,
            is_there=entry is None or entry.id in self._there,
            holding=self._holdings.get(item.marker),
            view=view,
            twins=self._twins_of(case),
            attainable=self._addresses.attainable(draft, planned=True) if isinstance(draft, CaseDraft) else None,
            as_seen=self._addresses.as_seen(draft, view) if isinstance(draft, CaseDraft) and view else None,
            placeholder=self._placeholders.behind(item.marker, view) if view and not is_based else None,
            folder=self._placeholders.folder_of(view) if view and not is_based else "",
        )

    def unknown_views(self) -> Mapping[str, CaseView]:
        """Return the cases in QA Sphere that carry a marker of ours and are not in the ledger."""
        views = {marker: self._view(marker, carriers) for marker, carriers in self._carriers.items()}
        return {marker: view for marker, view in views.items() if view and marker not in self._entries}

    def _view(self, marker: str, carriers: Sequence[SeenCase]) -> CaseView | None:
        entry = self._entries.get(marker)
        if entry:
            return self._snapshots.view(self._project, "plan", entry.id) if marker in self._unlike else None
        return self._snapshots.view(self._project, "plan", carriers[0].id) if carriers else None

    def _twins_of(self, case: MappedCase) -> Sequence[SeenCase]:
        draft = case.mapped.draft
        return self._twins.get((case.need.id, _title(draft)), ()) if isinstance(draft, CaseDraft) else ()

    @staticmethod
    def _by_place(cases: Sequence[SeenCase]) -> Mapping[tuple[str | None, str], list[SeenCase]]:
        found: dict[tuple[str | None, str], list[SeenCase]] = {}
        for case in cases:
            found.setdefault((str(case.folder_id), case.title), []).append(case)
        return found


def _title(draft: CaseDraft) -> str:
    return " ".join(draft.title.split())
