"""The operations of the journal, read: which wait, which are in doubt, what has become of others."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from migrator.core.model import ItemKind
from migrator.core.ports.mapping import Mapped
from migrator.core.records import Holding, Operation, OperationState, Stamp, Verb
from migrator.core.refs import lists_pages
from migrator.core.text import symbol
from state.packed import draft_json, unpacked_draft
from state.rows import paged, rows_in
from state.sent.ledger import Ledger

OPERATION = (
    "marker, kind, title, draft, id, project, lane, position, state, seq_floor, alive_at, keyed, verb, stamp_entity,"
    " stamp_raw"
)

_NAMES_CASE = symbol("case", "").encode()


class Operations:
    """The half of the journal that changes nothing."""

    def __init__(self, db: Database, ledger: Ledger) -> None:
        self._db = db
        self._ledger = ledger

    def operation_states(self, markers: Sequence[str], verb: Verb) -> Mapping[str, tuple[OperationState, str]]:
        """Return state and draft digest of the operations there are."""
        statement = "SELECT marker, state, digest FROM operation WHERE verb = ? AND marker IN ({})"
        return {marker: (state, digest) for marker, state, digest in rows_in(self._db, statement, markers, verb)}

    def planned_counts(self, project: str) -> Mapping[tuple[ItemKind, Verb], int]:
        """Return how many operations have not ended yet, by kind and verb."""
        rows = self._db.execute(
            "SELECT kind, verb, count(*) FROM operation WHERE project = ? AND state IN ('planned', 'sending',"
            " 'unknown') GROUP BY 1, 2",
            [project],
        )
        return {(kind, verb): count for kind, verb, count in rows}

    def planned_among(self, project: str, markers: Sequence[str]) -> Mapping[str, Verb]:
        """Return which of these markers have a planned operation."""
        statement = "SELECT marker, verb FROM operation WHERE project = ? AND state = 'planned' AND marker IN ({})"
        return dict(rows_in(self._db, statement, markers, project))

    def planned_titles(self, project: str, titles: Sequence[str]) -> Sequence[tuple[str, str, str]]:
        """Return title, marker and need of the creates of cases that are planned under one of these titles."""
        statement = (
            "SELECT title, marker, lane FROM operation WHERE project = ? AND kind = 'case' AND verb = 'create'"
            " AND state = 'planned' AND title IN ({})"
        )
        return list(rows_in(self._db, statement, titles, project))

    def needs(self, project: str, kind: ItemKind) -> Sequence[str]:
        """Return the markers that planned or unknown creates need, in order."""
        rows = self._db.execute(
            "SELECT lane FROM operation WHERE project = ? AND kind = ? AND verb = 'create' AND state IN ('planned',"
            " 'unknown') GROUP BY lane ORDER BY min(position)",
            [project, kind],
        )
        return [need for (need,) in rows]

    def next_operations(self, project: str, kind: ItemKind, need: str, after: int, limit: int) -> Sequence[Operation]:
        """Return the next planned creates with one need behind position ``after``."""
        return self._operations(
            "project = ? AND kind = ? AND verb = 'create' AND state = 'planned' AND lane = ? AND position > ?",
            [project, kind, need, after, limit],
        )

    def planned(
        self, project: str, kind: ItemKind, limit: int, *, verb: Verb = "create", after: int = -1
    ) -> Sequence[Operation]:
        """Return the next planned operations of a kind behind position ``after``, whatever they need."""
        return self._operations(
            "project = ? AND kind = ? AND verb = ? AND state = 'planned' AND position > ?",
            [project, kind, verb, after, limit],
        )

    def creates_that_name(self, project: str) -> Iterator[Operation]:
        """Yield the planned creates of cases that list pages or name other cases; memory stays flat."""
        rows = paged(
            self._db,
            f"SELECT id, {OPERATION} FROM operation WHERE project = ? AND kind = 'case' AND verb = 'create'"  # noqa: S608 - constants
            # what was sent keeps no draft
            " AND state IN ('planned', 'sending', 'unknown') AND length(draft) > 0 AND id > ? ORDER BY id LIMIT ?",
            [project],
        )
        return (operation_of(row) for row in rows if lists_pages(row[0]) or _NAMES_CASE in draft_json(row[3]))

    def open_creates(self, markers: Sequence[str]) -> Sequence[Operation]:
        """Return the creates of these items that have not ended yet."""
        statement = (
            f"SELECT {OPERATION} FROM operation WHERE verb = 'create' AND state IN ('planned', 'sending', 'unknown')"  # noqa: S608 - constants
            " AND length(draft) > 0 AND marker IN ({})"
        )
        return [operation_of(row) for row in rows_in(self._db, statement, markers)]

    def unknown(self, project: str, kind: ItemKind, *, verb: Verb = "create") -> Sequence[Operation]:
        """Return the operations in doubt."""
        return self._operations(
            "project = ? AND kind = ? AND verb = ? AND state = 'unknown'", [project, kind, verb, -1]
        )

    def first_done(self, project: str, kind: ItemKind) -> Holding | None:
        """Return an item whose create took effect."""
        row = self._db.execute(
            # what was adopted was not sent from here, and may have been edited since
            "SELECT marker FROM operation o WHERE project = ? AND kind = ? AND verb = 'create' AND state = 'done' AND"
            " NOT EXISTS (SELECT 1 FROM item i WHERE i.marker = o.marker AND i.fate = 'adopted')"
            " ORDER BY position LIMIT 1",
            [project, kind],
        ).fetchone()
        return self._ledger.holdings([row[0]])[row[0]] if row else None

    def under_way(self, markers: Sequence[str], verb: Verb = "create") -> str | None:
        """Return one of these items that is still to be written, the last in order."""
        statement = (
            "SELECT position, marker FROM operation WHERE state IN ('planned', 'sending', 'unknown')"
            " AND verb = ? AND marker IN ({})"
        )
        last: tuple[int, str | None] = max(rows_in(self._db, statement, markers, verb), default=(0, None))
        return last[1]

    def awaited_result(self, run: str) -> str | None:
        """Return a result of a run that is still to be written, the last in order."""
        row = self._db.execute(
            "SELECT marker FROM operation WHERE lane = ? AND +kind = 'result' AND state IN ('planned', 'sending',"
            " 'unknown') ORDER BY +position DESC LIMIT 1",
            [run],
        ).fetchone()
        return row[0] if row else None

    def in_flight(self, markers: Sequence[str]) -> frozenset[str]:
        """Return those of which a write may have taken effect, or may yet: it was sent, and nobody knows its end."""
        statement = "SELECT marker FROM operation WHERE state IN ('sending', 'unknown') AND marker IN ({})"
        return frozenset(marker for (marker,) in rows_in(self._db, statement, markers))

    def sent_with_marker_field(self, markers: Sequence[str]) -> frozenset[str]:
        """Return the cases that were created with their marker in the custom field."""
        statement = (
            "SELECT marker FROM operation WHERE verb = 'create' AND state = 'done' AND keyed = 1 AND marker IN ({})"
        )
        return frozenset(marker for (marker,) in rows_in(self._db, statement, markers))

    def open_count(self, project: str, kind: ItemKind, *, verb: Verb = "create") -> int:
        """Return how many operations of a kind have not ended yet."""
        return self.planned_counts(project).get((kind, verb), 0)

    def _operations(self, where: str, parameters: Sequence[Any]) -> Sequence[Operation]:
        # the only texts put into this statement are the constants of this module
        statement = f"SELECT {OPERATION} FROM operation WHERE {where} ORDER BY position LIMIT ?"  # noqa: S608 - constants
        return [operation_of(row) for row in self._db.execute(statement, parameters)]


def operation_of(row: tuple[Any, ...]) -> Operation:
    """Return what the columns ``OPERATION`` say; not for one that is done, whose draft is in the ledger."""
    marker, kind, title, draft, ident, project, need, position, state, seq_floor, alive_at, keyed, verb, *stamp = row
    mapped = Mapped(marker, kind, title, "draft", unpacked_draft(draft))
    return Operation(
        mapped, ident, project, need, position, state, seq_floor, alive_at, bool(keyed), verb,
        Stamp(*stamp) if stamp[0] else None,
    )  # fmt: skip
