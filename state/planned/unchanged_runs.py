"""Units of runs that need not be planned again, because nothing that decides about them has changed."""

import hashlib
from collections.abc import Mapping, Sequence

from sqlite_utils import Database

from migrator.core.records import Fate, Round
from migrator.core.refs import variant

UNITS = (
    # grounds: digest of what the plan was made on; round_id: the last round in which it stood
    "CREATE TABLE planned_unit (unit TEXT PRIMARY KEY, grounds TEXT NOT NULL, round_id INTEGER NOT NULL) WITHOUT ROWID",
)

_END = "\U0010ffff"
_OPEN = "o.state IN ('planned', 'sending', 'failed', 'unknown', 'blocked')"
# CROSS JOIN keeps SQLite from going through all results for each unit
_RUNS = "SELECT run FROM run_place WHERE round_id = ? AND unit = ?"
_RESULTS = (
    "SELECT i.marker FROM run_place p CROSS JOIN run_item i ON i.run = p.run AND i.round_id = ? WHERE p.round_id = ?"
    " AND p.unit = ?"
)


class UnchangedRuns:
    """Asks about whole units at once: a workspace may hold a million results, of which a round changes a few."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def is_unchanged_at_source(self, current: Round, unit: str) -> bool:
        """Whether the source was seen to hold all runs of a unit, and their results, as they were in the round before.

        That is known of results that were read with their run.
        """
        row = self._db.execute(
            f"SELECT count(*), sum(EXISTS (SELECT 1 FROM entity e WHERE e.owner = r.run AND e.item_kind = 'result')"  # noqa: S608 - constants
            " AND NOT EXISTS (SELECT 1 FROM stream s CROSS JOIN listed l ON l.project = ? AND l.stream = s.stream"
            " AND l.marker = r.run WHERE s.round_id = ? AND NOT (l.stands = 1 AND l.seen = s.round_id)))"
            f" FROM ({_RUNS}) r",
            [current.project, current.id, current.id, unit],
        ).fetchone()
        return bool(row[0]) and row[0] == row[1]

    def content(self, current: Round, unit: str) -> str:
        """Return a digest of all that the source says of a unit's runs and results."""
        rows = self._db.execute(
            "SELECT marker, digest, raw_digest FROM entity WHERE marker IN"  # noqa: S608 - constants
            f" ({_RUNS} UNION ALL {_RESULTS}) ORDER BY marker",
            [current.id, unit, current.reading, current.id, unit],
        )
        found = hashlib.sha256()
        for row in rows:
            found.update(" ".join(row).encode())
        return found.hexdigest()

    def planned_from(self, current: Round, unit: str) -> str:
        """Return what the plan of a unit was made on, if it came to rest and stood in the round before; else empty."""
        row = self._db.execute(
            "SELECT grounds FROM planned_unit WHERE unit = ? AND round_id = (SELECT max(id) FROM round"
            " WHERE project = ? AND id < ?)",
            [unit, current.project, current.id],
        ).fetchone()
        return str(row[0]) if row else ""

    def put_planned_from(self, current: Round, unit: str, digest: str) -> None:
        """Record what the plan of a unit was made on; empty when it did not come to rest."""
        if digest:
            self._db.execute(
                "INSERT OR REPLACE INTO planned_unit (unit, grounds, round_id) VALUES (?, ?, ?)",
                [unit, digest, current.id],
            )
        else:
            self._db.execute("DELETE FROM planned_unit WHERE unit = ?", [unit])

    def runs(self, unit: str) -> Sequence[tuple[str, bool]]:
        """Return the runs in QA Sphere that hold a unit: id, and whether nothing of it waits to be done."""
        none = f"NOT EXISTS (SELECT 1 FROM operation o WHERE {{}} = l.marker AND {_OPEN})"  # noqa: S608 - constants
        rows = self._db.execute(
            f"SELECT l.id, l.wished IS NULL AND {none.format('o.lane')} AND {none.format('o.marker')} FROM ledger l"  # noqa: S608 - constants
            " WHERE l.kind = 'run' AND (l.marker = ? OR l.marker >= ? AND l.marker < ?)",
            _variants(unit),
        )
        return [(ident, bool(rests)) for ident, rests in rows.fetchall()]

    def awaits_run(self, unit: str) -> bool:
        """Whether a run of a unit is to be made, or may have been."""
        row = self._db.execute(
            "SELECT 1 FROM operation WHERE kind = 'run' AND verb = 'create' AND state <> 'done'"
            " AND (marker = ? OR marker >= ? AND marker < ?)",
            _variants(unit),
        ).fetchone()
        return row is not None

    def keep(self, current: Round, unit: str) -> int:
        """Let the items of a unit stand in this round as they are; return how many come from the source."""
        self._db.execute(
            "UPDATE item SET round_id = ? WHERE kind = 'run' AND made = 1"
            " AND (marker = ? OR marker >= ? AND marker < ?)",
            [current.id, *_variants(unit)],
        )
        of_unit = [current.id, unit]
        runs = self._db.execute(f"UPDATE item SET round_id = ? WHERE marker IN ({_RUNS})", [current.id, *of_unit])  # noqa: S608 - constants
        results = self._db.execute(
            f"UPDATE item SET round_id = ? WHERE marker IN ({_RESULTS})",  # noqa: S608 - constants
            [current.id, current.reading, *of_unit],
        )
        self._db.execute("UPDATE planned_unit SET round_id = ? WHERE unit = ?", of_unit)
        return int(runs.rowcount + results.rowcount)

    def cases_of(self, current: Round, unit: str) -> frozenset[str]:
        """Return the cases that a unit has results of."""
        rows = self._db.execute(
            "SELECT DISTINCT i.case_marker FROM run_place p CROSS JOIN run_item i ON i.run = p.run AND i.round_id = ?"
            " WHERE p.round_id = ? AND p.unit = ?",
            [current.reading, current.id, unit],
        )
        return frozenset(marker for (marker,) in rows)

    def doubtful_cases(self, current: Round) -> Mapping[str, tuple[Fate | None, bool]]:
        """Return the cases of results that are not in QA Sphere, or not any more: their fate, None without one, and
        whether the ledger knows them."""
        rows = self._db.execute(
            "SELECT c.case_marker, i.fate, l.marker IS NOT NULL FROM (SELECT DISTINCT case_marker FROM run_item"
            " WHERE round_id = ? AND case_marker <> '') c LEFT JOIN item i ON i.marker = c.case_marker"
            " LEFT JOIN ledger l ON l.marker = c.case_marker WHERE l.marker IS NULL OR i.fate = 'gone'",
            [current.reading],
        )
        return {marker: (fate, bool(known)) for marker, fate, known in rows.fetchall()}


def _variants(unit: str) -> list[str]:
    prefix = variant(unit, "")
    return [unit, prefix, prefix + _END]
