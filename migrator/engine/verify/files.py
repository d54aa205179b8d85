"""Verify: download files from QA Sphere and compare their bytes with what was uploaded. Reads only."""

import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Literal

import anyio

from migrator.core.drafts import AnyDraft, CaseDraft, ResultDraft, RunDraft
from migrator.core.errors import Rejected
from migrator.core.events import Progressed, Said
from migrator.core.model import ItemKind
from migrator.core.ports.destination import DestinationReader
from migrator.core.views import StoredFile
from migrator.engine.context import Context
from migrator.engine.files.read_back import bytes_there
from migrator.engine.files.spool import FileRoute, Spool
from migrator.engine.linked_files import files_of
from migrator.engine.references import names_in
from migrator.engine.verify.findings import Finding
from migrator.engine.verify.source_sums import SumReader
from state.store import Store

FileDepth = Literal["all", "sample", "none"]
SAMPLE = 50
_AT_ONCE = 4
_NAMING: tuple[ItemKind, ...] = ("case", "run", "result")
_Row = tuple[StoredFile, str, str]


async def verify_files(
    context: Context[DestinationReader], route: FileRoute, report: Callable[[Finding], None], *, depth: FileDepth
) -> int:
    """Return how many different files were compared by SHA-256: all of them, or ``SAMPLE`` chosen at random. Those that
    nothing lists any more are no evidence; they are named, and not counted. Those that were only found in QA Sphere are
    fetched from the source as well, when all are to be compared; a sample is not taken of them."""
    destination = context.destination
    left = _left_behind(context.store, context.project) if depth != "none" else frozenset()
    stored = (row for row in context.store.files.each_stored(context.project) if row[0].id not in left)
    if left:
        words = "a later edition took their place, or what they hung on was deleted"
        context.listener(
            Said(f"files in QA Sphere that nothing lists any more, and that are not compared: {len(left)}; {words}")
        )
    route.spool.prepare()
    await _read_sums(SumReader(context, route, report, left), depth)
    rows = _chosen(stored, depth)
    done = 0

    async def compare() -> None:
        nonlocal done
        for row in rows:
            done += 1
            found = await _compare(destination, route.spool, row, done, report)
            context.store.files.put_checked(context.project, row[0].id, found, time.time())
            context.listener(Progressed("verify files", context.project, done, None, destination.waiting_for()))

    async with anyio.create_task_group() as group:
        for _ in range(_AT_ONCE):
            group.start_soon(compare)
    return done


async def _read_sums(unknown: SumReader, depth: FileDepth) -> None:
    if depth == "all":
        await unknown.read()
    elif depth == "sample":
        unknown.say()


def _left_behind(store: Store, project: str) -> frozenset[str]:
    """Return the files, by their ids in QA Sphere, that no case, run or result which was written names any more."""
    stored = store.files.stored_ids(project)
    left = set(stored.values())
    for kind in _NAMING:
        if not left:
            break
        for holding in store.ledger.each(project, kind):
            left.difference_update(stored.get(marker, "") for marker in _files_of(holding.draft))
    return frozenset(left)


def _files_of(draft: AnyDraft) -> Iterator[str]:
    if isinstance(draft, CaseDraft):
        yield from (marker for kind, marker in names_in(draft) if kind == "file")
    elif isinstance(draft, RunDraft | ResultDraft):
        yield from files_of(draft)


def _chosen(rows: Iterator[_Row], depth: FileDepth) -> Iterator[_Row]:
    if depth == "all":
        return rows
    if depth == "none":
        return iter(())
    # a reservoir: every file is as likely as any other, and only the sample is held
    sample: list[_Row] = []
    chance = random.Random()  # noqa: S311 - a sample, not a secret
    for number, row in enumerate(rows):
        if number < SAMPLE:
            sample.append(row)
        elif (place := chance.randrange(number + 1)) < SAMPLE:
            sample[place] = row
    return iter(sample)


async def _compare(
    destination: DestinationReader, spool: Spool, row: _Row, number: int, report: Callable[[Finding], None]
) -> str:
    """Return the SHA-256 of a file in QA Sphere, empty when it is not there, and report what is wrong with it."""
    file, sha256, marker = row
    finding = partial(Finding, kind="file", marker=marker, id=file.id, title=file.name)
    try:
        found = await bytes_there(destination, file.id, sha256, spool.incoming(number))
    except Rejected as error:
        report(finding(what="missing", field="content", expected=sha256, found=str(error)))
        return ""
    if found != sha256:
        report(finding(what="different", field="sha256", expected=sha256, found=found))
    return found
