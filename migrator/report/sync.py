"""What a round of ``sync`` did, as one page without scripts: it is read in mails, and kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from migrator.report.html import scriptless
from migrator.report.news import counted
from migrator.report.values import Change, News, Tone

_WRITTEN = (
    ("updated", "updated", "updated"), ("migrated", "created", "created"), ("adopted", "found and adopted", "created"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """One item of a round.

    Args:
        code: ``CODE-SEQ`` in QA Sphere.
        address, old_address: as in ``Row``.
        reason: why it stands here.
        next_step: what to do about it.
        value: what a note keeps of ``field``.
        is_new: the report before did not say it.
    """

    kind: str
    title: str
    marker: str
    state: str = ""
    reason: str = ""
    next_step: str = ""
    field: str = ""
    value: str = ""
    code: str = ""
    address: str = ""
    old_address: str = ""
    changes: tuple[Change, ...] = ()
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands over a section, how bad it is, and what it means. ``noun`` and ``news``: how the summary says it."""

    text: str
    tone: Tone
    noun: str = ""
    news: str = ""
    hint: str = ""


HEADINGS: Mapping[str, Heading] = {
    "refused": Heading(
        "Projects that were left alone", "bad", "project", "left alone: too much has left the source at once"
    ),
    "failures": Heading("Failed, in doubt or blocked", "bad", "item", "failed, in doubt or blocked"),
    "conflicts": Heading(
        "Conflicts",
        "bad",
        "item",
        "in conflict: nothing is sent until that is resolved",
        "Changed on both sides. Settle them in QA Sphere or at the source, or let `sync.conflicts` decide.",
    ),
    "resolved": Heading(
        "Conflicts that the policy has decided",
        "warn",
        "value",
        "lost by the policy for conflicts",
        "Below each stands the value that lost. It stays in the workspace, too.",
    ),
    "deletions": Heading(
        "Deleted at the source", "warn", "deletion", "at the source", "Nothing is ever deleted in QA Sphere."
    ),
    "by_hand": Heading(
        "To do by hand", "warn", "change", "to bring over by hand", "QA Sphere's API cannot follow these changes."
    ),
    "gone": Heading("Deleted in QA Sphere", "warn", "item", "deleted in QA Sphere", "They are not made again."),
}
"""The lists of a report, the worst first."""
UPDATED = Heading("Updated", "good")


@dataclass(frozen=True, slots=True)
class Section:
    """Items that something happened to in the same way.

    Args:
        left, right: what the two values of a field are.
        more: how many are counted and not listed.
        number: of all.
    """

    name: str
    heading: Heading
    told: tuple[Told, ...]
    left: str = "in QA Sphere"
    right: str = "at the source"
    more: int = 0

    @property
    def number(self) -> int:
        """How many there are, listed or not."""
        return len(self.told) + self.more


@dataclass(frozen=True, slots=True)
class SyncPage:
    """A round. Times in seconds since the epoch. ``finished`` False: written while the round went on.

    Args:
        updated: with old and new values.
        created: everything else that was written.
        results: title of the run and number of its new results.
        more: written items that are only counted.
        written: kind → fate → number.
    """

    began_at: float
    ended_at: float
    finished: bool
    facts: tuple[tuple[str, str], ...]
    written: Mapping[str, Mapping[str, int]]
    updated: Section
    created: tuple[Told, ...]
    more: int = 0
    results: tuple[tuple[str, int], ...] = ()
    sections: tuple[Section, ...] = ()
    is_balanced: bool = True

    @property
    def more_results(self) -> int:
        """How many new results stand in runs that are not listed."""
        return sum(self.written.get("result", {}).values()) - sum(count for _, count in self.results)

    @property
    def news(self) -> tuple[News, ...]:
        """What a reader with ten seconds has to know, the worst first."""
        news = [] if self.is_balanced else [News("bad", "The books do not balance; `migrator status` says where")]
        if not self.finished:
            news.append(News("warn", "The round was not over when this was written; the next report tells the rest."))
        news += [
            News(
                section.heading.tone,
                f"{counted({section.heading.noun: section.number})} {section.heading.news}",
                anchor=section.name,
            )
            for section in self.sections
            if section.number
        ]
        for fate, words, anchor in _WRITTEN:
            by_kind = {kind: fates[fate] for kind, fates in self.written.items() if fates.get(fate)}
            if by_kind:
                news.append(News("good", f"{counted(by_kind)} {words}", anchor=anchor))
        return tuple(news)


def sync_html(page: SyncPage) -> Iterator[str]:
    """Yield the file piece by piece."""
    return scriptless("sync", page=page)
