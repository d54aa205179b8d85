"""What is in QA Sphere and has left the source. Nothing is concluded from a list that was not read to its end."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from sqlite_utils import Database

from migrator.core.drafts import CaseDraft
from migrator.core.model import ItemKind
from migrator.core.notes import Note, NoteCode
from migrator.core.records import REPLACED, TAKEN_OFF, DeletedItem, DeletedParts, DeletedResults, Round
from migrator.core.refs import editions_of
from state.notes import put_notes
from state.packed import unpacked_draft
from state.rows import paged
from state.sent.ledger import HOLDING, holding_of

_ORIGIN = "departed"
_HOLDING = ", ".join(f"l.{column.strip()}" for column in HOLDING.split(","))

# of a stream: its list did not change while it was read
_UNMOVED = "NOT IN (SELECT field FROM note WHERE project = :project AND code = :moved)"
_RESULTS = (
    "SELECT o.marker, o.title, t.title FROM entity e JOIN run_item i ON i.marker = e.marker"  # noqa: S608 - constants
    # the newest edition of each, and the run in QA Sphere that holds it
    " JOIN sent_result s ON s.id = (SELECT max(id) FROM sent_result WHERE origin = e.marker)"
    " JOIN item p ON p.marker = s.run AND p.fate <> 'gone'"
    " JOIN item t ON t.marker = e.marker AND t.fate NOT IN ('gone', 'excluded')"
    " JOIN stream q ON q.round_id = :round AND q.stream = e.stream AND q.done = 1"
    " JOIN entity r ON r.marker = i.run"
    " JOIN item o ON o.marker = CASE WHEN r.round_id = :reading THEN i.run ELSE s.run END"
    " WHERE e.project = :project AND e.kind = 'result' AND e.round_id < :reading"
    f" AND e.stream {_UNMOVED}"
    # the list of results is the run's: one that could not be read says nothing of the others
    " AND NOT EXISTS (SELECT 1 FROM note n JOIN entity c ON c.marker = n.marker LEFT JOIN run_item u"
    " ON u.marker = c.marker WHERE n.project = :project AND n.code = :incomplete AND c.round_id = :reading"
    " AND c.stream = e.stream AND (u.run IS NULL OR u.run = i.run))"
    # of a run that has left, there is a line already, if it is one in QA Sphere, too
    f" AND (r.round_id = :reading OR r.stream {_UNMOVED}"
    " AND EXISTS (SELECT 1 FROM stream v WHERE v.round_id = :round AND v.stream = r.stream AND v.done = 1)"
    " AND NOT EXISTS (SELECT 1 FROM ledger l WHERE l.marker = i.run))"
    " ORDER BY o.rowid, r.position, i.position, i.id"
)

# a link of the same name that came in the place of another one is no loss; of files see ``_Successors``
_PARTS = (
    "SELECT t.about, e.marker, e.kind, i.title, o.title, i.reason FROM entity e JOIN item i ON i.marker = e.marker"  # noqa: S608 - constants
    " JOIN tie t ON t.marker = e.marker JOIN entity c ON c.marker = t.about JOIN item a ON a.marker = t.about"
    " JOIN stream s ON s.round_id = :round AND s.stream = e.stream AND s.done = 1"
    " LEFT JOIN item o ON o.marker = t.other"
    " WHERE e.project = :project AND e.kind IN ('attachment', 'comment', 'link') AND e.round_id < :reading"
    " AND i.fate <> 'archived' AND c.round_id = :reading AND a.round_id = :round"
    # what hung on runs and results stays there
    " AND c.kind NOT IN ('run', 'result', 'milestone', 'folder')"
    " AND a.fate NOT IN ('gone', 'excluded', 'conflict', 'unknown', 'failed', 'blocked')"
    f" AND e.stream {_UNMOVED}"
    " AND NOT EXISTS (SELECT 1 FROM note n WHERE n.marker = t.about AND n.code = :incomplete)"
    " AND (e.kind <> 'link' OR NOT EXISTS (SELECT 1 FROM tie u JOIN entity f ON f.marker = u.marker"
    " JOIN item j ON j.marker = u.marker WHERE u.about = t.about AND u.other IS t.other AND f.round_id = :reading"
    " AND f.kind = e.kind AND j.title = i.title))"
    " ORDER BY t.about, e.position"
)


class DeletedItems:
    """Asks archive and ledger together."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def each(self, current: Round, kinds: Sequence[ItemKind]) -> Iterator[DeletedItem]:
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
            yield DeletedItem(holding_of(holding), title, bool(is_new))

    def results(self, current: Round, names: int) -> Iterator[DeletedResults]:
        """Yield the same of results, run by run with the first ``names`` titles; but for results of a run that ``each``
        yields."""
        parameters = {
            "round": current.id, "reading": current.reading, "project": current.project, "moved": NoteCode.LIST_MOVED,
            "incomplete": NoteCode.ITEMS_INCOMPLETE,
        }  # fmt: skip
        rows = self._db.execute(_RESULTS, parameters)
        for (run, title), results in groupby(rows, lambda row: row[:2]):
            titles = [name for _, _, name in results]
            yield DeletedResults(run, title, len(titles), tuple(titles[:names]))

    def parts(self, current: Round) -> Iterator[DeletedParts]:
        """Yield what has left of items that are there still, item by item."""
        parameters = {
            "round": current.id, "reading": current.reading, "project": current.project, "moved": NoteCode.LIST_MOVED,
            "incomplete": NoteCode.ITEMS_INCOMPLETE,
        }  # fmt: skip
        rows = self._db.execute(_PARTS, parameters)
        for about, parts in groupby(rows, lambda row: row[0]):
            successors = _Successors(self._db, current, about)
            names, replaced = dict[str, str](), list[str]()
            for _, marker, kind, title, other, reason in parts:
                if kind == "attachment" and successors.have(marker, title, reason):
                    replaced.append(marker)
                else:
                    names[marker] = f"{kind} {title or other or ''}".strip()
            yield DeletedParts(about, names, replaced)

    def take_off(self, current: Round, parts: Sequence[DeletedParts]) -> None:
        """Record of such parts that nothing in QA Sphere shows them any more, but for what stays on a page. What was
        said of an edition is said of the one in its place."""
        reasons = [(TAKEN_OFF, marker) for found in parts for marker in found.parts]
        replaced = [marker for found in parts for marker in found.replaced]
        with self._db.atomic():
            for reason, marker in (*reasons, *((REPLACED, marker) for marker in replaced)):
                self._db.execute(
                    "UPDATE item SET reason = ? WHERE marker = ? AND round_id < ?", [reason, marker, current.id]
                )
            for marker in replaced:
                self._db.execute("DELETE FROM note WHERE marker = ?", [marker])

    def put_notes(self, current: Round, notes: Sequence[Note]) -> None:
        """Replace the notes on what has left that stand beside what the plan says of an item."""
        with self._db.atomic():
            self._db.execute("DELETE FROM note WHERE project = ? AND origin = ?", [current.project, _ORIGIN])
            for note in notes:
                put_notes(self._db, current.project, note.marker, _ORIGIN, [note])


