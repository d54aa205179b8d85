"""Plan: the cases of a round, some hundreds at a time, with their files. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from migrator.core.drafts import CaseDraft, FolderDraft
from migrator.core.events import Progressed
from migrator.core.model import TestCase
from migrator.core.ports.destination import DestinationReader
from migrator.core.ports.mapping import Around, FolderPlan, Mapped, Mapper
from migrator.core.records import STANDS_IN, CaseRow, Extracted, Fate, KeptPlan, Round, Surrounded
from migrator.engine.context import Context
from migrator.engine.plan.cases.fate import MappedCase, case_item
from migrator.engine.plan.cases.known import KnownCases
from migrator.engine.plan.cases.placeholders import Placeholders
from migrator.engine.plan.cases.touched import TouchedCases
from migrator.engine.plan.cases.unchanged import UnchangedCaseFinder, rules_digest, unchanged_files
from migrator.engine.plan.fates import Need, with_shortened_marker
from migrator.engine.plan.files import FilePlanner
from migrator.engine.plan.folders import folder_needs
from migrator.engine.plan.pages import PagePlanner
from migrator.engine.references import Addresses
from state.rows import chunked

_NOWHERE: frozenset[Fate] = frozenset(("excluded", "failed", "blocked", "gone"))


@dataclass(frozen=True, slots=True)
class CaseRules:
    """What the plan of every case goes by.

    Args:
        gone: folders that were deleted in QA Sphere.
        remap: send what only the rules changed, too.
    """

    mapper: Mapper
    folders: FolderPlan
    placeholders: Placeholders
    gone: frozenset[str]
    remap: bool


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Some cases of a round.

    Args:
        order: the markers of all of them.
        cases, mapped: those to be planned.
        unchanged: the others.
        kept: what to keep of the planning.
    """

    order: Sequence[str]
    cases: Sequence[Surrounded[TestCase]]
    mapped: Sequence[Mapped]
    unchanged: Mapping[str, KeptPlan] = field(default_factory=dict)
    kept: Mapping[str, KeptPlan] = field(default_factory=dict)


