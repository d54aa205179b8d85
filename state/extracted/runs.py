"""Runs and results as the source has them: what belongs together, in which order, and what is missing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlite_utils import Database

from migrator.core.model import Defect, Result, TestRun
from migrator.core.records import E, Extracted, Round, RunItem, Stamp
from state.packed import unpacked_entity
from state.rows import rows_in


def put_run_item(db: Database, current: Round, result: Result) -> None:
    """Record where a result belongs, when it is extracted."""
    at = result.executed_at.timestamp() if result.executed_at else None
    db.execute(
        "INSERT INTO run_item (marker, round_id, run, case_marker, at, position, status) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (marker) DO UPDATE SET round_id = excluded.round_id, run = excluded.run,"
        " case_marker = excluded.case_marker, at = excluded.at, position = excluded.position,"
        " status = excluded.status",
        [
            result.ref.marker, current.reading, result.run.marker, result.case.marker if result.case else "", at,
            result.position, result.status or "",
        ],
    )  # fmt: skip


class ExtractedRuns:
    """Answers about the runs and results of a round; a *unit* is what becomes one run in QA Sphere."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def place_runs(self, current: Round, units: Iterable[tuple[str, str, float]]) -> None:
        """Record run marker, unit marker, and when it was run (seconds since the epoch)."""
        with self._db.atomic():
            for run, unit, at in units:
                self._db.execute(
                    "INSERT INTO run_place (run, round_id, unit, at, position) SELECT ?1, ?2, ?3, ?4, position"
                    " FROM entity WHERE marker = ?1 ON CONFLICT (run) DO UPDATE SET round_id = excluded.round_id,"
                    " unit = excluded.unit, at = excluded.at, position = excluded.position",
                    [run, current.id, unit, at],
                )

    def units(self, current: Round) -> Iterator[str]:
        """Yield the units in the order of extraction."""
        rows = self._db.execute(
            "SELECT unit FROM run_place WHERE round_id = ? GROUP BY unit ORDER BY min(position)", [current.id]
        ).fetchall()
        return (unit for (unit,) in rows)

    def runs_of(self, current: Round, unit: str) -> Sequence[Extracted[TestRun]]:
        """Return the source's runs of a unit, in order of time."""
        rows = self._db.execute(
            "SELECT run FROM run_place WHERE round_id = ? AND unit = ? ORDER BY at, position", [current.id, unit]
        ).fetchall()
        found = self._entities(current, [run for (run,) in rows], TestRun)
        return [found[run] for (run,) in rows if run in found]

    def items_of(self, current: Round, unit: str) -> Sequence[RunItem]:
        """Return the results of a unit, oldest first."""
        rows = self._db.execute(
            "SELECT i.marker, i.run, i.case_marker, p.position, i.position FROM run_place p CROSS JOIN run_item i"
            " ON i.run = p.run AND i.round_id = ? WHERE p.round_id = ? AND p.unit = ?"
            " ORDER BY coalesce(i.at, p.at), p.position, i.position, i.id",
            [current.reading, current.id, unit],
        ).fetchall()
        listed = sorted(range(len(rows)), key=lambda number: rows[number][3:])
        order = {number: place for place, number in enumerate(listed)}
        return [RunItem(row[0], row[1], row[2], order[number]) for number, row in enumerate(rows)]

    def statuses(self, current: Round) -> Sequence[str]:
        """Return every status that a result has, as the source spells it; empty for none."""
        rows = self._db.execute("SELECT DISTINCT status FROM run_item WHERE round_id = ? ORDER BY 1", [current.reading])
        return [status for (status,) in rows]

    def last_results(self, current: Round, markers: Sequence[str], not_run: Sequence[str]) -> frozenset[str]:
        """Return those of the results that are the newest of their test in the whole project, not counting those with a
        status of ``not_run``."""
        # the first two sets of placeholders are for not_run, the last for the markers
        waiting = ", ".join("?" * len(not_run))
        statement = (
            f"SELECT i.marker FROM run_item i JOIN run_place p ON p.run = i.run WHERE i.status NOT IN ({waiting})"  # noqa: S608 - placeholders
            " AND NOT EXISTS (SELECT 1 FROM run_item l JOIN run_place q ON q.run = l.run"
            f" WHERE l.round_id = i.round_id AND l.case_marker = i.case_marker AND l.status NOT IN ({waiting})"
            " AND (coalesce(l.at, q.at), q.position, l.position, l.id)"
            " > (coalesce(i.at, p.at), p.position, i.position, i.id)) AND i.round_id = ? AND i.marker IN ({})"
        )
        rows = rows_in(self._db, statement, markers, *not_run, *not_run, current.reading)
        return frozenset(marker for (marker,) in rows)

    def results_without_run(self, current: Round) -> Iterator[tuple[str, str]]:
        """Yield marker and title of results whose run the source does not list."""
        rows = self._db.execute(
            "SELECT i.marker FROM run_item i LEFT JOIN run_place p ON p.run = i.run AND p.round_id = ?"
            " WHERE i.round_id = ? AND p.run IS NULL ORDER BY i.id",
            [current.id, current.reading],
        ).fetchall()
        for (marker,) in rows:
            yield marker, self._entities(current, [marker], Result)[marker].entity.title

    def missing_cases(self, current: Round, not_run: Sequence[str]) -> Iterator[Result]:
        """Yield the first result of each test that is not listed, and was not migrated while it was; not counting those
        with a status of ``not_run``."""
        waiting = ", ".join("?" * len(not_run))
        rows = self._db.execute(
            f"SELECT marker, min(id) FROM run_item i WHERE case_marker <> '' AND status NOT IN ({waiting})"  # noqa: S608 - placeholders
            " AND NOT EXISTS (SELECT 1 FROM entity e WHERE e.marker = i.case_marker AND e.round_id = i.round_id)"
            # what stands for such a test was never extracted, and is planned in every round
            " AND NOT EXISTS (SELECT 1 FROM ledger l JOIN entity e ON e.marker = l.marker"
            " WHERE l.marker = i.case_marker)"
            " AND round_id = ? GROUP BY case_marker ORDER BY 2",
            [*not_run, current.reading],
        ).fetchall()
        for marker, _ in rows:
            yield self._entities(current, [marker], Result)[marker].entity

    def first_result(self, current: Round, case: str, not_run: Sequence[str]) -> Result | None:
        """Return the first result of a test, by marker; not counting those with a status of ``not_run``."""
        waiting = ", ".join("?" * len(not_run))
        row = self._db.execute(
            "SELECT marker FROM run_item WHERE round_id = ? AND case_marker = ?"  # noqa: S608 - placeholders
            f" AND status NOT IN ({waiting}) ORDER BY id LIMIT 1",
            [current.reading, case, *not_run],
        ).fetchone()
        return self._entities(current, [row[0]], Result)[row[0]].entity if row else None

    def missing_count(self, current: Round, not_run: Sequence[str]) -> tuple[int, int]:
        """Return how many tests are named by results with another status than ``not_run``, and how many of these are
        not listed."""
        waiting = ", ".join("?" * len(not_run))
        row = self._db.execute(
            "SELECT count(*), coalesce(sum(NOT EXISTS (SELECT 1 FROM entity e WHERE e.marker = i.case_marker"  # noqa: S608 - placeholders
            " AND e.round_id = ?)), 0) FROM (SELECT DISTINCT case_marker FROM run_item WHERE round_id = ?"
            f" AND case_marker <> '' AND status NOT IN ({waiting})) i",
            [current.reading, current.reading, *not_run],
        ).fetchone()
        return row[0], row[1]

    def results(self, current: Round, markers: Sequence[str]) -> Mapping[str, Extracted[Result]]:
        """Return extracted results."""
        return self._entities(current, markers, Result)

    def stamps(self, current: Round, markers: Sequence[str]) -> Mapping[str, Stamp]:
        """Return the stamps of extracted results, without reading what they say."""
        statement = "SELECT marker, digest, raw_digest FROM entity WHERE +round_id = ? AND marker IN ({})"
        rows = rows_in(self._db, statement, markers, current.reading)
        return {marker: Stamp(digest, raw_digest) for marker, digest, raw_digest in rows}

    def defects(self, current: Round, markers: Sequence[str]) -> Mapping[str, Defect]:
        """Return extracted defects."""
        return {marker: found.entity for marker, found in self._entities(current, markers, Defect).items()}

    def _entities(self, current: Round, markers: Sequence[str], kind: type[E]) -> Mapping[str, Extracted[E]]:
        statement = "SELECT marker, body, digest, raw_digest FROM entity WHERE +round_id = ? AND marker IN ({})"
        found: dict[str, Extracted[E]] = {}
        for marker, body, digest, raw_digest in rows_in(self._db, statement, markers, current.reading):
            entity = unpacked_entity(body)
            if isinstance(entity, kind):
                found[marker] = Extracted(entity, Stamp(digest, raw_digest))
        return found
