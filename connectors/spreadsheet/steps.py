"""The steps of a case: a row for each, columns of their own, or numbered lines in one cell. Pure."""

import re
from collections.abc import Sequence

from connectors.spreadsheet.headers import Layout
from connectors.spreadsheet.rows import Cells
from migrator.core.model import RichText, Step

_NUMBERED = re.compile(r"\s*(\d{1,3})[.)]\s+(.*)", re.DOTALL)


def steps_of(rows: Sequence[Cells], layout: Layout) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """Return the steps that the rows of a case hold, and the columns of one text that are none because it has separate
    steps. ``rows``: column → text."""
    texts = tuple(layout.as_text.values())
    if steps := _separate(rows, layout):
        return steps, texts
    names = [layout.as_text.get(name, "") for name in ("steps", "expected")]
    pairs = (tuple(row.get(name, "").strip() for name in names) for row in rows)
    return tuple(
        _step(*pair) for action, expected in pairs if action or expected for pair in _lines(action, expected)
    ), ()


def _separate(rows: Sequence[Cells], layout: Layout) -> tuple[Step, ...]:
    numbers = sorted({*layout.steps, *layout.expected})
    steps: list[Step] = []
    for row in rows:
        for number in numbers:
            action = row.get(layout.steps.get(number, ""), "").strip()
            expected = row.get(layout.expected.get(number, ""), "").strip()
            if action or expected:
                pairs = [(action, expected)] if layout.is_numbered else _lines(action, expected)
                steps += [_step(*pair) for pair in pairs]
    return tuple(steps)


def _lines(action: str, expected: str) -> list[tuple[str, str]]:
    """Return the steps in one cell. What is expected goes to the step of its number, or else to the last one."""
    actions = _by_number(action)
    if len(actions) <= 1:
        return [(action, expected)]
    results = _by_number(expected, gaps=True)
    if not results or not set(results) <= set(actions):
        results = {len(actions): expected}
    return [(text, results.get(number, "")) for number, text in actions.items()]


def _by_number(text: str, *, gaps: bool = False) -> dict[int, str]:
    """Return number → text of lines that are numbered 1, 2, 3; empty when they are not. Other lines go on with the one
    above. ``gaps``: numbers may be left out."""
    found: dict[int, list[str]] = {}
    last = 0
    for line in text.strip().splitlines():
        match = _NUMBERED.fullmatch(line)
        if match and (int(match[1]) == last + 1 or (gaps and int(match[1]) > last)):
            last = int(match[1])
            found[last] = [match[2]]
        elif not found:
            return {}
        else:
            found[last].append(line)
    return {number: "\n".join(lines).strip() for number, lines in found.items()}


def _step(action: str, expected: str) -> Step:
    return Step(action=RichText(value=action), expected=RichText(value=expected))
