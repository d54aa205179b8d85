"""Results that the source has edited since they were sent. Only what a reader of a result would see is an edit: for an
auditor a repeated result is a test that never took place."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from migrator.core.derived import RECORDED, without_facts
from migrator.core.drafts import ResultDraft
from migrator.core.model import Defect, Result
from migrator.core.ports.mapping import Around, HistoryMapper, ResultPlace
from migrator.core.records import Extracted, LedgerEntry, Round, RunItem, SentResult, Stamp
from migrator.core.text import markup
from migrator.engine.job import ConflictPolicy
from migrator.engine.plan.history.units import Work
from state.store import Store

_DEFECT = re.compile(r"(<(?:strong|b)>\s*Defect:\s*</(?:strong|b)>\s*#[^\s:<]+)[^<]*")
_NO_EDITS = ("Executed at", RECORDED)
_OF_OTHERS = ("Configuration", "Configuration name", "Folder name", "Run", "Test", "Address")
"""Lines that say how other items are called, unless people wrote a remark of that name."""
_OF_ITS_RUN = (
    "Started", "Ended", "Author", "Created", "Updated", "Updated by", "Owner", "Assigned to", "Status",
    "Release name", "Run time formated", "Execution type", "Test host",
)  # fmt: skip
"""Lines that a result in a group has of its run. A source sets and moves them by itself."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The last edition of a result that is in QA Sphere. ``is_edited``: the source says something else by now.

    Without a stamp it was found there with other words, and nobody knows what the source said then.
    """

    result: SentResult
    entry: LedgerEntry
    is_edited: bool

    @property
    def is_final(self) -> bool:
        """Whether nothing of it is to be mapped again."""
        return self.entry.stamp is not None and self.entry.is_complete and not self.is_edited


class EditedResults:
    """Finds them in one round. Results of which the source says the same as before are not read."""

    def __init__(self, store: Store, current: Round, rules: HistoryMapper, conflicts: ConflictPolicy) -> None:
        self._store = store
        self._round = current
        self._rules = rules
        self._conflicts = conflicts

    @property
    def leaves_conflicts(self) -> bool:
        """Whether a person decides about a result that says something else, in a run where somebody may have done it.
        In a closed one nobody can have."""
        return self._conflicts == "report"

    def sent(self, work: Work, items: Sequence[RunItem]) -> Mapping[str, Sent]:
        """Return those that are in QA Sphere, by the source's marker."""
        markers = [item.marker for item in items]
        editions = self._store.history.editions(markers)
        entries = self._store.ledger.entries([sent.marker for sent in editions.values()])
        stamps = self._store.extracted_runs.stamps(self._round, list(editions))
        changed = [
            source
            for source, sent in editions.items()
            if (before := entries[sent.marker].stamp) and stamps[source].differs(before)
        ]
        drafts = self._store.ledger.holdings([editions[source].marker for source in changed])
        results = self._store.extracted_runs.results(self._round, changed)
        defects, near = self.defects(results), self.around(list(results.values()))
        edited = set()
        if self._conflicts != "destination":
            edited = {source for source, sent in editions.items() if entries[sent.marker].stamp is None}
        for source in changed:
            sent, result = editions[source], results[source].entity
            run = work.runs[result.run.marker]
            place = ResultPlace(sent.marker, sent.run, work.unit, run, defects, near[source])
            now, then = self._rules.result(result, place).draft, drafts[sent.marker].wished or drafts[sent.marker].draft
            if not (
                isinstance(now, ResultDraft)
                and isinstance(then, ResultDraft)
                and reads_alike(now, then, result, is_grouped=work.unit.is_group)
            ):
                edited.add(source)
        found = {source: Sent(sent, entries[sent.marker], source in edited) for source, sent in editions.items()}
        self._renew_stamps({source: sent for source, sent in found.items() if not sent.is_edited}, stamps)
        return found

    def _renew_stamps(self, alike: Mapping[str, Sent], stamps: Mapping[str, Stamp]) -> None:
        """Let the ledger know results as they are read now: what changed without an edit must not add up with the next
        such change, of rules, program or row, to an edit that nobody made."""
        renewed = {
            sent.result.marker: stamps[source]
            for source, sent in alike.items()
            if sent.entry.stamp is not None and sent.entry.stamp != stamps[source]
        }
        if renewed:
            self._store.ledger.restamp(renewed)

    def accept(self, found: Extracted[Result], there: Sent) -> None:
        """Let a result of which nobody knows what the source said then be what its next edit is compared with."""
        self._store.ledger.restamp({there.result.marker: found.stamp})

    def unsent(self, work: Work, items: Sequence[RunItem]) -> list[RunItem]:
        """Return those that say something that is not in QA Sphere: new ones and edited ones."""
        sent = self.sent(work, items)
        ask = [item for item in items if item.marker not in sent or sent[item.marker].is_edited]
        results = self._store.extracted_runs.results(self._round, [item.marker for item in ask])
        place = ResultPlace("", work.unit.marker, work.unit, work.unit.runs[0], {})
        return [
            item
            for item in ask
            if self._rules.result(
                results[item.marker].entity, replace(place, marker=item.marker, source_run=work.runs[item.run])
            ).outcome
            == "draft"
        ]

    def around(self, results: Sequence[Extracted[Result]]) -> Mapping[str, Around]:
        """Return what hangs on results, by their markers."""
        found = self._store.archive.surrounded(self._round, results)
        return {near.entity.ref.marker: near.around for near in found}

    def defects(self, results: Mapping[str, Extracted[Result]]) -> Mapping[str, Defect]:
        """Return the defects that results lead to, by marker."""
        named = {ref.marker for found in results.values() for ref in found.entity.defects}
        return self._store.extracted_runs.defects(self._round, sorted(named))


def reads_alike(
    now: ResultDraft, before: ResultDraft, result: Result, *, is_grouped: bool, form: Callable[[str], str] = markup
) -> bool:
    """Whether a reader would see the same, in this form of a comment. That is but for who recorded it, how other items
    are called by now, what is told of its run, and when it was executed: sources give the date of the test's last
    execution, which moves when it is run elsewhere. Of a defect its number counts, not its title and state."""
    own = {name.casefold() for name in (*result.remarks, *(cell.remark for cell in result.cells))}
    of_others = (*_OF_OTHERS, *(_OF_ITS_RUN if is_grouped else ()))
    names = (*_NO_EDITS, *(name for name in of_others if name.casefold() not in own))
    return (
        now.status == before.status
        and now.time_taken_ms == before.time_taken_ms
        and form(_compared(now.comment, names)) == form(_compared(before.comment, names))
    )


def _compared(comment: str, names: Sequence[str]) -> str:
    return _DEFECT.sub(r"\1", without_facts(comment, *names))
