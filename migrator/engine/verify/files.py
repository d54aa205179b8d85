"""Verify: download files from QA Sphere and compare their bytes with what was uploaded. Reads only."""

import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Literal

import anyio

from migrator.core.errors import Rejected
from migrator.core.events import Progressed
from migrator.core.ports.destination import DestinationReader
from migrator.core.views import StoredFile
from migrator.engine.context import Context
from migrator.engine.files.read_back import bytes_there
from migrator.engine.files.spool import Spool
from migrator.engine.verify.findings import Finding

FileDepth = Literal["all", "sample", "none"]
SAMPLE = 50
_AT_ONCE = 4
_Row = tuple[StoredFile, str, str]


async def verify_files(
    context: Context[DestinationReader], spool: Spool, report: Callable[[Finding], None], *, depth: FileDepth
) -> int:
    """Return how many different files were compared by SHA-256: all of them, or ``SAMPLE`` chosen at random."""
    destination = context.destination
    rows = _chosen(context.store.files.each_stored(context.project), depth)
    spool.prepare()
    done = 0

    async def compare() -> None:
        nonlocal done
        for row in rows:
            done += 1
            found = await _compare(destination, spool, row, done, report)
            context.store.files.put_checked(context.project, row[0].id, found, time.time())
            context.listener(Progressed("verify files", context.project, done, None, destination.waiting_for()))

    async with anyio.create_task_group() as group:
        for _ in range(_AT_ONCE):
            group.start_soon(compare)
    return done


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
