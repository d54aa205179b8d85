"""Saved plans: the document that was shown, and the rounds that it is made of."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlite_utils import Database

from migrator.core.base import digest_of
from migrator.core.records import Round
from state.packed import packed, unpacked_json


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan with its rounds, one per project. ``newest``: no later plan has been made."""

    plan_id: str
    made_at: float
    newest: bool
    document: dict[str, Any]
    rounds: tuple[Round, ...]


class Plans:
    """Saves plans and gives them back."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def save(self, rounds: Sequence[Round], document: dict[str, Any]) -> str:
        """Save a plan and return its id: its number, and a few digits that depend on what it says."""
        with self._db.atomic():
            number = self._db.execute("SELECT coalesce(max(id), 0) + 1 FROM plan").fetchone()[0]
            plan_id = f"{number}-{digest_of([document, number, time.time()])[:6]}"
            self._db.execute(
                "INSERT INTO plan (id, plan_id, made_at, document) VALUES (?, ?, ?, ?)",
                [number, plan_id, time.time(), packed(orjson.dumps(document))],
            )
            for current in rounds:
                self._db.execute("UPDATE round SET plan_id = ? WHERE id = ?", [plan_id, current.id])
        return str(plan_id)

    def find(self, plan_id: str | None) -> SavedPlan | None:
        """Return the plan with this id, or the newest when none is named."""
        row = self._db.execute(
            "SELECT plan_id, made_at, document, id = (SELECT max(id) FROM plan) FROM plan"
            " WHERE ?1 IS NULL OR plan_id = ?1 ORDER BY id DESC LIMIT 1",
            [plan_id],
        ).fetchone()
        if row is None:
            return None
        rounds = self._db.execute(
            "SELECT id, project, phase, reading, mapper FROM round WHERE plan_id = ? ORDER BY id", [row[0]]
        ).fetchall()
        document = unpacked_json(row[2])
        return SavedPlan(row[0], row[1], bool(row[3]), document, tuple(Round(*found) for found in rounds))

    def replace(self, plan_id: str, document: dict[str, Any]) -> None:
        """Replace what a plan says of itself."""
        self._db.execute("UPDATE plan SET document = ? WHERE plan_id = ?", [packed(orjson.dumps(document)), plan_id])

    def newest(self, count: int) -> Iterator[dict[str, Any]]:
        """Yield what the last so many plans say, the newest first."""
        for (document,) in self._db.execute("SELECT document FROM plan ORDER BY id DESC LIMIT ?", [count]):
            yield unpacked_json(document)

    def names(self) -> list[str]:
        """Return the ids of all plans, the newest first."""
        return [plan_id for (plan_id,) in self._db.execute("SELECT plan_id FROM plan ORDER BY id DESC")]
