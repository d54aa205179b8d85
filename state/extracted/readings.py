"""Readings of a source that build on each other: what stands as it was read before, and what has left.

An entity is in a reading when its ``round_id`` is that of the round that read everything. A later round that builds on
it writes only what it reads anew, so that what has not changed costs nothing, and takes out what has left.
"""

from collections.abc import Mapping, Sequence

import orjson
from sqlite_utils import Database

from migrator.core.notes import NoteCode
from migrator.core.ports.source import Listed, SourcePage
from migrator.core.records import Reading, Round
from migrator.core.refs import UNREAD
from state.rows import rows_in

_NOWHERE = 0
_END = "\U0010ffff"
_HANGING = "'attachment', 'comment', 'link'"
_EARLIER = (
    "project = :project AND stream = :stream AND seen < :round"  # noqa: S608 - a constant
    " AND round_id = coalesce((SELECT round_id FROM reading WHERE project = :project),"
    " (SELECT max(reading) FROM round WHERE project = :project AND reading < :reading AND phase = 'done'))"
    # what stood for a list that could not be read
    f" AND marker NOT LIKE '%/{UNREAD}'"
)
_TAKE = f"UPDATE entity SET round_id = :reading WHERE {_EARLIER}"  # noqa: S608 - a constant
_BENEATH = "marker = :branch{0} OR (marker > :branch{0} || '/' AND marker < :branch{0} || '0')"
"""What lies at and beneath a marker: ids stand behind slashes, and 0 comes behind a slash."""

READINGS = (
    # reading: the round that read everything; unlisted: JSON, what begins the markers that a list was not asked for;
    # marks: JSON, list → mark
    "ALTER TABLE round ADD COLUMN reading INTEGER NOT NULL DEFAULT 0",
    "UPDATE round SET reading = id",
    "ALTER TABLE stream ADD COLUMN marks TEXT NOT NULL DEFAULT '{}'",
    "ALTER TABLE stream ADD COLUMN unlisted TEXT NOT NULL DEFAULT '[]'",
    # owner: the item that was asked for it; seen: the round that read it last
    "ALTER TABLE entity ADD COLUMN owner TEXT",
    "ALTER TABLE entity ADD COLUMN seen INTEGER NOT NULL DEFAULT 0",
    "UPDATE entity SET seen = round_id WHERE round_id IN (SELECT id FROM round WHERE phase = 'extract')",
    "DROP INDEX entity_by_stream",
    "CREATE INDEX entity_by_stream ON entity (round_id, stream, seen, sweep)",
    "CREATE INDEX entity_by_owner ON entity (owner, stream) WHERE owner IS NOT NULL",
    "CREATE TABLE listed (project TEXT NOT NULL, stream TEXT NOT NULL, marker TEXT NOT NULL, fingerprint TEXT NOT NULL,"
    " stands INTEGER NOT NULL, seen INTEGER NOT NULL, sweep INTEGER NOT NULL, PRIMARY KEY (project, stream, marker))"
    " WITHOUT ROWID",
    "CREATE INDEX listed_by_seen ON listed (project, stream, seen, sweep)",
    "CREATE TABLE mark (project TEXT, stream TEXT, name TEXT, mark TEXT NOT NULL, PRIMARY KEY (project, stream, name))",
    "CREATE TABLE reading (project TEXT PRIMARY KEY, round_id INTEGER NOT NULL, began REAL NOT NULL,"
    " manner TEXT NOT NULL)",
)


class EarlierReading:
    """Implements ``Earlier`` for one stream of one project."""

    def __init__(self, db: Database, current: Round, stream: str) -> None:
        self._db = db
        self._where = [current.project, stream]
        self._round = current.id

    def fingerprints(self, markers: Sequence[str]) -> Mapping[str, str]:
        """Return the fingerprints of the items of which everything was read."""
        statement = (
            "SELECT marker, fingerprint FROM listed WHERE project = ? AND stream = ? AND fingerprint <> ''"
            " AND marker IN ({})"
        )
        return dict(rows_in(self._db, statement, markers, *self._where))

    def mark(self, name: str) -> str | None:
        """Return the highest mark of a list that was read to its end, and of whose items everything could be read."""
        row = self._db.execute(
            "SELECT mark FROM mark m WHERE project = ? AND stream = ? AND name = ?"
            # what has changed did not come to the number of rows that the list claims: all of it is read now
            " AND NOT EXISTS (SELECT 1 FROM stream s WHERE s.round_id = ? AND s.stream = m.stream AND s.sweep > 1)"
            " AND NOT EXISTS (SELECT 1 FROM listed l WHERE l.project = m.project AND l.stream = m.stream"
            " AND l.fingerprint = '')",
            [*self._where, name, self._round],
        ).fetchone()
        return str(row[0]) if row else None


