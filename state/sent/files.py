"""What became of the bytes of files: downloaded, uploaded, given up."""

from collections.abc import Iterator, Mapping, Sequence

from sqlite_utils import Database

from migrator.core.file_records import Fetched, FileProof, Verdict
from migrator.core.ports.source import Memory
from migrator.core.redact import hidden
from migrator.core.views import StoredFile
from state.disk import Disk
from state.memory import StoredMemory
from state.rows import paged, rows_in

FILE_PROOFS = (
    # there: SHA-256 of what QA Sphere gave back; checked_at: when, in seconds since the epoch
    "ALTER TABLE file ADD COLUMN there TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE file ADD COLUMN checked_at REAL",
)
_RECALL = "SELECT memory FROM file WHERE marker = :marker"
_KEEP = (
    "INSERT INTO file (marker, project, name, memory) VALUES (:marker, :project, :name, :text)"
    " ON CONFLICT (marker) DO UPDATE SET memory = excluded.memory"
)
_LAST = "\U0010ffff"
"""Sorts behind whatever follows the beginning of a marker."""
_STORED = "name, media_type, size, id, url"


class Files:
    """Writes are committed when the method returns, or with a surrounding transaction."""

    def __init__(self, db: Database, disk: Disk) -> None:
        self._db = db
        self._disk = disk

    def fetched(self, markers: Sequence[str]) -> Mapping[str, Fetched]:
        """Return what was downloaded."""
        statement = "SELECT marker, size, sha256, media_type FROM file WHERE sha256 IS NOT NULL AND marker IN ({})"
        return {marker: Fetched(size, sha, kind) for marker, size, sha, kind in rows_in(self._db, statement, markers)}

    def put_fetched(self, project: str, marker: str, name: str, fetched: Fetched) -> None:
        """Record a download; what the source remembered of it is not needed any more."""
        self._db.execute(
            "INSERT INTO file (marker, project, name, size, sha256, media_type) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT"
            " (marker) DO UPDATE SET name = excluded.name, size = excluded.size, sha256 = excluded.sha256,"
            " media_type = excluded.media_type, memory = NULL, verdict = NULL",
            [marker, project, name, fetched.size, fetched.sha256, fetched.media_type],
        )

    def stored(self, markers: Sequence[str]) -> Mapping[str, StoredFile]:
        """Return what is in QA Sphere, under the name that each marker gives it."""
        statement = f"SELECT marker, {_STORED} FROM file WHERE id IS NOT NULL AND marker IN ({{}})"  # noqa: S608 - constants
        return {row[0]: _stored(row[1:]) for row in rows_in(self._db, statement, markers)}

    def put_stored(self, project: str, marker: str, file: StoredFile) -> None:
        """Record an upload, or a file that was found in a case. Its name is the marker's."""
        self._db.execute(
            "INSERT INTO file (marker, project, name, size, media_type, id, url) VALUES (?, ?, ?, ?, ?, ?, ?) ON"
            " CONFLICT (marker) DO UPDATE SET name = excluded.name, size = excluded.size, id = excluded.id,"
            " url = excluded.url, media_type = excluded.media_type, verdict = NULL",
            [marker, project, file.name, file.size, file.media_type, file.id, file.url],
        )

    def put_names(self, names: Mapping[str, str]) -> None:
        """Record under which names, by marker, a case lists its files now."""
        for marker, name in names.items():
            self._db.execute("UPDATE file SET name = ? WHERE marker = ? AND name <> ?", [name, marker, name])

    def same_bytes(self, project: str, sha256: str) -> StoredFile | None:
        """Return a file of the project in QA Sphere with these bytes."""
        row = self._db.execute(
            f"SELECT {_STORED} FROM file WHERE project = ? AND sha256 = ? AND id IS NOT NULL LIMIT 1",  # noqa: S608 - constants
            [project, sha256],
        ).fetchone()
        return _stored(row) if row else None

    def has_earlier(self, stem: str) -> bool:
        """Return whether a file is in QA Sphere whose marker begins so; an empty stem is none."""
        statement = "SELECT 1 FROM file WHERE marker >= ? AND marker < ? AND id IS NOT NULL LIMIT 1"
        return bool(stem) and self._db.execute(statement, [stem, stem + _LAST]).fetchone() is not None

    def each_stored(self, project: str) -> Iterator[tuple[StoredFile, str, str]]:
        """Yield every different file of the project in QA Sphere with its SHA-256 and one of its markers, but for
        those that were only found, because nobody knows their bytes."""
        statement = (
            f"SELECT min(rowid), {_STORED}, sha256, marker FROM file WHERE project = ? AND id IS NOT NULL"  # noqa: S608 - constants
            " AND sha256 IS NOT NULL GROUP BY id HAVING min(rowid) > ? ORDER BY 1 LIMIT ?"
        )
        for row in paged(self._db, statement, [project]):
            yield _stored(row[:5]), row[5], row[6]

    def each_without_sum(self, project: str) -> Iterator[tuple[str, StoredFile]]:
        """Yield marker and file of those that were only found in QA Sphere, because nobody knows their bytes."""
        statement = (
            f"SELECT rowid, {_STORED}, marker FROM file WHERE project = ? AND id IS NOT NULL"  # noqa: S608 - constants
            " AND sha256 IS NULL AND rowid > ? ORDER BY 1 LIMIT ?"
        )
        for row in paged(self._db, statement, [project]):
            yield row[5], _stored(row[:5])

    def put_sum(self, marker: str, size: int, sha256: str) -> None:
        """Record what the source gives for a file that was found in QA Sphere; ``size`` in bytes."""
        self._db.execute("UPDATE file SET size = ?, sha256 = ?, memory = NULL WHERE marker = ?", [size, sha256, marker])

    def stored_ids(self, project: str) -> Mapping[str, str]:
        """Return marker → id of the project's files in QA Sphere, under all their markers."""
        statement = "SELECT marker, id FROM file WHERE project = ? AND id IS NOT NULL"
        return dict(self._db.execute(statement, [project]).fetchall())

    def put_checked(self, project: str, ident: str, sha256: str, at: float) -> None:
        """Record what a file in QA Sphere, by its id there, was read back as; ``at`` in seconds since the epoch."""
        self._db.execute(
            "UPDATE file SET there = ?, checked_at = ? WHERE project = ? AND id = ?", [sha256, at, project, ident]
        )

    def proofs(self, markers: Sequence[str]) -> Mapping[str, FileProof]:
        """Return what is known of the bytes of files on both sides, for all that were fetched or stored."""
        statement = (
            "SELECT marker, name, size, coalesce(sha256, ''), url, there, checked_at FROM file WHERE marker IN ({})"
        )
        return {row[0]: FileProof(*row[1:]) for row in rows_in(self._db, statement, markers)}

    def verdicts(self, markers: Sequence[str]) -> Mapping[str, Verdict]:
        """Return why files will not come, for those that were given up for good."""
        statement = "SELECT marker, verdict, address FROM file WHERE verdict IS NOT NULL AND marker IN ({})"
        return {marker: Verdict(remark, address) for marker, remark, address in rows_in(self._db, statement, markers)}

    def put_verdict(self, project: str, marker: str, name: str, verdict: Verdict) -> None:
        """Record that a file will not come; what was known of its bytes is kept."""
        self._db.execute(
            "INSERT INTO file (marker, project, name, verdict, address) VALUES (?, ?, ?, ?, ?) ON CONFLICT (marker) DO"
            " UPDATE SET verdict = excluded.verdict, address = excluded.address, memory = NULL",
            [marker, project, name, hidden(verdict.remark), hidden(verdict.address)],
        )

    def clear_verdicts(self, project: str) -> int:
        """Forget them, so that the files are asked for once more; return how many."""
        return self._db.execute(
            "UPDATE file SET verdict = NULL WHERE project = ? AND verdict IS NOT NULL", [project]
        ).rowcount

    def memory(self, project: str, marker: str, name: str) -> Memory:
        """Return what the source may remember of a download."""
        return StoredMemory(self._db, _RECALL, _KEEP, {"project": project, "marker": marker, "name": name}, self._disk)

    def add_orphans(self, project: str, files: Mapping[str, str]) -> None:
        """Count and name files, given as marker → name, copies of which may lie in QA Sphere although nothing refers to
        them."""
        self._db.conn.executemany(
            "INSERT INTO orphan_file (marker, name) VALUES (?, ?)", [(marker, name) for marker, name in files.items()]
        )
        self._db.execute(
            "INSERT INTO orphans (project, files) VALUES (?, ?) ON CONFLICT (project) DO UPDATE SET"
            " files = files + excluded.files",
            [project, len(files)],
        )


def _stored(row: Sequence[str | int]) -> StoredFile:
    name, media_type, size, ident, url = row
    return StoredFile(id=str(ident), name=str(name), media_type=str(media_type), size=int(size), url=str(url))
