"""What a command answers: the state of the workspace as one JSON document."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from state.books import Trouble
from state.workspace import Workspace

_WRONG = ("failed", "blocked", "unknown")


class Status(BaseModel):
    """The contract of ``status --json``. ``unfinished``: project and phase of what was interrupted."""

    items: dict[str, dict[str, int]]
    operations: dict[str, int]
    balanced: bool
    imbalance: dict[str, str] = {}
    unfinished: list[dict[str, str]] = []
    notes: list[dict[str, Any]] = []
    failures: list[dict[str, str]] = []

    def count(self, *fates: str) -> int:
        """Return how many items have one of the fates."""
        return sum(by_fate.get(fate, 0) for by_fate in self.items.values() for fate in fates)

    @property
    def has_failures(self) -> bool:
        """Whether something is failed, blocked or unknown."""
        return self.count(*_WRONG) > 0


def status_of(workspace: Workspace, *, failures: int | None = 0) -> Status:
    """Return the status; with ``failures`` the first so many troubled items (None: all)."""
    books = workspace.books
    imbalances = books.imbalances()
    return Status(
        items=books.fates(),
        operations=books.operations(),
        balanced=not imbalances,
        imbalance=imbalances,
        unfinished=[{"project": project, "phase": phase} for project, phase in books.unfinished()],
        notes=[
            {"code": note.code, "kind": note.kind, "count": note.count, "examples": list(note.examples)}
            for note in books.notes()
        ],
        failures=[_failure(trouble) for trouble in _first(books.troubles(), failures)],
    )


def _first(troubles: Iterator[Trouble], limit: int | None) -> Iterator[Trouble]:
    for number, trouble in enumerate(troubles):
        if limit is not None and number >= limit:
            return
        yield trouble


def _failure(trouble: Trouble) -> dict[str, str]:
    return {
        "kind": trouble.kind,
        "marker": trouble.marker,
        "title": trouble.title,
        "state": trouble.state,
        "cause": trouble.cause,
    }