def note_page(db: Database, current: Round, stream: str, sweep: int, page: SourcePage) -> None:
    """Record what a page listed, beside its records. Its stream must be there."""
    for item in page.listed:
        _note_listed(db, current, stream, sweep, item)
    if not page.marks and not page.unlisted:
        return
    where = [current.id, stream]
    row = db.execute("SELECT marks, unlisted FROM stream WHERE round_id = ? AND stream = ?", where).fetchone()
    marks: dict[str, str] = orjson.loads(row[0])
    marks |= {name: max(mark, marks.get(name, "")) for name, mark in page.marks.items()}
    unlisted = {*orjson.loads(row[1]), *filter(None, [page.unlisted])}
    db.execute(
        "UPDATE stream SET marks = ?, unlisted = ? WHERE round_id = ? AND stream = ?",
        [orjson.dumps(marks).decode(), orjson.dumps(sorted(unlisted)).decode(), *where],
    )


def _note_listed(db: Database, current: Round, stream: str, sweep: int, item: Listed) -> None:
    db.execute(
        "INSERT INTO listed (project, stream, marker, fingerprint, stands, seen, sweep) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (project, stream, marker) DO UPDATE SET"
        # the pages of a long list of an item belong together, and so do two sweeps of one round
        " fingerprint = CASE WHEN seen = excluded.seen AND sweep = excluded.sweep AND fingerprint = '' THEN ''"
        " ELSE excluded.fingerprint END,"
        " stands = CASE WHEN seen = excluded.seen THEN min(stands, excluded.stands) ELSE excluded.stands END,"
        " seen = excluded.seen, sweep = excluded.sweep",
        [current.project, stream, item.marker, item.fingerprint, item.stands, current.id, sweep],
    )


def held_in_sweep(db: Database, current: Round, stream: str, sweep: int, *, filtered: bool) -> int:
    """Return how many items were listed, or, when the list was asked only for what has changed, are known."""
    if filtered:
        statement = "SELECT count(*) FROM entity WHERE round_id = ? AND stream = ?"
        row = db.execute(statement, [current.reading, stream]).fetchone()
    else:
        row = db.execute(
            "SELECT count(*) FROM listed WHERE project = ? AND stream = ? AND seen = ? AND sweep = ?",
            [current.project, stream, current.id, sweep],
        ).fetchone()
    return int(row[0])


def close_stream(db: Database, current: Round, stream: str) -> None:
    """Take what was to be found and was not out of the reading, and keep the marks. For lists that did not move."""
    marks, unlisted = db.execute(
        "SELECT marks, unlisted FROM stream WHERE round_id = ? AND stream = ?", [current.id, stream]
    ).fetchone()
    prefixes: list[str] = orjson.loads(unlisted)
    if current.reads_everything:
        _carry_over(db, current, stream)
    if not current.reads_everything:
        for marker in _leaving(db, current, stream, prefixes):
            db.execute("UPDATE entity SET round_id = ? WHERE marker = ?", [_NOWHERE, marker])
            db.execute("UPDATE run_item SET round_id = ? WHERE marker = ?", [_NOWHERE, marker])
    # what stood for a list that can be read again says nothing more
    db.execute(
        "DELETE FROM note WHERE project = :project AND code = :code AND marker LIKE :unread AND EXISTS (SELECT 1 FROM"
        " entity e WHERE e.marker = note.marker AND e.stream = :stream AND e.round_id <> :reading)",
        _values(current, stream) | {"code": NoteCode.ITEMS_INCOMPLETE, "unread": f"%/{UNREAD}"},
    )
    unseen, parameters = _unlisted(current, stream, prefixes)
    db.execute(f"DELETE FROM listed WHERE {unseen}", parameters)  # noqa: S608 - constants
    for name, mark in orjson.loads(marks).items():
        db.execute(
            "INSERT INTO mark (project, stream, name, mark) VALUES (?, ?, ?, ?) ON CONFLICT (project, stream, name)"
            " DO UPDATE SET mark = CASE WHEN ? THEN excluded.mark ELSE max(mark, excluded.mark) END",
            [current.project, stream, name, mark, current.reads_everything],
        )


def _carry_over(db: Database, current: Round, stream: str) -> None:
    """Take what earlier readings found on items that could not be read whole into this one."""
    db.execute(
        f"{_TAKE} AND kind IN ({_HANGING}) AND owner IN (SELECT marker FROM listed WHERE project = :project"  # noqa: S608 - constants
        " AND stream = :stream AND seen = :round AND stands = 0 AND fingerprint = '')",
        _values(current, stream),
    )


def carry_unasked(db: Database, current: Round, stream: str, owners: str) -> None:
    """Take what earlier readings found in a stream into this one, which was not to read it: of all items, or of those
    of the stream ``owners``. Cases, runs and results are in QA Sphere by themselves and stay there; and before anything
    was loaded there is nothing to keep."""
    of_owners = " AND owner IN (SELECT marker FROM entity WHERE round_id = :reading AND stream = :owners)"
    db.execute(
        f"{_TAKE} AND kind NOT IN ('case', 'run', 'result'){of_owners if owners else ''}"  # noqa: S608 - constants
        " AND EXISTS (SELECT 1 FROM ledger WHERE project = :project AND kind = 'case')",
        _values(current, stream) | {"owners": owners},
    )


