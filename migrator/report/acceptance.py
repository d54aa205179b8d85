"""The acceptance report: what somebody signs. A verdict first, then what it rests on. Plain values, no files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from migrator.report.news import counted
from migrator.report.values import News
from state.acceptances import LeftPage
from state.questions.notes import NotedItem
from state.questions.outcomes import Outcome, StoredBytes

_OPEN: Mapping[str, str] = {
    "pending": "not migrated yet",
    "failed": "failed",
    "unknown": "in doubt, because the answer to a write was lost",
    "blocked": "blocked by something they need",
    "conflict": "changed on both sides, and nobody has decided",
}
_FINDINGS: Mapping[str, str] = {
    "missing": "missing in QA Sphere",
    "doubled": "twice in QA Sphere",
    "different": "not as they were written",
    "extra": "in QA Sphere that nothing here has made",
    "in_doubt": "under way when a process ended",
    "newer": "written since by another workspace, which went on while this one did not",
}


@dataclass(frozen=True, slots=True)
class ProjectPair:
    """A project on both sides. ``source``: its id there; ``code`` and ``name`` in QA Sphere."""

    source: str
    title: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the items of a kind in a project.

    ``at_source`` + ``made`` = ``there`` + ``folded`` + ``archived`` + ``excluded`` + ``gone`` + ``open``.

    Args:
        made: the source has no such item, it was made for others.
        there: in QA Sphere and, but for ``left``, at the source.
        excluded_since: those of ``there`` that today's rules leave out; QA Sphere keeps them.
        outdated: those of ``there`` about which something is open, such as a conflict.
        open: what is not there, and is to be.
        left: what the source has not any more, and is in QA Sphere.
        replaced: files, such as pages and exports, whose later edition took their place; QA Sphere keeps them.
        left_before: what it has not any more and QA Sphere has not either, such as what was never migrated.
        compared: how many of ``there`` and ``left`` were read back.
    """

    project: str
    kind: str
    at_source: int
    made: int
    there: int
    excluded_since: int
    outdated: int
    folded: int
    archived: int
    excluded: int
    gone: int
    open: int
    left: int
    left_before: int
    replaced: int
    compared: int


@dataclass(frozen=True, slots=True)
class Compared:
    """What ``verify`` has done. Times in seconds since the epoch.

    Args:
        counts: project → kind → items that were read back.
        findings: class → kind → number, ``edited`` ones too.
        depth: label and text, for what was compared how thoroughly.
    """

    began_at: float
    ended_at: float
    counts: Mapping[str, Mapping[str, int]]
    findings: Mapping[str, Mapping[str, int]]
    depth: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What stands on the page beside an ``Overview``.

    Args:
        facts: who ran it with what.
        decided: conflicts that the policy has decided, as code and note.
        files: the first of ``file_count`` files of ``file_bytes`` bytes.
        earlier: the reports before this one.
        beside: name and SHA-256 of the JSON.
    """

    verdict: tuple[News, ...]
    compared: Compared
    facts: tuple[tuple[str, str], ...]
    projects: Sequence[ProjectPair]
    tallies: Sequence[Tally]
    decided: Sequence[tuple[str, NotedItem]] = ()
    more_decided: int = 0
    files: Sequence[StoredBytes] = ()
    file_count: int = 0
    file_bytes: int = 0
    earlier: Sequence[LeftPage] = ()
    beside: tuple[str, str] = ("", "")

    @property
    def columns(self) -> list[tuple[str, str]]:
        """The columns of the tallies that say anything: name and words."""
        return [
            (name, words)
            for name, words in _COLUMNS
            if name in _ALWAYS or any(getattr(tally, name) for tally in self.tallies)
        ]


_COLUMNS = (
    ("at_source", "at the source"),
    ("made", "made for others"),
    ("there", "in QA Sphere"),
    ("excluded_since", "of these excluded since"),
    ("outdated", "of these open, as they were before"),
    ("compared", "read back and compared"),
    ("folded", "part of another item"),
    ("archived", "kept in the archive only"),
    ("excluded", "left out, by a rule or as no bytes can be had"),
    ("gone", "deleted in QA Sphere"),
    ("open", "open"),
    ("left", "in QA Sphere, and left the source since"),
    ("left_before", "left the source, not in QA Sphere"),
    ("replaced", "in QA Sphere, and replaced by a later edition"),
)
_PAST = ("left", "replaced")
_ALWAYS = ("at_source", "there", "compared")


def tallies_of(outcomes: Iterable[Outcome], compared: Mapping[str, Mapping[str, int]]) -> list[Tally]:
    """Return a line per project and kind."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for outcome in outcomes:
        sums = found.setdefault((outcome.project, outcome.kind), {})
        for name in _columns(outcome):
            sums[name] = sums.get(name, 0) + outcome.count
    for (project, kind), sums in found.items():
        sums["compared"] = compared.get(project, {}).get(kind, 0)
    return [
        Tally(project, kind, **{name: sums.get(name, 0) for name, _ in _COLUMNS})
        for (project, kind), sums in found.items()
    ]