class CasePlanner:
    """Plans the cases of one round. ``folded_later``: what stands in them and had no fate yet, such as attachments that
    are only addresses, with the reason to record."""

    def __init__(
        self, context: Context[DestinationReader], current: Round, rules: CaseRules, files: FilePlanner
    ) -> None:
        self._context = context
        self._store = context.store
        self._job = context.job
        self._listener = context.listener
        self._stop = context.stop
        self._round = current
        self._rules = rules
        self._files = files
        self._paths = {
            item.marker: "/".join(item.draft.path)
            for item in rules.folders.items
            if isinstance(item.draft, FolderDraft)
        }
        self.folded_later: dict[str, str] = {}
        self._addresses = Addresses(context.store, context.project, "")
        self._touched = TouchedCases(context.store, context.project, self._addresses.as_seen)

    async def plan(self) -> int:
        """Plan the cases of the round; return how many there are. ``Stopped`` between two chunks of them."""
        done = 0
        total = self._store.archive.count(self._round, "case")
        finder = self._finder()
        for rows in chunked(self._store.unchanged_cases.cases(self._round)):
            with self._store.journal.atomic():
                self._plan_rows(finder, rows)
            done += len(rows)
            self._listener(Progressed("plan", self._round.project, done, total))
            await self._stop.turn()
        return done + self._plan_placeholders()

    async def plan_pages(self, pages: PagePlanner) -> int:
        """Plan the cases that list pages; return how many there are. Each holds a whole volume in memory, so they go
        one after the other."""
        rows, finder = pages.rows(), self._finder()
        unchanged = finder.among(rows)
        for row in rows:
            if row.marker in unchanged:
                chunk = _Chunk([row.marker], [], [], {row.marker: unchanged[row.marker]})
            else:
                case, mapped = pages.case(row)
                kept = finder.kept_plans([Extracted(case.entity, case.stamp)], [case], [mapped])
                chunk = _Chunk([row.marker], [case], [mapped], {}, kept)
            with self._store.journal.atomic():
                self._plan_chunk(chunk, whole=True)
            await self._stop.turn()
        return len(rows)

    def _finder(self) -> UnchangedCaseFinder:
        rules = rules_digest(self._job, self._rules.mapper, self._store.unchanged_cases.people(self._round))
        return UnchangedCaseFinder(self._store, self._round, rules, self._rules.folders)

    def _plan_rows(self, finder: UnchangedCaseFinder, rows: Sequence[CaseRow]) -> None:
        """Leave alone what is unchanged, and plan the rest."""
        unchanged = finder.among(rows)
        chunk = self._store.unchanged_cases.read([row.marker for row in rows if row.marker not in unchanged])
        cases, mapped = self._mapped(chunk)
        if self._touched.dated(chunk, cases, mapped, self._mapped_by, self._needs):
            # what hangs on a case that is another one now may be anywhere
            unchanged, chunk = {}, self._store.unchanged_cases.read([row.marker for row in rows])
            cases, mapped = self._mapped(chunk)
        order = [row.marker for row in rows]
        self._plan_chunk(_Chunk(order, cases, mapped, unchanged, finder.kept_plans(chunk, cases, mapped)))

    def _mapped(self, chunk: Sequence[Extracted[TestCase]]) -> tuple[Sequence[Surrounded[TestCase]], Sequence[Mapped]]:
        cases = self._store.archive.surrounded(self._round, chunk)
        return cases, [self._mapped_by(case.entity, case.around) for case in cases]

    def _plan_placeholders(self) -> int:
        """Plan the cases that stand for tests that the source has not any more."""
        done = 0
        for found in chunked(self._rules.placeholders.missing_cases()):
            cases = [Surrounded(case.entity, Around(), case.stamp) for case in found]
            mapped = [replace(self._mapped_by(case.entity, Around()), made=True) for case in found]
            with self._store.journal.atomic():
                self._plan_chunk(_Chunk([item.marker for item in mapped], cases, mapped))
            done += len(found)
        return done

    def _plan_chunk(self, chunk: _Chunk, *, whole: bool = False) -> None:
        """Give the cases their fate. ``whole``: what stands in them is there with all that the source says of it."""
        mapped = chunk.mapped
        stamps = {case.entity.ref.marker: case.stamp for case in chunk.cases}
        needs = self._needs([item.draft.folder for item in mapped if isinstance(item.draft, CaseDraft)])
        cases = [
            MappedCase(item, needs[item.draft.folder], stamps[item.marker], self._paths.get(item.draft.folder, ""))
            if isinstance(item.draft, CaseDraft)
            else MappedCase(item, Need(""), stamps[item.marker])
            for item in mapped
        ]
        known = KnownCases(self._context, self._addresses, self._rules.placeholders, cases)
        planning = self._store.planning
        files = {marker: unchanged_files(kept) for marker, kept in chunk.unchanged.items()}
        if any(item.files for item in mapped):
            planned = iter(self._files.items(mapped, known.unknown_views()))
            files |= {item.marker: list(islice(planned, len(item.files))) for item in mapped}
        # what is planned counts as there, when a case is compared with what it holds
        planning.put_items(self._round, [file for marker in chunk.order for file in files.get(marker, ())])
        items = [
            case_item(case, known.of(case), remap=self._rules.remap, conflicts=self._job.conflicts) for case in cases
        ]
        items = [
            replace(item, kept_plan=chunk.kept.get(item.marker)) if item.notes == draft.notes else item
            for item, draft in zip(items, mapped, strict=True)
        ]
        planning.put_items(self._round, [*items, *self._files.held(zip(mapped, items, strict=True))])
        self._store.unchanged_cases.keep(self._round, list(chunk.unchanged))
        folded = {marker: kept.folded for marker, kept in chunk.unchanged.items()}
        folded |= {
            draft.marker: draft.folded for draft, item in zip(mapped, items, strict=True) if item.fate not in _NOWHERE
        }
        reasons = {part: f"{STANDS_IN}{case}" for case in chunk.order for part in folded.get(case, ())}
        self.folded_later |= planning.fold(self._round, reasons, whole=whole)

    def _needs(self, folders: Sequence[str]) -> Mapping[str, Need]:
        markers = sorted(set(folders))
        states = self._store.journal.operation_states(markers, "create")
        return folder_needs(markers, self._store.ledger.entries(markers), states, self._rules.gone)

    def _mapped_by(self, case: TestCase, around: Around) -> Mapped:
        return with_shortened_marker(case, self._rules.mapper.case(case, around, self._rules.folders))
