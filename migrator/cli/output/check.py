"""What check and its probe found, for people."""

import json
import re
from collections.abc import Sequence

from pydantic import JsonValue

from migrator.app.check.run import Preflight
from migrator.cli.output.terminal import result, say, show_table
from migrator.core.plural import number
from migrator.core.ports.inspectable import Line
from migrator.core.probe import ProbeResult

_COLOURS = {"ok": "green", "warning": "yellow", "problem": "red"}
_VERDICTS = {"as_assumed": ("as assumed", "green"), "differs": ("differs", "yellow"), "not_asked": ("not asked", "")}
_WIDEST = 20


def print_preflight(found: Preflight) -> None:
    """Print a line per thing looked at, and what to do about it."""
    for line in _told_once(found.lines):
        say(result, (f"{line.state:<8}", _COLOURS[line.state]), f" {line.subject}: {line.text}")
        if line.next_step:
            say(result, f"         next: {line.next_step}")
    counts = {state: sum(line.state == state for line in found.lines) for state in _COLOURS}
    say(result, f"{counts['ok']} ok, {number(counts['warning'], 'warning')}, {number(counts['problem'], 'problem')}")


def _told_once(lines: Sequence[Line]) -> list[Line]:
    """Return the lines; what is to be done alike for several projects is one line that names all of them, where the
    first of them stood."""
    alike: dict[tuple[str, ...], list[Line]] = {}
    for place, line in enumerate(lines):
        parts = (line.subject, line.state, line.text, line.next_step)
        # what is well is told project by project
        key = tuple(_renamed(part, line, "") for part in parts) if line.next_step else (str(place),)
        alike.setdefault(key, []).append(line)
    told = []
    for first, *more in alike.values():
        names = ", ".join(_name(line) for line in (first, *more))
        renamed = {part: _renamed(getattr(first, part), first, names) for part in ("subject", "text", "next_step")}
        told.append(first.model_copy(update=renamed) if more else first)
    return told


def _name(line: Line) -> str:
    return line.subject.rpartition(" ")[2]


def _renamed(text: str, line: Line, name: str) -> str:
    """Return a text with other words for the project that the line is about; ``source project 12`` has the name 12."""
    return re.sub(rf"\bproject {re.escape(_name(line))}(?!\w)", lambda _: f"project {name}", text)


def print_check_next(found: Preflight) -> None:
    """Say what comes after a check."""
    has_problems = any(line.state == "problem" for line in found.lines)
    again = "next: mend the problems, then `migrator check` again"
    say(result, again if has_problems else "next: `migrator plan`, which writes nothing")


def print_probe(found: ProbeResult) -> None:
    """Print a row per question, then what the different answers change and why others were not asked."""
    rows = [
        (key, _value(answer.expected), _value(answer.found), _VERDICTS[answer.verdict])
        for key, answer in found.answers.items()
    ]
    show_table(("asked", "assumed", "found", ""), rows)
    for key, answer in found.answers.items():
        if answer.verdict == "differs":
            words = f" ({answer.text})" if answer.text else ""
            say(result, (key, "yellow"), f": {answer.question} {_value(answer.found)}{words}")
            say(result, f"         changes: {answer.matters or 'nothing'}")
        elif answer.verdict == "not_asked":
            say(result, f"{key}: not asked, {answer.text}")
    counts = {verdict: sum(a.verdict == verdict for a in found.answers.values()) for verdict in _VERDICTS}
    say(
        result,
        f"project {found.project}: {counts['as_assumed']} as assumed, {counts['differs']} differ,"
        f" {counts['not_asked']} not asked; kept in probe.json of the workspace",
    )


def _value(value: JsonValue) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        text = " ".join(str(part) for part in value)
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
