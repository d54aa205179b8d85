"""Verify: read QA Sphere back and compare every field of every item with what it was made to hold. Reads only."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import cast

from migrator.core.derived import without_derived
from migrator.core.drafts import CaseDraft, FolderDraft, ProjectDraft
from migrator.core.events import PhaseEnded, PhaseStarted
from migrator.core.model import ItemKind
from migrator.core.ports.destination import DestinationReader
from migrator.core.records import Base, Holding
from migrator.core.text import visible_text
from migrator.core.views import CaseView, ProjectView
from migrator.engine.context import Context
from migrator.engine.plan.cases.compare import (
    LISTS,
    Difference,
    case_differences,
    draft_values,
    fingerprint,
    has_changed,
    is_unseen,
    shown,
    view_values,
)
from migrator.engine.plan.destination_snapshot import folder_paths, snapshot_cases
from migrator.engine.verify.findings import Finding, FindingClass, class_of_stray
from migrator.engine.verify.history import Depth, HistoryVerifier

_CHUNK = 200


class Verifier:
    """Verifies one project. Findings are reported one by one; memory stays flat."""

    def __init__(
        self, context: Context[DestinationReader], report: Callable[[Finding], None], *, results: Depth = "counts"
    ) -> None:
        self._context = context
        self._store = context.store
        self._destination = context.destination
        self._job = context.job
        self._listener = context.listener
        self._report = report
        self._depth: Depth = results
        self._unbased: FindingClass = "no_base"
        self._folder_ids: dict[str, int] = {}
        self._has_marker_field = False

    async def verify(self, *, rebuilt: bool) -> dict[ItemKind, int]:
        """Return how many items of each kind were checked.

        ``rebuilt``: the workspace has just been made from the source and from what QA Sphere holds, so everything that
        would have to be created is missing, and no round has listed yet what was found with other words.
        """
        self._unbased = "different" if rebuilt else "no_base"
        self._listener(PhaseStarted("verify", self._job.source_id))
        view = await self._destination.project(self._job.code)
        if view is None:
            if not self._store.ledger.count(self._job.source_id, "project"):
                return {}  # it is still to be made, as far as anybody knows
            self._report(Finding("missing", "project", "", self._job.code, self._job.code))
            return {"project": 1}
        self._has_marker_field = view.has_marker_field
        self._project(view)
        checked: dict[ItemKind, int] = {"project": 1, "folder": await self._verify_folders()}
        await snapshot_cases(self._context, "verify", whole=True, visit=self._compare)
        self._count_apart()
        if rebuilt:
            self._report_planned()
        checked["case"] = self._store.ledger.count(self._job.source_id, "case")
        checked |= await HistoryVerifier(self._context, self._report, self._depth, self._unbased).verify()
        self._listener(PhaseEnded("verify", self._job.source_id, checked["case"]))
        return checked

    def _project(self, view: ProjectView) -> None:
        """Compare the title of a project that was created from here; one that was there before has its own."""
        for holding in self._store.ledger.each(self._job.source_id, "project"):
            title = cast(ProjectDraft, holding.draft).title
            was_made = self._store.journal.operation_states([holding.entry.marker], "create")
            if was_made and view.title != title:
                self._report(_finding("edited", holding, title, Difference("title", title, view.title)))

    # --- folders ------------------------------------------------------------------------------------------------------

    async def _verify_folders(self) -> int:
        paths = folder_paths(await self._destination.folders(self._job.code))
        count = 0
        for holding in self._store.ledger.each(self._job.source_id, "folder"):
            count += 1
            self._folder(holding, paths.get(int(holding.entry.id)))
        return count

    def _folder(self, holding: Holding, path: tuple[str, ...] | None) -> None:
        expected = "/".join(cast(FolderDraft, holding.draft).path)
        entry = holding.entry
        if path is None:
            self._report(Finding("missing", "folder", entry.marker, entry.id, expected))
        elif "/".join(path) != expected:
            # the API can neither rename nor move a folder: a person did
            difference = Difference("path", expected, "/".join(path))
            self._report(_finding("edited", holding, expected, difference))

    # --- cases --------------------------------------------------------------------------------------------------------

    def _compare(self, cases: Sequence[CaseView]) -> None:
        holdings = self._store.ledger.by_ids(self._job.source_id, "case", [case.id for case in cases])
        self._learn_folders([cast(CaseDraft, holding.draft).folder for holding in holdings.values()])
        markers = [holding.entry.marker for holding in holdings.values()]
        in_flight = self._store.journal.in_flight(markers)
        unbased = self._unbased_of(holdings.values())
        keyed = self._store.journal.sent_with_marker_field(markers) if self._has_marker_field else frozenset()
        for case in cases:
            if holding := holdings.get(case.id):
                marker = holding.entry.marker
                doubt: FindingClass | None = "in_doubt" if marker in in_flight else unbased.get(marker)
                self._case(holding, case, doubt, keyed=marker in keyed)

    def _unbased_of(self, holdings: Iterable[Holding]) -> Mapping[str, FindingClass]:
        """Return what a difference is of those that were found with other words, by marker."""
        markers = [holding.entry.marker for holding in holdings if holding.base is None]
        fates = self._store.history.fates(markers)
        return {marker: self._unbased for marker in markers if fates.get(marker) == "conflict"}

    def _case(self, holding: Holding, case: CaseView, doubt: FindingClass | None, *, keyed: bool) -> None:
        """Compare a case. ``doubt``: what its differences are when nobody can say who made them."""
        draft, base = cast(CaseDraft, holding.draft), holding.base
        differences = case_differences(draft, self._folder_ids.get(draft.folder, 0), case)
        differences += _marker_differences(draft.marker, case, keyed=keyed)
        today = fingerprint(case) if base else {}
        for difference in differences:
            if base and _is_merged(difference.field, draft, base, case, today):
                continue
            if base is None and difference.field == "precondition" and _same_but_derived(draft, case):
                continue
            what = doubt or _class_of(difference.field, base, case, today)
            self._report(_finding(what, holding, draft.title, difference))
        if base and not doubt:
            self._beside(holding, base, case, today, {difference.field for difference in differences})

    def _beside(self, holding: Holding, base: Base, case: CaseView, today: Mapping[str, str], told: set[str]) -> None:
        """Report what changed though its words are still those of the draft (formatting), or where there was none."""
        draft = cast(CaseDraft, holding.draft)
        values = draft_values(draft, 0)
        for field in sorted(today.keys() | base.fields.keys()):
            if field not in told and has_changed(base, today, field):
                what = _class_of(field, base, case, today)
                words = shown(values.get(field, ""))
                note = f"{words} (formatted otherwise)" if field in values else "a value that is not ours"
                self._report(_finding(what, holding, draft.title, Difference(field, words, note)))

    def _learn_folders(self, markers: Sequence[str]) -> None:
        unknown = sorted(set(markers) - self._folder_ids.keys())
        for marker, entry in self._store.ledger.entries(unknown).items():
            self._folder_ids[marker] = int(entry.id)

    def _count_apart(self) -> None:
        """Report what is missing, doubled, or carries a marker that nobody knows."""
        project = self._job.source_id
        for holding in self._store.snapshots.missing(project, "verify"):
            draft = cast(CaseDraft, holding.draft)
            self._report(Finding("missing", "case", draft.marker, holding.entry.id, draft.title))
        for case in self._store.snapshots.not_in_ledger(project, "verify", self._job.prefix):
            known = self._store.ledger.entries([case.marker]).get(case.marker)
            what = class_of_stray(self._store, case.marker)
            of = f"case {known.seq}" if known else ""
            self._report(Finding(what, "case", case.marker, case.id, case.title, "marker", of, f"case {case.seq}"))

    def _report_planned(self) -> None:
        kinds: tuple[ItemKind, ...] = ("folder", "case", "milestone", "run", "result")
        for kind in kinds:
            after = -1
            while operations := self._store.journal.planned(self._job.source_id, kind, _CHUNK, after=after):
                for operation in operations:
                    self._report(Finding("missing", kind, operation.marker, "", operation.title))
                after = operations[-1].position


def _marker_differences(marker: str, case: CaseView, *, keyed: bool) -> list[Difference]:
    """Compare where a case says what it came from: anywhere, and in the custom field if it was ``keyed`` there."""
    if marker not in case.markers:
        return [Difference("marker", marker, ", ".join(case.markers))]
    if keyed and not is_unseen(case, "custom_fields") and case.marker_in_field != marker:
        return [Difference("marker", marker, case.marker_in_field)]
    return []


def _same_but_derived(draft: CaseDraft, case: CaseView) -> bool:
    """Whether two preconditions differ only in lines that change with every edit at the source. Where nobody knows from
    which edit a case was made, such as in a new workspace, these decide nothing."""
    ours, found = (visible_text(without_derived(text)) for text in (draft.precondition, case.precondition))
    return ours == found


def _is_merged(field: str, draft: CaseDraft, base: Base, case: CaseView, today: Mapping[str, str]) -> bool:
    """Whether a list is as the merge left it when it was written last: with what others had put there before, and
    without what they had removed and the source did not touch."""
    if field not in LISTS or has_changed(base, today, field):
        return False
    if field in base.edited:
        return bool(base.edited[field] == base.fields.get(field))
    expected, found = draft_values(draft, 0)[field], view_values(case)[field]
    return all(element in found for element in expected)


def _class_of(field: str, base: Base | None, case: CaseView, today: Mapping[str, str]) -> FindingClass:
    """Tell a person's edit from damage: the server counts a version for every edit, and for nothing else."""
    if base is None:
        return "different"
    if field == "folder":
        # moving a case in the web UI need not count a version, and the API cannot move one
        was_moved = field in base.edited and base.edited[field] == today.get(field)
        return "edited" if was_moved or case.version != base.version else "different"
    if field in base.edited:
        return "edited" if case.version != base.version or base.edited[field] == today.get(field) else "different"
    if field != "marker" and not has_changed(base, today, field):
        return "different"  # it was stored like this from the beginning
    return "edited" if case.version is None or case.version != base.version else "different"


def _finding(what: FindingClass, holding: Holding, title: str, difference: Difference) -> Finding:
    return Finding(
        what,
        holding.entry.kind,
        holding.entry.marker,
        holding.entry.id,
        title,
        difference.field,
        difference.expected,
        difference.found,
    )
