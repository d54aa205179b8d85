"""How results and errors reach people and scripts: decided once per command."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.table import Table

from migrator.core.errors import MigratorError, TemporaryError

talk = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def _delivered() -> Iterator[None]:
    """Write to stdout in the block. Whoever read it may have gone, which changes nothing of what was done; what cannot
    be written for another reason ends the program, in words."""
    try:
        yield
    except OSError as error:
        # what is still buffered would raise once more when the program ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
        if isinstance(error, BrokenPipeError):
            return
        talk.print(f"[bold red]error[/]: the answer could not be written: {plain(str(error))}")
        talk.print("  next: the work itself is done and recorded; ask `migrator status`")
        raise SystemExit(TemporaryError.exit_code) from error


class _Answer(Console):
    """What is printed on stdout for people."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print like any console, and see that it arrives."""
        with _delivered():
            super().print(*objects, **options)

    def on_broken_pipe(self) -> None:
        """Do not end the program, as rich would: what was asked for is done."""
        raise BrokenPipeError


result = _Answer(highlight=False, soft_wrap=True)


def print_json(document: Any) -> None:
    """Print one JSON document on stdout; nowhere when that was closed."""
    if sys.stdout is None:
        return
    with _delivered():
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        sys.stdout.flush()


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
