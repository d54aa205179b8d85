"""The workspace folder: lock, binding, damage, a full disk."""

import multiprocessing
import sqlite3
from pathlib import Path

import pytest

from migrator.core.errors import ConfigError, StorageFull, WorkspaceDamaged, WorkspaceLocked
from state.database import translated
from state.workspace import DATABASE, Workspace, open_workspace


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
