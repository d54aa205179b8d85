"""What Datasette and ``sqlite-utils`` show of a workspace, and the documented queries."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest
from click.testing import CliRunner
from sqlite_utils import Database
from sqlite_utils.cli import cli

from connectors.qacomplete.sandbox import demo_company
from migrator.core.note_texts import NOTE_TEXTS
from state.database import bring_up_to_date
from state.schema import migrations
from state.views import VIEWS
from state.workspace import DATABASE, open_workspace
from tests.support.rig import ROOT, Rig, rig

PAGE = ROOT / "docs" / "state.md"
UNPACK = ROOT / "examples" / "state" / "unpacked.py"


def queries() -> list[tuple[str, str]]:
    """Return heading and statement of every documented query."""
    text = PAGE.read_text(encoding="utf-8")
    return re.findall(r"^- (\S[^\n]*):\n\n    ```sql\n(.*?)    ```$", text, re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Migrated:
    """A company that was migrated; its stand-ins serve no more, but can be looked into."""

    running: Rig
    items: dict[str, dict[str, int]]


async def _migrated(folder: Path) -> Migrated:
    async with rig(folder, demo_company()) as running:
        await running.plan()
        status = await running.apply()
        await running.verify(files="all")
        return Migrated(running, status.items)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Migrated:
    return anyio.run(_migrated, tmp_path_factory.mktemp("views"))


def path_of(running: Rig) -> str:
    return str(running.folder / "workspace" / DATABASE)


def shown(*arguments: str) -> Any:
    ended = CliRunner().invoke(cli, list(arguments))
    assert ended.exit_code == 0, ended.output
    return json.loads(ended.output)


def asked(running: Rig, statement: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shown("query", path_of(running), statement)
    return found


def test_every_view_is_shown_with_plain_columns(migrated: Migrated) -> None:
    running = migrated.running
    assert {view["view"] for view in shown("views", path_of(running))} == set(VIEWS)
    with closing(sqlite3.connect(path_of(running))) as connection:
        for name in VIEWS:
            rows = connection.execute(f"SELECT * FROM {name}").fetchall()
            assert rows, name
            assert not [value for row in rows for value in row if isinstance(value, bytes)], name


def test_items_are_those_of_status(migrated: Migrated) -> None:
    running = migrated.running
    rows = asked(running, "SELECT kind, fate, count(*) AS number FROM items WHERE in_last_round GROUP BY 1, 2")
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["kind"], {})[row["fate"]] = row["number"]
    assert found == migrated.items


def test_the_crosswalk_leads_to_what_is_there(migrated: Migrated) -> None:
    running = migrated.running
    cases = {case.id: case for case in running.shop.cases}
    rows = asked(running, "SELECT * FROM crosswalk WHERE kind = 'case'")
    assert {row["new_id"] for row in rows} == set(cases)
    for row in rows:
        assert row["new_url"] == f"{running.destination_url}/project/SHOP/tcase/{cases[row['new_id']].seq}"
        assert row["new_code"] == f"SHOP-{cases[row['new_id']].seq:03}"
        assert row["marker"].endswith(row["source_id"])


def test_notes_say_what_they_mean(migrated: Migrated) -> None:
    running = migrated.running
    for row in asked(running, "SELECT * FROM notes"):
        assert (row["harm"], row["meaning"]) == (NOTE_TEXTS[row["code"]].harm, NOTE_TEXTS[row["code"]].meaning)


@pytest.mark.parametrize(("about", "statement"), queries(), ids=[about for about, _ in queries()])
def test_every_documented_query_answers(migrated: Migrated, about: str, statement: str) -> None:
    running = migrated.running
    functions = ["--functions", str(UNPACK)] if "unpacked(" in statement else []
    rows = shown("query", path_of(running), statement, *functions)
    assert isinstance(rows, list), about
    if "failed" not in statement:  # nothing failed here
        assert rows, about
    if functions:
        assert all(isinstance(json.loads(next(reversed(row.values()))), dict) for row in rows)


def test_every_view_and_column_is_documented(migrated: Migrated) -> None:
    running = migrated.running
    text = PAGE.read_text(encoding="utf-8")
    with closing(sqlite3.connect(path_of(running))) as connection:
        for name in VIEWS:
            columns = [column[0] for column in connection.execute(f"SELECT * FROM {name}").description]
            assert f"| `{name}` | {', '.join(columns)} |" in text


def tables(path: Path) -> Iterator[str]:
    with closing(Database(str(path))) as db:
        yield from db.view_names()


def test_views_are_made_anew_by_each_version_and_those_of_people_stay(tmp_path: Path) -> None:
    path = tmp_path / DATABASE
    bring_up_to_date(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE VIEW mine AS SELECT 1 AS one")
        connection.execute("DROP VIEW notes")
        connection.execute("CREATE VIEW notes AS SELECT 1 AS of_another_version")
        connection.execute("CREATE VIEW of_old AS SELECT 1 AS one")
        connection.execute("UPDATE meta SET value = 'other items notes of_old' WHERE key = 'views'")
    bring_up_to_date(path)
    assert set(tables(path)) == {*VIEWS, "mine"}
    with closing(sqlite3.connect(path)) as connection:
        assert "harm" in [column[0] for column in connection.execute("SELECT * FROM notes").description]


def test_a_migration_of_the_schema_is_not_held_up_by_a_view(tmp_path: Path) -> None:
    path = tmp_path / DATABASE
    with closing(sqlite3.connect(path)) as connection:
        migrations.apply(Database(connection), stop_before="m002_plans")
        connection.execute("CREATE VIEW items AS SELECT marker FROM operation")
        connection.execute("INSERT INTO meta (key, value) VALUES ('views', 'other items')")
        connection.commit()
    with open_workspace(tmp_path) as workspace:
        assert workspace.db.execute("SELECT count(*) FROM items").fetchone() == (0,)
