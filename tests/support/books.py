"""Everything that a plan leaves in a workspace, and the same plan without anything that stands."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from mappings.cases import CaseMapper
from tests.support.rig import Rig

Books = dict[str, list[tuple[Any, ...]]]
_TABLES = {
    # what has left the source keeps what it was planned on
    "item": "SELECT marker, project, kind, title, fate, reason, made, round_id, action,"
    " iif(round_id = (SELECT max(id) FROM round), grounds, '') FROM item ORDER BY 1",
    # notes of one item and origin are a list; between items they have no order
    "note": "SELECT marker, origin, code, field, original, message FROM note ORDER BY marker, origin, id",
    # by position: which numbers they are tells nothing, their order does
    "operation": "SELECT marker, verb, kind, lane, state, title, draft, digest, cause, stamp_entity, stamp_raw"
    " FROM operation ORDER BY position, marker, verb",
    "ledger": "SELECT marker, kind, id, seq, digest, draft, base, wished, unread, stamp_entity, stamp_raw FROM ledger"
    " ORDER BY 1",
    "wanted": "SELECT marker, draft FROM wanted ORDER BY 1",
    "replaced": "SELECT marker, draft FROM replaced ORDER BY 1",
    "file": "SELECT * FROM file ORDER BY marker",
    "entity": "SELECT marker, round_id, digest, raw_digest FROM entity ORDER BY 1",
}


def books(workspace: Path) -> Books:
    """What stands in a workspace, table by table, but for times and the order in which notes were written."""
    with closing(sqlite3.connect(workspace / "migration.db")) as db:
        return {table: db.execute(statement).fetchall() for table, statement in _TABLES.items()}


@contextmanager
def mapped_cases() -> Iterator[list[str]]:
    """Collect the markers of the cases that are mapped meanwhile."""
    markers: list[str] = []
    whole = CaseMapper.map

    def spied(self: CaseMapper, case: Any, *rest: Any) -> Any:
        markers.append(case.ref.marker)
        return whole(self, case, *rest)

    with patch.object(CaseMapper, "map", spied):
        yield markers


async def planned_with_and_without(running: Rig, *, remap: bool = False) -> tuple[Books, Books, list[str]]:
    """Plan, and plan in a copy of the workspace in which nothing stands; return the books of both, and what was mapped
    by the first."""
    workspace, copy = running.folder / "workspace", running.folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(workspace, copy)
    with closing(sqlite3.connect(copy / "migration.db")) as db, db:
        db.execute("UPDATE item SET grounds = ''")
    before = running.settings
    running.settings = before | {"workspace": str(copy)}
    await running.plan(remap=remap)
    running.settings = before
    with mapped_cases() as markers:
        await running.plan(remap=remap)
    return books(workspace), books(copy), markers
