"""The workspace folder: lock, binding, damage, a full disk."""

import multiprocessing
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock
from sqlite_utils import Database

from migrator.core.errors import ConfigError, MigratorError, StorageFull, WorkspaceDamaged, WorkspaceLocked
from migrator.core.records import Holding, LedgerEntry
from state.database import is_current, translated
from state.packed import packed
from state.schema import migrations
from state.workspace import DATABASE, LOCK, Workspace, open_workspace
from tests.support.drafts import case_draft, case_entity, page, planned_case, record


def _try_to_open(folder: Path, answers: "multiprocessing.Queue[str]") -> None:
    try:
        with open_workspace(folder):
            answers.put("opened")
    except WorkspaceLocked as error:
        answers.put(error.cause)


def test_a_second_process_is_kept_out_and_told_who_works_there(workspace: Workspace) -> None:
    workspace.beat("run")
    spawn = multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[str] = spawn.Queue()
    process = spawn.Process(target=_try_to_open, args=(workspace.folder, answers))
    process.start()
    cause = answers.get(timeout=30)
    process.join(timeout=30)
    assert "`run`" in cause
    assert "last seen" in cause


def test_questions_can_be_asked_while_somebody_works(workspace: Workspace) -> None:
    with open_workspace(workspace.folder, write=False) as other:
        assert other.books.fates() == {}


def test_a_question_without_a_workspace_names_the_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere"), open_workspace(tmp_path / "nowhere", write=False):
        pass


def test_a_workspace_stays_with_its_source_and_destination(workspace: Workspace) -> None:
    workspace.bind("qacomplete@acme", "https://a.example", {"12": "SHOP"})
    workspace.bind("qacomplete@acme", "https://a.example", {"12": "SHOP", "13": "APP"})
    with pytest.raises(ConfigError, match="belongs to destination"):
        workspace.bind("qacomplete@acme", "https://b.example", {})
    with pytest.raises(ConfigError, match="belongs to project 12 → SHOP"):
        workspace.bind("qacomplete@acme", "https://a.example", {"12": "OTHER"})


def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_bytes(b"this is not a database, but it is long enough to be looked at" * 20)
    with pytest.raises(WorkspaceDamaged, match=DATABASE), open_workspace(tmp_path):
        pass


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    with open_workspace(tmp_path) as workspace:
        workspace.db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('workspace', 'm999_future', '')"
        )
    with pytest.raises(WorkspaceDamaged, match="newer version"), open_workspace(tmp_path):
        pass


def test_a_full_database_is_a_storage_error_even_inside_a_task_group(workspace: Workspace) -> None:
    pages = workspace.db.execute("PRAGMA page_count").fetchone()[0]
    workspace.db.execute(f"PRAGMA max_page_count = {pages}")

    def fill_inside_a_group() -> None:
        try:
            for number in range(1000):
                workspace.db.execute("INSERT INTO meta (key, value) VALUES (?, ?)", [f"k{number}", "x" * 4000])
        except sqlite3.Error as error:
            raise BaseExceptionGroup("tasks", [error]) from error

    with pytest.raises(StorageFull, match="cannot write"), translated(workspace.folder):
        fill_inside_a_group()


def _started(folder: Path, *, write: bool) -> str:
    try:
        with open_workspace(folder, write=write):
            time.sleep(0.02)
    except MigratorError as error:
        return type(error).__name__
    return "worked"


def test_of_many_starts_at_once_one_works_and_the_others_say_so(tmp_path: Path) -> None:
    for number in range(10):
        folder = tmp_path / str(number)
        with ThreadPoolExecutor(6) as pool:
            writers = [pool.submit(_started, folder, write=True) for _ in range(4)]
            readers = [pool.submit(_started, folder, write=False) for _ in range(2)]
        assert "worked" in {writer.result() for writer in writers} <= {"worked", "WorkspaceLocked"}
        # whoever asks before there is anything to ask is told so
        assert {reader.result() for reader in readers} <= {"worked", "ConfigError"}


