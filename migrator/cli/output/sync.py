"""What a round of ``sync`` did, for people."""

from migrator.app.sync.report import SyncReport
from migrator.app.sync.unattended import SyncOutcome
from migrator.cli.output.common import print_error
from migrator.cli.output.status import VERIFY_NEXT
from migrator.cli.output.terminal import result, say, talk

_SHOWN = 50
_LISTS = (
    ("refused", "left alone", "red"),
    ("failures", "failed", "red"),
    ("conflicts", "conflict", "red"),
    ("resolved", "decided", "yellow"),
    ("deletions", "deleted at the source", "yellow"),
    ("by_hand", "by hand", "yellow"),
    ("gone", "deleted in QA Sphere", "yellow"),
)


def print_round(ended: SyncOutcome) -> None:
    """Print what needs a person by name, then the round in one line; only that line when nothing is new."""
    if ended.report is None:
        if ended.error:
            print_error(ended.error, as_json=False)
        return
    if ended.is_news:
        _print_lists(ended.report)
    say(result, ended.summary())
    if ended.report.plan_id:
        say(result, f"plan {ended.report.plan_id}: `migrator sync` does it")
    elif ended.is_news and not ended.report.dry_run and ended.exit_code == 0:
        say(talk, VERIFY_NEXT)


def _print_lists(report: SyncReport) -> None:
    for name, label, colour in _LISTS:
        found: list[dict[str, str]] = getattr(report, name)
        for entry in found[:_SHOWN]:
            say(result, (label, colour), f" {_line(entry, 'now' if name == 'by_hand' else 'was')}")
        if len(found) > _SHOWN:
            say(result, f"  … {len(found) - _SHOWN} more; --json lists them all")


def _line(entry: dict[str, str], word: str) -> str:
    """Return an entry as text. ``word``: what the value of a note is."""
    if "message" in entry:
        return f"{entry['message']}. {entry['cause']}; next: {entry['next_step']}"
    lost = f" ({word}: {entry['original']!r})" if entry.get("field") and entry.get("original") else ""
    field = f" {entry['field']}" if entry.get("field") else ""
    return f"{entry['kind']} {entry['marker']} “{entry['title']}”{field}: {entry['cause']}{lost}"
