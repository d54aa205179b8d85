"""Opening ``migration.db``, and turning SQLite's errors into ours."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlite_utils import Database

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import MigratorError, StorageFull, TemporaryError, WorkspaceDamaged
from state.schema import migrations
from state.views import drop_views, make_views

_PATIENCE = 30.0
"""Seconds to wait for others to let go of the database."""
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_SHMSIZE}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
"""Kinds of errors: the low byte of SQLite's extended codes."""


def open_database(path: Path) -> Database:
    """Open the database. Its schema stays as it is. A commit outlives the process; when it is on disk says ``Disk``.

    Raises ``WorkspaceDamaged`` when it is not a healthy database of a version we know, ``StorageFull`` when it
    cannot be written.
    """
    with translated(path):
        connection = sqlite3.connect(path, timeout=_PATIENCE)
        # without a log a commit that is not flushed could damage what was there before
        has_log = connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        connection.execute(f"PRAGMA synchronous = {'NORMAL' if has_log else 'FULL'}")
        connection.execute("PRAGMA cache_size = -16000")
        db = Database(connection, recursive_triggers=False)
        _refuse_newer(db, path)
        return db


def bring_up_to_date(path: Path) -> None:
    """Create the database, or apply the changes of its schema that it lacks. Only for who holds the workspace's lock:
    two at once would trip over each other's tables. Raises like ``open_database``."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            with translated(path), closing(open_database(path)) as db:
                db.conn.execute("PRAGMA journal_mode = WAL")
                with db.atomic():  # all of it or nothing, with one flush
                    pending = {migration.name for migration in migrations.pending(db)}
                    if pending and pending != _shipped():
                        drop_views(db)
                    migrations.apply(db)
                    make_views(db)
        except TemporaryError as error:
            # others read meanwhile; SQLite does not wait for them by itself where the kind of its log is at stake
            if not _is_busy(error.__cause__) or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def is_current(path: Path) -> bool:
    """Whether the database has the schema of this version. False also when that cannot be told now."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_PATIENCE)) as connection:
            return _shipped() <= _applied(connection)
    except sqlite3.Error:
        return False


def _refuse_newer(db: Database, path: Path) -> None:
    if unknown := _applied(db.conn) - _shipped():
        raise WorkspaceDamaged(
            f"{path} was written by a newer version of migrator",
            cause=f"unknown schema changes: {', '.join(sorted(unknown))}",
            next_step="install the newer version, or choose another workspace folder",
        )


def _applied(connection: sqlite3.Connection) -> set[str]:
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone()
    return {name for (name,) in connection.execute("SELECT name FROM _sqlite_migrations")} if known else set()


def _shipped() -> set[str]:
    memory = Database(memory=True)
    try:
        return {migration.name for migration in migrations.pending(memory)}
    finally:
        memory.close()


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise our errors instead of SQLite's, naming the file; also for one that a task group wrapped. Whatever else
    nobody foresaw is damage when the database is not sound: what it gave was read as if it were ours."""
    try:
        yield
    except MigratorError:
        raise
    except (Exception, BaseExceptionGroup) as raised:
        error = _sqlite_error(raised)
        code = getattr(error, "sqlite_errorcode", 0)
        if code in _FULL:
            raise StorageFull(
                f"cannot write {path}",
                cause=f"{error} (no space left, or a limit on file or database size)",
                next_step="free some space and run the same command again; nothing is lost",
            ) from raised
        if isinstance(error, sqlite3.OperationalError) and not _is_damaged(error):
            raise TemporaryError(
                f"cannot use {path}",
                code=ErrorCode.STORAGE_UNUSABLE,
                cause=str(error),
                next_step="check the folder's permissions, then run again",
            ) from raised
        if _is_damaged(error) or _is_unsound(path):
            raise WorkspaceDamaged(
                f"{path} is damaged",
                cause=str(error or raised),
                next_step="restore the workspace folder from a backup, or start with an empty one",
            ) from raised
        raise


def is_damage(error: Exception) -> bool:
    """Whether an error tells that the database cannot be trusted, before or after it was translated."""
    return isinstance(error, WorkspaceDamaged) or _is_damaged(_sqlite_error(error))


def _is_damaged(error: sqlite3.Error | None) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED or "decode" in str(error)


def _is_unsound(path: Path) -> bool:
    """Whether SQLite itself finds the database damaged. False also when that cannot be told now."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",))
    except UnicodeDecodeError:
        return True
    except sqlite3.Error as error:
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def _is_busy(error: BaseException | None) -> bool:
    """Whether others hold the database."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY


def _sqlite_error(raised: BaseException) -> sqlite3.Error | None:
    if isinstance(raised, BaseExceptionGroup):
        found = (_sqlite_error(inner) for inner in raised.exceptions)
        return next((error for error in found if error is not None), None)
    return raised if isinstance(raised, sqlite3.Error) else None
