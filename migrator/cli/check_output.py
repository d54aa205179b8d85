"""What check found, for people."""

from migrator.app.check import Preflight
from migrator.cli.output import plain, result

_COLOURS = {"ok": "green", "warning": "yellow", "problem": "red"}


def print_preflight(found: Preflight) -> None:
    """Print a line per thing looked at, and what to do about it."""
    for line in found.lines:
        result.print(f"[{_COLOURS[line.state]}]{line.state:<8}[/] {plain(line.subject)}: {plain(line.text)}")
        if line.next_step:
            result.print(f"         next: {plain(line.next_step)}")
    counts = {state: sum(line.state == state for line in found.lines) for state in _COLOURS}
    result.print(f"{counts['ok']} ok, {counts['warning']} warnings, {counts['problem']} problems")
