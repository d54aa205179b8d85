"""Plan: lists of the source that are empty although items name what should stand there, or that lost what they held."""

from collections.abc import Mapping, Sequence

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import CeilingReached
from migrator.core.model import Entity
from migrator.core.plural import number
from migrator.core.ports.mapping import HistoryMapper
from migrator.core.ports.source import Abilities
from migrator.core.records import CountedList, Round, ShorterList
from migrator.engine.job import DeletionRules
from state.store import Store

_ALWAYS_LOST = 5
_LEAVING = {"user"}
"""Kinds of which many may be gone for good, and what names them tells of them in words."""


def refuse_empty_lists(
    store: Store, current: Round, rules: HistoryMapper, abilities: Abilities, deletions: DeletionRules | None
) -> None:
    """Raise ``CeilingReached`` when a list is empty that other items name items of, or that has lost all or too much of
    what it held when the last plan was made, or for another stream of this round. A list may be cut short once, and
    what is made without the rest cannot be moved or taken back. Of a list that no plan knew, only few
    items may name what it does not show.

    Where a counter stands beside a list, that decides. Only lists that were read count. Who has none of something,
    such as releases, names none either. ``deletions``: what a sync lets leave, and was asked about before; nobody is
    to answer twice.
    """
    share = rules.max_missing_share
    if share >= 1:
        store.lists.believe(current)
        return
    most_lost = max(share, deletions.share) if deletions else share
    empty = store.lists.empty(current)
    held = store.lists.held_before(current.project)
    asked = {kind: stream for kind, stream in abilities.lists.items() if stream in empty}
    if lost := next((stream for stream in asked.values() if held.get(stream)), None):
        raise _refusal(current, _spoken(lost), "is empty, but held some the last time")
    if found := next((one for one in store.lists.shorter(current) if _lost_much(one, most_lost)), None):
        raise _refusal(current, _name_of(store, found), _words_of(found))
    if rules.keeps != "none":
        _refuse_short_of_count(store, current, most_lost)
    # what nothing names hangs on items, and a handful may leave without being asked for
    if lost := next((stream for stream in empty if held.get(stream, 0) > _ALWAYS_LOST), None):
        raise _refusal(current, _spoken(lost), f"is empty, but held {held[lost]} the last time")
    unused = ("run", "result") if rules.keeps == "none" else ()
    _refuse_empty(store, current, {kind: stream for kind, stream in asked.items() if stream not in held}, unused)
    read = store.lists.read(current)
    new = {kind: stream for kind, stream in abilities.lists.items() if stream in read and stream not in (*held, *empty)}
    _refuse_halves(store, current, new, unused, share)


def _refuse_empty(store: Store, current: Round, asked: Mapping[str, str], unused: Sequence[str]) -> None:
    """Raise for lists that are empty and of which an item names something; ``asked``: by kind."""
    naming = store.lists.naming(current, unused) if asked else {}
    if kind := next((kind for kind in asked if naming.get(kind)), None):
        count = naming[kind]
        names = f"{count} items name some" if count > 1 else "an item names one"
        raise _refusal(current, _spoken(asked[kind]), f"is empty, but {names}")


def _refuse_halves(store: Store, current: Round, new: Mapping[str, str], unused: Sequence[str], share: float) -> None:
    """Raise for lists, by kind, that show too little of what items name."""
    kinds = set(new) - _LEAVING
    if not kinds:
        return
    named, missing = store.lists.unshown(current, kinds, unused)
    for kind, count in missing.items():
        if count > max(_ALWAYS_LOST, int(named[kind] * share)):
            why = f"does not show what {count} of {number(named[kind], 'item names', 'items name')}"
            raise _refusal(current, _spoken(new[kind]), why)


def _refuse_short_of_count(store: Store, current: Round, share: float) -> None:
    """Raise for lists that give too little of what is counted beside them, as results are in their run."""
    for found in store.lists.counted(current):
        if _lacks_much(found, share):
            why = f"holds {found.rows} of {found.counted} that are counted beside it"
            raise _refusal(current, _spoken(found.name), why)


def _lacks_much(found: CountedList, share: float) -> bool:
    """Return whether a list gave none of several at the first load, or lacks more than a handful and a share of what is
    counted. What it lacked when the last plan was made has been noted or believed."""
    if found.lacked is None and found.rows == 0 and found.counted > 1:
        return True
    lacks = found.counted - found.rows - (found.lacked or 0)
    return lacks > max(_ALWAYS_LOST, int(found.counted * share))


def _lost_much(found: ShorterList, share: float) -> bool:
    """Return whether a list has lost all, or more than a handful and a share of it. One that grows while everything is
    read, as by an import, has lost nothing: what a stream has not seen of it comes in the next round."""
    held = found.before or found.most
    return found.least == 0 or held - found.least > max(_ALWAYS_LOST, int(held * share))


def _name_of(store: Store, found: ShorterList) -> str:
    owner = store.archive.get([found.about]).get(found.about)
    about = f"“{owner.title}”" if isinstance(owner, Entity) else found.about
    return f"{_spoken(found.name)} of {about}" if about else _spoken(found.name)


def _words_of(found: ShorterList) -> str:
    if not found.before:
        return f"held {found.most} once and {found.least} another time while everything was read"
    return f"holds {found.least}, but held {found.before} the last time"


def _spoken(stream: str) -> str:
    return stream.replace("_", " ")


def _refusal(current: Round, listed: str, why: str) -> CeilingReached:
    return CeilingReached(
        f"the list of {listed} of project {current.project} {why}; nothing was written",
        code=ErrorCode.LIST_EMPTY,
        cause="the source may not have shown everything, and what is made without it cannot be moved later",
        next_step=f"check whether the source shows this user all of the {listed}, and run again; if the rest was"
        " deleted, set mapping.runs.max_missing_share: 1 for this run",
    )
