"""The archive: entities as canonical JSON, beside the vendor's own JSON, compressed."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from sqlite_utils import Database

from migrator.core.base import digest_of
from migrator.core.model import AnyEntity, Entity, ItemKind, Result, TestCase
from migrator.core.notes import Note, NoteCode
from migrator.core.ports.source import Earlier, Record, SourcePage
from migrator.core.records import E, Extracted, Reading, Round, Stamp, StreamState, Surrounded
from migrator.core.redact import HIDDEN_IN_DATA
from state.extracted.around import put_links, surrounded
from state.extracted.lists import note_sizes
from state.extracted.readings import (
    EarlierReading,
    carry_left_out,
    carry_unasked,
    close_stream,
    distrust,
    held_in_sweep,
    note_page,
    reading_of,
    trust,
)
from state.extracted.runs import put_run_item
from state.notes import put_notes
from state.packed import packed, unpacked, unpacked_entity, unpacked_json
from state.rows import paged, rows_in


class Archive:
    """Stores pages with their cursor, and gives entities back in the order of extraction."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def stream_state(self, current: Round, stream: str) -> StreamState:
        """Return how far the stream was read in this round."""
        row = self._db.execute(
            "SELECT cursor, done, sweep FROM stream WHERE round_id = ? AND stream = ?", [current.id, stream]
        ).fetchone()
        return StreamState(row[0], bool(row[1]), row[2]) if row else StreamState(None, done=False, sweep=1)

    def store_page(self, current: Round, stream: str, page: SourcePage) -> None:
        """Store the records and the cursor behind them in one transaction; a record seen before is replaced."""
        sweep = self.stream_state(current, stream).sweep
        with self._db.atomic():
            position = self._db.execute("SELECT coalesce(max(position), 0) FROM entity").fetchone()[0]
            for offset, record in enumerate(page.records, start=1):
                self._store(current, stream, sweep, position + offset, record)
            self._db.execute(
                "INSERT INTO stream (round_id, stream, cursor, total, sweep, done) VALUES (?, ?, ?, ?, ?, 0)"
                " ON CONFLICT (round_id, stream) DO UPDATE SET cursor = excluded.cursor, total = excluded.total",
                [current.id, stream, page.next_cursor, page.total, sweep],
            )
            note_page(self._db, current, stream, sweep, page)
            note_sizes(self._db, current, stream, sweep, page.sizes)

    def _store(self, current: Round, stream: str, sweep: int, position: int, record: Record) -> None:
        entity = record.entity
        marker = entity.ref.marker
        body = self._without_touch(entity, entity.model_dump_json())
        parent, parent_name = _parent(entity)
        self._db.execute(
            "INSERT INTO entity (marker, project, kind, item_kind, stream, round_id, sweep, position, parent,"
            " parent_name, digest, raw_digest, body, raw, owner, seen)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            # a row that a second sweep meets again, or a round that builds on this one, keeps its place
            " ON CONFLICT (marker) DO UPDATE SET stream = excluded.stream,"
            " position = CASE WHEN round_id = excluded.round_id THEN position ELSE excluded.position END,"
            " round_id = excluded.round_id, sweep = excluded.sweep, parent = excluded.parent,"
            " parent_name = excluded.parent_name, digest = excluded.digest, raw_digest = excluded.raw_digest,"
            " body = excluded.body, raw = excluded.raw, owner = excluded.owner, seen = excluded.seen",
            [
                marker, current.project, entity.kind, entity.item_kind, stream, current.reading, sweep, position,
                parent, parent_name, digest_of(_compared(entity, body)), hashlib.sha256(record.raw).hexdigest(),
                packed(body.encode()), packed(record.raw), record.owner.marker if record.owner else None, current.id,
            ],
        )  # fmt: skip
        put_links(self._db, entity)
        put_notes(self._db, current.project, marker, "extract", [*record.notes, *_hidden_secret(marker, body)])
        if isinstance(entity, Result):
            put_run_item(self._db, current, entity)

    def _without_touch(self, entity: AnyEntity, body: str) -> str:
        """Return the JSON of an entity; that of a case which only says that it changed, and not what, as it was.

        A receipt that is hung on a case can be such a change; so can any save at the source that alters nothing.
        """
        if not isinstance(entity, TestCase) or entity.updated_at is None:
            return body
        row = self._db.execute("SELECT digest, body FROM entity WHERE marker = ?", [entity.ref.marker]).fetchone()
        if row is None or row[0] == digest_of(body):
            return body
        before = unpacked_entity(row[1])
        same = isinstance(before, TestCase) and before == entity.model_copy(update={"updated_at": before.updated_at})
        return before.model_dump_json() if same else body

    def backdate(self, item: Extracted[TestCase], earlier: TestCase) -> Extracted[TestCase]:
        """Replace a case by itself with another date of change, which it keeps as long as nothing else changes; return
        it as it is stored now."""
        body = earlier.model_dump_json()
        digest = digest_of(body)
        self._db.execute(
            "UPDATE entity SET body = ?, digest = ? WHERE marker = ?",
            [packed(body.encode()), digest, earlier.ref.marker],
        )
        return Extracted(earlier, Stamp(digest, item.stamp.raw))

    def start_second_sweep(self, current: Round, stream: str) -> None:
        """Read the stream again from its beginning; what the first sweep saw stays."""
        self._db.execute(
            "UPDATE stream SET cursor = NULL, sweep = 2, unlisted = '[]' WHERE round_id = ? AND stream = ?",
            [current.id, stream],
        )

    def finish_stream(self, current: Round, stream: str, *, moved: bool = False) -> None:
        """Mark the stream as read. What was to be found and was not leaves the reading that the round builds on,
        unless the list has ``moved`` to the end: nothing is concluded from that."""
        with self._db.atomic():
            if not moved:
                close_stream(self._db, current, stream)
            self._db.execute("UPDATE stream SET done = 1 WHERE round_id = ? AND stream = ?", [current.id, stream])

    def carry_unasked(self, current: Round, stream: str, owners: str = "") -> None:
        """Keep in the reading what earlier ones found in a stream that this one was not to read: all of it, or what
        hangs on items of the stream ``owners``."""
        if not current.reads_everything:
            return  # it builds on a reading that holds them
        with self._db.atomic():
            carry_unasked(self._db, current, stream, owners)

    def carry_left_out(self, current: Round, stream: str, branches: Sequence[str]) -> None:
        """Keep in the reading what earlier ones found in a stream of an item that this one was not to read, if any of
        it is in QA Sphere; to be called before the stream is finished. ``branches`` as in ``Abilities.left_out``."""
        with self._db.atomic():
            carry_left_out(self._db, current, stream, branches)

    def earlier(self, current: Round, stream: str) -> Earlier | None:
        """Return what the reading that the round builds on has left of a stream; None when it reads everything."""
        return None if current.reads_everything else EarlierReading(self._db, current, stream)

    def original(self, marker: str) -> bytes | None:
        """Return the vendor's JSON of an item as it was read last, in whatever round."""
        row = self._db.execute("SELECT raw FROM entity WHERE marker = ?", [marker]).fetchone()
        return unpacked(row[0]) if row else None

    def reading(self, project: str) -> Reading | None:
        """Return the reading that a round may build on, if there is one."""
        return reading_of(self._db, project)

    def trust(self, current: Round, manner: str) -> None:
        """Record that later rounds may build on what this one has read, if it is everything and nothing moved."""
        trust(self._db, current, manner)

    def distrust(self, project: str) -> None:
        """Let the next round read everything."""
        distrust(self._db, project)

    def distinct_in_sweep(self, current: Round, stream: str) -> tuple[int, int | None]:
        """Return how many different items the present sweep saw, or knows where it asked only for what has changed, and
        how many the server claimed last."""
        sweep, total, unlisted = self._db.execute(
            "SELECT sweep, total, unlisted FROM stream WHERE round_id = ? AND stream = ?", [current.id, stream]
        ).fetchone()
        seen = self._db.execute(
            "SELECT count(*) FROM entity WHERE stream = ? AND round_id = ? AND seen = ? AND sweep = ?",
            [stream, current.reading, current.id, sweep],
        ).fetchone()[0]
        # what stands as it was read before is not stored again
        return max(seen, held_in_sweep(self._db, current, stream, sweep, filtered=unlisted != "[]")), total

    def entities(self, current: Round, kind: type[E]) -> Iterator[E]:
        """Yield the round's entities of one kind, in the order of extraction; memory stays flat."""
        return (found.entity for found in self.extracted(current, kind))

    def extracted(self, current: Round, kind: type[E]) -> Iterator[Extracted[E]]:
        """Yield the same with their stamps."""
        name = kind.model_fields["kind"].default
        statement = (
            "SELECT position, body, digest, raw_digest FROM entity WHERE project = ? AND kind = ? AND round_id = ?"
            " AND position > ? ORDER BY position LIMIT ?"
        )
        for body, digest, raw_digest in paged(self._db, statement, [current.project, name, current.reading]):
            entity = unpacked_entity(body)
            if isinstance(entity, kind):
                yield Extracted(entity, Stamp(digest, raw_digest))

    def markers(self, current: Round, kind: type[Entity]) -> Iterator[str]:
        """Yield the markers of the same, without opening them."""
        statement = (
            "SELECT position, marker FROM entity WHERE project = ? AND kind = ? AND round_id = ? AND position > ?"
            " ORDER BY position LIMIT ?"
        )
        parameters = [current.project, kind.model_fields["kind"].default, current.reading]
        return (marker for (marker,) in paged(self._db, statement, parameters))

    def case_markers(self, project: str) -> Iterator[str]:
        """Yield the markers of all cases that a project has or had, without opening them."""
        statement = (
            "SELECT rowid, marker FROM entity WHERE project = ? AND item_kind = 'case' AND rowid > ?"
            " ORDER BY rowid LIMIT ?"
        )
        return (marker for (marker,) in paged(self._db, statement, [project]))

    def surrounded(self, current: Round, items: Sequence[Extracted[E]]) -> Sequence[Surrounded[E]]:
        """Return the same entities with what hangs on them, asked together."""
        return surrounded(self._db, current, items)

    def parents_of_cases(self, current: Round) -> Mapping[str, str | None]:
        """Return the folder markers that cases name, with the folder's name if a case knows it."""
        rows = self._db.execute(
            "SELECT parent, max(parent_name) FROM entity WHERE project = ? AND kind = 'case' AND round_id = ?"
            " GROUP BY parent",
            [current.project, current.reading],
        )
        return dict(rows.fetchall())

    def addresses(self, markers: Sequence[str]) -> Mapping[str, str]:
        """Return where items can be opened at the source, for those that say so."""
        rows = rows_in(self._db, "SELECT marker, body FROM entity WHERE marker IN ({})", markers)
        found = {marker: unpacked_json(body).get("address") for marker, body in rows}
        return {marker: address for marker, address in found.items() if address}

    def get(self, markers: Sequence[str]) -> Mapping[str, AnyEntity]:
        """Return entities by marker, of whatever kind."""
        rows = rows_in(self._db, "SELECT marker, body FROM entity WHERE marker IN ({})", markers)
        return {marker: unpacked_entity(body) for marker, body in rows}

    def raw_digests(self, markers: Sequence[str]) -> Mapping[str, str]:
        """Return the digests of the vendor's own JSON of entities, by marker."""
        statement = "SELECT marker, raw_digest FROM entity WHERE marker IN ({}) AND raw_digest IS NOT NULL"
        return dict(rows_in(self._db, statement, markers))

    def count(self, current: Round, kind: ItemKind | None = None) -> int:
        """Return how many entities the round holds, of one kind or of all."""
        row = self._db.execute(
            "SELECT count(*) FROM entity WHERE round_id = ?1 AND (?2 IS NULL OR item_kind = ?2)",
            [current.reading, kind],
        ).fetchone()
        return int(row[0])

    def project_marker(self, current: Round) -> str:
        """Return the marker of the round's project."""
        row = self._db.execute(
            "SELECT marker FROM entity WHERE project = ? AND kind = 'project' AND round_id = ?",
            [current.project, current.reading],
        ).fetchone()
        return str(row[0])

    def put_stream_notes(self, current: Round, stream: str, notes: Sequence[Note]) -> None:
        """Replace the notes that reading a stream left on the project."""
        with self._db.atomic():
            put_notes(self._db, current.project, self.project_marker(current), f"extract {stream}", notes)


def _hidden_secret(marker: str, body: str) -> list[Note]:
    """Note that a secret was hidden in what the source answered (``migrator/http/answers.py``)."""
    return [Note(code=NoteCode.SECRET_HIDDEN, marker=marker)] if HIDDEN_IN_DATA in body else []


def _compared(entity: AnyEntity, body: str) -> str:
    """Return what a change of an entity is told by. Where a result stands, what its test is called, and where it is
    shown are not the result: a row inserted above it, or another version of an API, is no other verdict."""
    if not isinstance(entity, Result):
        return body
    beside = {"title": "", "position": 0, "address": None, "recorded_in": ""}
    return entity.model_copy(update=beside).model_dump_json()


def _parent(entity: Entity) -> tuple[str | None, str | None]:
    if not isinstance(entity, TestCase):
        return None, None
    return (entity.folder.marker if entity.folder else ""), entity.folder_name
