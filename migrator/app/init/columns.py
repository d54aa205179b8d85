"""What the columns of a source whose tests are rows of tables seem to hold, judged by their names and values. Pure."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from mappings.vocabulary import folded, looked_up
from migrator.app.init.text import ProposedRule, Target
from migrator.core.model import Result
from migrator.core.plural import number

_BY = r"\b(?:tested|performed|executed|prepared|completed)\s+by\b|\b(?:tester|preparer)\b(?!.?s\b)"
_ON = (
    r"\b(?:date|day)\b.*\b(?:test(?:ed|ing)?|performed|executed|prepared)\b"
    r"|\b(?:test(?:ed|ing)?|performed|executed|prepared)\s+(?:on|at|date)\b"
)
_SAID = r"\b(?:conclusions?|comments?|remarks?|notes?|explanations?|observations?)\b"
_BAD_NEWS = r"\b(?:exceptions?|deviations?|errors?|issues?|violations?|breach(?:es)?)\b"
_BAD, _GOOD = frozenset({"yes", "y", "true", "✓", "✔"}), frozenset({"no", "n", "none", "false", "✗", "✘"})
_MOSTLY = 0.5


@dataclass(slots=True)
class SeenColumn:
    """A column. ``describes``: it tells what is tested, not how that went."""

    describes: bool
    values: Counter[str] = field(default_factory=Counter)


def take(seen: dict[str, SeenColumn], result: Result) -> None:
    """Add the row of a result to what was seen."""
    for step in result.steps:
        if step.names:
            column = seen.setdefault(step.names[0], SeenColumn(describes=False))
            if step.status:
                column.values[step.status] += 1
    for cell in result.cells:
        column = seen.setdefault(cell.names[0], SeenColumn(describes=not cell.remark))
        column.values[cell.value] += 1


def proposed_columns(seen: Mapping[str, SeenColumn], total: int, statuses: Mapping[str, str]) -> list[ProposedRule]:
    """Propose what columns hold. ``total``: so many results were examined; ``statuses``: words that are known."""
    proposed = []
    for name, column in seen.items():
        if target := _target(name, column, statuses):
            filled = sum(column.values.values())
            values = number(len(column.values), "different value")
            remark = f"filled in {filled} of {number(total, 'result')} examined, {values}"
            proposed.append(ProposedRule(name, target, remark))
    return proposed


def _target(name: str, column: SeenColumn, statuses: Mapping[str, str]) -> Target:
    words = list(column.values)
    if not words:
        return ""
    if not column.describes and _has(_BAD_NEWS, name) and all(folded(word) in _BAD | _GOOD for word in words):
        return {"verdict": {word: "failed" if folded(word) in _BAD else "passed" for word in words}}
    if _share(words, lambda word: looked_up(word, statuses) is not None) >= _MOSTLY:
        return ""  # such as “prepared by the fifth day”: PASS
    if _has(_BY, name):
        return "tester"
    if _has(_ON, name) and _share(words, lambda word: any(map(str.isdigit, word))) >= _MOSTLY:
        return "executed_at"
    return "comment" if _has(_SAID, name) and not column.describes else ""


def _has(pattern: str, name: str) -> bool:
    return re.search(pattern, name, re.IGNORECASE) is not None


def _share(words: Sequence[str], fits: Callable[[str], bool]) -> float:
    return sum(map(fits, words)) / len(words)
