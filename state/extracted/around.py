"""What hangs on what: comments, attachments and links are found from the items that they belong to."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlite_utils import Database

from migrator.core.base import digest_of
from migrator.core.model import AnyEntity, Attachment, Comment, Entity, Link, Result, TestCase
from migrator.core.ports.mapping import Around, Linked
from migrator.core.records import CaseInputs, E, Extracted, Round, Stamp, Surrounded
from migrator.core.refs import UNREAD
from state.extracted.addresses import cases_at, files_named, written_in
from state.packed import unpacked_entity
from state.rows import paged, rows_in

# of what hangs on an item: + keeps SQLite from going through the whole round for a few rows
_OF_ROUND = "+e.round_id = ?1"
_OF_MISSING = "?1 IS NULL AND EXISTS (SELECT 1 FROM missing m WHERE m.about = t.about AND m.marker = t.marker)"
_LEADS = re.compile(r"\b(?:src|href)\s*=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Row:
    """A stored entity with its place in the order of extraction."""

    position: int
    entity: AnyEntity
    stamp: Stamp


@dataclass(slots=True)
class _Surroundings:
    """What hangs on one item, and the stamps of all that."""

    attachments: list[Attachment] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    linked: list[Linked] = field(default_factory=list)
    stamps: dict[str, Stamp] = field(default_factory=dict)


def put_links(db: Database, entity: Entity) -> None:
    """Record what an entity hangs on, and where a case lies at the source; replaces what was recorded of it."""
    marker = entity.ref.marker
    if isinstance(entity, Comment | Attachment | Link):
        db.execute("DELETE FROM tie WHERE marker = ?", [marker])
        # what stands for a list that could not be read is for its note, and hangs on nothing
        for about, other in () if entity.ref.ids[-1] == UNREAD else _ends(entity):
            db.execute("INSERT OR REPLACE INTO tie (about, marker, other) VALUES (?, ?, ?)", [about, marker, other])
    if isinstance(entity, TestCase) and entity.address:
        db.execute("INSERT OR REPLACE INTO address (marker, url) VALUES (?, ?)", [marker, entity.address])


def surrounded(
    db: Database, current: Round, items: Sequence[Extracted[E]], *, missing: bool = False
) -> list[Surrounded[E]]:
    """Return the entities with what hangs on them in this round; a few statements for all of them.

    ``missing``: they are not in the round, and with them goes what hung on them when they last were.
    """
    found = _surroundings(db, [item.entity.ref.marker for item in items], None if missing else current.reading)
    texts = [_texts(item.entity, found.get(item.entity.ref.marker)) for item in items]
    addresses = [written_in(few) for few in texts]
    named = [files_named(item.entity.ref, few) for item, few in zip(items, texts, strict=True)]
    files = _files_of_any_round(db, sorted({marker for few in named for marker in few}))
    cases = cases_at(db, current, sorted({url for few in addresses for url in few.values()}))
    of_cases = _files_of_cases(db, [item.entity for item in items], current.reading)
    result = []
    for item, urls, markers in zip(items, addresses, named, strict=True):
        near = found.get(item.entity.ref.marker, _Surroundings())
        around = Around(
            attachments=tuple(near.attachments),
            comments=tuple(near.comments),
            linked=tuple(near.linked),
            cases={written: cases[url] for written, url in urls.items() if url in cases},
            of_case=of_cases.get(item.entity.ref.marker, ()),
            named=tuple(files[marker] for marker in markers if marker in files),
        )
        stamp = _covering(item.stamp, near.stamps)
        result.append(Surrounded(item.entity, around, stamp, (*sorted(set(urls.values())), *markers)))
    return result


def plan_inputs(
    db: Database, current: Round, own: Mapping[str, Stamp], addresses: Mapping[str, Sequence[str]]
) -> dict[str, CaseInputs]:
    """Return for items, by marker, what ``surrounded`` finds around them, told by digests; nothing is parsed.

    ``own``: their stamps; ``addresses``: those in the texts of each, and the files that they may name.
    """
    near = sorted(_hanging_digests(db, list(own), current.reading), key=lambda row: row[2])
    others = sorted({other for _, other, *_ in near if other})
    statement = "SELECT marker, digest, raw_digest FROM entity WHERE +round_id = ? AND marker IN ({})"
    far = {marker: Stamp(*digests) for marker, *digests in rows_in(db, statement, others, current.reading)}
    files: dict[str, list[tuple[str, Stamp]]] = {}
    for about, _, _, marker, stamp, kind in sorted(
        _hanging_digests(db, others, current.reading), key=lambda row: row[2]
    ):
        if kind == "attachment":
            files.setdefault(about, []).append((marker, stamp))
    stamps: dict[str, dict[str, Stamp]] = {marker: {} for marker in own}
    order: dict[str, list[object]] = {marker: [] for marker in own}
    for about, other, _, marker, stamp, _ in near:
        hanging = files.get(other or "", [])
        stamps[about] |= {marker: stamp, **dict(hanging)}
        if other and other in far:
            stamps[about][other] = far[other]
        order[about].append([marker, other, [name for name, _ in hanging]])
    leads = _leads(db, current, sorted({lead for few in addresses.values() for lead in few}))
    return {
        marker: CaseInputs(
            _covering(stamp, stamps[marker]),
            digest_of([order[marker], {name: [s.entity, s.raw] for name, s in stamps[marker].items()}]),
            {lead: leads[lead] for lead in addresses.get(marker, ()) if lead in leads},
        )
        for marker, stamp in own.items()
    }


def link_what_was_extracted(db: Database) -> None:
    """Record the links of a workspace that an earlier version made, and let the ledger's stamps cover them.

    Without this every case with a note would look as if it had changed at the source.
    """
    for (body,) in paged(
        db,
        "SELECT rowid, body FROM entity WHERE kind IN ('case', 'comment', 'link') AND rowid > ? ORDER BY rowid LIMIT ?",
        [],
    ):
        put_links(db, unpacked_entity(body))
    entries = db.execute(
        "SELECT l.marker, e.round_id, l.stamp_entity, l.stamp_raw FROM ledger l JOIN entity e ON e.marker = l.marker"
        " WHERE l.stamp_entity IS NOT NULL AND l.marker IN (SELECT about FROM tie)"
    ).fetchall()
    for marker, round_id, entity, raw in entries:
        near = _surroundings(db, [marker], round_id).get(marker, _Surroundings())
        stamp = _covering(Stamp(entity, raw), near.stamps)
        db.execute(
            "UPDATE ledger SET stamp_entity = ?, stamp_raw = ? WHERE marker = ?", [stamp.entity, stamp.raw, marker]
        )


def _ends(entity: Comment | Attachment | Link) -> list[tuple[str, str | None]]:
    """Return the items that it hangs on, with the other end of a link."""
    if not isinstance(entity, Link):
        return [(entity.about.marker, None)]
    if entity.second is None:
        return [(entity.first.marker, None)]
    return [(entity.first.marker, entity.second.marker), (entity.second.marker, entity.first.marker)]


def _surroundings(db: Database, markers: Sequence[str], round_id: int | None) -> Mapping[str, _Surroundings]:
    near = sorted(_hanging(db, markers, round_id), key=lambda row: row[2].position)
    others = sorted({other for _, other, _ in near if other})
    far = {row.entity.ref.marker: row for row in _stored(db, others, round_id)}
    files: dict[str, list[_Row]] = {}
    for about, _, row in sorted(_hanging(db, others, round_id, "attachment"), key=lambda row: row[2].position):
        files.setdefault(about, []).append(row)
    found: dict[str, _Surroundings] = {}
    for about, other, row in near:
        here = found.setdefault(about, _Surroundings())
        here.stamps[row.entity.ref.marker] = row.stamp
        if isinstance(row.entity, Attachment):
            here.attachments.append(row.entity)
        elif isinstance(row.entity, Comment):
            here.comments.append(row.entity)
        elif isinstance(row.entity, Link):
            hanging = files.get(other or "", [])
            here.linked.append(_linked(row.entity, about, far.get(other or ""), hanging))
            here.stamps |= {file.entity.ref.marker: file.stamp for file in hanging}
            if other in far:
                here.stamps[other] = far[other].stamp
    return found


def _linked(link: Link, about: str, far: _Row | None, files: Iterable[_Row]) -> Linked:
    ref = link.second if link.first.marker == about else link.first
    attachments = tuple(row.entity for row in files if isinstance(row.entity, Attachment))
    return Linked(ref, link.relation, far.entity if far else None, link.ref.marker, attachments)


def _hanging(
    db: Database, markers: Sequence[str], round_id: int | None, kind: str | None = None
) -> Iterator[tuple[str, str | None, _Row]]:
    statement = (
        # CROSS JOIN has the same reason
        "SELECT t.about, t.other, e.position, e.body, e.digest, e.raw_digest FROM tie t CROSS JOIN entity e"  # noqa: S608 - constants
        f" ON e.marker = t.marker WHERE {_OF_MISSING if round_id is None else _OF_ROUND}"
        " AND (?2 IS NULL OR e.kind = ?2) AND t.about IN ({})"
    )
    for about, other, *row in rows_in(db, statement, markers, round_id, kind):
        yield about, other, _row(*row)


def _hanging_digests(
    db: Database, markers: Sequence[str], round_id: int
) -> Iterator[tuple[str, str | None, int, str, Stamp, str]]:
    statement = (
        "SELECT t.about, t.other, e.position, e.marker, e.digest, e.raw_digest, e.kind FROM tie t CROSS JOIN entity e"
        " ON e.marker = t.marker WHERE +e.round_id = ? AND t.about IN ({})"
    )
    for about, other, position, marker, digest, raw, kind in rows_in(db, statement, markers, round_id):
        yield about, other, position, marker, Stamp(digest, raw), kind


def _stored(db: Database, markers: Sequence[str], round_id: int | None) -> Iterator[_Row]:
    statement = (
        "SELECT position, body, digest, raw_digest FROM entity WHERE (?1 IS NULL OR +round_id = ?1) AND marker IN ({})"
    )
    return (_row(*row) for row in rows_in(db, statement, markers, round_id))


def _row(position: int, body: bytes, digest: str, raw_digest: str) -> _Row:
    return _Row(position, unpacked_entity(body), Stamp(digest, raw_digest))


def _covering(own: Stamp, near: Mapping[str, Stamp]) -> Stamp:
    """Return a stamp that changes with the item's own and with those of what hangs on it, in whatever order."""
    if not near:
        return own
    order = sorted(near)
    return Stamp(
        digest_of([own.entity, *([marker, near[marker].entity] for marker in order)]),
        digest_of([own.raw, *([marker, near[marker].raw] for marker in order)]),
    )


