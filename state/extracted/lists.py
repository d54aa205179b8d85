"""Lists of a source that are empty: what names items of them in this round, and whether they held any before."""

import re
from collections import Counter
from collections.abc import Collection, Sequence

from sqlite_utils import Database

from migrator.core.records import Round
from state.packed import unpacked
from state.rows import paged

_NAMED = re.compile(rb'"connector":"(?:[^"\\]|\\.)*","instance":"(?:[^"\\]|\\.)*","kind":"([^"]+)"')

LISTS = (
    # the lists that held something when the last plan was made
    "CREATE TABLE held (project TEXT NOT NULL, stream TEXT NOT NULL, PRIMARY KEY (project, stream)) WITHOUT ROWID",
    "INSERT INTO held SELECT DISTINCT e.project, e.stream FROM entity e JOIN round r ON r.reading = e.round_id WHERE"
    " r.id IN (SELECT max(id) FROM round WHERE phase IN ('planned', 'load', 'done') GROUP BY project)",
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

    def held_before(self, project: str) -> Collection[str]:
        """Return the streams that held something when the last plan of a project was made."""
        rows = self._db.execute("SELECT stream FROM held WHERE project = ?", [project])
        return {stream for (stream,) in rows.fetchall()}

    def emptied_folder(self, current: Round) -> str:
        """Return the marker of a folder that is still there and has lost all of the cases that a stream had shown in
        it when the last plan was made; empty when there is none."""
        row = self._db.execute(
            "SELECT e.parent FROM entity e JOIN entity f ON f.marker = e.parent AND f.round_id = :reading"
            " WHERE e.project = :project AND e.kind = 'case' AND e.round_id = (SELECT reading FROM round"
            " WHERE project = :project AND id < :round AND phase IN ('planned', 'load', 'done')"
            " ORDER BY id DESC LIMIT 1) AND (e.parent, e.stream) NOT IN"
            " (SELECT parent, stream FROM entity WHERE project = :project AND kind = 'case'"
            " AND round_id = :reading AND parent IS NOT NULL) LIMIT 1",
            {"project": current.project, "reading": current.reading, "round": current.id},
        ).fetchone()
        return row[0] if row else ""

    def keep(self, current: Round) -> None:
        """Keep which streams hold something now; those that were not read in this round stay as they were."""
        empty = self.empty(current)
        with self._db.atomic():
            self._db.execute(
                "INSERT OR IGNORE INTO held SELECT ?, stream FROM stream WHERE round_id = ? AND done",
                [current.project, current.id],
            )
            for stream in empty:
                self._db.execute("DELETE FROM held WHERE project = ? AND stream = ?", [current.project, stream])

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
