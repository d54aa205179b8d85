"""Plan: how many cases will be written twice, because something that they name comes after them."""

from typing import cast

from migrator.core.drafts import CaseDraft
from migrator.core.records import Operation
from migrator.core.refs import lists_pages
from migrator.engine.references import names_in
from state.sent.journal import Journal


def second_writes(journal: Journal, project: str) -> int:
    """Return how many planned cases will be made without something that they name, and get it by an update.

    That is a case that is made later, such as one that waits for its files, or for a case that lists pages, and does
    not wait, a file. Folders take turns and answers take time, so it may be some more or less. Memory stays flat.
    """
    return sum(_is_written_twice(journal, operation) for operation in journal.creates_that_name(project))


def _is_written_twice(journal: Journal, operation: Operation) -> bool:
    if lists_pages(operation.marker) and _awaits_files(journal, operation):
        return True
    named = [marker for kind, marker in names_in(cast(CaseDraft, operation.draft)) if kind == "case"]
    turn = _turn(journal, operation)
    return any(_turn(journal, other) > turn for other in journal.open_creates(named))


def _turn(journal: Journal, operation: Operation) -> tuple[bool, int]:
    """Return what sorts cases in the order in which they are made."""
    return not lists_pages(operation.marker) and _awaits_files(journal, operation), operation.position


def _awaits_files(journal: Journal, operation: Operation) -> bool:
    files = [marker for kind, marker in names_in(cast(CaseDraft, operation.draft)) if kind == "file"]
    return journal.under_way(files) is not None
