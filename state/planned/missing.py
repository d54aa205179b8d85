"""Items for pages that were read once and are not in the round's reading: they stay on their pages, with what hung on
them when they were last planned. Only a list that was read whole says that they were deleted."""

from collections.abc import Iterator, Sequence

from sqlite_utils import Database

from migrator.core.model import AnyEntity, Entity
from migrator.core.notes import NoteCode
from migrator.core.records import E, Extracted, MissingItem, Round, Stamp, Surrounded
from state.extracted.around import surrounded
from state.packed import unpacked_entity
from state.rows import paged

MISSING = (
    # about: the item, which stands under itself as well; deleted_at: when its list was first seen without it, 0: never
    "CREATE TABLE missing (about TEXT NOT NULL, marker TEXT NOT NULL, deleted_at REAL NOT NULL DEFAULT 0,"
    " PRIMARY KEY (about, marker)) WITHOUT ROWID",
)
_BACK = (
    "DELETE FROM missing WHERE about IN (SELECT marker FROM entity WHERE project = :project AND round_id = :reading)"
)
_NEW = (
    "INSERT INTO missing (about, marker) SELECT e.marker, e.marker FROM entity e JOIN item i ON i.marker = e.marker"
    " WHERE e.project = :project AND e.kind = :kind AND e.round_id < :reading"
    " AND e.marker NOT IN (SELECT marker FROM missing WHERE about = marker)"
)
# what had left before the item did was not planned any more when the item last was
_HANGING = (
    "INSERT OR IGNORE INTO missing (about, marker) SELECT t.about, t.marker FROM missing m JOIN tie t"
    " ON t.about = m.marker JOIN item own ON own.marker = m.marker JOIN item i ON i.marker = t.marker"
    " JOIN entity e ON e.marker = t.marker WHERE m.about = m.marker AND e.project = :project"
    " AND i.round_id >= own.round_id AND NOT EXISTS (SELECT 1 FROM missing o WHERE o.about = m.marker"
    " AND o.marker <> o.about)"
)
_DELETED = (
    " m.about = m.marker AND m.deleted_at = 0 AND e.project = :project"
    " AND EXISTS (SELECT 1 FROM stream s WHERE s.round_id = :round AND s.stream = e.stream AND s.done = 1)"
    " AND e.stream NOT IN (SELECT field FROM note WHERE project = :project AND code = :moved)"
    " AND e.stream NOT IN (SELECT c.stream FROM note n JOIN entity c ON c.marker = n.marker"
    " WHERE n.project = :project AND n.code = :incomplete AND c.round_id = :reading)"
)


class MissingItems:
    """Asks and keeps which they are."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def refresh(self, current: Round, kinds: Sequence[type[Entity]]) -> None:
        """Find those of a round, of these kinds, and forget those that have come back."""
        values = {"project": current.project, "reading": current.reading}
        with self._db.atomic():
            self._db.execute(_BACK, values)
            for kind in kinds:
                self._db.execute(_NEW, values | {"kind": kind.model_fields["kind"].default})
            self._db.execute(_HANGING, {"project": current.project})

    def leaving(self, current: Round) -> Iterator[AnyEntity]:
        """Yield those whose list says for the first time that they were deleted."""
        statement = f"SELECT e.body FROM missing m JOIN entity e ON e.marker = m.marker WHERE{_DELETED}"  # noqa: S608 - constants
        for (body,) in self._db.execute(statement, _values(current)).fetchall():
            yield unpacked_entity(body)

    def conclude(self, current: Round) -> None:
        """Record of the same that they were deleted, as the round has noticed."""
        began = "(SELECT started_at FROM round WHERE id = :round)"
        found = f"SELECT m.marker FROM missing m JOIN entity e ON e.marker = m.marker WHERE{_DELETED}"  # noqa: S608 - constants
        self._db.execute(
            f"UPDATE missing SET deleted_at = {began} WHERE about = marker AND marker IN ({found})",  # noqa: S608 - constants
            _values(current),
        )

    def each(self, current: Round) -> Iterator[MissingItem]:
        """Yield the items themselves; memory stays flat."""
        statement = (
            "SELECT e.position, e.body, e.digest, e.raw_digest, m.deleted_at FROM missing m JOIN entity e"
            " ON e.marker = m.marker WHERE m.about = m.marker AND e.project = ? AND e.position > ?"
            " ORDER BY e.position LIMIT ?"
        )
        for body, digest, raw_digest, deleted_at in paged(self._db, statement, [current.project]):
            yield MissingItem(Extracted(unpacked_entity(body), Stamp(digest, raw_digest)), deleted_at)

    def hanging(self, current: Round) -> Iterator[AnyEntity]:
        """Yield what hangs on them."""
        statement = (
            "SELECT e.position, e.body FROM entity e WHERE e.marker IN (SELECT marker FROM missing"
            " WHERE about <> marker) AND e.project = ? AND e.position > ? ORDER BY e.position LIMIT ?"
        )
        for (body,) in paged(self._db, statement, [current.project]):
            yield unpacked_entity(body)

    def surrounded(self, current: Round, items: Sequence[Extracted[E]]) -> Sequence[Surrounded[E]]:
        """Return some of them with what hangs on them."""
        return surrounded(self._db, current, items, missing=True)


def _values(current: Round) -> dict[str, object]:
    return {
        "project": current.project, "round": current.id, "reading": current.reading, "moved": NoteCode.LIST_MOVED,
        "incomplete": NoteCode.ITEMS_INCOMPLETE,
    }  # fmt: skip
