"""What is in QA Sphere and has left the source. Nothing is concluded from a list that was not read to its end."""

from collections.abc import Iterator, Sequence

from sqlite_utils import Database

from migrator.core.model import ItemKind
from migrator.core.notes import NoteCode
from migrator.core.store import Departed, Round
from state.ledger import HOLDING, holding_of
from state.rows import paged

_HOLDING = ", ".join(f"l.{column.strip()}" for column in HOLDING.split(","))


class SqliteDeparted:
    """Asks archive and ledger together."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def each(self, current: Round, kinds: Sequence[ItemKind]) -> Iterator[Departed]:
        """Yield the items whose list was read whole in this round, and that it does not hold; memory stays flat."""
        marks = ", ".join("?" * len(kinds))
        statement = (
            f"SELECT l.rowid, {_HOLDING}, i.title, NOT EXISTS (SELECT 1 FROM note n WHERE n.marker = l.marker"  # noqa: S608 - constants
            " AND n.code = ?) FROM ledger l JOIN entity e ON e.marker = l.marker JOIN item i ON i.marker = l.marker"
            " JOIN stream s ON s.round_id = ? AND s.stream = e.stream AND s.done = 1"
            f" WHERE l.project = ? AND l.kind IN ({marks}) AND l.draft IS NOT NULL AND e.round_id < ?"
            # both sides have let go of it, or the rules have
            " AND i.fate NOT IN ('gone', 'excluded')"
            " AND e.stream NOT IN (SELECT field FROM note WHERE project = ? AND code = ?)"
            " AND e.stream NOT IN (SELECT c.stream FROM note n JOIN entity c ON c.marker = n.marker"
            " WHERE n.project = ? AND n.code = ? AND c.round_id = ?)"
            " AND l.rowid > ? ORDER BY l.rowid LIMIT ?"
        )
        project = current.project
        parameters = [
            NoteCode.DELETED_AT_SOURCE, current.id, project, *kinds, current.reading, project, NoteCode.LIST_MOVED,
            project, NoteCode.ITEMS_INCOMPLETE, current.reading,
        ]  # fmt: skip
        for row in paged(self._db, statement, parameters):
            *holding, title, is_new = row
            yield Departed(holding_of(holding), title, bool(is_new))