class _Successors:
    """Tells in whose place another file of the same item came: another edition of what the source makes anew, or a file
    of the same name that the case did not list before. One that was there all the time takes nobody's place."""

    def __init__(self, db: Database, current: Round, about: str) -> None:
        rows = db.execute(
            "SELECT e.marker, i.title FROM tie t JOIN entity e ON e.marker = t.marker"
            " JOIN item i ON i.marker = t.marker WHERE t.about = ? AND e.kind = 'attachment' AND e.round_id = ?",
            [about, current.reading],
        )
        self._there: dict[str, str] = dict(rows.fetchall())
        row = db.execute("SELECT draft FROM ledger WHERE marker = ? AND draft IS NOT NULL", [about]).fetchone()
        draft = unpacked_draft(row[0]) if row else None
        self._listed = {file.marker for file in draft.files} if isinstance(draft, CaseDraft) else set()
        self._free = Counter(title for marker, title in self._there.items() if marker not in self._listed)

    def have(self, marker: str, title: str, reason: str) -> bool:
        """Whether a file that left has one; each that came takes one place. ``reason``: what an earlier round said."""
        if reason in (REPLACED, TAKEN_OFF):
            return reason == REPLACED
        if editions := editions_of(marker):
            return any(other.startswith(editions) for other in self._there)
        if marker not in self._listed:
            # an earlier version, or a round whose plan nobody loaded, left it without a word
            return title in self._there.values()
        self._free[title] -= 1
        return self._free[title] >= 0
