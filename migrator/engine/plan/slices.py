"""Plan: withdraw what a slice leaves for later. Those items stay pending, and the next round plans them anew."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from itertools import islice
from typing import cast
from urllib.parse import unquote

from migrator.core.drafts import CaseDraft, FileDraft, RunDraft
from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError
from migrator.core.model import Folder, ItemKind, TestCase
from migrator.core.nearest import nearest_paths
from migrator.core.records import Operation, Round, Verb
from migrator.engine.plan.files import FilePlanner
from migrator.engine.slice import Slice, case_names
from state.store import Store

_CHUNK = 200
_NO_USE_ALONE: frozenset[tuple[ItemKind, Verb]] = frozenset((("project", "create"), ("file", "create")))
_LATER = "left for later by the slice that was asked for"


def hold_back(store: Store, current: Round, slices: Sequence[Slice], files: FilePlanner) -> None:
    """Keep what is planned for the cases that every slice takes, with what they need and what needs nothing else."""
    if not slices:
        return
    _hold_back_cases(store, current, slices)
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
    _hold_back_what_nothing_uses(store, current, files)


def unmatched_by(store: Store, current: Round, part: Slice) -> Sequence[str]:
    """Return what a slice of the config names and the project does not have, once cases of it were migrated: the last
    one with a tag or an owner may have lost it, or have gone. Raises ``ConfigError`` for a project that is new, and for
    ids and folders, which never come to that."""
    if not store.ledger.count(current.project, "case"):
        refuse_unmatched(store, [current], part)
    refuse_unmatched(store, [current], replace(part, owners=(), tags=()))
    return _unknown_people_and_tags(store, [current], part)


def refuse_unmatched(store: Store, rounds: Sequence[Round], part: Slice) -> None:
    """Raise ``ConfigError`` when a slice names what none of the planned projects has, as a misspelt one does."""
    unmatched = [*_unknown_ids(store, rounds, part.ids), *_unknown_folder(store, rounds, part.folder)]
    unmatched += _unknown_people_and_tags(store, rounds, part)
    if unmatched:
        raise ConfigError(
            "the slice names what is not at the source",
            code=ErrorCode.SLICE_UNMATCHED,
            cause="; ".join(unmatched),
            next_step="correct --only or --folder, or `only` of the project in the config; nothing was written",
        )


def _unknown_ids(store: Store, rounds: Sequence[Round], ids: Sequence[str]) -> Iterator[str]:
    """Yield each id that no case has or had, with the nearest ones: one that has left the source is no mistake."""
    missing = set(ids)
    for current in rounds if missing else ():
        for marker in store.archive.case_markers(current.project):
            missing -= _names_of(marker)
    for case in _cases(store, rounds) if missing else ():  # a marker that was too long does not tell the ids
        missing -= case_names(case)
    if missing:
        there = [case.ref.ids[-1] for case in _cases(store, rounds)]
        for ident in sorted(missing):
            near = get_close_matches(ident.rpartition("/")[2], there) or there[:3]
            yield f"no case has the id “{ident}”; nearest: {_listed(near)}"


def _unknown_folder(store: Store, rounds: Sequence[Round], folder: str) -> Iterator[str]:
    if not folder:
        return
    paths: set[str] = set()
    for current in rounds:
        path_of = _spoken_paths(store, current)
        paths |= {"/".join(path_of(marker)) for marker in store.archive.markers(current, Folder)}
    if not any(f"{path}/".startswith(f"{folder}/") for path in paths):
        yield f"there is no folder “{folder}”; nearest: {_listed(nearest_paths(folder, sorted(paths)))}"


def _unknown_people_and_tags(store: Store, rounds: Sequence[Round], part: Slice) -> list[str]:
    unmatched: list[str] = []
    for name, words, known in (("owner", part.owners, _owners), ("tag", part.tags, _tags)):
        unmatched += _unknown(name, words, known(store, rounds) if words else ())
    return unmatched


def _unknown(name: str, words: Sequence[str], known: Iterable[str]) -> Iterator[str]:
    there = {word.casefold(): word for word in known}
    for word in words:
        if word.casefold() not in there:
            near = [there[one] for one in get_close_matches(word.casefold(), there)] or sorted(there.values())[:3]
            yield f"no case has the {name} “{word}”; nearest: {_listed(near)}"


def _owners(store: Store, rounds: Sequence[Round]) -> set[str]:
    return {case.owner.name for case in _cases(store, rounds) if case.owner and case.owner.name}


def _tags(store: Store, rounds: Sequence[Round]) -> set[str]:
    """Return the tags of all cases, those that are there and those that are planned."""
    found: set[str] = set()
    for current in rounds:
        for holding in store.ledger.each(current.project, "case"):
            found.update(cast(CaseDraft, holding.draft).tags)
        for verb in ("create", "update"):
            for chunk in _planned(store, current, "case", verb):
                found.update(tag for operation in chunk for tag in cast(CaseDraft, operation.draft).tags)
    return found


def _cases(store: Store, rounds: Sequence[Round]) -> Iterator[TestCase]:
    return (case for current in rounds for case in store.archive.entities(current, TestCase))


def _names_of(marker: str) -> set[str]:
    ids = [unquote(part) for part in marker.split(":", 2)[-1].split("/")]
    return {marker, ids[-1], "/".join(ids)}


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names) or "there are none"


def _hold_back_cases(store: Store, current: Round, slices: Sequence[Slice]) -> None:
    paths = _spoken_paths(store, current)
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


def _hold_back_what_nothing_uses(store: Store, current: Round, files: FilePlanner) -> None:
    """Withdraw the project and its files where nothing else is planned."""
    if store.journal.planned_counts(current.project).keys() - _NO_USE_ALONE:
        return
    for chunk in _planned(store, current, "file", "create"):
        store.planning.hold_back(current, [operation.marker for operation in chunk], _LATER)
        files.take_back([cast(FileDraft, operation.draft) for operation in chunk])
    for chunk in _planned(store, current, "project", "create"):
        store.planning.hold_back(current, [operation.marker for operation in chunk], _LATER)


def cases_there(store: Store, current: Round, slices: Sequence[Slice]) -> frozenset[str]:
    """Return the markers of the cases in QA Sphere that every slice takes, the first of them where there is a limit."""
    paths = _spoken_paths(store, current)
    limit = min((part.limit for part in slices if part.limit is not None), default=None)
    found: list[str] = []
    for holding in store.ledger.each(current.project, "case"):
        draft = cast(CaseDraft, holding.draft)
        case = store.archive.get([draft.marker]).get(draft.marker)
        if isinstance(case, TestCase) and all(part.takes(case, draft.tags, paths) for part in slices):
            found.append(draft.marker)
    return frozenset(found[:limit])


def cases_away(store: Store, current: Round, part: Slice, there: Collection[str]) -> Sequence[str]:
    """Return the markers of the cases that the slice takes and that are not ``there``; with a limit, what it still
    leaves room for."""
    paths = _spoken_paths(store, current)
    room = None if part.limit is None else part.limit - len(there)
    away = (
        case.ref.marker
        for case in _cases(store, [current])
        if case.ref.marker not in there and part.takes(case, (), paths)
    )
    return list(islice(away, room))


def _spoken_paths(store: Store, current: Round) -> Callable[[str], Sequence[str]]:
    """Return what gives the path of a folder as an option names it: without blanks around titles."""
    path_of = folder_paths_at_source(store, current)
    return lambda marker: [title.strip() for title in path_of(marker)]


def folder_paths_at_source(store: Store, current: Round) -> Callable[[str], Sequence[str]]:
    """Return what gives the path of a folder at the source, by its marker; empty for one that is not listed there. Of
    folders that lie within each other the one with the lowest id is the top, as in QA Sphere."""
    folders = {folder.ref.marker: folder for folder in store.archive.entities(current, Folder)}

    def path(marker: str) -> Sequence[str]:
        trail: dict[str, Folder] = {}
        while (folder := folders.get(marker)) and marker not in trail:
            trail[marker] = folder
            marker = folder.parent.marker if folder.parent else ""
        found = list(trail.values())
        if marker in trail:
            ring = found[list(trail).index(marker) :]
            found = found[: found.index(min(ring, key=_by_id)) + 1]
        return [folder.title for folder in reversed(found)]

    return path


def _by_id(folder: Folder) -> tuple[int, int, str]:
    ident = folder.ref.ids[-1]
    return (0, int(ident), "") if ident.isdecimal() else (1, 0, ident)


def _planned(store: Store, current: Round, kind: ItemKind, verb: Verb) -> Iterator[Sequence[Operation]]:
    after = -1
    while chunk := store.journal.planned(current.project, kind, _CHUNK, verb=verb, after=after):
        yield chunk
        after = chunk[-1].position


def _has_its_cases(store: Store, run: RunDraft) -> bool:
    there = store.ledger.entries(run.cases).keys() | store.journal.operation_states(run.cases, "create").keys()
    return all(case in there for case in run.cases)
