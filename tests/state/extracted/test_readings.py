"""Workspaces that an earlier version made: what they hold belongs to the reading of its round."""

from pathlib import Path

from sqlite_utils import Database

from migrator.core.model import TestCase
from migrator.core.records import Round
from state.schema import migrations
from state.workspace import open_workspace
from tests.support.drafts import case_entity, page, record

_COLUMNS = (("round", "reading"), ("stream", "marks"), ("stream", "unlisted"), ("entity", "owner"), ("entity", "seen"))


def _made_before(path: Path) -> None:
    """Take out of a workspace what the migration brought in."""
    db = Database(path)
    for index in ("entity_by_owner", "entity_by_stream", "listed_by_seen"):
        db.execute(f"DROP INDEX {index}")
    for table in ("listed", "mark", "reading", "planned_unit"):
        db.execute(f"DROP TABLE {table}")
    for table, column in _COLUMNS:
        db.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    db.execute("CREATE INDEX entity_by_stream ON entity (round_id, stream, sweep)")
    db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm010_readings'")
    db.conn.commit()
    assert [migration.name for migration in migrations.pending(db)] == ["m010_readings"]
    db.close()


def test_what_an_earlier_version_has_read_is_there_and_is_not_built_on(tmp_path: Path) -> None:
    with open_workspace(tmp_path) as workspace:
        done = workspace.store.rounds.begin("12")
        workspace.store.archive.store_page(done, "tests", page([record(case_entity(n)) for n in (1, 2)], None, 2))
        workspace.store.archive.finish_stream(done, "tests")
        workspace.store.archive.trust(done, "so")
        workspace.store.rounds.enter(done, "done")
        path = workspace.folder / "migration.db"
    _made_before(path)
    with open_workspace(tmp_path) as workspace:
        archive = workspace.store.archive
        assert archive.reading("12") is None
        again = Round(done.id, "12", "done", done.id)
        assert [case.title for case in archive.entities(again, TestCase)] == ["Case 1", "Case 2"]
        assert workspace.store.rounds.begin("12").reads_everything


def test_a_stream_that_an_earlier_version_was_reading_is_read_on(tmp_path: Path) -> None:
    with open_workspace(tmp_path) as workspace:
        begun = workspace.store.rounds.begin("12")
        workspace.store.archive.store_page(begun, "tests", page([record(case_entity(n)) for n in (1, 2)], "2", 3))
        path = workspace.folder / "migration.db"
    _made_before(path)
    with open_workspace(tmp_path) as workspace:
        archive = workspace.store.archive
        current = workspace.store.rounds.unfinished("12")
        assert current == Round(begun.id, "12", "extract", begun.id)
        assert archive.stream_state(current, "tests").cursor == "2"
        archive.store_page(current, "tests", page([record(case_entity(3))], None, 3))
        assert archive.distinct_in_sweep(current, "tests") == (3, 3)
