"""What ``sync`` answers: what was written, and everything that needs a person, by name."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel

from migrator.core.base import digest_of
from migrator.core.errors import CeilingReached
from migrator.core.notes import NoteCode
from state.questions.notes import NotedItem
from state.workspace import Workspace

EXIT_ITEMS_FAILED = 3

Written = dict[str, Counter[str]]


class SyncReport(BaseModel):
    """The contract of ``sync --json``.

    Args:
        written: kind → fate → number of this round; ``pending`` in a dry run.
        read: project → what was read at the source, ``everything`` or ``changes``.
        items: kind → fate → number of all.
        resolved: conflicts that the policy has decided, with the value that lost.
        deletions: what has left the source.
        by_hand: changes that QA Sphere's API cannot follow.
        refused: projects that were left alone.
        report: path of the page that the round has left; the same for scripts lies beside it, ending in ``.json``.
    """

    dry_run: bool = False
    plan_id: str = ""
    read: dict[str, str] = {}
    written: dict[str, dict[str, int]] = {}
    items: dict[str, dict[str, int]] = {}
    conflicts: list[dict[str, str]] = []
    resolved: list[dict[str, str]] = []
    deletions: list[dict[str, str]] = []
    by_hand: list[dict[str, str]] = []
    gone: list[dict[str, str]] = []
    failures: list[dict[str, str]] = []
    refused: list[dict[str, Any]] = []
    balanced: bool = True
    report: str = ""

    def exit_code(self, *, strict: bool) -> int:
        """Return what the command exits with. ``strict``: conflicts count as unfinished."""
        if self.refused:
            return CeilingReached.exit_code
        return EXIT_ITEMS_FAILED if self.failures or (strict and self.conflicts) else 0

    @property
    def attention(self) -> str:
        """A digest of everything that needs a person: the same as long as nothing new does."""
        lists = (self.conflicts, self.deletions, self.by_hand, self.gone, self.failures, self.refused)
        return digest_of([self.dry_run, *lists])[:16]

    def is_news(self, attention: str) -> bool:
        """Whether something was written or decided, or needs a person otherwise than after the round before."""
        return bool(self.written or self.resolved) or self.attention != (attention or SyncReport().attention)

    def counts(self) -> dict[str, int]:
        """Return how many items were written or need a person, by what happened; without zeros."""
        by_fate: Counter[str] = Counter()
        for fates in self.written.values():
            by_fate.update(fates)
        lists = {
            "conflicts": self.conflicts,
            "conflicts decided": self.resolved,
            "deleted at the source": self.deletions,
            "to do by hand": self.by_hand,
            "deleted in QA Sphere": self.gone,
            "failed": self.failures,
            "projects left alone": self.refused,
        }
        return dict(by_fate) | {name: len(found) for name, found in lists.items() if found}


def sync_report(
    workspace: Workspace, written: Written, refused: Mapping[str, CeilingReached], projects: Collection[str]
) -> SyncReport:
    """Return the report of a round from the books. ``projects``: those that it has come to; of the others, the books
    still tell what an earlier round has decided."""
    books = workspace.books
    troubles: dict[str, list[dict[str, str]]] = {}
    for trouble in books.troubles():
        troubles.setdefault(trouble.state, []).append(asdict(trouble))
    left = [NoteCode.DELETED_AT_SOURCE, NoteCode.RESULTS_DELETED_AT_SOURCE, NoteCode.PARTS_DELETED_AT_SOURCE]
    decided = [NoteCode.CONFLICT_KEPT, NoteCode.CONFLICT_OVERWRITTEN]
    return SyncReport(
        written={kind: dict(fates) for kind, fates in written.items()},
        read=books.readings(),
        items=books.fates(),
        conflicts=troubles.get("conflict", []),
        resolved=[_noted(found) for found in workspace.notes.with_codes(decided) if found.project in projects],
        deletions=[_noted(found) for found in workspace.notes.with_codes(left)],
        by_hand=[_noted(found) for found in workspace.notes.with_codes([NoteCode.CHANGED_AT_SOURCE])],
        gone=troubles.get("gone", []),
        failures=[found for state in ("failed", "unknown", "blocked") for found in troubles.get(state, [])],
        refused=[error.document() for error in refused.values()],
        balanced=not books.imbalances(),
    )


def _noted(found: NotedItem) -> dict[str, str]:
    return {
        "kind": found.kind, "marker": found.marker, "title": found.title, "field": found.field,
        "original": found.original, "cause": found.message,
    }  # fmt: skip
