"""Read-only questions about notes: how many there are, on which items, and what no rule knows. Without secrets."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from migrator.core.redact import hidden
from state.rows import LAST_ROUND, paged, rows_in

_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class KeptNote:
    """One note of an item."""

    code: str
    field: str
    original: str
    message: str


@dataclass(frozen=True, slots=True)
class NotedItem:
    """An item with one of its notes. ``project``: the source's; ``original``: its value there."""

    project: str
    kind: str
    marker: str
    title: str
    field: str
    original: str
    message: str


@dataclass(frozen=True, slots=True)
class NoteGroup:
    """All notes of one code on items of one kind: ``count`` notes, on ``items`` different items, and the first of
    these, each with one of its notes."""

    code: str
    kind: str
    count: int
    items: int
    examples: tuple[NotedItem, ...]


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A value, or with an empty ``value`` a field, of the source that no rule knows, and how often it occurs."""

    code: str
    field: str
    value: str
    count: int


_NOTED = "coalesce(i.project, n.project), {kind}, n.marker, coalesce(i.title, ''), n.field, n.original, n.message"
_KIND = "coalesce(e.item_kind, i.kind, '')"
_OF_PROJECTS = "(?{0} IS NULL OR n.project IN (SELECT value FROM json_each(?{0})))"
_WITH_ITEMS = "note n LEFT JOIN entity e ON e.marker = n.marker LEFT JOIN item i ON i.marker = n.marker"


class Notes:
    """Answers about the notes of all projects."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def groups(self, examples: int = _EXAMPLES, *, projects: Sequence[str] = ()) -> Sequence[NoteGroup]:
        """Return the notes of these projects, or of all, by code and kind of item, the most frequent first, with so
        many examples each."""
        rows = self._db.execute(
            f"SELECT n.code, {_KIND}, count(*), count(DISTINCT n.marker) FROM {_WITH_ITEMS}"  # noqa: S608 - constants
            f" WHERE {_OF_PROJECTS.format(1)} GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
            [_listed(projects)],
        ).fetchall()
        return [
            NoteGroup(code, kind, count, items, self._examples(code, kind, examples, projects))
            for code, kind, count, items in rows
        ]

    def _examples(self, code: str, kind: str, most: int, projects: Sequence[str]) -> tuple[NotedItem, ...]:
        """Return the first note of each of the first items; no more rows are read than it takes to find these."""
        rows = self._db.execute(
            f"SELECT {_NOTED.format(kind=_KIND)} FROM {_WITH_ITEMS} WHERE n.code = ?1 AND {_KIND} = ?2"  # noqa: S608 - constants
            f" AND {_OF_PROJECTS.format(3)} ORDER BY n.id",
            [code, kind, _listed(projects)],
        )
        found: dict[str, NotedItem] = {}
        for row in rows:
            note = _noted(row)
            found.setdefault(note.marker, note)
            if len(found) == most:
                break
        return tuple(found.values())

    def with_codes(self, codes: Sequence[str]) -> Iterator[NotedItem]:
        """Yield the items with a note of these codes that the last round left; what happened earlier is left out."""
        statement = (
            f"SELECT {_NOTED.format(kind='i.kind')} FROM item i JOIN {LAST_ROUND} JOIN note n ON n.marker = i.marker"  # noqa: S608 - constants
            " WHERE (n.origin NOT LIKE 'happened %' OR n.origin = 'happened ' || i.round_id) AND n.code IN ({})"
            " ORDER BY i.kind, n.marker, n.id"
        )
        return (_noted(row) for row in rows_in(self._db, statement, codes))

    def ever(self, codes: Sequence[str] = ()) -> Iterator[tuple[str, NotedItem]]:
        """Yield code and item of every note that there is, of these codes or of all, the oldest first."""
        which = f"n.code IN ({', '.join('?' * len(codes))}) AND" if codes else ""
        statement = (
            f"SELECT n.id, n.code, {_NOTED.format(kind=_KIND)} FROM {_WITH_ITEMS} WHERE {which} n.id > ?"  # noqa: S608 - constants
            " ORDER BY n.id LIMIT ?"
        )
        return ((str(row[0]), _noted(row[1:])) for row in paged(self._db, statement, codes))

    def of(self, markers: Sequence[str]) -> Mapping[str, Sequence[KeptNote]]:
        """Return marker → its notes, for those that have any."""
        statement = "SELECT marker, code, field, original, message FROM note WHERE marker IN ({}) ORDER BY id"
        found: dict[str, list[KeptNote]] = {}
        for marker, code, field, original, message in rows_in(self._db, statement, markers):
            found.setdefault(marker, []).append(KeptNote(code, field, hidden(original), hidden(message)))
        return found

    def unmapped(
        self, *, values: Sequence[str], fields: Sequence[str], projects: Sequence[str] = ()
    ) -> Sequence[Unmapped]:
        """Return what stands in the notes of these codes on items of these projects, or of all, by value or by field,
        the most frequent first."""
        by_value = "SELECT code, field, original, project, count(*) FROM note WHERE code IN ({}) GROUP BY 1, 2, 3, 4"
        by_field = "SELECT code, field, '', project, count(*) FROM note WHERE code IN ({}) GROUP BY 1, 2, 4"
        counts: Counter[tuple[str, str, str]] = Counter()
        for code, field, value, project, count in (
            *rows_in(self._db, by_value, values),
            *rows_in(self._db, by_field, fields),
        ):
            if not projects or project in projects:
                counts[code, field, value] += count
        found = [Unmapped(code, field, hidden(value), count) for (code, field, value), count in counts.items()]
        return sorted(found, key=lambda value: (-value.count, value.code, value.field, value.value))


def _listed(projects: Sequence[str]) -> str | None:
    return json.dumps(projects) if projects else None


def _noted(row: tuple[str, ...]) -> NotedItem:
    project, kind, marker, title, field, original, message = row
    return NotedItem(project, kind, marker, title, field, hidden(original), hidden(message))
