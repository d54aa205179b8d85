"""The workspace folder: lock, database, binding and heartbeat."""

import logging
import os
import socket
import sqlite3
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from sqlite_utils import Database

from migrator.core.error_codes import ErrorCode
from migrator.core.errors import ConfigError, WorkspaceLocked
from state.acceptances import Acceptances
from state.database import bring_up_to_date, is_current, open_database, translated
from state.disk import Disk
from state.epoch import Epoch
from state.extracted.archive import Archive
from state.extracted.lists import Lists
from state.extracted.runs import ExtractedRuns
from state.planned.deleted_at_source import DeletedItems
from state.planned.missing import MissingItems
from state.planned.planning import Planning
from state.planned.snapshots import Snapshots
from state.planned.unchanged_cases import UnchangedCases
from state.planned.unchanged_runs import UnchangedRuns
from state.planned.unlike import Unlike
from state.questions.books import Books
from state.questions.items import ReportedItems
from state.questions.leftovers import Leftovers
from state.questions.notes import Notes
from state.questions.outcomes import Outcomes
from state.questions.plans import Plans
from state.questions.sums import Sums
from state.questions.used import Used
from state.rounds import Rounds
from state.sent.files import Files
from state.sent.history import History
from state.sent.journal import Journal
from state.sent.ledger import Ledger
from state.sent.receipts import ReceiptBook
from state.store import Store
from state.timings import Timings
from state.totals import Totals

log = logging.getLogger("migrator.state")
DATABASE = "migration.db"
_RENEWED = "exports renewed"
LOCK = "lock"
PATIENCE = 30.0
"""Seconds that a reader waits for the schema to be brought up to date."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """An open workspace: what the engine keeps in it, saved plans, and read-only questions about everything."""

    folder: Path
    db: Database
    store: Store
    journal: Journal
    plans: Plans
    books: Books
    leftovers: Leftovers
    notes: Notes
    items: ReportedItems
    sums: Sums
    timings: Timings
    receipts: ReceiptBook
    outcomes: Outcomes
    used: Used
    acceptances: Acceptances
    totals: Totals

    def bind(self, source: str, destination: str, projects: Mapping[str, str]) -> None:
        """Tie the workspace to one source, one destination, and each source project to one project code there.

        Raises ``ConfigError`` when it belongs to others.
        """
        bonds = [("source", source, "source"), ("destination", destination, "destination.base_url")]
        bonds += [(f"project {ident} →", code, "projects[].destination") for ident, code in projects.items()]
        for key, value, setting in bonds:
            row = self.db.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
            if row is None:
                self.db.execute("INSERT INTO meta (key, value) VALUES (?, ?)", [key, value])
            elif row[0] != value:
                raise ConfigError(
                    f"the workspace {self.folder} belongs to {key} {row[0]}",
                    code=ErrorCode.WORKSPACE_OF_OTHERS,
                    cause=f"the config now names {value}",
                    next_step=f"correct {setting}, or choose another `workspace` folder",
                )

    def renew_exports(self) -> None:
        """Record that files that the source makes on request are to be taken anew."""
        self.db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [_RENEWED, str(time.time())])

    def exports_renewed(self) -> str:
        """Return when that was wished last; empty for never."""
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", [_RENEWED]).fetchone()
        return str(row[0]) if row else ""

    def beat(self, command: str) -> None:
        """Write the heartbeat row that tells others who works here."""
        now = time.time()
        self.db.execute(
            "INSERT INTO heartbeat (id, pid, host, command, started_at, beat_at) VALUES (1, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at, command = excluded.command,"
            " started_at = CASE WHEN pid = excluded.pid THEN started_at ELSE excluded.started_at END,"
            " pid = excluded.pid, host = excluded.host",
            [os.getpid(), socket.gethostname(), command, now, now],
        )


@contextmanager
def open_workspace(folder: Path, *, write: bool = True) -> Iterator[Workspace]:
    """Open the workspace, creating it when ``write``.

    With ``write`` an operating-system lock keeps other writers out (``WorkspaceLocked``); it vanishes with the
    process, however that ends. Without it, questions can be asked while somebody else works. Only who holds the lock
    changes the schema. Any SQLite error inside the block leaves as one of ours.
    """
    path = folder / DATABASE
    for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"):
        _refuse_strange(folder / name)
    if not write and not path.exists():
        raise ConfigError(
            f"there is no workspace in {folder}", code=ErrorCode.WORKSPACE_MISSING, next_step="run `migrator run` first"
        )
    try:
        if write:
            make_private(folder)
    except OSError as error:
        raise ConfigError(
            f"cannot create the workspace {folder}",
            code=ErrorCode.FILE_UNUSABLE,
            cause=str(error),
            next_step="change `workspace` in the config",
        ) from error
    lock = FileLock(folder / LOCK)
    try:
        if write:
            _acquire(lock, folder, path)
            bring_up_to_date(path)
        elif not is_current(path):
            _wait_for_schema(lock, folder, path)
        with closing(open_database(path)) as db, translated(path):
            yield _workspace(folder, db)
    finally:
        lock.release()


def _wait_for_schema(lock: FileLock, folder: Path, path: Path) -> None:
    """Bring the schema up to date under the lock, or wait until who holds it has done so."""
    until = time.monotonic() + PATIENCE
    while not is_current(path):
        try:
            _acquire(lock, folder, path)
        except WorkspaceLocked:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
            continue
        bring_up_to_date(path)
        lock.release()


def make_private(folder: Path) -> None:
    """Make a workspace folder, or take the rights of others from one that is there, and from what lies in it.

    Raises ``OSError``; ``ConfigError`` when one of its files is a link, which may lead anywhere.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in (folder, *folder.iterdir()):
        if path != folder:
            _refuse_strange(path)
        try:
            rights = stat.S_IMODE(path.stat().st_mode)
            if rights & 0o077:
                path.chmod(rights & 0o700)
        except FileNotFoundError:
            continue  # whoever works there has removed it meanwhile, as SQLite does with its journals
        if rights & 0o077 and path == folder:
            log.warning("%s was open to others; it is not any more", folder)


