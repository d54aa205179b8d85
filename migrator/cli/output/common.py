"""How results and errors reach people and scripts: decided once per command."""

from collections.abc import Mapping, Sequence
from typing import Any

from migrator.cli.output.terminal import Manner, print_json, say, say_json, show_table, talk
from migrator.core.errors import MigratorError
from migrator.core.plural import number


def print_error(error: MigratorError, *, as_json: bool) -> None:
    """Say what happened, why, and what to do next."""
    if as_json:
        print_json({"error": error.document()})
    if Manner.is_json:
        say_json({"error": error.document()})
        return
    word, colour = ("error", "bold red") if error.exit_code else ("nothing to do", "bold")
    say(talk, (f"{word} {error.code.value.code}", colour), f": {error.message}")
    if error.cause:
        say(talk, f"  because: {error.cause}")
    if error.next_step:
        say(talk, f"  next: {error.next_step}")


def print_notes(notes: Sequence[Mapping[str, Any]]) -> None:
    """Print the notes as a table, the worst first."""
    if not notes:
        return
    rows = [(note["harm"], note["code"], note["kind"], str(note["count"]), note["examples"][0]) for note in notes]
    show_table(("harm", "note", "kind", "count", "for example"), rows, numbers=[3])


def counts(by_kind: Mapping[str, int]) -> str:
    """Return e.g. ``1 project, 64 cases``."""
    return ", ".join(number(count, kind) for kind, count in by_kind.items())
