"""Letting go of what rounds leave behind, so that a sync every fifteen minutes does not fill the disk in a year."""

from sqlite_utils import Database

_TIMINGS_KEPT = 100
"""Sessions of a command whose timings are kept."""


def prune(db: Database, command: str) -> None:
    """Forget the cursors of rounds that are over, and the timings of all but the newest sessions of ``command``."""
    with db.atomic():
        db.execute("DELETE FROM stream WHERE round_id NOT IN (SELECT max(id) FROM round GROUP BY project)")
        db.execute(
            "DELETE FROM timing WHERE command = ?1 AND session NOT IN (SELECT DISTINCT session FROM timing WHERE"
            " command = ?1 ORDER BY session DESC LIMIT ?2)",
            [command, _TIMINGS_KEPT],
        )
        # what a round has left elsewhere says its number only
        db.execute(
            "DELETE FROM round WHERE phase IN ('done', 'dropped') AND plan_id = '' AND id NOT IN (SELECT max(id) FROM"
            " round GROUP BY project, phase)"
        )
