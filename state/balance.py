"""Whether the books balance: every extracted item has one fate, and fates agree with operations and ledger."""

from sqlite_utils import Database

_CHECKS = (
    (
        "extracted items without a fate",
        "SELECT count(*) FROM entity e LEFT JOIN item i ON i.marker = e.marker WHERE e.project = :project"
        " AND e.round_id = :reading AND (i.marker IS NULL OR i.round_id <> :round)",
    ),
    (
        "fates of items that were never extracted",
        "SELECT count(*) FROM item i LEFT JOIN entity e ON e.marker = i.marker WHERE i.project = :project"
        " AND i.round_id = :round AND i.made = 0 AND e.marker IS NULL",
    ),
    (
        "items whose fate disagrees with their operation",
        "SELECT count(*) FROM operation o JOIN item i ON i.marker = o.marker WHERE o.project = :project"
        " AND i.round_id = :round AND (o.state IN ('failed', 'blocked') AND i.fate <> o.state"
        # a run that did not come about is not closed either
        " AND NOT (o.verb = 'close' AND o.state = 'blocked' AND i.fate IN ('failed', 'unknown'))"
        # what may have had an effect stays in doubt, whatever the rules say of its item by now
        " OR o.state = 'unknown' AND i.fate NOT IN ('unknown', 'excluded')"
        " OR o.state IN ('planned', 'sending') AND i.fate NOT IN ('pending', 'unknown')"
        # a run is made, then filled, then closed
        " AND NOT (o.verb = 'close' AND i.fate IN ('migrated', 'failed', 'blocked'))"
        " OR o.state = 'done' AND i.fate IN ('failed', 'blocked', 'unknown') AND NOT EXISTS (SELECT 1 FROM operation u"
        " WHERE u.marker = o.marker AND u.verb IN ('update', 'close') AND u.state = i.fate))",
    ),
    (
        "written items that the ledger does not know",
        "SELECT count(*) FROM item i LEFT JOIN ledger l ON l.marker = i.marker WHERE i.project = :project"
        " AND i.round_id = :round AND i.fate IN ('migrated', 'updated', 'adopted', 'unchanged') AND l.marker IS NULL",
    ),
)


def imbalance(db: Database, project: str) -> str:
    """Return in words what does not add up in the project's last round; empty when everything does."""
    row = db.execute(
        "SELECT id, reading FROM round WHERE project = ? AND phase IN ('planned', 'load', 'done')"
        " ORDER BY id DESC LIMIT 1",
        [project],
    ).fetchone()
    if row is None:
        return ""
    values = {"project": project, "round": row[0], "reading": row[1]}
    found = [(what, int(db.execute(sql, values).fetchone()[0])) for what, sql in _CHECKS]
    return "; ".join(f"{count} {what}" for what, count in found if count)
