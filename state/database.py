"""Opening ``migration.db``, and turning SQLite's errors into ours."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import StorageFull, TemporaryError, WorkspaceDamaged
from state.schema import migrations

_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_SHMSIZE}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def open_database(path: Path) -> Database:
    """Open or create the database, durable on every commit, and bring its schema up to date.

    Raises ``WorkspaceDamaged`` when it is not a healthy database of a version we know, ``StorageFull`` when it
    cannot be written.
    """
    with translated(path):
        connection = sqlite3.connect(path, timeout=30)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -16000")
        db = Database(connection, recursive_triggers=False)
        _refuse_newer(db, path)
        migrations.apply(db)
        return db


def _refuse_newer(db: Database, path: Path) -> None:
    if db["_sqlite_migrations"].exists():
        stored = {row["name"] for row in db.query("SELECT name FROM _sqlite_migrations")}
        if unknown := stored - _shipped():
            raise WorkspaceDamaged(
                f"{path} was written by a newer version of migrator",
                cause=f"unknown schema changes: {', '.join(sorted(unknown))}",
                next_step="install the newer version, or choose another workspace folder",
            )


def _shipped() -> set[str]:
    memory = Database(memory=True)
    try:
        return {migration.name for migration in migrations.pending(memory)}
    finally:
        memory.close()


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise our errors instead of SQLite's, naming the file; also for one that a task group wrapped."""
    try:
        yield
    except (sqlite3.Error, BaseExceptionGroup) as raised:
        error = _sqlite_error(raised)
        if error is None:
            raise
        code = getattr(error, "sqlite_errorcode", None)
        if code in _FULL:
            raise StorageFull(
                f"cannot write {path}",
                cause=f"{error} (no space left, or a limit on file or database size)",
                next_step="free some space and run the same command again; nothing is lost",
            ) from raised
        if code in _DAMAGED:
            raise WorkspaceDamaged(
                f"{path} is damaged",
                cause=str(error),
                next_step="restore the workspace folder from a backup, or start with an empty one",
            ) from raised
        if isinstance(error, sqlite3.OperationalError):
            raise TemporaryError(
                f"cannot use {path}",
                code=ErrorCode.STORAGE_UNUSABLE,
                cause=str(error),
                next_step="check the folder's permissions, then run again",
            ) from raised
        raise


def _sqlite_error(raised: BaseException) -> sqlite3.Error | None:
    if isinstance(raised, BaseExceptionGroup):
        found = (_sqlite_error(inner) for inner in raised.exceptions)
        return next((error for error in found if error is not None), None)
    return raised if isinstance(raised, sqlite3.Error) else None
