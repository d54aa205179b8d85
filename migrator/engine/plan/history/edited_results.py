"""Results that the source has edited since they were sent, and those that only rules or names of columns would make
another today. Only what a reader of a result would see is an edit: for an auditor a repeated result is a test that
never took place."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from migrator.core.derived import RECORDED, without_facts
from migrator.core.drafts import ResultCell, ResultDraft
from migrator.core.model import Defect, Result
from migrator.core.ports.mapping import Around, HistoryMapper, ResultPlace
from migrator.core.records import Extracted, LedgerEntry, Round, RunItem, SentResult, Stamp
from migrator.core.text import markup
from migrator.engine.job import ConflictPolicy
from migrator.engine.plan.history.units import Work
from state.store import Store

_DEFECT = re.compile(r"(<(?:strong|b)>\s*Defect:\s*</(?:strong|b)>\s*#[^\s:<]+)[^<]*")
_NO_EDITS = ("Executed at", RECORDED)
OF_OTHERS = ("Configuration", "Configuration name", "Folder name", "Run", "Test", "Address")
"""Lines that say how other items are called, unless people wrote a remark of that name."""
_ASSIGNED = "Assigned to"
"""Who is to run a test is planned anew, again and again, and says nothing of how it went."""
_OF_ITS_RUN = (
    "Started", "Ended", "Author", "Created", "Updated", "Updated by", "Owner", "Assigned to", "Status",
    "Release name", "Run time formated", "Execution type", "Test host",
)  # fmt: skip
"""Lines that a result in a group has of its run. A source sets and moves them by itself."""


_FILES = re.compile(r"<h4>Files</h4><ul>.*?</ul>", re.DOTALL)
"""Evidence that came later is no matter of rules."""
Otherwise = Literal["", "columns", "rules"]


@dataclass(frozen=True, slots=True)
class Sent:
    """The last edition of a result that is in QA Sphere. ``is_edited``: the source says something else by now.
    ``otherwise``: what else would make it another today, as far as this plan has looked.

    Without a stamp it was found there with other words, and nobody knows what the source said then.
    """

    result: SentResult
    entry: LedgerEntry
    is_edited: bool
    otherwise: Otherwise = ""

    @property
    def is_final(self) -> bool:
        """Whether nothing of it is to be mapped again."""
        return self.entry.stamp is not None and self.entry.is_complete and not self.is_edited


class EditedResults:
    """Finds them in one round. Results of which the source says the same as before are not read, unless
    ``looks_again``: the rules are other ones, or some are known to be mapped otherwise."""

    def __init__(self, store: Store, current: Round, rules: HistoryMapper, conflicts: ConflictPolicy) -> None:
        self._store = store
        self._round = current
        self._rules = rules
        self._conflicts = conflicts
        self.looks_again = False

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
        edited, otherwise = set[str](), dict[str, Otherwise]()
        if self._conflicts != "destination":
            edited = {source for source, sent in editions.items() if entries[sent.marker].stamp is None}
        stamped = {source: stamp for source in editions if (stamp := entries[editions[source].marker].stamp)}
        # what its vendor's JSON holds may be the same, and settings of the source make something else of it
        asked = [source for source, before in stamped.items() if self.looks_again or stamps[source] != before]
        drafts = self._store.ledger.holdings([editions[source].marker for source in asked])
        results = self._store.extracted_runs.results(self._round, asked)
        defects, near = self.defects(results), self.around(list(results.values()))
        for source in asked:
            sent, result = editions[source], results[source].entity
            run = work.runs[result.run.marker]
            place = ResultPlace(sent.marker, sent.run, work.unit, run, defects, near[source])
            now, then = self._rules.result(result, place).draft, drafts[sent.marker].wished or drafts[sent.marker].draft
            both = (now, then) if isinstance(now, ResultDraft) and isinstance(then, ResultDraft) else None
            if stamps[source].differs(stamped[source]) and is_edit(both, then, result, is_grouped=work.unit.is_group):
                edited.add(source)
            else:
                otherwise[source] = looks_otherwise(both, then, result, is_grouped=work.unit.is_group)
        found = {
            source: Sent(sent, entries[sent.marker], source in edited, otherwise.get(source, ""))
            for source, sent in editions.items()
        }
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
        near = self.around(list(results.values()))
        return [
            item
            for item in ask
            if self._rules.result(
                results[item.marker].entity,
                ResultPlace(item.marker, work.unit.marker, work.unit, work.runs[item.run], {}, near[item.marker]),
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


_FACTS = re.compile(r"<ul>((?:<li>.*?</li>)+)</ul>", re.DOTALL)
_LINE = re.compile(r"<li>.*?</li>", re.DOTALL)
_Both = tuple[ResultDraft, ResultDraft] | None
"""A result as it would be sent today, and as it was; None when it would not be sent."""


def is_edit(both: _Both, then: object, result: Result, *, is_grouped: bool) -> bool:
    """Whether a result that has changed at the source says something else. In a table that is what its cells hold, each
    known by the id of its column: under other names, in another order and by other rules it is the same."""
    if isinstance(then, ResultDraft) and then.cells:
        return not _holds_the_same(then.cells, result)
    return both is None or not reads_alike(*both, result, is_grouped=is_grouped)


def looks_otherwise(both: _Both, then: object, result: Result, *, is_grouped: bool) -> Otherwise:
    """Return what makes a result that nobody has edited another one than was sent, as a reader sees it."""
    if both and reads_alike(*both, result, is_grouped=is_grouped, form=_without_files, dated=True):
        return ""
    cells = then.cells if isinstance(then, ResultDraft) else ()
    before, own = {cell.column: cell.name for cell in cells}, _own_cells(result)
    same = [cell.column for cell in cells if cell.column in own] == [column for column in own if column in before]
    return "rules" if same and all(before.get(column) == name for column, (name, _) in own.items()) else "columns"


def _holds_the_same(then: Sequence[ResultCell], result: Result) -> bool:
    before = {cell.column: cell.value for cell in then if cell.value}
    own = {column: value for column, (_, value) in _own_cells(result).items() if value}
    there = {cell.names[-1]: cell.value.strip() for cell in result.cells} | own
    return own.keys() <= before.keys() and all(there.get(column, "") == value for column, value in before.items())


def _own_cells(result: Result) -> dict[str, tuple[str, str]]:
    """Return the cells that say what came of the test, by the ids of their columns: name and value."""
    steps = {step.names[-1]: (step.names[0], (step.status or "").strip()) for step in result.steps if step.names}
    remarks = {cell.names[-1]: (cell.names[0], cell.value.strip()) for cell in result.cells if cell.remark}
    return steps | remarks


def reads_alike(
    now: ResultDraft,
    before: ResultDraft,
    result: Result,
    *,
    is_grouped: bool,
    form: Callable[[str], str] = markup,
    dated: bool = False,
) -> bool:
    """Whether a reader would see the same. That is but for who recorded it, how other items are called by now, what is
    told of its run, and when it was executed: sources give the date of the test's last execution, which moves when it
    is run elsewhere. Of a defect its number counts, not its title and state.

    Args:
        now: as it would be sent today.
        before: as it was sent.
        result: what the source says of it today.
        is_grouped: it is in a run of runs of single tests.
        form: of a comment, in which the two are compared.
        dated: a date that is not the source's own counts, too.
    """
    own = {name.casefold() for name in (*result.remarks, *(cell.remark for cell in result.cells))}
    of_others = (*OF_OTHERS, _ASSIGNED, *(_OF_ITS_RUN if is_grouped else ()))
    no_edits = (RECORDED,) if dated and result.executed_at is None else _NO_EDITS
    names = (*no_edits, *(name for name in of_others if name.casefold() not in own))
    return (
        now.status == before.status
        and now.time_taken_ms == before.time_taken_ms
        and form(_compared(now.comment, names)) == form(_compared(before.comment, names))
    )


def _compared(comment: str, names: Sequence[str]) -> str:
    rest = _DEFECT.sub(r"\1", without_facts(comment, *names))
    facts = _FACTS.match(rest)
    # in which order facts are told is how the source sorts its columns
    return "".join(sorted(_LINE.findall(facts[1]))) + rest[facts.end() :] if facts else rest


def _without_files(comment: str) -> str:
    return markup(_FILES.sub("", comment))