def _refuse_strange(path: Path) -> None:
    """Raise ``ConfigError`` for a link, which may lead anywhere, and a pipe or device, at which one waits for ever."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return
    what = "a link" if stat.S_ISLNK(mode) else "no file, but a pipe or a device"
    raise ConfigError(
        f"{path} is {what}; nothing was read or written through it",
        code=ErrorCode.FILE_UNUSABLE,
        next_step="remove it, or choose another `workspace` in the config",
    )


def _workspace(folder: Path, db: Database) -> Workspace:
    ledger = Ledger(db)
    disk = Disk(folder / DATABASE)
    journal = Journal(db, ledger, disk)
    store = Store(
        Epoch(db, folder / DATABASE),
        Archive(db),
        Lists(db),
        Rounds(db),
        Planning(db, ledger),
        journal,
        ledger,
        Snapshots(db),
        Files(db, disk),
        History(db),
        ExtractedRuns(db),
        DeletedItems(db),
        MissingItems(db),
        UnchangedRuns(db),
        UnchangedCases(db),
        Unlike(db),
    )
    return Workspace(
        folder,
        db,
        store,
        journal,
        Plans(db),
        Books(db),
        Leftovers(db),
        Notes(db),
        ReportedItems(db),
        Sums(db),
        Timings(db),
        ReceiptBook(db, disk),
        Outcomes(db),
        Used(db),
        Acceptances(db),
        Totals(db),
    )


def _acquire(lock: FileLock, folder: Path, path: Path) -> None:
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise WorkspaceLocked(
            f"another process works in {folder}",
            cause=_holder(path),
            next_step="wait until it has ended, or stop it; then run the same command again",
        ) from error
    except OSError as error:
        raise ConfigError(
            f"cannot use {folder / LOCK}",
            code=ErrorCode.FILE_UNUSABLE,
            cause=str(error),
            next_step="make the file and its folder writable for you, or choose another `workspace` folder",
        ) from error


def _holder(path: Path) -> str:
    """Return who works there, as far as that can be read: the database may be about to be made."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1)) as connection:
            row = connection.execute("SELECT pid, host, command, beat_at FROM heartbeat").fetchone()
    except sqlite3.Error:
        return ""
    if row is None:
        return ""
    return f"process {row[0]} on {row[1]} (`{row[2]}`), last seen {max(0, time.time() - row[3]):.0f} s ago"
