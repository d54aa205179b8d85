"""The ledger: what is in QA Sphere, what it was made to hold, and what it looked like when it was read back."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from sqlite_utils import Database

from migrator.core.model import ItemKind
from migrator.core.records import Base, Holding, LedgerEntry, Stamp
from state.packed import packed_draft, unpacked_draft
from state.rows import paged, rows_in

_ENTRY = "marker, kind, id, seq, digest, stamp_entity, stamp_raw, base IS NOT NULL, wished IS NULL"
HOLDING = f"{_ENTRY}, draft, base, wished"


class Ledger:
    """Writes are committed when the method returns, or with a surrounding transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def entries(self, markers: Sequence[str]) -> Mapping[str, LedgerEntry]:
        """Return the entries there are."""
        rows = rows_in(self._db, f"SELECT {_ENTRY} FROM ledger WHERE marker IN ({{}})", markers)  # noqa: S608 - constants
        return {row[0]: _entry(row) for row in rows}

    def holdings(self, markers: Sequence[str]) -> Mapping[str, Holding]:
        """Return the entries with draft and base."""
        statement = f"SELECT {HOLDING} FROM ledger WHERE draft IS NOT NULL AND marker IN ({{}})"  # noqa: S608 - constants
        return {row[0]: holding_of(row) for row in rows_in(self._db, statement, markers)}

    def by_ids(self, project: str, kind: ItemKind, ids: Sequence[str]) -> Mapping[str, Holding]:
        """Return QA Sphere's id → holding."""
        statement = (
            f"SELECT {HOLDING} FROM ledger WHERE project = ? AND kind = ? AND draft IS NOT NULL AND id IN ({{}})"  # noqa: S608 - constants
        )
        return {row[2]: holding_of(row) for row in rows_in(self._db, statement, ids, project, kind)}

    def each(self, project: str, kind: ItemKind) -> Iterator[Holding]:
        """Yield all holdings of a kind; memory stays flat."""
        return self._with("draft", project, kind)

    def incomplete(self, project: str, kind: ItemKind) -> Iterator[Holding]:
        """Yield the holdings that wish for more than was written; memory stays flat."""
        return self._with("wished", project, kind)

    def one_incomplete(self, markers: Sequence[str], kind: ItemKind) -> str | None:
        """Return one of these items of a kind that wishes for more than was written."""
        statement = "SELECT marker FROM ledger WHERE kind = ? AND wished IS NOT NULL AND marker IN ({})"
        return next((marker for (marker,) in rows_in(self._db, statement, markers, kind)), None)

    def _with(self, column: str, project: str, kind: ItemKind) -> Iterator[Holding]:
        statement = (
            f"SELECT rowid, {HOLDING} FROM ledger WHERE project = ? AND kind = ? AND {column} IS NOT NULL"  # noqa: S608 - constants
            " AND rowid > ? ORDER BY rowid LIMIT ?"
        )
        return (holding_of(row) for row in paged(self._db, statement, [project, kind]))

    def unknown_ids(self, project: str, kind: ItemKind, ids: Sequence[str]) -> Sequence[str]:
        """Return those of QA Sphere's ids that are not in the ledger, in the same order."""
        statement = "SELECT id FROM ledger WHERE project = ? AND kind = ? AND id IN ({})"
        known = {ident for (ident,) in rows_in(self._db, statement, ids, project, kind)}
        return [ident for ident in ids if ident not in known]

    def highest_seq(self, project: str) -> int:
        """Return the highest number of a case."""
        row = self._db.execute("SELECT coalesce(max(seq), 0) FROM ledger WHERE project = ?", [project]).fetchone()
        return int(row[0])

    def count(self, project: str, kind: ItemKind) -> int:
        """Return how many items of a kind are in QA Sphere."""
        row = self._db.execute("SELECT count(*) FROM ledger WHERE project = ? AND kind = ?", [project, kind]).fetchone()
        return int(row[0])

    def put(self, project: str, holding: Holding, *, unread: bool = False) -> None:
        """Enter or replace an item. ``unread``: it was written and is to be read back."""
        entry, stamp = holding.entry, holding.entry.stamp
        self._db.execute(
            "INSERT INTO ledger (marker, project, kind, id, seq, digest, written_at, draft, base, wished, unread,"
            " stamp_entity, stamp_raw) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (marker) DO UPDATE SET"
            " project = excluded.project, id = excluded.id, seq = excluded.seq, digest = excluded.digest,"
            " written_at = excluded.written_at, draft = excluded.draft, base = excluded.base, wished = excluded.wished,"
            " unread = excluded.unread, stamp_entity = excluded.stamp_entity, stamp_raw = excluded.stamp_raw",
            [
                entry.marker, project, entry.kind, entry.id, entry.seq, entry.digest, time.time(),
                packed_draft(holding.draft), _base_bytes(holding.base), holding.wished and packed_draft(holding.wished),
                unread, stamp and stamp.entity, stamp and stamp.raw,
            ],
        )  # fmt: skip

    def restamp(self, stamps: Mapping[str, Stamp]) -> None:
        """Record of items, by marker, that they stand there as the source has them now."""
        with self._db.atomic():
            self._db.conn.executemany(
                "UPDATE ledger SET stamp_entity = ?, stamp_raw = ? WHERE marker = ?",
                [(stamp.entity, stamp.raw, marker) for marker, stamp in stamps.items()],
            )

    def unread(self, project: str) -> tuple[int, int]:
        """Return how many cases wait to be read back, and the lowest number among them."""
        count, lowest = self._db.execute(
            "SELECT count(*), coalesce(min(seq), 0) FROM ledger WHERE project = ? AND unread = 1", [project]
        ).fetchone()
        return int(count), int(lowest)

    def read_back(self, holding: Holding, base: Base) -> None:
        """Record what a case that was waiting looks like."""
        self._db.execute(
            "UPDATE ledger SET base = ?, unread = 0 WHERE marker = ? AND unread = 1",
            [_base_bytes(base), holding.entry.marker],
        )


def holding_of(row: Sequence[Any]) -> Holding:
    """Return what the columns ``HOLDING`` say."""
    draft, base, wished = row[9:12]
    return Holding(
        _entry(row),
        unpacked_draft(draft),
        Base(**orjson.loads(base)) if base else None,
        unpacked_draft(wished) if wished else None,
    )


def _entry(row: Sequence[Any]) -> LedgerEntry:
    marker, kind, ident, seq, digest, entity, raw, is_based, is_complete = row[:9]
    stamp = Stamp(entity, raw) if entity else None
    return LedgerEntry(marker, kind, ident, seq, digest, stamp, bool(is_based), bool(is_complete))


def _base_bytes(base: Base | None) -> bytes | None:
    if base is None:
        return None
    return orjson.dumps({"fields": base.fields, "version": base.version, "edited": base.edited, "prose": base.prose})
