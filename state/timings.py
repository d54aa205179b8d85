"""How long commands worked at which phase, and what they waited for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlite_utils import Database

from migrator.core.events import NEEDS

READING = "extract"
"""How the phases begin that read the source."""
_SHORT = 0.1
_FEWEST_ITEMS = 20
_FEWEST_SECONDS = 2.0
_COST, _COST_WITH_FILES = "cost of the last load", "cost of the last load with files"
_SESSIONS = 5
"""Of how many commands a pace is taken, the newest: what was true last year may not be so any more."""


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


def seconds_together(timings: Iterable[Timing]) -> float:
    """Return for how long something was done, what went on side by side counted once."""
    seconds, until = 0.0, 0.0
    for timing in sorted(timings, key=lambda timing: timing.started_at):
        seconds += max(0.0, timing.ended_at - max(timing.started_at, until))
        until = max(until, timing.ended_at)
    return seconds


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
        """Return phase → items a second of the last commands that wrote, where that is more than a moment's chance. A
        phase that ended with the files of its project waited for them, so it tells nothing of its own pace."""
        rows = self._db.execute(
            "SELECT phase, sum(done) / sum(ended_at - started_at) FROM"
            " (SELECT *, dense_rank() OVER (PARTITION BY phase ORDER BY session DESC) AS age FROM timing AS own WHERE"
            " command IN ('apply', 'run', 'retry', 'sync') AND (phase = 'files' OR NOT EXISTS (SELECT 1 FROM timing AS"
            " files WHERE files.session = own.session AND files.project = own.project AND files.phase = 'files'"
            " AND files.ended_at > (own.started_at + own.ended_at) / 2 AND files.started_at < own.ended_at)))"
            " WHERE age <= ? GROUP BY phase HAVING sum(done) >= ? AND sum(ended_at - started_at) >= ?",
            [_SESSIONS, _FEWEST_ITEMS, _FEWEST_SECONDS],
        )
        return dict(rows.fetchall())

    def reading_seconds(self) -> float:
        """Return for how long the newest command that read the source did so; 0 when none has."""
        row = self._db.execute(f"SELECT max(session) FROM timing WHERE phase LIKE '{READING}%'").fetchone()  # noqa: S608 - a constant
        if row[0] is None:
            return 0.0
        found = [timing for timing in self.since(row[0]) if timing.session == row[0]]
        return seconds_together(timing for timing in found if timing.phase.startswith(READING))

    def held_up(self) -> Mapping[str, str]:
        """Return phase → what was waited for longest by the last commands that wrote, but for other phases."""
        rows = self._db.execute(
            "SELECT phase, key, sum(value) FROM"
            " (SELECT *, dense_rank() OVER (PARTITION BY phase ORDER BY session DESC) AS age FROM timing"
            " WHERE command IN ('apply', 'run', 'retry', 'sync')) AS newest, json_each(newest.waits)"
            " WHERE age <= ? AND key <> ? GROUP BY phase, key ORDER BY 3",
            [_SESSIONS, NEEDS],
        )
        return {phase: reason for phase, reason, _ in rows}

    def keep_cost(self, document: Mapping[str, Any], *, has_files: bool) -> None:
        """Keep what the newest command that wrote was to take, and took; apart, the newest one with files."""
        for key in (_COST, _COST_WITH_FILES) if has_files else (_COST,):
            self._db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [key, orjson.dumps(document)])

    def cost(self) -> dict[str, Any] | None:
        """Return what was kept last; None when nothing was."""
        return self._kept(_COST)

    def cost_with_files(self) -> dict[str, Any] | None:
        """Return what was kept last of a command with files; None when nothing was."""
        return self._kept(_COST_WITH_FILES)

    def _kept(self, key: str) -> dict[str, Any] | None:
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
        return orjson.loads(row[0]) if row else None

    def longest_wait(self, moment: float) -> str:
        """Return what was waited for longest since ``moment``; empty when for nothing."""
        waits: dict[str, float] = {}
        for timing in self.since(moment):
            for reason, seconds in timing.waits.items():
                waits[reason] = waits.get(reason, 0.0) + seconds
        # what waits for another phase of the same command is held up by what that waits for
        waits.pop(NEEDS, None)
        return max(waits, key=lambda reason: waits[reason], default="")

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
