"""Views with plain columns, for people with Datasette, ``sqlite-utils`` or any other reader of SQLite.

They are no part of the schema: no code of ours reads them, and each version makes its own. So they need no migration,
and a table can be changed although a view shows it.
"""

from collections.abc import Mapping

from sqlite_utils import Database

from migrator.core.base import digest_of
from migrator.core.note_texts import NOTE_TEXTS
from state.rows import LAST_ROUNDS

_MADE = "views"
"""Key in ``meta`` for the digest and the names of the views that are there."""


def _moment(column: str) -> str:
    return f"strftime('%Y-%m-%dT%H:%M:%SZ', {column}, 'unixepoch')"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _meanings() -> str:
    rows = (
        f"({_quoted(code)}, {_quoted(text.harm)}, {_quoted(text.meaning)})" for code, text in sorted(NOTE_TEXTS.items())
    )
    return f"meaning (code, harm, text) AS (VALUES {', '.join(rows)})"


_CODES = (
    "code AS (SELECT substr(key, 9, length(key) - 10) AS project, value AS destination FROM meta"
    " WHERE key LIKE 'project % →')"
)
_TYPED = "substr(i.marker, instr(i.marker, ':') + 1)"
_PROJECT_URL = "rtrim((SELECT value FROM meta WHERE key = 'destination'), '/') || '/project/' || c.destination"

VIEWS: Mapping[str, str] = {
    "items": (
        f"WITH {_CODES} SELECT i.marker, i.project, c.destination, i.kind, i.title, i.fate, i.action, i.reason,"  # noqa: S608 - constants
        f" substr({_TYPED}, instr({_TYPED}, ':') + 1) AS source_id, a.url AS source_url,"
        " coalesce(o.lane, e.parent) AS within, i.made AS made_for_others, i.round_id AS round,"
        f" i.round_id IN ({LAST_ROUNDS}) AS in_last_round,"
        " l.id AS new_id, l.seq AS number, CASE WHEN l.id IS NULL THEN NULL"
        f" WHEN i.kind = 'case' THEN {_PROJECT_URL} || '/tcase/' || l.seq"
        f" WHEN i.kind = 'run' THEN {_PROJECT_URL} || '/run/' || l.id"
        f" WHEN i.kind = 'project' THEN {_PROJECT_URL} END AS new_url,"
        f" {_moment('l.written_at')} AS written,"
        " (SELECT count(*) FROM note n WHERE n.marker = i.marker) AS notes"
        " FROM item i LEFT JOIN code c ON c.project = i.project LEFT JOIN entity e ON e.marker = i.marker"
        " LEFT JOIN operation o ON o.marker = i.marker AND o.verb = 'create'"
        " LEFT JOIN ledger l ON l.marker = i.marker LEFT JOIN address a ON a.marker = i.marker"
    ),
    "crosswalk": (
        "SELECT kind, title, project, source_id, source_url, marker, destination, new_id,"
        " CASE WHEN kind = 'case' THEN printf('%s-%03d', destination, number) END AS new_code, new_url, written"
        " FROM items WHERE new_id IS NOT NULL"
    ),
    "notes": (
        f"WITH {_meanings()} SELECT n.marker, n.project, coalesce(e.item_kind, i.kind) AS kind,"  # noqa: S608 - constants
        " i.title, n.code, m.harm, n.field, n.original, n.message, m.text AS meaning, n.origin AS noted_by FROM note n"
        " LEFT JOIN item i ON i.marker = n.marker LEFT JOIN entity e ON e.marker = n.marker"
        " LEFT JOIN meaning m ON m.code = n.code"
    ),
    "operations": (
        "SELECT marker, project, kind, verb, title, state, cause, attempts, lookups, lane AS needs, chain,"  # noqa: S608 - constants
        f" CASE WHEN alive_at > 0 THEN {_moment('alive_at')} END AS last_sent, size AS bytes FROM operation"
    ),
    "results": (
        "SELECT s.marker, s.project, s.origin AS source, s.run, s.case_marker, s.status, s.result_id AS new_id,"
        " r.id AS new_run FROM sent_result s LEFT JOIN ledger r ON r.marker = s.run"
    ),
    "files": (
        "SELECT marker, project, name, size AS bytes, media_type, sha256, id AS new_id, url AS new_url,"  # noqa: S608 - constants
        f" there AS new_sha256, {_moment('checked_at')} AS checked, verdict AS why_not FROM file"
    ),
    "timings": (
        f"SELECT command, {_moment('session')} AS command_began, project, phase, {_moment('started_at')} AS began,"  # noqa: S608 - constants
        f" {_moment('ended_at')} AS ended, round(ended_at - started_at, 3) AS seconds, done,"
        " round(done / nullif(ended_at - started_at, 0), 2) AS per_second, CAST(waits AS TEXT) AS waits FROM timing"
    ),
    "waits": (
        f"SELECT t.command, {_moment('t.session')} AS command_began, t.project, t.phase, w.key AS reason,"  # noqa: S608 - constants
        " w.value AS seconds FROM timing t, json_each(CAST(t.waits AS TEXT)) w"
    ),
    "rounds": (
        f"SELECT id AS round, project, phase, {_moment('started_at')} AS began, {_moment('finished_at')} AS ended,"  # noqa: S608 - constants
        f" plan_id AS plan, id IN ({LAST_ROUNDS}) AS is_last FROM round"
    ),
    "plans": f"SELECT plan_id AS plan, {_moment('made_at')} AS made FROM plan",  # noqa: S608 - constants
}
"""Name → its statement. A later one may use an earlier one."""


def drop_views(db: Database) -> None:
    """Remove the views that a version has made: a table cannot be renamed while one shows a column that is not there
    yet. Those that people have made stay."""
    for name in _there(db)[1:]:
        db.execute(f'DROP VIEW IF EXISTS "{name}"')
    db.execute("DELETE FROM meta WHERE key = ?", [_MADE])


def make_views(db: Database) -> None:
    """Make the views of this version, if they are not there. A view of that name that somebody has made stays."""
    digest = digest_of(dict(VIEWS))
    if _there(db)[:1] == [digest]:
        return
    drop_views(db)
    for name, statement in VIEWS.items():
        db.execute(f"CREATE VIEW IF NOT EXISTS {name} AS {statement}")
    db.execute("INSERT INTO meta (key, value) VALUES (?, ?)", [_MADE, " ".join([digest, *VIEWS])])


def _there(db: Database) -> list[str]:
    """Return the digest and the names of the views that were made; nothing when none were."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", [_MADE]).fetchone()
    return str(row[0]).split() if row else []
