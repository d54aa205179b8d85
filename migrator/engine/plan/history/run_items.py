"""Plan: which fate the runs of a unit get."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from migrator.core.derived import without_facts, without_pages
from migrator.core.drafts import RUN_TITLE_LIMIT, RunDraft
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.mapping import HistoryMapper, Mapped
from migrator.core.records import Fate, OperationState, PlannedItem
from migrator.core.refs import with_source_id
from migrator.core.text import markup
from migrator.core.views import RunView
from migrator.engine.plan.fates import Need, noted, to_create, tried_before, without_draft
from migrator.engine.plan.history.edited_results import OF_OTHERS
from migrator.engine.plan.history.parts import KnownPart, is_renamed, is_taken, known_part
from migrator.engine.plan.history.units import Work
from state.sent.ledger import Ledger

LATE = "runs of single tests are filed when their month is over, or by `migrator sync --final`"
COLLECTED = (
    "its run in QA Sphere takes no more tests; one follow-up a day is made for new ones, by the first round of a day,"
    " `migrator run` or `migrator sync --final`"
)
SPLIT = "QA Sphere takes no more cases in one run, and nothing can be added to one that exists"
_KEPT = "not word for word as it would be written today, and nobody knows since when; QA Sphere keeps its own"
_RENAMED = "renamed at the source since it was migrated; QA Sphere's API cannot follow"


@dataclass(frozen=True, slots=True)
class RunInputs:
    """What the plan of every run goes by. ``milestones``: by marker, what a run needs of each; ``views``: the runs that
    are in QA Sphere."""

    rules: HistoryMapper
    milestones: Mapping[str, Need]
    views: Sequence[RunView]


class RunItems:
    """Knows which runs there are in QA Sphere, and under which title a new one may be made. ``looks_again`` as of
    ``EditedResults``."""

    def __init__(self, inputs: RunInputs, ledger: Ledger) -> None:
        self._rules = inputs.rules
        self._milestones = inputs.milestones
        self._ledger = ledger
        self.looks_again = False
        self._titles: dict[str, list[RunView]] = {}
        for view in inputs.views:
            self._titles.setdefault(view.title, []).append(view)

    def known(self, work: Work, part: KnownPart, *, closes: bool, unlike: str = "") -> PlannedItem:
        """Return a run that is in QA Sphere, or may be.

        Args:
            closes: it is to be closed, if it is open.
            unlike: the fields of an adopted one that are not as they would be written today.
        """
        made = work.unit.is_group or part.marker != work.unit.marker
        notes = self._notes_of_found(work, part, unlike) if part.fate == "adopted" else ()
        mapped = Mapped(part.marker, "run", part.title, notes=notes, made=made)
        item = PlannedItem(mapped, part.fate, part.reason, keeps_notes=True)
        if closes and part.takes_more and part.fate != "unknown":
            item = replace(item, fate="pending", reason="to be closed", action="update")
        if work.stamp is None or part.stamp is None:
            return item
        if work.stamp.differs(part.stamp):
            return self._with_new_name(work, part, item)
        return self._standing(work, part, item) if self.looks_again else item

    def new(self, work: Work, mapped: Mapped, create: tuple[OperationState, str] | None) -> PlannedItem:
        """Return a run that is to be made. ``create``: what became of that before."""
        if mapped.outcome != "draft":
            return without_draft(mapped)
        mapped = self._under_free_title(mapped)
        draft = cast(RunDraft, mapped.draft)
        if tried := tried_before(mapped, draft, create):
            return tried
        need = self._milestones.get(draft.milestone, Need("")) if draft.milestone else Need("")
        if work.gaps and not self._rules.allows_gaps:
            need = replace(need, trouble=gap_words(work.gaps))
        elif work.gaps:
            mapped = _with_gaps(mapped, work)
        return to_create(mapped, need, work.stamp)

    def _notes_of_found(self, work: Work, part: KnownPart, unlike: str) -> tuple[Note, ...]:
        """Return what was said of a run when another workspace made it, as far as anybody can tell, and how it is not
        as it would be made today."""
        new = known_part(work.unit.marker, part)
        mapped = self._rules.run(work.unit, new)
        if new.label:
            mapped = noted(mapped, NoteCode.RUN_SPLIT, "cases", SPLIT, new.label)
        if work.gaps and self._rules.allows_gaps:
            mapped = _with_gaps(mapped, work)
        title = cast(RunDraft, mapped.draft).title
        if part.shown == with_source_id(title, part.marker, RUN_TITLE_LIMIT) != title:
            mapped = _renamed(mapped, title, part.shown)
        fields = [*(["title"] if is_renamed(part, title) else []), *([unlike] if unlike else [])]
        return (noted(mapped, NoteCode.CONFLICT_KEPT, ", ".join(fields), _KEPT) if fields else mapped).notes

    def _with_new_name(self, work: Work, part: KnownPart, item: PlannedItem) -> PlannedItem:
        """Return the item with a note when the source's run has got another title, which nobody has given it here."""
        draft = cast(RunDraft, self._rules.run(work.unit, known_part(work.unit.marker, part)).draft)
        if not is_renamed(part, draft.title):
            return item
        note = Note(
            code=NoteCode.CHANGED_AT_SOURCE, marker=part.marker, field="title", original=draft.title, message=_RENAMED
        )
        return replace(item, mapped=replace(item.mapped, notes=(note,)), wanted=draft)

    def _standing(self, work: Work, part: KnownPart, item: PlannedItem) -> PlannedItem:
        """Return the item with a note when today's rules alone would give the run another title or text."""
        draft = cast(RunDraft, self._rules.run(work.unit, known_part(work.unit.marker, part)).draft)
        now, then = (without_facts(without_pages(text), *OF_OTHERS) for text in (draft.description, part.text))
        fields = ["title"] if is_renamed(part, draft.title) else []
        fields += ["description"] if markup(now) != markup(then) else []
        if not fields:
            return item
        message = f"its {' and '.join(fields)} would be another by today's rules (mapping, hooks); nothing is sent"
        note = Note(
            code=NoteCode.STANDS_AS_SENT, marker=part.marker, field="run", original=draft.title, message=message
        )
        return replace(item, mapped=replace(item.mapped, notes=(note,)), action=item.action or "stands")

    def _under_free_title(self, mapped: Mapped) -> Mapped:
        """Return the run under a title that no other run of its milestone has: titles are unique there (§3.12)."""
        draft = cast(RunDraft, mapped.draft)
        others = self._titles.get(draft.title, [])
        milestone = self._ledger.entries([draft.milestone]).get(draft.milestone) if others else None
        if not is_taken(draft.title, milestone, in_milestone=bool(draft.milestone), views=others):
            return mapped
        title = with_source_id(draft.title, draft.marker, RUN_TITLE_LIMIT)
        mapped = _renamed(mapped, draft.title, title)
        return replace(mapped, draft=draft.model_copy(update={"title": title}), title=title)


