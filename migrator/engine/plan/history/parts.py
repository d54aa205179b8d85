"""Which runs of QA Sphere hold a unit, and which are still to be made. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from migrator.core.base import digest_of
from migrator.core.drafts import CASES_PER_RUN, RUN_TITLE_LIMIT
from migrator.core.ports.mapping import RunPart
from migrator.core.records import Fate, LedgerEntry, Stamp
from migrator.core.refs import stated_marker, variant, with_short_ids, with_source_id
from migrator.core.views import RunView

_FOLLOW_UP = "follow-up "
_PART = "part "


@dataclass(frozen=True, slots=True)
class CaseState:
    """What a run can expect of a case. ``gap``: why it will not be there; ``fate`` is then that of its results.

    ``is_gone``: it was there.
    """

    gap: str = ""
    fate: Fate = "blocked"
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class KnownPart:
    """A run that is in QA Sphere, or may be.

    Args:
        takes_more: neither closed nor deleted there.
        fate: its item's.
        title: as it was made.
        shown: as it is there now.
        stamp: the source's run when it was made, if known.
        text: its description as it was made.
    """

    marker: str
    title: str
    cases: frozenset[str]
    fate: Fate
    reason: str = ""
    takes_more: bool = True
    shown: str = ""
    stamp: Stamp | None = None
    text: str = ""


def case_state(fate: str | None, *, in_ledger: bool) -> CaseState:
    """Return what the case's own fate means for a run."""
    if fate == "gone":
        return CaseState("it was deleted in QA Sphere", is_gone=True)
    if in_ledger or fate in ("pending", "unknown", "migrated", "updated", "adopted", "unchanged"):
        return CaseState()
    if fate == "excluded":
        return CaseState("its test is excluded", "excluded")
    if fate is None:
        return CaseState("the source has the test no more, and nothing stands for it", "archived")
    return CaseState(f"its test is {fate}")


def new_parts(
    unit: str, cases: Sequence[str], *, known: Collection[str] = (), limit: int = CASES_PER_RUN
) -> list[RunPart]:
    """Return the runs to be made for these cases. ``known``: markers of the unit's runs in QA Sphere; these follow up.

    A follow-up is named after what it holds, so that it is the same one whenever it is planned.
    """
    chunks = [tuple(cases[start : start + limit]) for start in range(0, len(cases), limit)]
    if known:
        names = [_free_name(unit, chunk, known) for chunk in chunks]
        return [
            RunPart(variant(unit, name), chunk, _FOLLOW_UP + name) for name, chunk in zip(names, chunks, strict=True)
        ]
    return [
        RunPart(variant(unit, f"part{number}"), chunk, f"{_PART}{number}") if number > 1 else RunPart(unit, chunk)
        for number, chunk in enumerate(chunks, start=1)
    ]


def _free_name(unit: str, cases: Sequence[str], known: Collection[str]) -> str:
    """Return the name of a follow-up: another one when there is one of the same cases, which takes no more."""
    named: object = sorted(cases)
    while variant(unit, name := digest_of(named)[:8]) in known:
        named = [named]
    return name


def known_part(unit: str, known: KnownPart) -> RunPart:
    """Return the part that a run in QA Sphere holds; the inverse of ``new_parts``."""
    cases = tuple(sorted(known.cases))
    if known.marker == unit:
        return RunPart(unit, cases)
    name = known.marker.rpartition("@")[2]
    number = name.removeprefix("part")
    return RunPart(known.marker, cases, _PART + number if name != number else _FOLLOW_UP + name)


def is_renamed(known: KnownPart, title: str) -> bool:
    """Whether a run would be made under another title today than it was, and nobody has given it that title since."""
    there = {with_short_ids(known.title), with_short_ids(known.shown)}
    return not there & {with_short_ids(title), with_short_ids(with_source_id(title, known.marker, RUN_TITLE_LIMIT))}


def by_unit(views: Iterable[RunView], prefix: str) -> Mapping[str, list[tuple[str, RunView]]]:
    """Return the runs of QA Sphere that say which unit they hold, by the unit's marker, each with its own.

    ``prefix`` begins every marker of this source.
    """
    found: dict[str, list[tuple[str, RunView]]] = {}
    for view in views:
        marker = stated_marker(view.description or "")
        if marker.startswith(prefix):
            is_first = marker.count("@") == prefix.count("@")
            found.setdefault(marker if is_first else marker.rpartition("@")[0], []).append((marker, view))
    return found


def by_title(views: Iterable[RunView]) -> Mapping[str, list[tuple[str, RunView]]]:
    """Return the runs whose description the list does not hold, by the title of the first part, each with the name of
    its part (empty for the first). Titles name the source's id."""
    found: dict[str, list[tuple[str, RunView]]] = {}
    for view in views:
        if view.description is None:
            whole = with_short_ids(view.title)
            title, _, label = whole.rpartition(" · ")
            name = label.removeprefix(_FOLLOW_UP).replace(_PART, "part")
            is_first = not label.startswith((_FOLLOW_UP, _PART))
            found.setdefault(whole if is_first else title, []).append(("" if is_first else name, view))
    return found


def is_taken(title: str, milestone: LedgerEntry | None, *, in_milestone: bool, views: Iterable[RunView]) -> bool:
    """Whether another run has the title within the milestone, where titles are unique (``qasphere-api.md`` §3.12).

    ``milestone`` None with ``in_milestone``: it is still to be made, so nothing is in it.
    """
    if in_milestone and milestone is None:
        return False
    ident = int(milestone.id) if milestone else None
    return any(view.title == title and (view.description is None or view.milestone_id == ident) for view in views)


def places_of(known: Iterable[KnownPart], new: Iterable[RunPart]) -> Mapping[str, str]:
    """Return case → the first run that holds it and takes more."""
    parts = [*((part.marker, part.cases) for part in known if part.takes_more), *((it.marker, it.cases) for it in new)]
    found: dict[str, str] = {}
    for marker, cases in parts:
        for case in cases:
            found.setdefault(case, marker)
    return found


def late_cases(known: Sequence[KnownPart]) -> frozenset[str]:
    """Return the cases all of whose runs are closed; a run that was deleted in QA Sphere is not made again."""
    gone = {case for part in known if part.fate == "gone" for case in part.cases}
    closed = {case for part in known if not part.takes_more for case in part.cases}
    return frozenset(closed - gone - places_of(known, ()).keys())
