"""Facts, and the judgement of where each of them is."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from migrator.core.text import visible_text
from tests.facts.evidence import Evidence

Place = Literal["destination", "note", "archive only", "nowhere"]
PLACES: tuple[Place, ...] = ("destination", "note", "archive only", "nowhere")
_WORD = re.compile(r"\w+")
_TAG = re.compile(r"<[^>]*>")
_FEW = 1


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the source says.

    Args:
        kind: what it is a fact of, and which, such as ``defect status``.
        owners: markers of the items where people look for it; any of them will do.
        words: how it may be written, as HTML or plain text; any of them will do.
        sha256: of the bytes that it is about, instead of words.
        by_people: people wrote or did it, so that the archive is no place for it.
    """

    kind: str
    owners: tuple[str, ...]
    words: tuple[str, ...] = ()
    sha256: str = ""
    by_people: bool = True


@dataclass(frozen=True, slots=True)
class Judged:
    """A fact, and where it is."""

    fact: Fact
    place: Place


def judged(facts: Iterable[Fact], evidence: Evidence) -> Iterator[Judged]:
    """Yield where each fact is: at the best of the places that it is at."""
    for fact in facts:
        yield Judged(fact, _place(fact, evidence))


def table(found: Iterable[Judged]) -> Mapping[str, Counter[Place]]:
    """Return kind → how many facts are at which place."""
    counts: dict[str, Counter[Place]] = {}
    for one in found:
        counts.setdefault(one.fact.kind, Counter())[one.place] += 1
    return counts


def printed(counts: Mapping[str, Counter[Place]]) -> str:
    """Return the table for people, with a line of sums."""
    total: Counter[Place] = sum(counts.values(), Counter())
    width = max(len(kind) for kind in counts) + 2
    lines = [f"{'':{width}}" + "".join(f"{place:>14}" for place in PLACES)]
    for kind, row in (*sorted(counts.items()), ("all", total)):
        lines.append(f"{kind:{width}}" + "".join(f"{row[place] or '-':>14}" for place in PLACES))
    share = "".join(f"{100 * total[place] / max(1, total.total()):>13.2f}%" for place in PLACES)
    return "\n".join([*lines, f"{'':{width}}{share}"])


def _place(fact: Fact, evidence: Evidence) -> Place:
    if fact.sha256:
        if any(fact.sha256 in evidence.files.get(owner, ()) for owner in fact.owners):
            return "destination"
        return "note" if any(evidence.notes.get(owner) for owner in fact.owners) else "nowhere"
    wanted = [_plain(text) for words in fact.words for text in (words, visible_text(words), _TAG.sub(" ", words))]
    places: tuple[tuple[Place, Mapping[str, str]], ...] = (
        ("destination", evidence.here),
        ("note", evidence.notes),
        ("archive only", evidence.archive),
    )
    for place, texts in places:
        if any(_stands(wanted, texts.get(owner, "")) for owner in fact.owners):
            return place
    return "nowhere"


def _stands(wanted: Iterable[str], text: str) -> bool:
    """Whether any of the wanted words stand in a text: together, or, when they are many, with others between them, such
    as the address of a link."""
    there = _plain(text)
    single = set(there.split())
    return any(
        f" {words} " in f" {there} " or (words.count(" ") >= _FEW and single.issuperset(words.split()))
        for words in wanted
        if words
    )


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text))