def test_nobody_changes_the_schema_while_somebody_else_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite3.connect(tmp_path / DATABASE) as connection:
        migrations.apply(Database(connection), stop_before="m009_sizes")
    connection.close()
    monkeypatch.setattr("state.workspace.PATIENCE", 0.1)
    with FileLock(tmp_path / LOCK):
        assert _started(tmp_path, write=False) == "WorkspaceLocked"
        assert _started(tmp_path, write=True) == "WorkspaceLocked"
        assert not is_current(tmp_path / DATABASE)
    assert _started(tmp_path, write=False) == "worked"
    assert is_current(tmp_path / DATABASE)


def test_a_lock_that_is_not_ours_to_take_is_named(tmp_path: Path) -> None:
    (tmp_path / LOCK).mkdir()
    with pytest.raises(ConfigError, match=LOCK), open_workspace(tmp_path):
        pass


@pytest.mark.parametrize("table", ["entity", "ledger", "operation"])
@pytest.mark.parametrize("spoilt", [b"not zstd", packed(b"not JSON"), packed(b"{}"), packed(b'"\xff"')])
def test_bytes_that_nobody_wrote_are_called_damage(tmp_path: Path, table: str, spoilt: bytes) -> None:
    with open_workspace(tmp_path) as workspace:
        current = workspace.store.rounds.begin("12")
        workspace.store.archive.store_page(current, "tests", page([record(case_entity(1))], None, None))
        workspace.store.planning.put_items(current, [planned_case(1)])
        draft = case_draft(1)
        workspace.store.ledger.put("12", Holding(LedgerEntry(draft.marker, "case", "c1", 1, draft.digest), draft, None))
        column = "body" if table == "entity" else "draft"
        workspace.db.execute(f"UPDATE {table} SET {column} = ?", [spoilt])
        readers: dict[str, Callable[[], object]] = {
            "entity": lambda: workspace.store.archive.get([draft.marker]),
            "ledger": lambda: workspace.store.ledger.holdings([draft.marker]),
            "operation": lambda: workspace.journal.planned("12", "case", 10),
        }
        with pytest.raises(WorkspaceDamaged):
            readers[table]()


def test_a_database_that_is_busy_in_any_of_sqlites_words_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = [sqlite3.SQLITE_BUSY_RECOVERY, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_LOCKED]
    apply = migrations.apply

    def refused(db: Database) -> object:
        if refusals:
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = refusals.pop()
            raise error
        return apply(db)

    monkeypatch.setattr(migrations, "apply", refused)
    assert _started(tmp_path, write=True) == "worked"
    assert not refusals


@pytest.mark.parametrize("code", [sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_CORRUPT_INDEX, sqlite3.SQLITE_CORRUPT_VTAB])
def test_damage_is_called_so_in_any_of_sqlites_words_and_below_task_groups(tmp_path: Path, code: int) -> None:
    error = sqlite3.DatabaseError("database disk image is malformed")
    error.sqlite_errorcode = code
    with pytest.raises(WorkspaceDamaged), translated(tmp_path):
        raise ExceptionGroup("tasks", [ExceptionGroup("tasks", [error])])


def _schema(path: Path) -> set[tuple[str, ...]]:
    with sqlite3.connect(path) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {
            (table, *map(str, column[1:]))
            for table in tables
            for column in connection.execute(f"PRAGMA table_info({table})")
        }
        rest = connection.execute("SELECT type, name FROM sqlite_master WHERE type <> 'table'").fetchall()
    connection.close()
    return columns | set(rest)


@pytest.mark.parametrize("first", [migration.name for migration in migrations.pending(Database(memory=True))][1:])
def test_a_database_of_every_schema_there_was_is_brought_up_to_date(tmp_path: Path, first: str) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    with sqlite3.connect(old / DATABASE) as connection:
        migrations.apply(Database(connection), stop_before=first)
    connection.close()
    for folder in (old, new):
        with open_workspace(folder) as opened:
            assert opened.books.fates() == {}
    assert _schema(old / DATABASE) == _schema(new / DATABASE)