def carry_left_out(db: Database, current: Round, stream: str, branches: Sequence[str]) -> None:
    """Take what earlier readings found in a stream of some branches, and what links of them name, into this one, as if
    it had been read. Of what nothing is in QA Sphere there is nothing to keep."""
    beneath = " OR ".join(_BENEATH.format(number) for number in range(len(branches)))
    values = _values(current, stream) | {f"branch{number}": branch for number, branch in enumerate(branches)}
    held = f"SELECT 1 FROM ledger WHERE project = :project AND ({beneath}) LIMIT 1"  # noqa: S608 - constants
    if db.execute(held, values).fetchone() is None:
        return
    of_reading = f"SELECT marker FROM entity WHERE round_id = :reading AND ({beneath})"  # noqa: S608 - constants
    named = f"SELECT about FROM tie WHERE marker IN ({of_reading})"  # noqa: S608 - constants
    for condition in (beneath, f"marker IN ({named})"):
        db.execute(
            f"UPDATE entity SET round_id = :reading, seen = :round WHERE {_EARLIER} AND ({condition})",  # noqa: S608 - constants
            values,
        )
    db.execute(f"UPDATE run_item SET round_id = :reading WHERE marker IN ({of_reading})", values)  # noqa: S608 - constants
    db.execute(
        f"UPDATE listed SET seen = :round WHERE project = :project AND stream = :stream AND ({beneath})",  # noqa: S608 - constants
        values,
    )


def _values(current: Round, stream: str) -> dict[str, object]:
    return {"project": current.project, "round": current.id, "reading": current.reading, "stream": stream}


def _leaving(db: Database, current: Round, stream: str, prefixes: Sequence[str]) -> list[str]:
    """Return the entities that the list does not hold any more, nor an item that was asked for them."""
    unseen = "stream = ? AND round_id = ? AND seen < ?"
    where = [stream, current.reading, current.id]
    asked_for, ranges = _outside(prefixes)
    # what no other item is asked for, and which is not compared by its row
    own = db.execute(
        f"SELECT marker FROM entity WHERE {unseen} AND owner IS NULL AND NOT EXISTS (SELECT 1 FROM listed l"  # noqa: S608 - constants
        f" WHERE l.project = ? AND l.stream = entity.stream AND l.marker = entity.marker){asked_for}",
        [*where, current.project, *ranges],
    ).fetchall()
    # + keeps SQLite from going through all that was not seen, for each owner
    owned = "SELECT marker FROM entity WHERE owner = ? AND stream = ? AND +round_id = ? AND seen < ?"
    itself = f" UNION ALL SELECT marker FROM entity WHERE marker = ? AND {unseen}"  # noqa: S608 - constants
    rest, parameters = _unlisted(current, stream, prefixes)
    for (owner,) in db.execute(f"SELECT marker FROM listed WHERE {rest}", parameters).fetchall():  # noqa: S608 - constants
        own += db.execute(owned + itself, [owner, *where, owner, *where]).fetchall()
    read = db.execute(
        "SELECT marker FROM listed WHERE project = ? AND stream = ? AND seen = ? AND stands = 0 AND fingerprint <> ''",
        [current.project, stream, current.id],
    ).fetchall()
    for (owner,) in read:
        own += db.execute(owned, [owner, *where]).fetchall()
    return [marker for (marker,) in own]


def _unlisted(current: Round, stream: str, prefixes: Sequence[str]) -> tuple[str, list[object]]:
    """Return the condition for items that the list does not hold any more, with its parameters."""
    asked_for, ranges = _outside(prefixes)
    return f"project = ? AND stream = ? AND seen < ?{asked_for}", [current.project, stream, current.id, *ranges]


def _outside(prefixes: Sequence[str]) -> tuple[str, list[str]]:
    """Return what is to be added to a condition so that it holds only for markers that the list was asked for."""
    ranges = [edge for prefix in prefixes for edge in (prefix, prefix + _END)]
    return " AND NOT (marker >= ? AND marker < ?)" * len(prefixes), ranges


def reading_of(db: Database, project: str) -> Reading | None:
    """Return the reading that a round may build on; none when another reading of everything has begun since."""
    row = db.execute(
        "SELECT round_id, began, manner FROM reading r WHERE project = ?"
        " AND NOT EXISTS (SELECT 1 FROM round n WHERE n.project = r.project AND n.reading > r.round_id)",
        [project],
    ).fetchone()
    return Reading(*row) if row else None


def trust(db: Database, current: Round, manner: str) -> None:
    """Record that later rounds may build on what this one has read, if it is everything and nothing moved."""
    moved = db.execute(
        "SELECT 1 FROM note WHERE project = ? AND code = ? AND field IN (SELECT stream FROM stream WHERE round_id = ?)",
        [current.project, NoteCode.LIST_MOVED, current.id],
    ).fetchone()
    if current.reads_everything and not moved:
        db.execute(
            "INSERT OR REPLACE INTO reading (project, round_id, began, manner)"
            " SELECT project, id, started_at, ? FROM round WHERE id = ?",
            [manner, current.id],
        )


def distrust(db: Database, project: str) -> None:
    """Let the next round read everything."""
    db.execute("DELETE FROM reading WHERE project = ?", [project])
