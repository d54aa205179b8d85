"""Plan: withdraw what a slice leaves for later. Those items stay pending, and the next round plans them anew."""

from collections.abc import Callable, Iterator, Sequence
from typing import cast

from migrator.core.drafts import CaseDraft, FileDraft, RunDraft
from migrator.core.model import Folder, ItemKind, TestCase
from migrator.core.records import Operation, Round, Verb
from migrator.engine.plan.files import FilePlanner
from migrator.engine.slice import Slice
from state.store import Store

_CHUNK = 200
_LATER = "left for later by the slice that was asked for"


def hold_back(store: Store, current: Round, slices: Sequence[Slice], files: FilePlanner) -> None:
    """Keep what is planned for the cases that every slice takes, with what they need and what needs nothing else."""
    if not slices:
        return
    paths = folder_paths_at_source(store, current)
    left = min((part.limit for part in slices if part.limit is not None), default=None)
    for verb in ("create", "update"):
        for chunk in _planned(store, current, "case", verb):
            cases = store.archive.get([operation.marker for operation in chunk])
            later = []
            for operation in chunk:
                case, tags = cases.get(operation.marker), cast(CaseDraft, operation.draft).tags
                taken = isinstance(case, TestCase) and all(part.takes(case, tags, paths) for part in slices)
                if taken and left is not None:
                    taken, left = left > 0, left - 1
                if not taken:
                    later.append(operation.marker)
            store.planning.hold_back(current, later, _LATER)
    for chunk in _planned(store, current, "run", "create"):
        later = [run.marker for run in chunk if not _has_its_cases(store, cast(RunDraft, run.draft))]
        store.planning.hold_back(current, later, _LATER)
    store.planning.hold_back_results(current, _LATER)
    for chunk in _planned(store, current, "file", "create"):
        drafts = [cast(FileDraft, operation.draft) for operation in chunk]
        held = store.planning.held_back(current, [draft.owner for draft in drafts])
        unwanted = [draft for draft in drafts if draft.owner in held]
        store.planning.hold_back(current, [draft.marker for draft in unwanted], _LATER)
        files.take_back(unwanted)
    store.planning.hold_back_unneeded(current, _LATER)


def cases_there(store: Store, current: Round, slices: Sequence[Slice]) -> frozenset[str]:
    """Return the markers of the cases in QA Sphere that every slice takes, the first of them where there is a limit."""
    paths = folder_paths_at_source(store, current)
    limit = min((part.limit for part in slices if part.limit is not None), default=None)
    found: list[str] = []
    for holding in store.ledger.each(current.project, "case"):
        draft = cast(CaseDraft, holding.draft)
        case = store.archive.get([draft.marker]).get(draft.marker)
        if isinstance(case, TestCase) and all(part.takes(case, draft.tags, paths) for part in slices):
            found.append(draft.marker)
    return frozenset(found[:limit])


def folder_paths_at_source(store: Store, current: Round) -> Callable[[str], Sequence[str]]:
    """Return what gives the path of a folder at the source, by its marker; empty for one that is not listed there."""
    folders = {folder.ref.marker: folder for folder in store.archive.entities(current, Folder)}

    def path(marker: str) -> Sequence[str]:
        names: list[str] = []
        seen: set[str] = set()
        while (folder := folders.get(marker)) and marker not in seen:
            seen.add(marker)
            names.append(folder.title)
            marker = folder.parent.marker if folder.parent else ""
        return names[::-1]

    return path


def _planned(store: Store, current: Round, kind: ItemKind, verb: Verb) -> Iterator[Sequence[Operation]]:
    after = -1
    while chunk := store.journal.planned(current.project, kind, _CHUNK, verb=verb, after=after):
        yield chunk
        after = chunk[-1].position


def _has_its_cases(store: Store, run: RunDraft) -> bool:
    there = store.ledger.entries(run.cases).keys() | store.journal.operation_states(run.cases, "create").keys()
    return all(case in there for case in run.cases)