def _files_of_cases(db: Database, items: Sequence[Entity], round_id: int) -> dict[str, tuple[Attachment, ...]]:
    """Return the files of the test cases of results whose texts lead anywhere, by the result's marker."""
    shown = {
        item.ref.marker: item.case.marker
        for item in items
        if isinstance(item, Result) and item.case and _LEADS.search(item.model_dump_json())
    }
    files: dict[str, list[Attachment]] = {}
    rows = sorted(_hanging(db, sorted(set(shown.values())), round_id, "attachment"), key=lambda row: row[2].position)
    for about, _, row in rows:
        files.setdefault(about, []).extend([row.entity] if isinstance(row.entity, Attachment) else [])
    return {marker: tuple(files[case]) for marker, case in shown.items() if case in files}


def _files_of_any_round(db: Database, markers: Sequence[str]) -> dict[str, Attachment]:
    """Return files by marker, also those that the source has no more: a text that shows one still does."""
    statement = "SELECT marker, body FROM entity WHERE kind = 'attachment' AND marker IN ({})"
    rows = ((marker, unpacked_entity(body)) for marker, body in rows_in(db, statement, markers))
    return {marker: entity for marker, entity in rows if isinstance(entity, Attachment)}


def _leads(db: Database, current: Round, leads: Sequence[str]) -> dict[str, str]:
    """Return what addresses and markers of files lead to: the case there, or the file's digest."""
    statement = "SELECT marker, digest FROM entity WHERE kind = 'attachment' AND marker IN ({})"
    files = dict(rows_in(db, statement, [lead for lead in leads if "//" not in lead]))
    return {**cases_at(db, current, [lead for lead in leads if "//" in lead]), **files}


def _texts(entity: Entity, near: _Surroundings | None) -> list[str]:
    """Return the texts of an item, as JSON, and of its comments."""
    return [entity.model_dump_json(), *(comment.text.value for comment in (near.comments if near else ()))]
