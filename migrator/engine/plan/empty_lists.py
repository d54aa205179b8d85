"""Plan: lists of the source that are empty while other items name what should stand in them."""

from collections.abc import Iterator

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import CeilingReached
from migrator.core.model import Configuration, Entity, Folder, Milestone, TestCase, TestRun
from migrator.core.ports.mapping import HistoryMapper
from migrator.core.records import Round
from migrator.core.refs import Ref
from state.store import Store

_ALWAYS_MISSING = 5


def refuse_empty_lists(store: Store, current: Round, rules: HistoryMapper) -> None:
    """Raise ``CeilingReached`` when the first load finds a list empty that more than a handful of items refer to:
    folders of tests, releases and configurations of runs. A list may be empty once, and what is made cannot be moved.

    Only streams of these names count: one that the config skips was not read.
    """
    if rules.max_missing_share >= 1 or store.ledger.count(current.project, "case"):
        return
    archive = store.archive
    lists: list[tuple[str, type[Entity], str, Iterator[Ref | None]]] = [
        ("folders", Folder, "tests", (case.folder for case in archive.entities(current, TestCase)))
    ]
    if rules.keeps != "none":
        releases = (run.milestone for run in archive.entities(current, TestRun))
        configurations = (run.configuration for run in archive.entities(current, TestRun))
        lists.append(("releases", Milestone, "runs", releases))
        lists.append(("configurations", Configuration, "runs", configurations))
    for listed, kind, naming, refs in lists:
        was_read = archive.stream_state(current, listed).done
        if not was_read or next(archive.entities(current, kind), None) is not None:
            continue
        named = sum(ref is not None for ref in refs)
        if named > _ALWAYS_MISSING:
            raise CeilingReached(
                f"the list of {listed} of project {current.project} is empty, but {named} {naming} name some;"
                " nothing was written",
                code=ErrorCode.LIST_EMPTY,
                cause="the source may not have shown everything, and what is made without it cannot be moved later",
                next_step=f"look whether the source shows this user the {listed}, and run again; if there are none any"
                " more, set mapping.runs.max_missing_share: 1",
            )
