"""One ``sync`` of a project that lives on both sides: exactly the right writes, and none by the next; its seconds.

The stand-ins run in this process, the migrator in one of its own; no rate limit, so the seconds are its own work.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from connectors.qacomplete.sandbox import Test, generate
from connectors.qasphere.sandbox.store import Case
from migrator.engine.job import DELETED_TAG
from tests.support.oracle import marker_of
from tests.support.rig import Ended, Rig, rig

CASES = 20_000
LATER = "2026-10-01T12:00:00.0000000"


class Edits(NamedTuple):
    """How many cases are edited at the source, added and deleted there, edited by colleagues, and edited on both
    sides."""

    edited: int
    added: int
    deleted: int
    theirs: int
    both: int


def edits_of(cases: int) -> Edits:
    return Edits(min(100, cases // 2), min(50, cases), min(10, cases // 12), min(30, cases // 6), min(10, cases // 20))


async def main() -> None:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    edits = edits_of(cases)
    with tempfile.TemporaryDirectory() as folder:
        async with rig(Path(folder), generate(cases)) as running:
            running.settings = {"http": {"timeout": 60}}
            loaded = await running.migrate("sync --json")
            _said("first sync", loaded, running.requests(), running.source.log.counts.total())
            _edit_both_sides(running, edits)
            report = await _round(running, "after the edits")
            _expect(report["written"], {"case": {"migrated": edits.added, "updated": edits.edited - edits.both}})
            _expect(len(report["conflicts"]), edits.both)
            _expect(len(report["deletions"]), edits.deleted)
            report = await _round(running, "nothing changed")
            _expect(
                (report["written"], len(report["conflicts"]), len(report["deletions"])), ({}, edits.both, edits.deleted)
            )
            running.settings["sync"] = {"conflicts": "source", "deletions": "tag"}
            report = await _round(running, "policies: source, tag")
            _expect(report["written"], {"case": {"updated": edits.both + edits.deleted}})
            _expect(len(report["resolved"]), edits.both)
            _expect(sum(DELETED_TAG in case.tags for case in running.shop.cases), edits.deleted)
            await _round(running, "nothing changed")
            lost, doubled = running.lost_and_doubled()
            _expect((lost, doubled), ([], []))


def _edit_both_sides(running: Rig, edits: Edits) -> None:
    data = running.source.data
    cases: dict[int, Case] = {int(marker_of(case).rpartition("/")[2]): case for case in running.shop.cases}
    for test in data.tests[: edits.edited]:
        test.title, test.date_updated = f"Edited at the source {test.id}", LATER
    for test in data.tests[edits.edited - edits.both :][: edits.theirs]:
        cases[test.id].title = f"Edited by a colleague {test.id}"
        cases[test.id].version += 1
    del data.tests[-edits.deleted :]
    places = [folder.id for folder in data.folders]
    data.tests.extend(
        Test(900_000 + number, 12, f"New {number}", folder_id=places[number % len(places)], date_updated=LATER)
        for number in range(edits.added)
    )


async def _round(running: Rig, name: str) -> dict[str, Any]:
    log = running.destination.log
    before, clashes, asked = log.counts.copy(), log.statuses[409], running.source.log.counts.total()
    ended = await running.migrate("sync --json")
    sent = log.counts - before
    _said(name, ended, sent.total(), running.source.log.counts.total() - asked)
    writes = {call: count for call, count in sent.items() if not call.startswith("GET ")}
    print(f"    writes: {writes or 'none'}; refused with 409: {log.statuses[409] - clashes}", flush=True)
    report: dict[str, Any] = json.loads(ended.out)
    print(f"    {report['summary']}", flush=True)
    if name == "nothing changed":
        _expect(writes, {})
    return report


def _said(name: str, ended: Ended, requests: int, asked: int) -> None:
    if ended.code:
        raise SystemExit(ended.err)
    print(
        f"{name}: {ended.seconds:.1f} s, peak {ended.peak_mib:.0f} MiB; {requests} requests to QA Sphere, {asked} to"
        " the source",
        flush=True,
    )


def _expect(found: object, wanted: object) -> None:
    if found != wanted:
        raise SystemExit(f"expected {wanted}, found {found}")


asyncio.run(main())
