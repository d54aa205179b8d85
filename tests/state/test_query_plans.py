"""No statement that is repeated for every few items goes through a whole table, or through all of a round."""

import re
import sqlite3
from collections import Counter
from pathlib import Path

import pytest
from sqlite_utils import Database

from migrator.core.model import AnyEntity
from state.database import open_database
from state.planned.snapshots import Snapshots
from state.workspace import DATABASE
from tests.support.history import case, folder, release, result, run
from tests.support.history_rig import history_rig

HOT = 24
"""A statement that is run more often than this for sixteen runs is repeated for every one, or for every few items."""
_GROWING = {
    "entity", "item", "note", "operation", "ledger", "run_item", "run_place", "sent_result", "file", "seen", "listed",
    "tie", "address", "wanted", "replaced",
}  # fmt: skip
_ALL_OF_A_ROUND = re.compile(
    r"\((round_id=\?|project=\?|project=\? AND kind=\?|project=\? AND kind=\? AND round_id=\?)\)"
)
_LITERAL = re.compile(r"x'[0-9a-f]*'|'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b", re.IGNORECASE)
LARGE = {
    ("entity", "entity_by_order"): "1200000 600000 120000 120000 1",
    ("entity", "entity_by_position"): "1200000 1",
    ("entity", "entity_by_stream"): "1200000 1200000 1200000 1200000 1200000",
    ("item", "item_by_fate"): "1200000 1200000 300000 300000",
    ("operation", "operation_by_lane"): "1100000 1100000 300000 300000 300000 500 1",
    ("operation", "operation_by_order"): "1100000 1100000 300000 300000 300000 1",
    ("operation", "operation_by_need"): "1100000 500 500",
    ("operation", "operation_by_chain"): "1100000 500 10 1",
    ("ledger", "ledger_by_kind"): "1100000 1100000 300000",
    ("ledger", "ledger_by_id"): "1100000 1100000 300000 1",
    ("run_item", "run_item_by_run"): "1000000 1000000 500",
    ("run_item", "run_item_by_case"): "1000000 1000000 10",
    ("note", "note_by_marker"): "200000 2 1",
}
"""Statistics of a workspace with 100,000 cases and a million results in 2,000 runs, read by one round."""


def shop() -> list[AnyEntity]:
    cases = range(1, 37)
    found: list[AnyEntity] = [folder(), release(1), *(case(number) for number in cases)]
    for number in range(1, 17):
        found += [run(number), *(result(number * 100 + each, number, each) for each in cases)]
    return found


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What any workspace asks its database from now on, with values."""
    asked: list[str] = []

    def traced(path: Path) -> Database:
        db = open_database(path)
        db.conn.set_trace_callback(asked.append)
        return db

    monkeypatch.setattr("state.workspace.open_database", traced)
    return asked


def weak_steps(connection: sqlite3.Connection, statement: str) -> list[str]:
    """How SQLite would go through too much of a growing table for a statement."""
    names = {alias: table for table, alias in re.findall(r"(?:FROM|JOIN|UPDATE|INTO) (\w+)(?: AS)? (\w+)", statement)}
    weak = []
    for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {statement}"):
        kind, _, rest = step.partition(" ")
        name = rest.split(" ")[0]
        if names.get(name, name) in _GROWING and (kind == "SCAN" or _ALL_OF_A_ROUND.search(step)):
            weak.append(step)
    return weak


@pytest.mark.parametrize("has_statistics", [False, True])
async def test_hot_statements_search(tmp_path: Path, statements: list[str], *, has_statistics: bool) -> None:
    async with history_rig(tmp_path, shop()) as rig:
        await rig.run()
        await rig.run()
        await rig.verify("all")
        counts: Counter[str] = Counter()
        examples: dict[str, str] = {}
        for statement in statements:
            if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
                shape = re.sub(r"\?(, \?)+", "?, …", _LITERAL.sub("?", statement))
                counts[shape] += 1
                examples[shape] = statement
        connection = sqlite3.connect(rig.folder / rig.workspace / DATABASE)
        Snapshots(Database(connection))  # makes its temporary table
        if has_statistics:
            connection.execute("ANALYZE")
            for (table, index), numbers in LARGE.items():
                connection.execute("DELETE FROM sqlite_stat1 WHERE idx = ?", [index])
                connection.execute(
                    "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", [table, index, numbers]
                )
            connection.execute("ANALYZE sqlite_schema")
        found = {
            shape: steps
            for shape, statement in examples.items()
            if counts[shape] > HOT and (steps := weak_steps(connection, statement))
        }
        connection.close()
        assert len([shape for shape in counts if counts[shape] > HOT]) > 15
        assert found == {}
