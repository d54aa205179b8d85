"""What a command answers, as one JSON document: the state of the workspace, a plan, a verification."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any

from pydantic import BaseModel

from migrator.core.note_texts import by_harm, note_text
from migrator.core.notes import UNMAPPED_FIELDS, UNMAPPED_VALUES
from migrator.report.values import Cost
from state.questions.plans import SavedPlan
from state.workspace import Workspace

_WRONG = ("failed", "blocked", "unknown")
_NOT_THERE = ("pending", *_WRONG)


class Status(BaseModel):
    """The contract of ``status --json``.

    Args:
        unfinished: project and phase of what was interrupted.
        waiting: the projects whose plan waits to be applied, and would write something.
        orphaned_files: copies that may lie in QA Sphere without anything that refers to them, because the answer to
            their upload was lost.
        left_behind: how many of them, of ``operation``s begun at the source and not taken, and of ``receipt``s that may
            hang there.
        verified: what the acceptance report says since which nothing was written, with its name; empty when there is
            none.
    """

    items: dict[str, dict[str, int]]
    operations: dict[str, int]
    balanced: bool
    imbalance: dict[str, str] = {}
    unfinished: list[dict[str, str]] = []
    waiting: list[str] = []
    notes: list[dict[str, Any]] = []
    failures: list[dict[str, str]] = []
    orphaned_files: int = 0
    left_behind: dict[str, int] = {}
    verified: str = ""

    def count(self, *fates: str) -> int:
        """Return how many items have one of the fates."""
        return sum(by_fate.get(fate, 0) for by_fate in self.items.values() for fate in fates)

    @property
    def has_failures(self) -> bool:
        """Whether something is failed, blocked or unknown."""
        return self.count(*_WRONG) > 0


class Plan(BaseModel):
    """The contract of ``plan --json``.

    Args:
        items: kind → fate → number, ``pending`` is what will be written.
        actions: kind → create, update, remap, stands, suspect, no_base → number.
        unmapped: values, or with an empty value fields, that no rule knows.
        attention: items that need a person.
    """

    plan_id: str = ""
    items: dict[str, dict[str, int]]
    actions: dict[str, dict[str, int]]
    notes: list[dict[str, Any]]
    unmapped: list[dict[str, Any]]
    attention: list[dict[str, str]]
    cost: Cost

    def planned(self, action: str) -> dict[str, int]:
        """Return kind → number of items with this action."""
        return {kind: by_action[action] for kind, by_action in self.actions.items() if by_action.get(action)}

    def count(self, *fates: str) -> int:
        """Return how many items have one of the fates."""
        return sum(by_fate.get(fate, 0) for by_fate in self.items.values() for fate in fates)

    @property
    def has_changes(self) -> bool:
        """Whether applying it would write anything."""
        return bool(self.planned("create") or self.planned("update"))


class Verification(BaseModel):
    """The contract of ``verify --json``.

    ``edited`` by people is listed and not counted as wrong, nor is ``deleted`` in QA Sphere, as
    ``projects[].deleted_there`` says.

    Args:
        in_doubt: a write was under way when a process ended.
        no_base: found in QA Sphere with other words than the source's, and listed as a conflict or noted since; nobody
            can tell an edit from damage; or files found by name of which the source gives no bytes to compare with. Not
            counted as wrong.
        newer: another workspace has written it since; this one is older than QA Sphere, and the next run adopts it. Not
            counted as wrong.
        open: kind → fate → number of items that are not there yet.
        report: path of the acceptance report, empty when none was left.
        left_out: reason → number of the cases that a slice asks for and that are not to be in QA Sphere.
    """

    checked: dict[str, int] = {}
    missing: list[dict[str, str]] = []
    extra: list[dict[str, str]] = []
    different: list[dict[str, str]] = []
    doubled: list[dict[str, str]] = []
    edited: list[dict[str, str]] = []
    deleted: list[dict[str, str]] = []
    in_doubt: list[dict[str, str]] = []
    no_base: list[dict[str, str]] = []
    newer: list[dict[str, str]] = []
    open: dict[str, dict[str, int]] = {}
    report: str = ""
    left_out: dict[str, int] = {}

    @property
    def is_incomplete(self) -> bool:
        """Whether something is not there yet, or nobody knows whether it is, or there is more than the ledger knows."""
        return bool(self.open or self.in_doubt or self.newer)

    def add_open(self, fates: Mapping[str, Mapping[str, int]], *, rebuilt: bool) -> None:
        """Count what is to be in QA Sphere and is not. In a workspace that was ``rebuilt`` for this, whatever waits has
        been reported as missing already."""
        for kind, by_fate in fates.items():
            for fate in _NOT_THERE:
                if by_fate.get(fate) and not (rebuilt and fate == "pending"):
                    of_kind = self.open.setdefault(kind, {})
                    of_kind[fate] = of_kind.get(fate, 0) + by_fate[fate]

    def add_away(self, standing: Mapping[tuple[str, str], int]) -> None:
        """Count the cases of a slice that are not in QA Sphere. ``standing``: fate and reason → number."""
        for (fate, reason), count in standing.items():
            if fate in _NOT_THERE:
                of_kind = self.open.setdefault("case", {})
                of_kind[fate] = of_kind.get(fate, 0) + count
            else:
                why = f"{fate}: {reason}" if reason else fate
                self.left_out[why] = self.left_out.get(why, 0) + count

    @property
    def wrong(self) -> int:
        """How many findings say that the copy is not what it should be."""
        return len(self.missing) + len(self.extra) + len(self.different) + len(self.doubled)


def plan_of(workspace: Workspace, cost: Cost, projects: Sequence[str] = ()) -> Plan:
    """Return the plan that the workspace holds of these projects, or of all, without its id."""
    books = workspace.books
    unmapped = workspace.notes.unmapped(values=UNMAPPED_VALUES, fields=UNMAPPED_FIELDS, projects=projects)
    return Plan(
        items=books.fates(*projects),
        actions=books.actions(*projects),
        notes=_notes(workspace, projects),
        unmapped=[asdict(value) for value in unmapped],
        attention=[asdict(trouble) for trouble in books.troubles(*projects)],
        cost=cost,
    )


def plan_of_saved(saved: SavedPlan) -> Plan:
    """Return a plan as it was shown, with its id."""
    return Plan.model_validate(saved.document).model_copy(update={"plan_id": saved.plan_id})


def status_of(workspace: Workspace, *, failures: int | None = 0) -> Status:
    """Return the status; with ``failures`` the first so many troubled items (None: all)."""
    books = workspace.books
    left_behind = workspace.leftovers.counts()
    imbalances = books.imbalances()
    return Status(
        items=books.fates(),
        operations=books.operations(),
        balanced=not imbalances,
        imbalance=imbalances,
        waiting=books.to_apply(),
        unfinished=[{"project": project, "phase": phase} for project, phase in books.unfinished()],
        notes=_notes(workspace),
        failures=[asdict(trouble) for trouble in islice(books.troubles(), failures)],
        orphaned_files=left_behind.get("upload", 0),
        left_behind=left_behind,
        verified=f"{standing.name}: {standing.verdict}" if (standing := workspace.acceptances.stands()) else "",
    )


def _notes(workspace: Workspace, projects: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return the notes of these projects, or of all, by code and kind, the worst first."""
    return [
        {
            "code": note.code,
            "kind": note.kind,
            "harm": note_text(note.code).harm,
            "count": note.count,
            "examples": [example.marker for example in note.examples],
        }
        for note in sorted(workspace.notes.groups(projects=projects), key=lambda note: by_harm(note.code))
    ]
