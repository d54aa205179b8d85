"""How long commands worked at which phase, and what they waited for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson
from sqlite_utils import Database

_SHORT = 0.1
_FEWEST_ITEMS = 20
_FEWEST_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a command worked at a phase of a project. ``session``: when the command began; times in seconds since
    the epoch. ``waits``: reason → seconds."""

    session: float
    command: str
    project: str
    phase: str
    started_at: float
    ended_at: float
    done: int
    waits: Mapping[str, float]

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended_at - self.started_at

    @property
    def says_something(self) -> bool:
        """Whether it took time, or came to anything."""
        return self.done > 0 or self.seconds >= _SHORT


class Timings:
    """Keeps and returns timings."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def put(self, timing: Timing) -> None:
        """Enter a timing, or what it has become."""
        self._db.execute(
            "INSERT INTO timing (session, command, project, phase, started_at, ended_at, done, waits)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (session, project, phase) DO UPDATE SET"
            " started_at = excluded.started_at, ended_at = excluded.ended_at, done = excluded.done,"
            " waits = excluded.waits",
            [
                timing.session, timing.command, timing.project, timing.phase, timing.started_at, timing.ended_at,
                timing.done, orjson.dumps(timing.waits),
            ],
        )  # fmt: skip

    def paces(self) -> Mapping[str, float]:
        """Return phase → items a second of the commands that write, where that is more than a moment's chance."""
        rows = self._db.execute(
            "SELECT phase, sum(done) / sum(ended_at - started_at) FROM timing WHERE command IN"
            " ('apply', 'run', 'retry', 'sync') GROUP BY phase HAVING sum(done) >= ?"
            " AND sum(ended_at - started_at) >= ?",
            [_FEWEST_ITEMS, _FEWEST_SECONDS],
        )
        return dict(rows.fetchall())

    def since(self, moment: float) -> Sequence[Timing]:
        """Return the timings that ended after ``moment``, in order."""
        rows = self._db.execute(
            "SELECT session, command, project, phase, started_at, ended_at, done, waits FROM timing WHERE ended_at >= ?"
            " ORDER BY started_at, id",
            [moment],
        )
        return [
            Timing(session, command, project, phase, started_at, ended_at, done, orjson.loads(waits))
            for session, command, project, phase, started_at, ended_at, done, waits in rows
        ]
