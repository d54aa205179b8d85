"""How results and errors reach people and scripts: decided once per command."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from migrator.core.errors import MigratorError

talk = Console(stderr=True, highlight=False, soft_wrap=True)
result = Console(highlight=False, soft_wrap=True)


def print_json(document: Any) -> None:
    """Print one JSON document on stdout."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def print_error(error: MigratorError, *, as_json: bool) -> None:
    """Say what happened, why, and what to do next."""
    if as_json:
        print_json(
            {
                "error": {
                    "code": error.code.value.code,
                    "message": error.message,
                    "cause": error.cause,
                    "next_step": error.next_step,
                    "exit_code": error.exit_code,
                }
            }
        )
    talk.print(f"[bold red]error {error.code.value.code}[/]: {plain(error.message)}")
    if error.cause:
        talk.print(f"  because: {plain(error.cause)}")
    if error.next_step:
        talk.print(f"  next: {plain(error.next_step)}")


def print_notes(notes: Sequence[Mapping[str, Any]]) -> None:
    """Print the notes as a table, the worst first."""
    if not notes:
        return
    table = Table("harm", "note", "kind", "count", "for example", box=None, pad_edge=False, header_style="bold")
    table.columns[3].justify = "right"
    for note in notes:
        table.add_row(note["harm"], note["code"], note["kind"], str(note["count"]), plain(note["examples"][0]))
    result.print(table)


def plain(text: str) -> str:
    """Escape what rich would take for markup."""
    return text.replace("[", "\\[")


def counts(by_kind: Mapping[str, int]) -> str:
    """Return e.g. ``1 project, 64 cases``."""
    return ", ".join(f"{count} {kind}{'s' if count != 1 else ''}" for kind, count in by_kind.items())