def _columns(outcome: Outcome) -> Iterator[str]:
    if outcome.outcome == "left":
        yield "left" if outcome.there else "left_before"
        return
    if outcome.outcome == "replaced":
        yield "replaced"
        return
    yield "made" if outcome.made else "at_source"
    is_open = outcome.outcome in _OPEN
    if not outcome.there:
        yield "open" if is_open else outcome.outcome
        return
    yield "there"
    if is_open:
        yield "outdated"
    elif outcome.outcome == "excluded_since":
        yield "excluded_since"


def fates_ever(outcomes: Iterable[Outcome]) -> dict[str, dict[str, int]]:
    """Return kind → outcome → number of items."""
    found: dict[str, dict[str, int]] = {}
    for outcome in outcomes:
        of_kind = found.setdefault(outcome.kind, {})
        of_kind[outcome.outcome] = of_kind.get(outcome.outcome, 0) + outcome.count
    return found


def is_accepted(verdict: Sequence[News]) -> bool:
    """Whether nothing is open."""
    return verdict[0].tone == "good"


def verdict_of(
    outcomes: Sequence[Outcome], compared: Compared, imbalance: Mapping[str, str], *, losing: int, moment: str
) -> tuple[News, ...]:
    """Return the verdict, then what is open or worth knowing, the worst first.

    Args:
        outcomes: what became of the items.
        compared: what verify found.
        losing: notes that say ``lost``.
        moment: when it was verified, in words.
        imbalance: project → what does not add up.
    """
    news = [News("bad", f"The books of project {name} do not balance: {text}") for name, text in imbalance.items()]
    for name, words in _FINDINGS.items():
        if found := compared.findings.get(name):
            news.append(News("bad", f"{counted(found)} {words}", anchor="h-verified"))
    for name, words in _OPEN.items():
        if waiting := _by_kind(outcomes, name):
            news.append(News("bad", f"{counted(waiting)} {words}", name, "h-problems" if name != "pending" else ""))
    there = _sum({one.kind: one.count} for one in outcomes if one.there and one.outcome not in _PAST)
    first = (
        News("bad", f"Not everything is migrated and verified, as of {moment}: {counted({'point': len(news)})} open.")
        if news
        else News("good", f"Everything migrated and verified on {moment}: {counted(there) or 'nothing'}.")
    )
    return (first, *news, *_remarks(outcomes, compared, losing))


def _remarks(outcomes: Sequence[Outcome], compared: Compared, losing: int) -> list[News]:
    """Return what is no reason not to sign, and must be known by who signs."""
    news = []
    if losing:
        news.append(
            News("warn", f"{counted({'fact': losing})} of the source not in QA Sphere, named below", anchor="h-losses")
        )
    if found := _by_kind(outcomes, "gone"):
        decided = "; this was decided, in the config" if compared.findings.get("deleted") == found else ""
        news.append(News("warn", f"{counted(found)} deleted in QA Sphere since, and not made again{decided}", "gone"))
    if found := _by_kind(outcomes, "excluded_since"):
        news.append(News("plain", f"{counted(found)} excluded since; QA Sphere keeps what it has", "excluded_since"))
    if found := _by_kind([one for one in outcomes if one.there], "left"):
        news.append(News("plain", f"{counted(found)} left the source since; QA Sphere keeps what it has", "left"))
    if edited := compared.findings.get("edited"):
        news.append(News("plain", f"{counted(edited)} edited in QA Sphere by somebody, which is their right"))
    kept = _sum(_by_kind(outcomes, name) for name in ("archived", "excluded"))
    if kept:
        news.append(
            News(
                "plain",
                f"{counted({'item': sum(kept.values())})} kept in the archive only, or left out",
                "archived",
            )
        )
    return news


def _by_kind(outcomes: Iterable[Outcome], name: str) -> dict[str, int]:
    return _sum({outcome.kind: outcome.count} for outcome in outcomes if outcome.outcome == name)


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for by_kind in counts:
        for kind, count in by_kind.items():
            found[kind] = found.get(kind, 0) + count
    return found
