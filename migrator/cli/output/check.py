"""What check and its probe found, for people."""

import json

from pydantic import JsonValue

from migrator.app.check.run import Preflight
from migrator.cli.output.terminal import result, say, show_table
from migrator.core.plural import number
from migrator.core.probe import ProbeResult

_COLOURS = {"ok": "green", "warning": "yellow", "problem": "red"}
_VERDICTS = {"as_assumed": ("as assumed", "green"), "differs": ("differs", "yellow"), "not_asked": ("not asked", "")}
_WIDEST = 20


def print_preflight(found: Preflight) -> None:
    """Print a line per thing looked at, and what to do about it."""
    for line in found.lines:
        say(result, (f"{line.state:<8}", _COLOURS[line.state]), f" {line.subject}: {line.text}")
        if line.next_step:
            say(result, f"         next: {line.next_step}")
    counts = {state: sum(line.state == state for line in found.lines) for state in _COLOURS}
    say(result, f"{counts['ok']} ok, {number(counts['warning'], 'warning')}, {number(counts['problem'], 'problem')}")


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
