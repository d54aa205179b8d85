"""Cases that need not be planned again: what their plan was made from, compared by digests alone."""

from collections.abc import Iterator, Mapping, Sequence

import orjson
from sqlite_utils import Database

from migrator.core.base import digest_of
from migrator.core.model import TestCase
from migrator.core.records import CaseInputs, CaseRow, Extracted, KeptPlan, Round, Stamp
from state.extracted.around import plan_inputs
from state.packed import unpacked_entity
from state.rows import paged, rows_in, run_in

KEPT_PLANS = (
    # grounds: JSON of what a case was planned on; empty when its notes are not those of its mapping alone. Whoever
    # plans the item anew replaces its row, and this with it
    "ALTER TABLE item ADD COLUMN grounds TEXT NOT NULL DEFAULT ''",
)


class UnchangedCases:
    """Asks archive and items together."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def cases(self, current: Round) -> Iterator[CaseRow]:
        """Yield the round's cases in the order of extraction; memory stays flat."""
        statement = (
            "SELECT position, marker, parent, digest, raw_digest FROM entity WHERE project = ? AND kind = 'case'"
            " AND round_id = ? AND position > ? ORDER BY position LIMIT ?"
        )
        for marker, folder, digest, raw_digest in paged(self._db, statement, [current.project, current.reading]):
            yield CaseRow(marker, folder or "", Stamp(digest, raw_digest))

    def read(self, markers: Sequence[str]) -> Sequence[Extracted[TestCase]]:
        """Return these cases, in this order."""
        statement = "SELECT marker, body, digest, raw_digest FROM entity WHERE marker IN ({})"
        found: dict[str, Extracted[TestCase]] = {}
        for marker, body, digest, raw_digest in rows_in(self._db, statement, markers):
            entity = unpacked_entity(body)
            if isinstance(entity, TestCase):
                found[marker] = Extracted(entity, Stamp(digest, raw_digest))
        return [found[marker] for marker in markers]

    def inputs(
        self, current: Round, rows: Sequence[CaseRow], addresses: Mapping[str, Sequence[str]]
    ) -> Mapping[str, CaseInputs]:
        """Return what the rules are given of cases, by marker. ``addresses``: those in the texts of each."""
        return plan_inputs(self._db, current, {row.marker: row.stamp for row in rows}, addresses)

    def people(self, current: Round) -> str:
        """Return a digest of all people of the round."""
        rows = self._db.execute(
            "SELECT marker, digest FROM entity WHERE project = ? AND kind = 'user' AND round_id = ? ORDER BY position",
            [current.project, current.reading],
        )
        return digest_of(rows.fetchall())

    def kept(self, markers: Sequence[str]) -> Mapping[str, KeptPlan]:
        """Return what is kept of the cases whose notes are still those of that planning."""
        statement = "SELECT marker, grounds FROM item WHERE grounds <> '' AND marker IN ({})"
        return {marker: _unpacked(text) for marker, text in rows_in(self._db, statement, markers)}

    def keep(self, current: Round, markers: Sequence[str]) -> None:
        """Record that these cases are unchanged in this round, with title and notes as they were planned."""
        run_in(
            self._db,
            "UPDATE item SET fate = 'unchanged', reason = '', action = '', round_id = ?, made = made AND NOT EXISTS"
            " (SELECT 1 FROM entity e WHERE e.marker = item.marker) WHERE marker IN ({})",
            markers,
            current.id,
        )
        for table in ("wanted", "replaced"):
            run_in(self._db, f"DELETE FROM {table} WHERE marker IN ({{}})", markers)  # noqa: S608 - constants


def packed_kept_plan(plan: KeptPlan) -> str:
    """Return what is kept of a planning, for storing."""
    return orjson.dumps([plan.digest, plan.addresses, plan.files, plan.folded]).decode()


def _unpacked(text: str) -> KeptPlan:
    digest, addresses, files, folded = orjson.loads(text)
    return KeptPlan(
        digest, tuple(addresses), tuple((marker, name, made) for marker, name, made in files), tuple(folded)
    )
