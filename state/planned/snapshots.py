"""Snapshots: the cases of a project of QA Sphere as a plan, or a verification, last saw them."""

from collections.abc import Iterator, Mapping, Sequence

from sqlite_utils import Database

from migrator.core.records import Holding, Purpose, SeenCase
from migrator.core.views import CaseView
from state.packed import packed, unpacked
from state.rows import paged, rows_in
from state.sent.ledger import HOLDING, holding_of

_COLUMNS = "id, seq, marker, folder_id, title"
_QUALIFIED_HOLDING = ", ".join(f"l.{column.strip()}" for column in HOLDING.split(","))


class Snapshots:
    """One row per case and marker. ``purpose``: for whom it was taken; each keeps the newest only (column ``look``)."""

    def __init__(self, db: Database) -> None:
        self._db = db
        # lasts no longer than a reading, and is not worth a write to the disk
        db.execute(
            "CREATE TEMP TABLE IF NOT EXISTS snapshot_seen (project TEXT, look TEXT, id TEXT,"
            " PRIMARY KEY (project, look, id)) WITHOUT ROWID"
        )

    def begin(self, project: str, purpose: Purpose) -> None:
        """Begin to read the cases. The snapshot before stays until the end of this one."""
        self._db.execute("DELETE FROM snapshot_seen WHERE project = ? AND look = ?", [project, purpose])

    def put(self, project: str, purpose: Purpose, cases: Sequence[CaseView]) -> None:
        """Add a page; what is as it was seen before is not written again."""
        bodies = {case.id: case.model_dump_json().encode() for case in cases}
        before = self._bodies(project, purpose, list(bodies))
        with self._db.atomic():
            self._db.conn.executemany(
                "INSERT OR IGNORE INTO snapshot_seen (project, look, id) VALUES (?, ?, ?)",
                [(project, purpose, ident) for ident in bodies],
            )
            for case in cases:
                if before.get(case.id) != bodies[case.id]:
                    self._replace(project, purpose, case, packed(bodies[case.id]))

    def _bodies(self, project: str, purpose: Purpose, ids: Sequence[str]) -> Mapping[str, bytes]:
        statement = "SELECT id, body FROM seen WHERE project = ? AND look = ? AND id IN ({})"
        return {ident: unpacked(body) for ident, body in rows_in(self._db, statement, ids, project, purpose)}

    def _replace(self, project: str, purpose: Purpose, case: CaseView, body: bytes) -> None:
        self._db.execute("DELETE FROM seen WHERE project = ? AND look = ? AND id = ?", [project, purpose, case.id])
        for marker in case.markers or ("",):
            self._db.execute(
                f"INSERT INTO seen (project, look, {_COLUMNS}, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - constants
                [project, purpose, case.id, case.seq, marker, case.folder_id, " ".join(case.title.split()), body],
            )

    def end(self, project: str, purpose: Purpose) -> int:
        """Forget what was not seen since ``begin``; return how many different cases were."""
        self._db.execute(
            "DELETE FROM seen WHERE project = ?1 AND look = ?2 AND id NOT IN (SELECT id FROM snapshot_seen l"
            " WHERE l.project = ?1 AND l.look = ?2)",
            [project, purpose],
        )
        row = self._db.execute(
            "SELECT count(*) FROM snapshot_seen WHERE project = ? AND look = ?", [project, purpose]
        ).fetchone()
        return int(row[0])

    def by_marker(self, project: str, purpose: Purpose, markers: Sequence[str]) -> Mapping[str, Sequence[SeenCase]]:
        """Return marker → the cases that carry it, by number."""
        statement = f"SELECT {_COLUMNS} FROM seen WHERE project = ? AND look = ? AND marker IN ({{}}) ORDER BY seq"  # noqa: S608 - constants
        found: dict[str, list[SeenCase]] = {}
        for row in rows_in(self._db, statement, markers, project, purpose):
            found.setdefault(row[2], []).append(SeenCase(*row))
        return found

    def by_id(self, project: str, purpose: Purpose, ids: Sequence[str]) -> Mapping[str, SeenCase]:
        """Return id → case."""
        statement = f"SELECT {_COLUMNS} FROM seen WHERE project = ? AND look = ? AND id IN ({{}})"  # noqa: S608 - constants
        return {row[0]: SeenCase(*row) for row in rows_in(self._db, statement, ids, project, purpose)}

    def view(self, project: str, purpose: Purpose, case_id: str) -> CaseView | None:
        """Return the case as it was seen."""
        row = self._db.execute(
            "SELECT body FROM seen WHERE project = ? AND look = ? AND id = ? LIMIT 1",
            [project, purpose, case_id],
        ).fetchone()
        return CaseView.model_validate_json(unpacked(row[0])) if row else None

    def highest_seq(self, project: str, purpose: Purpose) -> int:
        """Return the highest number of a case that was seen."""
        statement = "SELECT coalesce(max(seq), 0) FROM seen WHERE project = ? AND look = ?"
        return int(self._db.execute(statement, [project, purpose]).fetchone()[0])

    def unmarked(self, project: str, purpose: Purpose, titles: Sequence[str]) -> Sequence[SeenCase]:
        """Return the cases without any marker that have one of these titles."""
        statement = f"SELECT {_COLUMNS} FROM seen WHERE project = ? AND look = ? AND marker = '' AND title IN ({{}})"  # noqa: S608 - constants
        return [SeenCase(*row) for row in rows_in(self._db, statement, titles, project, purpose)]

    def carries_prefix(self, project: str, purpose: Purpose, prefix: str) -> bool:
        """Whether a case carries a marker that begins so."""
        row = self._db.execute(
            "SELECT 1 FROM seen WHERE project = ? AND look = ? AND marker >= ? AND marker < ? LIMIT 1",
            [project, purpose, prefix, prefix + "\U0010ffff"],
        ).fetchone()
        return row is not None

    def has_marked(self, project: str, purpose: Purpose, folder: int) -> bool:
        """Whether a case in a folder carries a marker."""
        row = self._db.execute(
            "SELECT 1 FROM seen WHERE project = ? AND look = ? AND folder_id = ? AND marker <> '' LIMIT 1",
            [project, purpose, folder],
        ).fetchone()
        return row is not None

    def missing(self, project: str, purpose: Purpose) -> Iterator[Holding]:
        """Yield the cases of the ledger that were not seen."""
        statement = (
            f"SELECT l.rowid, {_QUALIFIED_HOLDING} FROM ledger l WHERE l.project = ? AND l.kind = 'case'"  # noqa: S608 - constants
            " AND l.draft IS NOT NULL AND NOT EXISTS (SELECT 1 FROM seen s WHERE s.project = l.project AND s.look = ?"
            " AND s.id = l.id) AND l.rowid > ? ORDER BY l.rowid LIMIT ?"
        )
        return (holding_of(row) for row in paged(self._db, statement, [project, purpose]))

    def not_in_ledger(self, project: str, purpose: Purpose, prefix: str) -> Iterator[SeenCase]:
        """Yield the cases that carry a marker that begins with ``prefix`` and are not the ledger's case for it."""
        statement = (
            f"SELECT s.rowid, {', '.join('s.' + name.strip() for name in _COLUMNS.split(','))} FROM seen s"  # noqa: S608 - constants
            " WHERE s.project = ? AND s.look = ? AND s.marker >= ? AND s.marker < ? AND NOT EXISTS (SELECT 1 FROM"
            " ledger l WHERE l.marker = s.marker AND l.id = s.id) AND s.rowid > ? ORDER BY s.rowid LIMIT ?"
        )
        rows = paged(self._db, statement, [project, purpose, prefix, prefix + "\U0010ffff"])
        return (SeenCase(*row) for row in rows)
