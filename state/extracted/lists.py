"""Lists of a source that are empty or shorter: what names items of them in this round, and what they held before."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlite_utils import Database

from migrator.core.notes import NoteCode
from migrator.core.ports.source import ListSize
from migrator.core.records import CountedList, Round, ShorterList
from migrator.core.refs import Ref
from state.packed import unpacked
from state.rows import chunked, paged, rows_in

_NAMED = re.compile(
    rb'"connector":"(?:[^"\\]|\\.)*","instance":"(?:[^"\\]|\\.)*","kind":"([^"]+)"'
    rb',"ids":\[(?:[^"\]]|"(?:[^"\\]|\\.)*")*'
)
_CASE = b'"case":{'

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

COUNTERS = (
    # what a counter beside the list says, and how much of that the last plan lacked
    "ALTER TABLE list_size ADD COLUMN counted INTEGER",
    "ALTER TABLE list_before ADD COLUMN lacked INTEGER",
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
            "INSERT INTO list_size (project, name, about, stream, rows, round_id, sweep, counted)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (project, name, about, stream) DO UPDATE SET rows ="
            " CASE WHEN round_id <> excluded.round_id OR sweep <> excluded.sweep THEN excluded.rows"
            " WHEN ? THEN rows + excluded.rows ELSE min(rows, excluded.rows) END,"
            " counted = CASE WHEN round_id = excluded.round_id AND sweep = excluded.sweep AND ?"
            " THEN counted + excluded.counted ELSE excluded.counted END,"
            " round_id = excluded.round_id, sweep = excluded.sweep",
            [
                *(current.project, size.name, size.about, stream, size.rows, current.id, sweep, size.counted),
                *(size.goes_on, size.goes_on),
            ],
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

    def read(self, current: Round) -> set[str]:
        """Return the streams that were read to their end in this round."""
        rows = self._db.execute("SELECT stream FROM stream WHERE round_id = ? AND done", [current.id])
        return {stream for (stream,) in rows.fetchall()}

    def held_before(self, project: str) -> Mapping[str, int]:
        """Return the streams that held something when the last plan of a project was made, with how much: 0 when they
        were empty and that was believed. Others were not known then."""
        rows = self._db.execute("SELECT stream, rows FROM held WHERE project = ?", [project])
        return dict(rows.fetchall())

    def shorter(self, current: Round) -> Iterator[ShorterList]:
        """Yield the lists that held less for one stream than for another one, or than when the last plan was made."""
        rows = self._db.execute(
            "SELECT n.name, n.about, n.least, n.most, coalesce(b.rows, 0) FROM (SELECT s.name, s.about,"  # noqa: S608 - constants
            f" min(s.rows) AS least, max(s.rows) AS most {_READ} AND s.counted IS NULL"
            " GROUP BY s.name, s.about) n LEFT JOIN list_before b"
            " ON b.project = :project AND b.name = n.name AND b.about = n.about"
            " WHERE n.least < n.most OR n.least < b.rows ORDER BY n.name, n.about",
            self._of(current),
        )
        return (ShorterList(*row) for row in rows)

    def counted(self, current: Round) -> Iterator[CountedList]:
        """Yield the lists that gave less than a counter beside them says."""
        rows = self._db.execute(
            "SELECT n.name, n.rows, n.counted, b.lacked FROM (SELECT s.name, s.about, s.rows, s.counted"  # noqa: S608 - constants
            f" {_READ} AND s.rows < s.counted) n LEFT JOIN list_before b"
            " ON b.project = :project AND b.name = n.name AND b.about = n.about ORDER BY n.name",
            self._of(current),
        )
        return (CountedList(*row) for row in rows)

    def keep(self, current: Round) -> None:
        """Keep what lists and streams hold now; those that were not read in this round stay as they were."""
        where = self._of(current)
        with self._db.atomic():
            self._db.execute(
                "DELETE FROM held WHERE project = :project AND rows > 0 AND stream IN"
                " (SELECT stream FROM stream WHERE round_id = :round AND done)",
                where,
            )
            self._db.execute(
                "INSERT OR REPLACE INTO held (project, stream, rows) SELECT :project, s.stream, count(*) FROM stream s"
                " JOIN entity e ON e.round_id = :reading AND e.stream = s.stream WHERE s.round_id = :round AND s.done"
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
                "INSERT OR REPLACE INTO list_before (project, name, about, rows, lacked)"
                f" SELECT :project, s.name, s.about, min(s.rows), max(s.counted - s.rows)"
                f" {_READ} GROUP BY s.name, s.about",
                where,
            )

    def believe(self, current: Round) -> None:
        """Record that the lists which are empty now are so for good; whoever said so is not asked again."""
        with self._db.atomic():
            for stream in self.empty(current):
                self._db.execute("INSERT OR REPLACE INTO held VALUES (?, ?, 0)", [current.project, stream])

    @staticmethod
    def _of(current: Round) -> dict[str, object]:
        return {
            "project": current.project, "round": current.id, "reading": current.reading, "moved": NoteCode.LIST_MOVED,
        }  # fmt: skip

    def naming(self, current: Round, without: Sequence[str] = ()) -> Counter[str]:
        """Return how many items that were read in this round name items of a kind, by the kind in their refs.
        A run that was begun names its results. ``without``: kinds of entities that are not asked."""
        found: Counter[str] = Counter()
        for _, kind, body in self._bodies(current, without):
            begun = {"result"} if kind == "run" and b'"started_at":null' not in body else set()
            found.update(begun | {match[1].decode() for match in _NAMED.finditer(body)})
        return found

    def unshown(
        self, current: Round, kinds: Collection[str], without: Sequence[str] = ()
    ) -> tuple[Counter[str], Counter[str]]:
        """Return how many items that were read in this round name others of ``kinds``, by kind, and how many of these
        name one that was not read. A result's test is not asked about; ``without`` as in ``naming``."""
        named, missing = Counter[str](), Counter[str]()
        wanted = {kind.encode() for kind in kinds}
        for chunk in chunked(self._bodies(current, without)):
            # most items of a chunk name the same few
            items = [(marker, _names(kind, body, wanted)) for marker, kind, body in chunk]
            refs = {name: _ref(name) for name in {name for _, names in items for name in names}}
            statement = "SELECT marker FROM entity WHERE +round_id = ? AND marker IN ({})"
            markers = list({ref.marker for ref in refs.values()})
            shown = {marker for (marker,) in rows_in(self._db, statement, markers, current.reading)}
            for own, names in items:
                others = [ref for ref in (refs[name] for name in names) if ref.marker != own]
                named.update({ref.kind for ref in others})
                missing.update({ref.kind for ref in others if ref.marker not in shown})
        return named, missing

    def _bodies(self, current: Round, without: Sequence[str]) -> Iterator[tuple[str, str, bytes]]:
        """Yield marker, kind and JSON of what was read in this round."""
        statement = (
            "SELECT position, marker, kind, body FROM entity WHERE project = ? AND round_id = ? AND seen = ?"
            " AND position > ? ORDER BY position LIMIT ?"
        )
        for marker, kind, blob in paged(self._db, statement, [current.project, current.reading, current.id]):
            if kind not in without:
                yield marker, kind, unpacked(blob)


def _names(kind: str, body: bytes, wanted: Collection[bytes]) -> set[bytes]:
    """Return the refs of wanted kinds in an entity's JSON, without the brackets at their ends."""
    return {
        found[0]
        for found in _NAMED.finditer(body)
        if found[1] in wanted and not (kind == "result" and body.endswith(_CASE, 0, found.start()))
    }


def _ref(name: bytes) -> Ref:
    return Ref.model_validate_json(b"{" + name + b"]}")
