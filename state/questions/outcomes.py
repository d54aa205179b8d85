"""Read-only questions about what became of everything since the first day, whatever the last round did."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlite_utils import Database

from migrator.core.records import REPLACED
from state.rows import LAST_ROUNDS, paged

_HELD = "EXISTS (SELECT 1 FROM ledger h WHERE h.marker = i.marker)"
"""QA Sphere was made to hold ``i``, or was found to."""
_SAID_TO_LEAVE = "EXISTS (SELECT 1 FROM note d WHERE d.marker = {}.marker AND d.code = 'deleted_at_source')"
_OWNER = "substr(i.marker, 1, instr(i.marker, '#') - 1)"
"""The item for which the file ``i`` was made: its marker stands before the ``#``."""
OUTCOME = (
    f"CASE WHEN i.reason = '{REPLACED}' AND i.round_id NOT IN ({LAST_ROUNDS}) AND {_HELD} THEN 'replaced'"  # noqa: S608 - constants
    # a file of ours that its item, which is at the source still, names no more
    f" WHEN i.made AND i.kind = 'file' AND i.round_id NOT IN ({LAST_ROUNDS}) AND {_HELD}"
    f" AND EXISTS (SELECT 1 FROM item w WHERE w.marker = {_OWNER} AND w.round_id IN ({LAST_ROUNDS})"
    f" AND NOT {_SAID_TO_LEAVE.format('w')}) THEN 'replaced'"
    # an item that the last round did not meet has left the source, as has one of which it says so
    f" WHEN i.round_id NOT IN ({LAST_ROUNDS}) THEN 'left'"
    # QA Sphere keeps what a later rule leaves out
    f" WHEN i.fate IN ('excluded', 'archived', 'folded') AND {_HELD} THEN 'excluded_since'"
    " WHEN i.fate NOT IN ('migrated', 'updated', 'adopted', 'unchanged') THEN i.fate"
    # such a note of a project tells what of it has left, where no sync examines that
    f" WHEN i.kind <> 'project' AND {_SAID_TO_LEAVE.format('i')} THEN 'left'"
    " WHEN EXISTS (SELECT 1 FROM operation w WHERE w.marker = i.marker AND w.verb = 'update' AND w.state = 'done')"
    " THEN 'updated'"
    " WHEN EXISTS (SELECT 1 FROM operation w WHERE w.marker = i.marker AND w.verb = 'create' AND w.state = 'done')"
    " THEN 'migrated' ELSE 'adopted' END"
)
"""The fate of an item ``i`` since the first day: what an earlier round has migrated is not only ``unchanged``, and
not denied by a rule that leaves it out today."""

_MARKED = ("case", "run")
"""The kinds that are adopted by their marker alone; folders and milestones also by their name, whoever made them."""
SENT = (
    # the load adopts a milestone by its title without having sent anything
    "o.verb = 'create' AND o.state = 'done' AND (o.kind <> 'milestone' OR o.alive_at > 0)"
)
"""The operation ``o`` has made what its marker stands for."""
ONLY_PLANNED = f"(i.made AND i.fate IN ('pending', 'blocked') AND i.round_id NOT IN ({LAST_ROUNDS}))"
"""What an earlier plan would have made for others, such as a page that says something else by now, and nobody made."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many items of a project and kind came to the same. ``made``: the source has no such item, it was made for
    others, such as a folder for cases that lie in none. ``there``: they are in QA Sphere, whatever is open about them.
    """

    project: str
    kind: str
    made: bool
    outcome: str
    count: int
    there: bool


@dataclass(frozen=True, slots=True)
class StoredBytes:
    """A file in QA Sphere. ``size`` in bytes; ``sha256`` as the source gave it, empty where that was never asked;
    ``there`` as QA Sphere gave it back, empty until ``verify`` has."""

    marker: str
    project: str
    name: str
    size: int
    sha256: str
    there: str
    id: str


