"""Verify: milestones, runs and results against what QA Sphere was made to hold. Reads only."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, cast

from migrator.core.drafts import MilestoneDraft, ResultDraft, RunDraft
from migrator.core.events import Progressed, Said
from migrator.core.model import ItemKind
from migrator.core.notes import NoteCode
from migrator.core.plural import number
from migrator.core.ports.destination import DestinationReader
from migrator.core.records import Holding, SentResult
from migrator.core.refs import stated_marker, variant
from migrator.core.side_by_side import side_by_side
from migrator.core.text import visible_text
from migrator.core.views import ResultView, RunView
from migrator.engine.context import Context
from migrator.engine.plan.cases.compare import shown
from migrator.engine.verify.findings import Finding, FindingClass, class_of_stray
from state.rows import chunked

Depth = Literal["counts", "sample", "all"]
"""How many results are read: none but where a status is not the expected one; some of every run; all."""
_SAMPLE = 25
_RUNS_AT_ONCE = 100
_CASES_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class _CaseToRead:
    """A case of a run whose results are read.

    Args:
        chain: those that were sent, in order.
        statuses: the expected and the shown one, when they differ.
    """

    run: Holding
    view: RunView
    id: str
    case: str
    chain: Sequence[SentResult]
    statuses: tuple[str, str] | None


class HistoryVerifier:
    """Verifies the history of one project: a request per run, and one per case whose results are read.

    Args:
        context: what is asked, and the workspace.
        report: takes each finding.
        depth: how many results are read.
        unbased: what a difference is of what was found with other words than the source's.
    """

    def __init__(
        self,
        context: Context[DestinationReader],
        report: Callable[[Finding], None],
        depth: Depth,
        unbased: FindingClass,
    ) -> None:
        self._store = context.store
        self._reader = context.destination.history
        self._job = context.job
        self._project = context.project
        self._listener = context.listener
        self._report = report
        self._depth = depth
        self._unbased = unbased
        self._read = 0
        self._unreadable = 0

    async def verify(self) -> dict[ItemKind, int]:
        """Return how many of each kind were checked; for results those that were read, or, by ``counts``, counted."""
        checked: dict[ItemKind, int] = {}
        ledger = self._store.ledger
        if milestones := ledger.count(self._project, "milestone"):
            await self._milestones()
            checked["milestone"] = milestones
        runs = ledger.count(self._project, "run")
        if not runs:
            return checked
        views = {str(view.id): view for view in await self._reader.runs(self._job.code)}
        read = 0
        for holdings in chunked(ledger.each(self._project, "run"), _RUNS_AT_ONCE):
            await self._runs(holdings, views)
            read += len(holdings)
            self._listener(Progressed("verify runs", self._project, read, runs))
        self._strays(views)
        if self._unreadable:
            cases = number(self._unreadable, "case")
            self._listener(Said(f"QA Sphere does not give back the results of {cases} in runs"))
        counted = ledger.count(self._project, "result")
        return checked | {"run": runs, "result": counted if self._depth == "counts" else self._read}

    async def _milestones(self) -> None:
        titles = {str(view.id): view.title for view in await self._reader.milestones(self._job.code)}
        for holding in self._store.ledger.each(self._project, "milestone"):
            title = cast(MilestoneDraft, holding.draft).title
            if holding.entry.id not in titles:
                self._say("missing", holding, title)
            elif titles[holding.entry.id] != title:
                # the API cannot rename a milestone: a person did
                self._say("edited", holding, title, "title", title, titles[holding.entry.id])

    # --- runs ---------------------------------------------------------------------------------------------------------

    async def _runs(self, holdings: Sequence[Holding], views: Mapping[str, RunView]) -> None:
        """Ask for many runs side by side, then for the cases whose results are to be read; compare in order.

        Not more at once than memory is to hold; the governor bounds what is under way.
        """
        there = [views[holding.entry.id] for holding in holdings if holding.entry.id in views]
        answers = await side_by_side([partial(self._reader.run_cases, self._job.code, view.id) for view in there])
        rows = {
            str(view.id): {row.id: row.status for row in answer} for view, answer in zip(there, answers, strict=True)
        }
        to_read = (read for holding in holdings for read in self._run(holding, views.get(holding.entry.id), rows))
        for reads in chunked(to_read, _CASES_AT_ONCE):
            found = await side_by_side(
                [partial(self._reader.results, self._job.code, read.view.id, read.id) for read in reads]
            )
            for read, results in zip(reads, found, strict=True):
                self._case(read, results)

    def _run(
        self, holding: Holding, view: RunView | None, answers: Mapping[str, Mapping[str, str]]
    ) -> Sequence[_CaseToRead]:
        """Compare a run; return the cases whose results are to be read."""
        draft = cast(RunDraft, holding.draft)
        if view is None:
            self._say("missing", holding, draft.title)
            return []
        if view.title != draft.title:
            self._say("edited", holding, draft.title, "title", draft.title, view.title)
        if view.description is not None:  # where lists hold no descriptions, they hold no milestones either
            self._texts(holding, draft, view)
        if self._store.history.is_closed(draft.marker) and not view.closed:
            self._say("different", holding, draft.title, "closed", "closed", "open")
        rows = answers[holding.entry.id]
        entries = self._store.ledger.entries(draft.cases)
        ids = {entry.id: marker for marker, entry in entries.items()}
        if ids.keys() != rows.keys():
            expected, found = _apart(set(ids), set(rows))
            self._say("different", holding, draft.title, "cases", expected, found)
        return list(self._cases_to_read(holding, view, rows, ids))

    def _texts(self, holding: Holding, draft: RunDraft, view: RunView) -> None:
        """Compare what a person can change in the web UI; the first run of a project was compared when it was made."""
        milestone = self._store.ledger.entries([draft.milestone]).get(draft.milestone)
        # the description ends in the marker
        pairs = (
            ("description", visible_text(draft.description), visible_text(view.description or "")),
            ("milestone", milestone.id if milestone else "", str(view.milestone_id or "")),
        )
        for name, expected, found in pairs:
            if expected != found:
                self._say("edited", holding, draft.title, name, shown(expected), shown(found))

    def _cases_to_read(
        self, holding: Holding, view: RunView, rows: Mapping[str, str], ids: Mapping[str, str]
    ) -> Iterator[_CaseToRead]:
        """Compare the status of every case of a run; yield those whose results are to be read."""
        by_case: dict[str, list[SentResult]] = {}
        for sent in self._store.history.sent_of_run(holding.entry.marker):
            by_case.setdefault(sent.case, []).append(sent)
        for place, (ident, case) in enumerate(ids.items()):
            chain = by_case.get(case, [])
            expected = chain[-1].status if chain else "open"
            shown_status = rows.get(ident, expected)
            wrong = None if shown_status == expected else (expected, shown_status)
            reads = self._depth == "all" or (self._depth == "sample" and place % _SAMPLE == 0)
            if ident in rows and (wrong or (reads and chain)):
                yield _CaseToRead(holding, view, ident, case, chain, wrong)

    def _case(self, read: _CaseToRead, found: Sequence[ResultView] | None) -> None:
        """Compare the results of one case; ``found`` None: QA Sphere does not give them back."""
        run, case_id, chain = read.run, read.id, read.chain
        title = cast(RunDraft, run.draft).title
        if found is None:
            self._unreadable += 1
            if read.statuses:
                in_doubt = read.case in self._store.history.cases_in_flight(run.entry.marker)
                self._say(
                    "in_doubt" if in_doubt else "different", run, title, f"status of case {case_id}", *read.statuses
                )
            return
        self._read += len(chain)
        foreign = [seen for seen in found if not stated_marker(seen.comment).startswith(self._job.prefix)]
        for seen in foreign:
            result = f"a result by somebody: {seen.status}"
            self._say("edited", run, title, f"results of case {case_id}", "", result)
        by_marker: dict[str, list[ResultView]] = {}
        for seen in found:
            by_marker.setdefault(stated_marker(seen.comment), []).append(seen)
        holdings = self._store.ledger.holdings([sent.marker for sent in chain])
        for sent in chain:
            self._result(holdings[sent.marker], by_marker.get(sent.marker, []), title)
        self._extra(run, chain, found)
        ours = [stated_marker(seen.comment) for seen in found]
        wanted = [sent.marker for sent in chain]
        if [marker for marker in ours if marker in wanted] != wanted and Counter(ours) >= Counter(wanted):
            self._say("different", run, title, f"order of results of case {case_id}", " ".join(wanted), " ".join(ours))

    def _result(self, holding: Holding, found: Sequence[ResultView], run: str) -> None:
        draft = cast(ResultDraft, holding.draft)
        if not found:
            self._say("missing", holding, run)
            return
        if len(found) > 1:
            self._say("doubled", holding, run, "marker", "once", f"{len(found)} times")
        pairs = (
            ("status", draft.status, found[0].status),
            ("comment", visible_text(draft.comment), visible_text(found[0].comment)),
            ("time_taken", draft.time_taken_ms, found[0].time_taken_ms),
        )
        wrong = [pair for pair in pairs if pair[1] != pair[2]]
        what = self._class_of(holding) if wrong else "different"
        for name, expected, value in wrong:
            self._say(what, holding, run, name, shown(expected), shown(value))

    def _class_of(self, holding: Holding) -> FindingClass:
        """Say what it means that a result has other words than the ledger: of those that an earlier version found with
        other words, this holds the source's."""
        was_kept = self._store.history.is_noted(cast(ResultDraft, holding.draft).source_marker, NoteCode.CONFLICT_KEPT)
        return self._unbased if holding.entry.stamp is None or was_kept else "different"

    def _extra(self, run: Holding, chain: Sequence[SentResult], found: Sequence[ResultView]) -> None:
        known = {sent.marker for sent in chain}
        editions = tuple(variant(sent.source_marker, "") for sent in chain)
        for seen in found:
            marker = stated_marker(seen.comment)
            if marker.startswith(self._job.prefix) and marker not in known:
                title = cast(RunDraft, run.draft).title
                what = class_of_stray(self._store, marker)
                if what == "extra" and marker.startswith(editions):  # of one whose marker is too long to be told
                    what = "newer"
                self._report(Finding(what, "result", marker, str(seen.id), title, "marker", "", seen.status))

    def _strays(self, views: Mapping[str, RunView]) -> None:
        """Report runs that carry a marker of this source and are not the ledger's."""
        ours = self._store.ledger.by_ids(self._project, "run", list(views))
        for ident, view in views.items():
            marker = stated_marker(view.description or "")
            if ident not in ours and marker.startswith(self._job.prefix):
                known = self._store.ledger.entries([marker]).get(marker)
                what = class_of_stray(self._store, marker)
                of = f"run {known.id}" if known else ""
                self._report(Finding(what, "run", marker, ident, view.title, "marker", of, f"run {ident}"))

    def _say(
        self, what: FindingClass, holding: Holding, title: str, field: str = "", expected: str = "", found: str = ""
    ) -> None:
        entry = holding.entry
        self._report(Finding(what, entry.kind, entry.marker, entry.id, title, field, expected, found))


def _apart(expected: set[str], found: set[str]) -> tuple[str, str]:
    missing, more = sorted(expected - found), sorted(found - expected)
    return _cases(expected, missing), _cases(found, more)


def _cases(all_of_them: set[str], named: list[str]) -> str:
    return f"{number(len(all_of_them), 'case')}, {' '.join(named[:3])}"
