"""Plan: lists of the source that are empty although items name what should stand in them, or that held some before."""

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import CeilingReached
from migrator.core.ports.mapping import HistoryMapper
from migrator.core.ports.source import Abilities
from migrator.core.records import Round
from state.store import Store


def refuse_empty_lists(store: Store, current: Round, rules: HistoryMapper, abilities: Abilities) -> None:
    """Raise ``CeilingReached`` when a list is empty that other items name items of, or that held some when the last
    plan was made. A list may be empty once, and what is made without it cannot be moved or taken back.

    Only lists that were read count. Who has none of something, such as releases,
    names none either.
    """
    if rules.max_missing_share >= 1:
        return
    empty = store.lists.empty(current)
    held = store.lists.held_before(current.project)
    asked = {kind: stream for kind, stream in abilities.lists.items() if stream in empty}
    if lost := next((stream for stream in asked.values() if stream in held), None):
        raise _refusal(current, lost, "it held some the last time")
    if abilities.lists_per_folder and (folder := store.lists.emptied_folder(current)):
        raise _refusal(current, f"cases of {folder}", "it held some the last time")
    if not asked:
        return
    unused = ("run", "result") if rules.keeps == "none" else ()
    naming = store.lists.naming(current, unused)
    if kind := next((kind for kind in asked if naming[kind]), None):
        count = naming[kind]
        raise _refusal(current, asked[kind], f"{count} items name some" if count > 1 else "an item names one")


def _refusal(current: Round, stream: str, why: str) -> CeilingReached:
    listed = stream.replace("_", " ")
    return CeilingReached(
        f"the list of {listed} of project {current.project} is empty, but {why}; nothing was written",
        code=ErrorCode.LIST_EMPTY,
        cause="the source may not have shown everything, and what is made without it cannot be moved later",
        next_step=f"look whether the source shows this user the {listed}, and run again; if there are none any"
        " more, set mapping.runs.max_missing_share: 1 for this run",
    )
