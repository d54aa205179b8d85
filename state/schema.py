"""The tables of ``migration.db``. A migration that has shipped is never edited; the next one changes the schema."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from state.acceptances import ACCEPTANCES
from state.extracted.around import link_what_was_extracted
from state.extracted.lists import COUNTERS, LISTS, SIZES
from state.extracted.readings import READINGS
from state.planned.missing import MISSING
from state.planned.unchanged_cases import KEPT_PLANS
from state.planned.unchanged_runs import UNITS
from state.sent.file_names import take_back_new_names
from state.sent.files import FILE_PROOFS
from state.sent.receipts import RECEIPTS
from state.totals import TOTALS

migrations = Migrations("workspace")


@migrations()
def m001_spine(db: Database) -> None:
    """Rounds, streams, entities, items, notes, operations, ledger, canaries, heartbeat."""
    for statement in _SPINE:
        db.execute(statement)


@migrations()
def m002_plans(db: Database) -> None:
    """Saved plans, updates, stamps, holdings with their base, and snapshots of QA Sphere."""
    for statement in _PLANS:
        db.execute(statement)


@migrations()
def m003_ties(db: Database) -> None:
    """What hangs on what, and where cases lie at the source."""
    for statement in _TIES:
        db.execute(statement)
    link_what_was_extracted(db)


@migrations()
def m004_history(db: Database) -> None:
    """Which result belongs to which run and test, and which results are in QA Sphere."""
    for statement in _HISTORY:
        db.execute(statement)


@migrations()
def m005_files(db: Database) -> None:
    """What became of the bytes of files, and what cases wish for beyond what they were given."""
    for statement in _FILES:
        db.execute(statement)


@migrations()
def m006_reports(db: Database) -> None:
    """What reports show beside the books: how long phases took, and the drafts of items that wait for a person."""
    for statement in _REPORTS:
        db.execute(statement)


@migrations()
def m008_receipts(db: Database) -> None:
    """What was written back to the source."""
    for statement in RECEIPTS:
        db.execute(statement)


@migrations()
def m009_sizes(db: Database) -> None:
    """How large results are, which bounds the requests that they go in."""
    # what waits in an older workspace gets its size when it is planned again, before anything is forecast
    db.execute("ALTER TABLE operation ADD COLUMN size INTEGER NOT NULL DEFAULT 0")


@migrations()
def m010_readings(db: Database) -> None:
    """What a round need not read again, nor plan."""
    for statement in (*READINGS, *UNITS):
        db.execute(statement)


@migrations()
def m011_standing(db: Database) -> None:
    """What cases were planned on, so that what stands is not planned anew."""
    for statement in KEPT_PLANS:
        db.execute(statement)


@migrations()
def m012_file_proofs(db: Database) -> None:
    """What files in QA Sphere were when they were last read back."""
    for statement in FILE_PROOFS:
        db.execute(statement)


@migrations()
def m013_orphan_files(db: Database) -> None:
    """Which files may lie in QA Sphere twice."""
    db.execute("CREATE TABLE orphan_file (id INTEGER PRIMARY KEY, marker TEXT NOT NULL, name TEXT NOT NULL)")


@migrations()
def m014_acceptances(db: Database) -> None:
    """Which acceptance reports were left."""
    for statement in ACCEPTANCES:
        db.execute(statement)


@migrations()
def m015_missing(db: Database) -> None:
    """What stays on its page although the source has it no more."""
    for statement in MISSING:
        db.execute(statement)


@migrations()
def m016_lists(db: Database) -> None:
    """Which lists of a source held something."""
    for statement in LISTS:
        db.execute(statement)


@migrations()
def m017_totals(db: Database) -> None:
    """How many requests were made and what was waited for, since the first day."""
    for statement in TOTALS:
        db.execute(statement)


@migrations()
def m018_list_sizes(db: Database) -> None:
    """How many rows lists of a source gave."""
    for statement in SIZES:
        db.execute(statement)


@migrations()
def m019_file_names(db: Database) -> None:
    """Under which names cases list files that were renamed at the source."""
    take_back_new_names(db)


@migrations()
def m020_counters(db: Database) -> None:
    """How many rows counters beside lists of a source speak of."""
    for statement in COUNTERS:
        db.execute(statement)


_SPINE = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE heartbeat (id INTEGER PRIMARY KEY CHECK (id = 1), pid INTEGER, host TEXT, command TEXT,"
    " started_at REAL, beat_at REAL)",
    "CREATE TABLE round (id INTEGER PRIMARY KEY, project TEXT NOT NULL, phase TEXT NOT NULL, started_at REAL NOT NULL,"
    " finished_at REAL)",
    "CREATE INDEX round_by_project ON round (project, id)",
    "CREATE TABLE stream (round_id INTEGER, stream TEXT, cursor TEXT, total INTEGER, sweep INTEGER NOT NULL,"
    " done INTEGER NOT NULL, PRIMARY KEY (round_id, stream))",
    # parent and parent_name: the folder a case names, so that orphans are known without parsing every case
    "CREATE TABLE entity (marker TEXT PRIMARY KEY, project TEXT NOT NULL, kind TEXT NOT NULL, item_kind TEXT NOT NULL,"
    " stream TEXT NOT NULL, round_id INTEGER NOT NULL, sweep INTEGER NOT NULL, position INTEGER NOT NULL,"
    " parent TEXT, parent_name TEXT, digest TEXT NOT NULL, body BLOB NOT NULL, raw BLOB NOT NULL)",
    "CREATE INDEX entity_by_order ON entity (project, kind, round_id, position)",
    "CREATE INDEX entity_by_position ON entity (position)",
    "CREATE INDEX entity_by_stream ON entity (round_id, stream, sweep)",
    "CREATE TABLE item (marker TEXT PRIMARY KEY, project TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL,"
    " fate TEXT NOT NULL, reason TEXT NOT NULL, made INTEGER NOT NULL, round_id INTEGER NOT NULL)",
    "CREATE INDEX item_by_fate ON item (project, kind, fate)",
    "CREATE TABLE note (id INTEGER PRIMARY KEY, marker TEXT NOT NULL, project TEXT NOT NULL, code TEXT NOT NULL,"
    " field TEXT NOT NULL, original TEXT NOT NULL, message TEXT NOT NULL, origin TEXT NOT NULL)",
    "CREATE INDEX note_by_marker ON note (marker, origin)",
    "CREATE INDEX note_by_code ON note (code)",
    # one create per source item, for ever: the database itself refuses a second one
    "CREATE TABLE operation (id INTEGER PRIMARY KEY, marker TEXT NOT NULL UNIQUE, project TEXT NOT NULL,"
    " kind TEXT NOT NULL, lane TEXT NOT NULL, position INTEGER NOT NULL, state TEXT NOT NULL, title TEXT NOT NULL,"
    " draft BLOB NOT NULL, digest TEXT NOT NULL, seq_floor INTEGER NOT NULL DEFAULT 0,"
    " keyed INTEGER NOT NULL DEFAULT 0,"
    " alive_at REAL NOT NULL DEFAULT 0, lookups INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,"
    " cause TEXT NOT NULL DEFAULT '')",
    "CREATE INDEX operation_by_lane ON operation (project, kind, state, lane, position)",
    "CREATE INDEX operation_by_need ON operation (lane, state)",
    "CREATE TABLE ledger (marker TEXT PRIMARY KEY, project TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,"
    " seq INTEGER, digest TEXT NOT NULL, written_at REAL NOT NULL)",
    "CREATE INDEX ledger_by_kind ON ledger (project, kind)",
    # cases of QA Sphere that carry our markers, from the last look at the project
    "CREATE TABLE found (marker TEXT PRIMARY KEY, project TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL,"
    " fields BLOB NOT NULL)",
    "CREATE TABLE canary (project TEXT, kind TEXT, marker TEXT NOT NULL, passed_at REAL NOT NULL,"
    " PRIMARY KEY (project, kind))",
)

_PLANS = (
    "CREATE TABLE plan (id INTEGER PRIMARY KEY, plan_id TEXT NOT NULL UNIQUE, made_at REAL NOT NULL,"
    " document BLOB NOT NULL)",
    "ALTER TABLE round ADD COLUMN mapper TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE round ADD COLUMN plan_id TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE entity ADD COLUMN raw_digest TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE item ADD COLUMN action TEXT NOT NULL DEFAULT ''",
    # a create and an update of one item are different operations; SQLite cannot change a UNIQUE constraint
    "ALTER TABLE operation RENAME TO operation_before",
    "DROP INDEX operation_by_lane",
    "DROP INDEX operation_by_need",
    "CREATE TABLE operation (id INTEGER PRIMARY KEY, marker TEXT NOT NULL, verb TEXT NOT NULL DEFAULT 'create',"
    " project TEXT NOT NULL, kind TEXT NOT NULL, lane TEXT NOT NULL, position INTEGER NOT NULL, state TEXT NOT NULL,"
    " title TEXT NOT NULL, draft BLOB NOT NULL, digest TEXT NOT NULL, seq_floor INTEGER NOT NULL DEFAULT 0,"
    " keyed INTEGER NOT NULL DEFAULT 0, alive_at REAL NOT NULL DEFAULT 0, lookups INTEGER NOT NULL DEFAULT 0,"
    " attempts INTEGER NOT NULL DEFAULT 0, cause TEXT NOT NULL DEFAULT '', stamp_entity TEXT, stamp_raw TEXT,"
    # one create per source item, for ever: the database itself refuses a second one
    " UNIQUE (marker, verb))",
    "INSERT INTO operation (id, marker, project, kind, lane, position, state, title, draft, digest, seq_floor, keyed,"
    " alive_at, lookups, attempts, cause) SELECT id, marker, project, kind, lane, position, state, title, draft,"
    " digest, seq_floor, keyed, alive_at, lookups, attempts, cause FROM operation_before",
    "DROP TABLE operation_before",
    "CREATE INDEX operation_by_lane ON operation (project, kind, verb, state, lane, position)",
    "CREATE INDEX operation_by_order ON operation (project, kind, verb, state, position)",
    "CREATE INDEX operation_by_position ON operation (position)",
    "CREATE INDEX operation_by_need ON operation (lane, state)",
    "CREATE INDEX operation_by_title ON operation (project, title)",
    # draft: zstd of JSON; base: JSON; unread: written and not read back yet
    "ALTER TABLE ledger ADD COLUMN draft BLOB",
    "ALTER TABLE ledger ADD COLUMN base BLOB",
    "ALTER TABLE ledger ADD COLUMN unread INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE ledger ADD COLUMN stamp_entity TEXT",
    "ALTER TABLE ledger ADD COLUMN stamp_raw TEXT",
    "UPDATE ledger SET draft = (SELECT draft FROM operation o WHERE o.marker = ledger.marker AND o.state = 'done')",
    "CREATE INDEX ledger_by_id ON ledger (project, kind, id)",
    "CREATE INDEX ledger_unread ON ledger (project, unread, seq)",
    "DROP TABLE found",
    "CREATE TABLE seen (project TEXT, look TEXT, id TEXT, marker TEXT, seq INTEGER NOT NULL,"
    " folder_id INTEGER NOT NULL, title TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (project, look, id, marker))",
    "CREATE INDEX seen_by_marker ON seen (project, look, marker)",
    "CREATE INDEX seen_by_title ON seen (project, look, title)",
)

_HISTORY = (
    # at: when it was executed, in seconds since the epoch; position: place within its run
    "CREATE TABLE run_item (id INTEGER PRIMARY KEY, marker TEXT NOT NULL UNIQUE, round_id INTEGER NOT NULL,"
    " run TEXT NOT NULL, case_marker TEXT NOT NULL, at REAL, position INTEGER NOT NULL, status TEXT NOT NULL)",
    "CREATE INDEX run_item_by_run ON run_item (round_id, run)",
    "CREATE INDEX run_item_by_case ON run_item (round_id, case_marker)",
    # unit: what becomes one run in QA Sphere, this run alone or a group
    "CREATE TABLE run_place (run TEXT PRIMARY KEY, round_id INTEGER NOT NULL, unit TEXT NOT NULL, at REAL NOT NULL,"
    " position INTEGER NOT NULL)",
    "CREATE INDEX run_place_by_unit ON run_place (round_id, unit)",
    # chain: what goes in order within a lane; the case, for results of a run
    "ALTER TABLE operation ADD COLUMN chain TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX operation_by_chain ON operation (lane, chain, position)",
    # origin: marker of the source's result, of which marker is an edition; id: their order in QA Sphere
    "CREATE TABLE sent_result (id INTEGER PRIMARY KEY, marker TEXT NOT NULL UNIQUE, project TEXT NOT NULL,"
    " origin TEXT NOT NULL, run TEXT NOT NULL, case_marker TEXT NOT NULL, status TEXT NOT NULL,"
    " result_id INTEGER NOT NULL)",
    "CREATE INDEX sent_result_by_run ON sent_result (run, id)",
    "CREATE INDEX sent_result_by_origin ON sent_result (origin, id)",
)

_FILES = (
    # id and url: in QA Sphere; verdict: why it will not come; memory: the source's word on a download under way
    "CREATE TABLE file (marker TEXT PRIMARY KEY, project TEXT NOT NULL, name TEXT NOT NULL, size INTEGER, sha256 TEXT,"
    " media_type TEXT NOT NULL DEFAULT '', id TEXT, url TEXT NOT NULL DEFAULT '', verdict TEXT,"
    " address TEXT NOT NULL DEFAULT '', memory TEXT)",
    "CREATE INDEX file_by_bytes ON file (project, sha256)",
    "CREATE TABLE orphans (project TEXT PRIMARY KEY, files INTEGER NOT NULL)",
    "ALTER TABLE ledger ADD COLUMN wished BLOB",
    "CREATE INDEX ledger_unsettled ON ledger (project, kind) WHERE wished IS NOT NULL",
)

_TIES = (
    # other: the far end of a link
    "CREATE TABLE tie (about TEXT NOT NULL, marker TEXT NOT NULL, other TEXT, PRIMARY KEY (about, marker))"
    " WITHOUT ROWID",
    "CREATE INDEX tie_by_marker ON tie (marker)",
    "CREATE TABLE address (marker TEXT PRIMARY KEY, url TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX address_by_url ON address (url)",
)

_REPORTS = (
    # one row per command, project and phase; waits: JSON, reason → seconds
    "CREATE TABLE timing (id INTEGER PRIMARY KEY, session REAL NOT NULL, command TEXT NOT NULL, project TEXT NOT NULL,"
    " phase TEXT NOT NULL, started_at REAL NOT NULL, ended_at REAL NOT NULL, done INTEGER NOT NULL,"
    " waits TEXT NOT NULL, UNIQUE (session, project, phase))",
    # what the source wants an item to be that is in conflict, or that today's rules would map otherwise
    "CREATE TABLE wanted (marker TEXT PRIMARY KEY, draft BLOB NOT NULL)",
    # what the ledger held of an item before the last round updated it
    "CREATE TABLE replaced (marker TEXT PRIMARY KEY, draft BLOB NOT NULL)",
)
