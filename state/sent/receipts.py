"""The ledger of receipts: what hangs at the source, and what may."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlite_utils import Database

from migrator.core.ports.source import Memory
from migrator.core.receipt_records import Moved, Receipt
from migrator.core.redact import hidden
from migrator.core.refs import Ref
from state.disk import Disk
from state.memory import StoredMemory
from state.packed import unpacked_json
from state.rows import LAST_ROUNDS, paged

RECEIPTS = (
    # alive_at: when its request may last have been under way; memory: the source's word on an upload under way
    "CREATE TABLE receipt (owner TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, alive_at REAL NOT NULL,"
    " looks INTEGER NOT NULL, cause TEXT NOT NULL, memory TEXT, UNIQUE (owner, name))",
    # which owner's receipt tells of which case; made anew by every command
    "CREATE TABLE receipt_item (marker TEXT PRIMARY KEY, project TEXT NOT NULL, owner TEXT NOT NULL,"
    " ref BLOB NOT NULL)",
    "CREATE INDEX receipt_item_by_owner ON receipt_item (project, owner)",
)
_RECALL = "SELECT memory FROM receipt WHERE owner = :owner AND name = :name"
_KEEP = "UPDATE receipt SET memory = :text WHERE owner = :owner AND name = :name"
_MOVED = "i.title, l.id, l.seq, l.written_at, e.body"
_JOINED = "ledger l JOIN item i ON i.marker = l.marker JOIN entity e ON e.marker = l.marker"


class ReceiptBook:
    """Writes are committed when the method returns, or with a surrounding transaction."""

    def __init__(self, db: Database, disk: Disk) -> None:
        self._db = db
        self._disk = disk

    def moved(self, project: str) -> Iterator[Moved]:
        """Yield the cases that the last round met and that are in QA Sphere, whatever else became of them."""
        statement = (
            f"SELECT l.rowid, {_MOVED} FROM {_JOINED} WHERE l.project = ? AND l.kind = 'case'"  # noqa: S608 - constants
            f" AND l.seq IS NOT NULL AND i.fate != 'gone' AND i.round_id IN ({LAST_ROUNDS})"
            " AND l.rowid > ? ORDER BY l.rowid LIMIT ?"
        )
        return (_moved(row) for row in paged(self._db, statement, [project]))

    def forget_owners(self, project: str) -> None:
        """Forget what hangs on what."""
        self._db.execute("DELETE FROM receipt_item WHERE project = ?", [project])

    def assign(self, project: str, owned: Sequence[tuple[Ref, Moved]]) -> None:
        """Record which owner's receipt tells of which item."""
        with self._db.atomic():
            for owner, item in owned:
                self._db.execute(
                    "INSERT OR REPLACE INTO receipt_item (marker, project, owner, ref) VALUES (?, ?, ?, ?)",
                    [item.ref.marker, project, owner.marker, owner.model_dump_json().encode()],
                )

    def count(self, project: str) -> int:
        """Return how many owners there are."""
        row = self._db.execute("SELECT count(DISTINCT owner) FROM receipt_item WHERE project = ?", [project]).fetchone()
        return int(row[0])

    def owners(self, project: str) -> Iterator[Ref]:
        """Yield each owner; memory stays flat."""
        statement = (
            "SELECT owner, max(ref) FROM receipt_item WHERE project = ? AND owner > ? GROUP BY owner ORDER BY owner"
            " LIMIT ?"
        )
        return (Ref.model_validate_json(ref) for (ref,) in paged(self._db, statement, [project], after=""))

    def items(self, project: str, owner: Ref) -> Sequence[Moved]:
        """Return what the receipt of an owner tells of, by number."""
        rows = self._db.execute(
            f"SELECT {_MOVED} FROM receipt_item r JOIN {_JOINED} WHERE r.project = ? AND r.owner = ?"  # noqa: S608 - constants
            " AND l.marker = r.marker ORDER BY l.seq",
            [project, owner.marker],
        )
        return [_moved(row) for row in rows]

    def receipts(self, owner: str) -> Sequence[Receipt]:
        """Return the receipts of an owner (its marker), oldest first."""
        rows = self._db.execute(
            "SELECT owner, name, state, alive_at, looks, cause FROM receipt WHERE owner = ? ORDER BY rowid", [owner]
        )
        return [Receipt(*row) for row in rows]

    def put(self, receipt: Receipt) -> None:
        """Record how a receipt stands, on disk when this returns; what the source remembered of a finished one is not
        needed any more."""
        self._db.execute(
            "INSERT INTO receipt (owner, name, state, alive_at, looks, cause) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT"
            " (owner, name) DO UPDATE SET state = excluded.state, alive_at = excluded.alive_at,"
            " looks = excluded.looks, cause = excluded.cause,"
            " memory = CASE WHEN excluded.state = 'done' THEN NULL ELSE memory END",
            [receipt.owner, receipt.name, receipt.state, receipt.alive_at, receipt.lookups, hidden(receipt.cause)],
        )
        self._disk.flush()

    def memory(self, owner: str, name: str) -> Memory:
        """Return what the source may remember of sending it."""
        return StoredMemory(self._db, _RECALL, _KEEP, {"owner": owner, "name": name}, self._disk)

    def wake(self, now: float) -> None:
        """After a start: what was being sent when the last process ended may have been alive until now."""
        self._db.execute("UPDATE receipt SET alive_at = ?, looks = 0 WHERE state = 'sending'", [now])


def _moved(row: Sequence[Any]) -> Moved:
    title, ident, seq, written_at, body = row
    return Moved(Ref.model_validate(unpacked_json(body)["ref"]), title, str(ident), int(seq), written_at)
