"""Plan: the runs of one unit with their results. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from migrator.core.drafts import RUN_TITLE_LIMIT, RunDraft
from migrator.core.model import TestCase
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.destination import DestinationReader
from migrator.core.ports.mapping import HistoryMapper, Mapped, ResultPlace, RunPart, RunUnit
from migrator.core.records import Fate, OperationState, PlannedItem, Round, RunItem
from migrator.core.refs import with_source_id
from migrator.core.views import RunView
from migrator.engine.context import Context
from migrator.engine.plan.adopt_runs import Adopter
from migrator.engine.plan.case_fate import Need, noted, to_create, without_write
from migrator.engine.plan.files import FilePlanner
from migrator.engine.plan.results import FAILED_BEFORE, Places, ResultPlanner, Work, left_out
from migrator.engine.plan.run_parts import (
    CaseState,
    KnownPart,
    by_case,
    case_state,
    is_renamed,
    is_taken,
    known_part,
    new_parts,
)

_CHUNK = 200
_DRAFT = CaseState("it is a draft in QA Sphere, and drafts cannot be in a run (mapping.inactive)", "excluded")
_LATE = "runs of single tests are filed when their month is over, or by `migrator sync --final`"
_AT_REST: frozenset[Fate] = frozenset(("unchanged", "folded", "archived", "excluded", "gone"))
_RENAMED = "renamed at the source since it was migrated; QA Sphere's API cannot follow"


@dataclass(frozen=True, slots=True)
class RunInputs:
    """What the plan of every run goes by. ``milestones``: by marker, what a run needs of each; ``views``: the runs that
    are in QA Sphere."""

    rules: HistoryMapper
    milestones: Mapping[str, Need]
    views: Sequence[RunView]


class RunPlanner:
    """Plans unit by unit; results are stored in chunks, across units.

    ``drafts``: cases that cannot be in a run. ``at_rest``: nothing is to be done for the last unit, nor does anything
    of it wait, so that it would be planned the same way again.
    """

    def __init__(
        self,
        context: Context[DestinationReader],
        current: Round,
        inputs: RunInputs,
        files: FilePlanner,
    ) -> None:
        store, rules = context.store, inputs.rules
        self._store = store
        self._files = files
        self._history = store.history
        self._round = current
        self._rules = rules
        self._milestones = inputs.milestones
        self._titles: dict[str, list[RunView]] = {}
        for view in inputs.views:
            self._titles.setdefault(view.title, []).append(view)
        self._views = {str(view.id): view for view in inputs.views}
        self._results = ResultPlanner(store, current, rules, files)
        self._adopter = Adopter(context, current, rules, inputs.views)
        statuses = store.extracted_runs.statuses(current) if rules.keeps == "last" else ()
        self._not_run = [name for name in statuses if rules.leaves_open(name)]
        self._filing = context.job.filing
        self.drafts = self._inactive_cases() if rules.inactive_stay_out else frozenset()
        self.at_rest = True
        self._items: list[PlannedItem] = []
        self._closes: list[tuple[str, str]] = []

    async def plan(self, marker: str) -> int:
        """Plan a unit; return how many items of the source it is made of."""
        self.at_rest = True
        work = self._work(marker)
        # a case whose result stays behind would look as if it had not been run
        members = work.kept if self._rules.keeps == "last" else work.items
        wanted = [case for case in _cases_of(members) if case not in work.out] if work.kept else []
        if not wanted and not self._is_there(marker):
            self._without_run(work)
            return len(work.runs) + len(work.items)
        adopted = await self._adopter.adopt(work.unit, wanted, work.kept)
        if adopted.unreadable:
            self._in_doubt(work, adopted.unreadable)
            return len(work.runs) + len(work.items)
        known = self._known_parts(work.unit, frozenset(adopted.runs))
        if self._waits_for_its_month(work.unit):
            count = len(work.runs) + len(work.items)
            work = self._without_late(work)
            if not known:
                return count
            there = {item.case for item in work.kept}
            wanted = [case for case in wanted if case in there]
        follow = self._cases_for_follow_up(work, known)
        covered = frozenset(case for part in known for case in part.cases)
        missing = [case for case in wanted if case not in covered or case in follow]
        places = self._plan_runs(work, known, missing)
        if work.unit.is_group:
            title = places.title
            reason = f"part of the run “{title}”"
            self._put([PlannedItem(run, "run", source.title, "folded", reason) for run, source in work.runs.items()])
        for start in range(0, len(work.items), _CHUNK):
            self._put(self._results.items(work, work.items[start : start + _CHUNK], places, adopted.results))
        return len(work.runs) + len(work.items)

    def finish(self) -> None:
        """Store what is left."""
        self._flush()

    def _inactive_cases(self) -> frozenset[str]:
        cases = self._store.archive.entities(self._round, TestCase)
        return frozenset(case.ref.marker for case in cases if not case.active)

    # --- months that are not over -------------------------------------------------------------------------------------

    def _waits_for_its_month(self, unit: RunUnit) -> bool:
        """Whether more single-test runs may come to this group, by the calendar of the source's zone."""
        ended = unit.runs[0].ended_at
        if self._filing != "months" or not unit.is_group or ended is None:
            return False
        today = datetime.now(ended.tzinfo)
        return (ended.year, ended.month) >= (today.year, today.month)

    def _without_late(self, work: Work) -> Work:
        """Leave for later what is not in QA Sphere yet, nor on its way; return the rest."""
        self.at_rest = False
        markers = [item.marker for item in work.items]
        there = set(self._history.editions(markers))
        there |= {
            marker
            for marker, (state, _) in self._store.journal.operation_states(markers, "create").items()
            if state in ("unknown", "sending")
        }
        late = [item for item in work.items if item.marker not in there]
        kept_runs = {item.run for item in work.items if item.marker in there}
        results = self._store.extracted_runs.results(self._round, [item.marker for item in late])
        self._put(
            [PlannedItem(item.marker, "result", results[item.marker].entity.title, "archived", _LATE) for item in late]
        )
        self._put(
            [
                PlannedItem(marker, "run", run.title, "archived", _LATE)
                for marker, run in work.runs.items()
                if marker not in kept_runs
            ]
        )
        return replace(
            work,
            runs={marker: run for marker, run in work.runs.items() if marker in kept_runs},
            items=[item for item in work.items if item.marker in there],
            kept=[item for item in work.kept if item.marker in there],
        )

    # --- what there is ------------------------------------------------------------------------------------------------

    def _work(self, marker: str) -> Work:
        extracted = self._store.extracted_runs.runs_of(self._round, marker)
        runs = {found.entity.ref.marker: found.entity for found in extracted}
        items = self._store.extracted_runs.items_of(self._round, marker)
        cases = self._case_states([item.case for item in items if item.case])
        last = self._last(items)
        # what is only missing for now belongs to its run: a retry brings both
        waits = frozenset() if self._rules.allows_gaps else frozenset(_waiting(cases))
        out = frozenset(case for case, state in cases.items() if state.gap) - waits
        kept = [item for item in items if item.case and item.case not in out and item.marker in last]
        gaps = [f"{case}: {cases[case].gap}" for case in _waiting(cases)]
        unit = RunUnit(marker, tuple(runs.values()))
        return Work(unit, runs, items, kept, cases, out, gaps, None if unit.is_group else extracted[0].stamp)

    def _is_there(self, unit: str) -> bool:
        """Whether a run of a unit is in QA Sphere, or may be."""
        return bool(self._history.parts(unit) or self._history.parts_in_doubt(unit))

    def _last(self, items: Sequence[RunItem]) -> frozenset[str]:
        markers = [item.marker for item in items]
        if self._rules.keeps != "last":
            return frozenset(markers)
        return self._store.extracted_runs.last_results(self._round, markers, self._not_run)

    def _case_states(self, markers: Sequence[str]) -> Mapping[str, CaseState]:
        wanted = list(dict.fromkeys(markers))
        entries = self._store.ledger.entries(wanted)
        fates = self._history.fates(wanted)
        states = {marker: case_state(fates.get(marker), in_ledger=marker in entries) for marker in wanted}
        return states | {marker: _DRAFT for marker in wanted if marker in self.drafts}

    def _known_parts(self, unit: RunUnit, adopted: frozenset[str]) -> list[KnownPart]:
        parts = []
        for holding in self._history.parts(unit.marker):
            draft = cast(RunDraft, holding.draft)
            if holding.wished:
                # the file of its text is missing, and stays known by name until it comes
                self._put(self._files.items([self._rules.run(unit, RunPart(draft.marker, draft.cases))], {}))
            view = self._views.get(holding.entry.id)
            fate: Fate = "adopted" if draft.marker in adopted else "unchanged"
            reason = "a run with its marker and the same cases was there" if fate == "adopted" else ""
            if view is None:
                fate, reason = "gone", "it was deleted in QA Sphere; it is not made again"
            known = KnownPart(draft.marker, draft.title, frozenset(draft.cases), fate, reason, takes_more=False)
            if view:
                known = replace(known, takes_more=not view.closed, shown=view.title, stamp=holding.entry.stamp)
            parts.append(known)
        for operation in self._history.parts_in_doubt(unit.marker):
            draft = cast(RunDraft, operation.draft)
            reason = "it was being created when the last run ended"
            parts.append(KnownPart(draft.marker, draft.title, frozenset(draft.cases), "unknown", reason))
        return parts

    def _cases_for_follow_up(self, work: Work, known: Sequence[KnownPart]) -> frozenset[str]:
        """Return the cases of new results whose run takes no more."""
        if all(part.takes_more for part in known):
            return frozenset()
        places = by_case([(part.marker, part.cases, part.takes_more) for part in known])
        gone = {case for part in known if part.fate == "gone" for case in part.cases}
        late = [item for item in work.kept if item.case not in places and item.case not in gone]
        found = set()
        for start in range(0, len(late), _CHUNK):
            chunk = late[start : start + _CHUNK]
            there = self._history.editions([item.marker for item in chunk])
            results = self._store.extracted_runs.results(self._round, [item.marker for item in chunk])
            for item in chunk:
                place = ResultPlace(item.marker, work.unit.marker, work.unit, work.runs[item.run], {})
                says = self._rules.result(results[item.marker].entity, place).outcome == "draft"
                if item.marker not in there and says:
                    found.add(item.case)
        return frozenset(found)

    # --- runs ---------------------------------------------------------------------------------------------------------

    def _plan_runs(self, work: Work, known: Sequence[KnownPart], missing: Sequence[str]) -> Places:
        unit = work.unit
        closes = unit.is_closed or self._filing == "final"
        for part in known:
            pending = closes and part.takes_more and part.fate != "unknown"
            made = unit.is_group or part.marker != unit.marker
            item = PlannedItem(part.marker, "run", part.title, part.fate, part.reason, made=made, keeps_notes=True)
            if pending:
                item = replace(item, fate="pending", reason="to be closed", action="update")
            self._put([self._with_new_name(work, part, item)])
            if closes and part.takes_more:
                self._closes.append((part.marker, part.title))
        parts = new_parts(unit.marker, missing, is_first=not known)
        states = self._store.journal.operation_states([part.marker for part in parts], "create")
        troubles: dict[str, str] = {}
        title = known[0].title if known else ""
        for number, new in enumerate(parts):
            mapped = self._rules.run(unit, new)
            if number or known:
                message = "QA Sphere takes no more cases in one run, and nothing can be added to one that exists"
                mapped = noted(mapped, NoteCode.RUN_SPLIT, "cases", message, new.label)
            self._put(self._files.items([mapped], {}))
            item = self._run_item(work, mapped, states.get(new.marker))
            if item.fate in ("failed", "blocked"):
                troubles[new.marker] = f"its run {item.marker} is {item.fate}"
            self._put([item])
            title = title or item.title
            if closes:
                self._closes.append((new.marker, item.title))
        open_parts = [(part.marker, part.cases, part.takes_more) for part in known]
        places = by_case([*open_parts, *((new.marker, new.cases, True) for new in parts)])
        gone = frozenset(case for part in known if part.fate == "gone" for case in part.cases)
        return Places(places, troubles, gone, title)

    def _with_new_name(self, work: Work, part: KnownPart, item: PlannedItem) -> PlannedItem:
        """Return the item with a note when the source's run has got another title, which nobody has given it here."""
        if work.stamp is None or part.stamp is None or not work.stamp.differs(part.stamp):
            return item
        draft = cast(RunDraft, self._rules.run(work.unit, known_part(work.unit.marker, part)).draft)
        if not is_renamed(part, draft.title):
            return item
        note = Note(
            code=NoteCode.CHANGED_AT_SOURCE, marker=part.marker, field="title", original=draft.title, message=_RENAMED
        )
        return replace(item, notes=(note,), wanted=draft)

    def _run_item(self, work: Work, mapped: Mapped, create: tuple[OperationState, str] | None) -> PlannedItem:
        mapped = self._under_free_title(mapped)
        draft = cast(RunDraft, mapped.draft)
        if create == ("failed", draft.digest):
            return without_write(mapped, "failed", FAILED_BEFORE)
        need = self._milestones.get(draft.milestone, Need("")) if draft.milestone else Need("")
        if work.gaps and not self._rules.allows_gaps:
            need = replace(need, trouble=_gap_words(work.gaps))
        elif work.gaps:
            message = "made without them; a static run can never be amended"
            mapped = noted(mapped, NoteCode.RUN_GAP, "cases", message, "; ".join(work.gaps))
        return replace(to_create(mapped, need), stamp=work.stamp)

    def _under_free_title(self, mapped: Mapped) -> Mapped:
        """Return the run under a title that no other run of its milestone has: titles are unique there (§3.12)."""
        draft = cast(RunDraft, mapped.draft)
        others = self._titles.get(draft.title, [])
        milestone = self._store.ledger.entries([draft.milestone]).get(draft.milestone) if others else None
        if not is_taken(draft.title, milestone, in_milestone=bool(draft.milestone), views=others):
            return mapped
        title = with_source_id(draft.title, draft.marker, RUN_TITLE_LIMIT)
        message = f"another run in QA Sphere has the title; became {title}"
        mapped = noted(mapped, NoteCode.RUN_RENAMED, "title", message, draft.title)
        return replace(mapped, draft=draft.model_copy(update={"title": title}), title=title)

    def _without_run(self, work: Work) -> None:
        """Give a unit that becomes no run its fate."""
        fate: Fate = "archived"
        reason = "it holds no test" if not work.items else "none of its tests is migrated"
        if work.gaps:
            fate, reason = "blocked", _gap_words(work.gaps)
        elif work.items and self._rules.keeps == "last" and not work.kept:
            fate, reason = "excluded", "its tests were run again later (mapping.history: last)"
        self._put([PlannedItem(marker, "run", run.title, fate, reason) for marker, run in work.runs.items()])
        for start in range(0, len(work.items), _CHUNK):
            self._put(
                self._results.items(work, work.items[start : start + _CHUNK], Places({}, {}, frozenset(), ""), {})
            )

    def _in_doubt(self, work: Work, reason: str) -> None:
        """Leave alone what nobody can tell: nothing is sent twice."""
        kept = {item.marker for item in work.kept}
        self._put([PlannedItem(marker, "run", run.title, "unknown", reason) for marker, run in work.runs.items()])
        for start in range(0, len(work.items), _CHUNK):
            chunk = work.items[start : start + _CHUNK]
            results = self._store.extracted_runs.results(self._round, [item.marker for item in chunk])
            self._put(
                [
                    PlannedItem(item.marker, "result", results[item.marker].entity.title, "unknown", reason)
                    if item.marker in kept
                    else left_out(item, results[item.marker].entity, work)
                    for item in chunk
                ]
            )

    # --- storing ------------------------------------------------------------------------------------------------------

    def _put(self, items: Sequence[PlannedItem]) -> None:
        self.at_rest = self.at_rest and all(item.fate in _AT_REST and item.kind != "file" for item in items)
        self._items += items
        if len(self._items) >= _CHUNK:
            self._flush()

    def _flush(self) -> None:
        with self._store.journal.atomic():
            self._store.planning.put_items(self._round, self._items)
            for marker, title in self._closes:
                self._history.plan_close(self._round, marker, title)
        self._items, self._closes = [], []


def _cases_of(items: Sequence[RunItem]) -> list[str]:
    """Return the cases in the order in which the source lists them."""
    return list(dict.fromkeys(item.case for item in sorted(items, key=lambda item: item.order) if item.case))


def _waiting(cases: Mapping[str, CaseState]) -> list[str]:
    """Return the cases that are not there and may still come."""
    return [case for case, state in cases.items() if state.gap and state.fate == "blocked"]


def _gap_words(gaps: Sequence[str]) -> str:
    more = f"; and {len(gaps) - 3} more" if len(gaps) > 3 else ""
    return f"{len(gaps)} of its tests are not in QA Sphere (mapping.runs.gaps): {'; '.join(gaps[:3])}{more}"
