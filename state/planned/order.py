"""Cases that stand elsewhere in their folder than at the source: QA Sphere adds new ones at the end, and moves none."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import groupby

from sqlite_utils import Database

from migrator.core.notes import Note, NoteCode
from migrator.core.records import Round
from state.notes import add_notes

_ORIGIN = "order"
_ROWS = (
    "SELECT coalesce(e.parent, ''), e.marker, l.seq, i.title FROM run_item r"
    " JOIN entity e ON e.marker = r.case_marker AND +e.round_id = r.round_id JOIN item i ON i.marker = e.marker"
    " LEFT JOIN ledger l ON l.marker = e.marker WHERE r.round_id = ? AND e.project = ?"
    " AND (l.seq IS NOT NULL OR i.fate = 'pending') ORDER BY 1, r.run, r.position, r.id"
)


def note_order(db: Database, current: Round) -> None:
    """Note which cases are out of the order that rows have at the source now, and behind which one they belong."""
    rows = db.execute(_ROWS, [current.reading, current.project]).fetchall()
    with db.atomic():
        db.execute("DELETE FROM note WHERE origin = ? AND project = ?", [_ORIGIN, current.project])
        for _, siblings in groupby(rows, key=lambda row: str(row[0])):
            for marker, before in _misplaced(list(siblings)):
                message = f"the source has it behind “{before}”" if before else "the source has it before all others"
                note = Note(code=NoteCode.CASE_ORDER, marker=marker, field="pos", original=before, message=message)
                add_notes(db, current.project, marker, _ORIGIN, [note])


def _misplaced(siblings: Sequence[tuple[str, str, int | None, str]]) -> Iterator[tuple[str, str]]:
    """Yield marker and predecessor's title of the fewest cases that would have to be moved."""
    end = max((seq for *_, seq, _ in siblings if seq is not None), default=0) + 1
    kept = in_order([end + place if seq is None else seq for place, (*_, seq, _) in enumerate(siblings)])
    for place, (_, marker, _, _) in enumerate(siblings):
        if place not in kept:
            yield marker, siblings[place - 1][3] if place else ""


def in_order(numbers: Sequence[int]) -> set[int]:
    """Return the places of a longest ascending part of different numbers."""
    ends: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for place, number in enumerate(numbers):
        length = bisect_left(ends, number)
        before.append(places[length - 1] if length else -1)
        ends[length : length + 1] = [number]
        places[length : length + 1] = [place]
    kept: set[int] = set()
    place = places[-1] if places else -1
    while place >= 0:
        kept.add(place)
        place = before[place]
    return kept
