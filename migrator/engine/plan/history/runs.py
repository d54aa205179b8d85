"""Plan: the runs of one unit with their results: adopt what is there, cover the cases, follow up, give fates."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from migrator.core.notes import NoteCode
from migrator.core.ports.destination import DestinationReader
from migrator.core.ports.mapping import RunPart, RunUnit
from migrator.core.records import Fate, PlannedItem, Round
from migrator.engine.context import Context
from migrator.engine.job import Filing
from migrator.engine.plan.fates import noted
from migrator.engine.plan.files import FilePlanner
from migrator.engine.plan.history.adopt import Adopter
from migrator.engine.plan.history.edited_results import EditedResults
from migrator.engine.plan.history.item_buffer import ItemBuffer
from migrator.engine.plan.history.parts import KnownPart, late_cases, new_parts, places_of
from migrator.engine.plan.history.results import Places, ResultPlanner
from migrator.engine.plan.history.run_items import COLLECTED, LATE, SPLIT, RunInputs, RunItems, source_runs, without_run
from migrator.engine.plan.history.units import UnitReader, Work, part_in_doubt, part_in_ledger
from state.rows import chunked


class RunPlanner:
    """Plans unit by unit. ``reader``: what there is of them; ``buffer``: where what is planned goes."""

    def __init__(
        self, context: Context[DestinationReader], current: Round, inputs: RunInputs, files: FilePlanner
    ) -> None:
        self._store = context.store
        self._filing = context.job.terms.filing
        self._collects = context.job.collects_follow_ups and not current.reads_everything
        self._rules = inputs.rules
        self._rules_changed = context.store.unlike.rules(current.project) != inputs.rules.digest
        self._views = {str(view.id): view for view in inputs.views}
        self._files = files
        self._adopter = Adopter(context, current, inputs.rules, inputs.views)
        self._runs = RunItems(inputs, context.store.ledger)
        self._edited = EditedResults(context.store, current, inputs.rules, context.job.conflicts)
        self._results = ResultPlanner(context.store, current, inputs.rules, files, self._edited)
        self.reader = UnitReader(context.store, current, inputs.rules)
        self.buffer = ItemBuffer(context.store, current)

    async def plan(self, marker: str) -> int:
        """Plan a unit; return how many items of the source it is made of."""
        work = self.reader.read(marker)
        looks_again = self._rules_changed or self._store.unlike.is_noted(marker)
        self._edited.looks_again = self._runs.looks_again = looks_again
        await self._plan(work)
        self.buffer.note([*self._results.unlike.taken(), *self._results.untested.taken()])
        return work.size

    async def _plan(self, work: Work) -> None:
        wanted = work.wanted(self._rules.keeps)
        if not wanted and not self.reader.is_there(work.unit.marker):
            self.buffer.put(without_run(work, self._rules))
            self._put_results(work, Places())
            return
        adopted = await self._adopter.adopt(work.unit, wanted, work.kept)
        if adopted.unreadable:
            # nobody can tell which are there, and nothing is sent twice
            self.buffer.put(source_runs(work, "unknown", adopted.unreadable))
            for chunk in chunked(work.items):
                self.buffer.put(self._results.alike(work, chunk, "unknown", adopted.unreadable))
            return
        known = self._known_parts(work.unit, adopted.runs)
        if waits_for_its_month(work.unit, self._filing):
            work = self._only(work, self.reader.sent_or_in_doubt(work), LATE)
            if not known:
                return
            there = {item.case for item in work.kept}
            wanted = [case for case in wanted if case in there]
        elif self._collects and known:
            covered = {case for part in known for case in part.cases}
            work = self._only(work, {item.marker for item in work.items if item.case in covered}, COLLECTED)
            wanted = [case for case in wanted if case in covered]
        places = self._plan_runs(work, known, self._missing(work, known, wanted), adopted.unlike)
        if work.unit.is_group:
            left_out = "" if known else next(iter(places.left_out.values()), "")
            words = left_out or f"part of the run “{places.title}”"
            self.buffer.put(source_runs(work, "excluded" if left_out else "folded", words))
        self._put_results(work, places, adopted.results)

    def _known_parts(self, unit: RunUnit, adopted: set[str]) -> list[KnownPart]:
        parts = []
        for holding in self._store.history.parts(unit.marker):
            part = part_in_ledger(holding, self._views.get(holding.entry.id), adopted)
            parts.append(part)
            if holding.wished:
                # the file of its text is missing, and stays known by name until it comes
                run = RunPart(part.marker, tuple(sorted(part.cases)))
                self.buffer.put(self._files.items([self._rules.run(unit, run)], {}))
        return parts + [part_in_doubt(operation) for operation in self._store.history.parts_in_doubt(unit.marker)]

    def _only(self, work: Work, markers: Collection[str], reason: str) -> Work:
        """Leave all results but these for later; return the rest."""
        rest = work.only(markers)
        kept = {item.marker for item in rest.items}
        if len(kept) == len(work.items):
            return work
        self.buffer.at_rest = False
        for chunk in chunked([item for item in work.items if item.marker not in kept]):
            self.buffer.put(self._results.all_of(chunk, "archived", reason))
        runs = source_runs(work, "archived", reason)
        self.buffer.put([item for item in runs if item.marker not in rest.runs])
        return rest

    def _missing(self, work: Work, known: Sequence[KnownPart], wanted: Sequence[str]) -> list[str]:
        """Return the cases that a run is still to be made for: those in none, and those with something new to say whose
        run takes no more."""
        covered = {case for part in known for case in part.cases}
        late = late_cases(known)
        items = [item for item in work.kept if item.case in late]
        follow = {item.case for chunk in chunked(items) for item in self._edited.unsent(work, chunk)}
        return [case for case in wanted if case not in covered or case in follow]

    def _plan_runs(
        self, work: Work, known: Sequence[KnownPart], missing: Sequence[str], unlike: Mapping[str, str]
    ) -> Places:
        """Plan the runs of a unit. ``unlike``: marker of a run → its fields that are not as they would be written."""
        closes = work.unit.is_closed or self._filing == "final"
        for part in known:
            self.buffer.put([self._runs.known(work, part, closes=closes, unlike=unlike.get(part.marker, ""))])
            if closes and part.takes_more:
                self.buffer.close(part.marker, part.title)
        made: list[tuple[RunPart, PlannedItem]] = []
        parts = new_parts(work.unit.marker, missing, known=[part.marker for part in known])
        states = self._store.journal.operation_states([part.marker for part in parts], "create")
        for number, new in enumerate(parts):
            mapped = self._rules.run(work.unit, new)
            if number or known:
                mapped = noted(mapped, NoteCode.RUN_SPLIT, "cases", SPLIT, new.label)
            item = self._runs.new(work, mapped, states.get(new.marker))
            self.buffer.put([*self._files.items([mapped], {}), item])
            if closes and mapped.outcome == "draft":
                self.buffer.close(new.marker, item.title)
            made.append((new, item))
        return _places(known, made)

    def _put_results(self, work: Work, places: Places, adopted: Mapping[str, Fate] | None = None) -> None:
        for chunk in chunked(work.items):
            self.buffer.put(self._results.items(work, chunk, places, adopted or {}))


def waits_for_its_month(unit: RunUnit, filing: Filing) -> bool:
    """Whether more single-test runs may come to this group, by the calendar of the source's zone."""
    ended = unit.runs[0].ended_at
    if filing != "months" or not unit.is_group or ended is None:
        return False
    today = datetime.now(ended.tzinfo)
    return (ended.year, ended.month) >= (today.year, today.month)


def _places(known: Sequence[KnownPart], made: Sequence[tuple[RunPart, PlannedItem]]) -> Places:
    titles = [*(part.title for part in known), *(item.title for _, item in made)]
    return Places(
        places_of(known, [part for part, _ in made]),
        {
            part.marker: f"its run {item.marker} is {item.fate}"
            for part, item in made
            if item.fate in ("failed", "blocked")
        },
        frozenset(case for part in known if part.fate == "gone" for case in part.cases),
        titles[0] if titles else "",
        {part.marker: item.reason for part, item in made if item.fate == "excluded"},
    )