def _with_gaps(mapped: Mapped, work: Work) -> Mapped:
    message = "made without them; a static run can never be amended"
    return noted(mapped, NoteCode.RUN_GAP, "cases", message, "; ".join(work.gaps))


def _renamed(mapped: Mapped, title: str, became: str) -> Mapped:
    message = f"another run in QA Sphere has the title; became {became}"
    return noted(mapped, NoteCode.RUN_RENAMED, "title", message, title)


def without_run(work: Work, rules: HistoryMapper) -> list[PlannedItem]:
    """Return the runs of a unit that becomes no run in QA Sphere; what is only archived has a note of all it says."""
    fate: Fate = "archived"
    reason = "it holds no test" if not work.items else "none of its tests is migrated"
    if work.gaps:
        fate, reason = "blocked", gap_words(work.gaps)
    elif work.items and rules.keeps == "last" and not work.kept:
        fate, reason = "excluded", "its tests were run again later (mapping.history: last)"
    items = source_runs(work, fate, reason)
    if fate != "archived":
        return items
    return [
        replace(item, mapped=replace(item.mapped, notes=(rules.left_out(run, reason),)))
        for item, run in zip(items, work.runs.values(), strict=True)
    ]


def source_runs(work: Work, fate: Fate, reason: str) -> list[PlannedItem]:
    """Return all runs of a unit, as the source lists them, with one fate."""
    return [PlannedItem(Mapped(marker, "run", run.title), fate, reason) for marker, run in work.runs.items()]


def gap_words(gaps: Sequence[str]) -> str:
    """Say which tests of a run are not there."""
    more = f"; and {len(gaps) - 3} more" if len(gaps) > 3 else ""
    return f"{len(gaps)} of its tests are not in QA Sphere (mapping.runs.gaps): {'; '.join(gaps[:3])}{more}"
