"""Plan: cases that stand for tests of which the source has results, but which it does not list."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from migrator.core.base import digest_of
from migrator.core.drafts import CaseDraft, FolderDraft
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import CeilingReached
from migrator.core.model import Result, TestCase
from migrator.core.plural import number, plural
from migrator.core.ports.mapping import Around, FolderPlan, HistoryMapper, Mapper
from migrator.core.records import Extracted, Round, Stamp
from migrator.core.refs import Ref
from migrator.core.views import CaseView
from migrator.engine.plan.cases.compare import case_differences
from state.store import Store

_ALWAYS_MISSING = 5


class Placeholders:
    """Those of one round. They lie in a folder of their own."""

    def __init__(self, store: Store, current: Round, mapper: Mapper, rules: HistoryMapper) -> None:
        self._store = store
        self._round = current
        self._mapper = mapper
        self._rules = rules
        self._folder: Ref | None = None
        self._folders = FolderPlan((), {})

    def refuse_many(self) -> None:
        """Raise ``CeilingReached`` when the first load would make placeholders of so many tests that it is more likely
        that the source did not list them: a list may be empty once, and what is made cannot be taken back."""
        if self._rules.keeps == "none" or self._store.ledger.count(self._round.project, "case"):
            return
        named, missing = self._store.extracted_runs.missing_count(self._round, self._not_run())
        ceiling = max(_ALWAYS_MISSING, int(named * self._rules.max_missing_share))
        # of none that is named: a file that is missing, not tests that were deleted
        if missing > ceiling or (missing == named > 1 and self._rules.max_missing_share < 1):
            listed = self._store.archive.count(self._round, "case")
            raise CeilingReached(
                f"{missing} of {number(named, 'test')} with results {plural(missing, 'is', 'are')} not listed in"
                f" project {self._round.project}; nothing was written",
                code=ErrorCode.TESTS_MISSING,
                cause=f"the source listed {number(listed, 'test')}. At the first load"
                f" {ceiling} may be missing by mapping.runs.max_missing_share, but never all of several, because the"
                " source may not have shown everything",
                next_step="look whether the source shows this user all tests, and run again; if they were deleted"
                " there, set mapping.runs.max_missing_share: 1",
            )

    def placed(self, plan: FolderPlan, project: Ref, existing: Mapping[int, tuple[str, ...]]) -> FolderPlan:
        """Return the folders with one for placeholders, if there are any to be made, or in QA Sphere already.
        ``existing``: the paths of its folders."""
        found = self._rules.placeholder_folder(project) if self._rules.keeps != "none" else None
        if found is None:
            return plan
        ref, folder = found
        there = [ident for ident, path in existing.items() if folder.draft == FolderDraft(marker=ref.marker, path=path)]
        is_used = any(self._store.snapshots.has_marked(self._round.project, "plan", ident) for ident in there)
        if is_used or next(self._missing(), None) is not None:
            self._folder = ref
            plan = replace(plan, items=(*plan.items, folder), place={**plan.place, ref.marker: ref.marker})
            self._folders = plan
        return plan

    def missing_cases(self) -> Iterator[Extracted[TestCase]]:
        """Yield a case for each test that is not listed."""
        if self._folder is None:
            return
        for result in self._missing():
            case = self._rules.placeholder(result, self._folder)
            digest = digest_of(case.model_dump_json())
            yield Extracted(case, Stamp(digest, digest))

    def folder_of(self, view: CaseView) -> str:
        """Return the marker of the folder of placeholders, when a case stands there; else an empty text."""
        marker = self._folder.marker if self._folder else ""
        folder = self._store.ledger.entries([marker]).get(marker)
        return marker if folder and folder.id == str(view.folder_id) else ""

    def behind(self, marker: str, view: CaseView) -> CaseDraft | None:
        """Return the draft of the placeholder that a case in QA Sphere was made as, and still is, field by field; None
        when it is none. The workspace that made it knows, a new one does not."""
        if self._folder is None or not self.folder_of(view):
            return None
        result = self._store.extracted_runs.first_result(self._round, marker, self._not_run())
        if result is None:
            return None
        draft = self._mapper.case(self._rules.placeholder(result, self._folder), Around(), self._folders).draft
        if isinstance(draft, CaseDraft) and not case_differences(draft, view.folder_id, view):
            return draft
        return None

    def _missing(self) -> Iterator[Result]:
        return self._store.extracted_runs.missing_cases(self._round, self._not_run())

    def _not_run(self) -> Sequence[str]:
        """Return the statuses, as the source spells them, that say that a test was not run."""
        return [name for name in self._store.extracted_runs.statuses(self._round) if self._rules.leaves_open(name)]
