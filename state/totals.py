"""Sums that only grow, for monitoring: requests by service and status, and when each command last ended how."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from migrator.core.observe import Attempted

TOTALS = (
    # status: that of HTTP in digits, or none; seconds: from leaving to the end of the answer; bytes of bodies
    "CREATE TABLE request_total (service TEXT NOT NULL, status TEXT NOT NULL, requests INTEGER NOT NULL,"
    " seconds REAL NOT NULL, sent_bytes INTEGER NOT NULL, received_bytes INTEGER NOT NULL,"
    " PRIMARY KEY (service, status)) WITHOUT ROWID",
    "CREATE TABLE waited_total (reason TEXT PRIMARY KEY, seconds REAL NOT NULL) WITHOUT ROWID",
    # times in seconds since the epoch; NULL: never
    "CREATE TABLE command_end (command TEXT PRIMARY KEY, succeeded_at REAL, failed_at REAL) WITHOUT ROWID",
)


@dataclass(slots=True)
class RequestTotal:
    """Requests to a service with one status. ``seconds``: until the answers were there, added up; bytes of bodies."""

    service: str
    status: str
    requests: int = 0
    seconds: float = 0.0
    sent_bytes: int = 0
    received_bytes: int = 0


@dataclass(frozen=True, slots=True)
class CommandEnd:
    """When a command last ended well, and with an error, in seconds since the epoch; None: never."""

    command: str
    succeeded_at: float | None
    failed_at: float | None


class Totals:
    """Keeps the sums of the whole life of a workspace. What is counted waits in memory until ``flush``; a process that
    is killed takes that along."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._requests: dict[tuple[str, str], RequestTotal] = {}
        self._waits: dict[str, float] = {}

    def count(self, attempt: Attempted) -> None:
        """Add one attempt at a request."""
        key = (attempt.service, attempt.status)
        total = self._requests.setdefault(key, RequestTotal(*key))
        total.requests += 1
        total.seconds += attempt.seconds
        total.sent_bytes += attempt.sent
        total.received_bytes += attempt.received

    def waited(self, reason: str, seconds: float) -> None:
        """Add what was waited for."""
        self._waits[reason] = self._waits.get(reason, 0.0) + seconds

    def flush(self) -> None:
        """Write down what was counted since the last time."""
        requests, self._requests = self._requests, {}
        waits, self._waits = self._waits, {}
        for total in requests.values():
            self._db.execute(
                "INSERT INTO request_total (service, status, requests, seconds, sent_bytes, received_bytes)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (service, status) DO UPDATE SET"
                " requests = requests + excluded.requests, seconds = seconds + excluded.seconds,"
                " sent_bytes = sent_bytes + excluded.sent_bytes,"
                " received_bytes = received_bytes + excluded.received_bytes",
                [total.service, total.status, total.requests, total.seconds, total.sent_bytes, total.received_bytes],
            )
        for reason, seconds in waits.items():
            self._db.execute(
                "INSERT INTO waited_total (reason, seconds) VALUES (?, ?)"
                " ON CONFLICT (reason) DO UPDATE SET seconds = seconds + excluded.seconds",
                [reason, seconds],
            )

    def ended(self, command: str, at: float, *, well: bool) -> None:
        """Record how a command ended."""
        column = "succeeded_at" if well else "failed_at"
        self._db.execute(
            f"INSERT INTO command_end (command, {column}) VALUES (?, ?)"  # noqa: S608 - two constants
            f" ON CONFLICT (command) DO UPDATE SET {column} = excluded.{column}",
            [command, at],
        )

    def requests(self) -> Sequence[RequestTotal]:
        """Return what was flushed, by service and status."""
        rows = self._db.execute(
            "SELECT service, status, requests, seconds, sent_bytes, received_bytes FROM request_total ORDER BY 1, 2"
        )
        return [RequestTotal(*row) for row in rows]

    def waits(self) -> dict[str, float]:
        """Return reason → seconds, as flushed."""
        return dict(self._db.execute("SELECT reason, seconds FROM waited_total ORDER BY 1").fetchall())

    def ends(self) -> Sequence[CommandEnd]:
        """Return how each command last ended."""
        return [
            CommandEnd(*row)
            for row in self._db.execute("SELECT command, succeeded_at, failed_at FROM command_end ORDER BY 1")
        ]
