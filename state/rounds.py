"""Rounds: passes over a project, each continued until it is done or a newer one takes its place."""

import time
from dataclasses import replace

from sqlite_utils import Database

from migrator.core.records import Phase, Round


class Rounds:
    """Begins rounds, finds the one to continue, and records their phases."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def unfinished(self, project: str) -> Round | None:
        """Return the round that was interrupted while it extracted, planned or loaded, if any."""
        row = self._db.execute(
            "SELECT id, project, phase, reading, mapper FROM round WHERE project = ?"
            " AND phase IN ('extract', 'plan', 'load') ORDER BY id DESC LIMIT 1",
            [project],
        ).fetchone()
        return Round(*row) if row else None

    def last(self, project: str) -> Round | None:
        """Return the newest round that was planned."""
        row = self._db.execute(
            "SELECT id, project, phase, reading, mapper FROM round WHERE project = ?"
            " AND phase IN ('planned', 'load', 'done') ORDER BY id DESC LIMIT 1",
            [project],
        ).fetchone()
        return Round(*row) if row else None

    def begin(self, project: str, reading: int | None = None) -> Round:
        """Begin a new round; one that waited to be applied is dropped. ``reading``: what it builds on, None to read
        everything."""
        self._db.execute("UPDATE round SET phase = 'dropped' WHERE project = ? AND phase <> 'done'", [project])
        cursor = self._db.execute(
            "INSERT INTO round (project, phase, started_at) VALUES (?, 'extract', ?)", [project, time.time()]
        )
        ident = int(cursor.lastrowid or 0)
        self._db.execute("UPDATE round SET reading = ? WHERE id = ?", [reading or ident, ident])
        return Round(ident, project, "extract", reading or ident)

    def enter(self, current: Round, phase: Phase, *, mapper: str | None = None) -> Round:
        """Record the next phase, and the rules it was planned with, and return the round in it."""
        rules = current.mapper if mapper is None else mapper
        finished = time.time() if phase == "done" else None
        self._db.execute(
            "UPDATE round SET phase = ?, mapper = ?, finished_at = ? WHERE id = ?", [phase, rules, finished, current.id]
        )
        return replace(current, phase=phase, mapper=rules)
