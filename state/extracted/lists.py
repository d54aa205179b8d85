"""Lists of a source that are empty or shorter: what names items of them in this round, and what they held before."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from sqlite_utils import Database

from migrator.core.notes import NoteCode
from migrator.core.ports.source import ListSize
from migrator.core.records import Round, ShorterList
from state.packed import unpacked
from state.rows import paged

_NAMED = re.compile(rb'"connector":"(?:[^"\\]|\\.)*","instance":"(?:[^"\\]|\\.)*","kind":"([^"]+)"')

LISTS = (
    # the lists that held something when the last plan was made
    "CREATE TABLE held (project TEXT NOT NULL, stream TEXT NOT NULL, PRIMARY KEY (project, stream)) WITHOUT ROWID",
    "INSERT INTO held SELECT DISTINCT e.project, e.stream FROM entity e JOIN round r ON r.reading = e.round_id WHERE"
    " r.id IN (SELECT max(id) FROM round WHERE phase IN ('planned', 'load', 'done') GROUP BY project)",
)

SIZES = (
    "ALTER TABLE held ADD COLUMN rows INTEGER NOT NULL DEFAULT 1",
    # what each stream has seen of a list in the round that read it last, and what the last plan was made from
    "CREATE TABLE list_size (project TEXT NOT NULL, name TEXT NOT NULL, about TEXT NOT NULL, stream TEXT NOT NULL,"
    " rows INTEGER NOT NULL, round_id INTEGER NOT NULL, sweep INTEGER NOT NULL,"
    " PRIMARY KEY (project, name, about, stream)) WITHOUT ROWID",
    "CREATE TABLE list_before (project TEXT NOT NULL, name TEXT NOT NULL, about TEXT NOT NULL, rows INTEGER NOT NULL,"
    " PRIMARY KEY (project, name, about)) WITHOUT ROWID",
    # of those that an earlier version has read, only cases tell in which folder they were
    "INSERT INTO list_before SELECT e.project, e.stream, e.parent, count(*) FROM entity e JOIN round r ON r.reading ="
    " e.round_id WHERE e.kind = 'case' AND e.parent <> '' AND r.id IN (SELECT max(id) FROM round WHERE phase IN"
    " ('planned', 'load', 'done') GROUP BY project) GROUP BY e.project, e.stream, e.parent",
)

# of streams that were read to their end, in their last sweep, without a list that kept changing
_READ = (
    "FROM list_size s JOIN stream t ON t.round_id = s.round_id AND t.stream = s.stream AND t.sweep = s.sweep AND t.done"
    " WHERE s.project = :project AND s.round_id = :round"
    " AND s.stream NOT IN (SELECT field FROM note WHERE project = :project AND code = :moved)"
)


def note_sizes(db: Database, current: Round, stream: str, sweep: int, sizes: Sequence[ListSize]) -> None:
    """Record what a page has seen of lists. One that is read twice for a stream held the less of both."""
    for size in sizes:
        db.execute(
            "INSERT INTO list_size (project, name, about, stream, rows, round_id, sweep) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (project, name, about, stream) DO UPDATE SET rows ="
            " CASE WHEN round_id <> excluded.round_id OR sweep <> excluded.sweep THEN excluded.rows"
            " WHEN ? THEN rows + excluded.rows ELSE min(rows, excluded.rows) END,"
            " round_id = excluded.round_id, sweep = excluded.sweep",
            [current.project, size.name, size.about, stream, size.rows, current.id, sweep, size.goes_on],
        )


class Lists:
    """Those of the projects of one workspace."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def empty(self, current: Round) -> list[str]:
        """Return the streams that were read to their end in this round, and in which nothing stands."""
        rows = self._db.execute(
            "SELECT stream FROM stream s WHERE round_id = ? AND done AND NOT EXISTS"
            " (SELECT 1 FROM entity e WHERE e.round_id = ? AND e.stream = s.stream) ORDER BY stream",
            [current.id, current.reading],
        )
        return [stream for (stream,) in rows.fetchall()]

    def held_before(self, project: str) -> Mapping[str, int]:
        """Return the streams that held something when the last plan of a project was made, with how much."""
        rows = self._db.execute("SELECT stream, rows FROM held WHERE project = ?", [project])
        return dict(rows.fetchall())

    def shorter(self, current: Round) -> Iterator[ShorterList]:
        """Yield the lists that held less for one stream than for another one, or than when the last plan was made."""
        rows = self._db.execute(
            "SELECT n.name, n.about, n.least, n.most, coalesce(b.rows, 0) FROM (SELECT s.name, s.about,"  # noqa: S608 - constants
            f" min(s.rows) AS least, max(s.rows) AS most {_READ} GROUP BY s.name, s.about) n LEFT JOIN list_before b"
            " ON b.project = :project AND b.name = n.name AND b.about = n.about"
            " WHERE n.least < n.most OR n.least < b.rows ORDER BY n.name, n.about",
            self._of(current),
        )
        return (ShorterList(*row) for row in rows)

    def keep(self, current: Round) -> None:
        """Keep what lists and streams hold now; those that were not read in this round stay as they were."""
        where = self._of(current)
        with self._db.atomic():
            self._db.execute(
                "DELETE FROM held WHERE project = :project AND stream IN"
                " (SELECT stream FROM stream WHERE round_id = :round AND done)",
                where,
            )
            self._db.execute(
                "INSERT INTO held (project, stream, rows) SELECT :project, s.stream, count(*) FROM stream s JOIN entity"
                " e ON e.round_id = :reading AND e.stream = s.stream WHERE s.round_id = :round AND s.done"
                " GROUP BY s.stream",
                where,
            )
            if current.reads_everything:  # what is not read then is not there
                self._db.execute(
                    "DELETE FROM list_before WHERE project = :project AND (name, about) NOT IN"
                    " (SELECT name, about FROM list_size WHERE project = :project AND round_id = :round)",
                    where,
                )
            self._db.execute(
                "INSERT OR REPLACE INTO list_before (project, name, about, rows)"
                f" SELECT :project, s.name, s.about, min(s.rows) {_READ} GROUP BY s.name, s.about",
                where,
            )

    @staticmethod
    def _of(current: Round) -> dict[str, object]:
        return {
            "project": current.project, "round": current.id, "reading": current.reading, "moved": NoteCode.LIST_MOVED,
        }  # fmt: skip

    def naming(self, current: Round, without: Sequence[str] = ()) -> Counter[str]:
        """Return how many items that were read in this round name items of a kind, by the kind in their refs.
        A run that was begun names its results. ``without``: kinds of entities that are not asked."""
        found: Counter[str] = Counter()
        statement = (
            "SELECT position, kind, body FROM entity WHERE project = ? AND round_id = ? AND seen = ? AND position > ?"
            " ORDER BY position LIMIT ?"
        )
        for kind, blob in paged(self._db, statement, [current.project, current.reading, current.id]):
            if kind not in without:
                body = unpacked(blob)
                begun = {"result"} if kind == "run" and b'"started_at":null' not in body else set()
                found.update(begun | {match.decode() for match in _NAMED.findall(body)})
        return found
