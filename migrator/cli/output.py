"""How results and errors reach people and scripts: decided once per command."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from migrator.app.reports.documents import Status
from migrator.core.errors import MigratorError

FATES = (
    "migrated", "updated", "adopted", "unchanged", "folded", "archived", "excluded", "pending", "conflict", "gone",
    "blocked", "failed", "unknown",
)  # fmt: skip
_WRONG = ("failed", "unknown", "blocked", "conflict")

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


def print_status(status: Status, *, failures_hint: str) -> None:
    """Print troubles first, then the items by kind and fate, the notes, and whether the books balance."""
    for failure in status.failures:
        result.print(
            f"[red]{failure['state']}[/] {failure['kind']} {plain(failure['marker'])} "
            f"“{plain(failure['title'])}”: {plain(failure['cause'])}"
        )
    wrong = status.count(*_WRONG)
    if wrong > len(status.failures):
        result.print(f"… {wrong - len(status.failures)} more; {failures_hint}")
    result.print(_items_table(status))
    print_notes(status.notes)
    for project, text in status.imbalance.items():
        result.print(f"[bold red]the books of project {plain(project)} do not balance[/]: {text}")
    if status.balanced:
        result.print("The books balance: every extracted item has exactly one fate.")
    for project in status.waiting:
        result.print(f"A plan for project {plain(project)} waits; `migrator apply` executes it.")
    for unfinished in status.unfinished:
        result.print(
            f"Project {plain(unfinished['project'])} is not finished (it stands at: {unfinished['phase']});"
            " `migrator run` continues it."
        )


def _items_table(status: Status) -> Table:
    fates = [fate for fate in FATES if status.count(fate)]
    table = Table("kind", *fates, box=None, pad_edge=False, header_style="bold")
    for column in table.columns[1:]:
        column.justify = "right"
    for kind, by_fate in status.items.items():
        table.add_row(kind, *(str(by_fate.get(fate, "")) for fate in fates))
    return table


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