@dataclass(frozen=True, slots=True)
class MadeItem:
    """Something that exists in QA Sphere because this program made it. ``new_id`` and ``seq`` there; ``need``: marker
    of what had to be there first, such as its folder; ``made_at`` in seconds since the epoch, 0 where an earlier
    workspace has made it, and this one has adopted it by its marker."""

    project: str
    kind: str
    title: str
    marker: str
    new_id: str
    seq: int | None
    need: str
    made_at: float


class Outcomes:
    """Answers over all rounds."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def counts(self) -> list[Outcome]:
        """Return how many items came to what, by project and kind."""
        rows = self._db.execute(
            f"SELECT i.project, i.kind, i.made, {OUTCOME}, count(*), i.fate <> 'gone' AND {_HELD} FROM item i"  # noqa: S608 - constants
            f" WHERE NOT {ONLY_PLANNED} GROUP BY 1, 2, 3, 4, 6 ORDER BY 1, 2, 3, 4, 6"
        )
        return [
            Outcome(project, kind, bool(made), outcome, count, bool(there))
            for project, kind, made, outcome, count, there in rows
        ]

    def files(self) -> Iterator[StoredBytes]:
        """Yield every file that is in QA Sphere; memory stays flat."""
        statement = (
            "SELECT rowid, marker, project, name, coalesce(size, 0), coalesce(sha256, ''), coalesce(there, ''), id"
            " FROM file WHERE id IS NOT NULL AND rowid > ? ORDER BY rowid LIMIT ?"
        )
        return (StoredBytes(*row) for row in paged(self._db, statement, []))

    def file_sums(self) -> tuple[int, int]:
        """Return number and bytes of the files in QA Sphere."""
        row = self._db.execute("SELECT count(*), coalesce(sum(size), 0) FROM file WHERE id IS NOT NULL").fetchone()
        return int(row[0]), int(row[1])

    def made(self, kind: str) -> Iterator[MadeItem]:
        """Yield what was made of a kind, project by project, and in these folder by folder, one of which is in memory
        at a time; then what an earlier workspace has made of what carries markers. What lay there before is apart."""
        needs = "SELECT project, lane FROM operation WHERE kind = ? GROUP BY 1, 2 ORDER BY 1, min(id)"
        for project, need in self._db.execute(needs, [kind]).fetchall():
            rows = self._db.execute(
                "SELECT o.project, o.kind, o.title, o.marker, l.id, l.seq, o.lane,"  # noqa: S608 - constants
                " coalesce(nullif(o.alive_at, 0), l.written_at) FROM operation o"
                " JOIN ledger l ON l.marker = o.marker WHERE o.project = ? AND o.kind = ?"
                f" AND {SENT} AND o.lane = ? ORDER BY o.position",
                [project, kind, need],
            )
            for row in rows.fetchall():
                yield MadeItem(*row)
        if kind in _MARKED:
            yield from self._made_before(kind)

    def _made_before(self, kind: str) -> Iterator[MadeItem]:
        statement = (
            "SELECT l.rowid, l.project, l.kind, coalesce(i.title, ''), l.marker, l.id, l.seq,"
            " coalesce(e.parent, ''), 0.0 FROM ledger l LEFT JOIN item i ON i.marker = l.marker"
            " LEFT JOIN entity e ON e.marker = l.marker WHERE l.kind = ? AND NOT EXISTS (SELECT 1 FROM operation o"
            " WHERE o.marker = l.marker AND o.verb = 'create' AND o.state = 'done') AND l.rowid > ?"
            " ORDER BY l.rowid LIMIT ?"
        )
        return (MadeItem(*row) for row in paged(self._db, statement, [kind]))

    def began_at(self) -> float:
        """Return when the first of all that is still known began, in seconds since the epoch; 0 when nothing is."""
        # rounds are pruned and the ledger keeps the last write only
        row = self._db.execute(
            "SELECT min(at) FROM (SELECT min(started_at) AS at FROM round UNION ALL SELECT min(made_at) FROM plan"
            " UNION ALL SELECT min(written_at) FROM ledger)"
        ).fetchone()
        return float(row[0] or 0)
