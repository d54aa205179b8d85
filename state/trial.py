"""Whether a folder serves for a workspace: its lock, and its database's journal."""

import sqlite3
from contextlib import closing
from pathlib import Path

from filelock import FileLock, Timeout


def what_fails(place: Path) -> str:
    """Try both in an empty folder; return what does not work, or an empty text."""
    return _locks(place) or _journal(place)


def _locks(place: Path) -> str:
    with FileLock(place / "lock", timeout=0):
        try:
            with FileLock(place / "lock", timeout=0):
                return "two writers got the same lock"
        except Timeout:
            return ""


def _journal(place: Path) -> str:
    """Write with one connection what another one reads, in the mode that the workspace's database uses."""
    path = place / "trial.db"
    try:
        with closing(_open(path)) as writer, closing(_open(path)) as reader:
            mode = writer.execute("PRAGMA journal_mode=WAL").fetchone()[0]
            if mode != "wal":
                return f"the database's journal would be “{mode}” instead of “wal”"
            writer.execute("PRAGMA synchronous=FULL")
            with writer:
                writer.execute("CREATE TABLE trial (value INTEGER)")
                writer.execute("INSERT INTO trial VALUES (1)")
            return (
                "" if reader.execute("SELECT value FROM trial").fetchone() == (1,) else "what was written is not read"
            )
    except sqlite3.Error as error:
        return str(error)


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path)
